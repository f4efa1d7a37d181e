"""The audit trail: Wagtail's own log, for every model (decision 0006)."""

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from wagtail.log_actions import get_active_log_context, registry
from wagtail.models import ModelLogEntry


def record(instance: models.Model, action: str, *, by: Any, data: dict | None = None) -> None:
    """Writes one line: who (`by`, None for the system) did what (`app.verb`) to what, with plain JSON data."""
    user = by if getattr(by, "pk", None) else None
    model = registry.get_log_model_for_instance(instance)
    if model is not ModelLogEntry:
        registry.log(instance, action, user=user, data=data or {})
        return
    models.Model.save(
        _line(instance, action, user, data), force_insert=True
    )  # Wagtail's asks whether the person and the kind exist, each time


def record_together(lines: Iterable[tuple[models.Model, str, dict]], *, by: Any) -> None:
    """Several lines in one statement, in this order; of models whose history is Wagtail's own for all models."""
    user = by if getattr(by, "pk", None) else None
    ModelLogEntry.objects.bulk_create([_line(instance, action, user, data) for instance, action, data in lines])


def _line(instance: models.Model, action: str, user: Any, data: dict | None) -> ModelLogEntry:
    context = get_active_log_context()
    line = ModelLogEntry(
        content_type=ContentType.objects.get_for_model(instance, for_concrete_model=False),
        object_id=str(instance.pk),
        label=ModelLogEntry.objects.get_instance_title(instance),
        action=action,
        timestamp=timezone.now(),
        data=data or {},
        user=user or context.user,
        uuid=context.uuid,
    )
    line.clean()
    return line

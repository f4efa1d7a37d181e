"""The audit trail: Wagtail's own log, for every model (decision 0006)."""

from typing import Any

from django.db import models
from wagtail.log_actions import log


def record(instance: models.Model, action: str, *, by: Any, data: dict | None = None) -> None:
    """Writes one line: who (`by`, None for the system) did what (`app.verb`) to what, with plain JSON data."""
    log(instance, action, user=by if getattr(by, "pk", None) else None, data=data or {})

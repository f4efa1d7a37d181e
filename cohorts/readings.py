"""Which pages of the wiki the pathways ask to be read: those pages ask their readers for a receipt."""

from __future__ import annotations

from uuid import UUID

from django.db.models.signals import post_delete, post_save

from academy.lookups import forget
from cohorts.models import Requirement
from wiki import receipts


def pages_asked() -> list[UUID]:
    return list(Requirement.objects.filter(page_key__isnull=False).order_by().values_list("page_key", flat=True).distinct())


def install() -> None:
    """Called once, by CohortsConfig.ready."""
    receipts.register(pages_asked)
    for signal in (post_save, post_delete):
        signal.connect(forget, sender=Requirement, dispatch_uid=f"readings-{id(signal)}")

"""Keeping pages true."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy import audit, pagecache, remembered
from academy.rules import RuleViolation
from academy.search import index
from wiki.models import ReadReceipt, WikiPage


@transaction.atomic
def verify_page(page: WikiPage, *, by: Any, note: str = "", at: datetime | None = None) -> WikiPage:
    """Says that the page is still true today. Moves the next review; changes no word, makes no revision."""
    page = WikiPage.objects.select_for_update(no_key=True, of=("self",)).get(pk=page.pk)
    if not page.live:
        raise RuleViolation(_("This page is not published: publish it, then verify it."))
    page.verified_at = at or timezone.now()
    page.verified_by = by
    page.review_due_on = page.next_review(page.verified_at)
    page.save(update_fields=["verified_at", "verified_by", "review_due_on"], clean=False)
    audit.record(page, "wiki.verify", by=by, data={"note": note[:500], "next_review": page.review_due_on.isoformat()})
    pagecache.clear()
    remembered.forget()
    index.later(page.specific)
    return page


@transaction.atomic
def confirm_read(page: WikiPage, *, by: Any) -> ReadReceipt:
    """Says that `by` has read the page as it is published now. Said twice, it is said once; nothing takes it back."""
    if not page.live or page.last_published_at is None:
        raise RuleViolation(_("This page is not published any more, so there is nothing to confirm."), code="not_live")
    said = {"page_key": page.translation_key, "language": page.locale.language_code, "published_at": page.last_published_at}
    receipt, _made = ReadReceipt.objects.get_or_create(person=by, **said, defaults={"read_at": timezone.now()})
    return receipt

"""A round of visits to other sites: asked for, done in the background, watched, stopped; what it found is kept with its day."""

from datetime import timedelta
from itertools import zip_longest
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task
from wagtail.models import Page

from academy import audit
from academy.links.checker import Answer, Visitor
from academy.links.models import LinkCheck, PageLink, WebAddress, WebState
from academy.privacy import Hidden
from academy.rules import RuleViolation

DEAD_AFTER = timedelta(minutes=30)
FRESH_FOR = timedelta(hours=20)


def linked_addresses():
    """Addresses that a live page links to; the others are forgotten when a round ends."""
    return WebAddress.objects.filter(Exists(PageLink.objects.filter(address=OuterRef("pk"), source__live=True)))


def to_visit() -> list[WebAddress]:
    """Those not visited today, host by host in turn, so that no site is asked twice in a row while others wait."""
    due = linked_addresses().exclude(tested_at__gt=timezone.now() - FRESH_FOR).order_by("pk")
    by_host: dict[str, list[WebAddress]] = {}
    for address in due:
        by_host.setdefault(urlsplit(address.url).netloc, []).append(address)
    return [address for turn in zip_longest(*by_host.values()) for address in turn if address is not None]


@transaction.atomic
def begin(*, by: Any) -> LinkCheck:
    """Opens a round. One that gave no sign of life for long is closed first."""
    LinkCheck.objects.filter(is_open=True, moved_at__lt=timezone.now() - DEAD_AFTER).update(is_open=False, finished_at=timezone.now())
    if LinkCheck.objects.filter(is_open=True).exists():
        raise RuleViolation(_("A check is already under way."))
    check = LinkCheck.objects.create(by=by if getattr(by, "pk", None) else None)
    audit.record(check, "academy.check_links", by=by)
    return check


@transaction.atomic
def start(*, by: Any) -> LinkCheck:
    """The same, handed to the background."""
    check = begin(by=by)
    transaction.on_commit(lambda: visit_all.enqueue(check.pk))
    return check


@transaction.atomic
def stop(check: LinkCheck, *, by: Any) -> LinkCheck:
    """Asks the round to end after the address it is visiting."""
    check = LinkCheck.objects.select_for_update(no_key=True).get(pk=check.pk)
    if not check.is_open:
        raise RuleViolation(_("This check is over already."))
    check.stop_asked = True
    check.save(update_fields=["stop_asked"])
    audit.record(check, "academy.stop_link_check", by=by)
    return check


@task()
def visit_all(check_id: int) -> None:
    run(LinkCheck.objects.get(pk=check_id), Visitor(site=settings.BASE_URL))


def run(check: LinkCheck, visitor: Visitor) -> None:
    """Visits one address after the other, and says after each how far it is."""
    addresses = to_visit()
    LinkCheck.objects.filter(pk=check.pk).update(total=len(addresses), moved_at=timezone.now())
    for done, address in enumerate(addresses, start=1):
        if not LinkCheck.objects.filter(pk=check.pk, is_open=True, stop_asked=False).exists():
            break
        note(address, visitor.visit(address.url))
        LinkCheck.objects.filter(pk=check.pk).update(done=done, moved_at=timezone.now())
    WebAddress.objects.filter(~Exists(PageLink.objects.filter(address=OuterRef("pk")))).delete()
    LinkCheck.objects.filter(pk=check.pk, is_open=True).update(is_open=False, finished_at=timezone.now())


def note(address: WebAddress, answer: Answer) -> None:
    """Keeps what a visit found. The first failure has its day; a success forgets it; a refusal says neither."""
    today = timezone.localdate()
    address.state, address.status, address.leads_to = answer.state, answer.status, answer.leads_to
    address.reason, address.tested_at = answer.reason, timezone.now()
    if answer.state in WebAddress.FAILURES:
        address.first_failed_on = address.first_failed_on or today
        address.last_failed_on = today
    elif answer.state in (WebState.OK, WebState.MOVED):
        address.first_failed_on = address.last_failed_on = None
    address.save()


# --- reading


def to_look_at():
    """Addresses that need somebody: broken or failing ones first, then those that moved, then those that nobody could check."""
    order = Case(
        *[
            When(state=state, then=rank)
            for rank, state in enumerate([WebState.GONE, WebState.UNREACHABLE, WebState.MOVED, WebState.REFUSED])
        ],
        default=9,
        output_field=IntegerField(),
    )
    wanted = [WebState.GONE, WebState.UNREACHABLE, WebState.MOVED, WebState.REFUSED]
    return linked_addresses().filter(state__in=wanted).annotate(rank=order).order_by("rank", "url")


def with_pages(addresses, hidden: Hidden) -> list[tuple[WebAddress, list[Page]]]:
    """Each with the pages that link to it: one query more, whatever their number."""
    addresses = list(addresses)
    pages: dict[int, list[Page]] = {}
    rows = PageLink.objects.visible_to(hidden).filter(address__in=[one.pk for one in addresses], source__live=True)
    for row in rows.select_related("source").order_by("source__path"):
        pages.setdefault(row.address_id, []).append(row.source)
    return [(one, pages.get(one.pk, [])) for one in addresses]


def counts() -> dict[str, int]:
    return dict(linked_addresses().values_list("state").annotate(number=Count("pk")))

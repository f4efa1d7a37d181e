"""How those who came found a session, inside the CMS: who was asked, how many answered, and the totals once they may be told."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from academy.cms_verbs import LettersFirst, Verb, crumbs, offered, perform
from academy.models import User
from academy.sheets import FORMATS, sheet
from cohorts import actions
from cohorts.models import Session
from cohorts.models.satisfaction import LEAST_ANSWERS
from cohorts.permissions import can_close_session
from cohorts.satisfaction import closes_of, found_in, heads, kept_of, letters_from, table_of, to_be_asked


def _may_be_asked(row: Session, user: User) -> bool:
    now = timezone.now()
    kept = kept_of(row)
    if row.is_cancelled or now < row.ends_at or now >= closes_of(row, kept):
        return False
    return bool(to_be_asked(row))


SATISFACTION_VERBS = {
    "ask": Verb(
        "ask",
        _("Ask them now"),
        actions.ask_satisfaction,
        _may_be_asked,
        explanation=_("Whoever was checked in and has no letter yet. You read every letter before it leaves; nobody gets it twice."),
        writes=True,
    )
}


@require_http_methods(["GET", "POST"])
def satisfaction(request: HttpRequest, pk: UUID, verb: str = "") -> HttpResponse:
    """`?export=csv`, `?export=xlsx` once the totals may be told."""
    if not can_close_session(request.user):
        raise Http404
    row = get_object_or_404(Session.objects.for_user(request.user), pk=pk)
    here = reverse("cohorts_cms_satisfaction", args=[row.pk])
    head = {
        "header_title": gettext("Satisfaction"),
        "header_icon": "group",
        "breadcrumbs_items": crumbs(
            (gettext("Sessions"), reverse("sessions:index")),
            (str(row), reverse("cohorts_cms_session", args=[row.pk])),
            (gettext("Satisfaction"), ""),
        ),
    }
    refused = None
    if request.method == "POST":
        refused = perform(request, SATISFACTION_VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=here, **head)
        if refused is None:
            return redirect(here)
    kept = kept_of(row)
    found = found_in(row, kept)
    kind = request.GET.get("export")
    if kind in FORMATS and found.is_told:
        return sheet(kind, f"{row} {gettext('Satisfaction')}"[:80], table_of(row, found))
    now = timezone.now()
    context = {
        "session": row,
        "found": found,
        "heads": heads(),
        "least": LEAST_ANSWERS,
        "is_over": now >= row.ends_at,
        "is_closed": bool(kept and kept.is_closed),
        "letters_from": letters_from(row),
        "letters_wait": now < letters_from(row),
        "closes_at": closes_of(row, kept),
        "exports": [(name.upper(), f"?export={name}") for name in FORMATS] if found.is_told else [],
        "verbs": offered(SATISFACTION_VERBS, row, request.user, refused),
        **head,
    }
    return render(request, "cohorts/cms/satisfaction.html", context)

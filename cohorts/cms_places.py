"""A session and its registrations inside the CMS: the list of who comes with their money, and the page of one registration."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from academy.cms_verbs import LettersFirst, Verb, crumbs, history, offered, perform
from academy.permissions import is_coordinator, is_trainer
from cohorts.cms_acts import SESSION_VERBS
from cohorts.funding import funding_in, funding_of
from cohorts.invitation import TextWasChanged, facts_in_words, paragraphs, text_of
from cohorts.models import FundingSource, InvitationLetter, LetterState, Registration, Session, Visa
from cohorts.models.session import RegistrationStatus
from cohorts.travel_acts import LETTER_VERBS, REGISTRATION_VERBS, SOURCE_VERBS, for_the_list

Lines = list[tuple[Registration, list[Verb]]]

SHOWN = {
    "all": (gettext_lazy("all of them"), lambda row: True),
    "coming": (gettext_lazy("who have a place"), lambda row: row.has_a_place),
    "missing": (gettext_lazy("money missing"), lambda row: row.is_live and row.travel.is_missing),
    "waits": (
        gettext_lazy("funding for us to check"),
        lambda row: row.is_live and not row.travel.is_settled and bool(row.travel.waits_since),
    ),
    "letters": (gettext_lazy("letters for us to write"), lambda row: row.letter_waits_since is not None),
    "visa": (gettext_lazy("visa not settled"), lambda row: row.is_live and row.visa == Visa.NEEDED),
    "waiting": (gettext_lazy("on the waiting list"), lambda row: row.status == RegistrationStatus.WAITING),
    "ended": (gettext_lazy("ended"), lambda row: not row.is_live),
}


@require_http_methods(["GET", "POST"])
def session(request: HttpRequest, pk: UUID, verb: str = "") -> HttpResponse:
    if not (is_coordinator(request.user) or is_trainer(request.user)):
        raise Http404
    row = get_object_or_404(Session.objects.for_user(request.user).with_places(), pk=pk)
    refused = None
    if request.method == "POST":
        if not is_coordinator(request.user):
            raise Http404
        refused = perform(request, SESSION_VERBS, row, verb)
        if refused is None:
            return redirect("cohorts_cms_session", pk=row.pk)
        if isinstance(refused, LettersFirst):
            crumb = crumbs((_("Sessions"), reverse("sessions:index")), (str(row), ""))
            back = reverse("cohorts_cms_session", args=[row.pk])
            return refused.page(request, back=back, header_title=str(row), header_icon="calendar-alt", breadcrumbs_items=crumb)
    shown = request.GET.get("show", "all")
    shown = shown if shown in SHOWN else "all"
    lines = _lines(request, row)
    return render(
        request,
        "cohorts/cms/session.html",
        {
            "session": row,
            "lines": [line for line in lines if SHOWN[shown][1](line[0])],
            "shown": shown,
            "filters": [(key, words, sum(bool(test(line[0])) for line in lines)) for key, (words, test) in SHOWN.items()],
            "history": history(row),
            "verbs": offered(SESSION_VERBS, row, request.user, refused) if is_coordinator(request.user) else [],
            "header_title": str(row),
            "header_icon": "calendar-alt",
            "breadcrumbs_items": crumbs((_("Sessions"), reverse("sessions:index")), (str(row), "")),
        },
    )


def _lines(request: HttpRequest, session: Session) -> Lines:
    """Each registration with its buttons; those who hold or wait for a seat first. One query, whatever their number."""
    rows = (
        Registration.objects.for_user(request.user)
        .filter(session=session)
        .select_related("person", "project")
        .with_funding()
        .with_letters()
        .with_pauses()
    )
    registrations = list(rows.order_by("queue_number", "requested_at"))
    order = {status: position for position, status in enumerate(RegistrationStatus.values)}
    registrations.sort(key=lambda row: (not row.is_live, order[row.status], row.requested_at))
    for row in registrations:
        row.travel = funding_in(row, session.estimated_cost)
    if not is_coordinator(request.user):
        return [(row, []) for row in registrations]
    return [(row, for_the_list(row, request.user)) for row in registrations]


def _registration(request: HttpRequest, pk: UUID) -> Registration:
    if not is_coordinator(request.user):
        raise Http404
    rows = Registration.objects.for_user(request.user).select_related("session", "person", "project")
    return get_object_or_404(rows, pk=pk)


@never_cache
@sensitive_variables()
@require_http_methods(["GET", "POST"])
def registration(request: HttpRequest, pk: UUID, verb: str = "") -> HttpResponse:
    """One person at one session: who pays, what waits for us, what can be done. A button of the session's list leads back to the list."""
    row = _registration(request, pk)
    refused = None
    if request.method == "POST":
        refused = perform(request, REGISTRATION_VERBS, row, verb)
        if refused is None:
            if request.POST.get("from") == "list":
                return redirect("cohorts_cms_session", pk=row.session_id)
            return redirect("cohorts_cms_registration", pk=row.pk)
        if isinstance(refused, LettersFirst):
            return _letters(request, refused, row)
    return _page(request, row, refused=refused)


@require_http_methods(["POST"])
def source(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """One verb on one of those who pay, from the page of the registration."""
    if not is_coordinator(request.user):
        raise Http404
    known = FundingSource.objects.for_user(request.user).select_related("registration__session", "registration__person")
    found = get_object_or_404(known, pk=pk)
    refused = perform(request, SOURCE_VERBS, found, verb)
    if refused is None:
        return redirect("cohorts_cms_registration", pk=found.registration_id)
    row = _registration(request, found.registration_id)
    if isinstance(refused, LettersFirst):
        return _letters(request, refused, row)
    return _page(request, row, refused_source=(found.pk, refused))


@never_cache
@sensitive_variables()
@require_http_methods(["POST"])
def letter(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """One verb on a letter for a visa: only for the coordinator of its session."""
    known = InvitationLetter.objects.handled_by(request.user).select_related("registration__session", "registration__person")
    found = get_object_or_404(known, pk=pk)
    refused = perform(request, LETTER_VERBS, found, verb)
    if refused is None:
        return redirect("cohorts_cms_registration", pk=found.registration_id)
    row = _registration(request, found.registration_id)
    if isinstance(refused, LettersFirst):
        return _letters(request, refused, row)
    return _page(request, row, refused_letter=refused)


def _letter_context(request: HttpRequest, row: Registration, refused: tuple[str, Form] | None) -> dict[str, Any]:
    """The last letter, with what it holds for who handles it; for everybody else that there is one."""
    last = row.letters.first()
    found = InvitationLetter.objects.handled_by(request.user).filter(pk=last.pk).first() if last else None
    if found is None:
        return {"letter": None, "other_letter": last}
    found.registration = row
    facts = facts_in_words(found)
    words = []
    if facts and found.state in (LetterState.ASKED, LetterState.ISSUED):
        with suppress(TextWasChanged):
            words = paragraphs(text_of(found, by=request.user), facts)
    acts = offered(LETTER_VERBS, found, request.user, refused)
    return {"letter": found, "facts": facts, "words": words, "letter_verbs": acts}


def _head(row: Registration) -> dict[str, Any]:
    return {
        "header_title": str(row.person),
        "header_icon": "user",
        "breadcrumbs_items": crumbs(
            (_("Sessions"), reverse("sessions:index")),
            (str(row.session), reverse("cohorts_cms_session", args=[row.session_id])),
            (str(row.person), ""),
        ),
    }


def _letters(request: HttpRequest, first: LettersFirst, row: Registration) -> HttpResponse:
    """What would be written, before it leaves; from a list, back to the list."""
    is_listed = request.POST.get("from") == "list"
    back = reverse("cohorts_cms_session", args=[row.session_id]) if is_listed else reverse("cohorts_cms_registration", args=[row.pk])
    return first.page(request, back=back, carried={"from": "list"} if is_listed else {}, **_head(row))


def _page(
    request: HttpRequest,
    row: Registration,
    *,
    refused: tuple[str, Form] | None = None,
    refused_source: tuple[UUID, tuple[str, Form]] | None = None,
    refused_letter: tuple[str, Form] | None = None,
) -> HttpResponse:
    sources = list(row.funding.select_related("verified_by", "refused_by"))
    for one in sources:
        one.registration = row
    which, said = refused_source or (None, None)
    return render(
        request,
        "cohorts/cms/registration.html",
        {
            "registration": row,
            "session": row.session,
            "funding": funding_of(row, sources, row.session.estimated_cost),
            "sources": [(one, offered(SOURCE_VERBS, one, request.user, said if one.pk == which else None)) for one in sources],
            **_letter_context(request, row, refused_letter),
            "history": history(row),
            "verbs": offered(REGISTRATION_VERBS, row, request.user, refused),
            **_head(row),
        },
    )

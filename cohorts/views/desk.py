"""The desk on the day: who is expected, who is here."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from academy.csp import with_camera
from academy.http import as_uuid, refuse_politely, wants_json
from academy.rules import RuleViolation
from academy.sheets import printable
from cohorts.actions import annul_check_in, check_in, mark_no_shows, refuse_arrival, settle_visa, verify_funding
from cohorts.arrivals import KEPT_AFTER, LISTED, by_name, happened_at, is_held, is_named, listed, refused_at, standing, standing_of
from cohorts.models import CheckIn, Registration, Session, Visa
from cohorts.permissions import can_annul_check_in, can_check_in, can_handle_registration, can_manage_session

PRINTED = {"badges": "cohorts/desk_badges.html", "list": "cohorts/desk_list.html"}


def _session(request: HttpRequest, pk: UUID) -> Session:
    if not can_check_in(request.user):
        raise Http404
    return get_object_or_404(Session.objects.for_user(request.user), pk=pk)


@login_required
def desk(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everybody who is expected, by name; a code scanned or typed brings one person to the top.

    static/js/desk.js scans badges, counts, and goes on without a network; without it these are ordinary forms.
    """
    session = _session(request, pk)
    arrivals = Prefetch("check_ins", CheckIn.objects.filter(annulled_at__isnull=True).select_related("checked_in_by"), to_attr="arrivals")
    rows = by_name(listed(session).select_related("person", "project").prefetch_related(arrivals, "funding"))
    asked = request.GET.get("code", "").strip()
    found = _by_code(rows, asked) if asked else None
    context = {
        "session": session,
        "rows": rows,
        "standing": standing_of(rows),
        "kept_until": int((session.ends_at + KEPT_AFTER).timestamp()) if is_held(session, timezone.now()) else "",
        "asked": asked,
        "found": found,
        "may_verify": can_handle_registration(request.user, found) if found else can_manage_session(request.user, session),
        "may_close": can_manage_session(request.user, session),
        "refused": refused_at(session, rows),
        "others": session.registrations.live().exclude(status__in=LISTED).select_related("person", "project").order_by("queue_number"),
    }
    return with_camera(render(request, "cohorts/desk.html", context))


@login_required
@require_GET
@never_cache
def desk_state(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The counts, and a mark that changes with the list: each open desk asks every twenty seconds."""
    return JsonResponse(standing(listed(_session(request, pk)).values_list("pk", "status")))


@login_required
def desk_print(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """On paper, for a desk without a screen: a badge for each who is expected, with their code, or the list that they sign."""
    session = _session(request, pk)
    if what not in PRINTED:
        raise Http404
    rows = by_name(session.registrations.having_a_place().select_related("person", "project"))
    base = settings.BASE_URL.rstrip("/")
    people = [(row, base + reverse("cohorts_check_in", args=[row.pk]) if what == "badges" else "") for row in rows]
    return render(request, PRINTED[what], {"session": session, "people": people})


def _by_code(rows: list[Registration], asked: str) -> Registration | None:
    """The whole address of a QR code, the code alone, its first eight signs, or a name."""
    code = asked.rstrip("/").rsplit("/", 1)[-1].lower()
    for row in rows:
        if str(row.pk) == code or (len(code) >= 8 and str(row.pk).startswith(code)):
            return row
    named = [row for row in rows if is_named(row.person.name, asked)]
    return named[0] if len(named) == 1 else None


@login_required
def to_desk(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where a QR code leads: staff to the desk, the person to their own session."""
    row = get_object_or_404(Registration.objects.for_user(request.user), pk=pk)
    if can_check_in(request.user, row):
        return redirect(f"{reverse('cohorts_desk', args=[row.session_id])}?code={row.pk}")
    return redirect("cohorts_session", pk=row.session_id)


def _registration(request: HttpRequest, pk: UUID) -> Registration:
    session = _session(request, pk)
    try:
        return get_object_or_404(session.registrations.select_related("person", "session"), pk=request.POST.get("registration") or None)
    except ValidationError as error:
        raise Http404 from error


def _of_code(request: HttpRequest) -> Registration | None:
    known = Registration.objects.for_user(request.user).select_related("person", "session")
    try:
        return known.filter(pk=request.POST.get("registration") or None).first()
    except ValidationError:
        return None


def _check_arriving(row: Registration | None, session: Session) -> None:
    """Whose code a device has read. What it could not know without a network is refused in words, which it keeps on its screen."""
    if row is None:
        raise RuleViolation(_("Nobody has this code."), code="stranger")
    if row.session_id != session.pk:
        where = {"name": row.person, "session": row.session}
        raise RuleViolation(_("%(name)s has a place in another session: %(session)s.") % where, code="foreign")


@login_required
@require_POST
@refuse_politely
def desk_check_in(request: HttpRequest, pk: UUID) -> HttpResponse:
    """From a form; or from a device, which numbers what it sends and says for how long it had to wait. A refusal is kept."""
    session = _session(request, pk)
    how = {"method": CheckIn.Method.QR if request.POST.get("method") == "qr" else CheckIn.Method.DESK}
    row = _of_code(request) if wants_json(request) else _registration(request, pk)
    if wants_json(request):
        how["at"] = happened_at(session, age=request.POST.get("age", ""), now=timezone.now())
        how["client_id"] = as_uuid(request.POST.get("client_id", ""))
    try:
        _check_arriving(row, session)
        check_in(row, by=request.user, **how)
    except RuleViolation as refusal:
        typed = printable(request.POST.get("registration", ""))
        refuse_arrival(session, by=request.user, refusal=refusal, registration=row, typed=typed, **how)
        raise
    if wants_json(request):
        return JsonResponse({"here": str(row.person)})
    messages.success(request, _("%(name)s is here.") % {"name": row.person})
    return redirect("cohorts_desk", pk=pk)


@login_required
@require_POST
@refuse_politely
def desk_verify(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The funding is seen at the desk, so that the person can be checked in."""
    row = _registration(request, pk)
    if not can_handle_registration(request.user, row):
        raise Http404
    verify_funding(row, by=request.user, reason=_("Seen at the desk, on arrival."))
    if row.visa == Visa.NEEDED:  # whoever stands here has entered the country
        settle_visa(row, by=request.user)
    messages.success(request, _("The funding of %(name)s is checked.") % {"name": row.person})
    return redirect(f"{reverse('cohorts_desk', args=[pk])}?code={row.pk}")


@login_required
@require_POST
@refuse_politely
def desk_annul(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = _registration(request, pk)
    arrival = row.check_ins.filter(annulled_at__isnull=True).first()
    if arrival is None or not can_annul_check_in(request.user, arrival):
        raise Http404
    annul_check_in(arrival, by=request.user, reason=printable(request.POST.get("reason", ""))[:1000])
    messages.success(request, _("The check-in of %(name)s is taken back.") % {"name": row.person})
    return redirect("cohorts_desk", pk=pk)


@login_required
@require_POST
@refuse_politely
def desk_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """After the end: whoever is not checked in did not come."""
    session = _session(request, pk)
    if not can_manage_session(request.user, session):
        raise Http404
    absent = mark_no_shows(session, by=request.user)
    messages.success(request, _("Attendance is closed: %(count)s did not come.") % {"count": len(absent)})
    return redirect("cohorts_desk", pk=pk)

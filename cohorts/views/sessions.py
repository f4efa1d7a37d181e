"""Sessions in person: what everybody may know, and one's own place."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from academy.http import accepted, refuse_politely
from academy.permissions import is_coordinator, is_trainer
from academy.prepared import PreparedForPerson, columns_of, objects_of
from academy.rehearsal import shows_mails
from academy.sheets import printable
from cohorts.actions import cancel_registration, decline_offer, register
from cohorts.afterwards import left_by
from cohorts.attested import certificate_for
from cohorts.calendar import session_calendar
from cohorts.entries import entry_of
from cohorts.models import HalfDay, Participation, Project, Registration, Session
from cohorts.own_mails import readable_by
from cohorts.permissions import can_answer_registration, can_register
from cohorts.places import Place, places_of
from cohorts.satisfaction import asked_on_page
from cohorts.standing import reasons
from cohorts.travel import travel_context
from cohorts.travel_forms import RegisterForm


def _visible(request: HttpRequest):
    """The facts of a session of an announced cohort are public; its people are not."""
    return Session.objects.visible_to(request.user)


_sessions = PreparedForPerson(lambda person: Session.objects.visible_to(person).order_by("starts_at").values_list(*columns_of(Session)))
_places = PreparedForPerson(
    lambda person: Registration.objects.live().filter(person=person).values_list(*columns_of(Registration, "session"))
)


def sessions(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        rows = objects_of(Session, _sessions.rows(request.user))
        mine = {row.session_id: Place(row) for row in objects_of(Registration, _places.rows(request.user), "session")}
    else:
        rows, mine = list(_visible(request).order_by("starts_at")), {}
    now = timezone.now()
    upcoming = [(row, mine.get(row.pk)) for row in rows if row.ends_at >= now and not row.is_cancelled]
    past = [(row, mine.get(row.pk)) for row in reversed(rows) if row.ends_at < now or row.is_cancelled]
    return render(request, "cohorts/sessions.html", {"upcoming": upcoming, "past": past})


def session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The session, and where the person stands with it."""
    row = get_object_or_404(_visible(request).with_places(), pk=pk)
    return show_session(request, row)


def show_session(request: HttpRequest, row: Session, **forms) -> HttpResponse:
    """`forms`: those that were refused, with what was typed."""
    user = request.user
    places = places_of(row, user)
    current = next((place for place in places if place.is_live), None)
    projects = _projects_for(row, user)
    context = {
        "session": row,
        "place": current,
        "past_places": [place for place in places if not place.is_live],
        "register_form": forms.get("register_form") or (RegisterForm(projects=projects) if projects and not current else None),
        "is_full": row.held >= row.capacity or row.waiting > 0,
        "free": max(row.capacity - row.held, 0),
        "certificate": certificate_for(row, user) if current and current.status == Registration.Status.ATTENDED else None,
        "asked": asked_on_page(current.registration if current else None, user),
        "left": left_by(row, request) if row.starts_at <= timezone.now() else None,
        "reasons": reasons(row, user, places),
        "days": _days(row),
        **_for_its_people(row, user),
        "reader_zone": other_zone(row, user),
        "offer_days": 0 if row.offer_hours % 24 else row.offer_hours // 24,
        "is_desk": is_coordinator(user) or is_trainer(user),
        "check_in_url": settings.BASE_URL.rstrip("/") + reverse("cohorts_check_in", args=[current.registration.pk]) if current else "",
        **travel_context(row, current, user, forms),
    }
    return render(request, "cohorts/session.html", context)


def _days(row: Session) -> list[tuple[date, list[HalfDay]]]:
    """The programme, each day with its half-days."""
    return [(day, list(halves)) for day, halves in groupby(row.programme.all(), key=lambda half: half.day)]


def _for_its_people(row: Session, user) -> dict:
    """For those of the cohort and the team: the projects of which somebody comes (whoever comes is named nowhere), and what was voted."""
    if not user.is_authenticated or not Session.objects.for_user(user).filter(pk=row.pk).exists():
        return {"coming": [], "polls": []}
    sure = row.registrations.having_a_place().values("project")
    return {"coming": list(Project.objects.filter(pk__in=sure).order_by("name")), "polls": list(row.polls.closed())}


def other_zone(row: Session, user) -> str:
    """The reader's own zone, when its clocks show another hour than those of the session's place at its start."""
    if not user.is_authenticated:
        return ""
    here, there = (row.starts_at.astimezone(ZoneInfo(zone)).utcoffset() for zone in (user.time_zone, row.time_zone))
    return user.time_zone if here != there else ""


def _projects_for(row: Session, user) -> list[Project]:
    """The person's projects that may come: members, not those who only look; taking part in a cohort of the session."""
    if not user.is_authenticated or not row.is_open:
        return []
    walking = Participation.objects.walking().filter(cohort__sessions=row).values("project")
    return list(Project.objects.spoken_for_by(user).filter(pk__in=walking))


@shows_mails(readable_by)
@login_required
@require_POST
@refuse_politely
def session_register(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(_visible(request).with_places(), pk=pk)
    form = RegisterForm(request.POST, request.FILES, projects=_projects_for(row, request.user))
    if form.is_valid() and not can_register(request.user, form.cleaned_data["project"]):
        raise Http404
    made = accepted(
        form,
        lambda: register(row, by=request.user, person=request.user, project=form.cleaned_data["project"], **form.said),
        has_form=lambda: not any(place.is_live for place in places_of(row, request.user)),
    )
    if made is None:
        return show_session(request, Session.objects.with_places().get(pk=row.pk), register_form=form)
    messages.success(request, Place(made).headline)
    return redirect("cohorts_session", pk=row.pk)


def own_registration(request: HttpRequest, pk: UUID) -> Registration:
    row = get_object_or_404(Registration.objects.for_user(request.user).select_related("session", "person", "project"), pk=pk)
    if not can_answer_registration(request.user, row):
        raise Http404
    return row


@shows_mails(readable_by)
@login_required
@refuse_politely
def registration_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Gives the place back, after saying what that means."""
    row = own_registration(request, pk)
    place = Place(row)
    if request.method == "POST":
        verb = decline_offer if row.status == Registration.Status.OFFERED else cancel_registration
        verb(row, by=request.user, reason=printable(request.POST.get("reason", ""))[:1000])
        messages.success(request, Place(row).headline)
        return redirect("cohorts_session", pk=row.session_id)
    if not place.is_live:
        return redirect("cohorts_session", pk=row.session_id)
    return render(request, "cohorts/registration_cancel.html", {"registration": row, "place": place, "session": row.session})


def session_ics(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The calendar entry: the public facts, or one's own seat for whoever has one, or had one."""
    row = get_object_or_404(_visible(request), pk=pk)
    places = places_of(row, request.user)
    coming = any(place.is_sure for place in places)
    gone = not coming and any(place.was_sure for place in places)
    entry = entry_of(row, request.user) if coming or gone else None
    if entry is not None:
        entry.is_cancelled = gone
    body = session_calendar(row, entry=entry)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    name = slugify(str(row.title)) or "session"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response

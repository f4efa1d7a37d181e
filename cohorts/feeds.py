"""The dates of one person, for their calendar: the seats that they have or are offered, their office hours, and what their projects owe, by its day."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from academy.models import User
from cohorts.calendar import Appointment, Day, feed, hour_appointment, session_appointment
from cohorts.entries import new_entry
from cohorts.models import HAVE_A_PLACE, CalendarEntry, OfficeHourBooking, OfficeHourEntry, Project, Registration, RegistrationStatus
from cohorts.my_pathway import is_asked
from cohorts.pathway_state import pathway_state

_R = RegistrationStatus
SHOWN = HAVE_A_PLACE | {_R.OFFERED}


def feed_of(person: User) -> bytes:
    """Written in the language that is active."""
    rows = list(Registration.objects.filter(person=person, status__in=SHOWN, session__cancelled_at__isnull=True).select_related("session"))
    known = {entry.session_id: entry for entry in CalendarEntry.objects.filter(person=person)}
    seats = [
        session_appointment(
            row.session,
            entry=known.get(row.session_id) or new_entry(row.session, person),
            status="TENTATIVE" if row.status == _R.OFFERED else "CONFIRMED",
        )
        for row in rows
    ]
    return feed([*seats, *_office_hours(person)], [*_offers(rows), *_owed(person)], title=_("Smart Academy"))


def _office_hours(person: User) -> Iterator[Appointment]:
    """Those to which the person comes, and those of their own to which somebody comes."""
    live = Prefetch("hour__bookings", OfficeHourBooking.objects.live().select_related("person", "project"), to_attr="coming")
    entries = OfficeHourEntry.objects.filter(person=person, is_cancelled=False).select_related("hour__host", "person")
    for entry in entries.prefetch_related(live):
        yield hour_appointment(entry.hour, entry=entry, coming=entry.hour.coming)


def _address(name: str, *args) -> str:
    return settings.BASE_URL.rstrip("/") + reverse(name, args=args)


def _offers(rows: list[Registration]) -> Iterator[Day]:
    for row in rows:
        if row.status == _R.OFFERED and row.offer_expires_at:
            day = row.offer_expires_at.astimezone(ZoneInfo(row.session.time_zone)).date()
            title = _("Last day to accept your place: %(session)s") % {"session": row.session.title}
            yield Day(f"offer-{row.pk}@smart-academy", day, title, "", _address("cohorts_session", row.session_id))


def _owed(person: User) -> Iterator[Day]:
    for project in Project.objects.of_member(person).order_by("pk"):
        state = pathway_state(project)
        if state.is_over:
            continue
        address = f"{_address('cohorts_my_pathway')}?project={project.pk}"
        for row in (row for stage in state.stages for row in stage.items):
            if row.due_on and not row.is_settled and row.owed_by_promoter and is_asked(row, state):
                uid = f"due-{row.requirement.pk}-{project.pk}@smart-academy"
                words = "\n\n".join(part for part in (project.name, str(row.requirement.explanation)) if part)
                yield Day(uid, row.due_on, _("Due: %(title)s") % {"title": row.requirement.title}, words, address)

"""Office hours: opened by a host, booked by the people of a project. Every verb that takes or frees a place locks the hour first and
counts afterwards; two hours of one person never meet, so that person is locked next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.audit import record
from academy.dates import city, moment_in
from academy.locking import lock, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.office_hour_letters import remind, tell_booked, tell_given_back, tell_hour_cancelled
from cohorts.models import Cohort, OfficeHour, OfficeHourBooking, Project

LONGEST = timedelta(hours=8)
MOST_AT_ONCE = 26  # half a year of weeks


def _locked(person: User) -> User:
    """Whoever two hours at once would be about: the second waits for the first."""
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _weekly(starts_at: datetime, zone: str, times: int) -> Iterator[datetime]:
    """The same hour on the clock of the host, whatever summer time does in between."""
    there = ZoneInfo(zone)
    first = timezone.make_naive(starts_at, there)
    for week in range(times):
        wall = first + timedelta(weeks=week)
        earlier, later = (wall.replace(tzinfo=there, fold=fold) for fold in (0, 1))
        if earlier.utcoffset() != later.utcoffset():
            words = _("On %(day)s the clocks change in %(city)s at this hour: it is skipped, or comes twice. Choose another hour.")
            raise RuleViolation(words % {"day": date_format(wall, "DATE_FORMAT"), "city": city(zone)}, code="clocks")
        yield earlier


@transaction.atomic
def open_office_hours(
    host: User,
    *,
    by: User,
    starts_at: datetime,
    minutes: int,
    for_whom: str,
    cohorts: Collection[Cohort] = (),
    capacity: int = 1,
    about: str = "",
    place: str = "",
    link: str = "",
    times: int = 1,
) -> list[OfficeHour]:
    """Keeps one hour free, or the same hour of `times` weeks: all of them, or none and why not."""
    host, lasts, now = _locked(host), timedelta(minutes=minutes), timezone.now()
    _check_offer(for_whom=for_whom, cohorts=cohorts, capacity=capacity, place=place, link=link)
    if not (timedelta() < lasts <= LONGEST and 1 <= times <= MOST_AT_ONCE):
        raise RuleViolation(_("An office hour lasts up to eight hours, and is opened up to 26 times at once."), code="length")
    if starts_at <= now:
        raise RuleViolation(_("This hour is past. Choose one to come."), code="past")
    said = {"capacity": capacity, "about": about.strip(), "place": place.strip(), "link": link, "for_whom": for_whom}
    hours = []
    for start in _weekly(starts_at, host.time_zone, times):
        _check_free(host, start, start + lasts)
        hour = OfficeHour.objects.create(
            host=host, starts_at=start, ends_at=start.astimezone(ZoneInfo("UTC")) + lasts, time_zone=host.time_zone, opened_at=now, **said
        )
        if for_whom == OfficeHour.ForWhom.COHORTS:
            hour.cohorts.set(cohorts)
        record(hour, "cohorts.open_office_hours", by=by)
        hours.append(hour)
    return hours


def _check_offer(*, for_whom: str, cohorts: Collection[Cohort], capacity: int, place: str, link: str) -> None:
    if for_whom == OfficeHour.ForWhom.COHORTS and not cohorts:
        raise RuleViolation(_("Say for which cohorts."), code="cohorts")
    if not (place.strip() or link):
        raise RuleViolation(_("Say where one meets: a place, or the link of the call."), code="where")
    if capacity < 1:
        raise RuleViolation(_("There is room for one project at least."), code="capacity")


def _check_free(person: User, starts_at: datetime, ends_at: datetime) -> None:
    """Nobody is in two hours at once, whether they keep them or have booked them. Ask under the lock of the person."""
    booked = OfficeHourBooking.objects.live().filter(person=person).values("hour")
    own = OfficeHour.objects.standing().filter(Q(host=person) | Q(pk__in=booked))
    other = own.at_the_same_time(starts_at.astimezone(ZoneInfo("UTC")), ends_at.astimezone(ZoneInfo("UTC"))).first()
    if other is not None:
        words = {"moment": moment_in(other.starts_at, person.time_zone)}
        raise RuleViolation(_("You have another office hour then: %(moment)s.") % words, code="overlap")


def _check_to_come(hour: OfficeHour) -> None:
    if hour.is_cancelled:
        raise RuleViolation(_("This hour is cancelled."), code="cancelled")
    if hour.has_begun:
        raise RuleViolation(_("This hour has begun, or is over."), code="begun")


@transaction.atomic
def book_office_hour(hour: OfficeHour, *, by: User, project: Project, question: str = "") -> OfficeHourBooking:
    """The person comes, for this project. Two people of one project take one place."""
    lock(hour)
    _check_to_come(hour)
    if not OfficeHour.objects.offered_to([project]).filter(pk=hour.pk).exclude(host=by).exists():
        raise RuleViolation(_("This hour is not for your project."), code="not_offered")
    live = hour.bookings.live()
    if live.filter(person=by).exists():
        raise RuleViolation(_("You have booked this hour already."), code="twice")
    coming = set(live.values_list("project", flat=True))
    if project.pk not in coming and len(coming) >= hour.capacity:
        raise RuleViolation(_("Somebody was faster: this hour is taken. Choose another."), code="full")
    person = _locked(by)
    _check_free(person, hour.starts_at, hour.ends_at)
    booking = OfficeHourBooking.objects.create(
        hour=hour, project=project, person=person, question=question.strip(), booked_at=timezone.now()
    )
    record(hour, "cohorts.book_office_hour", by=by, data={"project": str(project.pk)})
    tell_booked(booking, by=by)
    return booking


@transaction.atomic
def cancel_booking(booking: OfficeHourBooking, *, by: User, reason: str) -> OfficeHourBooking:
    """Gives the place back, until the hour begins; the host reads why."""
    lock(booking.hour)
    lock(booking)
    _check_to_come(booking.hour)
    if booking.cancelled_at:
        raise RuleViolation(_("This booking is cancelled already."), code="twice")
    reason = wanted(reason, _("Say why, in a few words: your host reads them."))
    booking.cancelled_at, booking.cancelled_by, booking.cancelled_reason = timezone.now(), by, reason
    booking.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_reason"])
    record(booking.hour, "cohorts.cancel_booking", by=by, data={"reason": reason})
    tell_given_back(booking, by=by)
    return booking


@transaction.atomic
def cancel_office_hour(hour: OfficeHour, *, by: User, reason: str) -> OfficeHour:
    """It does not take place; everybody who comes is told why."""
    lock(hour)
    _check_to_come(hour)
    reason = wanted(reason, _("Say why: whoever comes reads it."))
    hour.cancelled_at, hour.cancelled_by, hour.cancelled_reason = timezone.now(), by, reason
    hour.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_reason"])
    record(hour, "cohorts.cancel_office_hour", by=by, data={"reason": reason})
    tell_hour_cancelled(hour, by=by)
    return hour


@transaction.atomic
def give_back_office_hours(project: Project, *, by: User, reason: str, person: User | None = None) -> None:
    """What a project (or one `person` in it) has booked and may no longer come to."""
    rows = OfficeHourBooking.objects.to_come().filter(project=project).select_related("hour__host", "person", "project")
    if person is not None:
        rows = rows.filter(person=person)
    kept = OfficeHour.objects.offered_to([project]) if person is None else OfficeHour.objects.none()
    for booking in rows.exclude(hour__in=kept.values("pk")).order_by("hour_id", "pk"):
        cancel_booking(booking, by=by, reason=reason)


@transaction.atomic
def remind_of_office_hour(hour: OfficeHour, *, by: User | None, now: datetime) -> int:
    """The day before, at the same hour on the clock of the host: whoever comes and had booked by then, and the host."""
    return remind(hour, by=by, now=now)

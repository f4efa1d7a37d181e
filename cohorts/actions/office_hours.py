"""Office hours: opened by a host, booked by the people of a project. Every verb that takes or frees a place locks the hour first and
counts afterwards; two hours of one person never meet, so that person is locked next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.audit import record
from academy.dates import city, moment_in
from academy.locking import lock, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.office_hour_letters import remind, tell_booked, tell_given_back, tell_hour_cancelled, tell_hour_changed
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
    _check_begins_later(starts_at)
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
    _check_where(place=place, link=link)
    if capacity < 1:
        raise RuleViolation(_("There is room for one project at least."), code="capacity")


def _check_begins_later(starts_at: datetime) -> None:
    if starts_at <= timezone.now():
        raise RuleViolation(_("This hour is past. Choose one to come."), code="past")


def _check_where(*, place: str, link: str) -> None:
    if not (place.strip() or link):
        raise RuleViolation(_("Say where one meets: a place, or the link of the call."), code="where")


def _other_hour(person: User, starts_at: datetime, ends_at: datetime) -> QuerySet[OfficeHour]:
    """What this person has at that time, whether they keep it or have booked it. Ask under the lock of the person."""
    booked = OfficeHourBooking.objects.live().filter(person=person).values("hour")
    own = OfficeHour.objects.standing().filter(Q(host=person) | Q(pk__in=booked))
    return own.at_the_same_time(starts_at.astimezone(ZoneInfo("UTC")), ends_at.astimezone(ZoneInfo("UTC")))


def _check_free(person: User, starts_at: datetime, ends_at: datetime) -> None:
    """Nobody is in two hours at once."""
    other = _other_hour(person, starts_at, ends_at).first()
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


IN_THE_LETTER = ("starts_at", "ends_at", "about", "place", "link")  # what whoever comes must know


@transaction.atomic
def change_office_hour(
    hour: OfficeHour,
    *,
    by: User,
    starts_at: datetime,
    minutes: int,
    capacity: int,
    about: str = "",
    place: str = "",
    link: str = "",
    words: str = "",
) -> OfficeHour:
    """Another time, length, place, topic or number of projects; whoever has booked keeps the place, is told, and may give it back.

    The hour is locked first, then its people in the order of their keys: two hours that change at once never wait for each other.
    """
    lock(hour)
    _check_to_come(hour)
    _check_where(place=place, link=link)
    lasts, starts_at = timedelta(minutes=minutes), starts_at.astimezone(ZoneInfo("UTC"))
    if not timedelta() < lasts <= LONGEST:
        raise RuleViolation(_("An office hour lasts up to eight hours."), code="length")
    _check_room(hour, capacity)
    before = {name: getattr(hour, name) for name in (*IN_THE_LETTER, "capacity")}
    after = {"starts_at": starts_at, "ends_at": starts_at + lasts, "about": about.strip(), "place": place.strip(), "link": link}
    after["capacity"] = capacity
    changed = [name for name, value in after.items() if value != before[name]]
    if not changed:
        raise RuleViolation(_("You have changed nothing: the hour stands as it was."), code="same")
    if {"starts_at", "ends_at"} & set(changed):
        _check_begins_later(starts_at)
        _check_everybody_is_free(hour, starts_at, starts_at + lasts, by=by)
    for name in changed:
        setattr(hour, name, after[name])
    hour.save(update_fields=changed)
    was = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in before.items() if name in changed}
    data = {"was": was, "zone": hour.time_zone, "reason": words.strip()}
    record(hour, "cohorts.change_office_hour", by=by, data=data)
    if set(changed) & set(IN_THE_LETTER):
        tell_hour_changed(hour, before=before, words=words.strip(), by=by)
    return hour


def _check_room(hour: OfficeHour, capacity: int) -> None:
    if capacity < 1:
        raise RuleViolation(_("There is room for one project at least."), code="capacity")
    coming = hour.bookings.live().values("project").distinct().count()
    if capacity < coming:
        words = ngettext("%(n)s project comes already: keep room for it.", "%(n)s projects come already: keep room for them.", coming)
        raise RuleViolation(words % {"n": coming}, code="capacity")


def _check_everybody_is_free(hour: OfficeHour, starts_at: datetime, ends_at: datetime, *, by: User) -> None:
    """Its host, and whoever comes; the sentence says who is not, on the clock of whoever asks."""
    coming = hour.bookings.live().values("person")
    people = User.objects.filter(Q(pk=hour.host_id) | Q(pk__in=coming))
    for person in people.select_for_update(no_key=True).order_by("pk"):
        other = _other_hour(person, starts_at, ends_at).exclude(pk=hour.pk).first()
        if other is None:
            continue
        moment = moment_in(other.starts_at, by.time_zone)
        if person == by:
            raise RuleViolation(_("You have another office hour then: %(moment)s.") % {"moment": moment}, code="overlap")
        words = _("%(name)s has another office hour then: %(moment)s. Choose another time.")
        raise RuleViolation(words % {"name": person, "moment": moment}, code="overlap")


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

"""What somebody is told about their seat, at each turn of it; the calendar's file goes with the letters that change the calendar."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.utils.translation import gettext_lazy

from academy.models import Message, User
from cohorts.calendar import days_before
from cohorts.entries import cancellation, invitation
from cohorts.letters import tell, with_day, with_words
from cohorts.models import Registration, RegistrationStatus, Session
from cohorts.organisers import who_answers_about
from courses.models import Certificate

REMINDERS = (30, 7)  # days before the start


def _tell(registration: Registration, *, subject, lines: list, label, cause: str, by: User | None, calendar: str = "") -> None:
    session = registration.session
    tell(
        [registration.person],
        subject=subject,
        lines=[session.title, *lines],
        link="cohorts_session",
        link_to=session.pk,
        link_label=label,
        cause=cause,
        by=by,
        calendar=calendar,
    )


def tell_waiting(registration: Registration, *, by: User) -> None:
    _tell(
        registration,
        subject=gettext_lazy("You are on the waiting list"),
        lines=[gettext_lazy("The session is full. We write to you at once when it is your turn.")],
        label=gettext_lazy("See the session"),
        cause=f"place-waiting:{registration.pk}",
        by=by,
    )


def tell_cancelled_late(registration: Registration, *, by: User) -> None:
    """To who coordinates: beds and meals are ordered already. Not to whoever did it."""
    session, project = registration.session, registration.project
    cohorts = session.cohorts.filter(participations__project=project).select_related("coordinator").distinct()
    told = {person.pk: person for person in (who_answers_about(project, cohort.coordinator) for cohort in cohorts)}
    told.pop(by.pk, None)
    tell(
        told.values(),
        subject=gettext_lazy("A place at a session is given back late"),
        lines=[session.title, f"{registration.person} ({project})", registration.status_reason],
        link="cohorts_cms_session",
        link_to=session.pk,
        link_label=gettext_lazy("See the session"),
        cause=f"place-late:{registration.pk}",
        by=by,
    )


def tell_released(session: Session, *, released: list[Registration], by: User | None) -> None:
    """To who coordinates, of all of one stroke of the clock at once: never of a project that is closed to them."""
    told: dict[User, list[Registration]] = defaultdict(list)
    for row in released:
        for cohort in session.cohorts.filter(participations__project=row.project).select_related("coordinator").distinct():
            told[who_answers_about(row.project, cohort.coordinator)].append(row)
    for person, rows in told.items():
        words = gettext_lazy("Nobody had said in time who pays for these trips. The places go to whoever waits.")
        tell(
            [person],
            subject=gettext_lazy("Places at a session are released"),
            lines=[session.title, words, *(f"{row.person} ({row.project})" for row in rows)],
            link="cohorts_cms_session",
            link_to=session.pk,
            link_label=gettext_lazy("See the session"),
            cause=f"places-released:{session.pk}:{rows[0].pk}",
            by=by,
        )


def tell_offered(registration: Registration, *, by: User | None, waited: bool) -> None:
    if waited:
        subject = gettext_lazy("Action required: a place is free for you")
        words = gettext_lazy("You were on the waiting list, and a place is free now. Accept it by %(day)s; then it goes to somebody else.")
    else:
        subject = gettext_lazy("Action required: accept your place")
        words = gettext_lazy("A place is kept for you. Say who pays for your trip by %(day)s; then it goes to somebody else.")
    _tell(
        registration,
        subject=subject,
        lines=[with_day(words, registration.offer_expires_at, registration.session.time_zone)],
        label=gettext_lazy("Accept the place"),
        cause=f"place-offered:{registration.pk}",
        by=by,
    )


def tell_shortened(registration: Registration, *, by: User) -> None:
    """The day until which one may register came nearer, and with it the end of the offer."""
    until = registration.offer_expires_at
    words = gettext_lazy(
        "Registration for this session closes earlier than we wrote. Accept your place by %(day)s; then it goes to somebody else."
    )
    _tell(
        registration,
        subject=gettext_lazy("You have less time to accept your place"),
        lines=[with_day(words, until, registration.session.time_zone)],
        label=gettext_lazy("Accept the place"),
        cause=f"place-shortened:{registration.pk}:{until.isoformat()}",
        by=by,
    )


def tell_confirmed(registration: Registration, *, by: User) -> None:
    _tell(
        registration,
        subject=gettext_lazy("Your place is confirmed"),
        lines=[
            gettext_lazy("Everything is settled: you are expected.")
            if registration.status == RegistrationStatus.READY
            else gettext_lazy("Your place is confirmed. We check the funding with you, then you are ready to come."),
            gettext_lazy("The session comes with this message, for your calendar."),
        ],
        label=gettext_lazy("See the session"),
        cause=f"place-confirmed:{registration.pk}",
        by=by,
        calendar=invitation(registration.session, registration.person),
    )


def tell_ended(registration: Registration, *, by: User | None, reason: str) -> None:
    """A place or a wait that has ended. Whoever ended it themselves, before it was in their calendar, knows it already."""
    gone = cancellation(registration.session, registration.person)
    if not gone and by == registration.person:
        return
    words = {
        RegistrationStatus.REFUSED: gettext_lazy("The team could not give you a place."),
        RegistrationStatus.EXPIRED: gettext_lazy(
            "The time to accept your place is over, and it goes to whoever waits. You may ask again while registration is open."
        ),
        RegistrationStatus.RELEASED: gettext_lazy(
            "Nobody had said in time who pays for your trip, and your place goes to whoever waits. You may ask again while registration is open."
        ),
    }.get(registration.status, gettext_lazy("Your registration is cancelled. The place goes to whoever waits."))
    lines = [
        words,
        gettext_lazy("The session leaves your calendar with this message.") if gone else "",
        reason if by != registration.person else "",
    ]
    _tell(
        registration,
        subject=gettext_lazy("You have no place at the session any more"),
        lines=lines,
        label=gettext_lazy("See the session"),
        cause=f"place-ended:{registration.pk}",
        by=by,
        calendar=gone,
    )


def tell_changed(session: Session, *, by: User) -> None:
    """Everybody who comes or waits; the calendars of those who come follow."""
    for registration in session.registrations.live().select_related("person").order_by("pk"):
        registration.session = session
        _tell(
            registration,
            subject=gettext_lazy("A session has changed"),
            lines=[gettext_lazy("Something changed about this session: look at the day, the hour and the place again.")],
            label=gettext_lazy("See the session"),
            cause=f"session-changed:{session.pk}:{session.ics_sequence}",
            by=by,
            calendar=invitation(session, registration.person) if registration.has_a_place else "",
        )


def tell_cancelled(session: Session, *, registrations: list[Registration], by: User, reason: str) -> None:
    """`registrations`: those that were alive until now."""
    for registration in registrations:
        registration.session = session
        _tell(
            registration,
            subject=gettext_lazy("A session is cancelled"),
            lines=[reason],
            label=gettext_lazy("See the session"),
            cause=f"session-cancelled:{session.pk}:{session.ics_sequence}",
            by=by,
            calendar=cancellation(session, registration.person),
        )


def tell_certified(registration: Registration, *, certificate: Certificate, by: User | None) -> None:
    tell(
        [registration.person],
        subject=gettext_lazy("Your certificate of attendance"),
        lines=[registration.session.title, gettext_lazy("You were there: here is your certificate. Anybody can check that it is valid.")],
        link="courses_certificate",
        link_to=certificate.pk,
        link_label=gettext_lazy("See your certificate"),
        cause=f"attendance-certificate:{certificate.pk}",
        by=by,
    )


def remind_of_session(session: Session, *, by: User | None, now: datetime) -> int:
    """The reminder whose hour has come, to each who has a place and had it before that hour. Gives back how many were written."""
    due = [number for number in REMINDERS if days_before(session, number) <= now]
    if not due or now >= session.starts_at or session.is_cancelled:
        return 0
    number = min(due)
    rows = session.registrations.expected().filter(confirmed_at__lt=days_before(session, number)).select_related("person", "session")
    causes = {_reminder(row, number): row for row in rows}
    known = set(Message.objects.filter(cause__in=causes).values_list("cause", flat=True))
    new = [row for cause, row in causes.items() if cause not in known]
    for row in new:
        _remind(row, number, by=by)
    return len(new)


def _reminder(registration: Registration, number: int) -> str:
    """Of one day on which it starts: a session that moves to another is told of again."""
    return f"session-reminder-{number}:{registration.pk}:{registration.session.starts_at:%Y-%m-%d}"


def _remind(registration: Registration, number: int, *, by: User | None) -> None:
    session = registration.session
    missing = registration.status == RegistrationStatus.CONFIRMED
    visa = missing and registration.funding_verified_at is not None
    subject = (
        gettext_lazy("Soon: the session")
        if not missing
        else gettext_lazy("Action required: your visa is not settled")
        if visa
        else gettext_lazy("Action required: nobody has checked who pays for your trip")
    )
    lines = [
        with_day(
            gettext_lazy("It starts on %(day)s. The page of the session says where, and how it goes."), session.starts_at, session.time_zone
        ),
        gettext_lazy("You said that you need a visa. Tell the team that you have it, or that you cannot come.")
        if visa
        else gettext_lazy("The team has not seen yet that your trip is paid for. Send it what shows it, or tell it what is missing.")
        if missing
        else gettext_lazy("Bring the code that stands there, on your telephone or on paper."),
        with_words(gettext_lazy("To bring: %(words)s"), session.bring) if session.bring else "",
        with_words(gettext_lazy("How to come: %(words)s"), session.arrival) if session.arrival else "",
        gettext_lazy("If you cannot come, give your place back there, so that it goes to whoever waits."),
    ]
    _tell(registration, subject=subject, lines=lines, label=gettext_lazy("See the session"), cause=_reminder(registration, number), by=by)

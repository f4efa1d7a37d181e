"""Why somebody has a place at a session, or has none: said from the facts, in sentences. Two queries at most."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.dates import moment_in
from academy.models import User
from academy.permissions import is_staff_member
from cohorts.models import Participation, ParticipationState, Project, Registration, RegistrationStatus, Session
from cohorts.models.participation import WALKING
from cohorts.places import Place

_R = RegistrationStatus


def reasons(session: Session, person: User, places: list[Place]) -> list[str]:
    """`places`: all that the person ever asked, the last first. Nothing for a visitor, for the team that never asked, or once it is off."""
    if not person.is_authenticated or session.is_cancelled or (not places and is_staff_member(person)):
        return []
    current = next((place.registration for place in places if place.is_live), None)
    if current is not None:
        return _why_here(session, current)
    if places and places[0].status == _R.NO_SHOW:  # they had one; what became of it is said beside it
        return []
    return [*(_why_gone(session, places[0].registration) if places else []), *_why_not(session, person)]


def _why_here(session: Session, row: Registration) -> list[str]:
    if row.status == _R.WAITING:
        return _why_waiting(session, row)
    if row.status == _R.AWAITING_APPROVAL:
        return [
            _("At this session the team looks at each request. Yours keeps a place meanwhile: nobody can take it."),
            _asked(session, row),
            *_until_answered(session),
        ]
    found = [
        _("It was your turn in the line when a place became free.") if row.queue_number else _("A place was free when you asked."),
        _asked(session, row),
    ]
    if row.status == _R.OFFERED and row.offer_expires_at:
        found.append(
            _("It is kept for you until %(moment)s. Without an answer it goes to whoever waits.")
            % {"moment": moment_in(row.offer_expires_at, session.time_zone)}
        )
    if row.status == _R.CONFIRMED:
        money = _("One thing is missing: the team has not checked yet who pays for your trip.")
        found.append(_("One thing is missing: your visa is not settled yet.") if row.funding_verified_at else money)
        if row.funding_until and not row.funding_verified_at:
            kept = _("It is kept for you if somebody has said by %(moment)s to pay for all of it. Afterwards it goes to whoever waits.")
            found.append(kept % {"moment": moment_in(row.funding_until, session.time_zone)})
    return found


def _until_answered(session: Session) -> list[str]:
    """What happens next, and by when, to whoever waits for the team's approval."""
    last = {"moment": moment_in(session.registration_deadline, session.time_zone), "hours": session.offer_hours}
    if timezone.now() < session.registration_deadline:
        answer = _(
            "The team answers before registration closes, on %(moment)s. After a yes you have %(hours)d hours to accept and to say who pays."
        )
        return [answer % last]
    books = session.cancellation_deadline if timezone.now() < session.cancellation_deadline else session.starts_at
    return [
        _(
            "Registration closed on %(moment)s before the team answered. Either it opens it again and offers you the place, or it tells you why not."
        )
        % last,
        _("Book no trip before that. If you have heard nothing by %(moment)s, write to the team.")
        % {"moment": moment_in(books, session.time_zone)},
    ]


def _asked(session: Session, row: Registration) -> str:
    return _("You asked on %(moment)s.") % {"moment": moment_in(row.requested_at, session.time_zone)}


def _why_waiting(session: Session, row: Registration) -> list[str]:
    line = list(session.registrations.live().with_pauses().values_list("pk", "status", "queue_number", "pauses"))
    held = sum(status not in (_R.WAITING, _R.REQUESTED) for _pk, status, _number, _pauses in line)
    offered = sum(status == _R.OFFERED for _pk, status, _number, _pauses in line)
    ahead = [pauses for _pk, status, number, pauses in line if status == _R.WAITING and number < row.queue_number]
    before, passed = ahead.count(False), ahead.count(True)
    found = [
        ngettext(
            "The session has %(count)d place, and it is taken.",
            "The session has %(count)d places, and %(held)d are taken.",
            session.capacity,
        )
        % {"count": session.capacity, "held": held},
        _asked(session, row),
    ]
    if any(pauses for pk, _status, _number, pauses in line if pk == row.pk):
        pauses = _(
            "Your project pauses: meanwhile you are offered no place, and those that become free go to whoever comes after you. "
            "You keep your place in the line: once your project goes on, you are considered again before them."
        )
        return [pauses, *found, _until(session)]
    words = ngettext("%(count)d person asked before you and waits too.", "%(count)d people asked before you and wait too.", before)
    nobody = _("Nobody is before you in the line: the next free place is offered to you.")
    found.append(words % {"count": before} if before else nobody)
    if passed:
        found.append(
            ngettext(
                "%(count)d person before you is passed over while their project pauses: they come first again once it goes on.",
                "%(count)d people before you are passed over while their projects pause: they come first again once those go on.",
                passed,
            )
            % {"count": passed}
        )
    if offered:
        found.append(
            ngettext(
                "%(count)d of the places is only offered: if nobody accepts it in time, it goes to the first in the line.",
                "%(count)d of the places are only offered: if nobody accepts them in time, they go to the first in the line.",
                offered,
            )
            % {"count": offered}
        )
    return [*found, _until(session)]


def _until(session: Session) -> str:
    closed = timezone.now() >= session.registration_deadline
    over, words = (
        _("Registration closed on %(moment)s: no place is offered from the list any more."),
        _("Places are offered from the list until %(moment)s."),
    )
    return (over if closed else words) % {"moment": moment_in(session.registration_deadline, session.time_zone)}


def _why_gone(session: Session, row: Registration) -> list[str]:
    """Of the last registration, which is over."""
    when = {"moment": moment_in(row.ended_at, session.time_zone)} if row.ended_at else None
    words = {
        _R.EXPIRED: _("A place was kept for you until %(moment)s, and you did not accept it in time."),
        _R.DECLINED: _("You gave back the offered place on %(moment)s."),
        _R.REFUSED: _("The team answered no on %(moment)s."),
        _R.CANCELLED: _("Your registration was cancelled on %(moment)s."),
        _R.CANCELLED_LATE: _("Your registration was cancelled on %(moment)s."),
        _R.RELEASED: _("Your place was released on %(moment)s: nobody had said by then who pays for your trip."),
    }.get(row.status)
    if when is None or words is None:
        return []
    return [words % when, *([_("Reason: %(reason)s") % {"reason": row.status_reason}] if row.status_reason else [])]


def _why_not(session: Session, person: User) -> list[str]:
    """Whether the person could ask now, and what stands in the way."""
    if timezone.now() >= session.registration_deadline:
        return [_("Registration closed on %(moment)s.") % {"moment": moment_in(session.registration_deadline, session.time_zone)}]
    spoken_for = Project.objects.spoken_for_by(person)
    rows = list(
        Participation.objects.filter(cohort__sessions=session, project__in=spoken_for.values("pk")).values_list("state", "project__name")
    )
    if any(state in WALKING for state, _name in rows):
        return [_("You can ask for a place now.")]
    words = {
        ParticipationState.INVITED: _("%(project)s has not taken its place in the cohort yet."),
        ParticipationState.PAUSED: _("%(project)s pauses: its people come again when it goes on."),
    }
    found = [words.get(state, _("%(project)s does not take part in the cohort any more.")) % {"project": name} for state, name in rows]
    return found or [_("You speak for no project of the cohort for which this session is.")]

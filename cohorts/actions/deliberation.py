"""What those who decide say to each other, and telling a whole cohort at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.locking import lock, move, wanted
from academy.models import Message, User
from academy.rules import RuleViolation
from cohorts.decisions import offer_letters_of
from cohorts.deliberation import release_of
from cohorts.interests import check_decides_freely
from cohorts.letters import tell, tell_project, with_day
from cohorts.models import PARTICIPATION_MOVES, Application, Cohort, DeliberationNote, Determination, Participation, ParticipationState
from cohorts.offers import answer_by_of, hold_back_reminders, unanswered
from cohorts.organisers import organisers_of
from cohorts.reserve import reserve_list

from .determinations import release


@transaction.atomic
def write_note(application: Application, *, by: User, words: str) -> DeliberationNote:
    """Says something to those who decide on an application. Only who may take part in the discussion (`open_to`), never with an interest."""
    lock(application)
    words = wanted(words, _("Write something first."))
    if not DeliberationNote.objects.open_to(by).filter(pk=application.pk).exists():
        raise RuleViolation(_("You do not take part in the discussion of this project."), code="interest")
    note = DeliberationNote.objects.create(application=application, author=by, words=words, written_at=timezone.now())
    record(application, "cohorts.write_note", by=by)
    return note


@transaction.atomic
def take_back_note(note: DeliberationNote, *, by: User) -> DeliberationNote:
    """The author takes their own words back: they are gone from the page and stay in the history."""
    lock(note)
    if note.author_id != by.pk:
        raise RuleViolation(_("Only its author takes it back."), code="not_own")
    if note.taken_back_at:
        raise RuleViolation(_("It is taken back already."), code="twice")
    note.taken_back_at = timezone.now()
    note.save(update_fields=["taken_back_at"])
    record(note.application, "cohorts.take_back_note", by=by)
    return note


@dataclass(frozen=True)
class Released:
    """What one release did: what it told now, and how many of those asked for had been told before."""

    now: list[Determination]
    before: int


@transaction.atomic
def release_together(
    cohort: Cohort,
    *,
    by: User,
    determinations: Collection[UUID],
    order_reason: str = "",
    stamp: str | None = None,
    only: Collection[str] | None = None,
) -> Released:
    """Tells all these decisions at once: every one of them, or none and why not, project by project.

    `stamp`: of the letters as the person read them (`deliberation.release_of`, with this `only`). They are written again under the lock of
    the cohort; where one says anything else by now, nothing leaves.

    Asked again (a double click, two coordinators), what is told already is passed over. Places that a decision frees are free for the
    admissions of the same release; the reserve list is taken in its order, or `order_reason` says why not.
    """
    lock(cohort)
    rows = Determination.objects.for_user(by).filter(pk__in=determinations, application__cohort=cohort)
    found = list(rows.select_related("application__project", "application__cohort").order_by("decided_at", "pk"))
    if len(found) < len(set(determinations)) or any(row.superseded_at for row in found):
        raise RuleViolation(_("A decision was changed since you looked at the letters. Look again before you release."), code="changed")
    waiting = [row for row in found if row.released_at is None]
    if stamp is not None and waiting and release_of(cohort, reader=by, only=only).stamp != stamp:
        raise RuleViolation(_("A letter was changed since you looked. Read again below what would leave now."), code="letters_changed")
    _check_capacity(cohort, waiting)
    problems, ranks = [], {pk: rank for rank, pk in enumerate(reserve_list(cohort))}
    for row in sorted(waiting, key=lambda row: (row.outcome == Determination.Outcome.ADMITTED, ranks.get(row.application_id, 0))):
        try:
            release(row, by=by, order_reason=order_reason)
        except RuleViolation as refusal:
            problems.append(f"{row.project}: {refusal}")
    if problems:
        raise RuleViolation(_("Nothing is released.") + " " + " ".join(problems), code="together")
    return Released(waiting, len(found) - len(waiting))


def _check_capacity(cohort: Cohort, waiting: list[Determination]) -> None:
    """Before any of them: how many too many, in words."""
    admitted = Determination.Outcome.ADMITTED
    leaving = [row.application_id for row in waiting if row.outcome != admitted]
    freed = Participation.objects.filter(application__in=leaving, state=ParticipationState.INVITED).count()
    free = cohort.capacity - cohort.participations.holding_a_place().count() + freed
    coming = sum(row.outcome == admitted for row in waiting)
    if coming > max(free, 0):
        words = {"coming": coming, "free": max(free, 0), "over": coming - max(free, 0)}
        raise RuleViolation(
            _(
                "Nothing is released. Projects prepared as admitted: %(coming)s; places free: %(free)s; too many: %(over)s. "
                "Put some on the reserve list, or raise the number of places."
            )
            % words,
            code="full",
        )


@transaction.atomic
def lapse_offer(participation: Participation, *, by: User) -> Participation:
    """A coordinator ends an offer to which nobody answered in time; the place is free for the reserve list. Never by the clock alone."""
    lock(participation.cohort)
    lock(participation)
    check_decides_freely(participation.project, by=by)
    if participation.state != ParticipationState.INVITED:
        raise RuleViolation(_("This place is taken already, or no longer offered."), code="wrong_state")
    until = answer_by_of(participation)
    if until is None or until > timezone.now():
        raise RuleViolation(_("The project may still answer."), code="too_early")
    now = timezone.now()
    hold_back_reminders(participation, now=now)
    with translation.override(participation.application.language):  # the project reads it
        reason = _("No answer before the date that was given.")
    ended = {"ended_at": now, "ended_by": by, "state_reason": reason}
    move(participation, to=ParticipationState.DISMISSED, moves=PARTICIPATION_MOVES, **ended)
    record(participation, "cohorts.lapse_offer", by=by)
    tell_project(
        participation.project,
        subject=gettext_lazy("Your place is no longer kept"),
        lines=[
            gettext_lazy(
                "We offered your project a place and had no answer by the date that was given. The place goes to another project."
            ),
            gettext_lazy("If you still want to come, write to us: we say what is possible."),
        ],
        link="cohorts_my_pathway",
        link_label=gettext_lazy("Open my pathway"),
        cause=f"offer-lapsed:{participation.pk}",
        by=by,
    )
    return participation


@transaction.atomic
def remind_of_offer(determination: Determination, *, by: User | None, now: datetime) -> int:
    """Once before the date to answer by, once after it; then the coordinator hears of it too. Gives back how many letters were written.

    The clock goes no further: whether the place is still kept is for a coordinator to say (`lapse_offer`).
    """
    application, cohort = determination.application, determination.application.cohort
    lock(application)  # whoever answers, ends the offer or decides anew waits, or has done it
    lock(determination)
    if not unanswered(now).filter(pk=determination.pk).exists():
        return 0
    late = determination.answer_by <= now
    cause = offer_letters_of(determination)[late]
    if Message.objects.filter(cause=cause).exists():
        return 0
    if late:
        sentence = gettext_lazy("The date to answer by was %(day)s. Answer now if you want the place: it may be given to another project.")
    else:
        sentence = gettext_lazy("We keep a place for your project until %(day)s. Say that you take it, or that you do not.")
    tell_project(
        application.project,
        subject=gettext_lazy("Action required: your place in the cohort"),
        lines=[with_day(sentence, determination.answer_by, cohort.time_zone)],
        link="cohorts_my_pathway",
        link_label=gettext_lazy("Open my pathway"),
        cause=cause,
        by=by,
    )
    if late:
        tell(
            organisers_of(application),
            subject=gettext_lazy("No answer to an offered place"),
            lines=[
                gettext_lazy("This project has not answered by the date that was given. You decide whether its place is still kept:"),
                application.project.name,
            ],
            cause=cause,
            by=by,
        )
    return Message.objects.filter(cause=cause).count()

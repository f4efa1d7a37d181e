"""Feedback among the projects of a cohort: a work is shown, judged with the assignment's own rubric, answered, closed again."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.locking import lock, wanted
from academy.models import User
from academy.rules import RuleViolation
from academy.sheets import printable
from cohorts.cohort_space import TAKES_PART
from cohorts.letters import tell, tell_project
from cohorts.merging import Choice, Merge, merge
from cohorts.models import Cohort, Participation, PeerFeedback, PeerOpening, PeerRequest, Project, Requirement
from cohorts.organisers import judges_of_feedback
from cohorts.peers import CANNOT_JUDGE, giver_for, last_version, rubric_for, texts_of

_NOT_HERE = "gone"


@transaction.atomic
def show_work(participation: Participation, *, by: User, requirement: Requirement) -> PeerOpening:
    """The cohort reads the version that was handed in last, and may judge it, from now on."""
    lock(participation)
    if participation.state not in TAKES_PART:
        raise RuleViolation(_("Your project does not take part in this cohort now."), code="wrong_state")
    if requirement.stage.pathway_id != participation.cohort.pathway_id or not requirement.activity_key:
        raise ValueError(f"not a deliverable of this pathway: {requirement.pk}")
    if participation.openings.filter(requirement=requirement, closed_at__isnull=True).exists():
        raise RuleViolation(_("Your cohort reads this work already."), code="twice")
    version = last_version(participation.project, requirement)
    if version is None:
        raise RuleViolation(_("Hand the work in first: your cohort reads what a trainer reads."), code="draft")
    row = PeerOpening.objects.create(
        participation=participation, requirement=requirement, version=version, opened_at=timezone.now(), opened_by=by
    )
    record(participation.project, "cohorts.show_work", by=by, data={"requirement": requirement.pk, "version": version.number})
    return row


@transaction.atomic
def close_work(opening: PeerOpening, *, by: User) -> PeerOpening:
    """Nobody reads or judges it any more; what was said stays with the project."""
    lock(opening)
    if opening.closed_at:
        raise RuleViolation(_("This is closed already."), code="twice")
    opening.closed_at, opening.closed_by = timezone.now(), by
    opening.save(update_fields=["closed_at", "closed_by"])
    record(opening.participation.project, "cohorts.close_work", by=by, data={"requirement": opening.requirement_id})
    return opening


@transaction.atomic
def give_peer_feedback(
    opening: PeerOpening,
    *,
    by: User,
    marks: Mapping[str, Mapping[str, str]],
    comment: str = "",
    send: bool = False,
    seen: str = "",
) -> PeerFeedback:
    """Keeps what a project says of the work; `send` shows it to whose work it is. What was sent changes only by being sent again.

    `seen`: when what the page started from was saved, as it says itself.
    """
    lock(opening)
    project = giver_for(by, opening)
    row = opening.feedback.filter(project=project).first() if project else None
    _check_gives(opening, project, row)
    row = row or PeerFeedback(opening=opening, owner=opening.participation.project, project=project)
    if not row._state.adding and seen != row.saved_at.isoformat() and row.saved_by_id != by.pk:
        raise RuleViolation(
            _("Somebody of your project changed this meanwhile. What you typed is kept here: compare, then save again."), code="stale"
        )
    marks = _checked(opening, marks)
    comment = printable(comment).strip()
    if send or row.is_sent:
        _check_whole(opening, marks, comment)
    now = timezone.now()
    if row.settled_at and (row.marks, row.comment) != (marks, comment):  # the verdict was on other words
        row.report, row.reported_at, row.reported_by, row.settled_at, row.settled_by = "", None, None, None, None
    row.marks, row.comment, row.saved_at, row.saved_by = marks, comment, now, by
    if send or row.is_sent:
        row.sent_at, row.sent_by = row.sent_at or now, by
    row.save()
    if send or row.is_sent:
        record(opening.participation.cohort, "cohorts.give_peer_feedback", by=by, data={"feedback": str(row.pk)})
    return row


@transaction.atomic
def merge_peer_feedback(
    opening: PeerOpening,
    *,
    by: User,
    answers: Mapping[str, str],
    since: Mapping[str, str],
    choices: Mapping[str, Choice] | None = None,
    send: bool = False,
) -> Merge:
    """Keeps what one page changed, box by box, beside what others of the project changed meanwhile (`cohorts.merging`); sends it when
    nothing waits for a choice. What is sent already changes only when it is sent again.
    """
    lock(opening)
    project, rubric = giver_for(by, opening), rubric_for(opening.version)
    row = opening.feedback.filter(project=project).first() if project else None
    kept = texts_of(row, rubric)
    texts = {name: _most(name) for name in kept if not name.startswith("level-")}
    asked = {name: printable(text).strip() for name, text in answers.items() if name in kept}
    found = merge(asked, kept, since=since, choices=choices, texts=texts)
    sends = send and not found.both
    if row and row.is_sent and not sends:
        found.written.clear()
    whole = kept | found.written
    marks = {one["id"]: {"level": whole[f"level-{one['id']}"], "comment": whole[f"note-{one['id']}"]} for one in rubric}
    seen = row.saved_at.isoformat() if row else ""
    if sends or found.written:
        give_peer_feedback(opening, by=by, marks=marks, comment=whole["comment"], send=sends, seen=seen)
    else:
        _check_gives(opening, project, row)
    return found


def _most(name: str) -> int:
    return PeerFeedback.MOST_CHARACTERS if name == "comment" else PeerFeedback.MOST_OF_A_NOTE


def _check_gives(opening: PeerOpening, project: Project | None, row: PeerFeedback | None) -> None:
    if project is None:
        raise RuleViolation(_("You read here, and do not judge: only who speaks for another project of the cohort."), code="stranger")
    if not opening.is_open:
        raise RuleViolation(_("This work is closed: its project reads what was said until now."), code="closed")
    if row and row.withdrawn_at:
        raise RuleViolation(_("A coordinator withdrew what your project said of this work."), code="withdrawn")
    if row and row.waits_for_verdict:
        words = _(
            "What your project said of this work was reported. A coordinator reads it as it stands; you may change it once they have decided."
        )
        raise RuleViolation(words, code="reported")


def _checked(opening: PeerOpening, marks: Mapping[str, Mapping[str, str]]) -> dict:
    """Levels of this rubric alone; what says nothing has no line."""
    levels = {one["id"]: {CANNOT_JUDGE, *(level["id"] for level in one["levels"])} for one in rubric_for(opening.version)}
    found = {}
    for key, mark in marks.items():
        level, comment = mark.get("level", ""), printable(mark.get("comment", "")).strip()
        if key not in levels or (level and level not in levels[key]):
            raise ValueError(f"not of this rubric: {key} {level}")
        if level or comment:
            found[key] = {"level": level, "comment": comment}
    return found


def _check_whole(opening: PeerOpening, marks: Mapping[str, Mapping[str, str]], comment: str) -> None:
    rubric = rubric_for(opening.version)
    if any(not marks.get(one["id"], {}).get("level") for one in rubric):
        raise RuleViolation(_("Choose a level for each criterion, or say that you cannot judge it."), code="marks")
    if not comment and all(mark["level"] == CANNOT_JUDGE for mark in marks.values()):
        raise RuleViolation(_("Say something of the work: a level, or words."), code="comment")


def _lock_sent(feedback: PeerFeedback) -> None:
    lock(feedback)
    if not feedback.is_sent or feedback.withdrawn_at:
        raise RuleViolation(_("This feedback is not there any more."), code=_NOT_HERE)


@transaction.atomic
def answer_peer_feedback(feedback: PeerFeedback, *, by: User, words: str = "", seen: str | None = None) -> PeerFeedback:
    """Whose work it is thanks, or answers; without words it is thanks. It may be said anew. `seen`: the answer that the page started from."""
    _lock_sent(feedback)
    words = printable(words).strip()
    if feedback.answered_at and seen is not None and seen != feedback.answer_mark and words != feedback.answer:
        raise RuleViolation(
            _("Somebody of your project, or you in another window, answered meanwhile: it stands above. Send yours again to replace it."),
            code="stale",
        )
    feedback.answer = words
    feedback.answered_at, feedback.answered_by = timezone.now(), by
    feedback.save(update_fields=["answer", "answered_at", "answered_by"])
    return feedback


@transaction.atomic
def report_peer_feedback(feedback: PeerFeedback, *, by: User, reason: str) -> PeerFeedback:
    """Shows it to the coordinator, who decides; until then it stays."""
    _lock_sent(feedback)
    if feedback.reported_at:
        raise RuleViolation(_("Your project has reported this feedback already."), code="twice")
    feedback.report = wanted(printable(reason), _("Say in a few words what is wrong with it."))
    feedback.reported_at, feedback.reported_by = timezone.now(), by
    feedback.save(update_fields=["report", "reported_at", "reported_by"])
    cohort = feedback.opening.participation.cohort
    record(cohort, "cohorts.report_peer_feedback", by=by, data={"feedback": str(feedback.pk)})
    tell(
        judges_of_feedback(feedback),
        subject=gettext_lazy("Feedback in your cohort was reported"),
        lines=[gettext_lazy("Read it, and decide whether it stays. Until then whose work it is reads it.")],
        link="cohorts_peer_work",
        link_to=feedback.opening_id,
        link_label=gettext_lazy("Read it and decide"),
        cause=f"peer-feedback-reported:{feedback.pk}:{feedback.reported_at:%Y%m%d%H%M%S%f}",
        by=by,
    )
    return feedback


@transaction.atomic
def withdraw_peer_feedback(feedback: PeerFeedback, *, by: User, reason: str) -> PeerFeedback:
    """By a coordinator: whose work it is reads it no more, and who gave it is told why."""
    _lock_sent(feedback)
    reason = wanted(printable(reason), _("Say why it is withdrawn: who gave it reads it."))
    now = timezone.now()
    feedback.withdrawn_at, feedback.withdrawn_by, feedback.withdrawn_reason = now, by, reason
    if feedback.reported_at and not feedback.settled_at:
        feedback.settled_at, feedback.settled_by = now, by
    feedback.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason", "settled_at", "settled_by"])
    record(
        feedback.opening.participation.cohort,
        "cohorts.withdraw_peer_feedback",
        by=by,
        data={"feedback": str(feedback.pk), "reason": reason},
    )
    tell_project(
        feedback.project,
        subject=gettext_lazy("Feedback of your project was withdrawn"),
        lines=[gettext_lazy("A coordinator withdrew what your project said of a work in your cohort, for this reason:"), reason],
        link="cohorts_space",
        link_to=feedback.opening.participation.cohort_id,
        link_label=gettext_lazy("Open the space of the cohort"),
        cause=f"peer-feedback-withdrawn:{feedback.pk}",
        by=by,
    )
    return feedback


@transaction.atomic
def keep_peer_feedback(feedback: PeerFeedback, *, by: User) -> PeerFeedback:
    """A coordinator finds nothing wrong with what was reported: it stays."""
    _lock_sent(feedback)
    if not feedback.reported_at or feedback.settled_at:
        raise RuleViolation(_("Nobody waits for a decision about this feedback."), code="same")
    feedback.settled_at, feedback.settled_by = timezone.now(), by
    feedback.save(update_fields=["settled_at", "settled_by"])
    record(feedback.opening.participation.cohort, "cohorts.keep_peer_feedback", by=by, data={"feedback": str(feedback.pk)})
    return feedback


@transaction.atomic
def ask_for_feedback(cohort: Cohort, *, by: User, requirement: Requirement) -> PeerRequest:
    """Asks the projects of a cohort to show this deliverable to each other, and to judge it. It opens no work."""
    lock(cohort)
    if requirement.stage.pathway_id != cohort.pathway_id or not requirement.activity_key:
        raise ValueError(f"not a deliverable of this pathway: {requirement.pk}")
    if cohort.peer_requests.filter(requirement=requirement, ended_at__isnull=True).exists():
        raise RuleViolation(_("The cohort is asked for this already."), code="twice")
    row = PeerRequest.objects.create(cohort=cohort, requirement=requirement, asked_at=timezone.now(), asked_by=by)
    record(cohort, "cohorts.ask_for_feedback", by=by, data={"requirement": requirement.pk})
    return row


@transaction.atomic
def stop_asking_for_feedback(cohort: Cohort, *, by: User, requirement: Requirement) -> None:
    """What is shown stays shown, and what was said stays."""
    lock(cohort)
    row = cohort.peer_requests.filter(requirement=requirement, ended_at__isnull=True).first()
    if row is None:
        raise RuleViolation(_("The cohort is not asked for this now."), code="same")
    row.ended_at, row.ended_by = timezone.now(), by
    row.save(update_fields=["ended_at", "ended_by"])
    record(cohort, "cohorts.stop_asking_for_feedback", by=by, data={"requirement": requirement.pk})

"""The life of a cohort, and new versions of what it stands on."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.fields import LocalizedText
from academy.locking import check_move, lock, move
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.drafts import MOST_FILES
from cohorts.letters import tell_project, with_day
from cohorts.models import (
    COHORT_MOVES,
    LATE,
    ApplicationState,
    CallQuestion,
    Cohort,
    CohortState,
    Criterion,
    FormQuestion,
    Level,
    Pathway,
    Requirement,
    Rubric,
    RubricPart,
    Stage,
)
from cohorts.rounds import ensure_first_round

COPIED = ("summary", "gives", "costs", "time_zone", "capacity", "signatures_needed")


@transaction.atomic
def open_cohort(cohort: Cohort, *, by: User) -> Cohort:
    """Announces the call. From now on its pathway, its rubric and its questions are frozen, so all of it must say something.

    The first round comes with it.
    """
    lock(cohort)
    check_move(cohort, to=CohortState.OPEN, moves=COHORT_MOVES)
    if not Requirement.objects.filter(stage__pathway=cohort.pathway_id).exists():
        raise RuleViolation(_("The pathway asks nothing yet. Write its requirements first."), code="empty_pathway")
    silent = Requirement.objects.filter(stage__pathway=cohort.pathway_id, kind=Requirement.Kind.FORM, questions=None).first()
    if silent is not None:
        sentence = _("The form “%(title)s” asks nothing yet. Write its questions first: nobody could send it.")
        raise RuleViolation(sentence % {"title": silent.title}, code="empty_form")
    if not Level.objects.filter(criterion__part__rubric=cohort.rubric_id).exists():
        raise RuleViolation(_("The rubric has no levels yet. Describe them first."), code="empty_rubric")
    bare = Criterion.objects.filter(part__rubric=cohort.rubric_id, levels=None).order_by("part__sort_order", "sort_order", "pk").first()
    if bare is not None:
        sentence = _("Criterion “%(label)s” has no level yet. Describe its levels first: nobody could answer it.")
        raise RuleViolation(sentence % {"label": bare.label}, code="empty_rubric")
    _check_call(cohort)
    ensure_first_round(cohort)
    return _move(cohort, to=CohortState.OPEN, by=by)


def _check_call(cohort: Cohort) -> None:
    """What anybody reads of a call before they apply is there, and there is time to apply."""
    if cohort.intake_closes_at <= timezone.now():
        raise RuleViolation(_("Applications would be closed already: their last day is over. Move the dates first."), code="past")
    if not cohort.capacity:
        raise RuleViolation(_("The cohort has no place. Say first how many projects it takes."), code="no_places")
    if not cohort.gives or not cohort.costs:
        raise RuleViolation(_("Write first what is given and what it costs: nobody should apply without having read it."), code="silent")
    questions = () if cohort.is_frozen else cohort.questions.all()  # opened again: they were looked at
    files = sum(row.kind == CallQuestion.Kind.FILE for row in questions)
    if files > MOST_FILES:
        words = _("It asks for %(files)d files, and an application has %(most)d at most: nobody could send it. Ask for fewer.")
        raise RuleViolation(words % {"files": files, "most": MOST_FILES}, code="too_many_files")
    for row in (*questions, *cohort.letters.all()):
        try:
            row.full_clean(validate_unique=False, validate_constraints=False)
        except ValidationError as refusal:
            words = {"what": str(row), "why": refusal.messages[0]}
            raise RuleViolation(_("“%(what)s” cannot be used as it is. %(why)s") % words, code="incomplete") from None


@transaction.atomic
def copy_cohort(
    cohort: Cohort,
    *,
    by: User,
    title: LocalizedText,
    pathway: Pathway,
    rubric: Rubric,
    intake_opens_at: datetime,
    intake_closes_at: datetime,
    starts_at: datetime,
    season: LocalizedText | None = None,
) -> Cohort:
    """A new planned cohort with the texts, the questions, the letters and the rounds of another; coordinated by whoever copies it.

    The rounds keep their rules, and their distance from the start of the cohort, at the same hours of its clock.
    """
    questions, letters = list(cohort.questions.all()), list(cohort.letters.all())
    copy = Cohort(
        title=title,
        season=season or LocalizedText(),
        pathway=pathway,
        rubric=rubric,
        intake_opens_at=intake_opens_at,
        intake_closes_at=intake_closes_at,
        starts_at=starts_at,
        coordinator=by,
        **{name: getattr(cohort, name) for name in COPIED},
    )
    copy.full_clean()
    copy.save()
    for row in questions:
        indicators = list(row.indicators.all())  # of which its answers are the baseline
        _copy(row, cohort=copy).indicators.set(indicators)
    for row in letters:
        _copy(row, cohort=copy)
    for round in list(cohort.rounds.order_by("number")):
        _copy(round, cohort=copy, **{name: _as_far_before(getattr(round, name), cohort, copy) for name in ("opens_at", "closes_at")})
    record(copy, "cohorts.copy_cohort", by=by, data={"from": str(cohort.pk)})
    return copy


def _as_far_before(moment: datetime, old: Cohort, new: Cohort) -> datetime:
    """A moment of one call in another one: what came with the opening of applications does so again, the rest is as far from the start."""
    if moment == old.intake_opens_at:
        return new.intake_opens_at
    clock = timezone.make_naive(moment, old.zone) - timezone.make_naive(old.starts_at, old.zone)
    return (timezone.make_naive(new.starts_at, new.zone) + clock).replace(tzinfo=new.zone)


@transaction.atomic
def start_reviewing(cohort: Cohort, *, by: User) -> Cohort:
    """Ends the call: nobody applies any more, what was submitted is read.

    Closed before its last day, that day becomes now: what is late is late from now on, and those who were still writing are told.
    """
    lock(cohort)
    check_move(cohort, to=CohortState.REVIEWING, moves=COHORT_MOVES)
    now, announced = timezone.now(), cohort.intake_closes_at
    if now <= cohort.intake_opens_at:
        raise RuleViolation(_("This call has not begun: nothing is to be closed. Move its dates instead."), code="early")
    if announced <= now:
        return _move(cohort, to=CohortState.REVIEWING, by=by)
    _move(cohort, to=CohortState.REVIEWING, by=by, intake_closes_at=now, announced=announced.isoformat())
    for draft in cohort.applications.filter(state=ApplicationState.DRAFT).select_related("project", "cohort"):
        if draft.due_at == now:  # no time of its own
            tell_project(
                draft.project,
                subject=gettext_lazy("The call has closed earlier than announced"),
                lines=[
                    gettext_lazy("Your application is not sent yet. What you wrote is kept."),
                    with_day(
                        gettext_lazy("It is still taken until %(day)s, with the reason why it comes late."), now + LATE, cohort.time_zone
                    ),
                ],
                link="cohorts_apply",
                link_label=gettext_lazy("Go on with the application"),
                cause=f"call-closed-early:{draft.pk}:{now.isoformat()}",
                by=by,
            )
    return cohort


@transaction.atomic
def run_cohort(cohort: Cohort, *, by: User) -> Cohort:
    return _move(lock(cohort), to=CohortState.RUNNING, by=by)


@transaction.atomic
def close_cohort(cohort: Cohort, *, by: User) -> Cohort:
    return _move(lock(cohort), to=CohortState.CLOSED, by=by)


def _move(cohort: Cohort, *, to: str, by: User, announced: str = "", **values) -> Cohort:
    move(cohort, to=to, moves=COHORT_MOVES, **values)
    record(cohort, "cohorts.move_cohort", by=by, data={"to": to} | ({"announced": announced} if announced else {}))
    return cohort


def _copy(row, **changes):
    """A new row with the same words."""
    row.pk = row.id = row._meta.pk.get_default()
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    return row


@transaction.atomic
def new_pathway_version(pathway: Pathway, *, by: User) -> Pathway:
    """Copies a pathway, whole, as its next version, free to edit. Old cohorts keep theirs."""
    lock(pathway)
    source, last = pathway.pk, Pathway.objects.filter(key=pathway.key).aggregate(last=Max("version"))["last"]
    copy = _copy(Pathway.objects.get(pk=source), version=last + 1)
    for stage in list(Stage.objects.filter(pathway=source).order_by("sort_order", "pk")):
        requirements = list(Requirement.objects.filter(stage=stage.pk).order_by("sort_order", "pk"))
        new_stage = _copy(stage, pathway=copy)
        for requirement in requirements:
            questions = list(FormQuestion.objects.filter(requirement=requirement.pk).order_by("sort_order", "pk"))
            new_requirement = _copy(requirement, stage=new_stage)
            for question in questions:
                _copy(question, requirement=new_requirement)
    record(copy, "cohorts.new_version", by=by, data={"version": copy.version})
    return copy


@transaction.atomic
def new_rubric_version(rubric: Rubric, *, by: User) -> Rubric:
    """Copies a rubric, whole, as its next version, free to edit. Old scores keep theirs."""
    lock(rubric)
    source, last = rubric.pk, Rubric.objects.filter(key=rubric.key).aggregate(last=Max("version"))["last"]
    copy = _copy(Rubric.objects.get(pk=source), version=last + 1)
    for part in list(RubricPart.objects.filter(rubric=source).order_by("sort_order", "pk")):
        criteria = list(Criterion.objects.filter(part=part.pk).order_by("sort_order", "pk"))
        new_part = _copy(part, rubric=copy)
        for criterion in criteria:
            levels = list(Level.objects.filter(criterion=criterion.pk))
            new_criterion = _copy(criterion, part=new_part)
            for level in levels:
                _copy(level, criterion=new_criterion)
    record(copy, "cohorts.new_version", by=by, data={"version": copy.version})
    return copy

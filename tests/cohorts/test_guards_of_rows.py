"""Invariants 1, 2, 4, 5, 6, 7, 8 and 11 of design.md §3, each with its negative control, as in `test_guards` (which has 3, 9 and 10).

That seats are oversold without the lock is in `test_last_seat`.
"""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from academy.rules import RuleViolation
from cohorts import actions, entries
from cohorts.actions import seat_letters, sessions
from cohorts.models import (
    Application,
    Assessment,
    CalendarEntry,
    CheckIn,
    Determination,
    Level,
    Registration,
    Requirement,
    ReviewAssignment,
    Rubric,
    Session,
    assessment,
)
from cohorts.models.application import ConflictDeclarationQuerySet
from courses import actions as learning
from courses import completion
from courses.models import ActivityRecord, Enrolment
from courses.syllabus import syllabuses
from tests.cohorts.guards import rows_in, write_again
from tests.cohorts.test_calendars import sent
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.courses import make_course, make_lesson, make_module

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


# 1. One live application per project and cohort; one live registration per person and session


def test_a_project_applies_twice_at_once_only_without_the_constraint(draft, unguarded):
    table = unguarded(Application)
    with pytest.raises(IntegrityError):
        write_again(draft, id=uuid4())
    write_again(draft, into=table, id=uuid4())
    assert rows_in(table, "state = 'draft'") == 2


def test_a_person_is_registered_twice_only_without_the_constraint(session, promoter, unguarded):
    row = make.RegistrationFactory(session=session, person=promoter)
    table = unguarded(Registration)
    with pytest.raises(IntegrityError):
        write_again(row, id=row.pk + 1 if isinstance(row.pk, int) else uuid4())
    write_again(row, into=table, id=row.pk + 1 if isinstance(row.pk, int) else uuid4())
    assert rows_in(table, "status = 'requested'") == 2


# 2. Nobody overtakes the waiting list silently


def test_a_newcomer_overtakes_only_when_those_who_wait_are_not_counted(cohort, crowd, monkeypatch):
    """A seat that is free for an instant, before the clock has offered it to the first in line."""
    session = make.SessionFactory(cohorts=[cohort], capacity=1)
    sure, first, honest, sly = crowd(4)
    for one in (sure, first):
        actions.register(session, by=one.person, person=one.person, project=one.project, payer="person")
    Session.objects.filter(pk=session.pk).update(capacity=2)
    session.refresh_from_db()
    behind = actions.register(session, by=honest.person, person=honest.person, project=honest.project, payer="person")
    assert (behind.status, behind.queue_number) == ("waiting", 2)
    counted = sessions._free_places
    monkeypatch.setattr(sessions, "_free_places", lambda about, newcomer: counted(about, newcomer=False))
    ahead = actions.register(session, by=sly.person, person=sly.person, project=sly.project, payer="person")
    assert (ahead.status, session.registrations.get(person=first.person).status) == ("confirmed", "waiting")


# 4. Determinations, check-ins and rows of audit are append-only


@pytest.mark.parametrize(
    ("factory", "column", "value"), [(make.DeterminationFactory, "reasons", "Other."), (make.CheckInFactory, "method", "qr")]
)
def test_what_was_written_is_changed_by_sql_only_without_the_trigger(factory, column, value, unguarded):
    row = factory()
    assert type(row) in (Determination, CheckIn)
    table, change = unguarded(type(row)), "UPDATE {table} SET {column} = %s"
    with pytest.raises(IntegrityError, match="kept as it was written"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table=row._meta.db_table, column=column), [value])
    with connection.cursor() as cursor:
        cursor.execute(change.format(table=table, column=column), [value])
    assert rows_in(table, f"{column} = '{value}'") == 1


# 5. `completed_at` is set once; growth un-completes nobody


def test_a_completion_is_dated_again_only_without_the_question_whether_it_is_there(promoter, monkeypatch):
    lesson = make_lesson(make_module())
    first = learning.complete_activity(lesson, by=promoter).completed_at
    learning.complete_activity(lesson, by=promoter)
    assert ActivityRecord.objects.get().completed_at == first
    forgetful = completion.locked_record

    def as_if_new(*about, **where):
        row = forgetful(*about, **where)
        row.completed_at = None
        return row

    monkeypatch.setattr(learning.learning, "locked_record", as_if_new)
    learning.complete_activity(lesson, by=promoter)
    assert ActivityRecord.objects.get().completed_at > first


def test_a_lesson_added_would_un_complete_whoever_had_finished_if_completion_were_counted_anew(promoter):
    module = make_module()
    course = make_course(modules=(module,))
    learning.enrol(course, user=promoter, by=promoter)
    learning.complete_activity(make_lesson(module), by=promoter)
    make_lesson(module)
    counted_anew = syllabuses([course.translation_key], language="en").values()
    done = set(ActivityRecord.objects.of(promoter).completed().values_list("activity_key", flat=True))
    assert [set(one.required_keys) <= done for one in counted_anew] == [False]
    assert Enrolment.objects.get(user=promoter).completed_at is not None


# 6. A conflicted reviewer sees nothing of that application on any surface


def what_is_read_by(person) -> dict:
    models = (Application, ReviewAssignment, Assessment, Determination)
    return {model.__name__: model.objects.for_user(person).count() for model in models}


def test_a_conflict_closes_nothing_once_declarations_are_not_asked(submitted, reviewer, monkeypatch):
    make.ReviewAssignmentFactory(application=submitted, reviewer=reviewer, state="accepted")
    actions.declare_interest(submitted, by=reviewer, conflict=True, reason="My sister's project.")
    ReviewAssignment.objects.update(state="accepted")  # as if they had been asked once more, by mistake
    assert what_is_read_by(reviewer) == {"Application": 0, "ReviewAssignment": 0, "Assessment": 0, "Determination": 0}
    monkeypatch.setattr(ConflictDeclarationQuerySet, "standing", lambda rows: rows.none())
    assert what_is_read_by(reviewer)["Application"] == 1
    assert what_is_read_by(reviewer)["ReviewAssignment"] == 1


# 7. No reviewer reads another's review before submitting their own


def test_a_review_of_another_is_read_early_only_without_the_question_of_one_s_own(submitted, reviewer, monkeypatch):
    make.ReviewAssignmentFactory(application=submitted, reviewer=reviewer, state="in_progress")
    other = UserFactory()
    asked = make.ReviewAssignmentFactory(application=submitted, reviewer=other, state="submitted", submitted_at=timezone.now())
    theirs = make.AssessmentFactory(
        application=submitted,
        assignment=asked,
        kind="reviewer",
        assessor=other,
        state="submitted",
        submitted_at=timezone.now(),
        submitted_by=other,
    )
    assert theirs not in Assessment.objects.for_user(reviewer)

    class Unasked(assessment.Q):
        """The place of `Exists`: true whichever way it is asked."""

        def __init__(self, _rows):
            super().__init__()

        def __invert__(self):
            return assessment.Q()

    monkeypatch.setattr(assessment, "Exists", Unasked)
    assert theirs in Assessment.objects.for_user(reviewer)


# 8. A rubric, a pathway, a quiz already used is not changed


def test_a_used_rubric_changes_what_was_said_only_without_the_freeze(cohort, monkeypatch):
    level = Level.objects.filter(criterion__part__rubric=cohort.rubric).first()
    level.label = {"en": "Better", "fr": "Mieux"}
    with pytest.raises(RuleViolation, match="new version"):
        level.save()
    monkeypatch.setattr(Rubric, "is_frozen", False)
    level.save()
    assert Level.objects.get(pk=level.pk).label == {"en": "Better", "fr": "Mieux"}


def test_a_used_pathway_asks_for_more_only_without_the_freeze(cohort, monkeypatch):
    stage = cohort.pathway.stages.first()
    with pytest.raises(RuleViolation, match="new version"):
        make.RequirementFactory(stage=stage, key="later")
    monkeypatch.setattr(type(cohort.pathway), "is_frozen", False)
    make.RequirementFactory(stage=stage, key="later")
    assert Requirement.objects.filter(stage__pathway=cohort.pathway, key="later").count() == 1


# 11. The `.ics` of a session keeps its UID and raises SEQUENCE at each change; a cancellation is sent as one


@pytest.fixture
def seat(session, crowd):
    [one] = crowd(1)
    return actions.register(session, by=one.person, person=one.person, project=one.project, payer="project")


def test_sequence_stands_still_only_without_its_raise(seat, session, coordinator, monkeypatch):
    actions.change_session(session, by=coordinator, place="Charleroi")
    assert [one[3] for one in sent(seat.person)] == [0, 1]
    monkeypatch.setattr(entries, "_raise", lambda *_about, **_how: None)
    actions.change_session(session, by=coordinator, place="Liège")
    assert [one[3] for one in sent(seat.person)] == [0, 1, 1]


def test_a_seat_has_two_entries_only_without_the_constraint(seat, unguarded):
    entry, table = CalendarEntry.objects.get(), unguarded(CalendarEntry)
    with pytest.raises(IntegrityError):
        write_again(entry, id=entry.pk + 1, uid="another@smart-academy")
    write_again(entry, into=table, id=entry.pk + 1, uid="another@smart-academy")
    assert rows_in(table) == 2


def test_a_cancelled_session_stays_in_calendars_only_without_its_cancellation(session, crowd, coordinator, monkeypatch):
    gone, stays = crowd(2)
    rows = [actions.register(session, by=one.person, person=one.person, project=one.project, payer="project") for one in (gone, stays)]
    actions.cancel_registration(rows[0], by=gone.person, reason="Ill.")
    assert [one[0] for one in sent(gone.person)] == ["REQUEST", "CANCEL"]
    monkeypatch.setattr(seat_letters, "cancellation", lambda *_about: "")
    actions.cancel_registration(rows[1], by=stays.person, reason="Ill.")
    assert [one[0] for one in sent(stays.person)] == ["REQUEST"]

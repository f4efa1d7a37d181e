"""Work of a project, what lists and letters say of works, the clock, and what stays when somebody is erased."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from academy.models import Message
from academy.search.models import SearchEntry
from courses import actions, clock
from courses.actions.feedback import RULE
from courses.groups import Owner, groups_of
from courses.models import Enrolment, Feedback, Submission, SubmissionVersion
from courses.progress import outline_of
from courses.syllabus import syllabuses
from tests.courses.works import NOTES, accepted, handed_in, record_of, refused, written
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.courses import (
    FeedbackFactory,
    SubmissionFactory,
    SubmissionVersionFactory,
    make_assignment,
    make_course,
    make_lesson,
    make_module,
    translated,
)

pytestmark = pytest.mark.django_db


# --- groups


def test_a_project_is_a_group_of_those_who_work_and_those_who_look(project, ours, promoter, other_promoter):
    onlooker = UserFactory()
    make.ProjectMemberFactory(project=project, person=onlooker, role="viewer")
    group = groups_of(onlooker)[0]
    assert (group.key, group.name) == (str(project.pk), "Oficio")
    assert group.workers == {promoter.pk, other_promoter.pk}
    assert group.readers == group.workers | {onlooker.pk}
    assert (Owner(group=group).may_read(onlooker), Owner(group=group).may_write(onlooker)) == (True, False)
    assert groups_of(UserFactory()) == []


def test_a_project_hands_in_one_work_that_counts_for_each(module, ours, promoter, other_promoter, trainer):
    page = make_assignment(module, belongs_to="project")
    written(page, ours, promoter, "Ours")
    refused("stale", actions.save_work, page, owner=ours, by=other_promoter, edition=0, text="Mine")
    version = handed_in(page, ours, other_promoter, "Ours, both")
    assert Submission.objects.get().user is None
    actions.give_feedback(version, by=trainer, verdict="accepted")
    assert [record_of(page, person).rule for person in (promoter, other_promoter)] == [RULE, RULE]
    assert Message.objects.filter(cause__startswith="courses.feedback:").count() == 2


def test_who_joins_later_reads_it_and_it_counts(module, project, ours, promoter, trainer):
    page = make_assignment(module, belongs_to="project")
    accepted(page, ours, promoter, trainer)
    late = UserFactory()
    make.ProjectMemberFactory(project=project, person=late, role="member")
    again = Owner(group=groups_of(late)[0])
    record = actions.count_for_me(Submission.objects.get(), page=page, owner=again, by=late)
    assert (record.rule, record.source) == (RULE, "self")
    refused("not_accepted", actions.count_for_me, Submission.objects.get(), page=page, owner=again, by=UserFactory())


# --- the page


def test_who_takes_an_assignment_away_is_told_what_was_begun(page, me, promoter):
    assert page.uses() == []
    written(page, me, promoter)
    told = len(page.uses())
    translated(page, "fr")
    assert (len(page.uses()), "begun here" in " ".join(page.uses())) == (told, False), (
        "the work goes on in the other language, which is said instead"
    )


def test_an_assignment_is_found_by_its_words(module, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        page = make_assignment(module, "Talk to ten people", summary="Zanzibar conversations")
    entry = SearchEntry.objects.get(owner=f"courses.assignmentpage:{page.pk}")
    assert "zanzibar" in entry.body.lower()


# --- lists


@pytest.mark.usefixtures("english")
def test_a_list_shows_the_third_kind_and_does_not_lead_to_what_a_trainer_reads(module, me, promoter):
    page, lesson, course = make_assignment(module), make_lesson(module), make_course(modules=(module,))
    key = course.translation_key

    def outline():
        return outline_of(promoter, syllabuses([key])[key])

    assert [(item.activity.kind, item.rule) for item in outline().activities] == [
        ("assignment", "Hand in your work; a trainer accepts it."),
        ("lesson", "Say that you have read it."),
    ]
    assert outline().next.activity.key == page.translation_key
    before = outline().activities[0].seen_as
    handed_in(page, me, promoter)
    assert outline().next.activity.key == lesson.translation_key
    assert (outline().activities[0].waits, outline().activities[0].seen_as != before) == (True, True)


def test_the_queue_is_in_order_and_holds_nobodys_own(page, me, promoter, trainer, project, ours):
    group_page = make_assignment(make_module(), belongs_to="project")
    handed_in(group_page, ours, promoter)
    handed_in(page, me, promoter)
    Submission.objects.filter(group_key="").update(handed_in_at=timezone.now() - timedelta(days=3))
    assert [work.group_key for work in Submission.objects.to_read_by(trainer)] == ["", str(project.pk)]
    make.ProjectMemberFactory(project=project, person=trainer, role="viewer")
    assert [work.group_key for work in Submission.objects.to_read_by(trainer)] == [""]
    handed_in(make_assignment(make_module()), Owner(person=trainer), trainer)
    assert Submission.objects.to_read_by(trainer).count() == 1
    assert Submission.objects.to_read_by(promoter).count() == 0


# --- the clock


def test_who_has_not_handed_in_is_reminded_once(module, me, promoter, other_promoter):
    page = make_assignment(module, due_on=timezone.localdate() + timedelta(days=2))
    translated(page, "fr")
    course = make_course(modules=(module,))
    for person in (promoter, other_promoter):
        actions.enrol(course, user=person, by=person)
    handed_in(page, Owner(person=other_promoter), other_promoter)
    assert clock.strike()["reminders of work that is due"] == 1
    assert clock.strike() == {}
    [message] = Message.objects.filter(cause__startswith="courses.due:")
    assert message.to == promoter
    assert clock.strike(timezone.now() + timedelta(days=30)) == {}


def test_a_project_is_reminded_from_when_the_first_began(module, project, promoter, other_promoter):
    make_assignment(module, belongs_to="project", due_days=5)
    actions.enrol(make_course(modules=(module,)), user=promoter, by=promoter)
    Enrolment.objects.update(enrolled_at=timezone.now() - timedelta(days=4))
    assert clock.strike()["reminders of work that is due"] == 2
    assert set(Message.objects.filter(cause__startswith="courses.due:").values_list("to", flat=True)) == {promoter.pk, other_promoter.pk}


@pytest.mark.parametrize(("state", "told"), [("active", 2), ("paused", 0), ("withdrawn", 0), ("graduated", 0)])
def test_a_project_of_which_nothing_is_asked_now_is_not_reminded(state, told, module, project, promoter, coordinator):
    ended = {"ended_at": timezone.now(), "ended_by": coordinator} if state == "withdrawn" else {}
    graduated = {"graduated_at": timezone.now()} if state == "graduated" else {}
    make.ParticipationFactory(project=project, state=state, **ended, **graduated)
    make_assignment(module, belongs_to="project", due_on=timezone.localdate() + timedelta(days=2))
    actions.enrol(make_course(modules=(module,)), user=promoter, by=promoter)
    assert clock.strike().get("reminders of work that is due", 0) == told
    assert groups_of(promoter)[0].rests == (told == 0)


# --- letters


@pytest.mark.parametrize("language", ["fr", "en"])
def test_letters_are_whole_in_both_languages(module, project, ours, promoter, trainer, language):
    promoter.language, promoter.time_zone = language, "Asia/Tokyo"
    promoter.save(update_fields=["language", "time_zone"])
    page = make_assignment(module, "Ten talks", belongs_to="project", due_on=timezone.localdate() + timedelta(days=1))
    translated(page, "fr", title="Dix entretiens")
    actions.enrol(make_course(modules=(module,)), user=promoter, by=promoter)
    clock.strike()
    actions.give_feedback(handed_in(page, ours, promoter), by=trainer, verdict="to_improve", comment="More")
    title = {"fr": "Dix entretiens", "en": "Ten talks"}[language]
    letters = Message.objects.filter(to=promoter, cause__startswith="courses.")
    assert {letter.cause.split(":")[0] for letter in letters} == {"courses.due", "courses.feedback"}
    for letter in letters:
        assert title in letter.subject
        if letter.cause.startswith("courses.due"):
            assert re.search(r"7:59|07:59|6:59|06:59", letter.body_text)
        assert "Oficio" in letter.body_text
        assert f"/{language}/" in letter.body_text
        assert f"?group={ours.group.key}#work" in letter.body_text
        for part in (letter.body_text, letter.body_html):
            assert not re.search(r"\{[{%]|undefined", part)


# --- constraints and erasure


def test_erasing_a_person_keeps_the_counts(page, me, promoter, trainer):
    version = handed_in(page, me, promoter)
    promoter.delete()
    assert Submission.objects.get().user is None
    assert SubmissionVersion.objects.get(pk=version.pk).submitted_by is None
    assert Submission.objects.to_read_by(trainer).count() == 0
    SubmissionFactory(user=None, activity_key=page.translation_key)


def test_what_an_erased_person_wrote_is_forgotten_and_what_a_project_wrote_is_not(module, page, me, ours, promoter, trainer):
    row = actions.add_file(page, owner=me, brought=NOTES, by=promoter)
    accepted(page, me, promoter, trainer)
    accepted(make_assignment(module, belongs_to="project"), ours, promoter, trainer)
    path = row.file.name
    Submission.objects.filter(group_key="").update(user=None)
    assert clock.strike()["works of people who were erased"] == 1
    work, shared = Submission.objects.get(group_key=""), Submission.objects.exclude(group_key="").get()
    assert (work.text, work.versions.get().text, work.state) == ("", "", "accepted")
    assert (shared.text, Feedback.objects.count()) == ("Forty workers were asked.", 2)
    assert not row.file.storage.exists(path)
    assert clock.strike() == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "handed_in"},
        {"handed_in_at": timezone.now()},
        {"state": "reading", "handed_in_at": timezone.now()},
        {"state": "accepted", "handed_in_at": timezone.now()},
        {"group_key": "a-project"},
        {"is_late": True},
    ],
)
def test_the_database_refuses_half_a_state(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        SubmissionFactory(**fields)


def test_one_work_for_each_owner():
    work = SubmissionFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        SubmissionFactory(user=work.user, activity_key=work.activity_key)
    group = SubmissionFactory(user=None, group_key="g")
    with pytest.raises(IntegrityError), transaction.atomic():
        SubmissionFactory(user=None, group_key="g", activity_key=group.activity_key)


def test_what_was_answered_stays():
    feedback = FeedbackFactory()
    with pytest.raises(TypeError):
        feedback.save()
    with pytest.raises(TypeError):
        feedback.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        FeedbackFactory(version=feedback.version, comment="")
    with pytest.raises(IntegrityError), transaction.atomic():
        SubmissionVersionFactory(submission=feedback.version.submission)

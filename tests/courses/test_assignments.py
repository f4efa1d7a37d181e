"""Work that is handed in: drafts, versions, dates, answers, groups, the clock; and what nobody may do to it."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from academy.backup import media_files
from academy.models import Message
from academy.rules import RuleViolation
from academy.search.models import SearchEntry
from courses import actions, clock
from courses.actions.feedback import RULE
from courses.due import due_of, end_of
from courses.groups import Owner, groups_of
from courses.models import ActivityRecord, Certificate, Enrolment, Feedback, Submission, SubmissionVersion, WorkFile
from courses.progress import HANDED_IN, TO_IMPROVE, outline_of
from courses.syllabus import syllabuses
from courses.terms import frozen_terms, terms_in, terms_of
from courses.uploads import Brought, taken
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
NOTES = Brought("notes.txt", "txt", b"Ten conversations.")
SOLID = {"1": {"level": "2", "comment": "Well asked."}, "2": {"level": "2", "comment": ""}}
THIN = {"1": {"level": "1", "comment": ""}, "2": {"level": "1", "comment": ""}}


@pytest.fixture
def module():
    return make_module("The need")


@pytest.fixture
def page(module):
    return make_assignment(module)


@pytest.fixture
def me(promoter):
    return Owner(person=promoter)


@pytest.fixture
def english():
    with translation.override("en"):
        yield


def refused(code, act, *args, **kwargs):
    with pytest.raises(RuleViolation) as refusal:
        act(*args, **kwargs)
    assert refusal.value.code == code


def written(page, owner, by, text="Forty workers were asked."):
    """The next thing typed, by somebody who sees what is saved."""
    now = Submission.objects.filter(activity_key=page.translation_key, **owner.fields).first()
    return actions.save_work(page, owner=owner, by=by, edition=now.edition if now else 0, text=text)


def handed_in(page, owner, by, text="Forty workers were asked."):
    work = written(page, owner, by, text)
    return actions.hand_in(page, owner=owner, by=by, edition=work.edition)


def accepted(page, owner, by, trainer):
    return actions.give_feedback(handed_in(page, owner, by), by=trainer, verdict="accepted")


def record_of(page, person):
    return ActivityRecord.objects.get(user=person, activity_key=page.translation_key)


# --- drafts


def test_a_draft_is_kept_and_the_same_save_twice_changes_nothing(page, me, promoter):
    first = actions.save_work(page, owner=me, by=promoter, edition=0, text="One\r\ntwo  ", client="tab", sequence=1)
    assert (first.text, first.edition, first.state) == ("One\ntwo", 1, "draft")
    late = actions.save_work(page, owner=me, by=promoter, edition=0, text="Older", client="tab", sequence=1)
    assert (late.text, late.edition) == ("One\ntwo", 1)
    same = actions.save_work(page, owner=me, by=promoter, edition=1, text="One\ntwo")
    assert same.edition == 1
    assert record_of(page, promoter).completed_at is None


def test_one_tab_follows_itself_and_another_does_not_overwrite_it(page, me, promoter):
    actions.save_work(page, owner=me, by=promoter, edition=0, text="A", client="tab", sequence=1)
    actions.save_work(page, owner=me, by=promoter, edition=0, text="A b", client="tab", sequence=2)
    refused("stale", actions.save_work, page, owner=me, by=promoter, edition=1, text="Other", client="other", sequence=1)
    refused("stale", actions.save_work, page, owner=me, by=promoter, edition=0, text="Other")
    assert Submission.objects.get().text == "A b"


def test_files_come_and_go_one_by_one(page, me, promoter):
    row = actions.add_file(page, owner=me, brought=NOTES, by=promoter)
    assert (row.name, row.size, row.file.read()) == ("notes.txt", 18, b"Ten conversations.")
    assert row.file.name == f"submissions/{row.pk}.txt"
    refused("file", actions.add_file, page, owner=me, brought=NOTES, by=promoter)
    for number in range(2):
        actions.add_file(page, owner=me, brought=Brought("more.txt", "txt", b"%d" % number), by=promoter)
    refused("file", actions.add_file, page, owner=me, brought=Brought("4.txt", "txt", b"4"), by=promoter)
    actions.remove_file(row, by=promoter)
    assert WorkFile.objects.count() == 2


def test_bytes_of_a_file_that_was_never_handed_in_are_gone(page, me, promoter, django_capture_on_commit_callbacks):
    row = actions.add_file(page, owner=me, brought=NOTES, by=promoter)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_file(row, by=promoter)
    assert not row.file.storage.exists(f"submissions/{row.pk}.txt")


def test_what_was_handed_in_keeps_its_file(page, me, promoter, trainer, django_capture_on_commit_callbacks):
    row = actions.add_file(page, owner=me, brought=NOTES, by=promoter)
    version = actions.hand_in(page, owner=me, by=promoter, edition=1)
    actions.give_feedback(version, by=trainer, verdict="to_improve", comment="More")
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_file(row, by=promoter)
    row.refresh_from_db()
    assert (row.in_draft, list(version.files.all())) == (False, [row])
    assert row.file.storage.exists(row.file.name)


def test_files_of_works_are_in_the_backup(page, me, promoter):
    row = actions.add_file(page, owner=me, brought=NOTES, by=promoter)
    assert f"media/{row.file.name}" in dict(media_files())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/notes.txt", "notes.txt"),
        ("C:\\Users\\me\\notes.txt", "notes.txt"),
        ("no\x00\r\ntes.txt", "notes.txt"),
        ("notes.md", "notes.md"),
        ("notes", "notes.txt"),
        ("é" * 300 + ".txt", "é" * 136 + ".txt"),
    ],
)
def test_a_name_is_a_name(given, kept):
    upload = SimpleUploadedFile("x", b"Ten conversations.")
    upload._name = given
    assert taken(upload).name == kept


# --- handing in


def test_what_is_handed_in_is_frozen_with_what_was_asked(module, me, promoter):
    page = make_assignment(module, judged="rubric", words=300)
    version = handed_in(page, me, promoter)
    asked, revision = terms_of(page), page.live_revision_id
    page.judged, page.rubric, page.words, page.again = "pass", [], 20, False
    page.save_revision().publish()
    work = Submission.objects.get()
    assert {**work.terms, "language": ""} == {**asked, "rubrics": {"en": asked["rubric"]}}
    assert [criterion["name"] for criterion in work.terms["rubric"]] == ["The need", "The figures"]
    assert (version.number, version.language, version.is_late) == (1, "en", False)
    assert (work.state, work.revision) == ("handed_in", revision)
    version.text = "Changed"
    with pytest.raises(TypeError):
        version.save()


def test_a_frozen_rubric_is_read_in_the_language_of_its_reader(module, me, promoter):
    page = make_assignment(module, judged="rubric")
    french = translated(page, "fr")
    french.rubric = [("criterion", {**block.value, "name": f"{block.value['name']} (fr)"}) for block in french.rubric]
    french.save_revision().publish()
    handed_in(page, me, promoter)
    terms = Submission.objects.get().terms
    assert [criterion["name"] for criterion in terms_in(terms, "fr")["rubric"]] == ["The need (fr)", "The figures (fr)"]
    assert [criterion["name"] for criterion in terms_in(terms, "en")["rubric"]] == ["The need", "The figures"]
    assert (terms_in(terms, "de")["rubric"], terms_in(terms, "de")["language"]) == (terms["rubric"], "en")
    del french.rubric[1]
    french.save_revision().publish()
    assert list(frozen_terms(page)["rubrics"]) == ["en"]


def test_nothing_is_not_handed_in(page, me, promoter):
    work = written(page, me, promoter, text="  ")
    refused("empty", actions.hand_in, page, owner=me, by=promoter, edition=work.edition)


def test_handing_in_twice_gives_one_version(page, me, promoter):
    handed_in(page, me, promoter)
    refused("handed_in", actions.hand_in, page, owner=me, by=promoter, edition=1)
    assert SubmissionVersion.objects.count() == 1


def test_what_changed_since_it_was_shown_is_shown_again(page, me, promoter):
    work = written(page, me, promoter)
    written(page, me, promoter, text="Another text")
    refused("stale", actions.hand_in, page, owner=me, by=promoter, edition=work.edition)


@pytest.mark.parametrize("state", ["handed_in", "accepted"])
def test_a_save_that_comes_after_is_refused(page, me, promoter, trainer, state):
    version = handed_in(page, me, promoter)
    if state == "accepted":
        actions.give_feedback(version, by=trainer, verdict="accepted")
    refused("closed", actions.save_work, page, owner=me, by=promoter, edition=1, text="Too late")
    refused("closed", actions.add_file, page, owner=me, brought=NOTES, by=promoter)
    assert Submission.objects.get().text == "Forty workers were asked."


# --- dates


def test_days_are_counted_from_the_course_and_end_with_the_day(module, me, promoter):
    page = make_assignment(module, due_days=7)
    assert due_of(page, me).at is None
    enrolment = actions.enrol(make_course(modules=(module,)), user=promoter, by=promoter)
    Enrolment.objects.update(enrolled_at=timezone.now() - timedelta(days=10))
    enrolment.refresh_from_db()
    due = due_of(page, me)
    assert due.at == end_of(timezone.localdate(enrolment.enrolled_at) + timedelta(days=7))
    version = handed_in(page, me, promoter)
    assert (version.is_late, version.due_at, Submission.objects.get().is_late) == (True, due.at, True)


def test_a_day_stands_before_a_number_of_days_and_more_time_before_both(module, me, promoter, trainer):
    page = make_assignment(module, due_on=timezone.localdate() - timedelta(days=1))
    assert due_of(page, me).is_past(timezone.now())
    until = end_of(timezone.localdate() + timedelta(days=3))
    refused("no_reason", actions.extend, page, owner=me, until=until, reason=" ", by=trainer)
    refused("past", actions.extend, page, owner=me, until=timezone.now(), reason="Ill", by=trainer)
    extension = actions.extend(page, owner=me, until=until, reason="Ill", by=trainer)
    assert (due_of(page, me).at, due_of(page, me).extension) == (until, extension)
    assert not handed_in(page, me, promoter).is_late
    assert ModelLogEntry.objects.for_instance(extension).get().data["reason"] == "Ill"


def test_the_date_is_for_the_first_version_unless_staff_say_another(module, me, promoter, trainer):
    page = make_assignment(module, due_on=timezone.localdate() - timedelta(days=1))
    first = handed_in(page, me, promoter)
    actions.give_feedback(first, by=trainer, verdict="to_improve", comment="More")
    second = handed_in(page, me, promoter, "Fifty workers were asked.")
    assert [(version.is_late, version.due_at is None) for version in (first, second)] == [(True, False), (False, True)]
    actions.give_feedback(second, by=trainer, verdict="to_improve", comment="More")
    until = timezone.now() + timedelta(days=2)
    actions.extend(page, owner=me, until=until, reason="In two days we meet", by=trainer)
    assert handed_in(page, me, promoter, "Sixty workers were asked.").due_at == until


# --- answers


def test_accepted_completes_the_course_and_says_so(module, me, promoter, trainer):
    page, course = make_assignment(module), make_course(modules=(module,))
    actions.enrol(course, user=promoter, by=promoter)
    accepted(page, me, promoter, trainer)
    record = record_of(page, promoter)
    assert (record.rule, record.source, record.progress) == (RULE, "auto", 1)
    assert Certificate.objects.filter(holder=promoter).count() == 1
    assert sorted(Message.objects.values_list("cause", flat=True))[1].startswith("courses.feedback:")


def test_to_improve_then_again_makes_a_second_version(page, me, promoter, trainer):
    first = handed_in(page, me, promoter)
    assert record_of(page, promoter).position == HANDED_IN
    refused("no_comment", actions.give_feedback, first, by=trainer, verdict="to_improve")
    actions.give_feedback(first, by=trainer, verdict="to_improve", comment="Ask ten more.")
    assert record_of(page, promoter).position == TO_IMPROVE
    second = handed_in(page, me, promoter, text="Fifty workers were asked.")
    assert (second.number, SubmissionVersion.objects.get(number=1).text) == (2, "Forty workers were asked.")
    refused("old_version", actions.give_feedback, first, by=trainer, verdict="accepted")


def test_two_trainers_answer_once(page, me, promoter, trainer, coordinator):
    version = handed_in(page, me, promoter)
    actions.give_feedback(version, by=trainer, verdict="to_improve", comment="More", seen=0)
    refused("answered", actions.give_feedback, version, by=coordinator, verdict="accepted", seen=0)
    actions.give_feedback(version, by=coordinator, verdict="accepted", seen=1)
    assert Submission.objects.get().state == "accepted"


def test_a_rubric_asks_for_every_level_and_for_the_mark(module, me, promoter, trainer):
    page = make_assignment(module, judged="rubric", pass_mark=60)
    version = handed_in(page, me, promoter)
    refused("marks", actions.give_feedback, version, by=trainer, verdict="accepted", marks={"1": {"level": "2", "comment": ""}})
    refused("below", actions.give_feedback, version, by=trainer, verdict="accepted", marks=THIN)
    actions.give_feedback(version, by=trainer, verdict="to_improve", comment="Prove it", marks=THIN)
    feedback = actions.give_feedback(handed_in(page, me, promoter, "Proved"), by=trainer, verdict="accepted", marks=SOLID)
    assert (feedback.points, feedback.most, feedback.percent) == (10, 10, 100)


def test_work_that_is_handed_in_once_is_accepted_or_not(module, me, promoter, trainer):
    page = make_assignment(module, again=False)
    version = handed_in(page, me, promoter)
    refused("not_now", actions.give_feedback, version, by=trainer, verdict="to_improve", comment="More")
    actions.give_feedback(version, by=trainer, verdict="declined", comment="No")
    refused("closed", actions.save_work, page, owner=me, by=promoter, edition=1, text="Again")
    actions.reopen_work(Submission.objects.get(), reason="Misunderstood", by=trainer)
    assert handed_in(page, me, promoter, "Again").number == 2


def test_what_was_accepted_is_not_answered_again(page, me, promoter, trainer):
    accepted(page, me, promoter, trainer)
    for verdict in ("to_improve", "declined", "accepted"):
        refused("not_now", actions.give_feedback, SubmissionVersion.objects.get(), by=trainer, verdict=verdict, comment="Wait")


def test_opened_again_it_is_no_longer_complete(page, me, promoter, trainer):
    accepted(page, me, promoter, trainer)
    work = Submission.objects.get()
    refused("no_reason", actions.reopen_work, work, reason="", by=trainer)
    actions.reopen_work(work, reason="The wrong file", by=trainer)
    record = record_of(page, promoter)
    assert (record.completed_at, record.reason) == (None, "The wrong file")
    assert Feedback.objects.order_by("given_at").last().verdict == "reopened"
    assert Message.objects.filter(cause__startswith="courses.feedback:").count() == 2
    actions.give_feedback(handed_in(page, me, promoter, "The right one"), by=trainer, verdict="accepted")
    assert record_of(page, promoter).is_complete


def test_colleagues_see_who_reads(page, me, promoter, trainer):
    handed_in(page, me, promoter)
    work = actions.begin_reading(Submission.objects.get(), by=trainer)
    assert (work.state, work.reading_by) == ("reading", trainer)
    refused("not_waiting", actions.begin_reading, work, by=trainer)
    assert actions.stop_reading(work, by=trainer).state == "handed_in"
    refused("not_reading", actions.stop_reading, work, by=trainer)


VERBS = {
    "handed_in": lambda page, owner, work, by: (
        actions.stop_reading(work, by=by) if work.state == "reading" else actions.hand_in(page, owner=owner, by=by, edition=work.edition)
    ),
    "reading": lambda page, owner, work, by: actions.begin_reading(work, by=by),
    "to_improve": lambda page, owner, work, by: (
        actions.reopen_work(work, reason="A mistake", by=by)
        if work.state in ("accepted", "declined")
        else actions.give_feedback(work.versions.last(), by=by, verdict="to_improve", comment="More")
    ),
    "accepted": lambda page, owner, work, by: actions.give_feedback(work.versions.last(), by=by, verdict="accepted"),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", Submission.State.values)
def test_no_verb_leaves_the_machine(page, me, promoter, trainer, state, verb):
    handed_in(page, me, promoter)
    now = timezone.now()
    dates = {"handed_in_at": None if state == "draft" else now, "reading_at": now if state == "reading" else None}
    answered_at = now if state in ("to_improve", "declined", "accepted") else None
    Submission.objects.update(state=state, answered_at=answered_at, **dates)
    work = Submission.objects.get()
    allowed = Submission.State(verb) in Submission.ALLOWED_MOVES[Submission.State(state)]
    try:
        VERBS[verb](page, me, work, trainer)
        done = True
    except RuleViolation:
        done = False
    assert done == allowed
    assert Submission.objects.get().state == (verb if allowed else state)


# --- groups


@pytest.fixture
def project(promoter, other_promoter):
    project = make.ProjectFactory(name="Oficio")
    make.ProjectMemberFactory(project=project, person=promoter)
    make.ProjectMemberFactory(project=project, person=other_promoter, role="member")
    return project


@pytest.fixture
def ours(project, promoter):
    return Owner(group=groups_of(promoter)[0])


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
    assert len(page.uses()) == 1
    translated(page, "fr")
    assert page.uses() == []


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

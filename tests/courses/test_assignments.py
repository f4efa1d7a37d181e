"""Work that is handed in: drafts, versions, dates, answers; and what nobody may do to it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from academy.backup import media_files
from academy.models import Message
from academy.rules import RuleViolation
from courses import actions
from courses.actions.feedback import RULE
from courses.due import due_of, end_of
from courses.models import Certificate, Enrolment, Feedback, Submission, SubmissionVersion, WorkFile
from courses.progress import HANDED_IN, TO_IMPROVE
from courses.terms import frozen_terms, terms_in, terms_of
from courses.uploads import Brought, taken
from tests.courses.works import NOTES, SOLID, THIN, accepted, handed_in, record_of, refused, written
from tests.factories.courses import (
    make_assignment,
    make_course,
    translated,
)

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize(
    ("name", "content"), [("plan.xyz", b"words"), ("film.mp4", b"\0\1\2\3" * 50), ("works.zip", b"PK\5\6" + bytes(18))]
)
def test_a_file_that_is_not_taken_is_told_what_an_assignment_takes(name, content):
    with translation.override("en"), pytest.raises(RuleViolation) as refused:
        taken(SimpleUploadedFile(name, content))
    assert str(refused.value) == (
        f"{name} is not taken: hand in documents, tables, slides, PDF, pictures or plain text, one by one and not in a zip."
    )


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

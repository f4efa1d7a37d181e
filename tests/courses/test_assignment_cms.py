"""Assignments in the CMS: how one is written, the queue, and answering a work."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from academy.models import Message
from courses import actions
from courses.groups import Owner, groups_of
from courses.models import ActivityRecord, AssignmentPage, Extension, Feedback, Submission
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.courses import SubmissionFactory, SubmissionVersionFactory, make_assignment, make_course, make_module

pytestmark = pytest.mark.django_db
QUEUE, ALL = "work-to-read:index", "submissions:index"


@pytest.fixture
def page():
    return make_assignment(make_module("The need"), judged="rubric")


def handed_in(page, owner, by, text="Forty workers were asked."):
    edition = Submission.objects.filter(activity_key=page.translation_key, **owner.fields).values_list("edition", flat=True).first() or 0
    work = actions.save_work(page, owner=owner, by=by, edition=edition, text=text)
    return actions.hand_in(page, owner=owner, by=by, edition=work.edition)


@pytest.fixture
def version(page, promoter):
    return handed_in(page, Owner(person=promoter), promoter)


def at(work, verb=""):
    return reverse("courses_cms_work_verb", args=[work.pk, verb]) if verb else reverse("courses_cms_work", args=[work.pk])


def filled(verdict="accepted", level="2", **more):
    return {
        "verdict": verdict,
        "level-1": level,
        "level-2": level,
        "note-1": "Well asked",
        "note-2": "",
        "comment": "",
        "seen": "0",
        **more,
    }


# --- writing


def level(number, name, points):
    return {"type": "", "deleted": "", "order": str(number), "id": "", "value": {"name": name, "text": "As it is", "points": points}}


def written(**fields):
    levels = {"count": "2", "0": level(0, "Thin", "1"), "1": level(1, "Solid", "5")}
    plain = {"title": "Talk to ten people", "slug": "talk", "summary": "", "most_files": "3", "words": "", "belongs_to": "project", "due_days": "",
             "due_on": "", "answer_days": "10", "judged": "rubric", "pass_mark": "60", "minutes": "60", "required": "on", "takes_text": "on",
             "again": "on"}  # fmt: skip
    plain |= fields
    criterion = {"name": "The need", "help": "", "levels": levels}
    body = streamfield([("text", rich_text("<p>Talk.</p>"))])
    data = {
        **{name: value for name, value in plain.items() if value is not None},
        "body": body,
        "rubric": streamfield([("criterion", criterion)]),
    }
    return nested_form_data({**data, "action-publish": "1"})


@pytest.mark.parametrize(
    ("fields", "saved"),
    [
        ({}, True),
        ({"takes_text": None}, False),
        ({"due_days": "7", "due_on": "2030-01-01"}, False),
        ({"due_days": "7"}, True),
        ({"most_files": "11"}, False),
    ],
)
def test_an_assignment_is_written_in_the_cms(client_for, trainer, fields, saved):
    module = make_module()
    client, address = client_for(trainer), reverse("wagtailadmin_pages:add", args=["courses", "assignmentpage", module.pk])
    assert client.get(address).status_code == 200
    client.post(address, written(**fields))
    assert AssignmentPage.objects.child_of(module).exists() == saved


def test_its_preview_shows_what_is_asked(page):
    html = page.make_preview_request().rendered_content
    assert "The need" in html
    assert "<textarea" not in html


# --- the queue


@pytest.mark.parametrize("name", [QUEUE, ALL])
@pytest.mark.parametrize(("who", "allowed"), [("trainer", True), ("coordinator", True), ("reviewer", False), ("promoter", False)])
def test_who_lists_works(request, client_for, name, who, allowed):
    SubmissionVersionFactory()
    assert (client_for(request.getfixturevalue(who)).get(reverse(name)).status_code == 200) == allowed


@pytest.mark.parametrize("name", [QUEUE, ALL])
def test_a_listing_costs_the_same_for_one_work_and_three(client_for, coordinator, name):
    client = client_for(coordinator)

    def cost():
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(name))
        return len(captured)

    def add():
        SubmissionFactory(waiting=True)
        SubmissionFactory(waiting=True, user=None, group_key=str(make.ProjectFactory().pk))

    add()
    one = cost()
    add()
    add()
    assert cost() == one


def test_who_waits_longest_comes_first_and_nobodys_own_is_there(client_for, trainer, page):
    now = timezone.now()
    project = make.ProjectFactory(name="Oficio")
    make.ProjectMemberFactory(project=project, person=UserFactory())
    own = make.ProjectFactory(name="Ours")
    make.ProjectMemberFactory(project=own, person=trainer)
    SubmissionFactory(waiting=True, user=UserFactory(name="Nora New"))
    SubmissionFactory(state="handed_in", handed_in_at=now - timedelta(days=2), user=None, group_key=str(project.pk))
    SubmissionFactory(waiting=True, user=trainer)
    SubmissionFactory(waiting=True, user=None, group_key=str(own.pk))
    html = client_for(trainer).get(reverse(QUEUE)).content.decode()
    assert html.index("Oficio") < html.index("Nora New")
    assert "Ours" not in html
    assert reverse("courses_cms_work", args=[Submission.objects.get(user=trainer).pk]) not in html
    assert reverse(QUEUE) in client_for(trainer).get("/cms/").content.decode()


def test_the_queue_is_filtered(client_for, trainer, page, version, promoter, other_promoter):
    client, second = client_for(trainer), make_assignment(make_module("Second"))
    course = make_course("Its course", (page.get_parent().specific,))
    handed_in(second, Owner(person=other_promoter), other_promoter)
    Submission.objects.filter(user=other_promoter).update(is_late=True)
    actions.begin_reading(Submission.objects.get(user=promoter), by=trainer)
    own, other = at(Submission.objects.get(user=promoter)), at(Submission.objects.get(user=other_promoter))
    for query, found in (
        ({}, (True, True)),
        ({"assignment": page.translation_key}, (True, False)),
        ({"course": course.translation_key}, (True, False)),
        ({"is_late": "True"}, (False, True)),
        ({"mine": "me"}, (True, False)),
        ({"mine": "nobody"}, (False, True)),
    ):
        html = client.get(reverse(QUEUE), query).content.decode()
        assert (own in html, other in html) == found, query


# --- answering


def test_a_work_is_read_beside_its_rubric_and_answered(client_for, trainer, promoter, page, version):
    client, work = client_for(trainer), version.submission
    html = client.get(at(work)).content.decode()
    for words in ("Forty workers were asked.", "The need", "It proves.", "The figures"):
        assert words in html
    sent = SimpleUploadedFile("notes.pdf.txt", b"Read page two.")
    assert client.post(at(work, "answer"), {**filled(), "files": [sent]}).status_code == 302
    feedback = Feedback.objects.get()
    assert (feedback.verdict, feedback.points, feedback.marks["1"]) == ("accepted", 10, {"level": "2", "comment": "Well asked"})
    assert [file.name for file in feedback.files.all()] == ["notes.pdf.txt"]
    assert ActivityRecord.objects.get(user=promoter).is_complete
    html = client.get(at(work)).content.decode()
    assert "notes.pdf.txt" in html
    assert 'name="verdict"' not in html


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        (filled(level="1"), None),
        (filled(verdict="to_improve", level=""), None),
        (filled(verdict="to_improve", comment="More", seen="7"), None),
        (filled(verdict="declined", comment="No"), None),
        (filled(verdict="to_improve", comment="More"), SimpleUploadedFile("a.html", b"<html><body>x</body></html>")),
    ],
)
def test_a_refused_answer_keeps_what_was_typed(client_for, trainer, version, form, sent):
    response = client_for(trainer).post(at(version.submission, "answer"), {**form, **({"files": [sent]} if sent else {})})
    html = response.content.decode()
    assert response.status_code == 200
    assert "error-message" in html
    assert "Well asked</textarea>" in html
    assert not Feedback.objects.exists()
    assert Submission.objects.get().state == "handed_in"


def test_send_and_open_the_next_one(client_for, trainer, page, version, other_promoter):
    following = handed_in(page, Owner(person=other_promoter), other_promoter).submission
    response = client_for(trainer).post(at(version.submission, "answer"), {**filled(), "next": "1"})
    assert response["Location"] == at(following)


def test_nobody_answers_their_own_or_their_projects(client_for, trainer, page):
    own = handed_in(page, Owner(person=trainer), trainer).submission
    project = make.ProjectFactory()
    make.ProjectMemberFactory(project=project, person=trainer, role="viewer")
    other = UserFactory()
    make.ProjectMemberFactory(project=project, person=other)
    shared = handed_in(make_assignment(make_module(), belongs_to="project"), Owner(group=groups_of(other)[0]), other).submission
    for work in (own, shared):
        html = client_for(trainer).get(at(work)).content.decode()
        assert 'name="verdict"' not in html
        for verb in ("answer", "read", "extend", "reopen"):
            assert client_for(trainer).post(at(work, verb), filled()).status_code == 404
    assert not Feedback.objects.exists()


def test_what_changed_is_shown_and_any_two_versions_are_compared(client_for, trainer, promoter, page, version):
    owner = Owner(person=promoter)
    for text in ("Fifty workers were asked.", "Sixty workers were asked."):
        actions.give_feedback(version.submission.versions.last(), by=trainer, verdict="to_improve", comment="More")
        handed_in(page, owner, promoter, text)
    html = client_for(trainer).get(at(version.submission)).content.decode()
    assert "<del>Fifty </del><ins>Sixty </ins>" in html
    html = client_for(trainer).get(at(version.submission), {"from": "1", "to": "3"}).content.decode()
    assert "<del>Forty </del><ins>Sixty </ins>" in html
    assert client_for(trainer).get(at(version.submission), {"from": "9", "to": "²"}).status_code == 200


def test_a_draft_is_nobodys_to_read(client_for, trainer, promoter, page):
    work = actions.save_work(page, owner=Owner(person=promoter), by=promoter, edition=0, text="Not for you yet")
    assert "Not for you yet" not in client_for(trainer).get(at(work)).content.decode()
    assert client_for(trainer).post(at(work, "answer"), filled()).status_code == 404


def test_taking_a_work_more_time_and_opening_it_again(client_for, trainer, version, page):
    client, work = client_for(trainer), version.submission
    client.post(at(work, "read"))
    assert Submission.objects.get().reading_by == trainer
    client.post(at(work, "leave"))
    until = timezone.localdate() + timedelta(days=5)
    assert client.post(at(work, "extend"), {"until": until, "reason": ""}).status_code == 200
    client.post(at(work, "extend"), {"until": until, "reason": "Ill"})
    assert Extension.objects.get().reason == "Ill"
    client.post(at(work, "answer"), filled())
    client.post(at(work, "reopen"), {"reason": "The wrong file"})
    assert Submission.objects.get().state == "to_improve"
    actions_done = set(ModelLogEntry.objects.for_instance(work).values_list("action", flat=True))
    assert {
        "courses.begin_reading",
        "courses.stop_reading",
        "courses.extend",
        "courses.give_feedback",
        "courses.reopen_work",
    } <= actions_done


def test_the_record_of_a_person_leads_to_the_work(client_for, trainer, promoter, page, version):
    client, record = client_for(trainer), ActivityRecord.objects.get(user=promoter)
    door = reverse("courses_cms_record", args=[record.pk])
    assert at(version.submission) in client.get(door).content.decode()
    client.post(
        reverse("courses_cms_record_verb", args=[record.pk, "extend"]), {"until": timezone.localdate() + timedelta(days=2), "reason": "Ill"}
    )
    assert Extension.objects.get().user == promoter
    client.post(at(version.submission, "answer"), filled())
    assert client.post(reverse("courses_cms_record_verb", args=[record.pk, "reopen"]), {"reason": "x"}).status_code == 404


def test_the_page_of_a_work_costs_the_same_for_one_version_and_three(client_for, trainer, promoter, page, version):
    client, owner = client_for(trainer), Owner(person=promoter)

    def cost():
        client.get(at(version.submission))
        with CaptureQueriesContext(connection) as captured:
            client.get(at(version.submission))
        return len(captured)

    def again(text):
        actions.give_feedback(version.submission.versions.last(), by=trainer, verdict="to_improve", comment="More")
        handed_in(page, owner, promoter, text)

    again("Two")
    two = cost()
    again("Three")
    again("Four")
    assert cost() == two


def test_an_answer_shows_its_letter_first_and_judges_nothing(client_for, trainer, promoter, version):
    client, work = client_for(trainer), version.submission
    assert 'formtarget="_blank"' in client.get(at(work)).content.decode()
    shown = client.post(at(work, "answer"), filled(look_at_mails="1", next="1"))
    assert [letter.to for letter in shown.context["letters"]] == [promoter]
    assert (Feedback.objects.count(), Message.objects.filter(cause__startswith="courses.feedback").count()) == (0, 0)
    client.post(at(work, "answer"), filled())
    assert Feedback.objects.count() == 1


def test_feedback_says_to_which_pillar_a_criterion_belongs(client_for, trainer, promoter, page):
    """What was handed in before a criterion said so keeps its terms, and says none."""
    before = handed_in(page, Owner(person=promoter), promoter)
    page.rubric[0].value["pillar"] = "business"
    page.save_revision().publish()
    other = UserFactory()
    after = handed_in(page, Owner(person=other), other)
    assert [[one["pillar"] for one in row.submission.terms["rubric"]] for row in (before, after)] == [["", ""], ["business", ""]]
    shown = 'data-pillar="business"'
    assert [shown in client_for(trainer).get(at(row.submission)).content.decode() for row in (before, after)] == [False, True]
    client_for(trainer).post(at(after.submission, "answer"), filled())
    assert shown in client_for(other).get(page.url).content.decode()

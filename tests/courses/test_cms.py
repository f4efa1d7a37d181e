"""Learning in the CMS: who reads the records, what staff may do to them, and how a course is written."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry, Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from courses import actions
from courses.choosers import ModuleKeyChooser
from courses.models import Certificate, CoursePage, QuizPage
from tests.factories.courses import (
    ActivityRecordFactory,
    CertificateFactory,
    EnrolmentFactory,
    QuizAttemptFactory,
    make_course,
    make_lesson,
    make_module,
    make_quiz,
    translated,
)

pytestmark = pytest.mark.django_db
LISTINGS = {
    "enrolments": EnrolmentFactory,
    "activity-records": ActivityRecordFactory,
    "quiz-attempts": QuizAttemptFactory,
    "certificates": CertificateFactory,
}


@pytest.mark.parametrize("name", LISTINGS)
@pytest.mark.parametrize(("who", "allowed"), [("trainer", True), ("coordinator", True), ("reviewer", False), ("promoter", False)])
def test_who_lists_records(request, client_for, name, who, allowed):
    LISTINGS[name]()
    response = client_for(request.getfixturevalue(who)).get(reverse(f"{name}:index"))
    assert (response.status_code == 200) == allowed


@pytest.mark.parametrize("name", LISTINGS)
def test_a_listing_costs_the_same_for_one_row_and_three(client_for, coordinator, name):
    client, url = client_for(coordinator), reverse(f"{name}:index")
    LISTINGS[name]()
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    LISTINGS[name](), LISTINGS[name]()
    with CaptureQueriesContext(connection) as three:
        client.get(url)
    assert len(one) == len(three)


@pytest.fixture
def record(promoter):
    return actions.complete_activity(make_lesson(make_module()), by=promoter)


def verb(name, row, verb):
    return reverse(f"courses_cms_{name}_verb", args=[row.pk, verb])


@pytest.mark.parametrize(("who", "status"), [("trainer", 200), ("coordinator", 200), ("reviewer", 302), ("promoter", 302)])
def test_who_opens_a_record(request, client_for, record, who, status):
    certificate = CertificateFactory()
    client = client_for(request.getfixturevalue(who))
    assert client.get(reverse("courses_cms_record", args=[record.pk])).status_code == status
    assert client.get(reverse("courses_cms_certificate", args=[certificate.pk])).status_code == status


def test_staff_reopen_and_complete_with_a_reason(client_for, trainer, record):
    client = client_for(trainer)
    assert client.post(verb("record", record, "reopen"), {"reason": ""}).status_code == 200
    assert client.post(verb("record", record, "reopen"), {"reason": "By mistake"}).status_code == 302
    record.refresh_from_db()
    assert record.completed_at is None
    client.post(verb("record", record, "complete"), {"reason": "Done on paper"})
    record.refresh_from_db()
    assert (record.source, record.reason) == ("staff", "Done on paper")
    assert ModelLogEntry.objects.filter(user=trainer).count() == 2


def test_nobody_corrects_their_own_record(client_for, trainer):
    record = actions.complete_activity(make_lesson(make_module()), by=trainer)
    assert client_for(trainer).post(verb("record", record, "reopen"), {"reason": "For myself"}).status_code == 404


def test_a_verb_that_the_row_does_not_have_is_not_found(client_for, trainer, record):
    for name in ("attempt", "complete", "nonsense"):
        assert client_for(trainer).post(verb("record", record, name), {"reason": "x"}).status_code == 404


@pytest.mark.parametrize(("who", "revoked"), [("coordinator", True), ("trainer", False), ("reviewer", False)])
def test_who_revokes_a_certificate(request, client_for, who, revoked):
    certificate = CertificateFactory()
    client_for(request.getfixturevalue(who)).post(verb("certificate", certificate, "revoke"), {"reason": "Not earned"})
    assert Certificate.objects.filter(revoked_at__isnull=False).exists() == revoked


# --- writing


def test_the_module_chooser_keeps_the_key_of_the_page_chosen():
    module = make_module("Chosen")
    french = translated(module, "fr", title="Choisi")
    widget = ModuleKeyChooser()
    assert widget.value_from_datadict({"m": str(module.pk)}, {}, "m") == module.translation_key
    assert widget.value_from_datadict({"m": ""}, {}, "m") is None
    assert widget.get_instance(module.translation_key).pk == french.pk
    assert widget.get_value_data("nonsense") is None


def test_a_course_is_written_in_the_cms(client_for, trainer):
    module, parent = make_module("Placed"), make_course().get_parent()
    address = reverse("wagtailadmin_pages:add", args=["courses", "coursepage", parent.pk])
    client = client_for(trainer)
    assert client.get(address).status_code == 200
    data = nested_form_data(
        {
            "title": "Written", "slug": "written", "summary": "", "audience": "academy", "enrolment": "open", "gives_certificate": "on",
            "body": streamfield([]), "certificate_statement": "",
            "placements": inline_formset([{"module_key": module.pk, "required": "on", "opens_on": "", "ORDER": 1}]),
            "action-publish": "1",
        }
    )  # fmt: skip
    response = client.post(address, data)
    assert response.status_code == 302, response.context["form"].errors
    course = CoursePage.objects.get(slug="written")
    assert [(p.module_key, p.required) for p in course.placements.all()] == [(module.translation_key, True)]
    edit = client.get(reverse("wagtailadmin_pages:edit", args=[course.pk])).content.decode()
    assert "Placed" in edit
    assert "Written" in client.get(reverse("wagtailadmin_pages:edit", args=[module.pk])).content.decode()


def quiz_form(answers):
    written = {
        str(number): {
            "type": "",
            "deleted": "",
            "order": str(number),
            "id": "",
            "value": {"text": text, "feedback": "", **({"correct": "on"} if right else {})},
        }
        for number, (text, right) in enumerate(answers)
    }
    picture = {"image": "", "alt_text": ""}
    given = {"count": str(len(answers)), **written}
    question = {"prompt": rich_text("<p>Why?</p>"), "image": picture, "feedback": rich_text(""), "answers": given}
    fields = {"title": "Quiz", "slug": "quiz", "summary": "", "pass_mark": "70", "attempts_allowed": "", "minutes": "", "required": "on"}
    rules = {"wait": "", "time_limit": "", "grading": "best", "reveal": "end"}
    return nested_form_data(
        {**fields, **rules, "bands": streamfield([]), "questions": streamfield([("single", question)]), "action-publish": "1"}
    )


@pytest.mark.parametrize(
    ("answers", "saved"),
    [
        ([("yes", True), ("no", False)], True),
        ([("yes", True)], False),
        ([("yes", True), ("also", True)], False),
        ([("no", False), ("never", False)], False),
    ],
)
def test_a_published_question_can_be_answered(client_for, trainer, answers, saved):
    module = make_module()
    client_for(trainer).post(reverse("wagtailadmin_pages:add", args=["courses", "quizpage", module.pk]), quiz_form(answers))
    assert QuizPage.objects.child_of(module).exists() == saved


def test_a_module_in_use_is_not_deleted(client_for, coordinator):
    module = make_module("Used")
    course = make_course("Its course", (module,))
    client, address = client_for(coordinator), reverse("wagtailadmin_pages:delete", args=[module.pk])
    response = client.post(address, follow=True)
    assert Page.objects.filter(pk=module.pk).exists()
    assert "Its course" in response.content.decode()
    course.placements.all().delete()
    client.post(address)
    assert not Page.objects.filter(pk=module.pk).exists()


def test_previews_of_drafts_show_what_is_written():
    module = make_module()
    quiz = make_quiz(module)
    assert "Several?" in quiz.make_preview_request().rendered_content
    course = make_course(modules=(module,))
    assert module.title in course.make_preview_request().rendered_content

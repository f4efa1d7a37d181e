"""Acting on people chosen in the matrix: a letter, and an activity completed, excused or opened again, each with its reason."""

from uuid import uuid4

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import translation
from wagtail.models import ModelLogEntry, PageLogEntry

from academy.models import Message
from academy.rules import RuleViolation
from courses import actions
from courses.models import ActivityRecord, Enrolment
from tests.factories.academy import UserFactory
from tests.factories.courses import make_course, make_lesson, make_module

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    translation.activate("en")


@pytest.fixture
def lesson(db):
    return make_lesson(make_module("Money"), "The account")


@pytest.fixture
def course(lesson):
    return make_course("Money and law", (lesson.get_parent().specific,))


@pytest.fixture
def people(course):
    found = [UserFactory(name=name, language=language) for name, language in (("Anna", "en"), ("Benoît", "fr"), ("Carl", "en"))]
    for person in found:
        Enrolment.objects.create(user=person, course_key=course.translation_key)
    return found


@pytest.fixture
def post(client_for, trainer, course):
    client = client_for(trainer)
    client.cookies["django_language"] = "en"

    def send(verb, people=(), **more):
        return client.post(
            reverse("courses_cms_act", args=[course.translation_key]),
            {"verb": verb, "person": [person.pk for person in people], **more},
            follow=True,
        )

    return send


def words(answer):
    return answer.content.decode()


def letter(**more):
    return {"subject": "How are you?", "text": "We miss you.\nCome back.", "letter": str(uuid4()), **more}


# --- letters


def test_letter_is_seen_first_then_sent_once(post, people, course, trainer, django_capture_on_commit_callbacks):
    anna, benoit, carl = people
    assert "See it first" in words(post("write", [anna, benoit]))
    said = letter()
    shown = words(post("write", [anna, benoit], step="preview", **said))
    assert "Send to 2 people" in shown
    assert "We miss you.<br>Come back." in shown
    assert not Message.objects.exists()
    assert "How are you?" in words(post("write", [anna, benoit], step="change", **said))
    with django_capture_on_commit_callbacks(execute=True):
        assert "The letter goes to 2 people." in words(post("write", [anna, benoit], step="send", **said))
        assert "nothing was sent again" in words(post("write", [anna, benoit], step="send", **said))
    assert sorted((one.to, one.reply_to, one.cause) for one in map(as_sent, Message.objects.all())) == [
        (person.email, trainer.email, f"courses.letter:{said['letter']}") for person in sorted((anna, benoit), key=lambda p: p.email)
    ]
    assert {tuple(one.to) for one in mail.outbox} == {(anna.email,), (benoit.email,)}
    assert {tuple(one.reply_to) for one in mail.outbox} == {(trainer.email,)}
    french = Message.objects.get(to=benoit)
    assert french.language == "fr"
    assert "We miss you.\nCome back." in french.body_text
    entry = PageLogEntry.objects.get(action="courses.write")
    assert (entry.user, entry.data["people"]) == (trainer, [anna.pk, benoit.pk])
    assert not Message.objects.filter(to=carl).exists()


class as_sent:
    def __init__(self, message):
        self.to, self.reply_to, self.cause = message.address, message.reply_to, message.cause


def test_letter_to_everybody_in_the_list_keeps_to_its_filter(post, people, course):
    post("write", everybody="1", query="q=anna", step="send", **letter())
    assert list(Message.objects.values_list("to", flat=True)) == [people[0].pk]
    post("write", everybody="1", step="send", **letter())
    assert Message.objects.count() == 4


def test_letter_is_one_line_of_subject_and_no_html(post, people):
    post("write", people[:1], step="send", **letter(subject="Hello\nBcc: x@y.z", text="<b>bold</b> & {{ x }}"))
    message = Message.objects.get()
    assert message.subject == "Hello Bcc: x@y.z"
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; {{ x }}" in message.body_html
    assert "<b>bold</b> & {{ x }}" in message.body_text


@pytest.mark.parametrize("wrong", [{"subject": ""}, {"text": " "}, {"letter": "x"}])
def test_letter_that_is_not_whole_is_kept_and_not_sent(post, people, wrong):
    shown = words(post("write", people, step="send", **letter(**wrong)))
    assert not Message.objects.exists()
    assert "See it first" in shown
    assert any(text in shown for text in ("How are you?", "We miss you."))


def test_nobody_outside_the_course_is_written_to(post, people):
    stranger = UserFactory()
    assert "Choose the people first" in words(post("write", [stranger], step="send", **letter()))
    assert "Choose the people first" in words(post("write", person="x,-1,99999999999999999999999"))
    assert not Message.objects.exists()


def test_empty_letter_is_refused(course, people, trainer):
    with pytest.raises(RuleViolation):
        actions.write_to_learners(course, people=people, subject=" ", text="x", letter=uuid4(), by=trainer)


# --- one activity


def test_excuse_some_says_who_was_refused_and_why(post, people, lesson, course, trainer):
    anna, benoit, carl = people
    actions.complete_activity(lesson, by=anna)
    Enrolment.objects.create(user=trainer, course_key=course.translation_key)
    shown = words(post("excuse", [anna, benoit, carl, trainer], step="do", activity=str(lesson.translation_key), reason="Ill"))
    assert "Done for 2 people." in shown
    assert "Not done for Anna: This is complete already." in shown
    assert "Not done for Tom Trainer: Nobody corrects their own record." in shown
    assert set(ActivityRecord.objects.filter(rule="excused").values_list("user", "reason")) == {(benoit.pk, "Ill"), (carl.pk, "Ill")}
    assert ModelLogEntry.objects.filter(action="courses.excuse", user=trainer).count() == 2


def test_form_says_what_it_does(post, people):
    shown = words(post("excuse", people))
    assert 'name="step" value="do"' in shown
    assert "See it first" not in shown
    assert "Excuse them from an activity</button>" in shown


def test_complete_then_open_again(post, people, lesson):
    said = {"step": "do", "activity": str(lesson.translation_key), "reason": "On paper"}
    post("complete", people[:2], **said)
    assert set(ActivityRecord.objects.values_list("source", "rule")) == {("staff", "staff")}
    shown = words(post("reopen", people, **said))
    assert "Done for 2 people." in shown
    assert "Not done for Carl: This activity is not complete." in shown
    assert not ActivityRecord.objects.filter(completed_at__isnull=False).exists()


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"activity": ""}, {"activity": "8b1c1f2e-0000-4000-8000-000000000000"}])
def test_without_a_reason_or_an_activity_nothing_is_done(post, people, lesson, wrong):
    said = {"activity": str(lesson.translation_key), "reason": "On paper", **wrong}
    answer = post("complete", people, step="do", **said)
    assert answer.status_code == 200
    assert not ActivityRecord.objects.exists()


def test_what_is_no_verb_is_not_found(post, people):
    assert post("erase", people).status_code == 404

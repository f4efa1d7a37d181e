"""What a learner, a stranger and a visitor get at every address of learning."""

import shutil
import subprocess
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import PageViewRestriction

from courses import actions, certificates
from courses.models import ActivityRecord, Certificate, Enrolment, QuizAttempt
from tests.factories.courses import (
    CertificateFactory,
    make_assignment,
    make_course,
    make_lesson,
    make_module,
    make_quiz,
    right_answers,
    translated,
)

pytestmark = pytest.mark.django_db


def address(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


@pytest.fixture
def module():
    return make_module("The model")


@pytest.fixture
def lesson(module):
    return make_lesson(module, "What Smart is", body=[{"type": "text", "value": "<p>Words.</p>"}])


@pytest.fixture
def quiz(module, lesson):
    return make_quiz(module, "Check yourself")


@pytest.fixture
def course(module, quiz):
    return make_course("The programme", (module,))


@pytest.fixture
def learner(client_for, promoter):
    return client_for(promoter)


def answers(attempt, chosen=None):
    chosen = right_answers(attempt.questions) if chosen is None else chosen
    return {f"q-{question}": ids for question, ids in chosen.items()}


# --- reading


def test_a_visitor_reads_everything_and_is_told_how_to_keep_it(visitor_client, course, lesson):
    for page in (course, lesson, lesson.get_parent(), course.get_parent(), lesson.get_parent().get_parent()):
        assert visitor_client.get(page.url).status_code == 200
    html = visitor_client.get(lesson.url).content.decode()
    assert "Words." in html
    assert "Sign in to keep your progress" in html
    assert "I have read this" not in html


def test_a_reserved_module_shows_nothing_of_itself(learner, visitor_client, module, lesson, quiz, course):
    restriction = PageViewRestriction.objects.create(page=module, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.add(Group.objects.get(name="Trainers"))
    for client in (learner, visitor_client):
        for page in (module, lesson, quiz):
            assert client.get(page.url).status_code != 200
        html = client.get(course.url).content.decode()
        assert "The model" not in html
        assert "What Smart is" not in html
        assert "A reserved module" in html
        assert "The model" not in client.get(module.get_parent().url).content.decode()
    key = lesson.translation_key
    assert learner.post(address("courses_complete", key)).status_code == 404
    assert learner.post(address("courses_progress", key), {"client": "a", "sequence": 1}).status_code == 404
    assert learner.post(address("courses_attempt_start", quiz.translation_key)).status_code == 404
    assert not ActivityRecord.objects.exists()


def test_reading_writes_nothing(learner, lesson):
    learner.get(lesson.url)
    assert not ActivityRecord.objects.exists()


def test_a_draft_is_no_activity(learner, lesson):
    lesson.unpublish()
    assert learner.post(address("courses_complete", lesson.translation_key)).status_code == 404


# --- the whole way through a course, without script


def test_the_way_through_a_course(learner, promoter, course, lesson, quiz):
    html = learner.get(course.url).content.decode()
    assert "Follow this course" in html
    learner.post(address("courses_enrol", course.translation_key))
    assert "Begin" in learner.get(course.url).content.decode()

    context = {"course": str(course.translation_key)}
    response = learner.post(address("courses_complete", lesson.translation_key), context)
    assert response.headers["Location"] == f"{quiz.url}?course={course.translation_key}"

    response = learner.post(address("courses_attempt_start", quiz.translation_key), context, follow=True)
    assert response.status_code == 200
    attempt = QuizAttempt.objects.get()
    response = learner.post(address("courses_attempt_submit", quiz.translation_key, 1), {**answers(attempt), **context}, follow=True)
    assert "Passed with 100" in response.content.decode()
    assert "because of One?" in response.content.decode()

    html = learner.get(course.url).content.decode()
    certificate = Certificate.objects.get(holder=promoter)
    assert address("courses_certificate", certificate.pk) in html
    assert certificate.content["en"]["about"] in learner.get(address("courses_my_certificates")).content.decode()


def test_completing_from_inside_a_course_follows_it(learner, promoter, course, lesson):
    learner.post(address("courses_complete", lesson.translation_key), {"course": str(course.translation_key)})
    assert Enrolment.objects.get().course_key == course.translation_key


@pytest.mark.parametrize("nonsense", ["", "abc", "6f1b7c1e-2d0a-4f0e-9a53-0c1d2e3f4a5b", "'; drop"])
def test_a_course_that_does_not_exist_is_no_context(learner, lesson, nonsense):
    assert learner.get(lesson.url, {"course": nonsense}).status_code == 200
    assert learner.post(address("courses_complete", lesson.translation_key), {"course": nonsense}).status_code == 302
    assert not Enrolment.objects.exists()


def test_open_questions_are_asked_about_once(learner, quiz):
    learner.post(address("courses_attempt_start", quiz.translation_key))
    attempt = QuizAttempt.objects.get()
    first = attempt.questions[0]["id"]
    given = {f"q-{first}": right_answers(attempt.questions)[first]}
    submit = address("courses_attempt_submit", quiz.translation_key, 1)
    response = learner.post(submit, given, follow=True)
    assert "Some questions have no answer yet" in response.content.decode()
    attempt.refresh_from_db()
    assert (attempt.is_open, list(attempt.answers)) == (True, [first])
    learner.post(submit, {**given, "anyway": "1"})
    attempt.refresh_from_db()
    assert (attempt.state, attempt.score) == ("submitted", 0.5)


@pytest.mark.parametrize(("allowed", "told"), [(None, False), (1, True)])
def test_right_answers_are_told_to_who_cannot_try_again(learner, module, allowed, told):
    quiz = make_quiz(module, attempts_allowed=allowed)
    learner.post(address("courses_attempt_start", quiz.translation_key))
    response = learner.post(address("courses_attempt_submit", quiz.translation_key, 1), {"anyway": "1"}, follow=True)
    assert ("(right answer)" in response.content.decode()) == told


def test_an_open_attempt_does_not_tell_what_is_right(learner, quiz):
    response = learner.post(address("courses_attempt_start", quiz.translation_key), follow=True)
    html = response.content.decode()
    assert "because of" not in html
    assert "about yes" not in html
    assert "orrect" not in html


def test_foreign_answers_are_refused_politely(learner, quiz):
    learner.post(address("courses_attempt_start", quiz.translation_key))
    save = address("courses_attempt_save", quiz.translation_key, 1)
    assert learner.post(save, {f"q-{uuid4()}": "x"}, headers={"accept": "application/json"}).status_code == 409
    assert learner.post(save, {f"q-{uuid4()}": "x"}).status_code == 302


def test_autosave_answers_in_json(learner, quiz):
    learner.post(address("courses_attempt_start", quiz.translation_key))
    attempt = QuizAttempt.objects.get()
    save = address("courses_attempt_save", quiz.translation_key, 1)
    response = learner.post(save, {**answers(attempt), "client": "tab", "sequence": "1"}, headers={"accept": "application/json"})
    assert response.json()["answered"] == 2


def test_the_same_module_in_a_second_course_is_done_at_once(learner, promoter, course, module, lesson):
    other = make_course("The school", (module,))
    learner.post(address("courses_complete", lesson.translation_key), {"course": str(course.translation_key)})
    html = learner.get(other.url).content.decode()
    assert "1 of 2 done" in html
    assert "What you did in other courses counts here." in html


def test_the_language_switch_keeps_progress_and_course(learner, course, module, lesson, quiz):
    french_module = translated(module, "fr", title="Le modèle")
    french = translated(lesson, "fr", title="Ce qu’est Smart")
    translated(course, "fr", title="Le programme")
    learner.post(address("courses_complete", lesson.translation_key))
    html = learner.get(french.url, {"course": str(course.translation_key)}).content.decode()
    assert french_module.title in html
    assert f"{lesson.url}?course={course.translation_key}" in html.replace("&amp;", "&")
    assert ActivityRecord.objects.get().is_complete
    assert "I have read this" not in html


def test_what_is_new_since_the_end_says_so(learner, promoter, course, module, lesson, quiz):
    learner.post(address("courses_enrol", course.translation_key))
    actions.complete_activity(lesson, by=promoter)
    actions.complete_activity(quiz, user=promoter, by=promoter, reason="for the test")
    make_lesson(module, "Added later")
    html = learner.get(course.url).content.decode()
    assert "New since you finished" in html
    assert "You completed this course on" in html


def test_a_lock_says_why_and_where_to_go(learner, promoter, course, module, lesson):
    second = make_module("Second")
    make_lesson(second, "Waiting")
    course = make_course("Locked", (module, second))
    course.placements.filter(module_key=second.translation_key).update(opens_after_previous=True)
    html = learner.get(course.url).content.decode()
    assert "Opens when ‘The model’ is complete." in html
    assert f"{lesson.url}?course={course.translation_key}" in html
    waiting = second.get_children().first()
    assert "Opens when ‘The model’ is complete." in learner.get(waiting.url, {"course": str(course.translation_key)}).content.decode()
    assert "Opens when" not in learner.get(waiting.url).content.decode()


# --- progress events


def test_progress_events(learner, lesson):
    url = address("courses_progress", lesson.translation_key)
    assert learner.post(url, {"client": "tab", "sequence": 1, "progress": "0.5", "position": "part", "seconds": 9}).json() == {
        "progress": 0.5,
        "complete": False,
    }
    assert learner.post(url, {"client": "tab", "sequence": 1, "progress": "0.9"}).json()["progress"] == 0.5
    for wrong in (
        {},
        {"client": "<b>", "sequence": 1},
        {"client": "a", "sequence": -1},
        {"client": "a", "sequence": 1, "progress": "7"},
        {"client": "a", "sequence": 1, "progress": "nan"},
    ):
        assert learner.post(url, wrong).status_code == 400


def test_progress_of_a_visitor_is_not_kept(visitor_client, lesson):
    assert visitor_client.post(address("courses_progress", lesson.translation_key), {"client": "a", "sequence": 1}).status_code == 401


@pytest.mark.parametrize("make", [make_quiz, make_assignment])
def test_only_a_lesson_is_told_how_far_somebody_is(learner, promoter, module, course, make):
    activity = make(module)
    actions.enrol(course, user=promoter, by=promoter)
    event = {"client": "tab", "sequence": 1, "progress": "1", "position": "work/handed-in"}
    assert learner.post(address("courses_progress", activity.translation_key), event).status_code == 404
    assert not ActivityRecord.objects.exists()
    assert "handed in, a trainer reads it" not in learner.get(course.url).text


def test_a_place_in_a_lesson_does_not_say_that_work_is_handed_in(learner, lesson):
    for sequence, position in enumerate(["part", "work/handed-in"]):
        learner.post(address("courses_progress", lesson.translation_key), {"client": "tab", "sequence": sequence, "position": position})
    assert ActivityRecord.objects.get().position == "part"


# --- strangers at every address


POSTS = ["courses_enrol", "courses_complete", "courses_attempt_start"]


@pytest.mark.parametrize("name", POSTS)
def test_a_visitor_is_led_to_sign_in_and_get_is_refused(visitor_client, learner, lesson, name):
    response = visitor_client.post(address(name, lesson.translation_key))
    assert (response.status_code, "/login/" in response.headers["Location"]) == (302, True)
    assert learner.get(address(name, lesson.translation_key)).status_code == 405


@pytest.mark.parametrize("name", POSTS)
def test_a_key_of_nothing_is_not_found(learner, name):
    assert learner.post(address(name, uuid4())).status_code == 404


@pytest.mark.parametrize("who", ["other_promoter", "trainer", "coordinator", "admin_user"])
def test_nobody_reads_or_answers_the_attempt_of_another(request, client_for, promoter, quiz, who):
    actions.start_attempt(quiz, by=promoter)
    client = client_for(request.getfixturevalue(who))
    key = quiz.translation_key
    assert client.get(address("courses_attempt", key, 1)).status_code == 404
    assert client.post(address("courses_attempt_save", key, 1)).status_code == 404
    assert client.post(address("courses_attempt_submit", key, 1)).status_code == 404


def test_a_lesson_is_not_a_quiz(learner, lesson):
    assert learner.post(address("courses_attempt_start", lesson.translation_key)).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"), [("promoter", 200), ("other_promoter", 404), ("reviewer", 404), ("trainer", 200), ("coordinator", 200), (None, 302)]
)
def test_who_opens_a_certificate(request, client_for, visitor_client, promoter, who, status):
    certificate = CertificateFactory(holder=promoter)
    client = client_for(request.getfixturevalue(who)) if who else visitor_client
    for name in ("courses_certificate", "courses_certificate_pdf"):
        assert client.get(address(name, certificate.pk)).status_code == status


def test_my_certificates_are_mine(client_for, promoter, trainer):
    CertificateFactory(holder=promoter)
    assert "Spring session" in client_for(promoter).get(address("courses_my_certificates")).content.decode()
    assert "No certificate yet" in client_for(trainer).get(address("courses_my_certificates")).content.decode()


# --- certificates: print and check


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pdf_is_whole(learner, promoter, language, tmp_path):
    certificate = CertificateFactory(holder=promoter, holder_name="Élodie #let *x* ]")
    response = learner.get(address("courses_certificate_pdf", certificate.pk, language=language))
    assert (response.headers["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")
    assert b"pdfuaid" in response.content
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", "-", "-"], input=response.content, capture_output=True, check=True).stdout.decode()
        assert certificate.verify_url in text.replace("\n", "")
        assert "Élodie #let *x* ]" in text
        assert certificate.content[language]["title"] in text


def test_the_pdf_with_everything_on_it(promoter):
    words = {
        "title": "T" * 40, "about": "A course " * 14, "statement": "S " * 140, "organisation": "O", "details": [["Place", "Brussels"]] * 4,
        "stations": [["One", "", "done"], ["A longer name", "later", "later"]] * 4, "signatures": [["Anna", "Director"], ["Bob", "Coordinator"]],
    }  # fmt: skip
    certificate = CertificateFactory(holder=promoter, holder_name="Maria " * 30, content={"fr": words, "en": words})
    made = certificates.pdf(certificate, language="fr")
    assert made[:5] == b"%PDF-"
    assert made.count(b"/MediaBox") == 1  # one sheet, whatever the length of the words


@pytest.mark.parametrize(
    ("fields", "words", "status"),
    [
        ({}, "This certificate is valid", 200),
        (
            {"issued_at": timezone.now() - timedelta(days=9), "expires_at": timezone.now() - timedelta(days=1)},
            "This certificate has expired",
            200,
        ),
        ({"revoked_at": timezone.now(), "revoked_reason": "A secret reason"}, "This certificate was revoked", 200),
    ],
)
def test_verification_answers_its_standing(visitor_client, fields, words, status):
    certificate = CertificateFactory(**fields)
    response = visitor_client.get(certificate.verify_url.split("8000")[1], headers={"accept-language": "en"})
    html = response.content.decode()
    assert (response.status_code, words in html, "Paula Promoter" in html) == (status, True, True)
    assert "A secret reason" not in html
    assert certificate.holder.email not in html


@pytest.mark.parametrize(
    "reference", ["6f1b7c1e-2d0a-4f0e-9a53-0c1d2e3f4a5b", "nonsense", "00000000-0000-0000-0000-00000000000", "<script>"]
)
def test_an_unknown_or_broken_number_is_answered_in_words(visitor_client, reference):
    response = visitor_client.get(f"/verify/{reference}/", headers={"accept-language": "en"})
    assert response.status_code == 404
    assert "We do not know this certificate" in response.content.decode()
    assert "<script>" not in response.content.decode().replace('<script src="', "")


def test_verification_speaks_the_language_that_is_asked(visitor_client):
    certificate = CertificateFactory()
    url = address("courses_verify", certificate.pk)
    assert url == f"/verify/{certificate.pk}/"
    assert "Attestation de présence" in visitor_client.get(url, {"lang": "fr"}).content.decode()
    assert "Certificate of attendance" in visitor_client.get(url, {"lang": "en"}, headers={"accept-language": "fr"}).content.decode()
    assert visitor_client.get(url, {"lang": "xx"}).status_code == 200


def test_erased_holder_still_verifies(visitor_client, promoter):
    certificate = CertificateFactory(holder=promoter)
    promoter.delete()
    assert visitor_client.get(address("courses_verify", certificate.pk)).status_code == 200
    assert UUID(str(certificate.pk))

"""Who was signed out meanwhile and sends a form: they come back to its page, hear that it was not taken, and lose no text."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from courses import actions
from courses.models import QuizAttempt
from tests.factories.courses import long_text, make_course, make_lesson, make_module, make_quiz

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def module():
    return make_module()


@pytest.fixture
def attempt(module, promoter):
    return actions.start_attempt(make_quiz(module, questions=[long_text()]), by=promoter)


def page_after(answer) -> str:
    to = urlsplit(answer["Location"])
    assert (answer.status_code, to.path) == (302, "/accounts/login/")
    return parse_qs(to.query)["next"][0]


def test_every_form_of_a_learner_leads_back_to_the_page_it_is_on(client, module, attempt):
    lesson = make_lesson(module)
    pages = {
        reverse("courses_enrol", args=[make_course(module).translation_key]): "/en/courses/a/",
        reverse("courses_complete", args=[lesson.translation_key]): "/en/modules/a/lesson/",
        reverse("courses_attempt_start", args=[attempt.quiz_key]): "/en/modules/a/quiz/?course=b",
        reverse("courses_attempt_save", args=[attempt.quiz_key, 1]): "/en/learn/a/attempt/1/",
        reverse("courses_attempt_submit", args=[attempt.quiz_key, 1]): "/en/learn/a/attempt/1/?missing=1",
        reverse("courses_work", args=[lesson.translation_key]): "/en/modules/a/work/",
    }
    found = {}
    for address, page in pages.items():
        answer = client.post(address, {"q-a": "b"}, headers={"referer": f"http://testserver{page}"})
        found[address] = page_after(answer).removeprefix("http://testserver")
    assert found == pages


def test_a_page_of_somebody_else_is_not_where_one_comes_back_to(client, attempt):
    submit = reverse("courses_attempt_submit", args=[attempt.quiz_key, 1])
    assert page_after(client.post(submit, headers={"referer": "https://elsewhere.example/x"})) == submit


def test_it_is_said_before_and_after_the_sign_in(client, promoter, attempt):
    page = reverse("courses_attempt", args=[attempt.quiz_key, 1])
    answer = client.post(reverse("courses_attempt_submit", args=[attempt.quiz_key, 1]), headers={"referer": f"http://testserver{page}"})
    client.cookies["django_language"] = "en"
    assert "You are signed out: what you sent was not taken." in client.get(answer["Location"]).content.decode()
    promoter.set_password("a long password 1")
    promoter.save()
    EmailAddress.objects.update_or_create(user=promoter, email=promoter.email, defaults={"verified": True, "primary": True})
    login = {"login": promoter.email, "password": "a long password 1", "next": page}
    back = client.post("/accounts/login/", login, follow=True)
    assert back.redirect_chain[-1][0] == page
    assert back.content.decode().count("You had been signed out: what you sent then was not taken. Send it again.") == 1
    assert "You had been signed out" not in client.get(page).content.decode()


def test_a_long_text_is_shown_to_be_copied(client, attempt):
    page = reverse("courses_attempt", args=[attempt.quiz_key, 1])
    data = {"q-a": "Many <b>words</b> of mine.", "q-b": "choice", "password": "my secret words"}
    answer = client.post(
        reverse("courses_attempt_submit", args=[attempt.quiz_key, 1]), data, headers={"referer": f"http://testserver{page}"}
    )
    html = answer.content.decode()
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (403, True)
    assert ("Many &lt;b&gt;words&lt;/b&gt; of mine." in html, "choice" in html, "my secret words" in html) == (True, False, False)
    assert f"/accounts/login/?next=http%3A%2F%2Ftestserver{page.replace('/', '%2F')}" in html
    assert QuizAttempt.objects.get().is_open


def test_a_script_is_answered_as_ever(client, attempt):
    save = reverse("courses_attempt_save", args=[attempt.quiz_key, 1])
    answer = client.post(save, {"q-a": "Many words of mine."}, headers={"accept": "application/json"})
    assert page_after(answer) == save
    assert "academy.not_sent" not in client.session

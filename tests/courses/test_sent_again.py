"""What a learner sent while they were signed out is kept for them alone, whole, and sent as it was by one button after the sign-in."""

import html
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from academy import signed_out
from academy.signed_out import LONGEST, MOST, SECONDS, UNSENT, writer_mark
from courses import actions
from courses.checks import question_of
from courses.models import ActivityRecord, QuizAttempt, QuizPage, Submission
from tests.factories.courses import (
    long_text,
    make_assignment,
    make_lesson,
    make_module,
    make_quiz,
    one_of_each_kind,
    question,
    right_answer,
    right_answers,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def module():
    return make_module()


@pytest.fixture
def attempt(module, promoter):
    return actions.start_attempt(make_quiz(module, questions=[*one_of_each_kind(), long_text()]), by=promoter)


@pytest.fixture
def browser(settings):
    settings.LANGUAGE_CODE = "en"
    return Client(headers={"accept-language": "en"})


def fields_of(page: str, action: str) -> dict[str, list[str]]:
    """What a browser sends of the form of this page, without its buttons."""
    form = next(part for part in page.split("<form")[1:] if f'action="{action}"' in part).split("</form>")[0]
    found: dict[str, list[str]] = {}
    for line in re.findall(r"<input[^>]*>", form):
        named = dict(re.findall(r'(\w+)="([^"]*)"', line))
        if "name" in named and named.get("type") not in ("radio", "checkbox") and named["name"] != "csrfmiddlewaretoken":
            found.setdefault(html.unescape(named["name"]), []).append(html.unescape(named.get("value", "")))
    return found


def answers_sent(attempt) -> dict[str, list[str]]:
    right = right_answers(attempt.questions[:-1])
    texts = {one["id"]: ["Bien sûr, “mine”:\nsecond line."] for one in attempt.questions if one["kind"] == "long"}
    return {f"q-{key}": given for key, given in {**right, **texts}.items()}


def address(attempt, verb="submit"):
    return reverse(f"courses_attempt_{verb}", args=[attempt.quiz_key, attempt.number])


def page_of(attempt):
    return reverse("courses_attempt", args=[attempt.quiz_key, attempt.number])


@pytest.fixture
def send_signed_out(browser, promoter, attempt):
    """The page was open; the session ended; then it is sent, without a script."""

    def send(verb="submit", **more):
        browser.force_login(promoter)
        sent = fields_of(browser.get(page_of(attempt)).content.decode(), address(attempt)) | answers_sent(attempt) | more
        browser.logout()
        return browser.post(address(attempt, verb), sent, headers={"referer": f"http://testserver{page_of(attempt)}"})

    return send


def told(answer) -> list[str]:
    return [str(one) for one in get_messages(answer.wsgi_request)]


def test_every_answer_goes_with_one_button_after_the_sign_in(browser, promoter, attempt, send_signed_out):
    answer = send_signed_out()
    assert answer["Location"] == "/accounts/login/?next=%2Fen%2Fmy%2Funsent%2F"
    assert told(answer) == ["You are signed out. What you sent is kept: sign in, then send it with one button."]
    assert QuizAttempt.objects.get().answers == {}
    browser.force_login(promoter)
    page = browser.get(reverse("unsent"))
    assert "no-store" in page["Cache-Control"]
    kept = fields_of(page.content.decode(), address(attempt))
    assert kept["next"] == [f"http://testserver{page_of(attempt)}"]
    browser.post(address(attempt), kept)
    attempt.refresh_from_db()
    given = answers_sent(attempt)
    assert {f"q-{key}": [one.replace("\r\n", "\n") for one in line] for key, line in attempt.answers.items()} == given
    assert attempt.state == "waiting"
    assert browser.get(reverse("unsent"))["Location"] == reverse("my")
    assert UNSENT not in browser.session


def test_what_is_somebody_else_s_reaches_nobody(browser, other_promoter, attempt, send_signed_out):
    send_signed_out()
    actions.start_attempt(QuizPage.objects.get(), by=other_promoter)
    browser.force_login(other_promoter)
    assert UNSENT not in browser.session
    assert browser.get(reverse("unsent"))["Location"] == reverse("my")
    assert [one.answers for one in QuizAttempt.objects.all()] == [{}, {}]


def test_a_made_up_writer_is_nobody(browser, promoter, attempt):
    forged = writer_mark(promoter).replace(f"{promoter.pk}:", f"{promoter.pk + 1}:", 1)
    for writer in ("", str(promoter.pk), forged, "x:y"):
        browser.post(address(attempt), {**answers_sent(attempt), "writer": writer})
        assert UNSENT not in browser.session


def test_what_is_kept_has_an_end(browser, promoter, attempt, monkeypatch):
    mark = writer_mark(promoter)
    browser.post(address(attempt), {"q-a": "x" * (LONGEST + 1), "writer": mark})
    assert UNSENT not in browser.session
    for number in range(MOST + 2):
        browser.post(f"{address(attempt)}?course={number}", {"q-a": "x", "writer": mark, "password": "secret"})
    kept = browser.session[UNSENT]
    assert [one.rpartition("=")[2] for one in kept] == ["2", "3", "4", "5"]
    assert kept[f"{address(attempt)}?course=5"]["fields"] == [["q-a", "x"], ["writer", mark]]
    now = signed_out.time.time()
    monkeypatch.setattr(signed_out.time, "time", lambda: now + SECONDS + 1)
    browser.force_login(promoter)
    assert UNSENT not in browser.session


def test_the_time_of_a_quiz_runs_on(browser, promoter, attempt, send_signed_out):
    send_signed_out()
    QuizAttempt.objects.update(deadline=timezone.now() - timedelta(hours=1))
    browser.force_login(promoter)
    kept = fields_of(browser.get(reverse("unsent")).content.decode(), address(attempt))
    answer = browser.post(address(attempt), kept)
    attempt.refresh_from_db()
    assert (attempt.answers, attempt.state) == ({}, "submitted")
    over, late = told(answer)
    assert over == "The time was over: what had been saved until then is handed in."
    assert late.startswith("What you sent after the time, and was not taken: Question 1: ")
    assert "second line." in late


def test_what_was_saved_elsewhere_meanwhile_stays(browser, promoter, attempt, send_signed_out):
    send_signed_out("save")
    one = attempt.questions[-1]["id"]
    actions.save_answers(attempt, answers={one: ["Newer."]}, by=promoter)
    browser.force_login(promoter)
    kept = fields_of(browser.get(reverse("unsent")).content.decode(), address(attempt, "save"))
    browser.post(address(attempt, "save"), kept)
    attempt.refresh_from_db()
    assert attempt.answers == {**right_answers(attempt.questions[:-1]), one: ["Newer."]}


def test_a_draft_of_an_assignment_is_kept_without_its_file(browser, promoter, module):
    page = make_assignment(module)
    work = reverse("courses_work", args=[page.translation_key])
    data = {"text": "Word", "edition": "0", "writer": writer_mark(promoter), "add": "1", "file": SimpleUploadedFile("a.txt", b"a")}
    browser.post(work, data, headers={"referer": f"http://testserver{page.url}"})
    browser.force_login(promoter)
    shown = browser.get(reverse("unsent")).content.decode()
    assert "A file cannot be kept: choose it again on the page." in shown
    browser.post(work, fields_of(shown, work))
    assert Submission.objects.get().text == "Word"


def test_a_check_is_kept_and_not_judged_as_a_visitor_s(browser, promoter, module):
    raw = question("One?", ("yes", True), ("no", False))
    lesson = make_lesson(module, body=[{"type": "check", "value": [raw]}])
    one = question_of(lesson, raw["id"])
    check = reverse("courses_check", args=[lesson.translation_key, one["id"]])
    data = {f"q-{one['id']}": right_answer(one), "keep": "1", "writer": writer_mark(promoter)}
    assert browser.post(check, data)["Location"].startswith("/accounts/login/")
    browser.force_login(promoter)
    browser.post(check, fields_of(browser.get(reverse("unsent")).content.decode(), check))
    assert ActivityRecord.objects.get().checks == {one["id"]: right_answer(one)}


def test_who_signed_in_again_in_another_window_sends_it_too(promoter, attempt):
    browser = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    browser.force_login(promoter)
    data = {**answers_sent(attempt), "writer": writer_mark(promoter), "csrfmiddlewaretoken": "old" * 21 + "x"}
    answer = browser.post(address(attempt), data, headers={"referer": f"http://testserver{page_of(attempt)}"})
    assert answer["Location"] == reverse("unsent")
    kept = fields_of(browser.get(reverse("unsent")).content.decode(), address(attempt))
    assert kept["q-" + attempt.questions[0]["id"]] == answers_sent(attempt)["q-" + attempt.questions[0]["id"]]
    assert browser.post(address(attempt), {**data, "writer": ""}).status_code == 403


def test_who_signs_in_from_elsewhere_is_told_where_it_waits(browser, promoter, attempt, send_signed_out):
    send_signed_out()
    promoter.set_password("a long password 1")
    promoter.save()
    EmailAddress.objects.update_or_create(user=promoter, email=promoter.email, defaults={"verified": True, "primary": True})
    login = {"login": promoter.email, "password": "a long password 1", "next": reverse("courses_my_learning")}
    page = browser.post("/accounts/login/", login, follow=True).content.decode()
    assert 'What you sent while you were signed out is kept: <a href="/en/my/unsent/">send it</a>' in page

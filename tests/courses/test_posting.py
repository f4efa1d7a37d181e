"""Addresses that only take what a form sends, opened as a page: they lead to the page of the form, and tell a program the method."""

import pytest
from django.urls import reverse

from courses import actions
from tests.factories.courses import make_course, make_lesson, make_module, make_quiz, two_questions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

HTML = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def attempt(promoter):
    return actions.start_attempt(make_quiz(make_module(), questions=two_questions()), by=promoter)


def test_each_leads_to_the_page_of_its_form(client_for, promoter, attempt):
    module = make_module("Another")
    lesson, course = make_lesson(module), make_course(module)
    pages = {
        reverse("courses_enrol", args=[course.translation_key]): course.url,
        reverse("courses_renew", args=[course.translation_key]): course.url,
        reverse("courses_complete", args=[lesson.translation_key]): lesson.url,
        reverse("courses_progress", args=[lesson.translation_key]): lesson.url,
        reverse("courses_check", args=[lesson.translation_key, "a"]): lesson.url,
        reverse("courses_work", args=[lesson.translation_key]): lesson.url,
        reverse("courses_work_count", args=[lesson.translation_key]): lesson.url,
        reverse("courses_attempt_start", args=[lesson.translation_key]): lesson.url,
        reverse("courses_attempt_save", args=[attempt.quiz_key, 1]): reverse("courses_attempt", args=[attempt.quiz_key, 1]),
        reverse("courses_attempt_submit", args=[attempt.quiz_key, 1]): reverse("courses_attempt", args=[attempt.quiz_key, 1]),
    }
    client = client_for(promoter)
    assert {address: client.get(address, headers=HTML)["Location"] for address in pages} == pages
    assert {client.get(address).status_code for address in pages} == {405}


def test_what_one_may_not_read_is_not_there(client_for, promoter):
    lesson = make_lesson(make_module())
    lesson.unpublish()
    assert client_for(promoter).get(reverse("courses_complete", args=[lesson.translation_key]), headers=HTML).status_code == 404


def test_any_other_says_in_words_that_there_is_no_page(client_for, promoter):
    answer = client_for(promoter).get("/cms/logout/", headers={**HTML, "accept-language": "en"})
    assert (answer.status_code, answer["Allow"], "There is no page here" in answer.content.decode()) == (405, "POST", True)

"""What the CMS calls an activity: by its title in the language of who reads the list, where it is published in that language."""

import pytest
from django.urls import reverse

from courses import actions
from tests.factories.courses import make_lesson, make_module, make_quiz, right_answers, translated

pytestmark = pytest.mark.django_db
TITLES = {"en": "The test", "fr": "L’épreuve"}


@pytest.fixture
def done(promoter):
    """A quiz in two languages, taken once; and a lesson that is a draft in French."""
    module = make_module()
    quiz, lesson = make_quiz(module, title=TITLES["en"]), make_lesson(module, title="Prices")
    translated(quiz, "fr", title=TITLES["fr"])
    translated(lesson, "fr", title="Tarifs").unpublish()
    attempt = actions.start_attempt(quiz, by=promoter)
    actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=quiz, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    return quiz


def read(client_for, trainer, language, name, *arguments):
    client = client_for(trainer)
    client.cookies["django_language"] = language
    return client.get(reverse(name, args=arguments)).content.decode()


@pytest.mark.parametrize("language", TITLES)
@pytest.mark.parametrize("name", ["quiz-attempts:index", "activity-records:index", "courses_cms_quizzes", "courses_cms_analysis"])
def test_title_is_in_the_language_of_the_reader(done, trainer, client_for, language, name):
    arguments = [done.translation_key] if name == "courses_cms_analysis" else []
    html = read(client_for, trainer, language, name, *arguments)
    assert {code: words in html for code, words in TITLES.items()} == {code: code == language for code in TITLES}


@pytest.mark.parametrize("language", TITLES)
def test_title_of_a_draft_is_not_taken_where_another_version_is_published(done, trainer, client_for, language):
    html = read(client_for, trainer, language, "activity-records:index")
    assert ("Prices" in html, "Tarifs" in html) == (True, False)

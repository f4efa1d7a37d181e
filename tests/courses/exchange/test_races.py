"""Two imports at the same instant: a file is taken once, and one import loses nothing of another."""

import pytest

from academy.rules import RuleViolation
from courses import actions
from courses.exchange import gift, stream
from courses.models import QuestionImport, QuizPage
from tests.cohorts.test_last_seat import at_once, in_another_connection, shared_database  # noqa: F401 (a fixture)
from tests.factories.courses import QuestionImportFactory, make_module, make_quiz

FILES = 6


def prompts(quiz):
    draft = QuizPage.objects.get(pk=quiz.pk).get_latest_revision_as_object()
    return sorted(question.prompt for question, _block in stream.plain_of(draft.questions.raw_data))


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_sent_twice_at_once_is_imported_once(trainer, request):
    quiz = make_quiz(make_module(), questions=[])
    row = QuestionImportFactory(quiz=quiz, content=gift.read("A? {T}\n\nB? {F}").as_json(), created_by=trainer)
    request.getfixturevalue("shared_database")
    problems = at_once(
        lambda _job: actions.take_questions(QuestionImport.objects.get(pk=row.pk), chosen={0, 1}, again={0, 1}, by=trainer), range(3)
    )
    assert [(type(problem), getattr(problem, "code", str(problem))) for problem in problems] == [(RuleViolation, "imported")] * 2
    assert in_another_connection(lambda: prompts(quiz)) == ["<p>A?</p>", "<p>B?</p>"]


@pytest.mark.django_db(transaction=True)
def test_files_imported_at_once_all_arrive(trainer, request):
    quiz = make_quiz(make_module(), questions=[])
    request.getfixturevalue("shared_database")
    texts = [f"Only {number}? {{T}}\n\nIn all? {{F}}" for number in range(FILES)]
    problems = at_once(lambda text: actions.import_questions(quiz, questions=gift.read(text).questions, by=trainer), texts)
    assert problems == []
    assert in_another_connection(lambda: prompts(quiz)) == ["<p>In all?</p>", *(f"<p>Only {number}?</p>" for number in range(FILES))]

"""What a learner sends, for `make bench`: the progress of a lesson, and a quiz of ten questions that is handed in."""

import uuid
from collections.abc import Callable, Iterator
from itertools import count

from django.urls import reverse
from wagtail.rich_text import RichText

from academy.models import User
from courses import actions
from courses.models import ActivityRecord, LessonPage, ModulePage, QuizAttempt, QuizPage

SLUG, QUESTIONS = "ten-questions", 10


def lines(person: User, progress_aim: float, quiz_aim: float) -> Iterator[tuple[str, str, float, Callable[[], dict]]]:
    """Name, address, aim, and what is sent. Where the long course was not made there is no quiz of ten."""
    lesson = LessonPage.objects.live().public().filter(locale__language_code=person.language).order_by("path").first()
    yield "progress of a lesson, sent", reverse("courses_progress", args=[lesson.translation_key]), progress_aim, _progress()
    quiz = QuizPage.objects.filter(slug=SLUG).first()
    if quiz is not None:
        attempt = actions.start_attempt(quiz, by=person)
        address = reverse("courses_attempt_submit", args=[quiz.translation_key, attempt.number])
        yield "quiz of ten, handed in", address, quiz_aim, _quiz(attempt)


def _progress() -> Callable[[], dict]:
    """A tab that has just begun, and goes on reading."""
    tab, numbers = uuid.uuid4().hex, count(1)
    return lambda: {"client": tab, "sequence": next(numbers), "progress": "0.4", "position": "here", "seconds": 5}


def _quiz(attempt: QuizAttempt) -> Callable[[], dict]:
    """The same attempt each time, put back to open, and its quiz to not yet complete: the whole way of a first success is measured."""
    right = {f"q-{one['id']}": [answer["id"] for answer in one["answers"] if answer["correct"]] for one in attempt.questions}
    mine = {"user_id": attempt.user_id}

    def send() -> dict:
        QuizAttempt.objects.filter(pk=attempt.pk).update(state="open", submitted_at=None, score=None, passed=None, answers={})
        ActivityRecord.objects.filter(activity_key=attempt.quiz_key, **mine).update(completed_at=None, source="", rule="", revision=None)
        return {**right, "anyway": "1"}

    return send


def make_quiz_of_ten(module: ModulePage) -> None:
    answers = [{"text": f"Answer {number}", "correct": number == 2, "feedback": ""} for number in range(4)]
    question = {"prompt": RichText("<p>Which one?</p>"), "answers": answers, "feedback": RichText("")}
    quiz = QuizPage(title="Ten questions", slug=SLUG, locale=module.locale, required=False)
    quiz.questions = [("single", question) for _number in range(QUESTIONS)]
    module.add_child(instance=quiz)
    quiz.save_revision().publish()

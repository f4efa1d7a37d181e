"""A pass mark that was lowered: whoever reaches it with what counts of their attempts has passed, and does not sit the quiz again for it."""

from collections import defaultdict
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from academy.models import User
from academy.remembered import generation
from courses import grading
from courses.completion import locked_record, mark_complete
from courses.models import ActivityRecord, QuizAttempt, QuizPage
from courses.syllabus import rank

LOOKED, LOOKED_FOR = "courses:lowered", 60 * 60


def complete_what_passes_now(*, by: User | None) -> int:
    """The clock: completes, by the mark of now, what was handed in under a higher one. Returns how many were completed.

    The attempt keeps the mark under which it was sat, and that it was not passed then; the record says the mark by which it is complete. A
    mark that is raised un-completes nobody. Looks only when something was published since the last time (and once an hour), with as many
    queries for one quiz as for hundreds; each person in their own transaction, and once: what is complete is not looked at again.
    """
    now = generation()
    if cache.get(LOOKED) == now:
        return 0
    done = 0
    for (pk, key, redo_in), mark in _who_passes(_lowered()).items():
        with transaction.atomic():
            person = User.objects.get(pk=pk)
            quiz = _canonical(QuizPage.objects.live().filter(translation_key=key).select_related("locale"))
            rule = f"quiz.pass:{mark}" if mark else "quiz.hand_in"
            record = locked_record(person, key, redo_in)
            done += mark_complete(record, activity=quiz, source=ActivityRecord.Source.AUTO, rule=rule, by=by)
    cache.set(LOOKED, now, LOOKED_FOR)
    return done


def _canonical(versions) -> QuizPage:
    """The version whose rules count."""
    return min(versions, key=lambda page: (rank(page.locale.language_code, settings.LANGUAGE_CODE), page.path))


def _lowered() -> dict[UUID, int]:
    """`{quiz: its mark}` of those that somebody handed in under a higher one. Two queries."""
    tried = QuizAttempt.objects.submitted().filter(user__isnull=False).order_by().values_list("quiz_key").annotate(Max("pass_mark"))
    highest = dict(tried)
    versions: dict[UUID, list[QuizPage]] = defaultdict(list)
    for page in QuizPage.objects.live().filter(translation_key__in=highest).select_related("locale"):
        versions[page.translation_key].append(page)
    marks = {key: _canonical(pages).pass_mark for key, pages in versions.items()}
    return {key: mark for key, mark in marks.items() if mark < highest[key]}


def _who_passes(lowered: dict[UUID, int]) -> dict[tuple[int, UUID, str], int]:
    """`{(person, quiz, place): mark}` of those who have not completed it and reach it now, graded as their last attempt was. One query."""
    same = {"user": OuterRef("user"), "activity_key": OuterRef("quiz_key"), "redo_in": OuterRef("redo_in")}
    rows = QuizAttempt.objects.submitted().that_count().filter(quiz_key__in=lowered, user__is_active=True)
    rows = rows.exclude(Exists(ActivityRecord.objects.completed().filter(**same))).order_by("number")
    scores, how = defaultdict(list), {}
    for person, key, redo_in, score, method in rows.values_list("user", "quiz_key", "redo_in", "score", "grading"):
        scores[person, key, redo_in].append(score)
        how[person, key, redo_in] = method
    grades = {one: grading.grade_of(found, how[one]) for one, found in scores.items()}
    return {one: lowered[one[1]] for one, grade in grades.items() if grade is not None and grading.percent_of(grade) >= lowered[one[1]]}

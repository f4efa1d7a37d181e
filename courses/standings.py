"""What is said of each activity in a list beside its rule: how far, how well, and what there is to wait for. One query for all quizzes."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.models import User
from academy.prepared import Later, LaterPerson, PreparedForPerson
from courses.grading import attempts_left, closed_until, grade_of, is_decided, percent_of
from courses.models import QuizAttempt
from courses.progress import ActivityState

_KEY = QuizAttempt._meta.get_field("quiz_key")


def _tried_rows(person: LaterPerson):
    rows = QuizAttempt.objects.of(person).filter(quiz_key__in=Later("keys", _KEY)).order_by("number")
    return rows.values_list("quiz_key", "redo_in", "state", "score", "started_at", "submitted_at")


_tried = PreparedForPerson(_tried_rows)
Tried = list[tuple[str, float | None, datetime, datetime | None]]


def say_standings(user: User, items: Iterable[ActivityState]) -> None:
    """Writes into each of them what the list says (`said`), and whether there is something to do now (`held`)."""
    items = list(items)
    quizzes = [item.activity.key for item in items if item.activity.kind == "quiz"]
    tried: dict[tuple[UUID, str], Tried] = {}
    if user.is_authenticated:
        for key, place, *attempt in _tried.rows(user, keys=quizzes) if quizzes else []:
            tried.setdefault((key, place), []).append(tuple(attempt))
    for item in items:
        if item.activity.kind == "quiz":
            _say_of_quiz(item, tried.get((item.activity.key, item.redo_in), []))
        elif item.activity.kind == "lesson" and item.state == "started" and round(item.progress * 100):
            item.said = _("%(share)s %% read") % {"share": int(item.progress * 100)}


def _say_of_quiz(item: ActivityState, tried: Tried) -> None:
    counting = [one for one in tried if item.reopened_at is None or one[2] > item.reopened_at]
    if not counting:
        return
    words = [_score(item, [score for _state, score, *_moments in counting if score is not None])]
    if item.state != "done":
        item.held, why = _held(item, counting)
        words.append(why)
    item.said = " · ".join(filter(None, words))


def _score(item: ActivityState, scores: list[float]) -> str:
    grading = item.activity.rules["grading"]
    grade = grade_of(scores, grading)
    if grade is None:
        return ""
    words = _("best score: %(grade)s %%") if grading == "best" else _("score that counts: %(grade)s %%")
    return words % {"grade": percent_of(grade)}


def _held(item: ActivityState, counting: Tried) -> tuple[str, str]:
    """Why no other attempt may begin now, as a word and in words."""
    rules, (state, _score, _started, submitted_at) = item.activity.rules, counting[-1]
    if state == QuizAttempt.State.OPEN:
        return "", _("an attempt is open: go on with it")
    if state == QuizAttempt.State.WAITING:
        return "waiting", _("being marked: a trainer reads your text")
    scores = [score for _state, score, *_moments in counting if score is not None]
    if is_decided(scores, rules["grading"], item.activity.pass_mark):
        return "decided", _("the first attempt counts: ask your trainer to open it again")
    if attempts_left(rules["attempts_allowed"], extra=item.extra_attempts, used=len(counting)) == 0:
        return "none", _("no attempt left: ask your trainer")
    if moment := closed_until(rules["wait"], submitted_at, need_not_wait=item.need_not_wait, now=timezone.now()):
        when = date_format(timezone.localtime(moment), "DATETIME_FORMAT")
        return "until", _("you can try again on %(when)s") % {"when": when}
    return "", ""

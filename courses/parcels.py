"""What a device needs to keep a module: its pages, and an attempt at each quiz that can be answered without the server."""

from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.models import ModulePage, QuizAttempt, QuizPage
from courses.progress import Lock
from courses.rules_of import canonical_of
from courses.screens import module_in


def _quizzes(keys: list[UUID]) -> dict[UUID, QuizPage]:
    """The version of each whose rules count."""
    versions: dict[UUID, list[QuizPage]] = {}
    for quiz in QuizPage.objects.live().filter(translation_key__in=keys).select_related("locale"):
        versions.setdefault(quiz.translation_key, []).append(quiz)
    return {key: canonical_of(found) for key, found in versions.items()}


def _why_not(quiz: QuizPage, last: QuizAttempt | None, lock: Lock | None) -> str:
    """Why no attempt is begun for the device; empty when one may be. An attempt that is counted is begun by the learner alone."""
    if lock:
        return lock.why
    if quiz.time_limit:
        return _("it has a time limit, which only the server can keep.")
    if last and last.is_waiting:
        return _("a trainer is reading your last attempt.")
    if last and quiz.grading == QuizPage.Grading.FIRST:
        return _("its first attempt counts.")
    if quiz.attempts_allowed is not None or quiz.wait:
        return _("its attempts are counted. To answer it without a network, start it first, then fetch the module again.")
    return "" if quiz.number_of_questions else _("it has no questions yet.")


def parcel_of(page: ModulePage, request: HttpRequest) -> dict:
    """As the course that the address names asks for it. `pages` to fetch, the module first; `starts` to post to, each leading to one more page; `left_out` with why. Constant queries."""
    state, course = module_in(page, request)
    items = {item.activity.key: item for item in state.activities} if state else {}
    done = {key for key, item in items.items() if item.state == "done"}
    titles = {key: item.activity.title for key, item in items.items() if item.activity.kind == "quiz"}
    rows = QuizAttempt.objects.of(request.user).that_count().filter(quiz_key__in=titles).defer("questions", "answers", "bands", "marks")
    last = {row.quiz_key: row for row in rows.order_by("number") if row.redo_in == items[row.quiz_key].redo_in}
    within = f"?course={course.course_key}" if course else ""
    pages, starts, left_out = [], [], []
    for key, quiz in _quizzes(list(titles)).items():
        if key in last and last[key].is_open and not last[key].deadline:
            pages.append(reverse("courses_attempt", args=[key, last[key].number]) + within)
        elif key in done:
            continue  # who has passed begins another attempt only by their own wish
        elif why := _why_not(quiz, last.get(key), state.lock if state else None):
            left_out.append({"title": titles[key], "why": why})
        else:
            starts.append(reverse("courses_attempt_start", args=[key]) + within)
    first = state.module.address + within if state else ""
    pages = [first, *[item.href for item in items.values()], reverse("courses_offline"), *pages]
    return {"title": page.title, "pages": pages, "starts": starts, "left_out": left_out}

"""Questions inside a lesson, to check oneself: frozen and judged as those of a quiz, asked the same way each time, counting for nothing."""

import re
import zlib

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from academy.remembered import remembered
from courses.forms import PREFIX
from courses.grading import asked, judged, still_given
from courses.models import ActivityRecord, LessonPage
from courses.questions import check_questions

MARK = re.compile(r"<!--check ([^ >]+)-->")  # what templates/blocks/check.html leaves


def _mixed(questions: list[dict]) -> list[dict]:
    """Mixed, each always in the same way, so that a page can be kept and an answer found again."""
    return [
        one
        for question in questions
        for one in asked([{"draw": 1, "questions": [question]}], seed=zlib.crc32(question["id"].encode()), shuffle=True)
    ]


def question_of(lesson: LessonPage, question_id: str) -> dict | None:
    """The question that this lesson asks under this id; a half-written one is none."""
    found = _mixed(check_questions(lesson.body, language=lesson.locale.language_code, only=question_id)) if question_id else []
    return found[0] if found else None


def _answers_of(lesson: LessonPage, request: HttpRequest, place: str) -> dict[str, list[str]]:
    """What this reader has answered: what is kept of them, and before it what they have just had checked without script."""
    answers: dict[str, list[str]] = {}
    if request.user.is_authenticated:
        rows = ActivityRecord.objects.of(request.user).counting_in(place).filter(activity_key=lesson.translation_key)
        answers = rows.values_list("checks", flat=True).first() or {}
    just_now = request.GET.get("check", "")
    return {**answers, just_now: request.GET.getlist(PREFIX + just_now)} if just_now else answers


def with_checks(html: str, stream, context: dict) -> str:
    """The body of a lesson with its questions in their places: to answer on its own page, to think about wherever else it is read."""
    if not MARK.search(html):
        return html
    page, request = context.get("page"), context.get("request")
    if request is not None and isinstance(page, LessonPage) and page.body is stream:
        shown = _to_answer(page, request, context)
    else:
        part = context.get("part")
        key = ("checks on paper", part.pk, part.last_published_at) if getattr(part, "body", None) is stream else None
        questions = remembered(request if key else None, key or (), lambda: _mixed(check_questions(stream, language=get_language())))
        shown = {one["id"]: render_to_string("courses/_check_paper.html", paper_of(one)) for one in questions}
    return mark_safe(MARK.sub(lambda found: shown.get(found[1], ""), html))  # noqa: S308 (what the templates rendered)


def _to_answer(lesson: LessonPage, request: HttpRequest, context: dict) -> dict[str, SafeString]:
    language = lesson.locale.language_code
    key = ("checks", lesson.pk, lesson.last_published_at)
    questions = remembered(request, key, lambda: _mixed(check_questions(lesson.body, language=language)))
    place = context["around"].place if "around" in context else ""
    answers = {} if context.get("is_preview") else _answers_of(lesson, request, place)
    shown = {}
    for number, question in enumerate(questions, 1):
        result = judged(question, still_given(question, answers))
        words = {"result": result, "number": number, "language": language, "told": question["id"] in answers}
        shown[question["id"]] = render_to_string("courses/_check.html", {**context, **words})
    return shown


def paper_of(question: dict) -> dict:
    """A question as it can stand on paper, nothing of it telling the answer: `prompt` (HTML), `lines`, `options` to choose from."""
    lines = [one["text"] for one in question.get("answers") or question.get("pairs") or []]
    options = sorted((one["text"] for one in question.get("options") or question.get("items") or []), key=str.casefold)
    return {"prompt": question["prompt"], "image": question.get("image"), "lines": lines, "options": options}

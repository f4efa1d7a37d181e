"""A question inside a lesson, answered. Everybody is told what their answer is worth; who learns here finds it again."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from academy.http import refuse_politely, wants_json
from academy.limits import tries_too_often
from academy.rules import RuleViolation
from courses import actions
from courses.access import readable_activity, withdrawn_activity
from courses.checks import question_of
from courses.forms import PREFIX, SaveForm, answers_in
from courses.grading import ForeignAnswer, QuestionResult, judged, read_answers, too_long
from courses.kinds import LONGEST_TEXT
from courses.models import LessonPage
from courses.posting import page_of_activity, takes_post
from courses.redo import where
from courses.screens import course_key_in
from courses.syllabus import page_address

CHECKS, SECONDS = 600, 600  # of one address: a class behind one door checks once a second
MOST = 2 * LONGEST_TEXT  # what is longer is not read: it could not be shown again either


def _asked(request: HttpRequest, key: UUID, question: str) -> tuple[LessonPage, dict, list[str]]:
    """The lesson if this person may read it, the question if the lesson asks it, and what was answered."""
    lesson = readable_activity(request.user, key) or withdrawn_activity(request.user, key)
    found = question_of(lesson, question) if isinstance(lesson, LessonPage) else None
    if found is None:
        raise Http404
    given = answers_in(request.POST)
    if sum(len(one) for answer in given.values() for one in answer) > MOST:
        raise RuleViolation(_("It is longer than %(most)s characters: shorten it, then check it again.") % {"most": MOST}, code="too_long")
    try:
        answer = read_answers([found], given).get(question, [])
    except ForeignAnswer:
        raise RuleViolation(_("This answer does not belong to the question. Open the lesson again."), code="foreign_answer") from None
    return lesson, found, answer


def _told(request: HttpRequest, lesson: LessonPage, result: QuestionResult, *, refusal: str = "") -> HttpResponse:
    """A script puts the words into the page; without one the lesson is shown again, at the question, with the answer in its address.

    `refusal`: why the answer is not kept.
    """
    if wants_json(request):
        language = lesson.locale.language_code
        words = render_to_string("courses/_check_told.html", {"result": result, "language": language, "refusal": refusal}, request=request)
        return JsonResponse({"verdict": result.verdict if result.answer else "", "told": words})
    if refusal:
        messages.warning(request, refusal)
    given = [("check", result.id), *((PREFIX + result.id, one) for one in result.answer)]
    course = course_key_in(request)
    query = urlencode([*([("course", course)] if course else []), *given])
    return redirect(f"{page_address(lesson.locale.language_code, lesson.url_path)}?{query}#check-{result.id}")


@csrf_exempt  # a visitor's answer changes nothing, and their page is kept, the same for all: `_keep` asks for the token
@takes_post(page_of_activity)
@refuse_politely
def check(request: HttpRequest, key: UUID, question: str) -> HttpResponse:
    """An answer that was meant to be kept waits on the device until its person signs in again."""
    if request.user.is_authenticated:
        return _keep(request, key, question)
    if "keep" in request.POST:
        words = _("Sign in to keep your progress.")
        return JsonResponse({"error": words}, status=401) if wants_json(request) else redirect_to_login(request.get_full_path())
    if tries_too_often(request, "courses.check", most=CHECKS, seconds=SECONDS):
        raise RuleViolation(_("Too many answers were checked from here. Wait some minutes, then check yours."), code="too_often")
    lesson, found, answer = _asked(request, key, question)
    return _told(request, lesson, judged(found, answer), refusal=_too_long(found, answer))


def _too_long(question: dict, answer: list[str]) -> str:
    """Why what was typed cannot be an answer; it stays on the screen."""
    words = _("It is longer than %(most)s characters: shorten it, then check it again.")
    return next((words % {"most": most} for _number, most in too_long([question], {question["id"]: answer})), "")


@csrf_protect
def _keep(request: HttpRequest, key: UUID, question: str) -> HttpResponse:
    lesson, found, answer = _asked(request, key, question)
    form = SaveForm(request.POST)
    age = form.order()["age"] if form.is_valid() else 0
    try:
        actions.keep_check(lesson, question=found, answer=answer, by=request.user, age=age, **where(request, lesson))
    except RuleViolation as refusal:  # not open yet, or too long: what it is worth is told as to a visitor
        return _told(request, lesson, judged(found, answer), refusal=str(refusal))
    return _told(request, lesson, judged(found, answer))

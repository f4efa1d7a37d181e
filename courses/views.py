"""What a learner sends, attempts at a quiz, certificates. In the order of `urls.py`."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from academy.http import go_on, heard_on_leaving, refuse_politely, wants_json
from academy.rules import RuleViolation
from courses import actions, certificates
from courses.access import readable_activity, readable_course, readable_module, takes_everybody, withdrawn_activity
from courses.events import recorded_lesson, refuse_if_locked
from courses.forms import ProgressForm, SaveForm, plain_event
from courses.grading import ForeignAnswer, mark, not_taken, read_answers
from courses.heard import is_heard
from courses.mending import CODES, to_mend_in_words
from courses.models import ActivityPage, Certificate, CoursePage, Enrolment, LessonPage, QuizAttempt, QuizPage
from courses.models.records import is_void
from courses.parcels import parcel_of
from courses.permissions import can_read_certificate, can_take_badge
from courses.posting import page_of_activity, page_of_attempt, page_of_course, takes_post
from courses.progress import state_of
from courses.questions import gone, quiz_with
from courses.quiz_screens import in_words, open_attempt_context, result_context
from courses.redo import place_left, where
from courses.screens import course_key_in, crumbs_of, surroundings
from courses.settling import settle_waiting
from courses.syllabus import page_address


def _activity(request: HttpRequest, key: UUID) -> ActivityPage:
    """The activity if this person may read it; for anybody else it does not exist."""
    activity = readable_activity(request.user, key)
    if activity is None:
        raise Http404
    return activity


def _quiz(request: HttpRequest, key: UUID) -> QuizPage:
    activity = _activity(request, key)
    if not isinstance(activity, QuizPage):
        raise Http404
    return activity


def _attempt(request: HttpRequest, key: UUID, number: int) -> tuple[QuizAttempt, QuizPage]:
    """One's own attempt: staff do not answer for others. It stays theirs when its quiz is not published any more, or gone."""
    found = get_object_or_404(QuizAttempt.objects.of(request.user), quiz_key=key, number=number)
    quiz = readable_activity(request.user, key)
    if quiz is None:
        kept = quiz_with(key, language=found.language) or gone(found)
        quiz = None if kept.live else kept
    if not isinstance(quiz, QuizPage):
        raise Http404
    return found, quiz


def _course(request: HttpRequest, key: UUID) -> CoursePage:
    """The course if this person may read it; for anybody else it does not exist."""
    course = readable_course(request.user, key)
    if course is None:
        raise Http404
    return course


def follow(request: HttpRequest) -> CoursePage | None:
    """Who learns from inside a course follows it from then on."""
    key = course_key_in(request)
    course = readable_course(request.user, key) if key else None
    if course and not Enrolment.objects.of(request.user).filter(course_key=key).exists() and takes_everybody(key):
        actions.enrol(course, user=request.user, by=request.user)
    return course


def _with_course(address: str, course_key: UUID | None) -> str:
    return f"{address}?course={course_key}" if course_key else address


@takes_post(page_of_course)
@login_required
@refuse_politely
def enrol(request: HttpRequest, key: UUID) -> HttpResponse:
    course = _course(request, key)
    if not takes_everybody(key):
        raise RuleViolation(_("This course is followed with a code, or by those whom the team enrols."), code="closed")
    actions.enrol(course, user=request.user, by=request.user)
    messages.success(request, _("You follow this course. What you complete is kept here."))
    return redirect(page_address(course.locale.language_code, course.url_path))


@takes_post(page_of_course)
@login_required
@refuse_politely
def renew(request: HttpRequest, key: UUID) -> HttpResponse:
    """One's own certificate, once what it asks for is done again."""
    made = actions.renew_certificate(_course(request, key), by=request.user)
    messages.success(request, _("Your certificate is renewed."))
    return redirect("courses_certificate", pk=made.pk)


def _withdrawn_lesson(request: HttpRequest, key: UUID) -> tuple[LessonPage, str]:
    """Of a lesson that was taken off the site meanwhile, the record is kept all the same."""
    lesson = withdrawn_activity(request.user, key)
    if not isinstance(lesson, LessonPage):  # a quiz and an assignment say themselves how far somebody is
        raise Http404
    return lesson, place_left(request, lesson)


@takes_post(page_of_activity)
@refuse_politely
def progress(request: HttpRequest, key: UUID) -> HttpResponse:
    """One event of the script; a visitor's is not kept."""
    if not request.user.is_authenticated:
        return JsonResponse({"error": _("Sign in to keep your progress.")}, status=401)
    lesson, place = recorded_lesson(request, key) or _withdrawn_lesson(request, key)
    event = plain_event(request.POST)
    if event is None:
        form = ProgressForm(request.POST)
        if not form.is_valid():
            return JsonResponse({"error": form.errors}, status=400)
        event = form.event()
    refuse_if_locked(request, lesson)
    record = actions.record_progress(lesson, by=request.user, redo_in=place, course_key=course_key_in(request), **event)
    return heard_on_leaving(request, JsonResponse({"progress": record.progress, "complete": record.is_complete}))


@takes_post(page_of_activity)
@login_required
@refuse_politely
def complete(request: HttpRequest, key: UUID) -> HttpResponse:
    """‘I have read this’, then on to what follows."""
    activity = readable_activity(request.user, key) or withdrawn_activity(request.user, key)
    if activity is None:
        raise Http404
    course = follow(request)
    actions.complete_activity(activity, by=request.user, **where(request, activity))
    messages.success(request, _("‘%(title)s’ is complete.") % {"title": activity.title})
    around = surroundings(request, activity, course_key=course.translation_key if course else None)
    if around.outline and around.outline.progress.complete and not around.outline.new:
        return go_on(request, around.course_address)
    if around.next and not around.next.locked:
        return go_on(request, around.next.href)
    if not activity.live and not around.course_address:
        return go_on(request, reverse("courses_my_learning"))
    return go_on(
        request,
        around.course_address or (around.module.module.address if around.module else page_address(get_language(), activity.url_path)),
    )


@takes_post(page_of_activity)
@login_required
@refuse_politely
def start(request: HttpRequest, key: UUID) -> HttpResponse:
    quiz = _quiz(request, key)
    course = follow(request)
    attempt = actions.start_attempt(quiz, by=request.user, **where(request, quiz))
    return redirect(_with_course(reverse("courses_attempt", args=[key, attempt.number]), course and course.translation_key))


@require_GET
@never_cache
@login_required
def attempt(request: HttpRequest, key: UUID, number: int) -> HttpResponse:
    """The questions while the attempt is open, the explanations once it is handed in."""
    found, quiz = _attempt(request, key, number)
    around = surroundings(request, quiz, course_key=course_key_in(request))
    state = around.this or state_of(request.user, found)
    context = {
        "quiz": quiz,
        "quiz_address": _with_course(page_address(quiz.locale.language_code, quiz.url_path), around.course_key) if quiz.live else "",
        "attempt": found,
        "around": around,
        "crumbs": crumbs_of(around, quiz.title),
        "other_language": found.language != get_language(),
    }
    if found.is_open:
        context |= open_attempt_context(found, ask_again="missing" in request.GET)
        context["void"] = is_void(found, state.reopened_at)
        return render(request, "courses/attempt.html", context)
    context |= result_context(found, quiz, request, state)
    return render(request, "courses/attempt_result.html", context)


def _tell_not_taken(request: HttpRequest, found: QuizAttempt, form: SaveForm) -> bool:
    """Two tabs answered the same question: what was typed in the older one is not lost without a word."""
    left = not_taken(found.questions, form.written["answers"], found.answers)
    for number, lines in left:
        words = _(
            "Question %(number)s was answered in another window meanwhile, and that answer is kept. You had answered here: %(answer)s"
        )
        messages.warning(request, words % {"number": number, "answer": in_words(lines)})
    return bool(left)


def _tell_too_late(request: HttpRequest, found: QuizAttempt, form: SaveForm) -> None:
    """What came after the time is worth nothing; whoever wrote it may want to keep it all the same."""
    try:
        left = not_taken(found.questions, form.written["answers"], found.answers)
    except ForeignAnswer:
        return
    if left:
        told = "\n".join(_("Question %(number)s: %(answer)s") % {"number": number, "answer": in_words(lines)} for number, lines in left)
        messages.warning(request, _("What you sent after the time, and was not taken: %(answers)s") % {"answers": told})


def _closed_meanwhile(request: HttpRequest, found: QuizAttempt, form: SaveForm) -> HttpResponse:
    """Handed in elsewhere meanwhile: what was answered here and is not in it is told; of what only comes again nobody hears."""
    found.refresh_from_db()
    words = _(
        "This quiz was handed in already, in another window, on another device or at the end of its time: what you answered here was not taken."
    )
    if not wants_json(request):
        messages.error(request, words)
        _tell_not_taken(request, found, form)
        return redirect(_with_course(reverse("courses_attempt", args=[found.quiz_key, found.number]), course_key_in(request)))
    order = form.order() if form.is_valid() else {"client": "", "sequence": 0}
    try:
        read = read_answers(found.questions, form.written["answers"])
        left = not_taken(found.questions, form.written["answers"], found.answers)
    except ForeignAnswer:
        return JsonResponse({"error": words, "code": "handed_in", "repeated": False, "typed": ""}, status=409)
    again = is_heard(found.saves, order["client"], order["sequence"]) or all(found.answers.get(key, []) == one for key, one in read.items())
    typed = [_("Question %(number)s: %(answer)s") % {"number": number, "answer": in_words(lines)} for number, lines in left]
    return JsonResponse({"error": words, "code": "handed_in", "repeated": again, "typed": "\n\n".join(typed)}, status=409)


@takes_post(page_of_attempt)
@login_required
@refuse_politely
def save(request: HttpRequest, key: UUID, number: int) -> HttpResponse:
    """Autosave of the script, the button ‘save and go on later’, or Enter in a field, which only saves (`stay`)."""
    found, quiz = _attempt(request, key, number)
    form = SaveForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": form.errors}, status=400)
    try:
        found = actions.save_answers(found, by=request.user, **form.written, **form.order())
    except RuleViolation as refusal:
        if refusal.code != "handed_in":
            raise
        return _closed_meanwhile(request, found, form)
    if wants_json(request):
        answered = sum(1 for chosen in found.answers.values() if chosen)
        clock = {"deadline": found.deadline and found.deadline.isoformat(), "now": timezone.now().isoformat()}
        told = {
            "saved": found.saved_at.isoformat(),
            "answered": answered,
            "edition": found.edition,
            "wrong": to_mend_in_words(found.questions, found.answers),
        }
        return JsonResponse({**told, **clock})
    _tell_not_taken(request, found, form)
    if words := to_mend_in_words(found.questions, found.answers):
        messages.warning(request, words)
    messages.success(request, _("Your answers are saved. Come back when you want."))
    leaves = quiz.live and "stay" not in request.POST
    address = page_address(quiz.locale.language_code, quiz.url_path) if leaves else reverse("courses_attempt", args=[key, number])
    return redirect(_with_course(address, course_key_in(request)))


@takes_post(page_of_attempt)
@login_required
@refuse_politely
def submit(request: HttpRequest, key: UUID, number: int) -> HttpResponse:
    """Hands in, once."""
    found, quiz = _attempt(request, key, number)
    form = SaveForm(request.POST)
    try:
        return _hand_in(request, found, quiz, form)
    except RuleViolation as refusal:
        if refusal.code != "handed_in":
            raise
        return _closed_meanwhile(request, found, form)


def _hand_in(request: HttpRequest, found: QuizAttempt, quiz: QuizPage, form: SaveForm) -> HttpResponse:
    """With questions left open it asks once whether that is meant."""
    key, number = found.quiz_key, found.number
    written = {**form.written, "age": form.order()["age"] if form.is_valid() else 0}
    address = reverse("courses_attempt", args=[key, number])
    course_key = course_key_in(request)
    over, asks = found.is_over(timezone.now()), "anyway" not in request.POST
    if found.is_open and not over and asks:
        found = actions.save_answers(found, by=request.user, **written)
        written = {}  # saved a moment ago
        if not to_mend_in_words(found.questions, found.answers):
            if _tell_not_taken(request, found, form):
                return go_on(request, _with_course(address, course_key))
            if not all(result.answered for result in mark(found.questions, found.answers)):
                return go_on(request, f"{address}?missing=1{f'&course={course_key}' if course_key else ''}#missing")
    follow(request)
    try:
        found = actions.submit_attempt(found, quiz=quiz if quiz.pk else None, by=request.user, **written)
    except RuleViolation as refusal:
        if refusal.code not in CODES:
            raise
        if written:
            found = actions.save_answers(found, by=request.user, **written)  # kept as typed, until it can be handed in
        if wants_json(request):
            raise
        messages.error(request, str(refusal))
        _tell_not_taken(request, found, form)
        return redirect(_with_course(address, course_key))
    if over:
        messages.warning(request, _("The time was over: what had been saved until then is handed in."))
        _tell_too_late(request, found, form)
    elif not asks:
        _tell_not_taken(request, found, form)
    return go_on(request, _with_course(address, course_key))


@require_GET
@never_cache
@login_required
def module_parcel(request: HttpRequest, key: UUID) -> HttpResponse:
    """What a script fetches to keep the module on a device."""
    module = readable_module(request.user, key)
    if module is None:
        raise Http404
    return JsonResponse(parcel_of(module, request))


@require_GET
@never_cache
def offline(request: HttpRequest) -> HttpResponse:
    """What is kept on this device, which only the device knows. Also what it shows for a page that it has not kept."""
    return render(request, "courses/offline.html")


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, since a worker serves what lies under its address; asked for anew each time, so that a mended one comes at once."""
    script = (settings.PROJECT_DIR / "static" / "js" / "sw.js").read_bytes()
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@require_GET
@never_cache
@login_required
def my_certificates(request: HttpRequest) -> HttpResponse:
    settle_waiting(request.user)
    return render(request, "courses/my_certificates.html", {"certificates": Certificate.objects.of(request.user)})


def _certificate(request: HttpRequest, pk: UUID) -> Certificate:
    found = get_object_or_404(Certificate.objects.for_user(request.user), pk=pk)
    if not can_read_certificate(request.user, found):
        raise Http404
    return found


@require_GET
@never_cache
@login_required
def certificate(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _certificate(request, pk)
    context = {"certificate": found, "words": found.words, "stations": certificates.stations(found.words)}
    context["may_take_badge"] = can_take_badge(request.user, found)
    return render(request, "courses/certificate.html", context)


@require_GET
@never_cache
@login_required
def certificate_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The printed form, in the language of the address."""
    found = _certificate(request, pk)
    language = get_language()
    return HttpResponse(
        certificates.pdf(found, language=language),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="certificate-{str(found.pk)[:8]}-{language}.pdf"'},
    )


@require_GET
@never_cache
def verify(request: HttpRequest, reference: str) -> HttpResponse:
    """Is this certificate valid? Always an answer in words: valid, expired, revoked, or unknown (404, which a wrong address is too).

    The address has no language; the visitor's own is used, or the one they ask for with `?lang=`.
    """
    asked = request.GET.get("lang")
    language = asked if asked in dict(settings.LANGUAGES) else get_language()
    try:
        found = Certificate.objects.filter(pk=UUID(reference)).first()
    except ValueError:
        found = None
    with translation.override(language):
        context = {
            "certificate": found,
            "standing": found.standing if found else "unknown",
            "words": found.words if found else {},
            "reference": reference,
            "languages": [
                (code, translation.get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES if code != language
            ],
        }
        response = render(request, "courses/verify.html", context, status=200 if found else 404)
    response.headers["Content-Language"] = language
    response.headers["X-Robots-Tag"] = "noindex"
    return response

"""What a learner reads of themselves, the same report as their trainer; and coming into a course with a code."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from academy.limits import tries_too_often
from academy.privacy import hidden_for
from academy.rules import RuleViolation
from academy.sheets import sheet
from academy.signed_out import tell_not_sent
from courses import actions
from courses.access import readable_course
from courses.models import Enrolment, QuizAttempt
from courses.models.joining import plain_code
from courses.person_reports import LeftCourse, PersonReport, closed_courses, enrolments_of, left_courses, left_lessons, person_reports
from courses.reports import FINISHED, STANDINGS
from courses.syllabus import kept_courses, page_address
from courses.works import left_works

REMEMBERED = "courses.code"  # in the session of a visitor
TRIES, TRIES_SECONDS = 10, 600


@require_GET
@never_cache
@login_required
def my_learning(request: HttpRequest) -> HttpResponse:
    """Every course that the person follows and may open, with all that is kept about it (`?export=csv`: as a file); of the others, how far
    they came."""
    hidden, listed = hidden_for(request), kept_courses(request)
    readable, live = {one.key for one in listed if not hidden.hides(one.path)}, {one.key for one in listed}
    enrolments = enrolments_of(request.user)
    every = person_reports(request.user, hidden=hidden, enrolments=enrolments)
    reports = [one for one in every if one.syllabus.course_key in readable]
    closed = closed_courses(request.user, [one for one in every if one.syllabus.course_key not in readable])
    left = left_courses(request.user, [one for one in enrolments if one.course_key not in live])
    if request.GET.get("export") == "csv":
        return sheet("csv", _("My learning"), _table(reports, closed, left))
    gone = QuizAttempt.objects.of(request.user).without_quiz().defer("questions", "answers", "bands", "marks")
    context = {"reports": reports, "closed": closed, "left": left, "gone": gone}
    context |= {"works": left_works(request.user), "lessons": left_lessons(request.user)}
    return render(request, "courses/my_learning.html", context)


def _table(reports: Iterable[PersonReport], closed: Iterable[LeftCourse], left: Iterable[LeftCourse]) -> Iterator[list]:
    yield [
        _("Course"), _("Module"), _("Activity"), _("State"), _("Completed"), _("How"), _("From staff"), _("First seen"), _("Last seen"),
        _("Minutes"), _("Attempts"),
    ]  # fmt: skip
    for report in reports:
        for module, _required, lines in report.modules:
            for line in lines:
                tries = [f"{one.number}: {one.get_state_display() if one.percent is None else f'{one.percent} %'}" for one in line.attempts]
                tries += [f"{version.number}: {answer}" for version, answer in line.handed_in]
                yield [
                    report.syllabus.title, module.title, line.activity.title, line.said, line.record and line.record.completed_at,
                    line.how, line.remark, line.first_seen_at, line.last_seen_at, round(line.seconds / 60), ", ".join(tries),
                ]  # fmt: skip
    for one in (*closed, *left):
        finished = one.enrolment.completed_at
        state = STANDINGS[FINISHED] if finished else _("closed to you now") if one.report else _("not offered any more")
        yield [one.title, "", "", str(state), finished, "", "", one.enrolment.enrolled_at, None, "", ""]


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """A code given by hand, by mail or in a QR code (`?code=`). A visitor's is kept until they have signed in, or up."""
    code = plain_code(request.POST.get("code") or request.GET.get("code") or "")
    refusal = ""
    if request.method == "POST" and tries_too_often(request, "courses.join", most=TRIES, seconds=TRIES_SECONDS):
        refusal = _("Too many tries. Wait some minutes, then type the code that you were given.")
    elif request.method == "POST" and not code:
        refusal = _("Type the code that you were given.")
    elif request.method == "POST" and not request.user.is_authenticated:
        request.session[REMEMBERED] = code
        return redirect(f"{reverse('account_login')}?next={quote(f'{request.path}?code={code}')}")
    elif request.method == "POST":
        try:
            return _into(request, actions.enrol_by_code(code, by=request.user))
        except RuleViolation as refused:
            refusal = str(refused)
    return render(request, "courses/join.html", {"code": code, "refusal": refusal})


def _into(request: HttpRequest, enrolment: Enrolment) -> HttpResponse:
    course = readable_course(request.user, enrolment.course_key)
    if course is None:
        messages.warning(request, _("You follow this course, but it is not open to you yet: tell who gave you the code."))
    else:
        messages.success(request, _("You follow this course. What you complete is kept here."))
    return redirect(page_address(course.locale.language_code, course.url_path) if course else "courses_my_learning")


def on_sign_in(sender, request, user, **_kwargs) -> None:
    """Whoever was invited before they had an account, or came with a code, follows the course from their first sign-in on."""
    actions.arrive(user, by=user)
    tell_not_sent(request, user)
    code = request.session.pop(REMEMBERED, "") if getattr(request, "session", None) is not None else ""
    if code:
        try:
            actions.enrol_by_code(code, by=user)
        except RuleViolation as refused:
            messages.error(request, str(refused), fail_silently=True)
        else:
            messages.success(request, _("You follow this course. What you complete is kept here."), fail_silently=True)

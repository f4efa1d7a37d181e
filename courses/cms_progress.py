"""Progress by course in the CMS: every course, one course as a matrix of people and activities, one person, one cell."""

from collections.abc import Iterator
from datetime import date
from html import escape
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from academy.cms_verbs import crumbs
from academy.http import ascii_html, render_around
from academy.models import User
from academy.rehearsal import shows_mails
from academy.sheets import FORMATS, sheet
from academy.templatetags.ui import day
from courses import learner_groups
from courses.cms import perform, specific_activity_page, verbs_for
from courses.models import ActivityRecord, CoursePage, Enrolment
from courses.permissions import can_follow, can_read_records
from courses.person_reports import person_reports
from courses.redo import place_of
from courses.report_forms import ReportForm
from courses.reports import FINISHED, STANDINGS, STATES, CourseReport, Learner, course_report
from courses.settling import settle_waiting
from courses.syllabus import Syllabus, in_reading_order, kept_courses, kept_syllabus, reader_language, syllabus_off_site


def require_follower(request: HttpRequest) -> None:
    """Nobody else finds these addresses."""
    if not can_read_records(request.user):
        raise Http404


def syllabus_or_404(request: HttpRequest, key: UUID) -> Syllabus:
    """Also of a course that was taken off the site: what people did in it is kept, and the team goes on reading it."""
    syllabus = kept_syllabus(request, key) or syllabus_off_site(key)
    if syllabus is None:
        raise Http404
    return syllabus


def course_address(key: UUID) -> str:
    return reverse("courses_cms_course", args=[key])


@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """Every live course, with how many follow it and how many have finished; then those that were taken off the site and were followed."""
    require_follower(request)
    settle_waiting()
    titles: dict[UUID, str] = {}
    for one in kept_courses(request):
        if one.key not in titles or one.language == reader_language():
            titles[one.key] = one.title
    left = CoursePage.objects.filter(first_published_at__isnull=False, translation_key__in=Enrolment.objects.values("course_key"))
    gone = dict(reversed(list(in_reading_order(left.exclude(translation_key__in=titles)).values_list("translation_key", "title"))))
    titles |= gone
    followed = Enrolment.objects.filter(course_key__in=titles, user__is_active=True).order_by().values("course_key")
    counts = {row["course_key"]: row for row in followed.annotate(people=Count("pk"), finished=Count("completed_at"))}
    lines = [(key, title, counts.get(key, {"people": 0, "finished": 0}), key in gone) for key, title in titles.items()]
    context = {
        "lines": lines,
        "header_title": _("Progress by course"),
        "header_icon": "table",
        "breadcrumbs_items": crumbs((_("Progress by course"), "")),
    }
    return render(request, "courses/cms/progress.html", context)


@require_GET
def course(request: HttpRequest, key: UUID) -> HttpResponse:
    """The matrix, or the same rows as a file (`?export=csv`, `?export=xlsx`)."""
    require_follower(request)
    syllabus = syllabus_or_404(request, key)
    cohorts = learner_groups.names_for(request.user)
    form = ReportForm(request.GET, cohorts=cohorts)
    report = course_report(syllabus, form.wanted())
    kind = request.GET.get("export")
    if kind in FORMATS:
        return sheet(kind, f"{syllabus.title} progress", _table(report, cohorts))
    page = Paginator(report.learners, form.page_size).get_page(request.GET.get("page"))
    context = {
        "syllabus": syllabus,
        "form": form,
        "report": report,
        "page": page,
        "legend": [(state, mark, words) for state, (mark, words) in STATES.items()],
        "standings": [(standing, words, report.counts[standing]) for standing, words in STANDINGS.items()],
        "exports": [(name.upper(), f"?{_query(request, export=name)}") for name in FORMATS],
        "query": _query(request),
        "header_title": syllabus.title,
        "header_icon": "table",
        "breadcrumbs_items": crumbs((_("Progress by course"), reverse("courses_cms_progress")), (syllabus.title, "")),
    }
    return render_around(request, "courses/cms/course.html", context, rows=_html_rows(report, page.object_list, cohorts))


def _query(request: HttpRequest, **more: str) -> str:
    query = request.GET.copy()
    for name, value in more.items():
        query[name] = value
    query.pop("page", None)
    return query.urlencode()


def _html_rows(report: CourseReport, learners: list[Learner], cohorts: dict[str, str]) -> bytes:
    """The rows as they are sent: there are thousands of cells, alike but for the person, so the words around it are made once."""
    around = [
        {
            state: ascii_html(f'<td data-state="{state}"><a href="\0/{one.key}/" aria-label="{escape(words)}">{mark}</a>')
            for state, (mark, words) in STATES.items()
        }
        for one in report.activities
    ]
    days: dict[date, str] = {}
    same: dict[tuple[str, ...], bytes] = {}  # many stand alike
    html = []
    for one in learners:
        person, states = str(one.person_id), tuple(one.states)
        seen = timezone.localtime(one.last_seen).date() if one.last_seen else None
        if seen not in days:
            days[seen] = day(seen, short=True) if seen else escape(_("never"))
        name = escape(one.name)
        head = (
            f'<tr><th scope="row"><input type="checkbox" name="person" value="{person}" aria-label="{name}"> <a href="{person}/">{name}</a>'
        )
        if one.cohort_key in cohorts:
            head += f"<br><small>{escape(cohorts[one.cohort_key])}</small>"
        for reason in one.reasons:
            head += f'<br><small class="late">{escape(reason)}</small>'
        head += f"</th><td>{one.done} / {report.total}"
        if one.standing == FINISHED:
            head += f"<br><small>{escape(STANDINGS[FINISHED])}</small>"
        if states not in same:
            same[states] = b"".join([words[state] for words, state in zip(around, states, strict=True)]) + b"</tr>\n"
        html += [f"{head}</td><td>{days[seen]}</td>".encode(), same[states].replace(b"\0", person.encode())]
    return b"".join(html)


def _table(report: CourseReport, cohorts: dict[str, str]) -> Iterator[list]:
    """Everybody who is listed, on however many pages."""
    yield [
        _("Name"), _("E-mail"), _("Cohort"), _("Enrolled"), _("Finished"), _("Standing"), _("Needs help because"), _("Required and done"),
        _("Required"), _("Last seen"), _("Minutes"), *(activity.title for activity in report.activities),
    ]  # fmt: skip
    scores = report.scores()
    for one in report.learners:
        cells = [
            " ".join(filter(None, (str(STATES[state][1]), scores.get((one.person_id, activity.key), ""))))
            for activity, state in zip(report.activities, one.states, strict=True)
        ]
        yield [
            one.name, one.email, cohorts.get(one.cohort_key, ""), one.enrolled_at, one.completed_at, str(STANDINGS[one.standing]),
            ", ".join(one.reasons), one.done, report.total, one.last_seen, round(one.seconds / 60), *cells,
        ]  # fmt: skip


@require_GET
def person(request: HttpRequest, key: UUID, person: int) -> HttpResponse:
    """One person in one course: what they read of themselves on *My learning*."""
    require_follower(request)
    learner = get_object_or_404(User, pk=person)
    found = person_reports(learner, course_key=key, off_site=True)
    if not found:
        raise Http404
    context = {
        "learner": learner,
        "report": found[0],
        "cohort": learner_groups.names_for(request.user).get(found[0].enrolment.cohort_key, ""),
        "header_title": f"{learner} · {found[0].syllabus.title}",
        "header_icon": "user",
        "breadcrumbs_items": crumbs(
            (_("Progress by course"), reverse("courses_cms_progress")), (found[0].syllabus.title, course_address(key)), (str(learner), "")
        ),
    }
    return render(request, "courses/cms/person.html", context)


@shows_mails()
@require_http_methods(["GET", "POST"])
def cell(request: HttpRequest, key: UUID, person: int, activity_key: UUID, verb: str = "") -> HttpResponse:
    """One person and one activity: their record, or what staff may do where there is none yet."""
    require_follower(request)
    learner = get_object_or_404(User, pk=person)
    syllabus = syllabus_or_404(request, key)
    place = place_of(learner, syllabus, activity_key)
    record = ActivityRecord.objects.counting_in(place).filter(user=learner, activity_key=activity_key).first()
    if record is not None and request.method == "GET":
        return redirect("courses_cms_record", pk=record.pk)
    activity = specific_activity_page(activity_key)
    if activity is None:
        raise Http404
    verbs = verbs_for(activity, learner, place) if can_follow(request.user, learner) else {}
    refused = None
    if request.method == "POST":
        if verb not in verbs:
            raise Http404
        refused = perform(request, *verbs[verb][1:])
        if refused is None:
            return redirect("courses_cms_cell", key, person, activity_key)
    context = {
        "learner": learner,
        "activity": activity,
        "again": syllabus.title if place else "",
        "verbs": [
            (
                reverse("courses_cms_cell_verb", args=[key, person, activity_key, name]),
                label,
                refused if name == verb and refused else form_class(),
            )
            for name, (label, _act, form_class) in verbs.items()
        ],
        "history": [],
        "header_title": f"{learner} · {activity.title}",
        "header_icon": "tick-inverse",
        "breadcrumbs_items": crumbs(
            (_("Progress by course"), reverse("courses_cms_progress")),
            (syllabus.title, course_address(key)),
            (f"{learner} · {activity.title}", ""),
        ),
    }
    return render(request, "courses/cms/no_record.html", context)

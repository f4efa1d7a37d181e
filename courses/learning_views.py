"""What a learner reads of themselves: the same report as their trainer, on a page, on paper and as a file."""

from collections.abc import Iterable, Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from academy.privacy import hidden_for
from academy.sheets import sheet
from courses.reports import PersonReport, person_reports
from courses.syllabus import kept_courses


@require_GET
@never_cache
@login_required
def my_learning(request: HttpRequest) -> HttpResponse:
    """Every course that the person follows and may open, with all that is kept about it (`?export=csv`: as a file)."""
    hidden = hidden_for(request)
    readable = {one.key for one in kept_courses(request) if not hidden.hides(one.path)}
    reports = [one for one in person_reports(request.user, hidden=hidden) if one.syllabus.course_key in readable]
    if request.GET.get("export") == "csv":
        return sheet("csv", _("My learning"), _table(reports))
    return render(request, "courses/my_learning.html", {"reports": reports})


def _table(reports: Iterable[PersonReport]) -> Iterator[list]:
    yield [
        _("Course"), _("Module"), _("Activity"), _("State"), _("Completed"), _("How"), _("From staff"), _("First seen"), _("Last seen"),
        _("Minutes"), _("Attempts"),
    ]  # fmt: skip
    for report in reports:
        for module, _required, lines in report.modules:
            for line in lines:
                tries = [f"{one.number}: {one.get_state_display() if one.percent is None else f'{one.percent} %'}" for one in line.attempts]
                yield [
                    report.syllabus.title, module.title, line.activity.title, line.state_words, line.record and line.record.completed_at,
                    line.how, line.remark, line.first_seen_at, line.last_seen_at, round(line.seconds / 60), ", ".join(tries),
                ]  # fmt: skip

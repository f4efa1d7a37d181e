"""*My mentor*: who accompanies the project, how to reach them, when one meets next, what was noted."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from cohorts.hub import own_projects
from cohorts.mentoring import mentors_of
from cohorts.models import Cohort, MeetingNote


@login_required
def my_mentor(request: HttpRequest) -> HttpResponse:
    projects = own_projects(request.user)
    wanted = request.GET.get("project")
    project = next((row for row in projects if str(row.pk) == wanted), None) if wanted else next(iter(projects), None)
    if project is None and wanted:
        raise Http404
    context = {"project": project, "projects": projects, "mentors": [], "notes": [], "cohort": None}
    if project:
        cohorts = Cohort.objects.filter(participations__project=project).select_related("coordinator")
        notes = MeetingNote.objects.shared_with(request.user).of_project(project)
        context |= {
            "mentors": mentors_of(project),
            "notes": list(notes.select_related("author")),
            "cohort": cohorts.order_by("-starts_at").first(),
        }
    return render(request, "cohorts/my_mentor.html", context)

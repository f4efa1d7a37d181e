"""*My mentor*: who accompanies the project, how to reach them, when one meets next, what was noted."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from academy.models import User
from cohorts.hub import own_projects
from cohorts.mentoring import mentors_of
from cohorts.models import Cohort, MeetingNote, OfficeHourBooking, Project
from cohorts.views.office_hours import zone_of_host
from cohorts.whats_next import whom_to_ask


def next_office_hour(project: Project, reader: User) -> tuple[OfficeHourBooking, str] | None:
    """The next one to which somebody of the project goes, and the host's zone where it differs from the reader's."""
    rows = OfficeHourBooking.objects.to_come().filter(project=project).select_related("hour__host", "person")
    found = rows.order_by("hour__starts_at", "booked_at").first()
    return (found, zone_of_host(found.hour, reader)) if found else None


@login_required
def my_mentor(request: HttpRequest) -> HttpResponse:
    projects = own_projects(request.user)
    wanted = request.GET.get("project")
    project = next((row for row in projects if str(row.pk) == wanted), None) if wanted else next(iter(projects), None)
    if project is None and wanted:
        raise Http404
    context = {"project": project, "projects": projects, "mentors": [], "notes": [], "cohort": None, "next": None, "ask": ("", "")}
    if project:
        cohorts = Cohort.objects.filter(participations__project=project).select_related("coordinator")
        notes = MeetingNote.objects.shared_with(request.user).of_project(project)
        context |= {
            "mentors": mentors_of(project),
            "notes": list(notes.select_related("author")),
            "next": next_office_hour(project, request.user),
            "cohort": cohorts.order_by("-starts_at").first(),
        }
        if context["cohort"]:
            context["ask"] = whom_to_ask(context["cohort"], project)
    return render(request, "cohorts/my_mentor.html", context)

"""Under which name a project is read: while one of its applications is, another draft does not change it under the readers' eyes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cohorts.models import Application, ApplicationState
from cohorts.whats_next import whom_to_ask

IDENTITY = ("name", "country", "place")  # read from the project by lists, letters and exports, not from what was sent
BEING_READ = (ApplicationState.SUBMITTED, ApplicationState.UNDER_REVIEW, ApplicationState.DELIBERATION, ApplicationState.RESERVE)


def being_read(application: Application) -> Application | None:
    """Another application of the same project that is sent and not decided. None while there is none: its own return frees it too."""
    others = Application.objects.filter(project=application.project_id, state__in=BEING_READ).exclude(pk=application.pk)
    return others.select_related("project", "cohort__coordinator").order_by("submitted_at").first()


def why_kept(read: Application) -> str:
    """For whoever would change the name, the country or the place, and whom to ask."""
    person, email = whom_to_ask(read.cohort, read.project)
    words = _("%(project)s is being read for “%(call)s” under this name, country and place. To correct them, ask %(person)s (%(email)s).")
    return words % {"project": read.project.name, "call": read.cohort.title, "person": person, "email": email}

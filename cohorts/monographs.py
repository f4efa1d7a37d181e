"""What is known of the monograph of a project: which page it is, in which language, and from when on its dossier becomes one."""

from __future__ import annotations

from django.conf import settings

from cohorts.models import Participation, ParticipationState
from wiki.models import MonographPage

READY = (ParticipationState.ELIGIBLE, ParticipationState.GRADUATED, ParticipationState.ALUMNUS)


def language_of(participation: Participation) -> str:
    """In which the project writes: that of its application, which its dossier follows."""
    last = participation.application or participation.project.applications.order_by("created_at").last()
    return last.language if last else settings.LANGUAGE_CODE


def monograph_of(participation: Participation) -> MonographPage | None:
    """The page that there is about the project already: that of its dossier, or one that somebody wrote by hand under its name."""
    if participation.project.monograph_id:
        return participation.project.monograph
    named = MonographPage.objects.filter(kind=MonographPage.Kind.PROJECT, organisation__iexact=participation.project.name)
    return named.order_by("pk").first()

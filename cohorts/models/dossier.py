"""The dossier: the project's own text under the ten headings of every monograph, filled from the application to graduation."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from wiki.headings import HEADINGS

from .project import Project


def chapter(key: str) -> models.TextField:
    """The text under one heading of `wiki.headings`, so that a dossier becomes a monograph field by field."""
    heading = next(row for row in HEADINGS if row.key == key)
    return models.TextField(heading.label, max_length=8000, blank=True, help_text=heading.asks)


class Dossier(models.Model):
    """Born with the project's first application and carried to the next ones. What was submitted is kept in snapshots."""

    KEYS = tuple(heading.key for heading in HEADINGS)

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="dossier", verbose_name=_("project"))
    history = chapter("history")
    regulatory_context = chapter("regulatory_context")
    competition = chapter("competition")
    legal_organisation = chapter("legal_organisation")
    publics = chapter("publics")
    services = chapter("services")
    processes = chapter("processes")
    team = chapter("team")
    key_figures = chapter("key_figures")
    stakes = chapter("stakes")
    saved_at = models.DateTimeField(_("last saved"), auto_now=True)

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")

    def __str__(self):
        return str(self.project)


def dossier_of(project: Project) -> Dossier:
    """The project's dossier; an empty one, not yet kept, where it has none."""
    try:
        return project.dossier
    except Dossier.DoesNotExist:
        return Dossier(project=project)

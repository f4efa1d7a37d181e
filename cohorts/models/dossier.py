"""The dossier: the project's own text under the ten headings of every monograph, filled from the application to graduation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
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


class DossierVersion(models.Model):
    """One wording of one heading, since the project takes part: who wrote it, from when to when it was being written.

    A person who goes on writing writes one version (`actions.dossiers`); the first one is what stood there when the project came in. NULL
    `written_by`: that first one, or somebody who is not there any more.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="versions", verbose_name=_("dossier"))
    heading = models.CharField(_("heading"), max_length=32, choices=[(heading.key, heading.label) for heading in HEADINGS])
    words = models.TextField(_("words"), blank=True)
    begun_at = models.DateTimeField(_("begun"))
    written_at = models.DateTimeField(_("written"))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("written by")
    )

    class Meta:
        verbose_name = _("version of a heading")
        verbose_name_plural = _("versions of a heading")
        ordering = ["dossier", "heading", "-written_at", "-pk"]
        indexes = [models.Index(fields=["dossier", "heading", "written_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(heading__in=Dossier.KEYS), name="only_a_heading_of_the_dossier_has_versions"),
            models.CheckConstraint(condition=Q(begun_at__lte=models.F("written_at")), name="a_version_is_begun_before_it_is_written"),
        ]

    def __str__(self):
        return f"{self.dossier} · {self.get_heading_display()}"


def dossier_of(project: Project) -> Dossier:
    """The project's dossier; an empty one, not yet kept, where it has none."""
    try:
        return project.dossier
    except Dossier.DoesNotExist:
        return Dossier(project=project)

"""What the team announces to one cohort, and who is inside a cohort at all."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from academy.fields import LocalizedText, LocalizedTextField
from academy.permissions import is_coordinator

from .append_only import AppendOnlyModel, AppendOnlyQuerySet
from .cohort import Cohort
from .constraints import date_with_author
from .participation import Participation
from .project import MentorAssignment, ProjectMember


def cohorts_walked_by(user) -> models.QuerySet:
    """Those in which a project of theirs, or one that they accompany, holds a place. Not who only applies, nor who reads applications."""
    if not user.is_authenticated:
        return Cohort.objects.none()
    own = ProjectMember.objects.filter(person=user).values("project")
    accompanied = MentorAssignment.objects.filter(mentor=user, until__isnull=True).values("project")
    inside = Participation.objects.holding_a_place().filter(Q(project__in=own) | Q(project__in=accompanied))
    return Cohort.objects.filter(pk__in=inside.values("cohort"))


def cohorts_open_to(user) -> models.QuerySet:
    """The cohorts whose inside this person reads: those that they walk in, or with; a coordinator, every one."""
    return Cohort.objects.all() if is_coordinator(user) else cohorts_walked_by(user)


@dataclass(frozen=True)
class InLanguage:
    """An announcement as one reader reads it. `language` is what it is written in; `is_other`: not the reader's own."""

    title: str
    html: str
    language: str
    is_other: bool


def in_language(title: LocalizedText, body: LocalizedText, language: str) -> InLanguage:
    """In the language asked for where it is written, else in the first of the site's languages that is."""
    codes = [language, *(code for code, _name in settings.LANGUAGES)]
    code = next((code for code in codes if title.get(code)), language)
    return InLanguage(title.get(code, ""), body.get(code, ""), code, code != language)


class AnnouncementQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(withdrawn_at__isnull=True)

    def for_user(self, user):
        """What is announced to the cohorts inside which this person is."""
        return self.standing().filter(cohort__in=cohorts_open_to(user).values("pk"))

    def pinned_first(self):
        return self.order_by("-is_pinned", "-posted_at", "pk")


class Announcement(models.Model):
    """Posted by the coordinator of a cohort to its people; changed with its history kept, withdrawn with a reason, never deleted.

    Each language that is written has its title and its text; one is enough. NULL `posted_by`: its author is not there any more, and it
    stays as the team's. NULL `withdrawn_at`: it stands.
    """

    MOST_TITLE = 150

    class Delivery(models.TextChoices):
        SITE = "site", _("No letter: it stands on the site")
        WEEKLY = "weekly", _("In the next weekly letter of each person")
        NOW = "now", _("By a letter of its own, now")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="announcements", verbose_name=_("cohort"))
    title = LocalizedTextField(_("title"))
    body = LocalizedTextField(_("text"))
    delivery = models.CharField(_("letter"), max_length=16, choices=Delivery, default=Delivery.SITE)
    is_pinned = models.BooleanField(_("stays on top"), default=False)
    posted_at = models.DateTimeField(_("posted"))
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_reason = models.TextField(_("why withdrawn"), max_length=1000, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ["-posted_at", "pk"]
        indexes = [models.Index(fields=["cohort", "posted_at"])]
        constraints = [
            models.CheckConstraint(condition=~Q(title={}) & ~Q(body={}), name="an_announcement_says_something"),
            date_with_author("withdrawn", name="an_announcement_is_withdrawn_by_somebody"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_reason=""),
                name="a_withdrawn_announcement_says_why",
                violation_error_message=_("Say why it is withdrawn."),
            ),
        ]

    def __str__(self):
        return str(self.title)

    def in_language(self, language: str) -> InLanguage:
        return in_language(self.title, self.body, language)


class AnnouncementVersion(AppendOnlyModel):
    """One wording of an announcement, the first included: written once. NULL `written_by`: somebody who is not there any more."""

    may_change = frozenset({"written_by", "written_by_id"})

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="versions", verbose_name=_("announcement"))
    number = models.PositiveSmallIntegerField(_("number"))
    title = LocalizedTextField(_("title"))
    body = LocalizedTextField(_("text"))
    written_at = models.DateTimeField(_("written"))
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of an announcement")
        verbose_name_plural = _("versions of an announcement")
        ordering = ["announcement", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["announcement", "number"], name="versions_of_an_announcement_have_numbers"),
        ]

    def __str__(self):
        return f"{self.announcement} · {self.number}"

    def in_language(self, language: str) -> InLanguage:
        return in_language(self.title, self.body, language)

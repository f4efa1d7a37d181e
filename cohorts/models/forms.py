"""A form that the pathway asks for: its questions, what a project is writing, and every time it sent it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from academy.permissions import is_coordinator, is_trainer
from courses.models.files import BroughtFile

from .append_only import AppendOnlyModel, AppendOnlyQuerySet
from .application import interests_of
from .participation import Participation
from .pathway import Pathway, Requirement
from .project import Project, ProjectMember
from .question import AskedQuestion


class FormQuestion(AskedQuestion):
    """One question of a form. Free to edit until a cohort opens with the pathway; then a change makes the next version of it."""

    requirement = ParentalKey(Requirement, on_delete=models.CASCADE, related_name="questions", verbose_name=_("form"))

    class Meta:
        verbose_name = _("question of a form")
        verbose_name_plural = _("questions of a form")
        ordering = ["requirement", "sort_order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(most_words__isnull=True) | Q(kind="text"),
                name="only_a_text_of_a_form_has_a_number_of_words",
                violation_error_message=_("Only a text has a number of words."),
            ),
        ]

    @property
    def frozen_by(self) -> Pathway:
        return self.requirement.stage.pathway

    def clean(self):
        super().clean()
        if self.requirement_id and self.requirement.kind != Requirement.Kind.FORM:
            raise ValidationError(_("Only a form asks questions."))


class FormReplyQuerySet(models.QuerySet):
    def for_user(self, user):
        """The people of the project; of the team, coordinators and trainers without an interest in it."""
        if not user.is_authenticated:
            return self.none()
        mine = Q(project__in=ProjectMember.objects.filter(person=user).values("project"))
        if not (is_coordinator(user) or is_trainer(user)):
            return self.filter(mine)
        return self.filter(mine | ~Q(project__in=interests_of(user).values("pk")))


class FormReply(models.Model):
    """What one project writes in one form: the row that every verb locks. `answers` is the draft, by name of the field; what counts is what
    was sent. NULL `saved_by`: somebody who is not there any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="form_replies", verbose_name=_("project"))
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="form_replies", verbose_name=_("form"))
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    saved_at = models.DateTimeField(_("last saved"), default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = FormReplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("reply to a form")
        verbose_name_plural = _("replies to forms")
        ordering = ["requirement", "project"]
        constraints = [
            models.UniqueConstraint(fields=["project", "requirement"], name="a_project_replies_to_a_form_once"),
        ]

    def __str__(self):
        return f"{self.project} · {self.requirement}"


class FormSendingQuerySet(AppendOnlyQuerySet):
    def counting_in(self, cohort):
        """What was sent for a place in this cohort, or for one that was moved there: a project that comes back is asked anew."""
        sent_at = models.OuterRef("sent_at")
        places = Participation.objects.filter(project=models.OuterRef("reply__project"), cohort=cohort)
        begun = Q()
        for place in ("", "transferred_from__", "transferred_from__transferred_from__"):
            begun |= Q(**{f"{place}invited_at__lte": sent_at})
        for ended in ("ended_at", "graduated_at"):
            places = places.filter(Q(**{f"{ended}__isnull": True}) | Q(**{f"{ended}__gte": sent_at}))
        return self.filter(models.Exists(places.filter(begun)))


class FormSending(AppendOnlyModel):
    """What was sent, each time it was: the questions as they were asked, and the answers. The last one counts; none is ever changed."""

    reply = models.ForeignKey(FormReply, on_delete=models.PROTECT, related_name="sendings", verbose_name=_("reply to a form"))
    number = models.PositiveSmallIntegerField(_("number"))
    content = models.JSONField(_("content"))
    sent_at = models.DateTimeField(_("sent"))
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("sent by"))

    objects = FormSendingQuerySet.as_manager()

    class Meta:
        verbose_name = _("sent form")
        verbose_name_plural = _("sent forms")
        ordering = ["reply", "number"]
        constraints = [
            models.UniqueConstraint(fields=["reply", "number"], name="a_sent_form_has_its_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="sent_forms_are_counted_from_one"),
        ]

    def __str__(self):
        return f"{self.reply} ({self.number})"


def stored_as(row: FormFile, _name: str) -> str:
    """Under a name that says nothing, in a folder that no web server serves."""
    return f"forms/{row.pk}.{row.kind}"


class FormFileQuerySet(models.QuerySet):
    def for_user(self, user):
        """The people of the project, whatever they attached; the team without an interest in it, what was sent."""
        readable = self.filter(reply__in=FormReply.objects.for_user(user))
        mine = Q(reply__project__in=ProjectMember.objects.filter(person=user).values("project")) if user.is_authenticated else Q(pk=None)
        sent = models.Exists(self.model.sendings.through.objects.filter(formfile=models.OuterRef("pk")))
        return readable.filter(mine | Q(sent))


class FormFile(BroughtFile):
    """A file that answers a question of a form. Its bytes are never changed; taken out of the draft, it stays in what it was sent with."""

    reply = models.ForeignKey(FormReply, on_delete=models.CASCADE, related_name="files", verbose_name=_("reply to a form"))
    question = models.ForeignKey(FormQuestion, on_delete=models.PROTECT, related_name="files", verbose_name=_("question"))
    sendings = models.ManyToManyField(FormSending, blank=True, related_name="files")
    file = models.FileField(_("file"), upload_to=stored_as, max_length=120)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = FormFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a form")
        verbose_name_plural = _("files of forms")
        ordering = ["added_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="a_file_of_a_form_has_a_name")]

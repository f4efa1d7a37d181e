"""What a call asks beside the dossier, what was answered, what was attached, and the words of its letters."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from academy.fields import LocalizedTextField
from cohorts import placeholders
from courses.models.files import BroughtFile

from .application import Application, ApplicationSnapshot
from .cohort import Cohort
from .question import AskedQuestion


class CallQuestion(AskedQuestion):
    """One question that only this call asks. Free to edit while the cohort is planned; opening the call freezes it."""

    cohort = ParentalKey(Cohort, on_delete=models.CASCADE, related_name="questions", verbose_name=_("cohort"))

    class Meta:
        verbose_name = _("question of the call")
        verbose_name_plural = _("questions of the call")
        ordering = ["cohort", "sort_order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(most_words__isnull=True) | Q(kind="text"),
                name="only_a_text_has_a_number_of_words",
                violation_error_message=_("Only a text has a number of words."),
            ),
        ]

    @property
    def frozen_by(self) -> Cohort:
        return self.cohort


class CallAnswer(models.Model):
    """What a project answered to one question of the call: one column per kind, so that lists filter on it. A file is an ApplicationFile.

    `text` holds a text, the number of a choice, or the code of a country; `number` a number or an amount, `currency` with it.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="call_answers")
    question = models.ForeignKey(CallQuestion, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(_("answer"), max_length=CallQuestion.MOST_CHARACTERS, blank=True)
    number = models.DecimalField(_("number"), max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    class Meta:
        verbose_name = _("answer to the call")
        verbose_name_plural = _("answers to the call")
        constraints = [
            models.UniqueConstraint(fields=["application", "question"], name="a_question_of_a_call_is_answered_once"),
            models.CheckConstraint(condition=Q(currency="") | Q(number__isnull=False), name="a_currency_has_its_amount"),
        ]
        indexes = [models.Index(fields=["question", "number"])]

    def __str__(self):
        return f"{self.question}: {self.text or self.number}"


def stored_as(row: ApplicationFile, _name: str) -> str:
    """Under a name that says nothing, in a folder that no web server serves."""
    return f"applications/{row.pk}.{row.kind}"


class ApplicationFile(BroughtFile):
    """A file that a project attached, to a question of the call or to the whole. Its bytes are never changed.

    `in_draft`: it is part of what the project would send now. `snapshots` are the versions that it was sent with: taken out of the
    draft, it stays in them.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="files")
    question = models.ForeignKey(CallQuestion, null=True, blank=True, on_delete=models.PROTECT, related_name="files")
    snapshots = models.ManyToManyField(ApplicationSnapshot, blank=True, related_name="files")
    file = models.FileField(_("file"), upload_to=stored_as, max_length=120)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["added_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="an_attachment_has_a_name")]


class CallLetter(models.Model):
    """The words of one letter of a call, where the built-in ones do not do. Changeable until the letter leaves; what left is kept
    in the outbox."""

    class Occasion(models.TextChoices):
        RECEIVED = "received", _("The application is received")
        RETURNED = "returned", _("Something more is needed")
        INELIGIBLE = "ineligible", _("Not eligible")
        ADMITTED = "admitted", _("Admitted")
        RESERVE = "reserve", _("On the reserve list")
        DECLINED = "declined", _("Not admitted")

    cohort = ParentalKey(Cohort, on_delete=models.CASCADE, related_name="letters", verbose_name=_("cohort"))
    occasion = models.CharField(_("letter"), max_length=16, choices=Occasion)
    subject = LocalizedTextField(_("subject"))
    body = LocalizedTextField(_("words"))

    class Meta:
        verbose_name = _("letter of the call")
        verbose_name_plural = _("letters of the call")
        ordering = ["cohort", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "occasion"],
                name="a_call_has_each_letter_once",
                violation_error_message=_("This call has this letter already."),
            ),
        ]

    def __str__(self):
        return self.get_occasion_display()

    def clean(self):
        """The names in braces are known, and something is said even where there are no conditions and no date."""
        allowed = placeholders.BY_OCCASION.get(self.occasion, ())
        for name in ("subject", "body") if allowed else ():
            for language, text in getattr(self, name).items():
                try:
                    placeholders.check(text, allowed)
                except ValidationError as refusal:
                    raise ValidationError({name: f"{dict(settings.LANGUAGES).get(language, language)}: {refusal.message}"}) from None
        if any(not placeholders.always_says_something(text) for text in self.body.values()):
            raise ValidationError({"body": _("Write at least one line without a name that may be empty, such as {conditions}.")})


class SelfCheck(models.Model):
    """What a project said in “Am I ready?” before it began to apply: `{ingredient: choice}` (`cohorts.readiness`). A reminder for its
    own people while they write; no part of what is sent, and shown to nobody else."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="self_check")
    answers = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("self-check before an application")
        verbose_name_plural = _("self-checks before an application")

    def __str__(self):
        return str(self.application)

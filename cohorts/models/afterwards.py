"""What a session leaves to the wiki: its notes, photos, decisions, and what was asked and answered aloud."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.documents import get_document_model_string
from wagtail.images import get_image_model_string

from wiki.models.questions import LONGEST_QUESTION

from .constraints import date_with_author
from .session import Session


class Afterwards(models.Model):
    """Gathered bit by bit by the team, then made into pages in one step. Born with the first bit.

    Notes are typed (`notes`), brought as a file (`notes_file`, kept where the originals of imports are), or both. NULL `page`: none was made,
    or it was deleted since. NULL `made_at`: nothing was made yet. `version` rises with every change: what is made is what was looked at.
    """

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="afterwards", verbose_name=_("session"))
    section = models.ForeignKey(
        "wiki.WikiSection", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("place in the wiki")
    )
    notes = models.TextField(_("notes"), blank=True)
    notes_file = models.ForeignKey(
        get_document_model_string(), null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("file of the notes")
    )
    decisions = models.TextField(_("decisions"), blank=True, help_text=_("One per line."))
    version = models.PositiveIntegerField(default=0, editable=False)
    page = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False, verbose_name=_("page")
    )
    made_at = models.DateTimeField(_("made"), null=True, blank=True, editable=False)
    made_version = models.PositiveIntegerField(null=True, blank=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False)

    class Meta:
        verbose_name = _("what a session leaves")
        verbose_name_plural = _("what sessions leave")
        ordering = ["session"]
        constraints = [
            date_with_author("made", name="the_pages_of_a_session_are_made_by_somebody"),
        ]

    def __str__(self):
        return f"{self._meta.verbose_name}: {self.session}"

    @property
    def is_changed_since(self) -> bool:
        """Something was added or changed after the pages were made."""
        return self.made_at is not None and self.made_version != self.version


class AfterwardsPhoto(models.Model):
    """A picture for the page, with the word of whoever added it that the people in it have agreed. Deleted with the picture."""

    afterwards = models.ForeignKey(Afterwards, on_delete=models.PROTECT, related_name="photos", verbose_name=_("session"))
    image = models.ForeignKey(get_image_model_string(), on_delete=models.CASCADE, related_name="+", verbose_name=_("picture"))
    alt_text = models.CharField(_("description for those who do not see it"), max_length=300)
    caption = models.CharField(_("caption"), max_length=300, blank=True)
    agreed_at = models.DateTimeField(_("said that everybody agreed"))
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("photo of a session")
        verbose_name_plural = _("photos of sessions")
        ordering = ["afterwards", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["afterwards", "image"],
                name="a_photo_is_added_once",
                violation_error_message=_("This photo is here already."),
            ),
            models.CheckConstraint(condition=~Q(alt_text=""), name="a_photo_is_described"),
        ]

    def __str__(self):
        return self.alt_text


class AfterwardsAnswer(models.Model):
    """A question of the room with what was answered. NULL `question`: not in the wiki yet; from then on it is corrected there."""

    afterwards = models.ForeignKey(Afterwards, on_delete=models.PROTECT, related_name="answers", verbose_name=_("session"))
    text = models.CharField(_("question"), max_length=LONGEST_QUESTION)
    answer = models.TextField(_("answer"))
    wants_page = models.BooleanField(_("becomes a page of its own"), default=False)
    question = models.ForeignKey(
        "wiki.Question",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("question of the wiki"),
    )

    class Meta:
        verbose_name = _("answer given at a session")
        verbose_name_plural = _("answers given at sessions")
        ordering = ["afterwards", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["afterwards", "text"],
                name="a_question_of_a_session_is_written_once",
                violation_error_message=_("This question is here already."),
            ),
            models.CheckConstraint(condition=~Q(text="") & ~Q(answer=""), name="a_question_of_a_session_has_its_answer"),
        ]

    def __str__(self):
        return self.text

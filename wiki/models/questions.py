"""What people ask, what is answered, and the page that it becomes."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from academy.html import text_of
from wiki.permissions import can_answer_questions

LONGEST_QUESTION = 200
LONGEST_DETAIL = 4000


class QuestionState(models.TextChoices):
    OPEN = "open", _("waiting for an answer")
    ANSWERED = "answered", _("answered")
    REOPENED = "reopened", _("asked again for more")
    WITHDRAWN = "withdrawn", _("withdrawn")
    DUPLICATE = "duplicate", _("answered elsewhere")


QUESTION_MOVES: dict[str, frozenset[str]] = {
    QuestionState.OPEN: frozenset({QuestionState.ANSWERED, QuestionState.DUPLICATE, QuestionState.WITHDRAWN}),
    QuestionState.ANSWERED: frozenset({QuestionState.REOPENED, QuestionState.DUPLICATE}),
    QuestionState.REOPENED: frozenset({QuestionState.ANSWERED, QuestionState.DUPLICATE, QuestionState.WITHDRAWN}),
    QuestionState.DUPLICATE: frozenset({QuestionState.REOPENED}),
    QuestionState.WITHDRAWN: frozenset(),
}
WAITING = (QuestionState.OPEN, QuestionState.REOPENED)


class Visibility(models.TextChoices):
    PUBLIC = "public", _("Everybody may read it, without my name")
    PRIVATE = "private", _("Only me and the team that answers")


class QuestionQuerySet(models.QuerySet):
    def public(self) -> "QuestionQuerySet":
        """What everybody may read: once it has an answer, and without the asker's name."""
        return self.filter(
            visibility=Visibility.PUBLIC, state__in=(QuestionState.ANSWERED, QuestionState.REOPENED), answered_at__isnull=False
        )

    def asked_by(self, user: Any) -> "QuestionQuerySet":
        return self.filter(asker=user) if getattr(user, "is_authenticated", False) else self.none()

    def for_user(self, user: Any) -> "QuestionQuerySet":
        """Trainers and coordinators read all of them; others their own, and the public ones."""
        if can_answer_questions(user):
            return self
        return self.public() | self.asked_by(user)

    def for_admin(self, user: Any) -> "QuestionQuerySet":
        """What the CMS lists: the public ones are not a reason to be there."""
        return self if can_answer_questions(user) else self.none()

    def waiting(self) -> "QuestionQuerySet":
        return self.filter(state__in=WAITING)


class Question(models.Model):
    """One question of one person. Born when it is sent, never deleted; its asker is named to the team only.

    NULL `asker`: that person was erased. NULL `answered_at`: never answered. `asked_again` counts the `echoes`. `page` is the wiki page
    (or the part of one, at `page_anchor`) that it became; readers see it once NULL `page_published_at` is filled.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    text = models.CharField(_("question"), max_length=LONGEST_QUESTION)
    detail = models.TextField(_("details"), blank=True, max_length=LONGEST_DETAIL)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    section = models.ForeignKey(
        "wiki.WikiSection", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("section")
    )
    visibility = models.CharField(_("who may read it"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)
    state = models.CharField(_("state"), max_length=10, choices=QuestionState.choices, default=QuestionState.OPEN)
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="questions_asked", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked on"))
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("who answers")
    )
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopen_reason = models.TextField(blank=True, max_length=LONGEST_DETAIL)
    closed_at = models.DateTimeField(null=True, blank=True)
    duplicate_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="duplicates")
    asked_again = models.PositiveIntegerField(_("asked again"), default=0)
    page = models.ForeignKey(
        "wagtailcore.Page",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="reader_questions",
        verbose_name=_("page it became"),
    )
    page_anchor = models.CharField(max_length=250, blank=True)
    page_published_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    wagtail_reference_index_ignore = True  # "what links here" is a door, and a private question is nobody else's

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["state", "visibility", "language"], name="wiki_question_listed")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["withdrawn", "duplicate"], closed_at__isnull=False)
                | Q(~Q(state__in=["withdrawn", "duplicate"]), closed_at__isnull=True),
                name="a_closed_question_has_its_date",
                violation_error_message=_("A question that is closed has a date, and an open one has none."),
            ),
            models.CheckConstraint(
                condition=Q(state="duplicate", duplicate_of__isnull=False) | Q(~Q(state="duplicate"), duplicate_of__isnull=True),
                name="a_duplicate_names_the_other_question",
                violation_error_message=_("Say which question answers this one."),
            ),
            models.CheckConstraint(
                condition=~Q(duplicate_of=models.F("id")),
                name="a_question_is_not_its_own_duplicate",
                violation_error_message=_("A question cannot be the double of itself."),
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(answered_at__isnull=False),
                name="an_answered_question_has_its_date",
                violation_error_message=_("An answered question has the date of its answer."),
            ),
            models.CheckConstraint(
                condition=~Q(state="reopened") | Q(reopened_at__isnull=False),
                name="a_reopened_question_has_its_date",
                violation_error_message=_("A question that was opened again has a date."),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    @property
    def is_private(self) -> bool:
        return self.visibility == Visibility.PRIVATE

    @property
    def waits_since(self):
        return self.reopened_at if self.state == QuestionState.REOPENED else self.asked_at

    def last_answer(self) -> "Answer | None":
        return self.answers.order_by("-answered_at").first()


class Answer(models.Model):
    """What the team said to a question, in HTML that was cleaned when it was written. The newest one counts.

    `helped` is the asker's word: NULL until they say so.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    html = models.TextField(_("answer"))
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("answered by"))
    helped = models.BooleanField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["answered_at"]

    def __str__(self) -> str:
        return text_of(self.html)[:80]


class QuestionEcho(models.Model):
    """Somebody else had the same question: they recognised it before sending theirs, or theirs was closed as its double."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="echoes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    said_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("question asked again")
        verbose_name_plural = _("questions asked again")
        constraints = [
            models.UniqueConstraint(
                fields=["question", "person"],
                name="a_person_echoes_a_question_once",
                violation_error_message=_("This person has said so already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.question} · {self.person or _('Erased person')}"

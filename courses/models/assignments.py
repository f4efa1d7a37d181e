"""What is asked of learners that a trainer reads: instructions, what may be handed in, until when, and how it is judged."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from academy.blocks import ContentBlock
from courses.blocks import RubricBlock
from courses.models.pages import RULES_COUNT, ActivityPage
from courses.panels import WhereUsedPanel


class AssignmentPage(ActivityPage):
    """Work that is handed in and read. What it asks is frozen into a submission when that is first handed in (`courses.terms`).

    `due_on` (a day) stands before `due_days` (counted from the day on which somebody began a course with it); both NULL: no date.
    NULL `words`, `answer_days`: nothing is said about it.
    """

    kind = "assignment"

    class BelongsTo(models.TextChoices):
        PERSON = "person", _("each person hands in their own")
        PROJECT = "project", _("a project hands in one, for all its members")

    class Judged(models.TextChoices):
        PASS = "pass", _("accepted or not, with a comment")
        RUBRIC = "rubric", _("by the rubric below")

    summary = models.TextField(_("summary"), blank=True)
    body = StreamField(ContentBlock(), blank=True, verbose_name=_("instructions"))
    takes_text = models.BooleanField(_("a text, written here"), default=True)
    takes_files = models.BooleanField(_("files"), default=True)
    takes_link = models.BooleanField(_("a link"), default=False)
    most_files = models.PositiveSmallIntegerField(
        _("files at most"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text=_("From 1 to 10, each up to 20 MB."),
    )
    words = models.PositiveSmallIntegerField(
        _("words at most"), null=True, blank=True, validators=[MinValueValidator(10), MaxValueValidator(10_000)],
        help_text=_("Told to the learner while they write; nothing is cut. Empty: no limit."),
    )  # fmt: skip
    belongs_to = models.CharField(_("whose work it is"), max_length=10, choices=BelongsTo.choices, default=BelongsTo.PERSON)
    due_days = models.PositiveSmallIntegerField(
        _("due, days after the course was begun"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("For a project: after the first of its members began. Empty: no date."),
    )  # fmt: skip
    due_on = models.DateField(_("due on"), null=True, blank=True, help_text=_("The same day for everybody, until its end in Brussels."))
    answer_days = models.PositiveSmallIntegerField(
        _("days until feedback"), null=True, blank=True, default=10, validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text=_("Promised to the learner. Empty: nothing is promised."),
    )  # fmt: skip
    judged = models.CharField(_("how it is judged"), max_length=10, choices=Judged.choices, default=Judged.PASS)
    rubric = StreamField(RubricBlock(), blank=True, verbose_name=_("rubric"))
    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark (%)"),
        default=60,
        validators=[MaxValueValidator(100)],
        help_text=_("Of the points of the rubric. Without a rubric it does not count."),
    )
    again = models.BooleanField(
        _("may be handed in again"),
        default=True,
        help_text=_("Feedback may ask for a better version. Otherwise the first answer is the last."),
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("takes_text"), FieldPanel("takes_files"), FieldPanel("takes_link")]),
                FieldRowPanel([FieldPanel("words"), FieldPanel("most_files")]),
                FieldPanel("belongs_to"),
            ],
            heading=_("What is handed in"),
            help_text=RULES_COUNT,
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("due_days"), FieldPanel("due_on")]),
                FieldRowPanel([FieldPanel("answer_days"), FieldPanel("again")]),
                FieldRowPanel([FieldPanel("minutes"), FieldPanel("required")]),
            ],
            heading=_("For the learner"),
            help_text=RULES_COUNT,
        ),
        MultiFieldPanel([FieldRowPanel([FieldPanel("judged"), FieldPanel("pass_mark")]), FieldPanel("rubric")], heading=_("How it is judged"), help_text=RULES_COUNT),
        WhereUsedPanel(),
    ]  # fmt: skip
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]
    parent_page_types = ["courses.ModulePage"]
    subpage_types: list[str] = []
    template = "courses/assignment_page.html"

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")

    @property
    def completion_rule(self) -> str:
        return "assignment.accepted"

    def uses(self, *, moves: bool = False, reader: Any = None) -> list[str]:
        """What a trainer must know before they take the assignment away."""
        from courses.models.submissions import Submission  # it comes after the pages

        said = super().uses(moves=moves, reader=reader)
        if moves or not self.pk or self.get_translations().live().exists():
            return said  # in another language it goes on
        works = Submission.objects.filter(activity_key=self.translation_key).count()
        words = ngettext(
            "%(number)d work was begun here: it stays in the CMS, and its people can no longer open it.",
            "%(number)d works were begun here: they stay in the CMS, and their people can no longer open them.",
            works,
        )
        return [*said, words % {"number": works}] if works else said

    def clean(self) -> None:
        super().clean()
        if not (self.takes_text or self.takes_files or self.takes_link):
            raise ValidationError({"takes_text": _("Say what may be handed in: a text, files or a link.")})
        if self.due_on and self.due_days:
            raise ValidationError({"due_on": _("Give a day or a number of days, not both.")})
        if self.judged == self.Judged.RUBRIC and not self.rubric:
            raise ValidationError({"judged": _("Write at least one criterion of the rubric, or judge without one.")})

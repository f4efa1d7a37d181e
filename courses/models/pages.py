"""What is taught. A module exists once in the library; a course points at modules, it holds none of them."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index

from academy.blocks import ContentBlock
from academy.models import BasePage
from courses.blocks import BandsBlock, LessonBlock, QuestionsBlock
from courses.choosers import ModuleKeyChooser
from courses.grading import attempts_left, closed_until
from courses.panels import WhereUsedPanel

if TYPE_CHECKING:
    from courses.models.records import ActivityRecord, QuizAttempt


RULES_COUNT = _("Where it exists in French, these choices of the French version count for every language.")


class ModuleLibraryPage(BasePage):
    """All modules, one address per language. Holds modules, teaches nothing itself."""

    summary = models.TextField(_("summary"), blank=True, help_text=_("One or two sentences under the title."))

    content_panels = [*Page.content_panels, FieldPanel("summary")]
    parent_page_types = ["academy.HomePage"]
    subpage_types = ["courses.ModulePage"]
    max_count_per_parent = 1
    template = "courses/module_library_page.html"

    class Meta:
        verbose_name = _("module library")
        verbose_name_plural = _("module libraries")

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict:
        from courses.screens import library_context  # screens read the models

        return {**super().get_context(request, *args, **kwargs), **library_context(self, request)}


class ModulePage(BasePage):
    """A reusable unit of learning. Its children are its activities, in order. Courses refer to it by `translation_key`."""

    class Pillar(models.TextChoices):
        IMPACT = "impact", _("Social impact")
        CRAFT = "craft", _("Craft and procedures")
        BUSINESS = "business", _("Business model")

    summary = models.TextField(
        _("summary"), blank=True, help_text=_("What a learner will be able to do afterwards, in one or two sentences.")
    )
    pillar = models.CharField(_("pillar"), max_length=10, choices=Pillar.choices, blank=True)
    body = StreamField(ContentBlock(), blank=True, verbose_name=_("introduction"))

    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("pillar"), FieldPanel("body"), WhereUsedPanel()]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]
    parent_page_types = ["courses.ModuleLibraryPage"]
    subpage_types = ["courses.LessonPage", "courses.QuizPage", "courses.AssignmentPage"]
    template = "courses/module_page.html"

    class Meta:
        verbose_name = _("module")
        verbose_name_plural = _("modules")

    def uses(self, *, moves: bool = False, reader: Any = None) -> list[str]:
        """What a trainer must know before they take the module away. Moved, it stays in its courses."""
        from courses.uses import what_courses_lose  # reads the models

        if not self.pk or moves or self.get_translations().live().exists():
            return []  # its translations keep the courses going
        return what_courses_lose(self, reader)

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict:
        from courses.screens import module_context  # screens read the models

        return {**super().get_context(request, *args, **kwargs), **module_context(self, request)}


class ActivityPage(BasePage):
    """What every activity has. One table, so that a course home reads all activities at once, whatever their kind.

    Never created itself. Its identity for learners is `translation_key`: the same activity in every language and course.

    `here_since`: when it was moved into its module (`courses.moves`); NULL: it stands where it was written.
    """

    is_creatable = False
    kind = "activity"
    may_be_locked = True  # False where it was read together with the lesson that no course makes its module wait, or asked a moment ago
    is_first_visit = False  # True where it was read together with the lesson that this person has no record of it yet

    minutes = models.PositiveSmallIntegerField(
        _("minutes"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(600)],
        help_text=_("How long it takes an attentive reader. Empty: not known."),
    )
    required = models.BooleanField(_("required"), default=True, help_text=_("A module is complete when its required activities are."))
    here_since = models.DateTimeField(null=True, blank=True, editable=False)

    exclude_fields_in_copy = ["here_since"]
    parent_page_types: list[str] = []
    subpage_types: list[str] = []
    template = "courses/activity_page.html"

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")

    def with_content_json(self, content: dict) -> "ActivityPage":
        """What a draft says of the page, but for where it stands."""
        page = super().with_content_json(content)
        page.here_since = self.here_since
        return page

    @property
    def completion_rule(self) -> str:
        """The rule as it is written on a record; subclasses answer."""
        return "activity.confirm"

    def uses(self, *, moves: bool = False, reader: Any = None) -> list[str]:
        """Where it stands and who is in it. Taken away in one language while it is live in another, it goes on."""
        from courses.uses import goes_on_in, usage_of  # read the models

        if not self.pk:
            return []
        said = usage_of(self, reader).sentences()
        return said if moves or not said else [*said, *goes_on_in(self)]

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict:
        from courses.screens import activity_context  # screens read the models

        return {**super().get_context(request, *args, **kwargs), **activity_context(self, request)}


class LessonPage(ActivityPage):
    """Something to read, watch or do. Completed when the reader says so, or by reaching its end."""

    kind = "lesson"

    class Completion(models.TextChoices):
        CONFIRM = "confirm", _("the reader says ‘I have read this’")
        END = "end", _("reaching the end completes it")

    summary = models.TextField(_("summary"), blank=True)
    body = StreamField(LessonBlock(), blank=True, verbose_name=_("content"))
    completion = models.CharField(_("what completes it"), max_length=10, choices=Completion.choices, default=Completion.CONFIRM)

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("body"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("minutes"), FieldPanel("required")]), FieldPanel("completion")],
            heading=_("For the learner"),
            help_text=RULES_COUNT,
        ),
        WhereUsedPanel(),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]
    parent_page_types = ["courses.ModulePage"]
    template = "courses/lesson_page.html"

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    @property
    def completion_rule(self) -> str:
        return f"lesson.{self.completion}"


class QuizPage(ActivityPage):
    """Questions with answers. An attempt freezes them, so that editing a quiz never changes what somebody answered.

    NULL `attempts_allowed`, `wait` and `time_limit`: no limit. The rules count for attempts that begin after they are published.
    """

    kind = "quiz"

    class Grading(models.TextChoices):
        BEST = "best", _("the best attempt")
        LAST = "last", _("the last attempt")
        FIRST = "first", _("the first attempt")
        AVERAGE = "average", _("the average of all attempts")

    class Reveal(models.TextChoices):
        END = "end", _("right answers once the quiz is passed or no attempt is left")
        ALWAYS = "always", _("right answers after each attempt")
        NEVER = "never", _("what was right and wrong, never the right answers")
        SCORE = "score", _("the score only")

    summary = models.TextField(_("introduction"), blank=True)
    questions = StreamField(QuestionsBlock(), blank=True, verbose_name=_("questions"))
    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark (%)"), default=70, validators=[MaxValueValidator(100)], help_text=_("0: handing it in is enough.")
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts allowed"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: as many as the learner wants.")
    )
    wait = models.PositiveIntegerField(
        _("minutes between two attempts"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60 * 24 * 60)],
        help_text=_("Time to read again. 60 is an hour, 1440 a day. Empty: at once."),
    )
    time_limit = models.PositiveSmallIntegerField(
        _("time limit (minutes)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
        help_text=_("Counted by the server from the start of the attempt. Empty: no limit, which suits most learners."),
    )
    grading = models.CharField(_("what counts"), max_length=10, choices=Grading.choices, default=Grading.BEST)
    reveal = models.CharField(_("what a learner sees afterwards"), max_length=10, choices=Reveal.choices, default=Reveal.END)
    shuffle = models.BooleanField(_("shuffle questions and answers"), default=True)
    bands = StreamField(
        BandsBlock(), blank=True, verbose_name=_("words for a score"), help_text=_("The highest band that the score reaches is shown.")
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("questions"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("pass_mark"), FieldPanel("attempts_allowed")]),
                FieldRowPanel([FieldPanel("wait"), FieldPanel("time_limit")]),
                FieldRowPanel([FieldPanel("grading"), FieldPanel("reveal")]),
                FieldRowPanel([FieldPanel("minutes"), FieldPanel("required")]),
                FieldPanel("shuffle"),
            ],
            heading=_("For the learner"),
            help_text=RULES_COUNT,
        ),
        FieldPanel("bands"),
        WhereUsedPanel(),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary")]
    parent_page_types = ["courses.ModulePage"]
    template = "courses/quiz_page.html"

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")

    @property
    def completion_rule(self) -> str:
        return f"quiz.pass:{self.pass_mark}" if self.pass_mark else "quiz.hand_in"

    @property
    def number_of_questions(self) -> int:
        """How many an attempt asks, counted without reading them."""
        blocks = [(block["type"], block["value"]) for block in self.questions.raw_data]
        return sum(min(value.get("draw") or 1, len(value.get("questions") or [])) if kind == "pool" else 1 for kind, value in blocks)

    def attempts_left(self, record: "ActivityRecord | None", used: int) -> int | None:
        """How many more this person may begin after so many; None: as many as they want."""
        return attempts_left(self.attempts_allowed, extra=record.extra_attempts if record else 0, used=used)

    def closed_until(self, record: "ActivityRecord | None", last: "QuizAttempt | None") -> datetime | None:
        """When the next attempt may begin, for who has to wait after their `last` one; None: now."""
        lifted = record is not None and record.need_not_wait
        return closed_until(self.wait, last and last.submitted_at, need_not_wait=lifted, now=timezone.now())


class CourseIndexPage(BasePage):
    """All courses of one language."""

    summary = models.TextField(_("summary"), blank=True, help_text=_("One or two sentences under the title."))

    content_panels = [*Page.content_panels, FieldPanel("summary")]
    parent_page_types = ["academy.HomePage"]
    subpage_types = ["courses.CoursePage"]
    max_count_per_parent = 1
    template = "courses/course_index_page.html"

    class Meta:
        verbose_name = _("list of courses")
        verbose_name_plural = _("lists of courses")

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict:
        from courses.screens import course_index_context  # screens read the models

        return {**super().get_context(request, *args, **kwargs), **course_index_context(self, request)}


class CoursePage(BasePage):
    """An ordered list of placements of modules, for one audience. It owns no content but its own words."""

    class Audience(models.TextChoices):
        ACADEMY = "academy", _("Smart Academy")
        COOPERATION_SCHOOL = "cooperation_school", _("School of cooperation")
        INTEGRATION = "integration", _("Integration sessions for members")

    class EnrolmentBy(models.TextChoices):
        OPEN = "open", _("open to whoever may read it")
        CLOSED = "closed", _("by a code, or by the team")

    summary = models.TextField(_("summary"), blank=True, help_text=_("Who it is for and what it leads to, in one or two sentences."))
    audience = models.CharField(_("audience"), max_length=20, choices=Audience.choices, default=Audience.ACADEMY)
    enrolment = models.CharField(
        _("enrolment"),
        max_length=10,
        choices=EnrolmentBy.choices,
        default=EnrolmentBy.OPEN,
        help_text=_("Who may follow it. Where the course exists in French, the French choice counts for every language."),
    )
    body = StreamField(ContentBlock(), blank=True, verbose_name=_("content"))
    gives_certificate = models.BooleanField(
        _("gives a certificate"), default=True, help_text=_("Issued once, when everything that is required is complete.")
    )
    certificate_months = models.PositiveSmallIntegerField(
        _("valid for (months)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(3), MaxValueValidator(120)],
        help_text=_(
            "Empty: for ever. Its holder is told two months before the end, and renews it by passing the quizzes again. Certificates given already keep their date."
        ),
    )
    certificate_statement = models.CharField(
        _("what the certificate says"),
        max_length=300,
        blank=True,
        help_text=_("For example: has completed the online programme of the Smart Academy."),
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldRowPanel([FieldPanel("audience"), FieldPanel("enrolment")]),
        FieldPanel("body"),
        InlinePanel(
            "placements",
            heading=_("Modules"),
            label=_("module"),
            help_text=_(
                "The same module may stand in several courses; what a learner has done counts in all of them, unless one asks for it again. Where the course exists in French, the French list counts for every language."
            ),
        ),
        MultiFieldPanel(
            [FieldPanel("gives_certificate"), FieldPanel("certificate_months"), FieldPanel("certificate_statement")],
            heading=_("Certificate"),
            help_text=RULES_COUNT,
        ),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body"), index.FilterField("audience")]
    parent_page_types = ["courses.CourseIndexPage"]
    subpage_types: list[str] = []
    template = "courses/course_page.html"

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict:
        from courses.screens import course_context  # screens read the models

        return {**super().get_context(request, *args, **kwargs), **course_context(self, request)}


class Placement(Orderable):
    """One module at one place of one course: a reference, no copy. Nothing that a learner does hangs on this row.

    `module_key` is the module's `translation_key`, so the row reads the same in every language. NULL `opens_on`: no date.
    `redo_here`: what was done of it elsewhere does not count in this course. Who has finished the course is asked for nothing more, and
    who follows it on the day on which the box is ticked keeps what they have done (`actions.keep_what_counted`).
    """

    page = ParentalKey(CoursePage, on_delete=models.CASCADE, related_name="placements")
    module_key = models.UUIDField(_("module"), null=True, blank=False, db_index=True)
    required = models.BooleanField(_("required"), default=True)
    opens_after_previous = models.BooleanField(
        _("opens after the previous one"), default=False, help_text=_("Opens when the required modules before it are complete.")
    )
    opens_on = models.DateField(_("opens on"), null=True, blank=True)
    redo_here = models.BooleanField(
        _("to be done again in this course"),
        default=False,
        help_text=_(
            "What somebody has done of this module elsewhere does not count here: they are asked to do it again. Who has finished the course, or has done the module before you tick this and follows the course, keeps it. Leave it empty unless there is a reason: people do not like to do the same twice."
        ),
    )

    panels = [
        FieldPanel("module_key", widget=ModuleKeyChooser),
        FieldRowPanel([FieldPanel("required"), FieldPanel("opens_after_previous"), FieldPanel("opens_on")]),
        FieldPanel("redo_here"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "module_key"],
                name="a_module_stands_once_in_a_course",
                violation_error_message=_("This module is already in the course."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page} · {self.module_key}"

    def save(self, *args, **kwargs) -> None:
        """Written when the course is published: whoever follows it then keeps what counted until now."""
        begins = self.redo_here and not (self.pk and Placement.objects.filter(pk=self.pk, redo_here=True).exists())
        super().save(*args, **kwargs)
        if begins:
            from courses.actions import keep_what_counted  # actions read the models

            keep_what_counted(self, by=None)

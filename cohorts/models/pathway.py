"""The pathway: what a programme asks, as data."""

from __future__ import annotations

from itertools import chain, count

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from academy.fields import LocalizedText, LocalizedTextField
from academy.rules import RuleViolation

KEY_BEGINS = 40  # characters of a key that come from its words
FROZEN = _("A cohort already uses this version, so it is no longer changed. Make a new version instead.")


class FrozenOnceUsed(models.Model):
    """A part of something versioned: refuses every change once a cohort has opened with it.

    Says it twice: `clean` speaks to a person in a form, `save` and `delete` stop everyone else. One that has a key and was given none gets
    it from its words, once: `kept_apart_in` names the column within which keys differ.
    """

    kept_apart_in: str | None = None

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self.frozen_by.is_frozen:
            raise RuleViolation(FROZEN)
        if getattr(self, "key", None) == "":
            self.key = self._free_key()
        return super().save(*args, **kwargs)

    def _free_key(self) -> str:
        words = getattr(self, "title", None) or getattr(self, "label", None) or LocalizedText()
        begin = slugify(words.in_language("en"))[:KEY_BEGINS] or self._meta.model_name
        rows = type(self)._base_manager.exclude(pk=self.pk)
        if self.kept_apart_in:
            rows = rows.filter(**{self.kept_apart_in: getattr(self, self.kept_apart_in)})
        taken = set(rows.filter(key__startswith=begin).values_list("key", flat=True))
        return next(key for key in chain([begin], (f"{begin}-{number}" for number in count(2))) if key not in taken)

    def delete(self, *args, **kwargs):
        if self.frozen_by.is_frozen:
            raise RuleViolation(FROZEN)
        return super().delete(*args, **kwargs)

    @property
    def frozen_by(self) -> models.Model:
        """The version (a pathway, a rubric) whose use freezes this row."""
        raise NotImplementedError

    def clean(self):
        super().clean()
        try:
            frozen = self.frozen_by.is_frozen
        except ObjectDoesNotExist:
            return  # an inline form of the CMS: the parent answers for it
        if frozen:
            raise ValidationError(FROZEN)


class Moment(models.TextChoices):
    """When a project is assessed."""

    ENTRY = "entry", _("At entry")
    MIDWAY = "midway", _("Midway")
    GRADUATION = "graduation", _("At graduation")


class Pathway(FrozenOnceUsed, ClusterableModel):
    """One version of the integration pathway. Free to edit until a cohort opens with it; then a change makes a version."""

    key = models.SlugField(_("key"), help_text=_("The same for every version of one pathway."))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title = LocalizedTextField(_("title"))
    summary = LocalizedTextField(_("summary"), blank=True)

    class Meta:
        verbose_name = _("pathway")
        verbose_name_plural = _("pathways")
        ordering = ["key", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "version"],
                name="a_pathway_has_each_version_once",
                violation_error_message=_("This version of the pathway exists already."),
            ),
        ]

    def __str__(self):
        return f"{self.title} ({self.version})"

    @property
    def is_frozen(self) -> bool:
        return bool(self.pk) and self.cohorts.exclude(state="planned").exists()

    @property
    def frozen_by(self) -> Pathway:
        return self


class Stage(FrozenOnceUsed, ClusterableModel):
    """A station of the pathway rail."""

    kept_apart_in = "pathway"

    pathway = ParentalKey(Pathway, on_delete=models.CASCADE, related_name="stages", verbose_name=_("pathway"))
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0, editable=False)
    key = models.SlugField(_("key"))
    title = LocalizedTextField(_("title"))
    explanation = LocalizedTextField(_("explanation"), blank=True, help_text=_("What happens here, said to the promoter."))

    sort_order_field = "sort_order"

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ["pathway", "sort_order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pathway", "key"],
                name="a_stage_key_is_used_once_in_a_pathway",
                violation_error_message=_("This pathway has a stage with this key already."),
            ),
        ]

    def __str__(self):
        return str(self.title)

    @property
    def frozen_by(self) -> Pathway:
        return self.pathway


class Requirement(FrozenOnceUsed, ClusterableModel):
    """One thing that is owed at a stage: by whom, of what kind, and when counted from the cohort's start. Of a form, its `questions` stand
    beside it (`models.forms`)."""

    kept_apart_in = "stage"

    class Kind(models.TextChoices):
        APPLICATION = "application", _("Application")
        SELF_ASSESSMENT = "self_assessment", _("Self-assessment")
        REVIEWER_ASSESSMENT = "reviewer_assessment", _("Assessment by Smart")
        COURSE = "course", _("Course")
        SESSION = "session", _("In-person session")
        DELIVERABLE = "deliverable", _("Deliverable")
        READING = "reading", _("Reading")
        FORM = "form", _("Form")
        MANUAL = "manual", _("Step confirmed by the team")

    class Party(models.TextChoices):
        PROMOTER = "promoter", _("The project")
        SMART = "smart", _("Smart")

    ASSESSMENTS = (Kind.SELF_ASSESSMENT, Kind.REVIEWER_ASSESSMENT)
    BY_HAND = Q(kind="manual") | Q(kind="deliverable", activity_key__isnull=True) | Q(kind="reading", page_key__isnull=True)

    stage = ParentalKey(Stage, on_delete=models.CASCADE, related_name="requirements", verbose_name=_("stage"))
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0, editable=False)
    key = models.SlugField(_("key"))
    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    title = LocalizedTextField(_("title"))
    explanation = LocalizedTextField(_("explanation"), blank=True, help_text=_("What to do, said to the promoter."))
    mandatory = models.BooleanField(
        _("mandatory"), default=True, help_text=_("A project graduates only with every mandatory requirement met or waived.")
    )
    owed_by = models.CharField(_("owed by"), max_length=16, choices=Party, default=Party.PROMOTER)
    offset_days = models.SmallIntegerField(
        _("due, in days from the cohort's start"),
        null=True,
        blank=True,
        help_text=_("Negative means before the start. Empty means no date, or for an application the end of the call."),
    )
    moment = models.CharField(_("moment"), max_length=16, choices=Moment, blank=True, help_text=_("For assessments only."))
    course_key = models.UUIDField(_("course"), null=True, blank=True, help_text=_("Translation key of the course page, for courses only."))
    page_key = models.UUIDField(_("page to read"), null=True, blank=True, help_text=_("Translation key of a wiki page, for readings only."))
    activity_key = models.UUIDField(
        _("assignment"),
        null=True,
        blank=True,
        help_text=_("Translation key of an assignment that a project hands in, for deliverables only. Without one the team records it."),
    )

    sort_order_field = "sort_order"

    class Meta:
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        ordering = ["stage", "sort_order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "key"],
                name="a_requirement_key_is_used_once_in_a_stage",
                violation_error_message=_("This stage has a requirement with this key already."),
            ),
            models.CheckConstraint(
                condition=Q(kind="course", course_key__isnull=False) | (~Q(kind="course") & Q(course_key__isnull=True)),
                name="a_course_requirement_names_its_course",
                violation_error_message=_("A requirement of kind “course” names its course, and no other kind does."),
            ),
            models.CheckConstraint(
                condition=(Q(kind__in=["self_assessment", "reviewer_assessment"]) & ~Q(moment=""))
                | (~Q(kind__in=["self_assessment", "reviewer_assessment"]) & Q(moment="")),
                name="an_assessment_requirement_names_its_moment",
                violation_error_message=_("An assessment names its moment, and nothing else does."),
            ),
            models.CheckConstraint(
                condition=Q(page_key__isnull=True) | Q(kind="reading"),
                name="only_a_reading_names_a_page",
                violation_error_message=_("Only a reading names a page to read."),
            ),
            models.CheckConstraint(
                condition=Q(activity_key__isnull=True) | Q(kind="deliverable"),
                name="only_a_deliverable_names_an_assignment",
                violation_error_message=_("Only a deliverable names an assignment."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="form") | Q(owed_by="promoter"),
                name="a_form_is_owed_by_the_project",
                violation_error_message=_("A form is filled in by the project: it is owed by it."),
            ),
        ]

    def __str__(self):
        return str(self.title)

    def clean(self):
        super().clean()
        if self.pk and self.kind != self.Kind.FORM and self.questions.exists():
            raise ValidationError({"kind": _("Its questions are written already: it stays a form. Take the questions away first.")})

    @property
    def frozen_by(self) -> Pathway:
        return self.stage.pathway

    @property
    def is_by_hand(self) -> bool:
        """Nothing on the site says when it is met: the team records it. What `BY_HAND` says to the database."""
        if self.kind == self.Kind.DELIVERABLE:
            return self.activity_key is None
        return self.kind == self.Kind.MANUAL or (self.kind == self.Kind.READING and self.page_key is None)

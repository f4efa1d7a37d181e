"""The rubric: one scale for the project's own eyes and for the reviewers'."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from academy.fields import LocalizedTextField

from .pathway import FrozenOnceUsed


class Rubric(FrozenOnceUsed, ClusterableModel):
    """One version of the rubric. Free to edit until a cohort opens with it or somebody scores with it."""

    key = models.SlugField(_("key"), help_text=_("The same for every version of one rubric."))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title = LocalizedTextField(_("title"))
    introduction = LocalizedTextField(_("introduction"), blank=True)

    class Meta:
        verbose_name = _("rubric")
        verbose_name_plural = _("rubrics")
        ordering = ["key", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "version"],
                name="a_rubric_has_each_version_once",
                violation_error_message=_("This version of the rubric exists already."),
            ),
        ]

    def __str__(self):
        return f"{self.title} ({self.version})"

    @property
    def is_frozen(self) -> bool:
        return bool(self.pk) and (self.cohorts.exclude(state="planned").exists() or self.assessments.exists())

    @property
    def frozen_by(self) -> Rubric:
        return self


class RubricPart(FrozenOnceUsed, ClusterableModel):
    """A pillar, or an ingredient of the recipe: what a group of criteria looks at."""

    class Kind(models.TextChoices):
        PILLAR = "pillar", _("Pillar")
        INGREDIENT = "ingredient", _("Ingredient")

    rubric = ParentalKey(Rubric, on_delete=models.CASCADE, related_name="parts", verbose_name=_("rubric"))
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    key = models.SlugField(_("key"), help_text=_("Pillars: impact, craft, business."))
    label = LocalizedTextField(_("label"))
    description = LocalizedTextField(_("description"), blank=True)

    sort_order_field = "sort_order"

    class Meta:
        verbose_name = _("part of the rubric")
        verbose_name_plural = _("parts of the rubric")
        ordering = ["rubric", "sort_order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rubric", "key"],
                name="a_part_key_is_used_once_in_a_rubric",
                violation_error_message=_("This rubric has a part with this key already."),
            ),
        ]

    def __str__(self):
        return str(self.label)

    @property
    def frozen_by(self) -> Rubric:
        return self.rubric


class Criterion(FrozenOnceUsed, ClusterableModel):
    kept_apart_in = "part"

    part = ParentalKey(RubricPart, on_delete=models.CASCADE, related_name="criteria", verbose_name=_("part"))
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0, editable=False)
    key = models.SlugField(_("key"))
    label = LocalizedTextField(_("label"))
    description = LocalizedTextField(_("description"), blank=True)

    sort_order_field = "sort_order"

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["part", "sort_order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["part", "key"],
                name="a_criterion_key_is_used_once_in_a_part",
                violation_error_message=_("This part has a criterion with this key already."),
            ),
        ]

    def __str__(self):
        return str(self.label)

    @property
    def frozen_by(self) -> Rubric:
        return self.part.rubric


class Level(FrozenOnceUsed, models.Model):
    """One step of a criterion's scale, described in words so that two people read it alike."""

    HIGHEST = 4

    criterion = ParentalKey(Criterion, on_delete=models.CASCADE, related_name="levels", verbose_name=_("criterion"))
    value = models.PositiveSmallIntegerField(_("value"), validators=[MaxValueValidator(HIGHEST)])
    label = LocalizedTextField(_("label"))
    description = LocalizedTextField(_("description"))

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering = ["criterion", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["criterion", "value"],
                name="a_criterion_has_each_level_once",
                violation_error_message=_("This criterion has this level already."),
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0, value__lte=4),
                name="a_level_is_between_0_and_4",
                violation_error_message=_("A level is between 0 and 4."),
            ),
        ]

    def __str__(self):
        return f"{self.value} · {self.label}"

    @property
    def frozen_by(self) -> Rubric:
        return self.criterion.part.rubric

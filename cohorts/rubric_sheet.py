"""The rubric as a sheet to read or to fill: one component for the project's own eyes, for reviewers, and for the public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.utils.translation import gettext_lazy as _

from cohorts.actions.assessments import ScoreInput
from cohorts.models import Assessment, Criterion, Level, PartComment, Rubric, RubricPart, Score
from cohorts.review_places import CANNOT_JUDGE


@dataclass(frozen=True)
class SheetCriterion:
    criterion: Criterion
    levels: list[Level]
    score: Score | None = None

    @property
    def anchor(self) -> str:
        return f"c{self.criterion.pk}"


@dataclass(frozen=True)
class SheetPart:
    part: RubricPart
    criteria: list[SheetCriterion] = field(default_factory=list)
    comment: PartComment | None = None

    @property
    def is_pillar(self) -> bool:
        return self.part.kind == RubricPart.Kind.PILLAR

    @property
    def total(self) -> int:
        return len(self.criteria)

    @property
    def answered(self) -> int:
        return sum(row.score is not None for row in self.criteria)

    @property
    def is_complete(self) -> bool:
        return self.answered == self.total

    @property
    def missing(self) -> list[SheetCriterion]:
        return [row for row in self.criteria if row.score is None]


@dataclass(frozen=True)
class Sheet:
    rubric: int
    parts: list[SheetPart]

    @property
    def total(self) -> int:
        return sum(part.total for part in self.parts)

    @property
    def answered(self) -> int:
        return sum(part.answered for part in self.parts)

    @property
    def is_complete(self) -> bool:
        return self.answered == self.total

    @property
    def criteria(self) -> list[SheetCriterion]:
        return [row for part in self.parts for row in part.criteria]

    @property
    def missing(self) -> list[tuple[SheetPart, SheetCriterion]]:
        return [(part, row) for part in self.parts for row in part.missing]

    def part(self, key: str) -> SheetPart | None:
        return next((part for part in self.parts if part.part.key == key), None)

    def after(self, key: str) -> SheetPart | None:
        """The part to go on with: the next one in order, else the first that is not complete."""
        keys = [part.part.key for part in self.parts]
        following = self.parts[keys.index(key) + 1 :]
        return next(iter(following), None)


def sheet_of(rubric: Rubric | int, scores: Mapping[int, Score] | None = None, comments: Mapping[int, PartComment] | None = None) -> Sheet:
    """Parts, criteria and described levels in order, with the scores and comments given so far. Three queries."""
    pk = rubric if isinstance(rubric, int) else rubric.pk
    scores, comments = scores or {}, comments or {}
    levels: dict[int, list[Level]] = {}
    for level in Level.objects.filter(criterion__part__rubric=pk).order_by("criterion", "value"):
        levels.setdefault(level.criterion_id, []).append(level)
    criteria: dict[int, list[SheetCriterion]] = {}
    for row in Criterion.objects.filter(part__rubric=pk).order_by("part__sort_order", "sort_order", "pk"):
        criteria.setdefault(row.part_id, []).append(SheetCriterion(row, levels.get(row.pk, []), scores.get(row.pk)))
    parts = RubricPart.objects.filter(rubric=pk).order_by("sort_order", "pk")
    return Sheet(pk, [SheetPart(part, criteria.get(part.pk, []), comments.get(part.pk)) for part in parts])


def filled_sheet(assessment: Assessment, *, with_comments: bool = False) -> Sheet:
    """The sheet with one voice's answers. Four queries, five with its comments: those are for whoever judges, never for the project."""
    scores = {row.criterion_id: row for row in assessment.scores.select_related("level")}
    comments = {row.part_id: row for row in assessment.comments.order_by()} if with_comments else None
    return sheet_of(assessment.rubric_id, scores, comments)


@dataclass(frozen=True)
class QuestionFields:
    """One criterion with its three inputs, for a template."""

    row: SheetCriterion
    level: forms.BoundField
    confidence: forms.BoundField
    evidence: forms.BoundField

    @property
    def choices(self) -> list[tuple[object, Level | None]]:
        """Each radio button with its described level; None is “I cannot judge”."""
        described: list[Level | None] = [*self.row.levels, None]
        return list(zip(self.level, described, strict=True))

    @property
    def open_notes(self) -> bool:
        return bool(self.confidence.value() or self.evidence.value() or self.evidence.errors)


class Prose(forms.CharField):
    """A long answer. A browser ends lines with two characters, and counts one."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class PartForm(forms.Form):
    """The answers to one part of the rubric. Leaving a criterion empty is allowed; a note without a level is not lost in silence."""

    use_required_attribute = False

    def __init__(self, *args, part: SheetPart | Sheet, **kwargs):
        self.part = part
        super().__init__(*args, **kwargs)
        for row in part.criteria:
            self._add(row)

    def _add(self, row: SheetCriterion) -> None:
        score = row.score
        choices = [(str(level.value), str(level.label)) for level in row.levels]
        given = None if score is None else CANNOT_JUDGE if score.level is None else str(score.level.value)
        self.fields[f"{row.anchor}-level"] = forms.ChoiceField(
            label=str(row.criterion.label),
            choices=[*choices, (CANNOT_JUDGE, _("I cannot judge"))],
            widget=forms.RadioSelect,
            required=False,
            initial=given,
        )
        self.fields[f"{row.anchor}-confidence"] = forms.TypedChoiceField(
            label=_("How sure are you?"),
            choices=[("", _("Not said")), *Score.Confidence.choices],
            coerce=int,
            empty_value=None,
            required=False,
            initial=(score.confidence or "") if score else "",
        )
        self.fields[f"{row.anchor}-evidence"] = Prose(
            label=_("What shows it?"),
            help_text=_("A number, a document, an example that somebody else could check."),
            required=False,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 3}),
            initial=score.evidence if score else "",
        )

    def clean(self):
        found = super().clean()
        for row in self.part.criteria:
            note = found.get(f"{row.anchor}-evidence", "").strip() or found.get(f"{row.anchor}-confidence")
            if note and not found.get(f"{row.anchor}-level"):
                self.add_error(f"{row.anchor}-level", _("Choose a level, or “I cannot judge”, so that your note is kept."))
        return found

    @property
    def questions(self) -> list[QuestionFields]:
        return [
            QuestionFields(row, *(self[f"{row.anchor}-{name}"] for name in ("level", "confidence", "evidence")))
            for row in self.part.criteria
        ]

    @property
    def scores(self) -> dict[int, ScoreInput]:
        """What can be kept, whatever else is wrong."""
        kept = {}
        for row in self.part.criteria:
            given = self.cleaned_data.get(f"{row.anchor}-level")
            if not given or f"{row.anchor}-evidence" in self.errors:
                continue
            value = None if given == CANNOT_JUDGE else int(given)
            confidence = self.cleaned_data.get(f"{row.anchor}-confidence")
            kept[row.criterion.pk] = ScoreInput(value, confidence, self.cleaned_data.get(f"{row.anchor}-evidence", ""))
        return kept

"""The whole sheet of one review as a form: every criterion, two comments for each part, and the summary, all on one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cohorts.models import ReviewRound, Score
from cohorts.review_places import CANNOT_JUDGE, FOR_PROJECT, PRIVATE, SUMMARY, Words, Written, comment_place, mark_of
from cohorts.rubric_sheet import PartForm, Prose, QuestionFields, Sheet, SheetPart

PRIVATE_HELP = _("Read by the coordinators, and by the other reviewers once they have sent theirs. Never by the project.")
NEVER_HELP = _("Read by the coordinators. Never by the other reviewers, nor by the project.")
PROJECT_HELP = _("Read by the project once the decision is told to it, without your name; until then by those who decide.")
NOT_ANSWERED = ("", "", "")
WRITTEN_ELSEWHERE = _(
    "Somebody else, or another window of yours, has answered here meanwhile. Both are kept in sight: choose what stands, and save again."
)
SUMMARY_HELP = _("What should those who decide understand first? Never read by the project.")


@dataclass(frozen=True)
class Place:
    """One thing that is written as one: its name, the marks of what this page shows there, and what stands there when it is not that."""

    name: str
    was: str
    elsewhere: str = ""


@dataclass(frozen=True)
class PlacedQuestion:
    place: Place
    question: QuestionFields


@dataclass(frozen=True)
class PlacedComment:
    place: Place
    field: forms.BoundField


@dataclass(frozen=True)
class PartOfForm:
    part: SheetPart
    questions: list[PlacedQuestion]
    comments: list[PlacedComment]


class PlacedForm(PartForm):
    """`kept`: what is kept in each place as this page is made. Each place carries its mark, so that `save_review` sees what was touched."""

    def __init__(self, *args, kept: dict[str, Words], **kwargs):
        self.kept = kept
        self.elsewhere: dict[str, Words] = {}
        self.was: dict[str, str] = {}
        super().__init__(*args, **kwargs)

    def _names(self, place: str) -> list[str]:
        return [f"{place}-{name}" for name in ("level", "confidence", "evidence")] if place.startswith("c") else [place]

    @property
    def written(self) -> list[Written]:
        """What can be kept, whatever else is wrong."""
        return self._all_written

    @property
    def _all_written(self) -> list[Written]:
        found = []
        for place in self.kept:
            names = self._names(place)
            if not any(name in self.data for name in names) or any(name in self.errors for name in names):
                continue
            value = tuple(str(self.cleaned_data.get(name) or "") for name in names)
            found.append(Written(place, value, tuple(self.data.get(f"{place}-was", "").split())))
        return found

    def _place(self, name: str) -> Place:
        there = self.elsewhere.get(name)
        if there is None:
            return Place(name, self.was.get(name) or mark_of(self.kept[name]))
        return Place(name, mark_of(there), self.in_words(name, there))

    def in_words(self, name: str, value: Words) -> str:
        """What stands in a place, in one line."""
        if not name.startswith("c"):
            return value[0] or gettext("nothing")
        level, confidence, evidence = value
        choices = {key: str(label) for key, label in self.fields[f"{name}-level"].choices}
        label = choices.get(level, gettext("not answered"))
        number = f"{level}/4 " if level not in ("", CANNOT_JUDGE) else ""
        sure = Score.Confidence(int(confidence)).label if confidence else ""
        return " · ".join(filter(None, (f"{number}{label}", str(sure), evidence)))

    def _show_both(self, now: Mapping[str, Words], elsewhere: Mapping[str, Words], *, nothing: str) -> None:
        """Beside what is typed here stands what was written elsewhere; where nothing was typed here, that alone: the page that comes back
        must not write over it. `nothing`: the mark of a place of which the page does not say what it was shown."""
        self.elsewhere = dict(elsewhere)
        self.data = self.data.copy()
        sent = {one.place: one for one in self._all_written}
        for place, words in now.items():
            shown = self.data.get(f"{place}-was") or nothing
            if place not in sent:
                self.was[place] = shown
                continue
            self.kept[place] = words
            if mark_of(sent[place].value) == shown:
                self.data.update(dict(zip(self._names(place), words, strict=True)))


class SharedPartForm(PlacedForm):
    """One part of the rubric, which several people of a project may fill at once."""

    def __init__(self, *args, part: SheetPart, **kwargs):
        super().__init__(*args, part=part, kept={row.anchor: _words_of(row.score) for row in part.criteria}, **kwargs)

    @property
    def written(self) -> list[Written]:
        """Only with a level. A page that does not say what it was shown was shown nothing."""
        answered = [one for one in super().written if one.value[0]]
        return [replace(one, was=one.was or (mark_of(NOT_ANSWERED),)) for one in answered]

    @property
    def placed(self) -> list[PlacedQuestion]:
        return [PlacedQuestion(self._place(question.row.anchor), question) for question in self.questions]

    @property
    def marks(self) -> dict[str, str]:
        """Of what this page has just written, or was shown: what its script says next time."""
        return {f"{one.place}-was": mark_of(one.value) for one in self.written if not one.is_untouched}

    def show_both(self, part: SheetPart, elsewhere: Mapping[str, Words]) -> None:
        """`part`: as it is kept now."""
        now = {row.anchor: _words_of(row.score) for row in part.criteria}
        self._show_both(now, elsewhere, nothing=mark_of(NOT_ANSWERED))
        if elsewhere:
            self.add_error(None, WRITTEN_ELSEWHERE)


def _words_of(score: Score | None) -> Words:
    if score is None:
        return NOT_ANSWERED
    return (CANNOT_JUDGE if score.level is None else str(score.level.value), str(score.confidence or ""), score.evidence)


class ReviewForm(PlacedForm):
    """`kept`: what is kept in each place (`kept_now`). `others`: what readers of the round see of each other.

    A note beside a criterion without a level is kept too.

    A script sends only the places that changed; without one the whole form comes, and `save_review` tells what was touched.
    """

    def __init__(self, *args, sheet: Sheet, kept: dict[str, Words], others: str, **kwargs):
        self.sheet = sheet
        super().__init__(*args, part=sheet, kept=kept, **kwargs)
        for row in sheet.criteria:
            for name, value in zip(("level", "confidence", "evidence"), kept[row.anchor], strict=True):
                self.fields[f"{row.anchor}-{name}"].initial = value
        private_help = PRIVATE_HELP if others == ReviewRound.Others.AFTER_OWN else NEVER_HELP
        for part in sheet.parts:
            self._add_comment(comment_place(part.part.pk, PRIVATE), _("For those who decide"), private_help)
            self._add_comment(comment_place(part.part.pk, FOR_PROJECT), _("For the project"), PROJECT_HELP)
        self._add_comment(SUMMARY, _("All in all, in a few words"), SUMMARY_HELP)

    def _add_comment(self, place: str, label: str, help_text: str) -> None:
        widget = forms.Textarea(attrs={"rows": 3})
        self.fields[place] = Prose(
            label=label, help_text=help_text, required=False, max_length=4000, widget=widget, initial=self.kept[place][0]
        )

    def clean(self):
        return self.cleaned_data

    def show_both(self, now: dict[str, Words], elsewhere: Mapping[str, Words]) -> None:
        """`now`: what is kept in each place by now."""
        self._show_both(now, elsewhere, nothing="")

    @property
    def parts(self) -> list[PartOfForm]:
        asked = {question.row.criterion.pk: question for question in self.questions}
        return [
            PartOfForm(
                part,
                [PlacedQuestion(self._place(row.anchor), asked[row.criterion.pk]) for row in part.criteria],
                [self._comment(comment_place(part.part.pk, kind)) for kind in (PRIVATE, FOR_PROJECT)],
            )
            for part in self.sheet.parts
        ]

    @property
    def ending(self) -> PlacedComment:
        return self._comment(SUMMARY)

    def _comment(self, name: str) -> PlacedComment:
        return PlacedComment(self._place(name), self[name])

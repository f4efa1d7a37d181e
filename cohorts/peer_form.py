"""What a project says of a work: a level and words for each criterion of its rubric, words for the whole; kept box by box, as it is typed."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.forms import DraftForm
from academy.rules import RuleViolation
from cohorts.merging import Merge, MergingForm, mark_of
from cohorts.models import PeerFeedback
from cohorts.peers import CANNOT_JUDGE, texts_of


@dataclass(frozen=True)
class Box:
    """One box of the page. `mark` is of what the page starts from; `theirs`, in words, waits for a choice."""

    name: str
    field: forms.BoundField
    mark: str
    theirs: str = ""
    theirs_mark: str = ""
    may_join: bool = False

    @property
    def is_both(self) -> bool:
        return bool(self.theirs_mark)


def _level(level: dict) -> str:
    return _("%(name)s: %(words)s") % {"name": level["name"], "words": level["text"]} if level["text"] else level["name"]


class PeerForm(MergingForm, DraftForm):
    """Each box sends the mark of what it started from, as an application does."""

    comment = forms.CharField(
        label=gettext_lazy("About the whole"),
        required=False,
        max_length=PeerFeedback.MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("What is strong, and what you would do next."),
    )

    def __init__(self, *args, rubric: list[dict], row: PeerFeedback | None = None, **kwargs):
        self.rubric = rubric
        self.keep(row)
        super().__init__(*args, initial=self.kept, **kwargs)
        for one in rubric:
            levels = [*((level["id"], _level(level)) for level in one["levels"]), (CANNOT_JUDGE, _("I cannot judge it"))]
            self.fields[f"level-{one['id']}"] = forms.ChoiceField(
                label=one["name"], help_text=one["help"], choices=levels, widget=forms.RadioSelect
            )
            self.fields[f"note-{one['id']}"] = forms.CharField(
                label=_("About ‘%(criterion)s’") % {"criterion": one["name"]},
                required=False,
                max_length=PeerFeedback.MOST_OF_A_NOTE,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def keep(self, row: PeerFeedback | None) -> None:
        """What is kept of it by now."""
        self.kept = texts_of(row, self.rubric)

    @property
    def answers(self) -> dict[str, str]:
        """What is valid, whatever else is wrong. A level that is not chosen is not sent: its mark says that it was asked."""
        return {name: text for name, text in self.cleaned_data.items() if name in self.data or f"from_{name}" in self.data}

    def marks(self, merged: Merge) -> dict[str, str]:
        """Of the boxes whose content is kept now, or is what somebody else wrote."""
        kept = [name for name, text in self.answers.items() if mark_of(text) == mark_of(self.kept[name]) or name in merged.others]
        return {name: mark_of(self.kept[name]) for name in kept if name not in merged.both}

    def said(self, name: str, text: str) -> str:
        """What stands in a box, in words."""
        return dict(self.fields[name].choices).get(text, "") if name.startswith("level-") else text

    def show_others(self, merged: Merge) -> None:
        """What somebody else wrote meanwhile takes its place in the page."""
        self.data = self.data.copy()
        for name, text in merged.others.items():
            self.data[name] = text

    def box(self, name: str, merged: Merge | None = None) -> Box:
        theirs = merged.both.get(name) if merged else None
        mark = self.since.get(name, "") if self.is_bound else ""
        if not self.is_bound or name in self.marks(merged or Merge()):
            mark = mark_of(self.kept[name])
        if theirs is None:
            return Box(name, self[name], mark)
        return Box(name, self[name], mark, self.said(name, theirs), mark_of(theirs), may_join=not name.startswith("level-"))

    def boxes(self, merged: Merge | None = None) -> list[list[Box]]:
        """By criterion: its level, and its words; the words for the whole last, alone."""
        names = [[f"level-{one['id']}", f"note-{one['id']}"] for one in self.rubric]
        return [[self.box(name, merged) for name in group] for group in [*names, ["comment"]]]

    def refuse(self, refusal: RuleViolation) -> None:
        """The reason beside what it is about."""
        self.add_error("comment" if refusal.code == "comment" else None, str(refusal))
        if refusal.code == "marks":
            for one in self.rubric:
                if not self.kept[f"level-{one['id']}"] and not self.data.get(f"level-{one['id']}"):
                    self.add_error(f"level-{one['id']}", _("Choose one."))

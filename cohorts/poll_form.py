"""The form of a ballot, made from its poll: plain boxes, lists and buttons, so that it votes without a script."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from academy.rules import RuleViolation
from cohorts.models import Ballot, Poll
from cohorts.polls import SCORES, Answer, checked

OTHER = "other"


class BallotForm(forms.Form):
    """`answer` and `other` are what `cast_ballot` takes. Begins with the ballot that this device gave before."""

    def __init__(self, data=None, *, poll: Poll, ballot: Ballot | None = None):
        super().__init__(data)
        self.poll, self.ballot = poll, ballot
        self.answer: Answer = []
        {
            Poll.Kind.ONE: self._ask_one,
            Poll.Kind.SEVERAL: self._ask_several,
            Poll.Kind.RANKED: self._ask_ranks,
            Poll.Kind.SCORED: self._ask_scores,
        }[poll.kind]()
        if poll.allows_other:
            label = _("Your own answer, if you choose “Another answer”") if poll.kind == Poll.Kind.ONE else _("Another answer")
            self.fields["other"] = forms.CharField(
                label=label, required=False, max_length=Poll.MOST_OTHER, initial=ballot.other if ballot else ""
            )

    def _options(self) -> list[tuple[str, str]]:
        return [(str(number), label) for number, label in self.poll.options]

    def _ask_one(self) -> None:
        options = self._options() + ([(OTHER, _("Another answer"))] if self.poll.allows_other else [])
        initial = None
        if self.ballot:
            initial = str(self.ballot.answer[0]) if self.ballot.answer else OTHER
        self.fields["choice"] = forms.ChoiceField(
            label=_("Choose one"), choices=options, required=False, widget=forms.RadioSelect, initial=initial
        )

    def _ask_several(self) -> None:
        self.fields["choice"] = forms.MultipleChoiceField(
            label=_("Choose one or several"),
            choices=self._options(),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            initial=[str(number) for number in self.ballot.answer] if self.ballot else [],
        )

    def _ask_ranks(self) -> None:
        options = self._options()
        ranks = [("", "–"), *((str(rank), str(rank)) for rank in range(1, len(options) + 1))]
        given = {number: str(place) for place, number in enumerate(self.ballot.answer if self.ballot else [], start=1)}
        for number, label in options:
            self.fields[f"rank_{number}"] = forms.ChoiceField(
                label=label, choices=ranks, required=False, initial=given.get(int(number), "")
            )

    def _ask_scores(self) -> None:
        scores = [(str(score), str(score)) for score in SCORES]
        given = self.ballot.answer if self.ballot else {}
        for number, label in self._options():
            self.fields[f"score_{number}"] = forms.ChoiceField(
                label=label, choices=scores, required=False, widget=forms.RadioSelect, initial=str(given.get(number, ""))
            )

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        try:
            self.answer, self.other = checked(self.poll, self._read(data), data.get("other", ""))
        except RuleViolation as refusal:
            self.add_error(None, str(refusal))
        return data

    def _read(self, data: dict) -> Answer:
        numbers = [number for number, _label in self._options()]
        if self.poll.kind == Poll.Kind.ONE:
            return self._read_one(data)
        if self.poll.kind == Poll.Kind.SEVERAL:
            return [int(number) for number in data["choice"]]
        if self.poll.kind == Poll.Kind.SCORED:
            return {number: int(data[f"score_{number}"]) for number in numbers if data[f"score_{number}"]}
        return self._read_ranks({number: int(data[f"rank_{number}"]) for number in numbers if data[f"rank_{number}"]})

    def _read_one(self, data: dict) -> list[int]:
        if data["choice"] == OTHER:
            if not data["other"].strip():
                raise RuleViolation(_("Write your own answer, or choose one of those that are given."), code="empty")
            return []
        return [int(data["choice"])] if data["choice"] else []

    def _read_ranks(self, ranks: dict[str, int]) -> list[int]:
        """The best first. A rank given twice, or left out between two others, is said."""
        places = sorted(ranks.values())
        twice = next((place for place in places if places.count(place) > 1), None)
        if twice is not None:
            raise RuleViolation(_("Rank %(rank)d is given twice: give each rank once.") % {"rank": twice}, code="twice")
        missing = next((place for place in range(1, len(places) + 1) if place not in places), None)
        if missing is not None:
            raise RuleViolation(_("Rank %(rank)d is missing: begin with 1 and leave none out.") % {"rank": missing}, code="gap")
        return [int(number) for number, _place in sorted(ranks.items(), key=lambda pair: pair[1])]

"""A question between two formats: plain values, and what was noticed on the way.

`values` holds what the kind adds, under the names of `courses.blocks`: `answers` [{text, correct, feedback}], `is_true`, `feedback_true`,
`feedback_false`, `accepted` [{text or value, tolerance, share, feedback}], `unit`, `case`, `accents`, `otherwise`, `pairs` [{left, right,
feedback}], `decoys`, `items` [{text, feedback}], `words`, `guide`. `prompt` and `feedback` are HTML that `courses.exchange.words` has made; all other texts are text.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Sized
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop as _

from academy.html import text_of
from academy.sentences import Sentence
from courses.kinds import folded

MOST_QUESTIONS = 500
MOST_NOTES = 1000
MOST_ANSWERS = 100
LONGEST_ANSWER = 400
LONGEST_UNIT = 20
LONGEST_PROMPT = 20_000
LONGEST_NAME = 100
DIGITS = 25


@dataclass(frozen=True)
class Note:
    """What was not taken as it stands: `changed` (asked otherwise than there), `lost` (a part is missing), `left` (no question was made)."""

    line: int
    what: str
    said: Sentence

    def as_json(self) -> dict:
        return {"line": self.line, "what": self.what, "said": self.said.as_json()}

    @classmethod
    def from_json(cls, data: dict) -> "Note":
        return cls(int(data["line"]), str(data["what"]), Sentence.from_json(data["said"]))


@dataclass(frozen=True)
class Picture:
    """A picture that a file holds; what it is, is asked of its content where it is kept."""

    name: str
    content: bytes
    alt: str = ""

    def as_json(self) -> dict:
        return {"name": self.name, "content": b64encode(self.content).decode("ascii"), "alt": self.alt}

    @classmethod
    def from_json(cls, data: dict) -> "Picture":
        return cls(data["name"], b64decode(data["content"]), data["alt"])


@dataclass(frozen=True)
class PlainQuestion:
    kind: str
    prompt: str
    values: dict[str, Any] = field(default_factory=dict)
    feedback: str = ""
    name: str = ""
    category: str = ""
    line: int = 0
    picture: Picture | None = None
    notes: tuple[Note, ...] = ()

    def as_json(self) -> dict:
        return {
            **{name: getattr(self, name) for name in ("kind", "prompt", "values", "feedback", "name", "category", "line")},
            "picture": self.picture.as_json() if self.picture else None,
            "notes": [note.as_json() for note in self.notes],
        }

    @classmethod
    def from_json(cls, data: dict) -> "PlainQuestion":
        picture = Picture.from_json(data["picture"]) if data["picture"] else None
        return cls(**{**data, "picture": picture, "notes": tuple(Note.from_json(note) for note in data["notes"])})

    @property
    def words(self) -> tuple:
        """What makes it the same question as another: its kind, and its words in whatever order its answers stand."""

        def said(text: str) -> str:
            return folded(text_of(text) if "<" in text else text, case=False, accents=True)

        values, answers = self.values, []
        for name in ("answers", "accepted", "pairs", "items", "decoys"):
            for one in values.get(name) or []:
                row = one if isinstance(one, dict) else {"text": one}
                answers.append(
                    " | ".join(said(str(row[key])) for key in ("text", "value", "left", "right") if row.get(key) not in (None, ""))
                )
        return self.kind, said(self.prompt), bool(values.get("is_true")), tuple(sorted(answers))


@dataclass(frozen=True)
class WhatWasRead:
    """The questions of a file, and the notes that belong to none of them."""

    questions: tuple[PlainQuestion, ...]
    notes: tuple[Note, ...]

    @property
    def is_too_much(self) -> bool:
        """A reader stops after the first question, or note, that is one too many."""
        return enough(self.questions, self.notes)

    def as_json(self) -> dict:
        return {"questions": [one.as_json() for one in self.questions], "notes": [note.as_json() for note in self.notes]}

    @classmethod
    def from_json(cls, data: dict) -> "WhatWasRead":
        questions = tuple(PlainQuestion.from_json(one) for one in data["questions"])
        return cls(questions, tuple(Note.from_json(note) for note in data["notes"]))


def enough(questions: Sized, notes: Sized) -> bool:
    return len(questions) > MOST_QUESTIONS or len(notes) > MOST_NOTES


class NotUnderstood(ValueError):
    """No question can be made of this; `said` tells why."""

    def __init__(self, english: str, /, **values: Any) -> None:
        self.said = Sentence(english, values)
        super().__init__(english)


class Notebook:
    """Collects the notes of one question or of one file."""

    def __init__(self, line: int = 0) -> None:
        self.line = line
        self.notes: list[Note] = []

    def add(self, what: str, english: str, /, line: int | None = None, **values: Any) -> None:
        note = Note(self.line if line is None else line, what, Sentence(english, values))
        if note not in self.notes:
            self.notes.append(note)

    def changed(self, english: str, /, line: int | None = None, **values: Any) -> None:
        self.add("changed", english, line, **values)

    def lost(self, english: str, /, line: int | None = None, **values: Any) -> None:
        self.add("lost", english, line, **values)

    def left(self, english: str, /, line: int | None = None, **values: Any) -> None:
        self.add("left", english, line, **values)


_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.A)


def number_of(text: str, *, comma: bool = False) -> str:
    """A number as the block keeps it, `12.5`. `comma`: in this format a comma is a decimal sign too. Raises NotUnderstood.

    GIFT and Moodle XML write a point. A comma there is somebody's slip, for decimals or for thousands: nobody guesses which.
    """
    text = text.strip().replace("−", "-")
    if "," in text and not comma:
        raise NotUnderstood(
            _("“%(text)s” has a comma: this format writes decimals with a point, and nothing between thousands."), text=text[:60]
        )
    plain = text.replace(",", ".")
    if not _NUMBER.fullmatch(plain[: 2 * DIGITS + 10]) or len(plain) > 2 * DIGITS + 10:
        raise NotUnderstood(_("“%(text)s” is not a number."), text=text[:60])
    number = Decimal(plain)
    if not number.is_finite() or abs(number.adjusted()) > DIGITS or len(number.as_tuple().digits) > DIGITS:
        raise NotUnderstood(_("“%(text)s” is not a number."), text=text[:60])
    return f"{number.normalize():f}" if number else "0"


def checked(question: PlainQuestion) -> PlainQuestion:
    """The question, if the editor can publish it. Raises NotUnderstood with the reason."""
    if not text_of(question.prompt):
        raise NotUnderstood(_("The question has no words."))
    if len(question.prompt) > LONGEST_PROMPT or len(question.feedback) > LONGEST_PROMPT:
        raise NotUnderstood(_("Its text is too long: %(most)d characters are the most."), most=LONGEST_PROMPT)
    _check_lists(question.values)
    check = {
        "single": _check_choice,
        "multiple": _check_choice,
        "numeric": _check_typed,
        "short": _check_typed,
        "match": _check_match,
        "order": _check_order,
    }.get(question.kind)
    if check:
        check(question)
    return replace(question, name=question.name[:LONGEST_NAME], category=question.category[:LONGEST_NAME])


def _check_lists(values: dict[str, Any]) -> None:
    for name in ("answers", "accepted", "pairs", "decoys", "items"):
        rows = values.get(name) or []
        if len(rows) > MOST_ANSWERS:
            raise NotUnderstood(_("It has more than %(most)d answers."), most=MOST_ANSWERS)
        for row in rows:
            texts = [row.get(key) for key in ("text", "left", "right")] if isinstance(row, dict) else [row]
            if any(text is not None and not text.strip() for text in texts):
                raise NotUnderstood(_("One of its answers is empty."))
            if long := next((text for text in texts if text and len(text) > LONGEST_ANSWER), ""):
                raise NotUnderstood(
                    _("An answer is longer than %(most)d characters: “%(text)s…”"), most=LONGEST_ANSWER, text=long[:60].strip()
                )


def _check_choice(question: PlainQuestion) -> None:
    answers = question.values["answers"]
    right = sum(1 for answer in answers if answer["correct"])
    if len(answers) < 2:
        raise NotUnderstood(_("It has fewer than two answers."))
    if not right:
        raise NotUnderstood(_("None of its answers is right."))
    if question.kind == "single" and right > 1:
        raise NotUnderstood(_("More than one of its answers is right, and only one may be chosen."))


def _check_typed(question: PlainQuestion) -> None:
    if not question.values["accepted"]:
        raise NotUnderstood(_("It has no accepted answer."))


def _check_match(question: PlainQuestion) -> None:
    pairs, decoys = question.values["pairs"], question.values["decoys"]
    if len(pairs) < 2:
        raise NotUnderstood(_("It has fewer than two pairs."))
    if len({pair["right"] for pair in pairs} | set(decoys)) < 2:
        raise NotUnderstood(_("All its pairs go with the same words: there is nothing to choose."))


def _check_order(question: PlainQuestion) -> None:
    steps = question.values["items"]
    if len(steps) < 2:
        raise NotUnderstood(_("It has fewer than two steps."))
    if len({step["text"] for step in steps}) < 2:
        raise NotUnderstood(_("All its steps are the same: there is no order to find."))

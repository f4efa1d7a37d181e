"""The kinds of question: what a frozen one holds, which answers it can take, what an answer is worth. Plain values only.

A frozen question is a dict with `id`, `kind`, `prompt` and `feedback` (HTML), perhaps `image`, and what its kind adds (see each class).
An answer is a list of strings, as a form sends it: the ids chosen, what was typed, or `item:place` pairs. `right` is one that authors are shown.
"""

import random
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

LONGEST_LINE, LONGEST_TEXT = 400, 20_000
MARK = re.compile(r"[\u0300-\u036f]")
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?", re.A)
STAR = re.compile(r"(?<!\\)\*")
SPACES = re.compile(r"[\s\u00a0\u202f']+")


class ForeignAnswer(ValueError):
    """An answer names a question or a choice that this attempt does not have."""


class UnreadableAnswer(ValueError):
    """What was typed is kept, but it is not what the question asks for (a number without digits); it counts as wrong."""


@dataclass(frozen=True)
class Line:
    """One line of an answer as the result page shows it.

    `text` is what could be chosen, or the left side of a pair; `given` is what was answered to it, `expected` what was right.
    `right` is None where nothing was chosen or where nobody has judged yet.
    """

    id: str
    text: str = ""
    given: str = ""
    expected: str = ""
    chosen: bool = False
    correct: bool = False
    right: bool | None = None
    feedback: str = ""


def number_in(text: str) -> Decimal:
    """The number somebody typed: `3,5`, `3.5`, `1 200`, `1.2e3`. Raises UnreadableAnswer.

    A comma is a decimal sign, as in French, unless a point follows it; a lone `1,200` is one and a fifth in every language.
    """
    compact = SPACES.sub("", text).replace("−", "-")
    if "," in compact and "." in compact:  # the first of the two only groups thousands
        compact = compact.replace(min(",.", key=compact.rindex), "")
    if not NUMBER.fullmatch(compact):
        raise UnreadableAnswer(text)
    try:
        return Decimal(compact.replace(",", "."))
    except InvalidOperation:
        raise UnreadableAnswer(text) from None


def folded(text: str, *, case: bool, accents: bool) -> str:
    """The text with what the author forgives taken away: capitals unless `case`, accents unless `accents`; apostrophes and spaces always."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("œ", "oe").replace("Œ", "OE")
    if not accents:
        text = MARK.sub("", unicodedata.normalize("NFD", text))
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return text if case else text.casefold()


def matches(pattern: str, text: str) -> bool:
    """`*` in an expected answer stands for any words; `\\*` is a star."""
    first, *rest = [part.replace("\\*", "*") for part in STAR.split(pattern)]
    if not rest:
        return text == first
    *middle, last = rest
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:  # one after the other: no pattern can take long
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


class Choice:
    """`answers`: [{id, text, correct, feedback}]; `several`: more than one may be right; `fixed`: their order says something."""

    def mix(self, question: dict, order: random.Random) -> dict:
        if question.get("fixed"):
            return question
        return {**question, "answers": order.sample(question["answers"], len(question["answers"]))}

    def read(self, question: dict, given: list[str]) -> list[str]:
        chosen, known = set(given), [answer["id"] for answer in question["answers"]]
        if not chosen <= set(known):
            raise ForeignAnswer(f"unknown answer to {question['id']}")
        if len(chosen) > 1 and not question["several"]:
            raise ForeignAnswer(f"two answers to {question['id']}")
        return [answer_id for answer_id in known if answer_id in chosen]

    def right(self, question: dict) -> list[str]:
        return [one["id"] for one in question["answers"] if one["correct"]]

    def fraction(self, question: dict, answer: list[str]) -> float:
        """The share of right answers found, less the wrong ones chosen, never under nothing."""
        chosen, right = set(answer), {one["id"] for one in question["answers"] if one["correct"]}
        return max(0.0, (len(chosen & right) - len(chosen - right)) / len(right)) if right else 0.0

    def lines(self, question: dict, answer: list[str]) -> list[Line]:
        return [
            Line(one["id"], one["text"], chosen=one["id"] in answer, correct=one["correct"], feedback=one["feedback"])
            for one in question["answers"]
        ]


class Typed:
    """What Numeric and Short share: `accepted`, the best first, each with `share` (0 to 1) and `feedback`."""

    longest: int | None = LONGEST_LINE

    def mix(self, question: dict, order: random.Random) -> dict:
        return question

    def read(self, question: dict, given: list[str]) -> list[str]:
        if len(given) > 1:
            raise ForeignAnswer(f"two answers to {question['id']}")
        text = (given[0] if given else "").replace("\r\n", "\n").replace("\0", "").strip()
        return [text[: self.longest]] if text else []

    def meets(self, question: dict, expected: dict, text: str) -> bool:
        raise NotImplementedError

    def shown(self, question: dict, expected: dict) -> str:
        return expected["text"]

    def met(self, question: dict, answer: list[str]) -> dict | None:
        """The expected answer that this one meets: the one worth most."""
        if not answer:
            return None
        found = [expected for expected in question["accepted"] if self.meets(question, expected, answer[0])]
        return max(found, key=lambda expected: expected["share"], default=None)

    def right(self, question: dict) -> list[str]:
        best = max(question["accepted"], key=lambda expected: expected["share"], default=None)
        return [best["value"] if "value" in best else self.shown(question, best)] if best else []

    def fraction(self, question: dict, answer: list[str]) -> float:
        met = self.met(question, answer)
        return met["share"] if met else 0.0

    def lines(self, question: dict, answer: list[str]) -> list[Line]:
        met = self.met(question, answer)
        best = max(question["accepted"], key=lambda expected: expected["share"], default=None)
        return [
            Line(
                question["id"],
                given=answer[0] if answer else "",
                expected=self.shown(question, best) if best else "",
                right=bool(met and met["share"] > 0.999999) if answer else None,
                feedback=met["feedback"] if met else "",
            )
        ]


class Numeric(Typed):
    """`accepted`: [{value, tolerance, share, feedback}], decimals as text; `unit` is written after the field, not typed."""

    def meets(self, question: dict, expected: dict, text: str) -> bool:
        unit = question.get("unit") or ""
        try:
            number = number_in(text.removesuffix(unit) if unit else text)
        except UnreadableAnswer:
            return False
        return abs(number - Decimal(expected["value"])) <= Decimal(expected["tolerance"])

    def shown(self, question: dict, expected: dict) -> str:
        words = expected["value"]
        if Decimal(expected["tolerance"]):
            words = f"{words} ± {expected['tolerance']}"
        return f"{words} {question['unit']}" if question.get("unit") else words


class Short(Typed):
    """`accepted`: [{text, share, feedback}]; `case` and `accents` say whether they must be as written."""

    def meets(self, question: dict, expected: dict, text: str) -> bool:
        strict = {"case": question["case"], "accents": question["accents"]}
        return matches(folded(expected["text"], **strict), folded(text, **strict))

    def shown(self, question: dict, expected: dict) -> str:
        return expected["text"].replace("\\*", "*")


class Long(Typed):
    """A trainer marks it; `words` is the most that is asked for, or None. `fraction` is only asked once a mark exists.

    A text longer than LONGEST_TEXT is kept whole, and its author is told to shorten it (`grading.too_long`): nothing is cut unsaid.
    """

    longest = None

    def right(self, question: dict) -> list[str]:
        return []

    def fraction(self, question: dict, answer: list[str]) -> float:
        return 0.0

    def lines(self, question: dict, answer: list[str]) -> list[Line]:
        return [Line(question["id"], given=answer[0] if answer else "")]


def _placed(question: dict, given: list[str], known: set[str], places: set[str]) -> dict[str, str]:
    """`item:place` pairs, each item once; an empty place is no answer."""
    placed: dict[str, str] = {}
    for pair in given:
        item, separator, place = pair.partition(":")
        if not separator or item not in known or item in placed or (place and place not in places):
            raise ForeignAnswer(f"unknown answer to {question['id']}")
        if place:
            placed[item] = place
    return placed


class Match:
    """`pairs`: [{id, text, option}]; `options`: [{id, text}] in the order shown, each text once, more than there are pairs or not."""

    def mix(self, question: dict, order: random.Random) -> dict:
        mixed = {name: order.sample(question[name], len(question[name])) for name in ("pairs", "options")}
        return {**question, **mixed}

    def read(self, question: dict, given: list[str]) -> list[str]:
        ids = [pair["id"] for pair in question["pairs"]]
        placed = _placed(question, given, set(ids), {option["id"] for option in question["options"]})
        return [f"{pair}:{placed[pair]}" for pair in ids if pair in placed]

    def right(self, question: dict) -> list[str]:
        return [f"{pair['id']}:{pair['option']}" for pair in question["pairs"]]

    def fraction(self, question: dict, answer: list[str]) -> float:
        right = {f"{pair['id']}:{pair['option']}" for pair in question["pairs"]}
        return len(right & set(answer)) / len(right) if right else 0.0

    def lines(self, question: dict, answer: list[str]) -> list[Line]:
        words = {option["id"]: option["text"] for option in question["options"]}
        given = dict(pair.split(":", 1) for pair in answer)
        return [
            Line(
                pair["id"],
                pair["text"],
                given=words.get(given.get(pair["id"], ""), ""),
                expected=words[pair["option"]],
                right=given[pair["id"]] == pair["option"] if pair["id"] in given else None,
            )
            for pair in question["pairs"]
        ]


class Order:
    """`items`: [{id, text}] in the right order; `shown`: their ids as they are asked. An answer is `item:place`, places from 1."""

    def mix(self, question: dict, order: random.Random) -> dict:
        """Always mixed, whatever the author says of the others: shown in the right order it would be no question."""
        ids = [item["id"] for item in question["items"]]
        shown = order.sample(ids, len(ids))
        return {**question, "shown": shown if shown != ids else [*ids[1:], ids[0]]}

    def read(self, question: dict, given: list[str]) -> list[str]:
        ids = [item["id"] for item in question["items"]]
        placed = _placed(question, given, set(ids), {str(place) for place in range(1, len(ids) + 1)})
        return [f"{item}:{placed[item]}" for item in ids if item in placed]

    def right(self, question: dict) -> list[str]:
        return [f"{item['id']}:{place}" for place, item in enumerate(question["items"], 1)]

    def fraction(self, question: dict, answer: list[str]) -> float:
        """The share of items at their place; a place given to two items is no place."""
        given = dict(pair.split(":", 1) for pair in answer)
        places = list(given.values())
        right = [given.get(item["id"]) == str(place) and places.count(str(place)) == 1 for place, item in enumerate(question["items"], 1)]
        return sum(right) / len(right) if right else 0.0

    def lines(self, question: dict, answer: list[str]) -> list[Line]:
        given = dict(pair.split(":", 1) for pair in answer)
        return [
            Line(
                item["id"],
                item["text"],
                given=given.get(item["id"], ""),
                expected=str(place),
                right=given[item["id"]] == str(place) if item["id"] in given else None,
            )
            for place, item in enumerate(question["items"], 1)
        ]


KINDS = {
    "single": Choice(),
    "multiple": Choice(),
    "true_false": Choice(),
    "numeric": Numeric(),
    "short": Short(),
    "match": Match(),
    "order": Order(),
    "long": Long(),
}

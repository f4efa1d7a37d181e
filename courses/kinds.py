"""The kinds of question: what a frozen one holds, which answers it can take, what an answer is worth. Plain values only.

A frozen question is a dict with `id`, `kind`, `prompt` and `feedback` (HTML), perhaps `image`, and what its kind adds (see each class).
An answer is a list of strings, as a form sends it: the ids chosen, what was typed, or `item:place` pairs. `right` is one that authors are shown.
"""

import random
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from courses.numbers import LONGEST, MARK, UnreadableAnswer, as_typed, readings

LONGEST_LINE, LONGEST_TEXT = LONGEST, 20_000
STAR = re.compile(r"(?<!\\)\*")


class ForeignAnswer(ValueError):
    """An answer names a question or a choice that this attempt does not have."""


@dataclass(frozen=True)
class Line:
    """One line of an answer as the result page shows it.

    `text` is what could be chosen, or the left side of a pair; `given` is what was answered to it, `expected` what was right.
    `right` is None where nothing was chosen or where nobody has judged yet. `read_as`: of a number that may be read in two ways, the way
    that was taken; `unread`: it is no number, and never a wrong one (it is refused before it is marked, unless its time is over).
    """

    id: str
    text: str = ""
    given: str = ""
    expected: str = ""
    chosen: bool = False
    correct: bool = False
    right: bool | None = None
    feedback: str = ""
    read_as: str = ""
    unread: bool = False


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

    def mix(self, question: dict, order: random.Random, *, shuffle: bool = True) -> dict:
        if question.get("fixed") or not shuffle:
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
    """What Numeric and Short share: `accepted`, the best first, each with `share` (0 to 1) and `feedback`; `otherwise` is told for any other.

    What is longer than `longest` is kept whole, and its author is told to shorten it (`grading.too_long`): nothing is cut unsaid.
    """

    longest = LONGEST_LINE

    def mix(self, question: dict, order: random.Random, *, shuffle: bool = True) -> dict:
        return question

    def read(self, question: dict, given: list[str]) -> list[str]:
        if len(given) > 1:
            raise ForeignAnswer(f"two answers to {question['id']}")
        text = (given[0] if given else "").replace("\r\n", "\n").replace("\0", "").strip()
        return [text] if text else []

    def meets(self, question: dict, expected: dict, text: str) -> bool:
        raise NotImplementedError

    def shown(self, question: dict, expected: dict) -> str:
        return expected["text"]

    def met(self, question: dict, answer: list[str]) -> dict | None:
        """The expected answer that this one meets: the one worth most."""
        if not answer or len(answer[0]) > self.longest:
            return None
        found = [expected for expected in question["accepted"] if self.meets(question, expected, answer[0])]
        return max(found, key=lambda expected: expected["share"], default=None)

    def right(self, question: dict) -> list[str]:
        best = max(question["accepted"], key=lambda expected: expected["share"], default=None)
        return [best["value"] if "value" in best else self.shown(question, best)] if best else []

    def fraction(self, question: dict, answer: list[str]) -> float:
        met = self.met(question, answer)
        return met["share"] if met else 0.0

    def is_unread(self, question: dict, answer: list[str]) -> bool:
        """Whether what was typed is nothing that this kind asks for."""
        return False

    def read_as(self, question: dict, answer: list[str], met: dict | None) -> str:
        return ""

    def lines(self, question: dict, answer: list[str]) -> list[Line]:
        met, unread = self.met(question, answer), self.is_unread(question, answer)
        best = max(question["accepted"], key=lambda expected: expected["share"], default=None)
        return [
            Line(
                question["id"],
                given=answer[0] if answer else "",
                expected=self.shown(question, best) if best else "",
                right=bool(met and met["share"] > 0.999999) if answer else None,
                feedback=met["feedback"] if met else question.get("otherwise", "") if answer and not unread else "",
                read_as=self.read_as(question, answer, met),
                unread=unread,
            )
        ]


class Numeric(Typed):
    """`accepted`: [{value, tolerance, share, feedback}], decimals as text; `unit` is written after the field, and may be typed too.

    `decimal` is the sign of the quiz's language. A number that may be read in two ways counts when one of them is right.
    """

    def numbers(self, question: dict, answer: list[str]) -> list[Decimal]:
        try:
            return readings(answer[0], unit=question.get("unit") or "", decimal=question.get("decimal", ",")) if answer else []
        except UnreadableAnswer:
            return []

    def meeting(self, question: dict, expected: dict, answer: list[str]) -> Decimal | None:
        value, tolerance = Decimal(expected["value"]), Decimal(expected["tolerance"])
        return next((number for number in self.numbers(question, answer) if abs(number - value) <= tolerance), None)

    def meets(self, question: dict, expected: dict, text: str) -> bool:
        return self.meeting(question, expected, [text]) is not None

    def is_unread(self, question: dict, answer: list[str]) -> bool:
        return bool(answer) and not self.numbers(question, answer)

    def read_as(self, question: dict, answer: list[str], met: dict | None) -> str:
        numbers = self.numbers(question, answer)
        if len(numbers) < 2:
            return ""
        taken = self.meeting(question, met, answer) if met else None
        return as_typed(numbers[0] if taken is None else taken, question.get("decimal", ","))

    def shown(self, question: dict, expected: dict) -> str:
        sign = question.get("decimal", ".")
        words = expected["value"].replace(".", sign)
        if Decimal(expected["tolerance"]):
            words = f"{words} ± {expected['tolerance'].replace('.', sign)}"
        return f"{words} {question['unit']}" if question.get("unit") else words


class Short(Typed):
    """`accepted`: [{text, share, feedback}]; `case` and `accents` say whether they must be as written."""

    def meets(self, question: dict, expected: dict, text: str) -> bool:
        strict = {"case": question["case"], "accents": question["accents"]}
        return matches(folded(expected["text"], **strict), folded(text, **strict))

    def shown(self, question: dict, expected: dict) -> str:
        return expected["text"].replace("\\*", "*")


class Long(Typed):
    """A trainer marks it; `words` is the most that is asked for, or None. `fraction` is only asked once a mark exists."""

    longest = LONGEST_TEXT

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
    """`pairs`: [{id, text, option, feedback}]; `options`: [{id, text}] in the order shown, each text once, more than there are pairs or not.

    Pairs with the same words on the left are interchangeable: what one of them goes with, the other may be given.
    """

    def mix(self, question: dict, order: random.Random, *, shuffle: bool = True) -> dict:
        """What there is to choose from is always mixed: in the order of the things, it would give the answers away."""
        mixed = {name: order.sample(question[name], len(question[name])) for name in (("pairs", "options") if shuffle else ("options",))}
        return {**question, **mixed}

    def read(self, question: dict, given: list[str]) -> list[str]:
        ids = [pair["id"] for pair in question["pairs"]]
        placed = _placed(question, given, set(ids), {option["id"] for option in question["options"]})
        return [f"{pair}:{placed[pair]}" for pair in ids if pair in placed]

    def right(self, question: dict) -> list[str]:
        return [f"{pair['id']}:{pair['option']}" for pair in question["pairs"]]

    def found(self, question: dict, given: dict[str, str]) -> set[str]:
        """The pairs that are right: first those given their own, then their twins, each thing once."""
        pairs = question["pairs"]
        left = Counter((pair["text"], pair["option"]) for pair in pairs)
        right = {pair["id"] for pair in pairs if given.get(pair["id"]) == pair["option"]}
        left.subtract((pair["text"], pair["option"]) for pair in pairs if pair["id"] in right)
        for pair in pairs:
            taken = pair["text"], given.get(pair["id"], "")
            if pair["id"] not in right and left[taken] > 0:
                left[taken] -= 1
                right.add(pair["id"])
        return right

    def fraction(self, question: dict, answer: list[str]) -> float:
        pairs = question["pairs"]
        return len(self.found(question, dict(pair.split(":", 1) for pair in answer))) / len(pairs) if pairs else 0.0

    def lines(self, question: dict, answer: list[str]) -> list[Line]:
        words = {option["id"]: option["text"] for option in question["options"]}
        given = dict(pair.split(":", 1) for pair in answer)
        found = self.found(question, given)
        of_twins: dict[str, list[str]] = {}
        for pair in question["pairs"]:
            of_twins.setdefault(pair["text"], []).append(words[pair["option"]])
        return [
            Line(
                pair["id"],
                pair["text"],
                given=words.get(given.get(pair["id"], ""), ""),
                expected=" / ".join(dict.fromkeys(of_twins[pair["text"]])),
                right=pair["id"] in found if pair["id"] in given else None,
                feedback=pair.get("feedback", "") if pair["id"] in given and pair["id"] not in found else "",
            )
            for pair in question["pairs"]
        ]


class Order:
    """`items`: [{id, text, feedback}] in the right order; `shown`: their ids as they are asked. An answer is `item:place`, places from 1.

    Steps with the same words are interchangeable: each may stand at the place of any of them.
    """

    def mix(self, question: dict, order: random.Random, *, shuffle: bool = True) -> dict:
        """Always mixed, whatever the author says of the others: shown in the right order it would be no question."""
        words = {item["id"]: item["text"] for item in question["items"]}
        ids = list(words)
        shown = order.sample(ids, len(ids))
        is_right = [words[one] for one in shown] == list(words.values())
        return {**question, "shown": [*ids[1:], ids[0]] if is_right else shown}

    def read(self, question: dict, given: list[str]) -> list[str]:
        ids = [item["id"] for item in question["items"]]
        placed = _placed(question, given, set(ids), {str(place) for place in range(1, len(ids) + 1)})
        return [f"{item}:{placed[item]}" for item in ids if item in placed]

    def right(self, question: dict) -> list[str]:
        return [f"{item['id']}:{place}" for place, item in enumerate(question["items"], 1)]

    def places(self, question: dict) -> dict[str, list[str]]:
        """Where each step may stand."""
        of_words: dict[str, list[str]] = {}
        for place, item in enumerate(question["items"], 1):
            of_words.setdefault(item["text"], []).append(str(place))
        return {item["id"]: of_words[item["text"]] for item in question["items"]}

    def found(self, question: dict, given: dict[str, str]) -> set[str]:
        """The steps at their place; a place given to two of them is no place."""
        taken = Counter(given.values())
        return {key for key, places in self.places(question).items() if given.get(key) in places and taken[given[key]] == 1}

    def fraction(self, question: dict, answer: list[str]) -> float:
        items = question["items"]
        return len(self.found(question, dict(pair.split(":", 1) for pair in answer))) / len(items) if items else 0.0

    def lines(self, question: dict, answer: list[str]) -> list[Line]:
        given, places = dict(pair.split(":", 1) for pair in answer), self.places(question)
        found = self.found(question, given)
        return [
            Line(
                item["id"],
                item["text"],
                given=given.get(item["id"], ""),
                expected=" / ".join(places[item["id"]]),
                right=item["id"] in found if item["id"] in given else None,
                feedback=item.get("feedback", "") if item["id"] in given and item["id"] not in found else "",
            )
            for item in question["items"]
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

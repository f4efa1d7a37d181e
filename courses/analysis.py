"""What the answers of many people say about the questions of a quiz. Plain values only: marked questions in, numbers out.

*Facility* is the mean share that a question was worth, from 0 (nobody finds it) to 1 (everybody does). *Discrimination* is the correlation
between the share of this question and the mean of the others in the same attempt (the corrected item-total correlation; for a question
that is right or wrong, the point-biserial one): near 0 it says nothing about who knows more, under 0 those who know more miss it.
Neither is worth much for a few people: `few` says so, and discrimination is not given.
"""

import hashlib
import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from courses.grading import QuestionResult
from courses.kinds import folded

FEW = 10  # fewer answers than this say nothing sure
EASY, HARD = 0.95, 0.25
WEAK, GOOD = 0.15, 0.3
LISTED = 5  # so many of the wrong answers that were typed


@dataclass(frozen=True)
class Sitting:
    """One attempt that is handed in: its questions with what they were worth, its language, how long it took."""

    results: list[QuestionResult]
    language: str = ""
    seconds: float = 0


@dataclass(frozen=True)
class Choice:
    """An answer that could be chosen or was given, and how often."""

    text: str
    count: int
    right: bool = False


@dataclass
class Item:
    """One question in one wording. `hint` is few, against, easy, hard, weak, fair or good; `is_current`: the wording asked last."""

    question: dict
    language: str
    asked: int = 0
    unanswered: int = 0
    facility: float | None = None
    discrimination: float | None = None
    choices: list[Choice] = field(default_factory=list)
    hint: str = "few"
    is_current: bool = True


@dataclass
class Analysis:
    sittings: int
    mean: float | None
    median_seconds: float | None
    items: list[Item]


def wording(question: dict) -> str:
    """A short name of what was asked and what counted: another word, another answer, and it is another question to those who read it."""
    asked = {name: question.get(name) for name in ("kind", "prompt", "accepted", "unit", "options", "pairs", "items", "words")}
    asked["answers"] = sorted((one["id"], one["text"], one["correct"]) for one in question.get("answers", []))
    asked["pairs"] = sorted(
        (one["id"], one["text"], one["option"]) for one in asked["pairs"] or []
    )  # mixed for each attempt, as options are
    asked["options"] = sorted((one["id"], one["text"]) for one in asked["options"] or [])
    asked["accepted"] = [{name: value for name, value in one.items() if name != "feedback"} for one in asked["accepted"] or []]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]


def correlation(first: list[float], second: list[float]) -> float | None:
    """Pearson's; None where one of the two never changes."""
    try:
        return statistics.correlation(first, second)
    except statistics.StatisticsError:
        return None


def hint(asked: int, facility: float | None, discrimination: float | None) -> str:
    if asked < FEW or facility is None:
        return "few"
    if discrimination is not None and discrimination < 0:
        return "against"
    if facility >= EASY:
        return "easy"
    if facility <= HARD:
        return "hard"
    if discrimination is None or discrimination < WEAK:
        return "weak"
    return "good" if discrimination >= GOOD else "fair"


def analyse(sittings: Iterable[Sitting]) -> Analysis:
    """The sittings come oldest first: the last wording of a question is the current one."""
    sittings = list(sittings)
    given: dict[tuple[str, str], list[QuestionResult]] = defaultdict(list)
    pairs: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    items: dict[tuple[str, str], Item] = {}
    for sitting in sittings:
        for result in sitting.results:
            key = (result.id, wording(result.question))
            items.setdefault(key, Item(result.question, sitting.language))
            given[key].append(result)
            others = [other.fraction for other in sitting.results if other is not result and other.fraction is not None]
            if result.fraction is not None and others:
                pairs[key].append((result.fraction, statistics.fmean(others)))
    latest: dict[tuple[str, str], tuple[str, str]] = {(key[0], item.language): key for key, item in items.items()}
    order = {question: place for place, question in enumerate(dict.fromkeys(question for question, _words in items))}
    for key, item in items.items():
        _fill(item, given[key], pairs[key])
        item.is_current = latest[key[0], item.language] == key
    sums = [statistics.fmean(shares) for one in sittings if (shares := [r.fraction for r in one.results if r.fraction is not None])]
    return Analysis(
        sittings=len(sittings),
        mean=statistics.fmean(sums) if sums else None,
        median_seconds=statistics.median([one.seconds for one in sittings]) if sittings else None,
        items=[items[key] for key in sorted(items, key=lambda key: (order[key[0]], not items[key].is_current))],
    )


def _fill(item: Item, results: list[QuestionResult], pairs: list[tuple[float, float]]) -> None:
    shares = [result.fraction for result in results if result.fraction is not None]
    item.asked = len(results)
    item.unanswered = sum(not result.answer for result in results)
    item.facility = statistics.fmean(shares) if shares else None
    if len(pairs) >= FEW:
        item.discrimination = correlation([own for own, _others in pairs], [others for _own, others in pairs])
    item.choices = _choices(item.question, results)
    item.hint = hint(len(shares), item.facility, item.discrimination)


def _choices(question: dict, results: list[QuestionResult]) -> list[Choice]:
    """How often each answer was chosen; of what is typed or placed, the most frequent wrong ones."""
    kind = question["kind"]
    if "answers" in question:
        chosen = Counter(answer for result in results for answer in result.answer)
        return [Choice(one["text"], chosen[one["id"]], one["correct"]) for one in question["answers"]]
    if kind in ("numeric", "short"):
        wrong = [result.answer[0] for result in results if result.answer and (result.fraction or 0) < 1]
        return _most_frequent(folded(text, case=False, accents=True) for text in wrong)
    if kind in ("match", "order"):
        lines = [line for result in results for line in result.lines if line.given and line.right is False]
        return _most_frequent(f"{line.text} → {line.given}" for line in lines)
    return []


def _most_frequent(texts: Iterable[str]) -> list[Choice]:
    return [Choice(text, count) for text, count in Counter(texts).most_common(LISTED)]

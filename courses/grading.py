"""Questions drawn and mixed, answers read, scores computed. Plain values only: no database, no request."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from courses.kinds import KINDS, ForeignAnswer, Line, Typed

__all__ = [
    "ForeignAnswer",
    "QuestionResult",
    "asked",
    "band_for",
    "grade_of",
    "judged",
    "mark",
    "not_taken",
    "percent_of",
    "read_answers",
    "score_of",
    "still_given",
    "too_long",
    "unmarked",
    "unread",
]


@dataclass(frozen=True)
class QuestionResult:
    """One question of an attempt. `fraction` goes from 0 (nothing right) to 1 (all right, nothing wrong); None: a trainer has not marked it.

    `question` is the frozen one, for what only its kind shows; `comment` is the trainer's.
    """

    question: dict
    lines: tuple[Line, ...]
    answer: tuple[str, ...]
    fraction: float | None
    comment: str = ""

    @property
    def id(self) -> str:
        return self.question["id"]

    @property
    def kind(self) -> str:
        return self.question["kind"]

    @property
    def rows(self) -> list[dict]:
        """Of pairs and of an order, what is to be placed, each with the places there are: `{id, text, options: [{id, text, chosen}]}`."""
        given = dict(pair.split(":", 1) for pair in self.answer)
        if self.kind == "match":
            rows, places = self.question["pairs"], self.question["options"]
        else:
            by_id = {item["id"]: item for item in self.question["items"]}
            rows = [by_id[key] for key in self.question["shown"]]
            places = [{"id": str(place), "text": str(place)} for place in range(1, len(rows) + 1)]
        return [
            {
                "id": row["id"],
                "text": row["text"],
                "options": [{**place, "chosen": given.get(row["id"]) == place["id"]} for place in places],
            }
            for row in rows
        ]

    @property
    def answered(self) -> bool:
        """Whether something was answered; of pairs and of an order, whether all of it was."""
        asked_for = len(self.lines) if self.kind in ("match", "order") else 1
        return len(self.answer) >= asked_for

    @property
    def unread(self) -> bool:
        """Whether what was typed is no number where one is asked for."""
        return any(line.unread for line in self.lines)

    @property
    def verdict(self) -> str:
        """`right`, `partly`, `wrong` or `waiting`; a question without any answer is `wrong`."""
        if self.fraction is None:
            return "waiting"
        if self.fraction > 0.999999:
            return "right"
        return "partly" if self.fraction > 0.000001 else "wrong"


def asked(slots: list[dict], *, seed: int, shuffle: bool) -> list[dict]:
    """The questions that this seed asks: those drawn from each pool, mixed; the same seed always asks the same.

    A slot is `{draw, questions}`: all of its questions are asked when there are no more than `draw`.
    """
    order = random.Random(seed)  # noqa: S311 (an order, not a secret)
    questions = []
    for slot in slots:
        pool, draw = slot["questions"], slot["draw"]
        drawn = {question["id"] for question in order.sample(pool, draw)} if draw < len(pool) else None
        questions += [question for question in pool if drawn is None or question["id"] in drawn]
    questions = [KINDS[question["kind"]].mix(question, order, shuffle=shuffle) for question in questions]
    return order.sample(questions, len(questions)) if shuffle else questions


def read_answers(questions: list[dict], given: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The answers, each choice once, in the order of the questions.

    Raises ForeignAnswer for a question or a choice that is not in this attempt, and for two choices where one is asked: nobody
    scores by sending the same right answer twice, or somebody else's.
    """
    by_id = {question["id"]: question for question in questions}
    if foreign := set(given) - set(by_id):
        raise ForeignAnswer(f"unknown question {sorted(foreign)[0]}")
    return {key: KINDS[question["kind"]].read(question, list(given[key])) for key, question in by_id.items() if key in given}


def unmarked(questions: list[dict], answers: Mapping[str, list[str]], marks: Mapping[str, dict]) -> list[str]:
    """The questions that wait for a trainer: long texts that were written and not marked yet. An empty one is worth nothing by itself."""
    return [one["id"] for one in questions if one["kind"] == "long" and answers.get(one["id"]) and one["id"] not in marks]


def mark(questions: list[dict], answers: Mapping[str, list[str]], marks: Mapping[str, dict] | None = None) -> list[QuestionResult]:
    """Every question with what was answered, what was right, and what to tell. `marks` are a trainer's: `{id: {fraction, comment}}`."""
    marks = marks or {}
    waiting = set(unmarked(questions, answers, marks))
    results = []
    for question in questions:
        kind, answer, given = KINDS[question["kind"]], answers.get(question["id"], []), marks.get(question["id"])
        fraction = given["fraction"] if given else None if question["id"] in waiting else kind.fraction(question, answer)
        comment = given["comment"] if given else ""
        results.append(QuestionResult(question, tuple(kind.lines(question, answer)), tuple(answer), fraction, comment))
    return results


def judged(question: dict, answer: list[str]) -> QuestionResult:
    """One question by itself."""
    return mark([question], {question["id"]: answer})[0]


def still_given(question: dict, answers: Mapping[str, list[str]]) -> list[str]:
    """What was answered, as far as the question can still take it: nothing when an author has taken a choice away."""
    key = question["id"]
    try:
        return read_answers([question], {key: answers[key]})[key] if key in answers else []
    except ForeignAnswer:
        return []


def not_taken(questions: list[dict], sent: Mapping[str, Iterable[str]], kept: Mapping[str, list[str]]) -> list[tuple[int, list[Line]]]:
    """What was answered and does not stand, since another tab had answered it: the number of each question, and the lines answered."""
    found = []
    for number, question in enumerate(questions, 1):
        kind, key = KINDS[question["kind"]], question["id"]
        answer = read_answers([question], {key: sent[key]})[key] if key in sent else []
        if answer and answer != kept.get(key):
            found.append((number, [line for line in kind.lines(question, answer) if line.chosen or line.given]))
    return found


def too_long(questions: list[dict], answers: Mapping[str, list[str]]) -> list[tuple[int, int]]:
    """What has to be shortened before it is handed in: (number of the question, the most characters)."""
    typed = [(number, KINDS[one["kind"]], answers.get(one["id"]) or [""]) for number, one in enumerate(questions, 1)]
    return [(number, kind.longest) for number, kind, given in typed if isinstance(kind, Typed) and len(given[0]) > kind.longest]


def unread(questions: list[dict], answers: Mapping[str, list[str]]) -> list[tuple[int, str, str]]:
    """What was typed where a number is asked for, and is none: the number of the question, what was typed, the unit that may stand there."""
    kind = KINDS["numeric"]
    typed = [(number, one, answers.get(one["id"], [])) for number, one in enumerate(questions, 1) if one["kind"] == "numeric"]
    return [(number, answer[0], one.get("unit") or "") for number, one, answer in typed if kind.is_unread(one, answer)]


def score_of(results: list[QuestionResult]) -> float:
    """The mean of the questions, each counting the same; rounded so that 7 of 10 is 0.7 and not a hair less."""
    return round(sum(result.fraction or 0 for result in results) / len(results), 6) if results else 0.0


def percent_of(score: float) -> int:
    """A score as people read it, and as it is held against the mark: rounded down, so that nobody is told 70 % and refused at 70."""
    return int(score * 100 + 1e-9)


def grade_of(scores: list[float], method: str) -> float | None:
    """What several attempts are worth together, oldest first: `best`, `last`, `first` or `average`. None: no attempt has a score."""
    if not scores:
        return None
    if method == "average":
        return round(sum(scores) / len(scores), 6)
    return {"best": max(scores), "last": scores[-1], "first": scores[0]}[method]


def attempts_left(allowed: int | None, *, extra: int, used: int) -> int | None:
    """How many more may begin after so many; None: as many as wanted. `extra`: what staff have allowed one person on top."""
    return None if allowed is None else max(0, allowed + extra - used)


def closed_until(wait: int | None, last: datetime | None, *, need_not_wait: bool, now: datetime) -> datetime | None:
    """When the next attempt may begin, so many minutes after the last one was handed in; None: now."""
    moment = last + timedelta(minutes=wait) if wait and last and not need_not_wait else None
    return moment if moment and moment > now else None


def is_decided(scores: list[float], method: str, pass_mark: int) -> bool:
    """Whether no further attempt can pass: the first one counts, and it did not reach the mark."""
    return bool(method == "first" and scores and percent_of(scores[0]) < pass_mark)


def band_for(bands: list[dict], percent: int) -> str:
    """The words of the highest band that the score reaches; empty when none does."""
    reached = [band for band in bands if band["from_percent"] <= percent]
    return max(reached, key=lambda band: band["from_percent"])["text"] if reached else ""

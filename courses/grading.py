"""Questions frozen, answers read, scores computed. Plain values only: no database, no request."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


class ForeignAnswer(ValueError):
    """An answer names a question or a choice that this attempt does not have."""


@dataclass(frozen=True)
class Choice:
    """One answer as the result page shows it."""

    id: str
    text: str
    correct: bool
    chosen: bool
    feedback: str


@dataclass(frozen=True)
class QuestionResult:
    """One question of a marked attempt. `fraction` goes from 0 (nothing right) to 1 (all right, nothing wrong)."""

    id: str
    prompt: str
    several: bool
    feedback: str
    choices: tuple[Choice, ...]
    fraction: float

    @property
    def verdict(self) -> str:
        """`right`, `partly` or `wrong`; a question without any answer chosen is `wrong`."""
        if self.fraction > 0.999999:
            return "right"
        return "partly" if self.fraction > 0.000001 else "wrong"


def in_order_of(questions: list[dict], *, seed: int, shuffle: bool) -> list[dict]:
    """The questions in the order that this seed gives, answers too; the same seed always gives the same order."""
    if not shuffle:
        return questions
    order = random.Random(seed)  # noqa: S311 (an order, not a secret)
    mixed = [{**question, "answers": order.sample(question["answers"], len(question["answers"]))} for question in questions]
    return order.sample(mixed, len(mixed))


def read_answers(questions: list[dict], given: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The answers, each choice once, in the order of the questions.

    Raises ForeignAnswer for a question or a choice that is not in this attempt, and for two choices where one is asked: nobody
    scores by sending the same right answer twice, or somebody else's.
    """
    by_id = {question["id"]: question for question in questions}
    if foreign := set(given) - set(by_id):
        raise ForeignAnswer(f"unknown question {sorted(foreign)[0]}")
    answers = {}
    for question_id, question in by_id.items():
        if question_id not in given:
            continue
        chosen = set(given[question_id])
        known = [answer["id"] for answer in question["answers"]]
        if not chosen <= set(known):
            raise ForeignAnswer(f"unknown answer to {question_id}")
        if len(chosen) > 1 and not question["several"]:
            raise ForeignAnswer(f"two answers to {question_id}")
        answers[question_id] = [answer_id for answer_id in known if answer_id in chosen]
    return answers


def fraction_of(question: dict, chosen: Iterable[str]) -> float:
    """The share of right answers found, less the wrong ones chosen, never under nothing."""
    chosen = set(chosen)
    right = {answer["id"] for answer in question["answers"] if answer["correct"]}
    if not right:
        return 0.0
    return max(0.0, (len(chosen & right) - len(chosen - right)) / len(right))


def mark(questions: list[dict], answers: Mapping[str, list[str]]) -> list[QuestionResult]:
    """Every question with what was chosen, what was right, and what to tell."""
    results = []
    for question in questions:
        chosen = set(answers.get(question["id"], []))
        choices = tuple(
            Choice(answer["id"], answer["text"], answer["correct"], answer["id"] in chosen, answer["feedback"])
            for answer in question["answers"]
        )
        results.append(
            QuestionResult(
                question["id"], question["prompt"], question["several"], question["feedback"], choices, fraction_of(question, chosen)
            )
        )
    return results


def score_of(results: list[QuestionResult]) -> float:
    """The mean of the questions, each counting the same; rounded so that 7 of 10 is 0.7 and not a hair less."""
    return round(sum(result.fraction for result in results) / len(results), 6) if results else 0.0


def band_for(bands: list[dict], percent: int) -> str:
    """The words of the highest band that the score reaches; empty when none does."""
    reached = [band for band in bands if band["from_percent"] <= percent]
    return max(reached, key=lambda band: band["from_percent"])["text"] if reached else ""

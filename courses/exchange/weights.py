"""What answers are worth in other formats, as our kinds can say it: right or wrong for a choice, a share from 0 to 100 for what is typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_noop as _

from courses.exchange.plain import Notebook

CLOSE = Decimal("0.01")
WHOLE = Decimal(100)


@dataclass(frozen=True)
class Weighed:
    """An answer that may be chosen, with its weight in percent of the question."""

    text: str
    weight: Decimal
    feedback: str = ""


def percent(text: str) -> Decimal:
    """A weight as a file writes it; nothing where it is no number (who reads a format that says more refuses it before)."""
    try:
        number = Decimal(text.strip().replace(",", ".") or "0")
    except InvalidOperation:
        return Decimal(0)
    return min(max(number, -WHOLE), WHOLE) if number.is_finite() else Decimal(0)


def choice(answers: Sequence[Weighed], *, single: bool, notes: Notebook) -> tuple[str, list[dict[str, Any]]]:
    """The kind, `single` or `multiple`, and its answers; where the weights say something else than ours, that is noted."""
    whole = [answer for answer in answers if answer.weight >= WHOLE - CLOSE]
    if single and len(whole) == 1:
        if any(0 < answer.weight < WHOLE - CLOSE for answer in answers):
            notes.changed(_("An answer was worth a part: here it is wrong, as one answer alone is right."))
        if any(answer.weight < 0 for answer in answers):
            notes.changed(_("A wrong answer took marks away: here it is worth nothing."))
        return "single", _marked(answers, lambda answer: answer in whole)
    if single and len(whole) > 1:
        notes.changed(_("Several answers were right and one of them was enough: here all of them have to be chosen."))
        if any(0 < answer.weight < WHOLE - CLOSE for answer in answers):
            notes.changed(_("An answer was worth a part: here it is wrong."))
        return "multiple", _marked(answers, lambda answer: answer in whole)
    right = [answer for answer in answers if answer.weight > 0]
    if single and right:  # nothing is wholly right: the best is
        best = max(right, key=lambda answer: answer.weight)
        notes.changed(_("No answer was wholly right: here the one that was worth most is right."))
        return "single", _marked(answers, lambda answer: answer is best)
    if right:
        each = WHOLE / len(right)
        if any(abs(answer.weight - each) > CLOSE for answer in right):
            notes.changed(_("The right answers had different weights: here each counts the same."))
        wrong = [answer for answer in answers if answer.weight <= 0]
        if any(abs(answer.weight + each) > CLOSE for answer in wrong):
            notes.changed(_("A wrong answer that is chosen takes as much away here as a right one gives; there it took more or less."))
    return ("single" if single else "multiple"), _marked(answers, lambda answer: answer.weight > 0)


def _marked(answers: Sequence[Weighed], is_right) -> list[dict[str, Any]]:
    return [{"text": answer.text, "correct": bool(is_right(answer)), "feedback": answer.feedback} for answer in answers]


def share(weight: Decimal, notes: Notebook) -> int | None:
    """What an accepted answer is worth, a whole number from 0 to 100; None for one that took marks away, which is left out."""
    if weight < 0:
        notes.changed(_("An answer took marks away: it is left out, so it is worth nothing."))
        return None
    whole = int(weight.to_integral_value())
    if abs(weight - whole) > CLOSE:
        notes.changed(_("An answer was worth %(there)s %%: here it is worth %(here)d %%."), there=f"{weight.normalize():f}", here=whole)
    return whole

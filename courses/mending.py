"""What keeps answers from being handed in as they are, in words: a number that is none, a text that is too long. Reads only."""

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.rules import RuleViolation
from courses.grading import too_long, unread

CODES = UNREAD, TOO_LONG = "unread", "too_long"
QUOTED = 60  # characters of what was typed; the whole of it stands in its field


def to_mend_in_words(questions: list[dict], answers: Mapping[str, list[str]]) -> str:
    """All that has to be mended; empty when nothing has."""
    return " ".join(filter(None, [_unread_in_words(questions, answers), _too_long_in_words(questions, answers)]))


def refuse_to_mend(questions: list[dict], answers: Mapping[str, list[str]]) -> None:
    """Raises RuleViolation with these words: nobody hands in what cannot be read or is not read to its end."""
    if words := to_mend_in_words(questions, answers):
        raise RuleViolation(words, code=UNREAD if unread(questions, answers) else TOO_LONG)


def _too_long_in_words(questions: list[dict], answers: Mapping[str, list[str]]) -> str:
    found: dict[int, list[int]] = {}
    for number, most in too_long(questions, answers):
        found.setdefault(most, []).append(number)
    return " ".join(_too_long(numbers, most) for most, numbers in found.items())


def _too_long(numbers: list[int], most: int) -> str:
    words = ngettext(
        "Your text for question %(numbers)s is longer than %(most)s characters. It is saved whole: shorten it before you hand in.",
        "Your texts for questions %(numbers)s are longer than %(most)s characters. They are saved whole: shorten them before you hand in.",
        len(numbers),
    )
    return words % {"numbers": ", ".join(map(str, numbers)), "most": number_format(most, force_grouping=True)}


def _unread_in_words(questions: list[dict], answers: Mapping[str, list[str]]) -> str:
    words = []
    for number, typed, unit in unread(questions, answers):
        if unit:
            told = _("Question %(number)s: ‘%(typed)s’ cannot be read as a number. Write figures, with or without ‘%(unit)s’.")
        else:
            told = _("Question %(number)s: ‘%(typed)s’ cannot be read as a number. Write figures alone.")
        words.append(told % {"number": number, "typed": Truncator(typed).chars(QUOTED), "unit": unit})
    return " ".join(words)

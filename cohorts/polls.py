"""What a ballot may say, and what the ballots of a closed poll come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil

from django.utils import formats
from django.utils.text import normalize_newlines
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.charts import Bar, bars
from academy.models import User
from academy.rules import RuleViolation
from cohorts.models import Ballot, Poll

SCORES = range(5)
HIGHEST = SCORES[-1]

Answer = list[int] | dict[str, int]


def plain_code(typed: str) -> str:
    """What somebody typed, as a code is written."""
    return "".join(sign for sign in typed.upper() if sign.isalpha())[:20]


def voter_of(user: User | None, device: str) -> str:
    """Who votes, before it becomes a mark: the account, else the cookie of a visitor; empty when there is neither."""
    if user is not None and user.is_authenticated:
        return f"person-{user.pk}"
    return f"device-{device}" if device else ""


def checked(poll: Poll, answer: Answer, other: str) -> tuple[Answer, str]:
    """The answer as it is kept, or a refusal that says what to correct."""
    other = " ".join(normalize_newlines(other).split())
    if other and not poll.allows_other:
        raise RuleViolation(_("Choose among the answers that are given."), code="other")
    if len(other) > poll.MOST_OTHER:
        raise RuleViolation(_("Your own answer is too long: write at most %(most)d signs.") % {"most": poll.MOST_OTHER}, code="long")
    check = _checked_scores if poll.kind == Poll.Kind.SCORED else _checked_choices
    return check(poll, answer, other), other


def _known(poll: Poll) -> set[int]:
    return {number for number, _label in poll.options}


def _unknown() -> RuleViolation:
    return RuleViolation(_("This answer is not one of those that are asked. Load the page again."), code="unknown")


def _checked_choices(poll: Poll, answer: Answer, other: str) -> list[int]:
    if not isinstance(answer, list) or not set(answer) <= _known(poll) or len(set(answer)) < len(answer):
        raise _unknown()
    if not answer and not other:
        raise RuleViolation(_("Choose an answer first."), code="empty")
    if poll.kind == Poll.Kind.ONE and len(answer) + bool(other) > 1:
        raise RuleViolation(_("Choose one answer only: one of those that are given, or your own."), code="many")
    return answer if poll.kind == Poll.Kind.RANKED else sorted(answer)


def _checked_scores(poll: Poll, answer: Answer, other: str) -> dict[str, int]:
    if (
        not isinstance(answer, dict)
        or not set(answer) <= {str(number) for number in _known(poll)}
        or not set(answer.values()) <= set(SCORES)
    ):
        raise _unknown()
    if not answer:
        raise RuleViolation(_("Give at least one score first."), code="empty")
    return answer


# --- results


@dataclass
class Line:
    """One choice: what it came to (None: nobody said anything of it), in words, as the cells of a table, and as a bar."""

    label: str
    value: float | None
    words: str
    cells: list[float | int | str]
    bar: Bar | None = None

    @property
    def shown(self) -> list[str]:
        return [one if isinstance(one, str) else in_words(one) for one in self.cells]


@dataclass
class Results:
    """`method` says how the numbers are made; `heads` names the cells of each line."""

    count: int
    method: str
    heads: list[str]
    lines: list[Line]
    others: list[Ballot] = field(default_factory=list)


def results_of(poll: Poll, ballots: Iterable[Ballot] | None = None) -> Results:
    """Asked once the poll is closed (`tell`). Ranked and scored choices come best first; the others as they were asked."""
    rows = list(poll.ballots.all() if ballots is None else ballots)
    found = COUNTED[poll.kind](poll, rows)
    if poll.kind in (Poll.Kind.RANKED, Poll.Kind.SCORED):
        found.lines.sort(key=lambda line: -(line.value if line.value is not None else -1))
    most = HIGHEST if poll.kind == Poll.Kind.SCORED else None
    for line, bar in zip(found.lines, bars([line.value for line in found.lines], most=most), strict=True):
        line.bar = bar
    found.others = sorted((row for row in rows if row.other and row.hidden_at is None), key=lambda row: row.other.casefold())
    return found


def tell(poll: Poll) -> Results | None:
    """The results, for whoever may open the poll; None as long as it is not closed."""
    return results_of(poll) if poll.is_closed else None


# What a projector of 1920 × 1080 shows at once, for each size of static/css/polls.css: pixels of a letter of the choices, of the question
# with its space, how wide a label is, and what a choice takes besides its label. The first has the bars under the labels.
WALL_HIGH, WALL_WIDE = 1080, 1830
WALL_SIZES = ((46, 84, 1600, 78), (38, 57, 770, 20), (31, 57, 770, 16), (25, 57, 770, 13), (21, 57, 770, 11))


def wall_size(question: str, lines: list[Line]) -> int:
    """Which of the sizes shows all choices without scrolling, from 0, the biggest: nobody scrolls a wall. The smallest if none does."""

    def height(letter: int, heading: int, wide: int, besides: int) -> float:
        asked = ceil(len(question) * heading * 0.44 / WALL_WIDE) * heading
        return 190 + asked + sum(ceil(len(line.label) * letter * 0.5 / wide) * letter * 1.3 + besides for line in lines)

    return next((size for size, measures in enumerate(WALL_SIZES) if height(*measures) <= WALL_HIGH), len(WALL_SIZES) - 1)


def in_words(number: float) -> str:
    """With one decimal, unless it is a count. (Django's own cuts digits off and does not round.)"""
    return formats.number_format(number) if isinstance(number, int) else formats.number_format(round(number, 1), decimal_pos=1)


def _share(part: int, whole: int) -> str:
    return _("%(percent)d%%") % {"percent": round(100 * part / whole) if whole else 0}


def _chosen(poll: Poll, rows: list[Ballot]) -> Results:
    votes = Counter(number for row in rows for number in row.answer)
    said = [(label, votes[number]) for number, label in poll.options]
    if poll.allows_other:
        said.append((_("Another answer"), sum(bool(row.other) for row in rows)))
    lines = [Line(label, count, f"{count} · {_share(count, len(rows))}", [count, _share(count, len(rows))]) for label, count in said]
    method = _("How many people chose each answer.")
    if poll.kind == Poll.Kind.SEVERAL:
        method = _("How many people chose each answer. Each could choose several, so that the shares add up to more than 100%.")
    return Results(len(rows), method, [_("Votes"), _("Share of the ballots")], lines)


def _ranked(poll: Poll, rows: list[Ballot]) -> Results:
    """Borda's count: of n choices a first place gives n points, a second n - 1…; a choice that is not ranked gets none."""
    options = poll.options
    points, firsts = Counter(), Counter()
    for row in rows:
        firsts.update(row.answer[:1])
        for place, number in enumerate(row.answer):
            points[number] += len(options) - place
    lines = [
        Line(
            label,
            points[number],
            ngettext("%(n)d point", "%(n)d points", points[number]) % {"n": points[number]},
            [points[number], firsts[number]],
        )
        for number, label in options
    ]
    method = _(
        "Borda’s count: each first place gives %(most)d points, each second place %(next)d, and so on; a choice that somebody did not rank gets none from them."
    ) % {"most": len(options), "next": len(options) - 1}
    return Results(len(rows), method, [_("Points"), _("First places")], lines)


def _scored(poll: Poll, rows: list[Ballot]) -> Results:
    lines = []
    for number, label in poll.options:
        counts = Counter(row.answer[str(number)] for row in rows if str(number) in row.answer)
        given = sum(counts.values())
        mean = sum(score * count for score, count in counts.items()) / given if given else None
        words = in_words(float(mean)) if mean is not None else ""
        lines.append(Line(label, mean, words, [float(mean) if mean is not None else "–", *(counts[score] for score in SCORES)]))
    method = _("The mean of the scores from 0 to %(most)d, and how many people gave each score. Whoever gave none is not counted.") % {
        "most": HIGHEST
    }
    return Results(len(rows), method, [_("Mean"), *(_("Score %(n)d") % {"n": score} for score in SCORES)], lines)


COUNTED: dict[str, Callable[[Poll, list[Ballot]], Results]] = {
    Poll.Kind.ONE: _chosen,
    Poll.Kind.SEVERAL: _chosen,
    Poll.Kind.RANKED: _ranked,
    Poll.Kind.SCORED: _scored,
}


def table_of(poll: Poll, found: Results) -> list[list]:
    """The results as the rows of a file: headings, one line per choice, then what people wrote themselves."""
    rows: list[list] = [[str(poll.question)], [_("Ballots"), found.count], [], [_("Answer"), *found.heads]]
    rows += [[line.label, *(round(cell, 2) if isinstance(cell, float) else cell for cell in line.cells)] for line in found.lines]
    if found.others:
        rows += [[], [_("What people answered themselves")], *([row.other] for row in found.others)]
    return rows

"""Writes GIFT. What GIFT cannot say stands in a comment above its question, and is told to whoever exports.

Steps to put in order become pairs to match, each step with its place: the nearest that GIFT has, and worth the same. A pool becomes a
category. Links inside the site become links with the address of the site.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop as _

from academy.html import text_of
from academy.sentences import Sentence
from courses.exchange.gift import as_html_line, escaped
from courses.exchange.plain import Note, NotUnderstood, PlainQuestion, checked

_NAMES = {"[": "&lsqb;", "%": "&percnt;"}
# The parts of a question that Moodle knows, as shares of one to ten or twenty right answers.
_KNOWN_PARTS = {*range(1, 11), 20}


@dataclass(frozen=True)
class Written:
    text: str
    notes: tuple[Note, ...]
    count: int


def write(questions: Iterable[tuple[PlainQuestion, Mapping]], *, title: str, pools: Mapping[str, int] | None = None) -> Written:
    """`questions` with the block each comes from; `pools` says how many are drawn of each. A note's line is the number of the question."""
    pools = pools or {}
    rows = list(questions)
    parts, notes, count, category = [f"// {_comment(title)}"], [], 0, ""
    for number, (question, block) in enumerate(rows, 1):
        wanted = question.category or (title if category else "")
        if wanted != category:
            category = wanted
            parts.append(f"$CATEGORY: {_category(title, question.category)}")
            if question.category in pools:
                said = Sentence(
                    _("Of the pool “%(pool)s”, %(draw)d are asked."), {"pool": question.category, "draw": pools[question.category]}
                )
                notes.append(Note(number, "lost", said))
                parts[-1] = f"// {_comment(str(said))}\n{parts[-1]}"
        try:
            text, said = _question(checked(question)), _said(question, block)
        except NotUnderstood as reason:
            notes.append(Note(number, "left", reason.said))
            parts.append(f"// {number}. {_comment(text_of(question.prompt))}: {_comment(str(reason.said))}")
            continue
        notes += [Note(number, "lost", sentence) for sentence in said]
        parts.append("\n".join([*(f"// {_comment(str(sentence))}" for sentence in said), text]))
        count += 1
    return Written("\n\n".join(parts) + "\n", tuple(notes), count)


def _comment(text: str) -> str:
    return " ".join(text.split())[:500]


def _category(title: str, pool: str) -> str:
    """A path of Moodle: its parts are kept apart by a slash, so none may hold one. It is read as it stands, but for a backslash."""
    path = [re.sub(r"\s*/\s*", " - ", " ".join(part.split())) for part in (title, pool) if part]
    return "/".join(path).replace("\\", "\\\\")


def _said(question: PlainQuestion, block: Mapping) -> list[Sentence]:
    """What GIFT has no place for."""
    values, said = question.values, []
    picture = (block.get("value") or {}).get("image")
    if picture.get("image") if isinstance(picture, Mapping) else picture:  # the editor stores an empty one too
        said.append(Sentence(_("Its picture is not in the file.")))
    if question.kind == "order":
        said.append(Sentence(_("Steps to put in order: written as pairs, each step with its place.")))
    if question.kind in ("match", "order") and any(one["feedback"] for one in values["pairs" if question.kind == "match" else "items"]):
        said.append(Sentence(_("What is told to who gets a pair or a step wrong is not in the file.")))
    if question.kind == "numeric" and values["unit"]:
        said.append(Sentence(_("Its unit: %(unit)s."), {"unit": values["unit"]}))
    if question.kind == "short" and values["case"]:
        said.append(Sentence(_("Capitals must be as written.")))
    if question.kind == "short" and values["accents"]:
        said.append(Sentence(_("Accents must be as written.")))
    if question.kind == "long" and values["words"]:
        said.append(Sentence(_("At most %(words)d words."), {"words": values["words"]}))
    if question.kind == "long" and values["guide"]:
        said.append(Sentence(_("What a good answer says: %(guide)s"), {"guide": " ".join(values["guide"].split())}))
    if question.kind == "multiple" and sum(answer["correct"] for answer in values["answers"]) not in _KNOWN_PARTS:
        said.append(Sentence(_("Moodle may refuse the weights of so many right answers.")))
    return said


def _question(question: PlainQuestion) -> str:
    name = escaped(" ".join((question.name or text_of(question.prompt)).split())[:80].strip())
    body = _BODIES[question.kind](question.values)
    general = f"####{escaped(_html(question.feedback))}" if question.feedback else ""
    return f"::{name}::[html]{escaped(_html(question.prompt))}{{{body}{general}}}"


def _html(html: str) -> str:
    """A new line in HTML is a space."""
    return re.sub(r"\s*\n\s*", " ", html)


def _words(text: str) -> str:
    """Bare words where HTML is read; a bracket at their beginning would be read as a format, a percent sign as a weight."""
    html = as_html_line(text)
    return escaped(_NAMES.get(html[:1], html[:1]) + html[1:])


def _told(text: str) -> str:
    return f"#{_words(text)}" if text else ""


def _number(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.00001')).normalize():f}"


def _single(values: dict[str, Any]) -> str:
    return _lines(f"{'=' if one['correct'] else '~'}{_words(one['text'])}{_told(one['feedback'])}" for one in values["answers"])


def _multiple(values: dict[str, Any]) -> str:
    each = Decimal(100) / sum(1 for one in values["answers"] if one["correct"])
    return _lines(
        f"~%{'' if one['correct'] else '-'}{_number(each)}%{_words(one['text'])}{_told(one['feedback'])}" for one in values["answers"]
    )


def _true_false(values: dict[str, Any]) -> str:
    right, wrong = ("true", "false") if values["is_true"] else ("false", "true")
    told = [values[f"feedback_{name}"] for name in (wrong, right)]
    return ("T" if values["is_true"] else "F") + (f"#{_words(told[0])}#{_words(told[1])}" if any(told) else "")


def _accepted(one: dict[str, Any], text: str) -> str:
    weight = "" if one["share"] == 100 and not text.startswith("%") else f"%{one['share']}%"
    return f"={weight}{text}{_told(one['feedback'])}"


def _numeric(values: dict[str, Any]) -> str:
    accepted = [_accepted(one, f"{one['value']}:{one['tolerance']}") for one in values["accepted"]]
    return "#" + _lines([*accepted, *([f"~{_told(values['otherwise'])}"] if values["otherwise"] else [])])


def _short(values: dict[str, Any]) -> str:
    if any("->" in one["text"] for one in values["accepted"]):
        raise NotUnderstood(_("GIFT would read the arrow in an answer as a pair."))
    formats = {True: "[plain]", False: ""}  # a bracket at the beginning would be read as a format
    accepted = [_accepted(one, formats[one["text"].startswith("[")] + escaped(one["text"])) for one in values["accepted"]]
    return _lines([*accepted, *([f"=%0%*{_told(values['otherwise'])}"] if values["otherwise"] else [])])


def _match(values: dict[str, Any]) -> str:
    pairs = [f"={_words(pair['left'])} -> {escaped(pair['right'])}" for pair in values["pairs"]]
    return _lines([*pairs, *(f"= -> {escaped(decoy)}" for decoy in values["decoys"])])


def _order(values: dict[str, Any]) -> str:
    return _lines(f"={_words(step['text'])} -> {place}" for place, step in enumerate(values["items"], 1))


def _lines(answers: Iterable[str]) -> str:
    return "\n" + "".join(f"\t{answer}\n" for answer in answers)


_BODIES = {
    "single": _single,
    "multiple": _multiple,
    "true_false": _true_false,
    "numeric": _numeric,
    "short": _short,
    "match": _match,
    "order": _order,
    "long": lambda values: "",
}

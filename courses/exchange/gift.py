"""Reads GIFT, the text format of Moodle. Text in, plain questions and notes out; whatever the text is, nothing is raised.

A category is not a pool: it stays with its questions, and who imports may make a pool of each. Questions stand apart by an empty line, as
the format says; a pair of braces that is open when the empty line comes is given the lines up to its end, if another question does not
begin before. Lines that begin with // are comments.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from html import escape

from django.utils.translation import gettext_noop as _

from academy.html import text_of
from courses.exchange import weights, words
from courses.exchange.plain import Notebook, NotUnderstood, PlainQuestion, WhatWasRead, checked, enough, number_of

# An escaped character is one character while the text is cut: Unicode keeps these for such uses, no text has them.
ESCAPED = dict(zip("\\~=#{}:n", "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5\ufdd6\ufdd7", strict=True))
_MEANT = {mark: "\n" if character == "n" else character for character, mark in ESCAPED.items()}
_RESERVED = re.compile("[\ufdd0-\ufdef]")
_WEIGHT = re.compile(r"%\s*(-?\d{1,3}(?:[.,]\d*)?)\s*%")
_FORMAT = re.compile(r"\[(html|markdown|plain|moodle)\]", re.IGNORECASE)
_TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}
_VRAI_FAUX = {"V": True, "VRAI": True, "FAUX": False}  # no GIFT, but what is written in French
BLANK = "_____"
_COMMENT = "\ufdef"


@dataclass(frozen=True)
class Chunk:
    """The text of one question, and the line on which it begins."""

    line: int
    text: str

    @property
    def is_category(self) -> bool:
        return self.text.upper().startswith("$CATEGORY:")


def read(text: str) -> WhatWasRead:
    questions, notes, category = [], Notebook(), ""
    for chunk in _chunks(text):
        if enough(questions, notes.notes):
            break
        if chunk.is_category:
            category = _category(chunk.text.partition(":")[2])
            continue
        page = Notebook(chunk.line)
        try:
            question = checked(replace(_question(chunk, page), category=category, notes=tuple(page.notes)))
        except NotUnderstood as reason:
            notes.left(reason.said.english, chunk.line, **reason.said.values)
        else:
            questions.append(question)
    return WhatWasRead(tuple(questions), tuple(notes.notes))


def _category(path: str) -> str:
    """The name of a category, without the places of Moodle that it stands in."""
    parts = [part.strip() for part in _meant(path).split("/")]
    return " / ".join(part for part in parts if part and part not in ("top",) and not re.fullmatch(r"\$\w+\$", part))


def _chunks(text: str) -> Iterator[Chunk]:
    text = _RESERVED.sub("", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    text = re.sub(r"\\([\\~=#{}:n])", lambda found: ESCAPED[found[1]], text)
    for chunk in _joined(list(_paragraphs(text))):
        yield from ([chunk] if chunk.is_category else _apart(chunk))


def _paragraphs(text: str) -> Iterator[Chunk]:
    """Lines between empty ones, comments marked; a line with a category is one by itself."""
    first, kept = 0, []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        stripped = line.strip()
        is_category = stripped.upper().startswith("$CATEGORY:")
        if not stripped or is_category:
            if first:
                yield Chunk(first, "\n".join(kept))
            first, kept = 0, []
        if is_category:
            yield Chunk(number, stripped)
        elif stripped.startswith("//"):
            kept += [_COMMENT] if first else []
        elif stripped:
            first = first or number
            kept.append(line.rstrip())


def _joined(chunks: list[Chunk]) -> Iterator[Chunk]:
    """An empty line inside of braces does not end the question, unless nothing closes them before another begins."""
    waiting: Chunk | None = None
    for chunk in chunks:
        if waiting is not None and not chunk.is_category:
            close, opening = chunk.text.find("}"), chunk.text.find("{")
            if close >= 0 and (opening < 0 or close < opening):
                gap = max(1, chunk.line - waiting.line - waiting.text.count("\n"))
                yield Chunk(waiting.line, waiting.text + "\n" * gap + chunk.text)
                waiting = None
                continue
        if waiting is not None:
            yield waiting
            waiting = None
        if not chunk.is_category and chunk.text.count("{") > chunk.text.count("}"):
            waiting = chunk
        else:
            yield chunk
    if waiting is not None:
        yield waiting


def _apart(chunk: Chunk) -> Iterator[Chunk]:
    """Two questions that no empty line keeps apart, where the second begins on a line of its own."""
    text, start, line = chunk.text, 0, chunk.line
    while True:
        end = text.find("}", start)
        following = text.find("{", end) if end >= 0 else -1
        between = text[end + 1 : following] if following >= 0 else ""
        cut = "\n" in between and not between.split("\n")[0].strip()
        yield Chunk(line, text[start : end + 1] if cut else text[start:])
        if not cut:
            return
        following = end + 1 + len(between) - len(between.lstrip())
        line += text.count("\n", start, following)
        start = following


def _meant(text: str) -> str:
    return "".join(_MEANT.get(character, character) for character in text).strip()


@dataclass(frozen=True)
class _Formatted:
    """How the texts of a question are written, unless one says otherwise."""

    kind: str
    notes: Notebook

    def source(self, text: str) -> str:
        """As HTML, not yet cleaned."""
        text = text.strip()
        found = _FORMAT.match(text)
        kind = found[1].lower() if found else self.kind
        return words.as_html(_meant(text[found.end() :] if found else text), kind)

    def rich(self, text: str) -> str:
        return words.rich(self.source(text), self.notes) if text.strip() else ""

    def line(self, text: str) -> str:
        return words.one_line(self.source(text), self.notes)

    def answer(self, text: str, number: int) -> str:
        return words.answer(self.source(text), number, self.notes)

    def text(self, text: str) -> str:
        return words.text(self.source(text), self.notes) if text.strip() else ""


def _question(chunk: Chunk, notes: Notebook) -> PlainQuestion:
    name, text = _name_and_rest(chunk.text.replace(f"\n{_COMMENT}", "").strip())
    start, end = text.find("{"), text.find("}")
    if start < 0 and end < 0:
        raise NotUnderstood(_("A text without braces asks nothing: it is a description."))
    if start < 0 or end < start:
        raise NotUnderstood(_("A brace is missing. Those that belong to the text are written \\{ and \\}."))
    before, body, after = text[:start], text[start + 1 : end].strip(), text[end + 1 :]
    if "{" in body or "{" in after or "}" in after:
        raise NotUnderstood(_("It has more than one pair of braces. Those that belong to the text are written \\{ and \\}."))
    found = _FORMAT.match(before.strip())
    how = _Formatted(found[1].lower() if found else words.MOODLE, notes)
    blank = BLANK if text_of(_meant(after)) else ""  # a word is missing: it stands where the answers were
    prompt = before + blank + after
    body, _mark, general = body.rpartition("####") if "####" in body else (body, "", "")
    asked = how.rich(prompt)
    kind, values = _values(body.strip(), how)
    return PlainQuestion(kind, asked, values, how.rich(general), _meant(name), line=chunk.line)


def _name_and_rest(text: str) -> tuple[str, str]:
    if text.startswith("::"):
        name, closed, rest = text[2:].partition("::")
        if closed:
            return name, rest.strip()
    return "", text


def _values(body: str, how: _Formatted) -> tuple[str, dict]:
    if not body:
        return "long", {"words": None, "guide": ""}
    if body.startswith("#"):
        return "numeric", _numeric(body[1:], how)
    if "~" in body:
        return _choice(body, how)
    if "=" in body and "->" in body:
        return "match", _match(body, how)
    truth, *told = body.split("#")
    word = truth.strip().upper()
    if word in _VRAI_FAUX:
        said = _("“%(text)s” is read as true or false, which GIFT writes T or F. If it is the answer to be typed, write {=%(text)s}.")
        how.notes.changed(said, text=truth.strip())
    if word in _TRUTH or word in _VRAI_FAUX:
        return "true_false", _true_false((_TRUTH | _VRAI_FAUX)[word], told, how)
    return "short", _short(body, how)


def _parts(body: str, sign: str) -> list[str]:
    """What stands after each sign; before the first one, an answer without sign."""
    first, *rest = body.split(sign)
    return [part.strip() for part in ([first, *rest] if first.strip() else rest)]


def _weighed(part: str) -> tuple[Decimal | None, str, str]:
    """Weight, text, feedback of one answer, as they are written."""
    found = _WEIGHT.match(part)
    if found:
        if "," in found[1]:
            raise NotUnderstood(_("“%(text)s” has a comma: a weight is written with a point."), text=found[0])
        part = part[found.end() :]
    text, _mark, told = part.partition("#")
    return (weights.percent(found[1]) if found else None), text.strip(), told.strip()


def _choice(body: str, how: _Formatted) -> tuple[str, dict]:
    answers, single = [], "=" in body
    for part in re.findall(r"[~=][^~=]*|^[^~=]+", body):
        right, rest = part.startswith("="), part.lstrip("~=").strip()
        if not rest and not right:
            continue
        weight, text, told = _weighed(rest)
        if weight is None:
            weight = weights.WHOLE if right else Decimal(0)
        answers.append(weights.Weighed(how.answer(text, len(answers) + 1), weight, how.text(told)))
    kind, marked = weights.choice(answers, single=single, notes=how.notes)
    return kind, {"answers": marked}


def _match(body: str, how: _Formatted) -> dict:
    pairs, decoys = [], []
    for part in _parts(body, "="):
        left, arrow, right = part.partition("->")
        if not arrow:
            raise NotUnderstood(_("A pair is written “= this -> that”: “%(text)s” has no arrow."), text=_meant(part)[:60])
        right = words.spaced(_meant(right))
        if left.strip():
            pairs.append({"left": how.answer(left, len(pairs) + 1), "right": right, "feedback": ""})
        else:
            decoys.append(right)
    return {"pairs": pairs, "decoys": decoys}


def _true_false(is_true: bool, told: list[str], how: _Formatted) -> dict:
    """The first words are for who is wrong, the second for who is right."""
    if len(told) > 2:
        how.notes.lost(_("A true or false question has two feedbacks: the others are not kept."))
    wrong, right = (how.text(text) for text in [*told, "", ""][:2])
    return {"is_true": is_true, "feedback_true": right if is_true else wrong, "feedback_false": wrong if is_true else right}


def _short(body: str, how: _Formatted) -> dict:
    """An answer that takes everything and is worth nothing is there for what it tells."""
    accepted, otherwise = [], ""
    for part in _parts(body, "="):
        weight, text, told = _weighed(part)
        worth = weights.share(weights.WHOLE if weight is None else weight, how.notes)
        if worth is not None:
            bare = how.line(text) if _FORMAT.match(text) else words.spaced(_meant(text))
            if bare == "*" and not worth:
                otherwise = otherwise or how.text(told)
            else:
                accepted.append({"text": bare, "share": worth, "feedback": how.text(told)})
    return {"accepted": accepted, "case": False, "accents": False, "otherwise": otherwise}


def _numeric(body: str, how: _Formatted) -> dict:
    """What stands after `~`, or after a star, is told for any other number."""
    body, _sign, others = body.partition("~")
    accepted, otherwise = [], how.text(_weighed(others.strip())[2])
    for part in _parts(body, "="):
        weight, text, told = _weighed(part)
        text = _meant(text)
        if text == "*":
            otherwise = otherwise or how.text(told)
            continue
        worth = weights.share(weights.WHOLE if weight is None else weight, how.notes)
        if worth is not None:
            value, tolerance = number_and_tolerance(text)
            accepted.append({"value": value, "tolerance": tolerance, "share": worth, "feedback": how.text(told)})
    return {"accepted": accepted, "unit": "", "otherwise": otherwise}


def number_and_tolerance(text: str, *, comma: bool = False) -> tuple[str, str]:
    """`3`, `3:2`, `3 ± 2` or `1..5`, as a number and what may be missing to it; `comma`: see `number_of`. Raises NotUnderstood."""
    low, dots, high = text.partition("..")
    if dots:
        bottom, top = sorted((Decimal(number_of(low, comma=comma)), Decimal(number_of(high, comma=comma))))
        return number_of(str((top + bottom) / 2)), number_of(str((top - bottom) / 2))
    value, sign, tolerance = re.split(r"(:|±)", text, maxsplit=1) if re.search(r"[:±]", text) else (text, "", "")
    missing = abs(Decimal(number_of(tolerance, comma=comma))) if sign and tolerance.strip() else 0
    return number_of(value, comma=comma), number_of(f"{missing:f}")


def is_like(text: str) -> bool:
    """Whether this may be GIFT: it has a pair of braces that is not escaped."""
    bare = re.sub(r"\\.", "", text)
    return re.search(r"\{[^{}]*\}", bare) is not None


def escaped(text: str) -> str:
    """The text with a backslash before every character that GIFT would read; for the writer."""
    text = re.sub(r"[\\~=#{}:]", lambda found: "\\" + found[0], text.replace("\r\n", "\n"))
    return re.sub(r"\n\s*", r"\\n", text)


def as_html_line(text: str) -> str:
    """Bare words as HTML, a new line as a break; for the writer."""
    return "<br>".join(escape(line, quote=False) for line in text.replace("\r\n", "\n").split("\n"))

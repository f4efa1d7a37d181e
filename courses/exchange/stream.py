"""Plain questions as a StreamField stores them, and back. Raw values only: dicts, lists, ids."""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from courses.exchange.plain import NotUnderstood, PlainQuestion, number_of

_LISTS = ("answers", "accepted", "pairs", "decoys", "items")
_BLOCK_KEY = re.compile(r'\sdata-block-key="[^"]*"')
_RELATION = re.compile(r'\srel="[^"]*"')


@dataclass(frozen=True)
class Together:
    """How questions stand in the quiz: each by itself (no `draw`), in one pool, or in a pool for each category, `draw` asked of each."""

    draw: int | None = None
    per_category: bool = False


def _item(value: Any) -> dict:
    return {"type": "item", "id": str(uuid.uuid4()), "value": value}


def as_block(question: PlainQuestion, *, image: int | None = None) -> dict:
    """A question block with new ids; `image` is the id of its picture in the library."""
    values = {name: [_item(one) for one in value] if name in _LISTS else value for name, value in question.values.items()}
    alt = question.picture.alt if question.picture else ""
    picture = {"image": {"image": image, "decorative": False, "alt_text": alt}} if image else {}
    return {
        "type": question.kind,
        "id": str(uuid.uuid4()),
        "value": {"prompt": question.prompt, **picture, **values, "feedback": question.feedback},
    }


def pool(name: str, draw: int, blocks: list[dict]) -> dict:
    return {"type": "pool", "id": str(uuid.uuid4()), "value": {"name": name, "draw": draw, "questions": blocks}}


def _html(value: Any) -> str:
    return _RELATION.sub("", _BLOCK_KEY.sub("", value or ""))


def _list(rows: Any) -> list:
    """The values of a list, however old the way it was stored."""
    return [row["value"] if isinstance(row, Mapping) and "value" in row and "type" in row else row for row in rows or []]


def _number(value: Any) -> str:
    """`12.50` and `12.5` are the same number; a draft may hold none."""
    try:
        return number_of(str(value or 0))
    except NotUnderstood:
        return str(value)


def _row(name: str, row: Any) -> Any:
    """One answer with what an older quiz does not say."""
    if name == "answers":
        return {"text": row.get("text") or "", "correct": bool(row.get("correct")), "feedback": row.get("feedback") or ""}
    if name == "accepted":
        share = 100 if row.get("share") is None else row["share"]
        if "value" in row:
            value, tolerance = (_number(row.get(key)) for key in ("value", "tolerance"))
            return {"value": value, "tolerance": tolerance, "share": share, "feedback": row.get("feedback") or ""}
        return {"text": row.get("text") or "", "share": share, "feedback": row.get("feedback") or ""}
    if name == "pairs":
        return {"left": row.get("left") or "", "right": row.get("right") or "", "feedback": row.get("feedback") or ""}
    if name == "items":  # an older quiz holds the words of a step alone
        step = row if isinstance(row, Mapping) else {"text": row}
        return {"text": step.get("text") or "", "feedback": step.get("feedback") or ""}
    return row or ""


_OF_KIND: dict[str, tuple[str, ...]] = {
    "single": ("answers",),
    "multiple": ("answers",),
    "true_false": ("is_true", "feedback_true", "feedback_false"),
    "numeric": ("accepted", "unit", "otherwise"),
    "short": ("accepted", "case", "accents", "otherwise"),
    "match": ("pairs", "decoys"),
    "order": ("items",),
    "long": ("words", "guide"),
}
_BOOLEANS, _NUMBERS = {"is_true", "case", "accents"}, {"words"}


def _plain(block: Mapping, category: str) -> PlainQuestion:
    kind, value = block["type"], block["value"] or {}
    values: dict[str, Any] = {}
    for name in _OF_KIND[kind]:
        if name in _LISTS:
            values[name] = [_row(name, row) for row in _list(value.get(name))]
        elif name in _BOOLEANS:
            values[name] = bool(value.get(name))
        else:
            values[name] = value.get(name) or (None if name in _NUMBERS else "")
    return PlainQuestion(kind, _html(value.get("prompt")), values, _html(value.get("feedback")), category=category)


def plain_of(raw: Iterable[Mapping]) -> list[tuple[PlainQuestion, Mapping]]:
    """Every question of a stored quiz, pools too, with the block it was made of; a pool's name is its questions' category."""
    found = []
    for block in raw:
        if block["type"] == "pool":
            inside = block["value"] or {}
            found += [(_plain(one, inside.get("name") or ""), one) for one in inside.get("questions") or [] if one["type"] in _OF_KIND]
        elif block["type"] in _OF_KIND:
            found.append((_plain(block, ""), block))
    return found


def words_in(raw: Iterable[Mapping]) -> set[tuple]:
    """What the questions of a stored quiz say, its pools' too: a question that says the same is already there."""
    return {question.words for question, _block in plain_of(raw)}


def with_texts(question: PlainQuestion, *, prompt: str, feedback: str) -> PlainQuestion:
    return replace(question, prompt=_html(prompt), feedback=_html(feedback))

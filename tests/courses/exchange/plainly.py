"""Plain questions and notes as tests compare them."""

from courses.exchange.plain import PlainQuestion, WhatWasRead


def q(kind: str, prompt: str, feedback: str = "", **values) -> tuple:
    return kind, prompt, values, feedback


def answers(*rows: tuple) -> list[dict]:
    """(text, is it right, feedback)"""
    return [{"text": row[0], "correct": row[1], "feedback": row[2] if len(row) > 2 else ""} for row in rows]


def short(*rows: tuple, case: bool = False, otherwise: str = "") -> dict:
    """(text, share, feedback)"""
    accepted = [{"text": row[0], "share": row[1], "feedback": row[2] if len(row) > 2 else ""} for row in rows]
    return {"accepted": accepted, "case": case, "accents": False, "otherwise": otherwise}


def numbers(*rows: tuple, unit: str = "", otherwise: str = "") -> dict:
    """(value, tolerance, share, feedback)"""
    names = ("value", "tolerance", "share", "feedback")
    return {"accepted": [dict(zip(names, (*row, "")[:4], strict=True)) for row in rows], "unit": unit, "otherwise": otherwise}


def pairs(*rows: tuple[str, str], decoys: tuple[str, ...] = ()) -> dict:
    return {"pairs": [{"left": left, "right": right, "feedback": ""} for left, right in rows], "decoys": list(decoys)}


def steps(*rows: str | tuple[str, str]) -> dict:
    """The words of a step, or (words, feedback)"""
    both = [row if isinstance(row, tuple) else (row, "") for row in rows]
    return {"items": [{"text": text, "feedback": feedback} for text, feedback in both]}


def truth(is_true: bool, true: str = "", false: str = "") -> dict:
    return {"is_true": is_true, "feedback_true": true, "feedback_false": false}


def plainly(question: PlainQuestion) -> tuple:
    return question.kind, question.prompt, question.values, question.feedback


def read_as(found: WhatWasRead) -> list[tuple]:
    return [plainly(question) for question in found.questions]


def notes(found: WhatWasRead) -> list[tuple]:
    """(line, what, words) of every note, those of questions first."""
    every = [note for question in found.questions for note in question.notes] + list(found.notes)
    return [(note.line, note.what, str(note.said)) for note in every]

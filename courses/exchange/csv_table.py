"""Reads a table of questions (CSV), one row for each. Text in, plain questions and notes out; whatever the text is, nothing is raised.

Columns by their headings, French or English, in any order: kind, question, right answers, wrong answers, explanation, unit, words at most,
pool, any other answer. Several answers of one cell stand apart by `|` or a new line; `\\|` is a bar. What the cells hold depends on the
kind: see TEMPLATE.
"""

import csv
import io
import re
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_noop as _

from academy.sentences import Sentence
from courses.csv_rows import lines_of, opening, rows
from courses.exchange import weights, words
from courses.exchange.gift import number_and_tolerance
from courses.exchange.plain import LONGEST_UNIT, Notebook, NotUnderstood, PlainQuestion, WhatWasRead, checked, enough
from courses.kinds import folded

HEADINGS = {
    "kind": ("kind", "type", "genre"),
    "question": ("question", "prompt", "énoncé"),
    "right": ("right answers", "right answer", "right", "correct", "bonnes réponses", "bonne réponse", "réponses justes"),
    "wrong": ("wrong answers", "wrong answer", "wrong", "incorrect", "mauvaises réponses", "mauvaise réponse", "réponses fausses"),
    "explanation": ("explanation", "feedback", "explication", "commentaire"),
    "unit": ("unit", "unité"),
    "words": ("words at most", "words", "mots au plus", "mots"),
    "otherwise": ("any other answer", "otherwise", "toute autre réponse", "sinon"),
    "pool": ("pool", "category", "réserve", "catégorie"),
}
KINDS = {
    "single": ("one", "single", "one right answer", "une", "une bonne réponse", "choix unique"),
    "multiple": ("several", "multiple", "several right answers", "plusieurs", "plusieurs bonnes réponses", "choix multiple"),
    "true_false": ("true or false", "true/false", "vrai ou faux", "vrai/faux"),
    "numeric": ("number", "a number", "numeric", "nombre", "un nombre"),
    "short": ("a few words", "few words", "short", "quelques mots", "mots"),
    "match": ("pairs", "match", "matching", "paires", "appariement"),
    "order": ("order", "ordering", "ordre"),
    "long": ("text", "long", "essay", "texte", "rédaction"),
}
TRUE, FALSE = ("true", "vrai", "yes", "oui", "t", "v", "1"), ("false", "faux", "no", "non", "f", "0")
NEEDED = ("question", "right")
TEMPLATE = {
    "en": (
        ("Kind", "Question", "Right answers", "Wrong answers", "Explanation", "Unit", "Words at most", "Pool", "Any other answer"),
        (
            "one",
            "Which form is a cooperative?",
            "One that its members own",
            "One that the state owns | One that a bank owns",
            "",
            "",
            "",
            "",
        ),
        (
            "several",
            "What does a member get?",
            "Invoicing | Social protection",
            "A share of the market",
            "Both come with the contract.",
            "",
            "",
            "",
        ),
        ("true or false", "A member finds their own work.", "true", "", "", "", "", ""),
        ("number", "After how many years should it break even?", "3 ± 0.5", "", "", "years", "", "", "Think of the first clients."),
        ("a few words", "What is shared?", "risk* | 50% money", "", "A * stands for any words; 50% is worth half.", "", "", ""),
        ("pairs", "Where are they?", "Liège -> Belgium | Lille -> France", "Spain", "", "", "", ""),
        ("order", "In what order?", "Ask | Meet | Decide", "", "", "", "", ""),
        ("text", "Tell about your project.", "It names the need, and who has it.", "", "", "", "200", ""),
    ),
    "fr": (
        (
            "Genre",
            "Question",
            "Bonnes réponses",
            "Mauvaises réponses",
            "Explication",
            "Unité",
            "Mots au plus",
            "Réserve",
            "Toute autre réponse",
        ),
        (
            "une",
            "Quelle forme est une coopérative ?",
            "Celle que ses membres possèdent",
            "Celle d’un État | Celle d’une banque",
            "",
            "",
            "",
            "",
        ),
        (
            "plusieurs",
            "Que reçoit un membre ?",
            "La facturation | La protection sociale",
            "Une part de marché",
            "Les deux viennent avec le contrat.",
            "",
            "",
            "",
        ),
        ("vrai ou faux", "Un membre trouve lui-même son travail.", "vrai", "", "", "", "", ""),
        ("nombre", "En combien d’années l’équilibre ?", "3 ± 0,5", "", "", "ans", "", "", "Pensez aux premiers clients."),
        (
            "quelques mots",
            "Qu’est-ce qui est partagé ?",
            "risque* | 50% argent",
            "",
            "* remplace des mots ; 50% vaut la moitié.",
            "",
            "",
            "",
        ),
        ("paires", "Où sont-elles ?", "Liège -> Belgique | Lille -> France", "Espagne", "", "", "", ""),
        ("ordre", "Dans quel ordre ?", "Demander | Rencontrer | Décider", "", "", "", "", ""),
        ("texte", "Parlez de votre projet.", "Le besoin est nommé, et qui l’a.", "", "", "", "200", ""),
    ),
}
_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2},\d{3}(?![\d.,])", re.A)  # `1,200`: one and a fifth, or twelve hundred
_SHARE = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%\s+(?=\S)")
LONGEST_HEADINGS = 2000
MOST_COLUMNS = 50  # whose headings are looked at
TALLEST_ROW = 40  # lines; a quotation mark that is closed by the next one swallows what is between


def template(language: str) -> str:
    """A table with an example of each kind. French spreadsheets expect semicolons."""
    written = io.StringIO()
    headings, *examples = TEMPLATE["fr" if language == "fr" else "en"]
    whole = [example + ("",) * (len(headings) - len(example)) for example in examples]
    csv.writer(written, delimiter=";" if language == "fr" else ",").writerows([headings, *whole])
    return written.getvalue()


def _same(text: str) -> str:
    return folded(text, case=False, accents=False).strip(" .:*")


_COLUMN_OF = {_same(name): key for key, names in HEADINGS.items() for name in names}
_KIND_OF = {_same(name): key for key, names in KINDS.items() for name in (*names, key)}


def _delimiter(first: str) -> str:
    """The sign that makes most headings of the first line known."""
    first = first[:LONGEST_HEADINGS]
    return max(",;\t", key=lambda sign: sum(_same(cell.strip(' "')) in _COLUMN_OF for cell in first.split(sign)))


def _columns(row: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, heading in enumerate(row):
        key = _COLUMN_OF.get(_same(heading))
        if key:
            found.setdefault(key, place)
    return found


def is_like(text: str) -> bool:
    """Whether the first line, after Excel's `sep=;`, holds the headings that a table must have."""
    said, heading = opening(lines_of(text))
    sign = said or _delimiter(heading)
    return set(NEEDED) <= set(_columns([cell.strip(' "') for cell in heading[:LONGEST_HEADINGS].split(sign)]))


def read(text: str) -> WhatWasRead:
    questions, notes = [], Notebook()
    text = lines_of(text).replace("\0", "")
    said, heading = opening(text)
    columns: dict[str, int] = {}
    headings: list[str] = []
    for row in rows(text, said or _delimiter(heading)):
        if enough(questions, notes.notes):
            break
        if row.is_open:
            notes.left(
                _("A quotation mark is opened in this row and never closed: close it, or take it away. Lines after it that it swallowed: %(lost)d."),
                row.line, lost=row.swallowed or 0,
            )  # fmt: skip
            if not columns:
                break
            continue
        if sum(cell.count("\n") for cell in row.cells) >= TALLEST_ROW:
            notes.left(_("This row cannot be read: is a quotation mark missing?"), row.line)
            continue
        if not columns:
            headings, columns = row.cells, _columns(row.cells)
            if missing := [HEADINGS[key][0] for key in NEEDED if key not in columns]:
                notes.left(_("The first row has no column “%(column)s”."), row.line, column=missing[0])
                break
            _say_unknown(headings, columns, row.line, notes)
            continue
        cells = {key: row.cells[place].strip() if place < len(row.cells) else "" for key, place in columns.items()}
        _take(cells, [cell.strip() for cell in row.cells[len(headings) :] if cell.strip()], row.line, questions, notes)
    return WhatWasRead(tuple(questions), tuple(notes.notes))


def _say_unknown(headings: list[str], columns: dict[str, int], line: int, notes: Notebook) -> None:
    """Each column that nobody reads, but for those without a heading."""
    for place, heading in list(enumerate(headings))[:MOST_COLUMNS]:
        key = _COLUMN_OF.get(_same(heading))
        if key and columns[key] != place:
            notes.lost(_("Column “%(column)s”: there are two of the kind, only the first is read."), line, column=heading.strip()[:60])
        elif not key and heading.strip():
            notes.lost(_("Column “%(column)s” is not known: what it holds is not kept."), line, column=heading.strip()[:60])


def _take(cells: dict[str, str], beyond: list[str], line: int, questions: list[PlainQuestion], notes: Notebook) -> None:
    page = Notebook(line)
    if beyond:
        page.lost(
            _("The row has more cells than there are headings: “%(text)s” is not kept. Is a quotation mark missing round a text?"),
            text=beyond[0][:60],
        )
    try:
        question = _question(cells, page)
        questions.append(checked(replace(question, line=line, notes=tuple(page.notes))))
    except NotUnderstood as reason:
        notes.left(reason.said.english, line, **reason.said.values)


def _several(cell: str) -> list[str]:
    parts = re.split(r"(?<!\\)\||\n", cell)
    return [part.replace("\\|", "|").strip() for part in parts if part.strip()]


def _question(cells: dict[str, str], notes: Notebook) -> PlainQuestion:
    right, wrong = _several(cells["right"]), _several(cells.get("wrong", ""))
    kind = _kind(cells.get("kind", ""), right, wrong)
    if not cells["question"]:
        raise NotUnderstood(_("Column “question”: it is empty."))
    if not right and kind != "long":
        raise NotUnderstood(_("Column “right answers”: it is empty."))
    if wrong and kind not in ("single", "multiple", "match"):
        notes.lost(_("Column “wrong answers”: this kind of question has none, they are not kept."))
    if cells.get("unit") and kind != "numeric":
        notes.lost(_("Column “unit”: only a number has one, it is not kept."))
    if cells.get("otherwise") and kind not in ("numeric", "short"):
        notes.lost(_("Column “any other answer”: only a number and a few words have one, it is not kept."))
    values = _values(kind, right, wrong, cells, notes)
    prompt = words.rich(words.as_html(cells["question"]), notes)
    feedback = words.rich(words.as_html(cells["explanation"]), notes) if cells.get("explanation") else ""
    return PlainQuestion(kind, prompt, values, feedback, category=cells.get("pool", ""))


def _kind(cell: str, right: list[str], wrong: list[str]) -> str:
    """What the cell says; without it, what the answers tell."""
    if cell:
        if kind := _KIND_OF.get(_same(cell)):
            return kind
        known = Sentence(_("one, several, true or false, number, a few words, pairs, order, text"), {})
        raise NotUnderstood(_("Column “kind”: “%(text)s” is not known. It may be: %(known)s."), text=cell[:60], known=known)
    if wrong:
        return "single" if len(right) == 1 else "multiple"
    if len(right) == 1 and _same(right[0]) in (*TRUE[:2], *FALSE[:2]):
        return "true_false"
    raise NotUnderstood(_("Column “kind”: it is empty, and the answers do not tell."))


def _values(kind: str, right: list[str], wrong: list[str], cells: dict[str, str], notes: Notebook) -> dict:
    if kind in ("single", "multiple"):
        marked = [(text, True) for text in right] + [(text, False) for text in wrong]
        return {"answers": [{"text": text, "correct": correct, "feedback": ""} for text, correct in marked]}
    if kind == "true_false":
        word = _same(right[0])
        if len(right) > 1 or word not in (*TRUE, *FALSE):
            raise NotUnderstood(_("Column “right answers”: write ‘true’ or ‘false’."))
        return {"is_true": word in TRUE, "feedback_true": "", "feedback_false": ""}
    if kind == "numeric":
        accepted = [_number(text, notes) for text in right]
        return {"accepted": accepted, "unit": _unit(cells.get("unit", ""), notes), "otherwise": cells.get("otherwise", "")}
    if kind == "short":
        found = [_share_and_text(text, notes) for text in right]
        accepted = [{"text": text, "share": share, "feedback": ""} for share, text in found]
        return {"accepted": accepted, "case": False, "accents": False, "otherwise": cells.get("otherwise", "")}
    if kind == "match":
        return {"pairs": [_pair(text) for text in right], "decoys": wrong}
    if kind == "order":
        return {"items": [{"text": text, "feedback": ""} for text in right]}
    return {"words": _words(cells.get("words", ""), notes), "guide": cells["right"].replace("\\|", "|")}


def _share_and_text(text: str, notes: Notebook) -> tuple[int, str]:
    found = _SHARE.match(text)
    if not found:
        return 100, text
    return weights.share(max(Decimal(0), weights.percent(found[1])), notes) or 0, text[found.end() :].strip()


def _number(text: str, notes: Notebook) -> dict:
    share, text = _share_and_text(text, notes)
    try:
        value, tolerance = number_and_tolerance(text, comma=True)
    except NotUnderstood as reason:
        raise NotUnderstood(_("Column “right answers”: %(reason)s"), reason=reason.said) from None
    if _THOUSANDS.search(text):
        notes.changed(_("“%(text)s”: a comma is read as a decimal sign. For thousands, write none."), text=text[:60])
    return {"value": value, "tolerance": tolerance, "share": share, "feedback": ""}


def _unit(text: str, notes: Notebook) -> str:
    if len(text) > LONGEST_UNIT:
        notes.lost(_("The unit “%(unit)s” is too long."), unit=text[:60])
        return ""
    return text


def _pair(text: str) -> dict:
    left, arrow, right = text.replace("→", "->").partition("->")
    if not arrow or not left.strip() or not right.strip():
        raise NotUnderstood(_("Column “right answers”: a pair is written “this -> that”, not “%(text)s”."), text=text[:60])
    return {"left": left.strip(), "right": right.strip(), "feedback": ""}


def _words(text: str, notes: Notebook) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 10 <= int(text) <= 3000:
        notes.changed(_("Column “words at most”: “%(text)s” is not a number from 10 to 3000, so there is no limit."), text=text[:60])
        return None
    return int(text)

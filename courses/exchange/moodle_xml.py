"""Reads Moodle XML, the question bank's own format. Text in, plain questions and notes out; whatever the text is, nothing is raised.

The pictures that come inside the file, as base64, belong to their question: the first of its text is kept, the others are noted.
"""

import binascii
import re
from base64 import b64decode
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from urllib.parse import unquote

from django.utils.translation import gettext_noop as _

from academy.html import text_of
from courses.exchange import weights, words
from courses.exchange.plain import LONGEST_UNIT, Notebook, NotUnderstood, Picture, PlainQuestion, WhatWasRead, checked, enough, number_of
from courses.exchange.xml_tree import Element, grow

_FORMATS = {"html": words.HTML, "markdown": words.MARKDOWN, "plain_text": words.PLAIN, "moodle_auto_format": words.MOODLE}
_ASKED_OTHERWISE = {
    "description": _("A description asks nothing."),
    "cloze": _("A text with several gaps (Cloze) is not a kind that is asked here: write a question for each gap."),
    "multianswer": _("A text with several gaps (Cloze) is not a kind that is asked here: write a question for each gap."),
    "calculated": _("A calculated question draws its numbers by lot, which is not done here: write it as a number."),
    "calculatedsimple": _("A calculated question draws its numbers by lot, which is not done here: write it as a number."),
    "calculatedmulti": _("A calculated question draws its numbers by lot, which is not done here: write it as a number."),
    "gapselect": _("Words chosen in gaps are not a kind that is asked here: write pairs to match."),
    "ddwtos": _("Words dragged into gaps are not a kind that is asked here: write pairs to match."),
    "ddimageortext": _("Dragging onto a picture is not a kind that is asked here, as a keyboard and a screen reader must do."),
    "ddmarker": _("Dragging onto a picture is not a kind that is asked here, as a keyboard and a screen reader must do."),
    "randomsamatch": _("A matching question made of others is not a kind that is asked here."),
    "random": _("A random question is a place in a quiz, not a question: use a pool."),
}
_OF_ALL = {
    "hints": _("Hints for a second try are not kept; questions that had some: %(count)d."),
    "tags": _("Tags are not kept; questions that had some: %(count)d."),
    "combined": _("Words for a right, partly right or wrong answer are not kept; questions that had some: %(count)d."),
}
_PLUGINFILE = re.compile(r"^@@PLUGINFILE@@/(.+)$")
_IN_THE_TEXT = re.compile(r"^data:image/([a-z]+)[^,]*;base64,(.+)$", re.IGNORECASE | re.DOTALL)


class _Reader:
    """One file: its category changes on the way, what every question loses is counted."""

    def __init__(self) -> None:
        self.questions: list[PlainQuestion] = []
        self.notes = Notebook()
        self.category = ""
        self.lost: Counter[str] = Counter()

    def take(self, element: Element) -> None:
        kind = element.attributes.get("type", "")
        if element.tag != "question" or enough(self.questions, self.notes.notes):
            return
        if kind == "category":
            parts = [part.strip() for part in element.said("category").split("/")]
            self.category = " / ".join(part for part in parts if part and part != "top" and not re.fullmatch(r"\$\w+\$", part))
            return
        notes = Notebook(element.line)
        try:
            question = checked(replace(_question(kind, element, notes), category=self.category, notes=tuple(notes.notes)))
        except NotUnderstood as reason:
            name = " ".join(element.said("name").split())[:60]
            said = reason.said
            if name:
                self.notes.left(_("“%(name)s”: %(reason)s"), element.line, name=name, reason=said)
            else:
                self.notes.left(said.english, element.line, **said.values)
            return
        self.questions.append(question)
        self.lost["hints"] += bool(any(text_of(hint.said("text")) for hint in element.all("hint")))
        self.lost["tags"] += bool(element.first("tags") and element.first("tags").children)
        combined = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
        self.lost["combined"] += any(text_of(element.said(tag)) for tag in combined)


def read(text: str) -> WhatWasRead:
    reader = _Reader()
    text = re.sub(r"^\s*<\?xml[^>]*\?>", lambda found: "\n" * found[0].count("\n"), text.removeprefix("\ufeff"))
    try:
        broken = grow(text, root="quiz", take=reader.take)
    except NotUnderstood as reason:
        reader.notes.left(reason.said.english, **reason.said.values)
    else:
        if broken:
            reader.notes.left(_("The file is broken at this line: nothing that comes after it was read. Export it again."), broken)
    for what, count in reader.lost.items():
        if count:
            reader.notes.lost(_OF_ALL[what], 0, count=count)
    return WhatWasRead(tuple(reader.questions), tuple(reader.notes.notes))


def _html(element: Element | None, default: str = "html") -> str:
    """The text of an element as HTML, not yet cleaned."""
    if element is None:
        return ""
    inner = element.first("text")
    kind = _FORMATS.get(element.attributes.get("format", default), words.MOODLE)
    return words.as_html((inner or element).text, kind)


def _rich(element: Element | None, notes: Notebook) -> str:
    html = _html(element)
    return words.rich(html, notes) if html else ""


def _told(answer: Element, notes: Notebook, tag: str = "feedback") -> str:
    html = _html(answer.first(tag))
    return words.text(html, notes) if html else ""


def _question(kind: str, element: Element, notes: Notebook) -> PlainQuestion:
    if kind not in _KINDS:
        if kind in _ASKED_OTHERWISE:
            raise NotUnderstood(_ASKED_OTHERWISE[kind])
        raise NotUnderstood(_("“%(kind)s” is not a kind that is asked here."), kind=kind[:60])
    text = element.first("questiontext")
    _say_format(element, text.attributes.get("format", "html") if text else "html")
    html = _html(text)
    picture = _picture(text, html, notes)
    prompt = words.rich(html, notes, pictures_too=True)
    kind, values = _KINDS[kind](element, notes)
    if weights.percent(element.said("defaultgrade") or "1") not in (0, 1):
        notes.changed(_("It was worth %(points)s points: here every question counts the same."), points=element.said("defaultgrade")[:20])
    if kind in ("single", "multiple", "match") and element.said("shuffleanswers").lower() in ("0", "false"):
        notes.changed(_("The order of its answers was fixed there: here a quiz mixes the answers of all its questions, or of none."))
    feedback = _rich(element.first("generalfeedback"), notes)
    return PlainQuestion(kind, prompt, values, feedback, " ".join(element.said("name").split()), line=element.line, picture=picture)


def _say_format(element: Element, default: str) -> None:
    """What does not say how it is written is written as the question is; but for what pairs are matched with, which is bare words."""
    for child in element.children:
        if not (element.tag == "subquestion" and child.tag == "answer"):
            child.attributes.setdefault("format", default)
        _say_format(child, default)


def _picture(text: Element | None, html: str, notes: Notebook) -> Picture | None:
    """The first picture of the text that the file holds."""
    files = {file.attributes.get("name", ""): file for file in (text.all("file") if text else [])}
    kept: Picture | None = None
    for address, alt in words.pictures_in(html):
        inside = _PLUGINFILE.match(address)
        file = files.get(unquote(inside[1]).split("?")[0].rpartition("/")[2]) if inside else None
        if written := _IN_THE_TEXT.match(address):  # pasted into the editor there
            address = f"picture.{written[1].lower()}"
            file = Element("file", 0, {"name": address, "encoding": "base64"}, pieces=[unquote(written[2])])
        if kept is not None:
            notes.lost(_("A question has one picture: “%(name)s” is not kept."), name=address.rpartition("/")[2][:80])
        elif file is None:
            notes.lost(_("The picture “%(name)s” is not in the file."), name=address[:80])
        else:
            kept = _inside(file, alt, notes)
    return kept


def _inside(file: Element, alt: str, notes: Notebook) -> Picture | None:
    name = file.attributes.get("name", "")[:100]
    try:
        content = b64decode("".join(file.text.split()), validate=True) if file.attributes.get("encoding") == "base64" else b""
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        notes.lost(_("The picture “%(name)s” is broken in the file."), name=name)
        return None
    return Picture(name, content, " ".join(alt.split())[:300])


def _is_true(element: Element, tag: str, default: str = "0") -> bool:
    return (element.said(tag) or default).lower() in ("true", "1")


def _weight(answer: Element) -> Decimal:
    fraction = answer.attributes.get("fraction", "").strip() or "0"
    number_of(fraction)
    return weights.percent(fraction)


def _multichoice(element: Element, notes: Notebook) -> tuple[str, dict]:
    answers = [
        weights.Weighed(words.answer(_html(answer), number, notes), _weight(answer), _told(answer, notes))
        for number, answer in enumerate(element.all("answer"), 1)
    ]
    kind, marked = weights.choice(answers, single=_is_true(element, "single", "true"), notes=notes)
    return kind, {"answers": marked}


def _truefalse(element: Element, notes: Notebook) -> tuple[str, dict]:
    by_word = {answer.said("text").lower(): answer for answer in element.all("answer")}
    if set(by_word) != {"true", "false"}:
        raise NotUnderstood(_("Its answers are not ‘true’ and ‘false’."))
    true, false = by_word["true"], by_word["false"]
    if (_weight(true) > 0) == (_weight(false) > 0):
        raise NotUnderstood(_("None of its answers is right."))
    return "true_false", {
        "is_true": _weight(true) > 0,
        "feedback_true": _told(true, notes),
        "feedback_false": _told(false, notes),
    }


def _shortanswer(element: Element, notes: Notebook) -> tuple[str, dict]:
    """An answer that takes everything and is worth nothing is there for what it tells."""
    accepted, otherwise = [], ""
    for answer in element.all("answer"):
        worth, text = weights.share(_weight(answer), notes), words.spaced(answer.said("text"))
        if text == "*" and worth == 0:
            otherwise = otherwise or _told(answer, notes)
        elif worth is not None:
            accepted.append({"text": text, "share": worth, "feedback": _told(answer, notes)})
    return "short", {"accepted": accepted, "case": _is_true(element, "usecase"), "accents": False, "otherwise": otherwise}


def _numerical(element: Element, notes: Notebook) -> tuple[str, dict]:
    accepted, otherwise = [], ""
    for answer in element.all("answer"):
        if answer.said("text") == "*":
            otherwise = otherwise or _told(answer, notes)
            continue
        worth = weights.share(_weight(answer), notes)
        if worth is not None:
            tolerance = number_of(answer.said("tolerance") or "0")
            value = number_of(answer.said("text"))
            accepted.append({"value": value, "tolerance": tolerance.lstrip("-"), "share": worth, "feedback": _told(answer, notes)})
    return "numeric", {"accepted": accepted, "unit": _unit(element, notes), "otherwise": otherwise}


def _unit(element: Element, notes: Notebook) -> str:
    """The unit that the numbers are given in; here nobody has to type it, and no other one is taken."""
    units = element.first("units")
    named = {unit.said("unit_name"): weights.percent(unit.said("multiplier") or "1") for unit in (units.all("unit") if units else [])}
    base = next((name for name, multiplier in named.items() if multiplier == 1), "")
    if len(named) > 1 or (named and not base):
        others = ", ".join(name for name in named if name != base)
        notes.lost(_("The number is asked in one unit: %(others)s is not taken."), others=others[:100])
    if len(base) > LONGEST_UNIT:
        notes.lost(_("The unit “%(unit)s” is too long."), unit=base[:60])
        return ""
    return base


def _matching(element: Element, notes: Notebook) -> tuple[str, dict]:
    pairs, decoys = [], []
    for number, one in enumerate([*element.all("subquestion"), *element.all("subquestions")], 1):
        left, answer = words.answer(_html(one), number, notes), one.first("answer")
        is_html = answer is not None and answer.attributes.get("format") == "html"
        right = words.answer(_html(answer), number, notes) if is_html else words.spaced(one.said("answer"))
        if left:
            pairs.append({"left": left, "right": right, "feedback": ""})
        elif right:
            decoys.append(right)
    return "match", {"pairs": pairs, "decoys": decoys}


def _essay(element: Element, notes: Notebook) -> tuple[str, dict]:
    if element.said("attachments") not in ("", "0"):
        notes.lost(_("No file can be handed in with the text."))
    if text_of(element.said("responsetemplate")):
        notes.lost(_("The text that the learner began with is not kept."))
    if element.said("minwordlimit") not in ("", "0"):
        notes.lost(_("The least number of words is not kept."))
    asked = element.said("maxwordlimit")
    number = int(asked) if re.fullmatch(r"[0-9]{1,4}", asked) else 0
    if number and not 10 <= number <= 3000:
        notes.changed(_("A limit of %(words)d words cannot be asked: it is left out."), words=number)
        number = 0
    return "long", {"words": number or None, "guide": words.text(_html(element.first("graderinfo")), notes)}


def _ordering(element: Element, notes: Notebook) -> tuple[str, dict]:
    """The places stand in `fraction`, from 1; the order of the file where they do not."""
    answers = element.all("answer")
    texts = {id(answer): words.answer(_html(answer), number, notes) for number, answer in enumerate(answers, 1)}
    places = [weights.percent(answer.attributes.get("fraction", "0")) for answer in answers]
    if len(set(places)) == len(places):
        answers = [answer for _place, _number, answer in sorted(zip(places, range(len(answers)), answers, strict=True))]
    if element.said("selecttype").upper() not in ("", "0", "ALL"):
        notes.changed(_("Only some of its steps were asked at a time: here all of them are."))
    return "order", {"items": [{"text": texts[id(answer)], "feedback": _told(answer, notes)} for answer in answers]}


_KINDS = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "numerical": _numerical,
    "matching": _matching,
    "match": _matching,
    "ddmatch": _matching,  # the same, dragged there
    "essay": _essay,
    "ordering": _ordering,
}

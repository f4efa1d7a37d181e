"""From the quiz that an author writes to the frozen questions of an attempt."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from wagtail.rich_text import RichText, expand_db_html

from courses.blocks import QuestionsBlock
from courses.models import QuizAttempt, QuizPage
from courses.rules_of import canonical_of, take_rules

WIDTH_OF_A_PICTURE = "width-800"


def _html(value: RichText | None) -> str:
    """Links to pages are resolved now: what the learner saw is what is kept."""
    return expand_db_html(value.source) if value and value.source else ""


def _picture(image) -> dict | None:
    if not image:
        return None
    made = image.get_rendition(WIDTH_OF_A_PICTURE)
    return {"id": image.pk, "src": made.url, "width": made.width, "height": made.height, "alt": image.contextual_alt_text or ""}


def _share(expected: dict) -> float:
    share = expected.get("share")
    return 1.0 if share is None else share / 100


def _choice(block) -> dict | None:
    answers = [
        {
            "id": str(child.id),
            "text": child.value.get("text") or "",
            "correct": bool(child.value.get("correct")),
            "feedback": child.value.get("feedback") or "",
        }
        for child in block.value["answers"].bound_blocks
        if child.value.get("text")
    ]
    return {"several": block.block.several, "answers": answers} if len(answers) >= 2 else None


def _true_false(block) -> dict:
    value = block.value
    answers = [
        {"id": "true", "text": _("True"), "correct": bool(value.get("is_true")), "feedback": value.get("feedback_true") or ""},
        {"id": "false", "text": _("False"), "correct": not value.get("is_true"), "feedback": value.get("feedback_false") or ""},
    ]
    return {"several": False, "fixed": True, "answers": answers}


def _numeric(block) -> dict | None:
    accepted = [
        {
            "value": f"{one['value']:f}",
            "tolerance": f"{one.get('tolerance') or 0:f}",
            "share": _share(one),
            "feedback": one.get("feedback") or "",
        }
        for one in block.value["accepted"]
        if one.get("value") is not None
    ]
    own = {"accepted": accepted, "unit": block.value.get("unit") or "", "otherwise": block.value.get("otherwise") or ""}
    return {**own, "decimal": get_format("DECIMAL_SEPARATOR")} if accepted else None


def _short(block) -> dict | None:
    accepted = [
        {"text": one["text"], "share": _share(one), "feedback": one.get("feedback") or ""}
        for one in block.value["accepted"]
        if one.get("text")
    ]
    strict = {"case": bool(block.value.get("case")), "accents": bool(block.value.get("accents"))}
    return {"accepted": accepted, **strict, "otherwise": block.value.get("otherwise") or ""} if accepted else None


def _match(block) -> dict | None:
    """The same words on the right of two pairs are one option: either pair may be given them.

    An option has a name that does not tell its pair: whoever reads the page's source must not find the answer there.
    """
    whole = [child for child in block.value["pairs"].bound_blocks if child.value.get("left") and child.value.get("right")]
    options: dict[str, str] = {}
    for child in whole:
        options.setdefault(child.value["right"], str(child.id))
    for child in block.value["decoys"].bound_blocks:
        if child.value:
            options.setdefault(child.value, str(child.id))
    names = {key: sha256(f"{block.id} {key}".encode()).hexdigest()[:16] for key in options.values()}
    pairs = [
        {
            "id": str(child.id),
            "text": child.value["left"],
            "option": names[options[child.value["right"]]],
            "feedback": child.value.get("feedback") or "",
        }
        for child in whole
    ]
    if len(pairs) < 2 or len(options) < 2:
        return None
    return {"pairs": pairs, "options": [{"id": names[key], "text": text} for text, key in options.items()]}


def _order(block) -> dict | None:
    items = [
        {"id": str(child.id), "text": child.value["text"], "feedback": child.value.get("feedback") or ""}
        for child in block.value["items"].bound_blocks
        if child.value.get("text")
    ]
    return {"items": items, "shown": [item["id"] for item in items]} if len(items) >= 2 else None


def _long(block) -> dict:
    return {"words": block.value.get("words"), "guide": block.value.get("guide") or ""}


FREEZERS: dict[str, Callable[[Any], dict | None]] = {
    "single": _choice,
    "multiple": _choice,
    "true_false": _true_false,
    "numeric": _numeric,
    "short": _short,
    "match": _match,
    "order": _order,
    "long": _long,
}


def _frozen(blocks) -> list[dict]:
    """A draft's half-written questions are left out."""
    questions = []
    for block in blocks:
        prompt = _html(block.value.get("prompt"))
        own = FREEZERS[block.block_type](block) if prompt else None
        if own is None:
            continue
        picture = _picture(block.value.get("image"))
        common = {"id": str(block.id), "kind": block.block_type, "prompt": prompt, "feedback": _html(block.value.get("feedback"))}
        questions.append({**common, **own, **({"image": picture} if picture else {})})
    return questions


def check_questions(stream, *, language: str, only: str = "") -> list[dict]:
    """The questions inside a body, each under the id of its block, or `only` one of them. What has no id yet cannot be answered."""
    found = [child for block in stream if block.block_type == "check" for child in block.value if child.id and only in ("", child.id)]
    with translation.override(language):
        return _frozen(found)


def frozen_blocks(blocks: list[dict], *, language: str) -> list[dict]:
    """Questions of no quiz yet, as raw blocks: what an attempt would freeze of them."""
    with translation.override(language):
        return _frozen(QuestionsBlock().to_python(blocks))


def slots_of(quiz: QuizPage) -> list[dict]:
    """`[{draw, questions}]` in the author's order: a question by itself, or a pool from which `draw` are asked. In the quiz's language."""
    slots = []
    with translation.override(quiz.locale.language_code):
        for block in quiz.questions:
            if block.block_type == "pool":
                questions = _frozen(block.value["questions"])
                draw = min(block.value.get("draw") or 1, len(questions))
            else:
                questions, draw = _frozen([block]), 1
            if questions:
                slots.append({"draw": draw, "questions": questions})
    return slots


def questions_of(quiz: QuizPage) -> list[dict]:
    """Every question that may be asked, of pools too."""
    return [question for slot in slots_of(quiz) for question in slot["questions"]]


def bands_of(quiz: QuizPage) -> list[dict]:
    """The words for a score, lowest first."""
    bands = [
        {"from_percent": block.value.get("from_percent"), "text": block.value.get("text") or ""}
        for block in quiz.bands
        if block.value.get("from_percent") is not None
    ]
    return sorted(bands, key=lambda band: band["from_percent"])


def quiz_with(key: UUID, *, language: str) -> QuizPage | None:
    """The page of a quiz, live before not, in this language before another, with the rules that count; None when it is gone."""
    pages = list(QuizPage.objects.filter(translation_key=key).select_related("locale").order_by("pk"))
    page = min(pages, key=lambda page: (not page.live, page.locale.language_code != language), default=None)
    return take_rules(page, canonical_of(pages)) if page else None


def gone(attempt: QuizAttempt) -> QuizPage:
    """What an attempt remembers of a quiz whose page was deleted: enough to show what was answered. Never saved."""
    rules = {"pass_mark": attempt.pass_mark, "grading": attempt.grading, "reveal": attempt.reveal}
    title = attempt.title or _("A quiz that was taken away")
    return QuizPage(title=title, translation_key=attempt.quiz_key, live=False, **rules)

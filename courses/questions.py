"""From the quiz that an author writes to the frozen questions of an attempt."""

from wagtail.rich_text import RichText, expand_db_html

from courses.models import QuizPage


def _html(value: RichText | None) -> str:
    """Links to pages are resolved now: what the learner saw is what is kept."""
    return expand_db_html(value.source) if value and value.source else ""


def questions_of(quiz: QuizPage) -> list[dict]:
    """The questions that can be asked, in the author's order; a draft's half-written ones are left out."""
    questions = []
    for block in quiz.questions:
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
        prompt = _html(block.value.get("prompt"))
        if prompt and len(answers) >= 2:
            questions.append(
                {
                    "id": str(block.id),
                    "several": block.block.several,
                    "prompt": prompt,
                    "answers": answers,
                    "feedback": _html(block.value.get("feedback")),
                }
            )
    return questions


def bands_of(quiz: QuizPage) -> list[dict]:
    """The words for a score, lowest first."""
    bands = [
        {"from_percent": block.value.get("from_percent"), "text": block.value.get("text") or ""}
        for block in quiz.bands
        if block.value.get("from_percent") is not None
    ]
    return sorted(bands, key=lambda band: band["from_percent"])

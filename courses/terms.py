"""What an assignment asks, as plain values: from the page while it is written, frozen into a submission when that is first handed in."""

from uuid import UUID

from courses.models import AssignmentPage, Feedback, Submission


def terms_of(page: AssignmentPage) -> dict:
    """`{"takes": […], "most_files", "words", "belongs_to", "answer_days", "again", "pass_mark", "rubric": […]}`.

    A criterion is `{"id", "name", "help", "pillar", "levels": [{"id", "name", "text", "points"}]}`, without a rubric there is none. Ids are
    places in the list: what is frozen keeps its order. Half-written criteria of a draft are left out. `language`: of the rubric, when it
    is not the reader's.
    """
    return {
        "language": "",
        "takes": [name for name in ("text", "files", "link") if getattr(page, f"takes_{name}")],
        "most_files": page.most_files,
        "words": page.words,
        "belongs_to": page.belongs_to,
        "answer_days": page.answer_days,
        "again": page.again,
        "pass_mark": page.pass_mark,
        "rubric": rubric_of(page) if page.judged == AssignmentPage.Judged.RUBRIC else [],
    }


def frozen_terms(page: AssignmentPage) -> dict:
    """What a work keeps: the same, with the words of the rubric in each language that asks the same. Whoever reads it later reads their own."""
    terms, code = terms_of(page), page.locale.language_code
    if not terms["rubric"]:
        return terms
    shape = shape_of(terms["rubric"])
    others = {other.locale.language_code: rubric_of(other) for other in assignment_versions(page.translation_key) if other.live}
    return {
        **terms,
        "language": code,
        "rubrics": {other: words for other, words in others.items() if shape_of(words) == shape} | {code: terms["rubric"]},
    }


def shape_of(rubric: list[dict]) -> list[list[int]]:
    """The points it gives, whatever its words."""
    return [[level["points"] for level in criterion["levels"]] for criterion in rubric]


def terms_in(terms: dict, language: str) -> dict:
    """Frozen terms with the rubric in this language, else in the one it was handed in with, which `language` names then."""
    words = terms.get("rubrics", {}).get(language)
    return {**terms, "rubric": words, "language": ""} if words else terms


def rubric_of(page: AssignmentPage) -> list[dict]:
    criteria = []
    for block in page.rubric:
        levels = [level for level in block.value["levels"] if level.get("name") and level.get("points") is not None]
        if block.value.get("name") and len(levels) >= 2:
            criteria.append(
                {
                    "id": str(len(criteria) + 1),
                    "name": block.value["name"],
                    "help": block.value.get("help") or "",
                    "pillar": block.value.get("pillar") or "",
                    "levels": [
                        {"id": str(number), "name": level["name"], "text": level.get("text") or "", "points": level["points"]}
                        for number, level in enumerate(levels, 1)
                    ],
                }
            )
    return criteria


def most_points(rubric: list[dict]) -> int:
    return sum(max(level["points"] for level in criterion["levels"]) for criterion in rubric)


def points_of(rubric: list[dict], marks: dict) -> int | None:
    """What the chosen levels give together; None while a criterion has none, or one that is not of this rubric."""
    total = 0
    for criterion in rubric:
        chosen = marks.get(criterion["id"], {}).get("level", "")
        level = next((level for level in criterion["levels"] if level["id"] == chosen), None)
        if level is None:
            return None
        total += level["points"]
    return total


def verdicts_for(work: Submission) -> list[str]:
    """What a trainer may answer as it stands. Work that may not be handed in again is accepted or not; what was accepted is opened first."""
    if work.state == Submission.State.ACCEPTED:
        return []
    verdicts = Feedback.Verdict
    answers = [verdicts.ACCEPTED, verdicts.TO_IMPROVE if work.terms.get("again") else verdicts.DECLINED]
    return [verdict for verdict in answers if verdict in Submission.ALLOWED_MOVES[Submission.State(work.state)]]


def assignment_versions(key: UUID) -> list[AssignmentPage]:
    """The assignment in every language, what is live first."""
    return list(AssignmentPage.objects.filter(translation_key=key).select_related("locale").order_by("-live", "pk"))


def assignment_in(pages: list[AssignmentPage], language: str) -> AssignmentPage | None:
    """The live one in this language, else another; None when it is gone."""
    return min(pages, key=lambda page: (not page.live, page.locale.language_code != language), default=None)

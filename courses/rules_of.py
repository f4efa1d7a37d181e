"""The rules of a quiz, of a lesson and of an assignment: those of the version whose structure counts, whatever the language in which it is opened.

Words come from the reader's language; what completes, how often, until when is the same for everybody (`courses.syllabus`).
"""

from collections.abc import Collection

from django.conf import settings

from courses.models import ActivityPage, AssignmentPage, LessonPage, QuizPage
from courses.syllabus import QUIZ_RULES, rank
from courses.terms import rubric_of, shape_of

ASSIGNMENT_RULES = (
    "takes_text", "takes_files", "takes_link", "most_files", "words", "belongs_to", "due_days", "due_on", "answer_days", "judged", "pass_mark",
    "again",
)  # fmt: skip

RULES: dict[type[ActivityPage], tuple[str, ...]] = {
    LessonPage: ("completion",),
    QuizPage: QUIZ_RULES,
    AssignmentPage: ASSIGNMENT_RULES,
}


def take_rules(page: ActivityPage, canonical: ActivityPage) -> ActivityPage:
    """Lends `page` the rules of another version; it is for reading, never saved."""
    for name in RULES.get(type(page), ()):
        setattr(page, name, getattr(canonical, name))
    if isinstance(page, AssignmentPage) and shape_of(rubric_of(page)) != shape_of(rubric_of(canonical)):
        page.rubric = canonical.rubric  # its words are the reader's only where they give the same points
    return page


def canonical_of(versions: Collection[ActivityPage]) -> ActivityPage:
    """The version that counts, of some that are live (else of all there are)."""
    live = [page for page in versions if page.live] or versions
    return min(live, key=lambda page: (rank(page.locale.language_code, settings.LANGUAGE_CODE), page.pk))


def with_rules(page: ActivityPage) -> ActivityPage:
    """The same page, with the rules that count: one query, none where it is written in the first language of the site."""
    if page.locale_id is None or page.locale.language_code == settings.LANGUAGE_CODE or type(page) not in RULES:
        return page
    others = type(page).objects.live().filter(translation_key=page.translation_key).select_related("locale")
    rubric = ["rubric"] if isinstance(page, AssignmentPage) else []
    versions = list(others.only("live", "locale__language_code", *RULES[type(page)], *rubric))
    return take_rules(page, canonical_of(versions)) if versions else page

"""The rules of a quiz and of a lesson: those of the version whose structure counts, whatever the language in which it is opened.

Words come from the reader's language; what completes, how often, until when is the same for everybody (`courses.syllabus`).
"""

from collections.abc import Collection

from django.conf import settings

from courses.models import ActivityPage, LessonPage, QuizPage
from courses.syllabus import QUIZ_RULES, rank

RULES: dict[type[ActivityPage], tuple[str, ...]] = {
    LessonPage: ("completion",),
    QuizPage: QUIZ_RULES,
}


def take_rules(page: ActivityPage, canonical: ActivityPage) -> ActivityPage:
    """Lends `page` the rules of another version; it is for reading, never saved."""
    for name in RULES.get(type(page), ()):
        setattr(page, name, getattr(canonical, name))
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
    versions = list(others.only("live", "locale__language_code", *RULES[type(page)]))
    return take_rules(page, canonical_of(versions)) if versions else page

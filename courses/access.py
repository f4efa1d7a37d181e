"""Which pages of learning a person may read: Wagtail's own page privacy, asked once for many pages."""

from collections import defaultdict
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language
from wagtail.models import PageViewRestriction

from courses.models import ActivityPage, CoursePage


def hidden_paths(user) -> tuple[str, ...]:
    """Paths of the subtrees that privacy closes to this person: one query, two when a restriction names groups.

    A shared password is a matter of one browser session and never opens anything here.
    """
    rows = PageViewRestriction.objects.values_list("pk", "page__path", "restriction_type", "groups__name")
    kinds, groups = {}, defaultdict(set)
    for pk, path, kind, group in rows:
        kinds[pk] = (path, kind)
        groups[pk].add(group)
    hidden = []
    for pk, (path, kind) in kinds.items():
        if kind == PageViewRestriction.LOGIN and user.is_authenticated:
            continue
        if kind == PageViewRestriction.GROUPS and user.is_authenticated and (user.is_superuser or groups[pk] & user.roles):
            continue
        hidden.append(path)
    return tuple(hidden)


def _readable_version(pages, user, key: UUID):
    """The live page with this key that the person may read, in their language if it exists; None for a stranger."""
    languages = [get_language(), settings.LANGUAGE_CODE]
    pages = pages.live().filter(translation_key=key)
    hidden = hidden_paths(user)
    readable = [page for page in pages if not page.path.startswith(hidden)] if hidden else list(pages)
    return min(
        readable,
        key=lambda page: languages.index(page.locale.language_code) if page.locale.language_code in languages else len(languages),
        default=None,
    )


def specific_activity(page: ActivityPage) -> ActivityPage:
    """The lesson or the quiz that was read in the same statement."""
    for kind in ("lessonpage", "quizpage"):
        child = getattr(page, kind, None)
        if child is not None:
            child.locale = page.locale
            return child
    return page


def readable_activity(user, key: UUID) -> ActivityPage | None:
    """The activity itself (a lesson, a quiz), not the row that all kinds share."""
    page = _readable_version(ActivityPage.objects.select_related("locale", "lessonpage", "quizpage"), user, key)
    return specific_activity(page) if page else None


def readable_course(user, key: UUID) -> CoursePage | None:
    return _readable_version(CoursePage.objects.select_related("locale"), user, key)

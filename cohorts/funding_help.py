"""Where funding is found: pages of the wiki that bear the tag, whoever wrote them."""

from __future__ import annotations

from django.utils.translation import get_language

from academy.models import User
from wiki.models import WikiPage

TAGS = ("funding", "financement")  # typed in the CMS, in the field *tags* of a page
MOST_PAGES = 6


def funding_pages(user: User) -> list[WikiPage]:
    """Those that this person may read, in their language."""
    rows = WikiPage.objects.readable_by(user).filter(tags__slug__in=TAGS, locale__language_code=get_language())
    return list(rows.distinct().order_by("title")[:MOST_PAGES])

"""Finding pages: Wagtail's own index, without what the reader may not see. (The one search over everything comes later.)"""

import re
from typing import Any

from wagtail.models import Locale, Page

from academy.privacy import Hidden

LONGEST_QUERY = 200


def cleaned(query: str) -> str:
    """What people type, without what no index understands."""
    return re.sub(r"\s+", " ", re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", query or "")).strip()[:LONGEST_QUERY]


def find_pages(query: str, *, hidden: Hidden, locale: Locale) -> Any:
    """Live pages of one language, the best first; nothing for a query without a letter or a digit. Permission is in the query."""
    query = cleaned(query)
    if not re.search(r"\w", query):
        return Page.objects.none()
    pages = hidden.exclude_from(Page.objects.live().filter(locale=locale, depth__gt=1))
    return pages.search(query)

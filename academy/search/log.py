"""What was searched for, never by whom: the board of searches without results tells trainers what to write."""

import logging
from datetime import timedelta

from django.core import signing
from django.db import DatabaseError
from django.utils import timezone

from academy.prepared import Later, Prepared
from academy.search.models import SearchLog

logger = logging.getLogger(__name__)

SALT = "academy.search"
KEPT = timedelta(days=400)
TYPING = timedelta(seconds=30)
CLICK_WITHIN = timedelta(hours=2)
MOST_LOOKED_AT = 5


def note(query: str, *, language: str, results: int) -> str:
    """Writes one search; one that only goes on writing the last (coop, coopér…) takes its place. Answers with a token for `opened`.

    A search is answered even where it cannot be written.
    """
    now = timezone.now()
    try:
        key = _begun(query, language, now)
        if key is None:
            key = SearchLog.objects.create(query=query, language=language, results=results, searched_at=now).pk
        else:
            SearchLog.objects.filter(pk=key).update(query=query, results=results, searched_at=now)
    except DatabaseError:
        logger.warning("search: a search could not be noted", exc_info=True)
        return ""
    return signing.dumps(key, salt=SALT)


_recent = Prepared(
    lambda: SearchLog.objects.filter(
        searched_at__gte=Later("since", SearchLog._meta.get_field("searched_at")),
        language=Later("language", SearchLog._meta.get_field("language")),
        clicked__isnull=True,
    ).values_list("pk", "query")[:MOST_LOOKED_AT]
)


def _begun(query: str, language: str, now) -> int | None:
    """The search that this one goes on writing, made a moment ago."""
    rows = _recent.rows(since=now - TYPING, language=language)
    return next((pk for pk, begun in rows if query.casefold().startswith(begun.casefold())), None)


def opened(token: str, place: int) -> bool:
    """Notes that a hit was opened, the first time only."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=CLICK_WITHIN)
    except signing.BadSignature:
        return False
    if not 0 < place <= 1000:
        return False
    return bool(SearchLog.objects.filter(pk=pk, clicked__isnull=True).update(clicked=place))


def forget_old() -> int:
    """Takes out what was searched long ago; `manage.py tick` calls it."""
    return SearchLog.objects.filter(searched_at__lt=timezone.now() - KEPT).delete()[0]

"""Which wiki pages."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.models import PageManager, PageQuerySet

from academy.privacy import Hidden, hidden_from


class WikiPageQuerySet(PageQuerySet):
    def readable_by(self, user: Any) -> "WikiPageQuerySet":
        """Live, and not under a section that is closed to this person."""
        return hidden_from(user).exclude_from(self.live())

    def never_verified(self) -> "WikiPageQuerySet":
        return self.filter(verified_at=None)

    def out_of_date(self, on: date | None = None) -> "WikiPageQuerySet":
        """Nobody has verified it, or its review is overdue."""
        return self.filter(Q(review_due_on=None) | Q(review_due_on__lt=on or timezone.localdate()))


WikiPageManager = PageManager.from_queryset(WikiPageQuerySet)


class KeyFigureQuerySet(QuerySet):
    def of_readable_monographs(self, hidden: Hidden) -> "KeyFigureQuerySet":
        """Figures of live monographs that are not under a closed section."""
        return hidden.exclude_from(self.filter(page__live=True), "page__path")

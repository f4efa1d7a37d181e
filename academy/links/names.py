"""Which live page answers to a name, for a reader of a given page: the one rule that rendering and the tables share."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from wagtail.models import Page, PageViewRestriction

from academy.links.keys import Asked
from academy.links.models import GonePage, NameKind, PageName

ORDER = {NameKind.TITLE: 0, NameKind.SLUG: 1, NameKind.SOURCE: 2}


def guarded_paths() -> tuple[str, ...]:
    """Tree paths that have a guard, for whomever."""
    rows = PageViewRestriction.objects.exclude(restriction_type=PageViewRestriction.NONE)
    return tuple(path for row in rows.values_list("page__path", "page__aliases__path") for path in row if path)


def is_behind_another_guard(path: str, source_path: str, guarded: Iterable[str]) -> bool:
    """Somebody who reads the page at `source_path` may not be allowed to open the one at `path`."""
    return any(path.startswith(guard) and not source_path.startswith(guard) for guard in guarded)


@dataclass
class Names:
    """The live pages behind some keys, read at once."""

    pages: dict[str, list[tuple[int, Page]]] = field(default_factory=lambda: defaultdict(list))
    gone: dict[int, Asked] = field(default_factory=dict)

    def page_for(self, wanted: Asked, *, locale_id: int | None, source_path: str, guarded: Iterable[str]) -> Page | None:
        """The page that takes the place of a red link: of the reader's language first, by title first.

        A page behind a guard answers only where the page that asks stands behind the same guard: else the blue of a link would
        tell a stranger that there is such a page.
        """
        for key in wanted.keys:
            open_to_readers = [
                (page.locale_id != locale_id, rank, page.path, page)
                for rank, page in self.pages.get(key, ())
                if not is_behind_another_guard(page.path, source_path, guarded)
            ]
            if open_to_readers:
                return min(open_to_readers, key=lambda one: one[:3])[3]
        return None


def read_names(keys: Iterable[str], gone_numbers: Iterable[int] = ()) -> Names:
    """One query, two when the numbers of pages that are no more are asked for."""
    names, keys, gone_numbers = Names(), set(keys), set(gone_numbers)
    if gone_numbers:
        names.gone = {gone.number: Asked(gone.key) for gone in GonePage.objects.filter(number__in=gone_numbers)}
        keys |= {found.key for found in names.gone.values()}
    if keys:
        rows = PageName.objects.filter(key__in=keys, page__live=True).exclude(kind=NameKind.ANCHOR).select_related("page")
        for row in rows:
            names.pages[row.key].append((ORDER[NameKind(row.kind)], row.page))
    return names

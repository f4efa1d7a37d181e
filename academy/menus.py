"""Where a page stands: what is above, beside and under it, in one query, without what the reader may not see."""

from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import HttpRequest
from wagtail.models import Page

from academy.privacy import hidden_for
from academy.remembered import remembered


@dataclass(frozen=True, slots=True)
class Entry:
    """One page in a menu."""

    pk: int
    title: str
    href: str
    path: str
    depth: int
    content_type_id: int
    is_current: bool = False


@dataclass(slots=True)
class Surroundings:
    """`ancestors` from the home page down to the parent; `siblings` and `children` in the order of the tree."""

    ancestors: list[Entry] = field(default_factory=list)
    siblings: list[Entry] = field(default_factory=list)
    children: list[Entry] = field(default_factory=list)

    def _beside(self, step: int) -> Entry | None:
        here = next((index for index, entry in enumerate(self.siblings) if entry.is_current), None)
        if here is None or not 0 <= here + step < len(self.siblings):
            return None
        return self.siblings[here + step]

    @property
    def previous(self) -> Entry | None:
        return self._beside(-1)

    @property
    def next(self) -> Entry | None:
        return self._beside(1)

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        return [(entry.title, entry.href) for entry in self.ancestors]


FIELDS = ("pk", "title", "path", "depth", "url_path", "content_type_id")


def entries(pages, request: HttpRequest, current: Page | None = None) -> list[Entry]:
    """Menu entries of any set of pages: one query, addresses without another."""
    return for_reader(read_entries(pages, request, current), request)


def read_entries(pages, request: HttpRequest, current: Page | None = None) -> list[Entry]:
    """For every reader: what one of them may not see is still in it."""
    rows = pages.live().order_by("path").values_list(*FIELDS)
    return [
        Entry(pk, title, Page(url_path=url_path).get_url(request) or "", path, depth, kind, current is not None and pk == current.pk)
        for pk, title, path, depth, url_path, kind in rows
    ]


def for_reader(found: list[Entry], request: HttpRequest) -> list[Entry]:
    hidden = hidden_for(request)
    return [entry for entry in found if not hidden.hides(entry.path)]


def around(page: Page, request: HttpRequest, *, kinds: tuple[type[Page], ...] = ()) -> Surroundings:
    """What stands above, beside and under a page: one query. Beside it are pages of its own type, or of these `kinds`."""
    beside = [kind.pk for kind in ContentType.objects.get_for_models(*kinds).values()] if kinds else [page.content_type_id]
    step = Page.steplen
    parent_path = page.path[:-step]
    above = [page.path[:end] for end in range(2 * step, len(page.path), step)]
    wanted = (
        Q(path__in=above)
        | Q(path__startswith=parent_path, depth=page.depth, show_in_menus=True)
        | Q(path__startswith=parent_path, depth=page.depth, content_type_id__in=beside)
        | Q(path__startswith=page.path, depth=page.depth + 1)
    )
    found = Surroundings()
    near = remembered(request, ("around", page.pk, page.path), lambda: read_entries(Page.objects.filter(wanted), request, page))
    for entry in for_reader(near, request):
        if entry.depth < page.depth:
            found.ancestors.append(entry)
        elif entry.depth == page.depth:
            found.siblings.append(entry)
        else:
            found.children.append(entry)
    return found


def tree(root: Page, request: HttpRequest, *, levels: int = 2) -> list[Entry]:
    """Everything under a page down to some levels, in order: one query."""
    return entries(Page.objects.descendant_of(root).filter(depth__lte=root.depth + levels), request)

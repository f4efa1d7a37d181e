"""Keeps the tables of links exact: in the same transaction as the page, whatever the door (CMS, import, schedule, tree work).

Wagtail's own index of references is written by a background task, and knows neither red links nor addresses.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.signals import post_delete, post_save, pre_delete
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import post_page_move

from academy import pagecache, remembered
from academy.links.keys import Asked, key_of
from academy.links.models import GonePage, LinkKind, NameKind, PageLink, PageName, WebAddress, digest_of
from academy.links.names import guarded_paths, read_names
from academy.links.reading import Link, links_of, names_of


@transaction.atomic
def read_again(page: Page) -> None:
    """Writes what a page says now: its names and its links when it is live, nothing when it is not."""
    page = page.specific
    names = names_of(page) if page.live else set()
    changed = _write_names(page, names)
    _write_links(page, links_of(page) if page.live else {})
    resolve(changed, of=page.pk)


def _write_names(page: Page, names: set[tuple[str, str]]) -> set[str]:
    """Writes the names that are new, takes away those that are no more; the keys of both."""
    known = {(row.kind, row.key): row.pk for row in PageName.objects.filter(page=page)}
    PageName.objects.filter(pk__in=[known[name] for name in known.keys() - names]).delete()
    PageName.objects.bulk_create([PageName(page=page, kind=kind, key=key) for kind, key in sorted(names - known.keys())])
    return {key for kind, key in known.keys() ^ names if kind != NameKind.ANCHOR}


def _write_links(page: Page, links: dict[Link, str]) -> None:
    gone = {one.number: one for one in GonePage.objects.filter(number__in={link.number for link in links if link.kind == LinkKind.PAGE})}
    there = set(Page.objects.filter(pk__in={link.number for link in links if link.kind == LinkKind.PAGE}).values_list("pk", flat=True))
    addresses = _addresses({link.url for link in links if link.url})
    wanted: dict[tuple, PageLink] = {}
    for link, words in links.items():
        row = PageLink(source=page, words=words, address=addresses.get(link.url))
        for name in ("kind", "number", "title", "key", "short_key", "anchor"):
            setattr(row, name, getattr(link, name))
        if link.kind == LinkKind.PAGE:
            row.target_id = link.number if link.number in there else None
            if link.number in gone and row.target_id is None:
                row.title, row.key = gone[link.number].title, gone[link.number].key
        wanted[_identity(row)] = row
    known = {_identity(row): row for row in PageLink.objects.filter(source=page)}
    PageLink.objects.filter(pk__in=[known[one].pk for one in known.keys() - wanted.keys()]).delete()
    PageLink.objects.bulk_create([row for one, row in wanted.items() if one not in known])
    reworded = [known[one] for one, row in wanted.items() if one in known and known[one].words != row.words]
    for row in reworded:
        row.words = wanted[_identity(row)].words
    PageLink.objects.bulk_update(reworded, ["words"])


def _identity(row: PageLink) -> tuple:
    return (row.kind, row.number, row.title if row.number is None else "", row.anchor, row.address_id)


def _addresses(urls: set[str]) -> dict[str, WebAddress]:
    if not urls:
        return {}
    by_digest = {digest_of(url): url for url in urls}
    WebAddress.objects.bulk_create([WebAddress(url=url, digest=digest) for digest, url in by_digest.items()], ignore_conflicts=True)
    return {row.url: row for row in WebAddress.objects.filter(digest__in=by_digest)}


def read_missing() -> int:
    """Reads the live pages that the tables do not know: those of a database from before the tables. Gives how many; none costs one query.

    Every live page has a name, so one without any was never read.
    """
    known = PageName.objects.filter(page=OuterRef("pk"))
    pages = Page.objects.live().filter(~Exists(known), depth__gt=1).order_by("path")
    read = 0
    for page in pages.iterator():
        read_again(page)
        read += 1
    return read


# --- who answers to what


def resolve(keys: Iterable[str], *, of: int | None = None) -> None:
    """Decides again where red links lead: those that ask for one of these keys, and those of one page (`of`)."""
    keys = set(keys) - {""}
    asking = Q(source=of) if of else Q(pk__in=())
    if keys:
        asking |= Q(key__in=keys) | Q(short_key__in=keys)
    _decide(PageLink.objects.filter(asking))


def _decide(rows) -> None:
    """A link to a page that is there leads to it; else the page of that name, if there is one."""
    rows = list(rows.filter(kind__in=[LinkKind.WANTED, LinkKind.PAGE]).exclude(key="").select_related("source"))
    if not rows:
        return
    there = set(Page.objects.filter(pk__in={row.number for row in rows if row.number}).values_list("pk", flat=True))
    names, guarded = read_names({key for row in rows for key in (row.key, row.short_key) if key}), guarded_paths()
    changed = []
    for row in rows:
        if row.number in there:
            target = row.number
        else:
            found = names.page_for(
                Asked(row.key, row.short_key), locale_id=row.source.locale_id, source_path=row.source.path, guarded=guarded
            )
            target = found.pk if found else None
        if row.target_id != target:
            row.target_id = target
            changed.append(row)
    PageLink.objects.bulk_update(changed, ["target"], batch_size=500)
    if changed:  # words on other pages turn blue, or red
        pagecache.clear()
        remembered.forget()


def resolve_under(path: str) -> None:
    """After a move or a change of privacy: what is under a path may be closed to others than before."""
    here = PageName.objects.filter(page__path__startswith=path).exclude(kind=NameKind.ANCHOR)
    _decide(PageLink.objects.filter(Q(source__path__startswith=path) | Q(key__in=here.values("key")) | Q(short_key__in=here.values("key"))))


# --- what the tree tells


def _page_saved(sender, instance, update_fields=None, raw: bool = False, **_kwargs) -> None:
    """A page written as a whole: published, unpublished, imported. Saving a draft touches named fields only."""
    if isinstance(instance, Page) and update_fields is None and not raw:
        read_again(instance)


def _page_goes(sender, instance: Page, **_kwargs) -> None:
    """Before a page is deleted: those that link to it learn what it was called."""
    key = key_of(instance.title)
    if key:
        GonePage.objects.update_or_create(number=instance.pk, defaults={"title": instance.title[:255], "key": key})
        PageLink.objects.filter(kind=LinkKind.PAGE, number=instance.pk).update(title=instance.title[:500], key=key)
    instance._keys_it_had = set(PageName.objects.filter(page=instance.pk).exclude(kind=NameKind.ANCHOR).values_list("key", flat=True)) | {
        key
    }


def _page_gone(sender, instance: Page, **_kwargs) -> None:
    resolve(getattr(instance, "_keys_it_had", ()))


def _page_moved(sender, instance: Page, **_kwargs) -> None:
    resolve_under(instance.path)


def _guard_changed(sender, instance: PageViewRestriction, **_kwargs) -> None:
    resolve_under(instance.page.path)


def install() -> None:
    """Called once, by AcademyConfig.ready."""
    post_save.connect(_page_saved, dispatch_uid="links-page-saved")
    pre_delete.connect(_page_goes, sender=Page, dispatch_uid="links-page-goes")
    post_delete.connect(_page_gone, sender=Page, dispatch_uid="links-page-gone")
    post_page_move.connect(_page_moved, dispatch_uid="links-page-moved")
    post_save.connect(_guard_changed, sender=PageViewRestriction, dispatch_uid="links-guard-saved")
    post_delete.connect(_guard_changed, sender=PageViewRestriction, dispatch_uid="links-guard-gone")

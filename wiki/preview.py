"""What an import would do, file by file: reads the files and what is in the section already, and writes nothing."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from academy.extraction import is_locked
from academy.rules import RuleViolation
from academy.sentences import Sentence
from wiki import staging
from wiki.ahead import Files
from wiki.importer import TITLE_FROM_NAME, Pad, RefusedFile, kind_of, summary_of
from wiki.intake import LARGEST_WHOLE, LONGEST_PATH, MOST_FILES, Brought, LeftOut
from wiki.models import ImportBatch, ImportItem, ImportSource, WikiSection
from wiki.plan import Summary, arrange, folder_title

Becomes, Outcome = ImportItem.Becomes, ImportItem.Outcome
KINDS = {"page": Becomes.PAGE, "document": Becomes.DOCUMENT, "image": Becomes.IMAGE}


class Shelf:
    """The sources that were imported into a section before, by key and by content."""

    def __init__(self, section: WikiSection) -> None:
        self.section = section
        rows = ImportSource.objects.filter(section=section, locale_id=section.locale_id).select_related("page").defer("report")
        self.sources = {row.key: row for row in rows.order_by("pk")}
        self.by_content = {row.sha256: row for row in self.sources.values() if row.sha256 and (row.page_id or row.original_id)}

    def moved(self, item: ImportItem, paths: set[str]) -> ImportSource | None:
        """The source that this file was called before: same content, and no file of the old name now."""
        if item.path in self.sources or item.becomes not in (Becomes.PAGE, Becomes.DOCUMENT):
            return None
        found = self.by_content.get(item.sha256)
        wanted = ImportSource.Kind.DOCUMENT if item.becomes == Becomes.DOCUMENT else ImportSource.Kind.PAGE
        return found if found and found.key not in paths and found.kind == wanted else None


def staged(batch: ImportBatch, brought: Iterable[Brought | LeftOut]) -> list[ImportItem]:
    """Keeps the files where the worker finds them; gives an item for each, not saved. Raises RuleViolation for too much, or nothing."""
    items: dict[str, ImportItem] = {}
    total = 0
    for one in brought:
        item = ImportItem(batch=batch, number=len(items), path=one.path[:LONGEST_PATH])
        if isinstance(one, LeftOut):
            refuse(item, one.reason)
            item.outcome = Outcome.LEFT_OUT if one.quietly else Outcome.REFUSED
        elif one.path in items:
            refuse(item, Sentence(gettext_noop("Two files are called %(path)s: only the first is taken."), {"path": one.path}))
        else:
            try:
                item.sha256, item.size = staging.keep(batch.pk, one.chunks())
            except (OSError, RefusedFile) as error:
                reason = error.sentence if isinstance(error, RefusedFile) else str(error)
                refuse(item, Sentence(gettext_noop("%(path)s could not be read: %(reason)s"), {"path": one.path, "reason": reason}))
        total += item.size
        while item.path in items:
            item.path += " *"
        items[item.path] = item
        if len(items) > MOST_FILES or total > LARGEST_WHOLE:
            raise RuleViolation(
                _("That is too much at once: at most %(files)d files and %(size)d MB. Bring one folder after the other.")
                % {"files": MOST_FILES, "size": LARGEST_WHOLE // 1024**2}
            )
    if not items:
        raise RuleViolation(_("Choose at least one file, a folder or a zip."))
    return list(items.values())


def plan(items: Iterable[ImportItem], *, section: WikiSection, shelf: Shelf, files: Files, beat: Callable[[], None]) -> list[ImportItem]:
    """Kinds, folders, order, duplicates: everything but the text of the pages. The items come back in order, folders among them."""
    items = list(items)
    summaries: dict[str, Summary] = {}
    for item in items:
        beat()
        if item.outcome or item.becomes != Becomes.NOTHING:
            continue
        _settle_kind(item, files)
        if item.becomes == Becomes.PAGE and item.name.lower() == "summary.md":
            summary = summary_of(files.content(item).decode("utf-8-sig", "replace"))
            if any(address for _depth, _title, address in summary):
                summaries[item.folder] = summary
    items = arrange(items, summaries, top_takes_text=_top_takes_text(section, shelf))
    for item in items:
        if item.becomes == Becomes.ORDER:
            item.outcome = Outcome.USED
    _mark_duplicates(items)
    return items


def refuse(item: ImportItem, why: Sentence) -> None:
    item.becomes, item.outcome, item.note = Becomes.NOTHING, Outcome.REFUSED, why.as_json()


def _settle_kind(item: ImportItem, files: Files) -> None:
    try:
        kind = kind_of(files.source(item))
    except RefusedFile as refusal:
        refuse(item, refusal.sentence)
        return
    if kind == "zip":
        refuse(item, Sentence(gettext_noop("%(path)s is a zip inside a zip: take it out and import it by itself."), {"path": item.path}))
    else:
        item.becomes = KINDS[kind]


def _top_takes_text(section: WikiSection, shelf: Shelf) -> bool:
    """A README at the top becomes the text of the chosen section when that has none, or has it from there."""
    ours = any(source.page_id == section.pk for source in shelf.sources.values())
    return ours or not section.body


def _mark_duplicates(items: list[ImportItem]) -> None:
    """Of files that are the same byte for byte the shortest name is imported, and each of the others says so."""
    first: dict[tuple[str, str], ImportItem] = {}
    kinds = (Becomes.PAGE, Becomes.DOCUMENT, Becomes.IMAGE)
    alike = [item for item in items if item.becomes in kinds and item.wanted and not item.outcome]
    for item in sorted(alike, key=lambda one: (len(one.path), one.path)):
        known = first.setdefault((item.becomes, item.sha256), item)
        if known is not item:
            item.outcome = Outcome.DUPLICATE
            item.note = Sentence(gettext_noop("The same as %(path)s, which is imported once."), {"path": known.path}).as_json()


def preview(item: ImportItem, *, shelf: Shelf, paths: set[str], files: Files) -> None:
    """What would become of one item; a page is read for its title and its report. What was chosen the last time is proposed."""
    if item.outcome:
        item.expected = item.outcome
        return
    if item.becomes in (Becomes.PAGE, Becomes.TEXT):
        known = shelf.sources.get(item.path) or shelf.moved(item, paths)
        if known is not None and not item.options:
            item.options = known.options
        try:
            pad = files.pad(item)
        except RefusedFile as refusal:
            refuse(item, refusal.sentence)
            item.expected = item.outcome
            return
        _take_pad(item, pad, shelf.section)
    elif item.becomes == Becomes.DOCUMENT:
        _take_file(item, shelf.sources.get(item.path) or shelf.moved(item, paths), files)
    elif item.becomes != Becomes.SECTION:
        item.title = item.title or item.name
    item.expected = _expected(item, shelf, paths) if item.wanted else Outcome.LEFT_OUT


def _take_file(item: ImportItem, known: ImportSource | None, files: Files) -> None:
    """A file is called as its owner chose, else by its name; one that nobody can read here comes in all the same, and this is said."""
    item.options = {**(known.options if known else {}), **item.options}
    item.title = item.options.get("title") or item.name
    if is_locked(files.content(item), item.name):
        said = gettext_noop(
            "%(path)s is protected by a password: it is kept as a file, but the words in it cannot be searched. Save it without one to have them found."
        )
        item.note = Sentence(said, {"path": item.path}).as_json()


def _take_pad(item: ImportItem, pad: Pad, section: WikiSection) -> None:
    named, chosen = TITLE_FROM_NAME not in pad.report.changed, item.options.get("title", "")
    if item.becomes == Becomes.TEXT and not item.folder:
        item.title = section.title  # the section that was chosen keeps its name
    elif item.becomes == Becomes.TEXT:
        item.title = chosen or item.title or (pad.title[:255] if named else folder_title(item.folder.rstrip("/").rpartition("/")[2]))
    else:
        item.title = chosen or item.title or pad.title[:255]
    item.report = pad.report.as_json()
    item.suggestions = [{"kind": one.kind, "count": one.count, "examples": one.examples} for one in pad.suggestions]


def _expected(item: ImportItem, shelf: Shelf, paths: set[str]) -> str:
    known = shelf.sources.get(item.path)
    moved = shelf.moved(item, paths)
    if moved is not None and moved.holds(item.sha256, item.options):
        said = gettext_noop("Imported before as %(path)s: it is the same, nothing new is made.")
        item.note = Sentence(said, {"path": moved.key}).as_json()
        return Outcome.UNCHANGED
    known = known or moved
    if known is None or not (known.page_id or known.original_id):
        return Outcome.CREATED
    if item.becomes == Becomes.SECTION or known.holds(item.sha256, item.options):
        return Outcome.UNCHANGED
    edited = known.page is not None and known.was_written and (known.is_edited_since or known.page.locked)
    return Outcome.DRAFT if edited else Outcome.UPDATED if known.was_written else Outcome.CREATED

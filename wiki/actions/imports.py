"""One file becomes a page, the text of a section, or a file for readers; the same again changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page, ReferenceIndex
from wagtail.signal_handlers import disable_reference_index_auto_update

from academy import audit, pagecache
from academy.links.table import read_again
from academy.rules import RuleViolation
from wiki import section_files
from wiki.ahead import Ready, ready
from wiki.import_links import Targets, resolve
from wiki.importer import Pad, ReadOptions, SourceFile, keep_ids, place_images, read_source
from wiki.models import ImportSource, WikiPage, WikiSection
from wiki.pictures import pictures_of


@dataclass
class Around:
    """What stands around a file: where its links lead, where its pictures are, which section it belongs to, what it is called there.

    `after`: blocks that follow what the file says, as they are; their fingerprint is the option `beside`.
    """

    parent: WikiSection | None = None
    folder: str = ""
    title: str = ""
    targets: Targets = field(default_factory=Targets)
    picture: Callable[[str], int | None] = lambda address: None
    ready: Ready | None = None
    after: list[dict] = field(default_factory=list)


@dataclass
class ImportResult:
    """What became of one source: `outcome` is created, updated, draft or unchanged; `pad` is None when nobody had to read it."""

    source: ImportSource
    outcome: str
    pad: Pad | None = None
    linked: list[int] = field(default_factory=list)


@transaction.atomic
def import_source(
    section: WikiSection,
    *,
    source: SourceFile,
    by: Any = None,
    publish: bool = True,
    options: ReadOptions | None = None,
    around: Around | None = None,
) -> ImportResult:
    """Makes or updates the page of a source imported into a section. The same bytes with the same options again write nothing.

    A page that a person has edited since the last import is not overwritten: the new text becomes a draft for them to
    compare. Raises RefusedFile for what cannot be read.
    """
    section = WikiSection.objects.select_for_update(no_key=True, of=("self",)).get(pk=section.pk)
    around = around or Around()
    record = _record(section, source.key)
    options = options if options is not None else ReadOptions(**record.options)
    if record.holds(source.sha256, options.as_json()):
        return ImportResult(record, "unchanged")
    read = around.ready or ready(read_source(source, options=options))
    pad = read.pad
    if record.page_id is None:
        record = reserve_page(section, key=source.key, title=around.title or pad.title, parent=around.parent, by=by)
    page = record.page.specific
    linked = _place(read, around, around.parent or section, by)
    pad.blocks += around.after
    is_draft = record.is_edited_since or page.locked
    outcome = "draft" if is_draft else "updated" if record.was_written else "created"
    if page.latest_revision_id is not None:
        page = page.get_latest_revision_as_object()
    _fill(page, pad, around.title)
    _write(page, by=by, publish=publish and outcome != "draft", is_new=outcome == "created")
    record.page, record.revision = page, page.latest_revision
    record.sha256, record.options = source.sha256, options.as_json()
    record.report = {**pad.report.as_json(), "outcome": outcome}
    record.original = section_files.keep_original(source, by) if source.content else None
    _sign(record, by)
    read_again(page)  # now it answers to the name of its file too
    audit.record(page, "wiki.import", by=by, data={"source": source.key, "outcome": outcome})
    return ImportResult(record, outcome, pad, linked)


@transaction.atomic
def import_document(
    section: WikiSection, *, source: SourceFile, by: Any = None, parent: WikiSection | None = None, title: str = ""
) -> ImportResult:
    """Keeps a file among those of a section (`parent`, else the one imported into). A changed one takes the place of the old one.

    It is called by its name until somebody chooses a `title`; one that was chosen and is no more gives way to the name again.
    """
    section = WikiSection.objects.select_for_update(no_key=True, of=("self",)).get(pk=section.pk)
    record = _record(section, source.key)
    options = ReadOptions(title=title).as_json()
    if record.holds(source.sha256, options):
        return ImportResult(record, "unchanged")
    record.kind = ImportSource.Kind.DOCUMENT
    title = title or (source.name if record.options.get("title") else "")
    shared = record.original_id and ImportSource.objects.filter(original=record.original_id).exclude(pk=record.pk).exists()
    if record.original_id and record.sha256 == source.sha256:
        section_files.rename_file(record.original, title)
        outcome = "updated"
    elif record.original_id and not shared:
        section_files.replace_file(record.original, source, title=title)
        outcome = "updated"
    else:
        record.original, is_new = section_files.keep_file(source, parent or section, by, title=title)
        outcome = "created" if is_new else "unchanged"
    record.sha256, record.options, record.report = source.sha256, options, {"outcome": outcome}
    _sign(record, by)
    pagecache.clear()  # its section lists it
    audit.record(record.original, "wiki.import", by=by, data={"source": source.key, "outcome": outcome})
    return ImportResult(record, outcome)


@transaction.atomic
def reserve_page(
    section: WikiSection, *, key: str, title: str, by: Any = None, parent: WikiSection | None = None, model: type[Page] = WikiPage
) -> ImportSource:
    """The page of a source, made without a text when there is none yet: its number may then be linked to. Nobody reads it before its text."""
    record = _record(section, key)
    if record.page_id is None:
        under = WikiSection.objects.select_for_update(no_key=True, of=("self",)).get(pk=(parent or section).pk)
        with disable_reference_index_auto_update():
            page = model(title=title[:255], slug=_free_slug(under, title), live=False, locale_id=under.locale_id)
            record.page = under.add_child(instance=page)
        record.kind = ImportSource.Kind.SECTION if model is WikiSection else ImportSource.Kind.PAGE
        record.revision, record.sha256 = None, ""
        _sign(record, by)
    return record


def _record(section: WikiSection, key: str) -> ImportSource:
    known = ImportSource.objects.select_related("page", "original").filter(section=section, key=key, locale=section.locale_id).first()
    return known or ImportSource(section=section, key=key, locale_id=section.locale_id)


def _sign(record: ImportSource, by: Any) -> None:
    record.imported_at, record.imported_by = timezone.now(), by if getattr(by, "pk", None) else None
    record.save()


def _place(ready: Ready, around: Around, section: WikiSection, by: Any) -> list[int]:
    """Pictures, files and links: what the document names becomes what we have."""
    pad, folder = ready.pad, around.folder
    ids = pictures_of(pad, beside=around.picture, fetched=ready.fetched, collection=lambda: section_files.collection_of(section), by=by)
    paths = around.targets
    files = {
        address: paths.documents[path]
        for block in pad.blocks
        if block["type"] == "file" and isinstance(block["value"]["document"], str)
        for address in [block["value"]["document"].removeprefix("@")]
        if (path := paths.path_of(folder, address)) in paths.documents
    }
    place_images(pad, ids, files)
    return resolve(pad, folder=folder, targets=paths)


def _fill(page: Page, pad: Pad, title: str) -> None:
    keep_ids(pad.blocks, page.body.get_prep_value() if page.body else [])
    page.body = pad.blocks
    page.summary = pad.description[:500] or page.summary
    if isinstance(page, WikiSection):
        page.title = page.draft_title = (title or page.title)[:255]
        return
    page.title = page.draft_title = (title or pad.title)[:255]
    page.tags.set([tag[:100] for tag in pad.tags[:20]])


def _write(page: Page, *, by: Any, publish: bool, is_new: bool) -> None:
    """One revision, published or not, and what it refers to, noted once."""
    with disable_reference_index_auto_update():
        revision = page.save_revision(user=by, log_action=not is_new, changed=True)
        if publish:
            revision.publish(user=by, log_action=False)
    page.refresh_from_db()
    ReferenceIndex.create_or_update_for_object(page)


def _free_slug(section: WikiSection, title: str) -> str:
    stem = slugify(title)[:80].strip("-") or "page"
    taken = set(Page.objects.child_of(section).filter(slug__startswith=stem).values_list("slug", flat=True))
    slug, number = stem, 2
    while slug in taken:
        slug, number = f"{stem}-{number}", number + 1
    return slug


def section_for(slug: str, *, language: str, by: Any = None) -> WikiSection:
    """The section to import into: its slug, or `wiki` for the top. Raises RuleViolation with the choices when there is none."""
    locale = Locale.objects.filter(language_code=language).first()
    if locale is None:
        raise RuleViolation(_("The site has no language “%(language)s”.") % {"language": language})
    sections = WikiSection.objects.filter(locale=locale).order_by("path")
    found = sections.filter(slug=slug).first()
    if found is None:
        choices = ", ".join(sections.values_list("slug", flat=True)) or "—"
        raise RuleViolation(
            _("There is no wiki section “%(slug)s” in %(language)s. Sections there: %(choices)s.")
            % {"slug": slug, "language": language, "choices": choices}
        )
    return found

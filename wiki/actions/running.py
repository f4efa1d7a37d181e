"""What the worker does with an import: reads its files, then imports them one by one. May be killed anywhere and called again.

Each file is a transaction of its own; the row of the file says that it is done. A page is first reserved, so that links may lead to it
whatever the order, and gets its text in a second pass. Who works on an import says so at each step (`beat`); when the import was stopped
meanwhile, or somebody else took it over, the next step ends the work.
"""

import logging
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from wagtail.models import Page

from academy import audit
from academy.sentences import Sentence
from wiki import staging
from wiki.actions.imports import Around, import_document, import_source, reserve_page
from wiki.ahead import Files, Ready, options_of, ready
from wiki.import_links import Targets, by_title
from wiki.importer import RefusedFile
from wiki.models import ImportBatch, ImportItem, ImportSource, WikiPage, WikiSection
from wiki.models.imports import ABANDONED_AFTER
from wiki.pictures import keep_picture
from wiki.plan import joined, parent_of
from wiki.preview import Shelf, plan, preview, refuse
from wiki.section_files import collection_of

logger = logging.getLogger(__name__)

Becomes, Outcome, State = ImportItem.Becomes, ImportItem.Outcome, ImportBatch.State
PHASES = {Becomes.SECTION: 0, Becomes.DOCUMENT: 1, Becomes.IMAGE: 1, Becomes.TEXT: 2, Becomes.PAGE: 2}


class Stopped(Exception):
    """Somebody has stopped this import, or another worker has taken it over."""


class Work:
    """The right to work on an import, until it is stopped."""

    def __init__(self, batch: ImportBatch, state: str) -> None:
        self.batch, self.state, self.token = batch, state, uuid.uuid4()
        self.files = Files(batch.pk)
        stale = timezone.now() - ABANDONED_AFTER
        free = ImportBatch.objects.filter(Q(token=None) | Q(beat_at=None) | Q(beat_at__lt=stale), pk=batch.pk, state=state)
        if not free.update(token=self.token, beat_at=timezone.now()):
            raise Stopped

    def beat(self) -> None:
        if not ImportBatch.objects.filter(pk=self.batch.pk, state=self.state, token=self.token).update(beat_at=timezone.now()):
            raise Stopped

    def end(self, to: str) -> None:
        ended = None if to == State.PREPARED else timezone.now()
        mine = ImportBatch.objects.filter(pk=self.batch.pk, state=self.state, token=self.token)
        if not mine.update(state=to, ended_at=ended, token=None, beat_at=None):
            raise Stopped
        self.batch.refresh_from_db()


def read_batch(batch: ImportBatch, *, by: Any) -> ImportBatch:
    """Reads every file and says what would become of it. Begins anew when it was cut."""
    try:
        work = Work(batch, State.READING)
        _read(work)
        work.end(State.PREPARED)
    except Stopped:
        batch.refresh_from_db()
    except Exception:
        logger.exception("import %s could not be read", batch.pk)
        batch = _fail(batch, by)
    return batch


def _read(work: Work) -> None:
    batch = work.batch
    shelf = Shelf(batch.section)
    folders = {item.path: item for item in batch.items.filter(becomes=Becomes.SECTION)}
    items = plan(_afresh(batch), section=batch.section, shelf=shelf, files=work.files, beat=work.beat)
    for item in items:
        if item.becomes == Becomes.SECTION and item.path in folders:
            known = folders.pop(item.path)
            item.pk, item.options = known.pk, known.options
    batch.items.filter(pk__in=[known.pk for known in folders.values()]).delete()
    paths = {item.path for item in items if item.sha256}
    for item in items:
        work.beat()
        item.batch = batch
        try:
            preview(item, shelf=shelf, paths=paths, files=work.files)
        except Exception:
            _went_wrong(item)
            item.expected = item.outcome
        item.save()
    _name_sections(items)
    ImportItem.objects.bulk_update([item for item in items if item.becomes == Becomes.SECTION], ["title"], batch_size=200)


def _went_wrong(item: ImportItem) -> None:
    """What nobody foresaw about one file: noted for who runs the Academy, said to who brought it."""
    logger.exception("import %s: %s", item.batch_id, item.path)
    said = _("%(path)s could not be imported: something went wrong here. The others are not touched.")
    refuse(item, Sentence(said, {"path": item.path}))


def _afresh(batch: ImportBatch) -> list[ImportItem]:
    """What was brought, with what its owner has chosen, and nothing of an earlier reading: that may have been cut, or was for another section."""
    items = list(batch.items.exclude(becomes=Becomes.SECTION))
    for item in items:
        if item.sha256:
            item.becomes, item.title, item.expected, item.outcome = Becomes.NOTHING, "", "", ""
            item.note, item.report, item.suggestions = {}, {}, []
    return items


def _name_sections(items: list[ImportItem]) -> None:
    """A section is called as its owner chose, else as its own text says, when no summary names it."""
    titles = {item.folder: item.title for item in items if item.becomes == Becomes.TEXT and item.title}
    for item in items:
        if item.becomes == Becomes.SECTION:
            item.title = item.options.get("title") or titles.get(item.path, item.title)


def run_batch(batch: ImportBatch, *, by: Any) -> ImportBatch:
    """Imports what was read and chosen. Whatever happens to one file, the others come in."""
    try:
        work = Work(batch, State.RUNNING)
        _Run(work, by).all()
        with transaction.atomic():
            work.end(State.DONE)
            audit.record(batch, "wiki.import_done", by=by)
        staging.discard(batch.pk)
    except Stopped:
        batch.refresh_from_db()
    except Exception:
        logger.exception("import %s broke off", batch.pk)
        batch = _fail(batch, by)
    return batch


@transaction.atomic
def _fail(batch: ImportBatch, by: Any) -> ImportBatch:
    batch = ImportBatch.objects.select_for_update(no_key=True, of=("self",)).get(pk=batch.pk)
    if batch.is_working:
        batch.state, batch.ended_at = State.FAILED, timezone.now()
        batch.save(update_fields=["state", "ended_at"])
        audit.record(batch, "wiki.import_failed", by=by)
    return batch


class _Run:
    def __init__(self, work: Work, by: Any) -> None:
        self.work, self.batch, self.by = work, work.batch, by
        self.section = self.batch.section
        self.shelf = Shelf(self.section)
        self.items = list(self.batch.items.defer("report", "suggestions"))
        self.paths = {item.path for item in self.items if item.sha256}
        self.sections: dict[str, WikiSection] = {"": self.section}
        self.images: dict[str, int] = {}
        self.ready: Ready | None = None
        self.targets = self._known_targets()

    def all(self) -> None:
        waiting = [item for item in self.items if not item.outcome]
        for item in self.items:
            self._remember(item)  # what was brought before a cut
        for item in waiting:
            self._take_over_moved(item)
        self._reserve()
        for item in sorted((item for item in waiting if not item.outcome), key=lambda item: PHASES.get(item.becomes, 3)):
            self.work.beat()
            self._one(item)

    # --- the first pass: a place for everything

    def _known_targets(self) -> Targets:
        targets = Targets()
        for key, source in self.shelf.sources.items():
            targets.add(key, page=source.page_id, document=source.original_id if source.kind == ImportSource.Kind.DOCUMENT else None)
        return targets

    def _take_over_moved(self, item: ImportItem) -> None:
        """A file that only changed its name keeps its page, under the new name."""
        moved = self.shelf.moved(item, self.paths)
        if moved is None:
            return
        ImportSource.objects.filter(pk=moved.pk).update(key=item.path)
        self.shelf.sources[item.path] = self.shelf.sources.pop(moved.key)
        moved.key = item.path
        if moved.holds(item.sha256, item.options):
            item.outcome, item.page_id, item.document_id = Outcome.UNCHANGED, moved.page_id, moved.original_id
            item.save(update_fields=["outcome", "page", "document", "note"])

    def _reserve(self) -> None:
        for item in self.items:
            if item.becomes == Becomes.SECTION and item.outcome != Outcome.LEFT_OUT:
                self.sections[item.path] = self._reserved(item, WikiSection).page.specific
            elif item.becomes == Becomes.PAGE and (not item.outcome or item.page_id):
                self._reserved(item, WikiPage)
            elif item.becomes == Becomes.TEXT and not item.outcome:
                self._reserve_text(item)
        self._link_to_all()

    def _reserved(self, item: ImportItem, model: type) -> ImportSource:
        known = self.shelf.sources.get(item.path)
        if known is None or known.page_id is None:
            self.work.beat()
            parent = self.sections[parent_of(item.path)]
            known = reserve_page(self.section, key=item.path, title=item.title or item.name, by=self.by, parent=parent, model=model)
            known.refresh_from_db(fields=["page"])  # its number is kept, not the page: a thousand of them are heavy
            self.shelf.sources[item.path] = known
        self.targets.add(item.path, page=known.page_id)
        return known

    def _reserve_text(self, item: ImportItem) -> None:
        """The text of a section belongs to the page of its folder."""
        known = self.shelf.sources.get(item.path)
        home = self.sections[item.folder]
        if known is None or known.page_id is None:
            known = known or ImportSource(section=self.section, key=item.path, locale_id=self.section.locale_id)
            known.kind, known.page_id, known.sha256, known.imported_at = ImportSource.Kind.SECTION, home.pk, "", timezone.now()
            known.save()
            self.shelf.sources[item.path] = known
        self.targets.add(item.path, page=known.page_id)

    def _link_to_all(self) -> None:
        """Links may name a file by its twin, a folder by its slash, a page by its title."""
        self.targets.add("", page=self.section.pk)
        first = {(item.becomes, item.sha256): item.path for item in self.items if item.outcome != Outcome.DUPLICATE}
        for item in self.items:
            twin = first.get((item.becomes, item.sha256)) if item.outcome == Outcome.DUPLICATE else None
            if twin and twin in self.targets.pages:
                self.targets.add(item.path, page=self.targets.pages[twin])
        pages = WikiPage.objects.filter(locale_id=self.section.locale_id, path__startswith=self.section.path)
        self.targets.titles = by_title(dict(pages.values_list("pk", "title")))

    # --- the second pass: one file after the other

    def _one(self, item: ImportItem) -> None:
        """One item, in its own transaction: what it becomes and that it is done, or why not."""
        try:
            self.ready = self._read_ahead(item)
            with transaction.atomic():
                self._bring(item)
                item.save()
        except RefusedFile as refusal:
            refuse(item, refusal.sentence)
            item.save()
        except Exception:
            _went_wrong(item)
            item.save()
        self._remember(item)
        self.ready, item.report, item.links = None, {}, []  # they are written

    def _read_ahead(self, item: ImportItem) -> Ready | None:
        known = self.shelf.sources.get(item.path)
        if item.becomes not in (Becomes.TEXT, Becomes.PAGE) or (known and known.holds(item.sha256, item.options)):
            return None
        return ready(self.work.files.pad(item))

    def _bring(self, item: ImportItem) -> None:
        parent = self.sections[item.path] if item.becomes == Becomes.SECTION else self._home(item)
        if item.becomes == Becomes.SECTION:
            self._open_section(item, parent)
        elif item.becomes == Becomes.DOCUMENT:
            result = import_document(
                self.section, source=self.work.files.source(item), by=self.by, parent=parent, title=item.options.get("title", "")
            )
            item.outcome, item.document = result.outcome, result.source.original
        elif item.becomes == Becomes.IMAGE:
            image = keep_picture(self.work.files.content(item), name=item.name, collection=collection_of(parent), by=self.by)
            item.outcome, item.image = Outcome.USED, image
        else:
            self._bring_page(item, parent)

    def _home(self, item: ImportItem) -> WikiSection:
        """The section of a file: its folder, or the nearest above that is one (a folder of pictures is none)."""
        folder = item.folder
        while folder not in self.sections:
            folder = parent_of(folder)
        return self.sections[folder]

    def _open_section(self, item: ImportItem, section: WikiSection) -> None:
        record = self.shelf.sources[item.path]
        section = WikiSection.objects.get(pk=section.pk)  # it has children by now, and publishing writes the whole row
        item.outcome, item.page_id = Outcome.UNCHANGED, section.pk
        if section.latest_revision_id is None:
            revision = section.save_revision(user=self.by, log_action=False)
            if self.batch.publish:
                revision.publish(user=self.by, log_action=False)
            section.refresh_from_db()
            record.revision_id = section.latest_revision_id
            ImportSource.objects.filter(pk=record.pk).update(revision=record.revision_id)
            item.outcome = Outcome.CREATED

    def _bring_page(self, item: ImportItem, parent: WikiSection) -> None:
        title = item.title
        if item.becomes == Becomes.TEXT:
            self._text_may_replace(item, parent)
            title = parent.title if not item.folder else title
        around = Around(
            parent=parent,
            folder=item.folder,
            title=title,
            targets=self.targets,
            picture=lambda address: self._picture(item, address),
            ready=self.ready,
        )
        source = self.work.files.source(item)
        result = import_source(self.section, source=source, by=self.by, publish=self.batch.publish, options=options_of(item), around=around)
        item.outcome, item.page_id, item.links = result.outcome, result.source.page_id, result.linked
        item.report = result.source.report if result.pad is not None else {}
        if len(result.linked) > Page.objects.filter(pk__in=result.linked).count():  # stopped meanwhile: the next import writes it anew
            ImportSource.objects.filter(pk=result.source.pk).update(sha256="")

    def _text_may_replace(self, item: ImportItem, home: WikiSection) -> None:
        """The first text of a section replaces the empty one that the import, or nobody, wrote: that is no edit of a person."""
        record = self.shelf.sources[item.path]
        if record.sha256 or record.revision_id:
            return
        folder = self.shelf.sources.get(item.folder)
        current = WikiSection.objects.get(pk=home.pk)
        if not current.body and (folder is None or folder.revision_id == current.latest_revision_id):
            ImportSource.objects.filter(pk=record.pk).update(revision=current.latest_revision_id)

    def _picture(self, item: ImportItem, address: str) -> int | None:
        return self.images.get(joined(item.folder, address.partition("?")[0].partition("#")[0]).casefold())

    def _remember(self, item: ImportItem) -> None:
        """What is brought may be linked to, or shown, by what comes next; so may its twins."""
        if not (item.document_id or item.image_id):
            return
        twins = [other for other in self.items if other.sha256 == item.sha256 and other.becomes == item.becomes]
        for one in twins:
            if item.document_id:
                self.targets.add(one.path, document=item.document_id)
            if item.image_id:
                self.images[one.path.casefold()] = item.image_id

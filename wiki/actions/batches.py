"""An import of many files, as its owner sees it: brought, looked at, started, stopped. What the worker does is in `running`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from academy import audit
from academy.rules import RuleViolation
from wiki import staging, tasks
from wiki.intake import Brought, LeftOut
from wiki.models import ImportBatch, ImportItem, ImportSource, WikiSection
from wiki.preview import staged

Becomes, Outcome, State = ImportItem.Becomes, ImportItem.Outcome, ImportBatch.State


@dataclass(frozen=True)
class Choice:
    """What was chosen for one file, or one folder: `title` as it was typed; an empty one stands for the document's own."""

    wanted: bool = True
    promote: bool = False
    title: str = ""


def open_batch(
    section: WikiSection, *, brought: Iterable[Brought | LeftOut], by: Any = None, publish: bool = True, queue: bool = True
) -> ImportBatch:
    """Keeps what was brought and has it read (by the worker, unless `queue` is false). Raises RuleViolation for too much, or nothing."""
    batch = ImportBatch(section=section, publish=publish, created_by=by if getattr(by, "pk", None) else None)
    batch.beat_at = timezone.now()
    try:
        items = staged(batch, brought)
        with transaction.atomic():
            batch.save()
            ImportItem.objects.bulk_create(items, batch_size=200)
            if queue:
                transaction.on_commit(lambda: tasks.read.enqueue(str(batch.pk)))
    except BaseException:
        staging.discard(batch.pk)
        raise
    return batch


@transaction.atomic
def look_again(
    batch: ImportBatch, *, by: Any, section: WikiSection, publish: bool, choices: Mapping[int, Choice], queue: bool = True
) -> ImportBatch:
    """Has what was brought read anew, as chosen, to see what that changes; it may go into another section."""
    batch = _move(batch, State.READING)
    batch.section, batch.publish = section, publish
    batch.save(update_fields=["section", "publish"])
    _take(batch, choices)
    audit.record(batch, "wiki.import_chosen", by=by, data={"section": section.pk})
    if queue:
        transaction.on_commit(lambda: tasks.read.enqueue(str(batch.pk)))
    return batch


@transaction.atomic
def start_batch(
    batch: ImportBatch, *, by: Any, publish: bool | None = None, choices: Mapping[int, Choice] | None = None, queue: bool = True
) -> ImportBatch:
    """What was looked at is imported: all of it, or what `choices` says, by item."""
    WikiSection.objects.select_for_update(no_key=True, of=("self",)).get(pk=batch.section_id)  # nothing is tidied there from now on
    batch = _move(batch, State.RUNNING)
    if publish is not None:
        batch.publish = publish
        batch.save(update_fields=["publish"])
    if choices is not None:
        _take(batch, choices)
        _leave_out(batch)
    audit.record(batch, "wiki.import_files", by=by, data={"files": batch.items.count()})
    if queue:
        transaction.on_commit(lambda: tasks.run.enqueue(str(batch.pk)))
    return batch


def _take(batch: ImportBatch, choices: Mapping[int, Choice]) -> None:
    """Notes what was chosen. A file that no choice names is not wanted; the text of a new section is called as the section."""
    items = list(batch.items.filter(outcome=""))
    for item in items:
        chosen = choices.get(item.pk)
        item.wanted = item.becomes == Becomes.SECTION or (chosen is not None and chosen.wanted)
        if chosen is not None:
            before, title = item.options.get("title", ""), _title_chosen(item, chosen.title)
            item.options = {"promote_bold_headings": chosen.promote, "title": title}
            item.title = title or ("" if before else item.title)
    folders = {item.path: item for item in items if item.becomes == Becomes.SECTION and item.expected == Outcome.CREATED}
    for item in items:
        if item.becomes == Becomes.TEXT and item.folder in folders and item.pk in choices:
            item.options["title"] = folders[item.folder].options.get("title", "")
            item.title = folders[item.folder].title
    ImportItem.objects.bulk_update(items, ["wanted", "options", "title"], batch_size=200)


def _title_chosen(item: ImportItem, typed: str) -> str:
    """Another title than the one proposed; the one chosen before; nothing typed means the document's own."""
    typed = " ".join(typed.split())[:255]
    return typed if typed != item.title else item.options.get("title", "")


def _leave_out(batch: ImportBatch) -> None:
    """What is not wanted is done; so are the folders that hold nothing else."""
    waiting = batch.items.filter(outcome="")
    kept = [item.path for item in waiting.filter(wanted=True, becomes__in=[Becomes.PAGE, Becomes.TEXT, Becomes.DOCUMENT]).only("path")]
    kept += [item.path for item in batch.items.filter(outcome__in=[Outcome.DUPLICATE, Outcome.USED]).only("path")]
    empty = [
        item.pk for item in waiting.filter(becomes=Becomes.SECTION).only("path") if not any(path.startswith(item.path) for path in kept)
    ]
    waiting.filter(Q(wanted=False) | Q(pk__in=empty)).update(outcome=Outcome.LEFT_OUT)


@transaction.atomic
def cancel_batch(batch: ImportBatch, *, by: Any) -> ImportBatch:
    """Stops it where it is. What is imported stays; what waits for its text is taken away by the worker (`tidy_batch`)."""
    batch = _move(batch, State.CANCELLED)
    batch.items.filter(outcome="").update(outcome=Outcome.LEFT_OUT)
    audit.record(batch, "wiki.import_stopped", by=by)
    transaction.on_commit(lambda: tasks.tidy.enqueue(str(batch.pk)))
    return batch


def resume_batch(batch: ImportBatch, *, by: Any = None) -> bool:
    """Goes on with an import whose worker was ended. Says whether it was one."""
    if not ImportBatch.objects.abandoned().filter(pk=batch.pk).exists():
        return False
    task = tasks.read if batch.state == State.READING else tasks.run
    task.enqueue(str(batch.pk))
    return True


def _move(batch: ImportBatch, to: ImportBatch.State) -> ImportBatch:
    batch = ImportBatch.objects.select_for_update(no_key=True, of=("self",)).select_related("section").get(pk=batch.pk)
    if to not in ImportBatch.MOVES[State(batch.state)]:
        raise RuleViolation(_("This import is %(state)s: that cannot be done now.") % {"state": batch.get_state_display()})
    batch.state, batch.token = to, None
    batch.beat_at = timezone.now() if batch.is_working else None
    batch.ended_at = timezone.now() if batch.has_ended else None
    batch.save(update_fields=["state", "beat_at", "token", "ended_at"])
    return batch


def tidy_batch(batch: ImportBatch, *, by: Any = None) -> bool:
    """After a stop: takes away the pages made for their number alone, one by one, then the files that waited.

    Says whether it came to its end: while another import works in the section, its pages may be these, and the next tick tries again.
    """
    running = ImportBatch.objects.filter(section=batch.section_id, state=State.RUNNING)
    if running.exists():
        return False
    for number in _reserved_by(batch):
        with transaction.atomic():
            WikiSection.objects.select_for_update(no_key=True, of=("self",)).get(pk=batch.section_id)
            if running.exists():
                return False
            page = Page.objects.filter(pk=number, live=False, latest_revision=None).first()
            if page is not None and not page.get_children().exists():
                page.delete(user=by)
    staging.discard(batch.pk)
    return True


@transaction.atomic
def _reserved_by(batch: ImportBatch) -> list[int]:
    """Those pages, the deepest last in the tree first. A page that links to one of them is written anew when its file comes again."""
    brought = batch.items.filter(outcome=Outcome.LEFT_OUT, becomes__in=[Becomes.PAGE, Becomes.SECTION]).values("path")
    reserved = ImportSource.objects.filter(section=batch.section, key__in=brought, sha256="", page__live=False, page__latest_revision=None)
    numbers = list(reserved.order_by("-page__path").values_list("page_id", flat=True))
    gone = set(numbers)
    linking = [item.path for item in batch.items.exclude(links=[]).only("path", "links") if gone & set(item.links)]
    ImportSource.objects.filter(section=batch.section, key__in=linking).update(sha256="")
    return numbers

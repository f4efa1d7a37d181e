"""An import of many files, as its owner sees it: brought, looked at, started, stopped. What the worker does is in `running`."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from academy import audit
from academy.rules import RuleViolation
from wiki import staging, tasks
from wiki.intake import Brought, LeftOut
from wiki.models import ImportBatch, ImportItem, ImportSource, WikiSection
from wiki.preview import staged

Becomes, Outcome, State = ImportItem.Becomes, ImportItem.Outcome, ImportBatch.State


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
                language = get_language()
                transaction.on_commit(lambda: tasks.read.enqueue(str(batch.pk), language))
    except BaseException:
        staging.discard(batch.pk)
        raise
    return batch


@transaction.atomic
def start_batch(batch: ImportBatch, *, by: Any, choices: Mapping[int, Mapping[str, bool]] | None = None, queue: bool = True) -> ImportBatch:
    """What was looked at is imported: all of it, or what `choices` says, by item: whether it is `wanted`, whether to `promote`."""
    batch = _move(batch, State.RUNNING)
    changed = []
    for item in batch.items.filter(outcome="").exclude(becomes=Becomes.SECTION) if choices is not None else ():
        chosen = choices.get(item.pk, {})
        item.wanted = chosen.get("wanted", False)
        item.options = {"promote_bold_headings": True} if chosen.get("promote") else {}
        if not item.wanted:
            item.outcome = Outcome.LEFT_OUT
        changed.append(item)
    ImportItem.objects.bulk_update(changed, ["wanted", "options", "outcome"], batch_size=200)
    audit.record(batch, "wiki.import_files", by=by, data={"files": batch.items.count()})
    if queue:
        language = get_language()
        transaction.on_commit(lambda: tasks.run.enqueue(str(batch.pk), language))
    return batch


@transaction.atomic
def cancel_batch(batch: ImportBatch, *, by: Any) -> ImportBatch:
    """Stops it where it is. What is imported stays; pages that wait for their text are taken away."""
    batch = _move(batch, State.CANCELLED)
    _take_away_reserved(batch)
    batch.items.filter(outcome="").update(outcome=Outcome.LEFT_OUT)
    audit.record(batch, "wiki.import_stopped", by=by)
    transaction.on_commit(lambda: staging.discard(batch.pk))
    return batch


def resume_batch(batch: ImportBatch, *, by: Any = None) -> bool:
    """Goes on with an import whose worker was ended. Says whether it was one."""
    if not ImportBatch.objects.abandoned().filter(pk=batch.pk).exists():
        return False
    task = tasks.read if batch.state == State.READING else tasks.run
    task.enqueue(str(batch.pk), get_language() if by else "")
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


def _take_away_reserved(batch: ImportBatch) -> None:
    """Pages made for their number alone. A page that links to one of them is written anew when its file comes again."""
    WikiSection.objects.select_for_update(no_key=True, of=("self",)).get(pk=batch.section_id)
    waiting = batch.items.filter(outcome="", becomes__in=[Becomes.PAGE, Becomes.SECTION]).values("path")
    reserved = ImportSource.objects.filter(section=batch.section, key__in=waiting, sha256="", page__live=False, page__latest_revision=None)
    gone = {source.page_id: source for source in reserved.select_related("page").order_by("-page__path")}
    for number, source in list(gone.items()):
        if source.page.get_children().exists():
            del gone[number]
        else:
            source.page.delete()
    linking = [item.path for item in batch.items.exclude(links=[]).only("path", "links") if set(item.links) & set(gone)]
    ImportSource.objects.filter(section=batch.section, key__in=linking).update(sha256="")

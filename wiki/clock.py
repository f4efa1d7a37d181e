"""What happens by itself: imports whose worker was ended go on, those that nobody started are forgotten; the team hears who waits."""

import shutil
import time
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from wiki import actions, question_letters, staging
from wiki.models import ImportBatch
from wiki.models.imports import ABANDONED_AFTER

LEFT_AFTER = 24 * 3600  # seconds: a form that was cut while its files arrived


def strike() -> dict[str, int]:
    """How often what happened. Run by `manage.py tick`; safe to run twice."""
    done = {
        "imports taken up again": sum(actions.resume_batch(batch) for batch in ImportBatch.objects.abandoned()),
        "imports never started": sum(1 for batch in ImportBatch.objects.left_lying() if actions.cancel_batch(batch, by=None)),
        "stopped imports tidied": sum(actions.tidy_batch(batch) for batch in _untidied()),
        "folders of old imports": _sweep(),
        "letters about questions": question_letters.remind(),
    }
    return {what: count for what, count in done.items() if count}


def _untidied() -> list[ImportBatch]:
    """Stopped some time ago, and its files still wait: the worker was ended meanwhile, or another import was at work there."""
    kept = [name for name in staging.batches_kept() if _is_batch(name)]
    since = timezone.now() - ABANDONED_AFTER
    return list(ImportBatch.objects.select_related("section").filter(pk__in=kept, state=ImportBatch.State.CANCELLED, ended_at__lt=since))


def _sweep() -> int:
    """Files of imports that have ended, or that never began."""
    names = staging.batches_kept()
    open_ones = {
        str(pk)
        for pk in ImportBatch.objects.filter(ended_at=None, pk__in=[name for name in names if _is_batch(name)]).values_list("pk", flat=True)
    }
    old = [name for name in names if name not in open_ones and _age(name) > LEFT_AFTER]
    for name in old:
        shutil.rmtree(Path(settings.IMPORT_FOLDER) / name, ignore_errors=True)
    return len(old)


def _is_batch(name: str) -> bool:
    return not name.startswith("arriving-") and len(name) == 36


def _age(name: str) -> float:
    return time.time() - (Path(settings.IMPORT_FOLDER) / name).stat().st_mtime

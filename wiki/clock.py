"""What happens by itself: imports whose worker was ended go on, those that nobody started are forgotten; the team hears who waits."""

import shutil
import time
from pathlib import Path

from django.conf import settings

from wiki import actions, question_letters, staging
from wiki.models import ImportBatch

LEFT_AFTER = 24 * 3600  # seconds: a form that was cut while its files arrived


def strike() -> dict[str, int]:
    """How often what happened. Run by `manage.py tick`; safe to run twice."""
    done = {
        "imports taken up again": sum(actions.resume_batch(batch) for batch in ImportBatch.objects.abandoned()),
        "imports never started": sum(1 for batch in ImportBatch.objects.left_lying() if actions.cancel_batch(batch, by=None)),
        "folders of old imports": _sweep(),
        "letters about questions": question_letters.remind(),
    }
    return {what: count for what, count in done.items() if count}


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

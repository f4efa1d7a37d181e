"""Tasks that wait in the database: doing them now, and forgetting those that are done (decision 0013)."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone
from django_tasks import task_backends
from django_tasks_db import DatabaseBackend
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

KEPT = timedelta(days=7)


def do_waiting() -> None:
    """Does here and now what waits, unless a transaction is open: a command that has just made the site leaves nothing to do."""
    if connection.in_atomic_block or not isinstance(task_backends["default"], DatabaseBackend):
        return
    worker = Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="command",
        excluded_queue_names=[],
    )
    worker.run()


def forget_done() -> int:
    """Takes away the record of tasks that ended a week ago; gives how many."""
    return DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEPT).delete()[0]

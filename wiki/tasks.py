"""What the worker does for imports: each takes the number of an import and calls one action; doing it twice does no harm."""

from django_tasks import task

from wiki.models import ImportBatch


@task()
def read(batch_id: str) -> None:
    from wiki import actions  # the actions enqueue these tasks

    for batch in _batch(batch_id):
        actions.read_batch(batch, by=batch.created_by)


@task()
def run(batch_id: str) -> None:
    from wiki import actions  # the actions enqueue these tasks

    for batch in _batch(batch_id):
        actions.run_batch(batch, by=batch.created_by)


@task()
def tidy(batch_id: str) -> None:
    from wiki import actions  # the actions enqueue these tasks

    for batch in _batch(batch_id):
        actions.tidy_batch(batch, by=batch.created_by)


def _batch(batch_id: str):
    """The import, if it is still there."""
    return ImportBatch.objects.select_related("section__locale", "created_by").filter(pk=batch_id)

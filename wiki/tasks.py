"""What the worker does for imports: each takes the number of an import and calls one action; doing it twice does no harm."""

from django.utils import translation
from django_tasks import task

from wiki.models import ImportBatch


@task()
def read(batch_id: str, language: str = "") -> None:
    from wiki import actions  # the actions enqueue these tasks

    for batch in _batch(batch_id, language):
        actions.read_batch(batch, by=batch.created_by)


@task()
def run(batch_id: str, language: str = "") -> None:
    from wiki import actions  # the actions enqueue these tasks

    for batch in _batch(batch_id, language):
        actions.run_batch(batch, by=batch.created_by)


def _batch(batch_id: str, language: str):
    """The import, if it is still there, in the language that its owner reads the screen in, else in that of their account."""
    batch = ImportBatch.objects.select_related("section__locale", "created_by").filter(pk=batch_id).first()
    if batch is not None:
        with translation.override(language or (batch.created_by.language if batch.created_by else batch.section.locale.language_code)):
            yield batch

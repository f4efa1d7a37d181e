"""What happens in the background: thin functions that take ids and call one function."""

from django_tasks import task

from academy.search import index


@task()
def refresh_entry(label: str, pk: str) -> None:
    index.refresh(label, pk)

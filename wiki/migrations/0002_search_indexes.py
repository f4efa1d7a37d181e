"""The two indexes that Wagtail's search needs on PostgreSQL and does not make: it filters on `title || body`, and joins on a text id."""

from django.db import migrations

INDEXES = {
    "search_title_and_body": ("wagtailsearch_indexentry", "USING gin ((title || body))"),
    "page_id_as_text": ("wagtailcore_page", "((id::varchar(50)))"),
}


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, (table, definition) in INDEXES.items():
            schema_editor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {table} {definition}")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [
        ("wiki", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailsearch", "0010_add_text_fields"),
    ]

    operations = [migrations.RunPython(create, drop)]

from django.db import migrations, models


def gather(apps, schema_editor):
    """As `texts_said` does for what is sent from now on."""
    rows = apps.get_model("cohorts", "ApplicationSnapshot").objects.filter(words=None).only("pk", "content")
    for row in rows.iterator(chunk_size=200):
        parts = [row.content.get(part, {}) for part in ("project", "dossier", "answers")]
        said = [value for part in parts for name, value in part.items() if name != "country"]
        said += [one["value"] for one in row.content.get("call", []) if one["kind"] == "text"]
        row.words = "\n".join(text for text in said if isinstance(text, str) and text)
        row.save(update_fields=["words"])


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0029_funding_sources")]
    operations = [
        # NULL is allowed, so that SQLite adds a column and keeps the triggers of 0001, which stop every other one from changing
        migrations.AddField("applicationsnapshot", "words", models.TextField(editable=False, null=True)),
        migrations.RunPython(gather, migrations.RunPython.noop),
    ]

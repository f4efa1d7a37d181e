import django.core.validators
from django.db import migrations, models

import cohorts.models.poll

# SQLite makes a table anew to change one column, and while it has none of this name, the triggers of 0020 that look into it are broken:
# they are taken off and put back. PostgreSQL changes the column and keeps them.
TABLE = "cohorts_ballot"
WORDS = "kept as it was written"


def _take_off(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ("insert", "update"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{name}")


def _put_back(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for event in ("INSERT", "UPDATE OF poll_id, answer, other, mark"):
            schema_editor.execute(
                f"CREATE TRIGGER {TABLE}_{event[:6].lower()} BEFORE {event} ON {TABLE} "
                "WHEN (SELECT state FROM cohorts_poll WHERE id = NEW.poll_id) IS NOT 'open' "
                f"BEGIN SELECT RAISE(ABORT, '{TABLE}: {WORDS}'); END"
            )


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0039_what_a_session_leaves")]

    operations = [
        migrations.RunPython(_take_off, _put_back),
        migrations.AlterField(
            model_name="poll",
            name="code",
            field=models.CharField(
                default=cohorts.models.poll.new_code,
                editable=False,
                max_length=8,
                unique=True,
                validators=[django.core.validators.RegexValidator("^[BCDFGHJKMNPQRTVWXZ]*$")],
                verbose_name="code",
            ),
        ),
        migrations.RunPython(_put_back, _take_off),
    ]

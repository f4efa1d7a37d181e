"""An arrival says when the Academy heard of it, and which number a device gave it. Both are written once, as the rest of the row."""

from importlib import import_module

from django.db import migrations, models

_first = import_module("cohorts.migrations.0001_initial")
TABLE = "cohorts_checkin"
BEFORE = _first.KEPT[TABLE]
KEPT = [*BEFORE, "received_at", "client_id"]


def _keep(schema_editor, columns):
    """The trigger of 0001 on these columns; its function on PostgreSQL serves other tables too, and stays."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_kept")
        _first._add_sqlite(schema_editor, {TABLE: columns}, {})
        return
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_kept ON {TABLE}")
    each = "FOR EACH ROW EXECUTE FUNCTION cohorts_kept()"
    schema_editor.execute(f"CREATE TRIGGER {TABLE}_kept BEFORE UPDATE OF {', '.join(columns)} ON {TABLE} {each}")


def keep(apps, schema_editor):
    _keep(schema_editor, KEPT)


def keep_as_before(apps, schema_editor):
    """Backwards: the columns that are new go next."""
    _keep(schema_editor, BEFORE)


class Migration(migrations.Migration):

    dependencies = [
        ('cohorts', '0020_polls'),
    ]

    operations = [
        migrations.AddField(
            model_name='checkin',
            name='received_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='received'),
        ),
        migrations.AddField(
            model_name='checkin',
            name='client_id',
            field=models.UUIDField(blank=True, editable=False, null=True, verbose_name='number on the device'),
        ),
        migrations.AddConstraint(
            model_name='checkin',
            constraint=models.UniqueConstraint(condition=models.Q(('client_id__isnull', False)), fields=('client_id',), name='an_arrival_of_a_device_is_written_once'),
        ),
        migrations.RunPython(keep, keep_as_before),
    ]

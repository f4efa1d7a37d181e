"""Decisions, signatures, check-ins and submitted versions are written once: triggers say it to raw SQL too.

Deleting is refused by the models everywhere, and by a trigger on PostgreSQL only: Django empties SQLite tables between
tests with DELETE. A later migration that rebuilds one of these tables on SQLite drops its trigger: make it again there
(tests/cohorts/test_append_only.py notices).
"""

from django.db import migrations

# table → columns that are never written again
KEPT = {
    "cohorts_determination": [
        "kind",
        "application_id",
        "participation_id",
        "outcome",
        "typology_id",
        "reasons",
        "decided_at",
        "decided_by_id",
        "supersedes_id",
    ],
    "cohorts_signature": ["determination_id", "signed_at", "signed_by_id"],
    "cohorts_checkin": ["registration_id", "method", "checked_in_at", "checked_in_by_id"],
    "cohorts_applicationsnapshot": ["application_id", "number", "content", "submitted_at", "submitted_by_id"],
}
# table → columns that are written once
ONCE = {"cohorts_determination": ["released_at", "superseded_at"], "cohorts_checkin": ["annulled_at"]}
WORDS = "kept as it was written"


def add(apps, schema_editor):
    {"sqlite": _add_sqlite, "postgresql": _add_postgresql}[schema_editor.connection.vendor](schema_editor)


def _add_sqlite(schema_editor):
    for table, columns in KEPT.items():
        schema_editor.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OF {', '.join(columns)} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: {WORDS}'); END"
        )
    for table, columns in ONCE.items():
        for column in columns:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_{column}_once BEFORE UPDATE OF {column} ON {table} "
                f"WHEN OLD.{column} IS NOT NULL AND NEW.{column} IS NOT OLD.{column} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: {WORDS}'); END"
            )


def _add_postgresql(schema_editor):
    schema_editor.execute(
        "CREATE FUNCTION cohorts_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '%: {WORDS}', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$",
        params=None,  # the percent sign is PL/pgSQL's
    )
    for table, columns in KEPT.items():
        schema_editor.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OF {', '.join(columns)} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION cohorts_kept()"
        )
        schema_editor.execute(f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION cohorts_kept()")
    for table, columns in ONCE.items():
        for column in columns:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_{column}_once BEFORE UPDATE OF {column} ON {table} FOR EACH ROW "
                f"WHEN (OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column}) EXECUTE FUNCTION cohorts_kept()"
            )


def remove(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    names = [(table, f"{table}_kept") for table in KEPT]
    names += [(table, f"{table}_{column}_once") for table, columns in ONCE.items() for column in columns]
    if postgresql:
        names += [(table, f"{table}_stays") for table in KEPT]
    for table, name in names:
        schema_editor.execute(f"DROP TRIGGER {name} ON {table}" if postgresql else f"DROP TRIGGER {name}")
    if postgresql:
        schema_editor.execute("DROP FUNCTION cohorts_kept()")


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0002_roles")]

    operations = [migrations.RunPython(add, remove)]

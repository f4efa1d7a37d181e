"""`manage.py prepare`: what `make run` does before it serves, in one process because each start of Python costs seconds."""

import io

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader

WITHOUT_DEMO = 3


def is_from_before_the_first_release() -> bool:
    """Holds migrations of ours that are gone: first migrations are made anew until 0.1.0 (decision 0009), which no migration can follow."""
    loader = MigrationLoader(connection)
    return any(app in loader.migrated_apps and (app, name) not in loader.disk_migrations for app, name in loader.applied_migrations)


class Command(BaseCommand):
    help = "Migrates, then puts in place the starter content and, where nobody real has an account, the demo data (else exit status 3)."

    def handle(self, *args, **options):
        try:
            connection.ensure_connection()
        except OperationalError as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(f"DATABASE_URL leads to a database that does not answer: {reason}") from None
        if is_from_before_the_first_release():
            raise CommandError(
                "This database was made by a version before the first release (0.1.0), which had other tables: move DATA_DIR (or the database) aside and start again."
            )
        call_command("migrate", verbosity=0)
        call_command("setup", verbosity=0)
        try:
            call_command("demo", verbosity=0, stdout=io.StringIO())
        except CommandError as refusal:
            raise CommandError(f"{refusal} The site is served without them.", returncode=WITHOUT_DEMO) from None

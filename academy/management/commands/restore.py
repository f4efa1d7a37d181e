"""`manage.py restore FILE`: puts back what `backup` wrote. Stop the server first."""

from pathlib import Path

from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from academy import backup


class Command(BaseCommand):
    help = "Reads a backup whole, then replaces database and files by it, and migrates. Refuses where there is something, without --force."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace what is here, which is then gone")

    def handle(self, *args, file: Path, force: bool, **options):
        try:
            if not force and not backup.is_empty():
                raise backup.BackupError("There are accounts or files here: back them up, then say --force to replace them.")
            manifest = backup.restore(file.resolve())
        except backup.BackupError as refusal:
            raise CommandError(str(refusal)) from None
        call_command("migrate", verbosity=0)
        cache.clear()
        self.stdout.write(f"The Academy is as it was on {manifest['made_at'][:16].replace('T', ' at ')} UTC. Start the server.")

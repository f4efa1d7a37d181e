"""`manage.py backup FILE`: database and files in one verified file. People may go on working meanwhile."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from academy import backup


class Command(BaseCommand):
    help = "Writes database and files into one zip, and reads it again to be sure. The secret key is not in it: keep it apart."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *args, file: Path, **options):
        try:
            manifest = backup.write(file.resolve())
        except backup.BackupError as refusal:
            raise CommandError(str(refusal)) from None
        size = file.stat().st_size / 1e6
        self.stdout.write(f"{file} holds the database and {len(manifest['files']) - 1} files ({size:.1f} MB), each read again and right.")

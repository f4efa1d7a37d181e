"""`manage.py xapi FILE`: what people completed and tried, one xAPI statement a line, and FILE.jws, its signature."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from academy import signing
from courses import xapi

PAGE = 1000


class Command(BaseCommand):
    help = "Writes every completion and attempt as xAPI 1.0.3 statements (JSON lines), and a detached JWS beside the file."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--since", default="", help="a day or a moment, such as 2026-01-01 or 2026-01-01T12:00:00+01:00")
        parser.add_argument("--emails", action="store_true", help="people by their address; else by an opaque name")

    def handle(self, *args, **options):
        since, after, lines = self.moment(options["since"]), 0, []
        while after is not None:
            batch = xapi.statements(after=after, since=since, limit=PAGE, with_email=options["emails"])
            lines += [json.dumps(one, ensure_ascii=False) for one in batch.statements]
            after = batch.after
        content = "".join(f"{line}\n" for line in lines).encode()
        try:
            options["file"].write_bytes(content)
            options["file"].with_name(f"{options['file'].name}.jws").write_text(signing.detached(content), encoding="ascii")
        except OSError as problem:
            raise CommandError(f"{options['file']} cannot be written: {problem.strerror}.") from None
        self.stdout.write(f"{len(lines)} statements in {options['file']}")

    def moment(self, text: str):
        if not text:
            return None
        try:
            moment = parse_datetime(text)  # a day alone is its beginning
        except ValueError:
            moment = None
        if moment is None:
            raise CommandError(f"--since {text}: write a day or a moment, such as 2026-01-01 or 2026-01-01T12:00:00+01:00.")
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

"""`manage.py import_documents PATH… --into SLUG --language fr [--dry-run]`: pads, folders and zips become wiki pages."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from academy.models import User
from academy.rules import RuleViolation
from wiki import actions
from wiki.importer import RefusedFile, files_in, read_source


class Command(BaseCommand):
    help = (
        "Imports documents into a section of the wiki, says what was kept, changed and lost. Importing the same file again changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="markdown files, folders, zips")
        parser.add_argument("--into", required=True, metavar="SLUG", help="slug of the wiki section that receives the pages")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, help="language of the documents (fr, en)")
        parser.add_argument("--by", metavar="EMAIL", help="the person in whose name the pages are written")
        parser.add_argument("--draft", action="store_true", help="do not publish the new pages")
        parser.add_argument("--dry-run", action="store_true", help="only say what would become of each file; writes nothing")

    def handle(self, *args, paths, into, language, by, draft, dry_run, **options):
        person = None
        if by:
            person = User.objects.filter(email__iexact=by).first()
            if person is None:
                raise CommandError(f"Nobody here has the address {by}.")
        try:
            section = actions.section_for(into, language=language)
        except RuleViolation as refusal:
            raise CommandError(str(refusal)) from refusal
        done = failed = 0
        with translation.override(language):
            for path in paths:
                for source in files_in(path):
                    if self._one(section, source, person, not draft, dry_run):
                        done += 1
                    else:
                        failed += 1
        self.stdout.write(f"{done} read, {failed} failed{' (dry run: nothing written)' if dry_run else ''}.")
        if failed or not done:
            raise CommandError(f"{failed} of {done + failed} files could not be imported." if failed else "There was nothing to import.")

    def _one(self, section, source, person, publish, dry_run) -> bool:
        if isinstance(source, RefusedFile):
            self.stderr.write(f"FAILED   {source}")
            return False
        try:
            if dry_run:
                pad, outcome, address = read_source(source), "would be", ""
            else:
                result = actions.import_source(section, source=source, by=person, publish=publish)
                pad, outcome, address = result.pad, result.outcome, result.source.page.url or ""
        except RefusedFile as refusal:
            self.stderr.write(f"FAILED   {refusal}")
            return False
        self.stdout.write(f"{outcome.upper():9}{source.key} → “{pad.title}” {address}".rstrip())
        if outcome != "unchanged":
            self._report(pad.report)
        return True

    def _report(self, report) -> None:
        for heading, counted in (("kept", report.kept), ("changed", report.changed), ("lost", report.lost)):
            if counted:
                self.stdout.write(
                    f"  {heading}: " + "; ".join(f"{what} ×{count}" if count > 1 else what for what, count in sorted(counted.items()))
                )
        for address in report.missing_images:
            self.stdout.write(f"  image not here, kept as a link: {address}")

"""`manage.py import_documents PATH… --into SLUG --language fr [--dry-run]`: files, folders and zips become pages and files of the wiki."""

from collections import Counter
from itertools import chain
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from academy.models import User
from academy.rules import RuleViolation
from wiki import actions, staging
from wiki.ahead import Files
from wiki.import_report import gather, places_of
from wiki.intake import brought_by
from wiki.models import ImportBatch, ImportItem
from wiki.preview import Shelf, plan, preview, staged

Becomes, Outcome = ImportItem.Becomes, ImportItem.Outcome


class Command(BaseCommand):
    help = (
        "Imports documents into a section of the wiki, says what was kept, changed and lost. Importing the same file again changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, folders, zips")
        parser.add_argument("--into", required=True, metavar="SLUG", help="slug of the wiki section that receives the pages")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, help="language of the documents (fr, en)")
        parser.add_argument("--by", metavar="EMAIL", help="the person in whose name the pages are written")
        parser.add_argument("--draft", action="store_true", help="do not publish the new pages")
        parser.add_argument("--promote-headings", action="store_true", help="make headings of the bold lines that look like headings")
        parser.add_argument("--dry-run", action="store_true", help="only say what would become of each file; writes nothing")

    def handle(self, *args, paths, into, language, by, draft, promote_headings, dry_run, **options):
        person = None
        if by:
            person = User.objects.filter(email__iexact=by).first()
            if person is None:
                raise CommandError(f"Nobody here has the address {by}.")
        with translation.override(language):
            try:
                section = actions.section_for(into, language=language)
                brought = chain.from_iterable(brought_by(path) for path in paths)
                if dry_run:
                    items = self._look(section, brought, promote_headings)
                else:
                    items = self._import(section, brought, person, not draft, promote_headings)
            except RuleViolation as refusal:
                raise CommandError(str(refusal)) from refusal
            self._report(items, dry_run)

    def _look(self, section, brought, promote: bool) -> list[ImportItem]:
        batch = ImportBatch(section=section)
        try:
            items = staged(batch, brought)
            self._choose(items, promote)
            shelf, files = Shelf(section), Files(batch.pk)
            items = plan(items, section=section, shelf=shelf, files=files, beat=lambda: None)
            paths = {item.path for item in items if item.sha256}
            for item in items:
                preview(item, shelf=shelf, paths=paths, files=files)
        finally:
            staging.discard(batch.pk)
        return items

    def _import(self, section, brought, person, publish: bool, promote: bool) -> list[ImportItem]:
        batch = actions.open_batch(section, brought=brought, by=person, publish=publish, queue=False)
        if promote:
            items = list(batch.items.all())
            self._choose(items, promote)
            ImportItem.objects.bulk_update(items, ["options"], batch_size=200)
        batch = actions.read_batch(batch, by=person)
        if batch.state == ImportBatch.State.PREPARED:
            batch = actions.start_batch(batch, by=person, queue=False)
            batch = actions.run_batch(batch, by=person)
        if batch.state != ImportBatch.State.DONE:
            raise CommandError(f"The import is {batch.get_state_display()}. Run the command again: what is done stays done.")
        return list(batch.items.select_related("page", "document"))

    def _choose(self, items: list[ImportItem], promote: bool) -> None:
        for item in items:
            item.options = {"promote_bold_headings": True} if promote else {}

    def _report(self, items: list[ImportItem], dry_run: bool) -> None:
        counts: Counter[str] = Counter()
        for item in items:
            outcome = item.outcome or item.expected
            failed = outcome == Outcome.REFUSED
            counts["failed" if failed else "left out" if outcome == Outcome.LEFT_OUT else "read"] += item.becomes != Becomes.SECTION
            if failed:
                self.stderr.write(f"FAILED    {item.said}")
                continue
            word = f"would be {outcome}" if dry_run else outcome
            address = (item.page.url or "") if item.page else ""
            said = f" ({item.said})" if item.note else ""
            self.stdout.write(
                f"{word.upper():10}{item.path} → {item.get_becomes_display()} “{item.title}” {address}{said}".replace(" “”", "")
            )
            for line in places_of(item):
                self.stdout.write(f"  {line}")
        for line in gather(items).lines:
            self.stdout.write(line)
        read, failed, left = counts["read"], counts["failed"], counts["left out"]
        hidden = f", {left} left out" if left else ""
        self.stdout.write(f"{read} read, {failed} failed{hidden}{' (dry run: nothing written)' if dry_run else ''}.")
        if failed or not read:
            raise CommandError(f"{failed} of {read + failed} files could not be imported." if failed else "There was nothing to import.")

"""`manage.py weekly`: what the weekly letter would say today, and to whom. Sends nothing: `manage.py tick` does, on Monday morning."""

from django.core.management.base import BaseCommand
from django.utils import timezone, translation

from cohorts.digest import digest_of, readers


class Command(BaseCommand):
    help = "Lists who would get the weekly letter, and what it would say to each. Sends nothing."

    def add_arguments(self, parser):
        parser.add_argument("--to", default="", help="the address of one person")

    def handle(self, *args, **options):
        people = readers().filter(email__iexact=options["to"]) if options["to"] else readers()
        letters = 0
        for person in people:
            with translation.override(person.language), timezone.override(person.time_zone):
                digest = digest_of(person)
                if digest is None:
                    continue
                letters += 1
                self.stdout.write(f"{person.email}: {digest.subject}")
                for part in digest.parts:
                    self.stdout.write(f"  {part.title}")
                    for line in part.lines:
                        self.stdout.write("    - " + ", ".join(words for words in (line.words, line.when, line.late) if words))
        self.stdout.write(f"{letters} letters for {len(people)} people. Nothing was sent.")

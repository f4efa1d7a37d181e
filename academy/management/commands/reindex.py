"""`manage.py reindex`: search, made anew. People can search meanwhile; after a crash in the middle, run it again."""

from django.core.management.base import BaseCommand, CommandError

from academy.search import index


class Command(BaseCommand):
    help = "Makes the search index anew from what is published, with progress. The old index serves until the end."

    def handle(self, *args, **options):
        self.quiet = options["verbosity"] == 0
        failed = index.rebuild(self.say)
        if failed:
            raise CommandError(f"{len(failed)} could not be read and keep what they had: {', '.join(failed[:20])}. The log says why.")

    def say(self, label: str, done: int, total: int, entries: int) -> None:
        if not self.quiet and (done or not total):
            self.stdout.write(f"{label}: {done} of {total}, {entries} entries", ending="\n" if done == total else "\r")
            self.stdout.flush()

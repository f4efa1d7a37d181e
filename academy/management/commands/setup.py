"""`manage.py setup`: everything an empty Academy needs. Run it after every upgrade: what exists stays as it is."""

from django.core.management.base import BaseCommand
from django.db import transaction

from academy.links.table import read_missing
from academy.management.starter.glossary import make_glossary
from academy.management.starter.pages import make_courses, make_wiki
from academy.management.starter.programme import make_indicators, make_pathway, make_rubric, make_rules, make_typologies
from academy.management.starter.tree import Tree, fill_homes, make_frame
from academy.roles import ensure_roles
from academy.search import index
from academy.tasks import do_waiting


class Command(BaseCommand):
    help = (
        "Roles, languages, page tree and starter content (wiki, modules, courses, pathway, rubric, typologies). "
        "Creates what is missing; never writes over, nor brings back, what a person has changed or deleted."
    )

    def handle(self, *args, **options):
        self._make(options["verbosity"])
        read_missing()
        do_waiting()
        self._catch_up()

    @transaction.atomic
    def _make(self, verbosity: int) -> None:
        ensure_roles()
        tree = Tree()
        make_frame(tree)
        make_wiki(tree)
        make_courses(tree)
        fill_homes(tree)
        tree.publish_new()
        words = make_glossary(tree)
        typologies = make_typologies()
        make_rules()
        make_indicators()
        rubric, pathway = make_rubric(), make_pathway()
        if verbosity:
            made = f"{len(tree.made)} pages, {words} words and {typologies} typologies made"
            if not (tree.made or words or typologies):
                made = "nothing was missing"
            self.stdout.write(f"Starter content: {made}. Rubric: {rubric.key} {rubric.version}. Pathway: {pathway.key} {pathway.version}.")

    def _catch_up(self) -> None:
        """What was written before the search knew of it, or by other rules than today's, is made findable without anybody asking for it."""
        missing = index.missing()
        if missing:
            failed = index.rebuild(only=missing)
            self.stdout.write(f"Search index made anew for {', '.join(found.label for found in missing)}; {len(failed)} could not be read.")

"""`manage.py check_links`: visits the other sites that our pages link to, politely, and says what is broken. `--rebuild` reads every page again first."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from wagtail.models import Page

from academy.links import rounds
from academy.links.checker import Visitor
from academy.links.models import LinkCheck, WebAddress
from academy.links.table import read_again
from academy.rules import RuleViolation


class Command(BaseCommand):
    help = "Checks the links to other sites, one at a time. Exit status 1 when some are broken."

    def add_arguments(self, parser):
        parser.add_argument("--rebuild", action="store_true", help="read the links of every page again first")
        parser.add_argument("--offline", action="store_true", help="visit nothing")

    def handle(self, *args, **options):
        if options["rebuild"]:
            pages = 0
            for page in Page.objects.filter(depth__gt=1).order_by("path").iterator():
                read_again(page)
                pages += 1
            self.stdout.write(f"{pages} pages read again")
        if not options["offline"]:
            try:
                check = rounds.begin(by=None)
            except RuleViolation as refusal:
                raise CommandError(str(refusal)) from refusal
            rounds.run(check, Visitor(site=settings.BASE_URL))
            check = LinkCheck.objects.get(pk=check.pk)
            self.stdout.write(f"{check.done} of {check.total} addresses visited")
        broken = [address for address in rounds.linked_addresses().filter(state__in=WebAddress.FAILURES) if address.is_broken]
        for address in broken:
            self.stdout.write(f"{address.state} {address.status or ''} {address.url}")
        if broken:
            raise CommandError(f"{len(broken)} broken links")

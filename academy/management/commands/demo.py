"""`manage.py demo`: an invented cohort in every state, told through the verbs of the apps. Refuses where people really work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from academy.management.example.call import tell_call
from academy.management.example.clock import on
from academy.management.example.deciding import tell_deciding
from academy.management.example.indicators import report_indicators
from academy.management.example.monographs import write_monographs
from academy.management.example.network import show_network
from academy.management.example.people import ACCOUNTS, DOMAIN, make_people, refuse_real_people, set_passwords
from academy.management.example.questions import ask_questions
from academy.management.example.running import tell_running_cohort
from academy.management.example.story import Story
from academy.management.example.together import walk_together
from academy.management.starter.programme import make_pathway, make_rubric
from academy.management.starter.texts import content, key_of, read_yaml
from academy.tasks import do_waiting
from cohorts.actions import take_stock
from cohorts.models import Cohort, Pathway
from wiki.actions import verify_page
from wiki.models import WikiPage

VERIFIED = {"what-smart-is": -30, "recipe": -30, "in-person-sessions": -12, "pathway-step-by-step": -55, "the-fund": -400}


@contextmanager
def no_mail_leaves() -> Iterator[None]:
    """Letters to invented people are kept in the outbox and sent to nobody."""
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    try:
        yield
    finally:
        settings.EMAIL_BACKEND = backend


class Command(BaseCommand):
    help = (
        "Invented people, projects, cohorts and sessions in every state. Accounts promoter@, trainer@, reviewer@, coordinator@ and "
        "admin@demo.example, with the password of DEMO_PASSWORD (else one is made and printed)."
    )

    def handle(self, *args, **options):
        refuse_real_people()
        with no_mail_leaves(), transaction.atomic():
            if not Pathway.objects.exists():
                call_command("setup", verbosity=0)
            plan = read_yaml(content("academy") / "demo.yaml")
            with on(timezone.now() - timedelta(days=160)):
                people = make_people(plan["people"])
            password = set_passwords(people, settings.DEMO_PASSWORD)
            told = Cohort.objects.exists()
            if not told:
                self._tell(Story(people, plan))
        do_waiting()
        self.stdout.write("The example is there already: nothing was changed." if told else "The example is ready.")
        self.stdout.write("Accounts: " + ", ".join(f"{name}@{DOMAIN}" for name in ACCOUNTS))
        self.stdout.write(f"Password: {password}" if password else "Password: as before (set DEMO_PASSWORD to change it).")

    def _tell(self, story: Story) -> None:
        programme = {"pathway": make_pathway(), "rubric": make_rubric()}
        tell_running_cohort(story, **programme)
        show_network(story)
        walk_together(story)
        report_indicators(story)
        tell_deciding(story, **programme)
        tell_call(story, **programme)
        write_monographs(story)
        ask_questions(story)
        for slug, day in VERIFIED.items():
            for page in WikiPage.objects.filter(translation_key=key_of(f"wiki/{slug}"), live=True):
                verify_page(page, by=story.trainer, at=story.day(day))
        take_stock(by=None)

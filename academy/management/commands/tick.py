"""`manage.py tick`: what must happen by itself. Run it every few minutes from cron or a systemd timer; it is safe to run twice."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from academy.links.table import read_missing
from academy.messages import deliver
from academy.models import Message
from academy.search.log import forget_old
from academy.tasks import forget_done
from cohorts import clock as cohorts_clock
from courses import clock as courses_clock
from wiki import clock as wiki_clock

MOST_ATTEMPTS = 8


class Command(BaseCommand):
    help = "Expires offers, ends lapsed drafts, notes who did not come, hands in quizzes whose time is over, sends the mails that could not be sent the first time, and takes up imports that were cut."

    def handle(self, *args, **options):
        waiting = Message.objects.to_try_again(timezone.now()).filter(attempts__lt=MOST_ATTEMPTS).order_by("created_at")
        sent = sum(deliver(message) for message in waiting.iterator())
        done = cohorts_clock.strike() | courses_clock.strike() | wiki_clock.strike() | cohorts_clock.write_weekly()
        forget_done()
        forget_old()
        if pages := read_missing():
            done["links of pages read"] = pages
        if done:
            self.stdout.write(", ".join(f"{what}: {count}" for what, count in done.items()))
        self.stdout.write(f"{sent} mails sent, {Message.objects.unsent().count()} waiting.")

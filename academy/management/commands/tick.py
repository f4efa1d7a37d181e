"""`manage.py tick`: what must happen by itself. Run it every few minutes from cron or a systemd timer; it is safe to run twice."""

from django.core.management.base import BaseCommand

from academy.messages import deliver
from academy.models import Message

MOST_ATTEMPTS = 8


class Command(BaseCommand):
    help = "Sends the mails that could not be sent the first time."

    def handle(self, *args, **options):
        waiting = Message.objects.unsent().filter(attempts__lt=MOST_ATTEMPTS).order_by("created_at")
        sent = sum(deliver(message) for message in waiting.iterator())
        self.stdout.write(f"{sent} mails sent, {Message.objects.unsent().count()} waiting.")

"""`manage.py bench_learning`: two hundred learners who send their progress at once to the production server, in databases made for it.

Each sends five events of one tab, mixed, each of them twice. Afterwards the rows are read: one for each person, at the last event.
Measured on SQLite, and on PostgreSQL where one answers on 127.0.0.1:5432. Ends badly when anything is lost or refused.
"""

import http.client
import os
import random
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode

from academy.management.commands.bench import CSRF, session_of
from academy.management.commands.bench_search import NO_POSTGRESQL, SCRATCH, manage, postgresql
from academy.management.server import serving
from academy.models import User
from courses.models import ActivityRecord, LessonPage

EVENTS = 5


class Command(BaseCommand):
    help = "Sends the progress of many learners at once, and looks at what was kept."

    def add_arguments(self, parser):
        parser.add_argument("--learners", type=int, default=200)
        parser.add_argument("--here", action="store_true", help="used by the command itself, in a database that it has made")

    def handle(self, *args, **options):
        if options["here"]:
            if not os.environ.get(SCRATCH):
                raise CommandError("--here makes invented people: only the command itself may say it.")
            self.measure(options["learners"])
            return
        command = ("bench_learning", "--here", f"--learners={options['learners']}")
        self.stdout.write(f"{options['learners']} learners sending progress at once, each {EVENTS} events, mixed and twice")
        self.stdout.flush()
        with tempfile.TemporaryDirectory(prefix="bench-learning-") as folder:
            went_well = manage(f"sqlite:///{folder}/many.sqlite3", folder, *command)
            with postgresql() as url:
                if url:
                    went_well = manage(url, folder, *command) and went_well
                else:
                    self.stdout.write(NO_POSTGRESQL)
        if not went_well:
            raise CommandError("Something that learners sent was lost or refused.")

    def measure(self, number: int) -> None:
        people = User.objects.bulk_create([User(email=f"learner{n}@bench.example", name=f"Learner {n}") for n in range(number)])
        lesson = LessonPage.objects.live().filter(locale__language_code="fr").order_by("path").first()
        with translation.override("fr"):
            address = reverse("courses_progress", args=[lesson.translation_key])
        cookies = [f"{settings.SESSION_COOKIE_NAME}={session_of(person)}; csrftoken={CSRF}" for person in people]
        with serving("academy.wsgi:application") as server, ThreadPoolExecutor(number) as crowd:
            began = time.monotonic()
            answers = Counter(
                status for found in crowd.map(lambda cookie: learn(server.port, address, cookie), cookies) for status in found
            )
            seconds = time.monotonic() - began
        kept = ActivityRecord.objects.filter(activity_key=lesson.translation_key, user__in=people)
        whole = sum(record.progress == 1 and [one["sequence"] for one in record.visits.values()] == [EVENTS] for record in kept)
        self.stdout.write(
            f"{settings.DATABASES['default']['ENGINE'].rpartition('.')[2]:<12}{answers.total()} events in {seconds:.1f} s, answers {dict(answers)}, "
            f"rows {kept.count()}, whole {whole}"
        )
        if answers.keys() != {200} or kept.count() != number or whole != number:
            raise CommandError("Something was lost or refused.")


def learn(port: int, address: str, cookie: str) -> list[int]:
    """What the server answers to one learner, event by event."""
    events = [number for number in range(1, EVENTS + 1) for _twice in range(2)]
    random.shuffle(events)
    client, answers = http.client.HTTPConnection("127.0.0.1", port, timeout=120), []
    head = {"Cookie": cookie, "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    for number in events:
        event = {"client": "tab", "sequence": number, "progress": number / EVENTS, "seconds": number, "csrfmiddlewaretoken": CSRF}
        client.request("POST", address, urlencode(event), head)
        response = client.getresponse()
        response.read()
        answers.append(response.status)
    client.close()
    return answers

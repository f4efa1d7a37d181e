"""A process of its own that offers a place, and is killed where it is told to be: `python -m tests.cohorts.seat_process offer <where>`.

Its database, data and mails are those of its environment. `look` prints what stands there as JSON.
"""

import json
import os
import signal
import sys
from datetime import timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "academy.settings"
django.setup()

from django.core.mail.backends.filebased import EmailBackend  # noqa: E402 (Django is set up first)
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from academy.models import Message, User  # noqa: E402
from cohorts import actions  # noqa: E402
from cohorts.models import Registration, Session  # noqa: E402


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class KilledBeforeTheMail(EmailBackend):
    def send_messages(self, messages):
        die()


class KilledAfterTheMail(EmailBackend):
    def send_messages(self, messages):
        super().send_messages(messages)
        die()


def prepare() -> None:
    from tests.factories import cohorts as make

    cohort = make.open_now(make.CohortFactory())
    member = make.ProjectMemberFactory(person__email="offered@example.org")
    make.ParticipationFactory(project=member.project, cohort=cohort)
    make.SessionFactory(cohorts=[cohort], capacity=1)


def offer(where: str) -> None:
    from django.conf import settings

    if where in ("before_mail", "after_mail"):
        name = {"before_mail": "KilledBeforeTheMail", "after_mail": "KilledAfterTheMail"}[where]
        settings.EMAIL_BACKEND = f"tests.cohorts.seat_process.{name}"
    person = User.objects.get(email="offered@example.org")
    with transaction.atomic():
        actions.register(Session.objects.latest("pk"), by=person, person=person, project=person.project_memberships.get().project)
        if where == "before_commit":
            die()


def later() -> None:
    """Sixteen minutes go by."""
    ago = timezone.now() - timedelta(minutes=16)
    Message.objects.update(created_at=ago)
    Message.objects.filter(tried_at__isnull=False).update(tried_at=ago)


def look() -> None:
    rows = list(Registration.objects.values_list("status", flat=True))
    letters = [row.sent_at is not None for row in Message.objects.filter(address="offered@example.org")]
    print(json.dumps({"places": rows, "sent": letters}))


if __name__ == "__main__":
    {"prepare": prepare, "offer": offer, "later": later, "look": look}[sys.argv[1]](*sys.argv[2:])

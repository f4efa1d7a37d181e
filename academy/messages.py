"""The outbox: a mail is a row first, sent after the commit, at most once per cause and person."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from academy.models import Message, User

logger = logging.getLogger(__name__)

_noted: ContextVar[list[Message] | None] = ContextVar("noted", default=None)
_leaving: ContextVar[list[Message] | None] = ContextVar("leaving", default=None)
AT_ONCE = 30  # letters of one request that leave before it answers: a mail server takes up to a second for each


@contextmanager
def noted() -> Iterator[list[Message]]:
    """The letters that are written inside it, in their order: for a page that shows them before they leave, and checks that it did."""
    letters: list[Message] = []
    token = _noted.set(letters)
    try:
        yield letters
    finally:
        _noted.reset(token)


@contextmanager
def some_at_once() -> Iterator[None]:
    """Of what is queued inside it, the first letters leave with the request as ever; the others are left to the clock (`manage.py tick`).

    For who writes to hundreds: nobody waits minutes for a page, and no proxy gives it up half way.
    """
    token = _leaving.set([])
    try:
        yield
    finally:
        _leaving.reset(token)


def queue(
    to: User,
    *,
    template: str,
    context: dict[str, Any],
    cause: str,
    by: User | None = None,
    reply_to: str = "",
    calendar: str = "",
) -> Message | None:
    """Writes `templates/emails/<template>.txt` and `.html` in the person's language and sends on commit.

    Somebody who has no account yet is a `User` that is not saved: an address and a language. The first line of the text template is
    `Subject: …`. `reply_to` is the address of the person who wrote it; `calendar` an `.ics` file that goes with it. Returns the message, or None when this cause already reached the
    person (or when they have no active account).
    """
    if not to.is_active:
        return None
    with translation.override(to.language):
        context = {**context, "person": to, "base_url": settings.BASE_URL, "language": to.language}
        head, _sep, text = render_to_string(f"emails/{template}.txt", context).lstrip().partition("\n")
        html = render_to_string(f"emails/{template}.html", {**context, "subject": head.removeprefix("Subject:").strip()})
    message, created = Message.objects.get_or_create(
        cause=cause,
        address=to.email,
        defaults={
            "to": to if to.pk else None,
            "reply_to": reply_to,
            "language": to.language,
            "subject": head.removeprefix("Subject:").strip()[:250],
            "body_text": text.strip() + "\n",
            "body_html": html,
            "calendar": calendar,
            "created_by": by,
        },
    )
    if not created:
        return None
    if (letters := _noted.get()) is not None:
        letters.append(message)
    leaving = _leaving.get()
    if leaving is None or len(leaving) < AT_ONCE:
        transaction.on_commit(lambda: deliver(message), robust=True)  # one that breaks does not keep the others
    if leaving is not None:
        leaving.append(message)
    return message


def _add_calendar(mail: EmailMultiAlternatives, calendar: str) -> None:
    """Twice, as the calendar services do it themselves: as another form of the text, which programs act on, and as a file to open."""
    method = re.search(r"^METHOD:(\w+)", calendar, re.MULTILINE)
    mail.attach_alternative(calendar, f"text/calendar; method={method[1] if method else 'PUBLISH'}")
    mail.attach("session.ics", calendar.encode(), "application/ics")


def _written(message: Message) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(subject=message.subject, body=message.body_text, to=[message.address])
    mail.reply_to = [message.reply_to] if message.reply_to else []
    mail.extra_headers["Auto-Submitted"] = "auto-generated"
    mail.extra_headers["Message-ID"] = f"<{message.pk.hex}@{urlsplit(settings.BASE_URL).hostname}>"
    if message.body_html:
        mail.attach_alternative(message.body_html, "text/html")
    if message.calendar:
        _add_calendar(mail, message.calendar)
    return mail


def deliver(message: Message) -> bool:
    """Sends one message now; a failure is kept on the row and `manage.py tick` tries again. Never raises for the network.

    Taking it is one statement, so of two processes one sends it. A process that is killed before it has sent leaves it taken: `tick` takes it
    again later. Killed after the server had it and before the row says so, it leaves twice, under one Message-ID: whoever reads it sees one.
    """
    now = timezone.now()
    taken = Message.objects.unsent().filter(pk=message.pk, attempts=message.attempts)
    if not taken.update(attempts=message.attempts + 1, tried_at=now, last_error=""):
        return False  # replaced, or taken by another process, since it was read
    message.attempts, message.tried_at, message.last_error = message.attempts + 1, now, ""
    row = Message.objects.filter(pk=message.pk)
    try:
        _written(message).send()
    except Exception as error:  # smtplib, sockets, the disk, a letter that cannot be written: whatever it is, the row keeps it
        logger.warning("mail %s not sent: %s", message.pk, error)
        message.last_error = str(error)[:300]
        row.update(last_error=message.last_error or "?")
        return False
    message.sent_at, message.last_error = timezone.now(), ""
    # Cancelled while it left: it is sent all the same, and the row says what happened (both at once it cannot say).
    row.update(sent_at=message.sent_at, cancelled_at=None)
    return True

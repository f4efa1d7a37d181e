"""The outbox sends on commit, once per cause and person, and keeps what failed."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from academy import messages
from academy.models import Message

CONTEXT = {"headline": "Hello"}


@pytest.fixture
def note_template(settings, tmp_path):
    folder = tmp_path / "templates" / "emails"
    folder.mkdir(parents=True)
    (folder / "note.txt").write_text("Subject: A note for {{ person.name }}\n\n{{ headline }}\n")
    (folder / "note.html").write_text("<p>{{ headline }}</p>")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path / "templates", *settings.TEMPLATES[0]["DIRS"]]}]


@pytest.mark.usefixtures("note_template")
def test_mail_goes_out_on_commit_once_per_cause(promoter, coordinator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = messages.queue(promoter, template="note", context=CONTEXT, cause="test:1", by=coordinator)
        second = messages.queue(promoter, template="note", context=CONTEXT, cause="test:1", by=coordinator)
        assert mail.outbox == []
    first.refresh_from_db()
    assert second is None
    assert [(m.subject, m.to, m.body) for m in mail.outbox] == [("A note for Paula Promoter", ["promoter@example.org"], "Hello\n")]
    assert (first.sent_at is not None, first.created_by) == (True, coordinator)


@pytest.mark.usefixtures("note_template")
def test_inactive_person_receives_nothing(promoter):
    promoter.is_active = False
    promoter.save()
    assert messages.queue(promoter, template="note", context=CONTEXT, cause="test:1") is None
    assert Message.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("note_template")
def test_failed_mail_is_kept_and_sent_by_tick(promoter, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with transaction.atomic():
        message = messages.queue(promoter, template="note", context=CONTEXT, cause="test:1")
    message.refresh_from_db()
    assert (message.sent_at, message.attempts, bool(message.last_error)) == (None, 1, True)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    call_command("tick")
    message.refresh_from_db()
    assert (message.sent_at is not None, message.attempts, message.last_error) == (True, 2, "")
    assert len(mail.outbox) == 1


def written(promoter, **said):
    return Message.objects.create(to=promoter, address=promoter.email, language="en", subject="S", body_text="T", **said)


@pytest.mark.django_db
def test_tick_leaves_what_was_just_written_to_who_wrote_it(promoter):
    now = timezone.now()
    written(promoter, cause="new")
    written(promoter, cause="failed", attempts=1, tried_at=now, last_error="No route.", created_at=now)
    written(promoter, cause="leaving", attempts=1, tried_at=now)
    written(promoter, cause="dropped", attempts=1, tried_at=now - timedelta(minutes=16))
    written(promoter, cause="forgotten", created_at=now - timedelta(minutes=16))
    call_command("tick")
    assert sorted(Message.objects.filter(sent_at__isnull=False).values_list("cause", flat=True)) == [
        "dropped",
        "failed",
        "forgotten",
    ]
    assert len(mail.outbox) == 3


class CancelledMeanwhile(EmailBackend):
    """Somebody replaces the decision while its letter is on the way."""

    def send_messages(self, mails):
        Message.objects.unsent().update(cancelled_at=timezone.now())
        return super().send_messages(mails)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("note_template")
def test_cancelled_while_it_leaves_is_kept_as_sent_and_the_next_goes_on(promoter, coordinator, settings):
    settings.EMAIL_BACKEND = f"{__name__}.CancelledMeanwhile"
    with transaction.atomic():
        for person in (promoter, coordinator):
            messages.queue(person, template="note", context=CONTEXT, cause="test:1")
    found = {row.address: (row.sent_at is not None, row.cancelled_at is None, row.attempts) for row in Message.objects.all()}
    assert found == {promoter.email: (True, True, 1), coordinator.email: (False, False, 0)}
    assert [one.to for one in mail.outbox] == [[promoter.email]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("note_template")
def test_letter_that_breaks_does_not_keep_the_others(promoter, coordinator):
    with transaction.atomic():
        broken = messages.queue(promoter, template="note", context=CONTEXT, cause="test:1")
        broken.calendar = 7  # no text: writing the mail fails before it leaves
        messages.queue(coordinator, template="note", context=CONTEXT, cause="test:1")
    assert [one.to for one in mail.outbox] == [[coordinator.email]]


@pytest.mark.django_db
def test_one_letter_in_two_hands_leaves_once(promoter):
    written(promoter, cause="one")
    mine, theirs = Message.objects.get(), Message.objects.get()
    assert [messages.deliver(mine), messages.deliver(theirs), messages.deliver(Message.objects.get())] == [True, False, False]
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_letter_that_leaves_twice_is_one_to_whoever_reads_it(promoter, settings):
    message = written(promoter, cause="one")
    messages.deliver(Message.objects.get())
    Message.objects.update(sent_at=None)  # killed after the server had it, before the row said so
    messages.deliver(Message.objects.get())
    assert {one.message()["Message-ID"] for one in mail.outbox} == {f"<{message.pk.hex}@{urlsplit(settings.BASE_URL).hostname}>"}
    assert len(mail.outbox) == 2

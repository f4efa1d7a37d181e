"""The mails inside the CMS: what was written, whether it left, who of the team reads it, and what will leave by itself."""

from datetime import timedelta

import pytest
from django.core import mail as post
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy.actions import send_again
from academy.models import Message
from academy.rules import RuleViolation
from cohorts import clock
from cohorts.forecast import moments, what_leaves
from cohorts.mails import mails_open_to
from cohorts.models import Application
from tests.factories import cohorts as make
from tests.factories.academy import MessageFactory, UserFactory
from tests.factories.network import NetworkMessageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
INDEX = reverse("mails:index")


def shown(answer):
    return [row.subject for row in answer.context["object_list"]]


def test_the_list_says_what_became_of_each_mail(coordinator, promoter, client_for):
    now = timezone.now()
    MessageFactory(to=promoter, subject="Left", sent_at=now, created_at=now - timedelta(days=2))
    MessageFactory(to=promoter, subject="Stuck", last_error="No answer.", created_at=now - timedelta(days=1))
    MessageFactory(to=promoter, subject="Old", cancelled_at=now, created_at=now - timedelta(days=3))
    MessageFactory(to=promoter, subject="Fresh")
    client = client_for(coordinator)
    assert shown(client.get(INDEX)) == ["Fresh", "Stuck", "Left", "Old"]
    found = {state: shown(client.get(INDEX, {"state": state})) for state in ("sent", "waiting", "failed", "replaced")}
    assert found == {"sent": ["Left"], "waiting": ["Fresh"], "failed": ["Stuck"], "replaced": ["Old"]}
    assert shown(client.get(INDEX, {"q": "stuck"})) == ["Stuck"]
    assert shown(client.get(INDEX, {"q": promoter.email, "state": "sent"})) == ["Left"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_as_much_for_one_mail_as_for_three(number, coordinator, client_for, django_assert_max_num_queries):
    for _one in range(number):
        MessageFactory(to=UserFactory())
    client = client_for(coordinator)
    client.get(INDEX)
    with django_assert_max_num_queries(12):
        assert len(shown(client.get(INDEX))) == number


def test_a_mail_is_read_word_for_word_and_sent_when_it_could_not_be(coordinator, promoter, client_for):
    stuck = MessageFactory(to=promoter, subject="Your seat", body_text="Come on Monday.\n", last_error="No answer.", attempts=8)
    client, page = client_for(coordinator), reverse("cohorts_cms_mail", args=[stuck.pk])
    read = client.get(page)
    assert [part in read.content.decode() for part in ("Your seat", "Come on Monday.", "No answer.")] == [True] * 3
    assert read.context["mail"].state == "failed"
    assert client.post(reverse("cohorts_cms_mail_again", args=[stuck.pk])).url == page
    assert [(one.to, one.subject) for one in post.outbox] == [([promoter.email], "Your seat")]
    stuck.refresh_from_db()
    assert stuck.sent_at is not None
    read = client.get(page)
    assert (read.context["mail"].state, "No answer." in read.content.decode()) == ("sent", False)
    assert ModelLogEntry.objects.get(action="academy.send_again").object_id == str(promoter.pk)
    client.post(reverse("cohorts_cms_mail_again", args=[stuck.pk]))
    assert (len(post.outbox), ModelLogEntry.objects.filter(action="academy.send_again").count()) == (1, 1)


def test_what_was_replaced_is_not_sent_again(coordinator, promoter, client_for):
    old = MessageFactory(to=promoter, cancelled_at=timezone.now())
    page = reverse("cohorts_cms_mail", args=[old.pk])
    address = reverse("cohorts_cms_mail_again", args=[old.pk])
    assert (address in client_for(coordinator).get(page).content.decode(), post.outbox) == (False, [])
    with pytest.raises(RuleViolation) as refusal:
        send_again(old, by=coordinator)
    assert (refusal.value.code, client_for(coordinator).post(address).url, post.outbox) == ("wrong_state", page, [])


def test_a_server_that_still_refuses_is_said_with_its_reason(coordinator, promoter, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody answers there
    stuck = MessageFactory(to=promoter, last_error="No answer.")
    with pytest.raises(RuleViolation, match="Connection refused") as refusal:
        send_again(stuck, by=coordinator)
    stuck.refresh_from_db()
    assert (refusal.value.code, stuck.state, ModelLogEntry.objects.filter(action="academy.send_again").exists()) == (
        "not_sent",
        "failed",
        False,
    )


def test_an_interest_closes_what_is_about_the_project(submitted, promoter, coordinator, client_for):
    other = UserFactory(name="Otto Other")
    to_promoter = MessageFactory(to=promoter, subject="We have your application")
    by_name = MessageFactory(to=other, body_text=f"Read {submitted.project.name} by Monday.")
    by_cause = MessageFactory(to=other, cause=f"application-arrived:{submitted.pk}:1", body_text="Something arrived.")
    own = MessageFactory(to=coordinator, body_text=f"You declared an interest in {submitted.project.name}.")
    free = MessageFactory(to=other, body_text="The session is on Monday.")
    assert set(mails_open_to(coordinator)) == {to_promoter, by_name, by_cause, own, free}
    make.ConflictDeclarationFactory(application=submitted, person=coordinator, kind="declared", reason="Cousins.")
    assert set(mails_open_to(coordinator)) == {own, free}
    client = client_for(coordinator)
    assert {row.pk for row in client.get(INDEX).context["object_list"]} == {own.pk, free.pk}
    pages = [reverse(name, args=[to_promoter.pk]) for name in ("cohorts_cms_mail", "cohorts_cms_mail_again")]
    assert [client.get(pages[0]).status_code, client.post(pages[1]).status_code] == [404, 404]


def test_what_people_write_to_each_other_is_nobody_elses(coordinator, promoter, trainer):
    written = NetworkMessageFactory(to=promoter)
    MessageFactory(to=promoter, cause=written.letter_cause, body_text=written.words)
    assert (mails_open_to(coordinator).count(), mails_open_to(trainer).count()) == (0, 0)


# --- what leaves by itself


@pytest.fixture
def draft(cohort, project):
    cohort.intake_closes_at = timezone.now() + timedelta(days=9)
    cohort.save(update_fields=["intake_closes_at"])
    return make.ApplicationFactory(cohort=cohort, project=project, state="draft")


def coming(strokes):
    return [
        (one.at, letter.address, letter.subject) for one in strokes for letter in one.letters if letter.cause.startswith("application-rem")
    ]


def test_a_rehearsal_shows_what_the_clock_then_writes_and_leaves_nothing(draft, coordinator, promoter, client_for):
    found = coming(what_leaves(coordinator, days=7))
    assert {address for _at, address, _subject in found} == {promoter.email}
    assert (Message.objects.count(), Application.objects.get().state, len(post.outbox)) == (0, "draft", 0)
    for at in dict.fromkeys(at for at, _address, _subject in found):
        before = set(Message.objects.values_list("pk", flat=True))
        clock.strike(at)
        written = Message.objects.exclude(pk__in=before).filter(cause__startswith="application-rem")
        assert [(at, row.address, row.subject) for row in written] == [one for one in found if one[0] == at]
    assert len(found) >= 1
    page = client_for(coordinator).get(reverse("cohorts_cms_mails_to_come"), {"days": 7})
    assert page.status_code == 200


def test_the_page_shows_each_letter_and_says_when_there_is_none(draft, coordinator, promoter, client_for):
    client, page = client_for(coordinator), reverse("cohorts_cms_mails_to_come")
    (first, *_more) = coming(what_leaves(coordinator, days=7))
    assert first[2] in client.get(page, {"days": "7"}).content.decode()
    assert client.get(page, {"days": "400"}).context["days"] == [(0, False), (1, True), (3, False), (7, False)]
    Application.objects.all().delete()
    assert coming(client.get(page, {"days": "7"}).context["strokes"]) == []


def test_a_rehearsal_shows_nothing_of_a_project_in_which_its_reader_has_an_interest(draft, coordinator):
    make.ConflictDeclarationFactory(application=draft, person=coordinator, kind="declared", reason="Cousins.")
    assert coming(what_leaves(coordinator, days=7)) == []


def test_it_looks_at_every_morning_and_a_week_ahead_at_most():
    now = timezone.now()
    found = list(moments(30, now))
    assert (found[0], len(found)) == (now, 8)
    assert {timezone.localtime(one).hour for one in found[1:]} == {9}

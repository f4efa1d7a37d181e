"""A change that matters is told to who had finished, in their language, once; and nobody has to do it again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from academy.rules import RuleViolation
from courses import actions
from courses.clock import strike
from courses.models import ActivityChange, ActivityRecord, Enrolment
from tests.factories.courses import make_course, make_lesson, make_module

pytestmark = pytest.mark.django_db
WORDS = {"fr": "Le seuil a changé.", "en": "The threshold has changed."}


@pytest.fixture
def module():
    return make_module()


@pytest.fixture
def lesson(module):
    return make_lesson(module, title="Thresholds")


@pytest.fixture
def finished(lesson, promoter):
    """Who completed the lesson yesterday."""
    actions.complete_activity(lesson, by=promoter)
    yesterday = timezone.now() - timedelta(days=1)
    ActivityRecord.objects.update(completed_at=yesterday, first_seen_at=yesterday, last_seen_at=yesterday)
    return promoter


def test_change_is_told_once_to_who_had_finished(lesson, finished, other_promoter, trainer):
    actions.record_progress(lesson, by=other_promoter, client="tab", sequence=1, progress=0.5)
    actions.announce_change(lesson, words=WORDS, by=trainer)
    assert strike()["mails about what changed"] == 1
    assert strike()["mails about what changed"] == 0
    mail = Message.objects.get(cause__startswith="courses.changed:")
    assert (mail.address, mail.subject) == (finished.email, "Changed since you finished: ‘Thresholds’")
    assert WORDS["en"] in mail.body_text
    assert lesson.url in mail.body_html


def test_mail_speaks_the_language_of_the_person(lesson, finished, trainer):
    finished.language = "fr"
    finished.save()
    actions.announce_change(lesson, words=WORDS, by=trainer)
    strike()
    assert WORDS["fr"] in Message.objects.get(cause__startswith="courses.changed:").body_text


def test_nothing_is_undone(lesson, finished, trainer):
    before = ActivityRecord.objects.get().completed_at
    actions.announce_change(lesson, words=WORDS, by=trainer)
    strike()
    assert ActivityRecord.objects.get().completed_at == before


@pytest.mark.parametrize("words", [{}, {"fr": "Oui."}, {"fr": "Oui.", "en": "  "}])
def test_it_is_said_in_every_language_or_not_at_all(lesson, trainer, words):
    with pytest.raises(RuleViolation):
        actions.announce_change(lesson, words=words, by=trainer)
    assert not ActivityChange.objects.exists()


def test_a_draft_is_not_told(lesson, trainer):
    lesson.unpublish()
    lesson.refresh_from_db()
    with pytest.raises(RuleViolation) as refusal:
        actions.announce_change(lesson, words=WORDS, by=trainer)
    assert refusal.value.code == "not_live"


def test_course_and_lesson_say_it_until_it_was_read(module, lesson, finished, trainer, client_for, django_capture_on_commit_callbacks):
    course = make_course(modules=(module,))
    Enrolment.objects.create(user=finished, course_key=course.translation_key)
    client = client_for(finished)
    mark = "Changed since you finished"
    assert mark not in client.get(course.url).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        actions.announce_change(lesson, words=WORDS, by=trainer)
    assert mark in client.get(course.url).content.decode()
    html = client.get(lesson.url).content.decode()
    assert mark in html
    assert WORDS["en"] in html
    actions.record_progress(lesson, by=finished, client="tab", sequence=1, progress=1)
    assert mark not in client.get(course.url).content.decode()
    assert WORDS["en"] in client.get(lesson.url).content.decode()


def test_who_finishes_later_is_told_nothing(lesson, promoter, trainer, client_for):
    actions.announce_change(lesson, words=WORDS, by=trainer)
    actions.complete_activity(lesson, by=promoter)
    assert strike()["mails about what changed"] == 0
    assert WORDS["en"] not in client_for(promoter).get(lesson.url).content.decode()


def screen(lesson):
    return reverse("courses_cms_change", args=[lesson.pk])


def test_screen_counts_says_and_keeps_what_was_typed(lesson, finished, trainer, client_for):
    client = client_for(trainer)
    assert client.get(screen(lesson)).context["finished"] == 1
    refused = client.post(screen(lesson), {"fr": WORDS["fr"], "en": ""})
    assert (refused.status_code, WORDS["fr"] in refused.content.decode(), ActivityChange.objects.count()) == (200, True, 0)
    assert client.post(screen(lesson), WORDS).status_code == 302
    change = ActivityChange.objects.get()
    assert (change.words, change.announced_by, change.revision) == (WORDS, trainer, lesson.live_revision_id)
    assert any(words in client.get(screen(lesson)).content.decode() for words in WORDS.values())
    edit = client.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    assert screen(lesson) in edit


def test_screen_is_for_who_publishes(lesson, promoter, reviewer, client_for, client):
    assert [client_for(person).get(screen(lesson)).status_code for person in (promoter, reviewer)] == [302, 302]
    assert client_for(promoter).post(screen(lesson), WORDS).status_code == 302
    assert client.post(screen(lesson), WORDS).status_code == 302
    assert not ActivityChange.objects.exists()

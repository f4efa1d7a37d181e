"""Where a lesson is gone on with: not led back by what another device tells late, and found again in the other language."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from courses import actions
from courses.models import ActivityRecord
from tests.factories.courses import item, make_lesson, make_module, translated

pytestmark = pytest.mark.django_db


def tell(learner, lesson, **fields):
    with translation.override("en"):
        url = reverse("courses_progress", args=[lesson.translation_key])
    return learner.post(url, fields).status_code


def heading(text):
    return {"type": "heading", "id": item("")["id"], "value": {"text": text, "level": "2", "anchor": ""}}


def lesson_of(language, *titles):
    return make_lesson(make_module(language=language), body=[heading(title) for title in titles])


def test_what_another_device_tells_late_does_not_lead_back(client_for, promoter):
    learner, lesson = client_for(promoter), make_lesson(make_module())
    told = {"progress": "0.9", "position": "chapter-9", "seconds": 30}
    assert tell(learner, lesson, client="laptop", sequence=1, **told) == 200
    seen_at = ActivityRecord.objects.get().last_seen_at
    late = {"progress": "0.1", "position": "chapter-1", "seconds": 20}
    assert tell(learner, lesson, client="phone", sequence=1, age=3600, **late) == 200
    record = ActivityRecord.objects.get()
    assert (record.position, record.progress, record.seconds, record.last_seen_at) == ("chapter-9", 0.9, 50, seen_at)


def test_what_one_device_tells_late_in_its_order_leads_on(client_for, promoter):
    learner, lesson, now = client_for(promoter), make_lesson(make_module()), timezone.now()
    for sequence, age in enumerate([600, 300, 60]):
        assert tell(learner, lesson, client="phone", sequence=sequence, age=age, position=f"chapter-{sequence}") == 200
    record = ActivityRecord.objects.get()
    assert record.position == "chapter-2"
    assert now - timedelta(seconds=601) < record.first_seen_at < now - timedelta(seconds=590)
    assert now - timedelta(seconds=61) < record.last_seen_at < now - timedelta(seconds=50)


def test_who_was_there_before_staff_made_their_record_was_there(promoter, trainer):
    lesson = make_lesson(make_module())
    record = actions.excuse_activity(lesson, user=promoter, reason="Ill", by=trainer)
    assert not record.was_seen
    assert actions.record_progress(lesson, by=promoter, client="phone", sequence=1, age=600, position="chapter-2").was_seen


def test_who_changes_language_goes_on_at_the_same_heading(client_for, promoter):
    french = lesson_of("fr", "Le besoin", "Les chiffres", "La suite")
    english = translated(french, "en", body=[heading("The need"), heading("The figures")])
    client = client_for(promoter)
    actions.record_progress(french, by=promoter, client="tab", sequence=1, progress=0.5, position="les-chiffres")
    assert 'href="#les-chiffres"' in client.get(french.url).text
    assert 'href="#the-figures"' in client.get(english.url).text
    actions.record_progress(french, by=promoter, client="tab", sequence=2, progress=0.9, position="la-suite")
    assert "course-resume" not in client.get(english.url).text  # it has no third heading: from the start
    actions.record_progress(english, by=promoter, client="tab", sequence=3, progress=0.9, position="gone")
    assert "course-resume" not in client.get(english.url).text

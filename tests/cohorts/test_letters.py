"""What the letters say, in the reader's language."""

from datetime import timedelta

from django.utils import timezone

from academy.models import Message
from cohorts import actions
from tests.factories import cohorts as make


def test_received_letter_says_what_comes_next_and_by_when(draft, promoter):
    promoter.language = "fr"
    promoter.save()
    actions.submit_application(draft, by=promoter)
    letter = Message.objects.get(to=promoter)
    assert str(timezone.localtime(draft.cohort.starts_at).year) in letter.body_text
    assert "/fr/my/pathway/" in letter.body_text
    assert "/fr/my/pathway/" in letter.body_html


def test_returned_letter_says_that_action_is_required_and_until_when(submitted, coordinator, promoter):
    actions.return_application(submitted, by=coordinator, reason="Count them.", due_at=timezone.now() + timedelta(days=5))
    letter = Message.objects.get(to=promoter)
    assert letter.subject == "Action required: complete your application"
    assert "Count them." in letter.body_html
    assert "at the latest" in letter.body_text
    actions.submit_application(submitted, by=promoter)
    actions.return_application(submitted, by=coordinator, reason="Again.")
    assert "at the latest" not in Message.objects.filter(to=promoter, body_text__contains="Again.").get().body_text


def test_offered_place_names_its_day(session, coordinator, crowd):
    session.capacity = 1
    session.save()
    first, second = crowd(2)
    holder = actions.register(session, by=first.person, person=first.person, project=first.project, payer="person")
    actions.register(session, by=second.person, person=second.person, project=second.project)
    actions.cancel_registration(holder, by=first.person)
    letter = Message.objects.get(to=second.person, subject__startswith="Action required")
    assert "Accept it by" in letter.body_text


def test_asked_reviewer_receives_the_way_there(submitted, coordinator, reviewer):
    actions.assign_reviewer(submitted, by=coordinator, reviewer=reviewer)
    assert "/en/review/" in Message.objects.get(to=reviewer).body_text


def test_admission_asks_for_an_answer(submitted, coordinator, promoter):
    type(submitted).objects.filter(pk=submitted.pk).update(state="deliberation")
    submitted.refresh_from_db()
    actions.release(actions.decide_admission(submitted, by=coordinator, outcome="admitted"), by=coordinator)
    assert Message.objects.get(to=promoter).subject.startswith("Action required")
    assert make.Participation.objects.count() == 1


def test_coordinator_is_led_to_what_came_in(draft, promoter, coordinator):
    draft.cohort.coordinator = coordinator
    draft.cohort.save()
    actions.submit_application(draft, by=promoter)
    letter = Message.objects.get(to=coordinator, subject="An application came in")
    assert "/cms/applications/" in letter.body_text
    assert "/cms/applications/" in letter.body_html

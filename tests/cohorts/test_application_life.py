"""The last day of an application: more time, late with a reason, reminded, lapsed; and what its people are told."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.answers import submitted_answers
from cohorts.clock import strike
from cohorts.deliberation import board_of, release_of
from cohorts.listing.shown import listing_of
from cohorts.models import APPLICATION_MOVES, LATE, PUBLIC_LABELS, Application, ApplicationState, Cohort, Sending
from cohorts.models.application import AS_SENT
from cohorts.whats_next import NEXT, whats_next
from tests.factories import cohorts as make

pytestmark = pytest.mark.usefixtures("strict_templates", "english")


def close(cohort, *, days: float = 1) -> None:
    """The call closed so many days ago."""
    now = timezone.now()
    Cohort.objects.filter(pk=cohort.pk).update(intake_opens_at=now - timedelta(days=40), intake_closes_at=now - timedelta(days=days))


def test_every_state_has_a_public_and_a_staff_label_and_what_happens_next():
    states = set(ApplicationState)
    assert set(PUBLIC_LABELS) == set(NEXT) == states
    for language in ("fr", "en"):
        with translation.override(language):
            assert all(str(PUBLIC_LABELS[state]).strip() and str(NEXT[state]).strip() and str(state.label).strip() for state in states)
    with translation.override("fr"):
        french = [str(words) for table in (PUBLIC_LABELS, NEXT) for words in table.values()]
    with translation.override("en"):
        english = [str(words) for table in (PUBLIC_LABELS, NEXT) for words in table.values()]
    assert [one for one, other in zip(french, english, strict=True) if one == other] == []


def test_late_is_taken_with_a_reason_for_a_while(draft, promoter, coordinator, cohort):
    close(cohort)
    with pytest.raises(RuleViolation, match="why it comes late"):
        actions.submit_application(draft, by=promoter)
    actions.submit_application(draft, by=promoter, late_reason="The river rose.")
    assert (draft.state, draft.late_reason) == ("submitted", "The river rose.")
    assert "The river rose." in Message.objects.get(address=coordinator.email).body_text


def test_after_that_it_is_over(draft, promoter, cohort):
    close(cohort, days=LATE.days + 1)
    with pytest.raises(RuleViolation, match="The call is closed"):
        actions.submit_application(draft, by=promoter, late_reason="The river rose.")


def test_in_time_no_reason_is_kept(draft, promoter):
    actions.submit_application(draft, by=promoter, late_reason="Not late at all.")
    assert draft.late_reason == ""


def test_a_late_form_asks_why_and_keeps_what_was_typed(client_for, promoter, draft, cohort):
    close(cohort)
    client, address = client_for(promoter), reverse("cohorts_application", args=[draft.pk])
    assert 'name="late_reason"' in client.get(address).content.decode()
    page = client.post(address, {"team": "Us two.", "intent": "submit"})
    late = page.context["late_form"]["late_reason"]
    assert (late.field.required, list(late.errors)) == (True, page.context["form"].non_field_errors())
    typed = client.post(address, {"team": "", "late_reason": "The river rose.", "intent": "submit"})
    assert typed.context["late_form"]["late_reason"].value() == "The river rose."
    client.post(address, {"team": "Us two.", "late_reason": "The river rose.", "intent": "submit"})
    draft.refresh_from_db()
    assert (draft.state, draft.late_reason) == ("submitted", "The river rose.")


def test_more_time_for_one_project(client_for, promoter, coordinator, draft, cohort):
    close(cohort)
    until = timezone.now() + timedelta(days=5)
    with pytest.raises(RuleViolation, match="Say why"):
        actions.extend_application(draft, by=coordinator, until=until, reason=" ")
    with pytest.raises(RuleViolation, match="after the present last day"):
        actions.extend_application(draft, by=coordinator, until=timezone.now() - timedelta(hours=1), reason="Flood.")
    with pytest.raises(RuleViolation, match="before the cohort starts"):
        actions.extend_application(draft, by=coordinator, until=cohort.starts_at + timedelta(days=1), reason="Flood.")
    actions.extend_application(draft, by=coordinator, until=until, reason="Flood.")
    assert Message.objects.get(cause__startswith="application-extended:").address == promoter.email
    page = client_for(promoter).get(reverse("cohorts_application", args=[draft.pk])).content.decode()
    assert "personnelle" in page or "personal extension" in page
    Cohort.objects.filter(pk=cohort.pk).update(state="reviewing")
    actions.submit_application(draft, by=promoter)
    assert (draft.state, draft.late_reason) == ("submitted", "")


def test_a_coordinator_gives_it_from_the_page_of_the_cohort(client_for, coordinator, promoter, draft, cohort):
    close(cohort)
    until = timezone.localtime(timezone.now() + timedelta(days=4)).strftime("%Y-%m-%d %H:%M")
    data = {"extend-application": str(draft.pk), "extend-until": until, "extend-reason": "Flood."}
    address = reverse("cohorts_cms_cohort_verb", args=[cohort.pk, "extend"])
    client_for(promoter).post(address, data)
    draft.refresh_from_db()
    assert draft.extended_until is None
    assert client_for(coordinator).post(address, data).status_code == 302
    draft.refresh_from_db()
    assert (draft.extended_by, draft.extension_reason) == (coordinator, "Flood.")


def test_a_return_has_its_own_last_day(draft, promoter, coordinator):
    actions.submit_application(draft, by=promoter)
    due = timezone.now() + timedelta(days=2)
    actions.return_application(draft, by=coordinator, reason="Count them.", due_at=due)
    assert whats_next(draft).by == due
    assert whats_next(draft, now=due + timedelta(hours=1)).is_late
    actions.extend_application(draft, by=coordinator, until=due + timedelta(days=2), reason="Asked by phone.")
    assert whats_next(draft).by == due + timedelta(days=2)


def test_a_return_ends_before_the_cohort_starts_and_with_its_start(draft, promoter, coordinator, cohort):
    """Whatever date it has, and where it has none: nothing is sent into a cohort that runs, and what the project reads happens."""
    actions.submit_application(draft, by=promoter)
    with pytest.raises(RuleViolation, match="before the cohort starts"):
        actions.return_application(draft, by=coordinator, reason="Count them.", due_at=cohort.starts_at + timedelta(hours=1))
    actions.return_application(draft, by=coordinator, reason="Count them.")
    other = make.SubmittedApplicationFactory(cohort=cohort)
    snapshot = make.ApplicationSnapshotFactory(application=other, content={"project": {}, "answers": {}})
    actions.return_application(other, by=coordinator, reason="Count them.", due_at=timezone.now() + timedelta(days=20))
    assert strike()["taken up as last sent"] == 0
    Cohort.objects.filter(pk=cohort.pk).update(state="running")
    for row in (draft, other):
        row.refresh_from_db()
        assert (row.may_be_sent(), whats_next(row).by) == (Sending.CLOSED, None)
        assert str(whats_next(row).words).startswith("The time to complete it is over: we go on with your application")
    with pytest.raises(RuleViolation, match="The time to complete this application is over"):
        actions.submit_application(draft, by=promoter)
    assert strike()["taken up as last sent"] == 2
    assert set(Application.objects.values_list("state", flat=True)) == {"submitted"}
    assert snapshot in other.snapshots.all()
    with pytest.raises(RuleViolation, match="takes no applications any more"):
        actions.return_application(draft, by=coordinator, reason="Count them again.")


@pytest.mark.parametrize("state", ["submitted", "under_review", "deliberation"])
def test_a_decision_that_is_late_says_so(submitted, state, english):
    Application.objects.filter(pk=submitted.pk).update(state=state)
    submitted.refresh_from_db()
    starts = submitted.cohort.starts_at
    told = whats_next(submitted, now=starts - timedelta(hours=1))
    assert (told.by_words, told.words) == ("We decide before the cohort starts, on", NEXT[state])
    late = whats_next(submitted, now=starts + timedelta(hours=1))
    assert (late.by_words, late.by) == ("We are late: we were to decide before the cohort started, on", starts)
    assert late.words == "It waits for our decision, which is late. Ask the person named here when it comes; you need do nothing else."


def reminders() -> list[tuple[str, str]]:
    rows = Message.objects.filter(cause__startswith="application-reminder:").order_by("created_at")
    return [(row.address, row.cause.split(":")[2]) for row in rows]


def test_drafts_are_reminded_twice_then_lapse(draft, promoter, cohort):
    Application.objects.update(created_at=timezone.now() - timedelta(days=9))
    Cohort.objects.update(intake_closes_at=timezone.now() + timedelta(days=10))
    closes = Cohort.objects.get(pk=cohort.pk).intake_closes_at
    for hours in (8 * 24, 6 * 24, 5 * 24, 20, 2, 1):
        strike(closes - timedelta(hours=hours))
        strike(closes - timedelta(hours=hours))
    assert reminders() == [(promoter.email, "7"), (promoter.email, "1")]
    assert strike(closes + LATE - timedelta(hours=1)) == {}
    assert strike(closes + LATE) == {"drafts lapsed": 1}
    assert strike(closes + LATE) == {}
    assert Application.objects.get().state == "lapsed"


def test_a_missed_week_sends_the_last_reminder_only(draft, promoter, cohort):
    Application.objects.update(created_at=timezone.now() - timedelta(days=9))
    strike(Cohort.objects.get(pk=cohort.pk).intake_closes_at - timedelta(hours=3))
    assert reminders() == [(promoter.email, "1")]


def test_who_sent_or_gave_up_is_not_reminded(draft, submitted_of, cohort):
    Application.objects.update(created_at=timezone.now() - timedelta(days=9))
    draft.refresh_from_db()
    actions.withdraw_application(draft, by=draft.project.memberships.get().person)
    strike(Cohort.objects.get(pk=cohort.pk).intake_closes_at - timedelta(hours=3))
    assert reminders() == []


@pytest.fixture
def submitted_of(cohort):
    member = make.ProjectMemberFactory()
    return make.SubmittedApplicationFactory(project=member.project, cohort=cohort, submitted_by=member.person)


def test_its_people_are_told_state_next_when_and_whom_to_ask(client_for, promoter, coordinator, submitted):
    for name, args in (("cohorts_application", [submitted.pk]), ("cohorts_my_pathway", [])):
        page = client_for(promoter).get(reverse(name, args=args).replace("/fr/", "/en/")).content.decode()
        assert "Received" in page
        assert "people who have no tie to your project read it" in page
        assert str(coordinator) in page
        assert "mailto:" in page


def test_late_is_said_to_the_coordinator_in_their_language(draft, promoter, coordinator, cohort):
    close(cohort)
    type(coordinator).objects.filter(pk=coordinator.pk).update(language="fr")
    actions.submit_application(draft, by=promoter, late_reason="The river rose.")
    words = Message.objects.get(address=coordinator.email).body_text
    assert "En retard\u00a0: The river rose." in words
    assert ModelLogEntry.objects.get(action="cohorts.submit_application").data["late"] == "The river rose."


def test_a_call_in_reading_takes_no_draft_and_says_so_in_one_that_is_there(client_for, promoter, other_promoter, draft, cohort):
    Cohort.objects.filter(pk=cohort.pk).update(state="reviewing")
    with pytest.raises(RuleViolation) as refusal:
        actions.start_application(reread_cohort(cohort), by=other_promoter, name="Too late")
    assert refusal.value.code == "closed"
    start = client_for(other_promoter).get(reverse("cohorts_start", args=[cohort.pk]).replace("/fr/", "/en/")).content.decode()
    assert "This call takes no new applications now." in start
    assert 'name="name"' not in start
    page = client_for(promoter).get(reverse("cohorts_application", args=[draft.pk]).replace("/fr/", "/en/")).content.decode()
    assert "This call takes no more applications." in page
    assert 'value="submit"' not in page


def reread_cohort(cohort) -> Cohort:
    return Cohort.objects.get(pk=cohort.pk)


def test_what_was_prepared_about_a_withdrawn_application_is_nobodys(draft, promoter, coordinator, cohort):
    Application.objects.filter(pk=draft.pk).update(state="deliberation", submitted_at=timezone.now(), submitted_by=promoter)
    draft.refresh_from_db()
    pending = actions.decide_admission(draft, by=coordinator, outcome="admitted", reasons="So.")
    actions.withdraw_application(draft, by=promoter)
    pending.refresh_from_db()
    assert pending.superseded_at is not None
    with pytest.raises(RuleViolation):
        actions.release(pending, by=coordinator)
    board, letters = board_of(reread_cohort(cohort), reader=coordinator), release_of(reread_cohort(cohort), reader=coordinator)
    assert (board.standings, board.places.coming, letters.prepared) == ([], 0, [])


@pytest.mark.parametrize("state", ApplicationState)
def test_it_may_be_withdrawn_where_the_machine_says_so(client_for, promoter, submitted, state):
    Application.objects.filter(pk=submitted.pk).update(state=state)
    page = client_for(promoter).get(reverse("cohorts_application", args=[submitted.pk]))
    assert page.context["may_withdraw"] == ("withdrawn" in APPLICATION_MOVES[state])


@pytest.mark.parametrize("reason", ["The river\x00 rose.", "Because. " * 300], ids=["a sign that no database keeps", "too long"])
def test_a_reason_that_cannot_be_kept_is_said_and_not_cut(client_for, promoter, draft, cohort, reason):
    close(cohort)
    page = client_for(promoter).post(reverse("cohorts_application", args=[draft.pk]), {"late_reason": reason, "intent": "submit"})
    assert (page.status_code, list(page.context["late_form"].errors)) == (200, ["late_reason"])
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_what_is_decided_is_not_withdrawn_and_its_page_says_so(client_for, promoter, submitted):
    Application.objects.filter(pk=submitted.pk).update(state="declined")
    client, address = client_for(promoter), reverse("cohorts_application_withdraw", args=[submitted.pk])
    for answer in (client.get(address), client.post(address, headers={"Referer": f"http://testserver{address}"})):
        assert answer.headers["Location"] == reverse("cohorts_application", args=[submitted.pk])


def returned(draft, promoter, coordinator, **given):
    """Sent, and asked for something more."""
    actions.submit_application(draft, by=promoter)
    return actions.return_application(draft, by=coordinator, reason="Count them.", **given)


def test_a_returned_application_is_reminded_before_its_date(draft, promoter, coordinator):
    due = timezone.now() + timedelta(days=9)
    returned(draft, promoter, coordinator, due_at=due)
    for hours in (8 * 24, 6 * 24, 5 * 24, 20, 2):
        strike(due - timedelta(hours=hours))
        strike(due - timedelta(hours=hours))
    assert reminders() == [(promoter.email, "7"), (promoter.email, "1")]
    letter = Message.objects.filter(cause__startswith="application-reminder:").latest("created_at")
    assert letter.subject == "Action required: complete your application"
    assert "we go on with your application as you last sent it" in letter.body_text


def test_who_was_given_two_days_is_not_reminded_of_the_week(draft, promoter, coordinator):
    due = timezone.now() + timedelta(days=2)
    returned(draft, promoter, coordinator, due_at=due)
    strike(timezone.now() + timedelta(hours=1))
    assert reminders() == []
    strike(due - timedelta(hours=3))
    assert reminders() == [(promoter.email, "1")]


def test_after_its_date_a_returned_application_is_in_the_round_again_as_it_was_last_sent(draft, promoter, coordinator):
    due = timezone.now() + timedelta(days=2)
    returned(draft, promoter, coordinator, due_at=due)
    with pytest.raises(RuleViolation, match="may yet send it"):
        actions.take_up_application(draft, by=coordinator)
    assert strike(due + LATE - timedelta(hours=1))["taken up as last sent"] == 0
    assert strike(due + LATE)["taken up as last sent"] == 1
    assert strike(due + LATE)["taken up as last sent"] == 0
    draft.refresh_from_db()
    assert (draft.state, draft.return_due_at, draft.state_reason, draft.snapshots.count()) == ("submitted", None, "", 1)
    assert not draft.has_unsent_words
    told = dict(Message.objects.filter(cause__startswith="application-taken-up:").values_list("address", "subject"))
    assert told == {
        promoter.email: "We go on with your application as you last sent it",
        coordinator.email: "An application goes on as it was last sent",
    }
    actions.return_application(draft, by=coordinator, reason="Once more.")
    assert Message.objects.filter(cause__startswith="application-returned:", address=promoter.email).count() == 2


def test_what_was_typed_and_not_sent_is_nobodys_to_read_then(draft, promoter, coordinator):
    due = timezone.now() + timedelta(days=2)
    returned(draft, promoter, coordinator, due_at=due)
    actions.save_draft(draft, by=promoter, answers={"expectations": "A word half typed.", "team": "Somebody else."})
    strike(due + LATE)
    draft.refresh_from_db()
    assert (draft.state, draft.has_unsent_words, draft.expectations) == ("submitted", True, "A word half typed.")
    actions.declare_ineligible(draft, by=coordinator, reason="Another country.")
    assert not Application.objects.filter(AS_SENT, pk=draft.pk).exists()
    found = listing_of(coordinator, QueryDict("q=typed"))
    assert list(found.all_rows) == []
    page = submitted_answers(draft)
    assert page["expectations"] != "A word half typed."


def test_what_is_sent_again_is_read_as_it_stands(draft, promoter, coordinator):
    returned(draft, promoter, coordinator)
    actions.save_draft(draft, by=promoter, answers={"expectations": "A word half typed."})
    actions.take_up_application(draft, by=coordinator)
    assert draft.has_unsent_words
    actions.return_application(draft, by=coordinator, reason="Send it.")
    actions.submit_application(draft, by=promoter)
    assert not draft.has_unsent_words
    assert Application.objects.filter(AS_SENT, pk=draft.pk).exists()


def test_its_page_says_that_we_go_on_without(client_for, draft, promoter, coordinator):
    due = timezone.now() + timedelta(days=2)
    returned(draft, promoter, coordinator, due_at=due)
    Application.objects.filter(pk=draft.pk).update(return_due_at=timezone.now() - LATE - timedelta(hours=1))
    for name, args in (("cohorts_application", [draft.pk]), ("cohorts_my_pathway", [])):
        page = client_for(promoter).get(reverse(name, args=args).replace("/fr/", "/en/")).content.decode()
        assert "we go on with your application as you last sent it" in page
        assert "Complete your application" not in page


def test_a_call_closed_early_is_late_from_then_on_and_not_again_after_its_old_date(draft, promoter, coordinator, cohort):
    announced = timezone.now() + timedelta(days=20)
    Cohort.objects.filter(pk=cohort.pk).update(intake_closes_at=announced, starts_at=announced + timedelta(days=30))
    actions.start_reviewing(reread_cohort(cohort), by=coordinator)
    closed = reread_cohort(cohort).intake_closes_at
    assert closed <= timezone.now()
    draft.refresh_from_db()
    draft.cohort.refresh_from_db()
    said = [draft.may_be_sent(at) for at in (closed + timedelta(hours=1), closed + LATE, announced + timedelta(hours=1))]
    assert said == [Sending.LATE, Sending.CLOSED, Sending.CLOSED]
    [letter] = Message.objects.filter(cause__startswith="call-closed-early:")
    assert (letter.address, letter.subject) == (promoter.email, "The call has closed earlier than announced")
    entry = ModelLogEntry.objects.get(action="cohorts.move_cohort")
    assert entry.data == {"to": "reviewing", "announced": announced.isoformat()}
    with pytest.raises(RuleViolation, match="Move the dates first"):
        actions.open_cohort(reread_cohort(cohort), by=coordinator)


def test_a_call_that_has_not_begun_is_not_closed(coordinator, cohort):
    now = timezone.now()
    Cohort.objects.filter(pk=cohort.pk).update(intake_opens_at=now + timedelta(days=2), intake_closes_at=now + timedelta(days=9))
    with pytest.raises(RuleViolation, match="has not begun"):
        actions.start_reviewing(reread_cohort(cohort), by=coordinator)


def test_a_call_closed_after_its_last_day_keeps_it_and_writes_to_nobody(draft, coordinator, cohort):
    close(cohort)
    last = reread_cohort(cohort).intake_closes_at
    actions.start_reviewing(reread_cohort(cohort), by=coordinator)
    assert reread_cohort(cohort).intake_closes_at == last
    assert not Message.objects.exists()

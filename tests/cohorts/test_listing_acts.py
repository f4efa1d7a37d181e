"""Acting on many applications at once: rehearsed, refused in the verbs' own words, done one by one."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation

from academy import messages
from academy.models import Message
from cohorts.listing import bulk
from cohorts.models import Application, CallLetter, Cohort, Determination
from tests.factories import cohorts as make

pytestmark = pytest.mark.django_db
ACT, INDEX = "applications:act", "applications:index"


@pytest.fixture
def three(cohort):
    """Two that are submitted, and one that is declined."""

    def apply(name, state):
        project = make.ProjectFactory(name=name)
        make.ProjectMemberFactory(project=project, person__email=f"{name.lower()}@lead.example")
        return make.SubmittedApplicationFactory(project=project, cohort=cohort, state=state)

    return [apply(name, state) for name, state in (("Alba", "submitted"), ("Bruma", "submitted"), ("Cima", "declined"))]


def keys(rows):
    return ",".join(str(row.pk) for row in rows)


def states():
    return dict(Application.objects.values_list("project__name", "state"))


BEFORE = {"Alba": "submitted", "Bruma": "submitted", "Cima": "declined"}


def test_preview_says_what_will_happen_and_what_is_refused_and_changes_nothing(client_for, coordinator, three):
    form = {"verb": "return", "row": [str(row.pk) for row in three], "step": "preview", "reason": "Send the statutes."}
    answer = client_for(coordinator).post(reverse(ACT), form)
    assert [row.project.name for row in answer.context["good"]] == ["Alba", "Bruma"]
    ((reason, number, who),) = answer.context["refused"]
    assert (number, who) == (1, "Cima")
    assert reason
    assert states() == BEFORE
    assert (Message.objects.count(), len(mail.outbox)) == (0, 0)


def test_each_row_is_done_or_refused_by_itself(client_for, coordinator, three):
    answer = do(client_for(coordinator), "return", three, reason="Send the statutes.")
    assert states() == {"Alba": "returned", "Bruma": "returned", "Cima": "declined"}
    said = [str(message) for message in answer.context["messages"]]
    assert len(said) == 2
    assert "Cima" in said[1]


def test_every_row_that_the_filters_list_not_only_the_page(client_for, coordinator, three, monkeypatch):
    monkeypatch.setattr("cohorts.listing.shown.PAGE", 1)
    form = {"verb": "ineligible", "every": "1", "query": "state=submitted", "step": "preview", "reason": "Too late."}
    client = client_for(coordinator)
    answer = client.post(reverse(ACT), form)
    assert sorted(row.project.name for row in answer.context["good"]) == ["Alba", "Bruma"]
    shown = {"row": answer.context["keys"], "stamp": answer.context["stamp"], "step": "do"}
    client.post(reverse(ACT), {"verb": "ineligible", "query": "state=submitted", "reason": "Too late.", **shown})
    assert states() == {"Alba": "ineligible", "Bruma": "ineligible", "Cima": "declined"}


def test_one_reviewer_is_asked_for_all_but_where_they_have_an_interest(client_for, coordinator, reviewer, three):
    make.ConflictDeclarationFactory(application=three[0], person=reviewer)
    form = {"verb": "assign", "row": keys(three[:2]), "step": "preview", "reviewer": reviewer.pk, "due_on": ""}
    client = client_for(coordinator)
    answer = client.post(reverse(ACT), form)
    assert [row.project.name for row in answer.context["good"]] == ["Bruma"]
    client.post(reverse(ACT), {**form, "step": "do"})
    assert [row.reviewer for row in three[1].assignments.all()] == [reviewer]
    assert not three[0].assignments.exists()


def test_what_is_missing_is_asked_again_with_what_was_typed(client_for, coordinator, three):
    answer = client_for(coordinator).post(reverse(ACT), {"verb": "return", "row": keys(three), "step": "preview", "reason": ""})
    assert "reason" in answer.context["form"].errors
    assert answer.context["keys"] == keys(sorted(three, key=lambda row: row.project.name))


def test_letter_is_previewed_then_reaches_each_person_once(client_for, coordinator, three, django_capture_on_commit_callbacks):
    client, letter = client_for(coordinator), str(uuid.uuid4())
    form = {"verb": "write", "row": keys(three), "subject": "The 12th", "text": "We meet at noon.", "letter": letter}
    answer = client.post(reverse(ACT), {**form, "step": "preview"})
    html = answer.content.decode()
    assert "We meet at noon." in html
    assert coordinator.email in html
    assert len(answer.context["people"]) == 3
    assert not Message.objects.exists()
    for _twice in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse(ACT), {**form, "step": "do"})
    assert sorted(message.to[0] for message in mail.outbox) == ["alba@lead.example", "bruma@lead.example", "cima@lead.example"]
    assert {(message.subject, tuple(message.reply_to)) for message in mail.outbox} == {("The 12th", (coordinator.email,))}


def test_nothing_is_done_to_what_one_may_not_read(client_for, coordinator, three):
    make.ConflictDeclarationFactory(application=three[0], person=coordinator)
    form = {"verb": "ineligible", "row": keys(three[:2]), "step": "do", "reason": "No."}
    answer = client_for(coordinator).post(reverse(ACT), {**form, "step": "preview"})
    assert "Alba" not in answer.content.decode()
    client_for(coordinator).post(reverse(ACT), {**form, "stamp": answer.context["stamp"]})
    assert states() == {**BEFORE, "Bruma": "ineligible"}


@pytest.mark.parametrize("who", ["trainer", "reviewer", "promoter", "other_promoter", "visitor"])
def test_nobody_else_acts(who, request, client_for, visitor_client, three):
    client = visitor_client if who == "visitor" else client_for(request.getfixturevalue(who))
    answer = client.post(reverse(ACT), {"verb": "ineligible", "every": "1", "step": "do", "reason": "No."})
    assert answer.status_code == 302
    assert states() == BEFORE


def test_unknown_verb_is_not_there_and_a_reload_leads_to_the_list(client_for, coordinator, three):
    client = client_for(coordinator)
    assert client.post(reverse(ACT), {"verb": "explode", "every": "1"}).status_code == 404
    assert client.get(reverse(ACT)).headers["Location"] == reverse(INDEX)


@pytest.mark.parametrize("row", ["", "nonsense", str(uuid.UUID(int=7))])
def test_nothing_chosen_is_said(row, client_for, coordinator, three):
    answer = client_for(coordinator).post(reverse(ACT), {"verb": "return", "row": row}, follow=True)
    assert len(answer.context["messages"]) == 1


def test_any_number_is_done_a_parcel_at_a_time(client_for, coordinator, three, monkeypatch):
    monkeypatch.setattr(bulk, "PARCEL", 1)
    monkeypatch.setattr(bulk, "SHOWN", 2)
    client = client_for(coordinator)
    with translation.override("en"):
        said = {"verb": "return", "reason": "Send the statutes.", "due_at": ""}
        page = client.post(reverse(ACT), {**said, "every": "1", "step": "preview"})
        assert (page.context["tried"], page.context["later"]) == (1, 2)
        assert (page.context["number"], page.context["unnamed"], len(page.context["good"])) == (3, 1, 1)
        seen, form = [], {**said, "row": page.context["keys"], "stamp": page.context["stamp"], "step": "do"}
        while True:
            page = client.post(reverse(ACT), form)
            outcome = page.context["outcome"]
            seen.append((page.context["left"], outcome.done, [(number, who) for _reason, number, who in outcome.lines]))
            if not page.context["left"]:
                break
            form |= {"row": page.context["keys"], "so_far": outcome.said, "stamp": page.context["stamp"]}
    assert seen == [(2, 1, []), (1, 2, []), (0, 2, [(1, ["Cima"])])]
    assert states() == {"Alba": "returned", "Bruma": "returned", "Cima": "declined"}
    assert page.context["left"] == 0


def test_an_hour_is_that_of_one_clock_whatever_is_left(client_for, coordinator, three, monkeypatch):
    """Typed on the Academy’s clock, as there were two; the one that is left last is in Lima."""
    monkeypatch.setattr(bulk, "PARCEL", 1)
    last = Application.objects.get(project__name="Bruma")
    Application.objects.filter(project__name="Cima").delete()
    other = make.CohortFactory(pathway=last.cohort.pathway, rubric=last.cohort.rubric, coordinator=coordinator, time_zone="America/Lima")
    Application.objects.filter(pk=last.pk).update(cohort=make.open_now(other))
    client, day = client_for(coordinator), timezone.localdate() + timedelta(days=9)
    said = {"verb": "return", "reason": "Send the statutes.", "due_at": f"{day} 12:00"}
    page = client.post(reverse(ACT), {**said, "every": "1", "step": "preview"})
    carried = dict(re.findall(r'name="(row|stamp|clock)" value="([^"]*)"', page.content.decode()))
    page = client.post(reverse(ACT), {**said, **carried, "step": "do"})
    carried = dict(re.findall(r'name="(row|stamp|clock|so_far)" value="([^"]*)"', page.content.decode()))
    client.post(reverse(ACT), {**said, **carried, "step": "do"})
    due = Application.objects.order_by("project__name").values_list("return_due_at", flat=True)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Europe/Brussels"))
    assert (list(due), carried["clock"]) == ([noon, noon], "Europe/Brussels")


def test_a_call_with_letters_of_its_own_that_is_done_does_not_stop_the_others(client_for, coordinator, three, monkeypatch):
    """The stamp is of the calls that are left."""
    monkeypatch.setattr(bulk, "PARCEL", 1)
    first = Application.objects.get(project__name="Alba")
    other = make.open_now(make.CohortFactory(pathway=first.cohort.pathway, rubric=first.cohort.rubric, coordinator=coordinator))
    Application.objects.filter(pk=first.pk).update(cohort=other)
    CallLetter.objects.create(cohort=other, occasion="returned", subject={"en": "Once more", "fr": "Encore"}, body={"en": "B", "fr": "B"})
    client = client_for(coordinator)
    said = {"verb": "return", "reason": "Send the statutes.", "due_at": ""}
    page = client.post(reverse(ACT), {**said, "every": "1", "step": "preview"})
    form = {**said, "row": page.context["keys"], "stamp": page.context["stamp"], "step": "do"}
    page = client.post(reverse(ACT), form)
    page = client.post(
        reverse(ACT),
        form | {key: page.context[key] for key in ("stamp",)} | {"row": page.context["keys"], "so_far": page.context["outcome"].said},
    )
    assert (page.context["outcome"].done, states()["Alba"], states()["Bruma"]) == (2, "returned", "returned")


def test_a_choice_that_was_half_done_and_comes_back_spoilt_goes_on(client_for, coordinator, three):
    for outcome in ("nonsense", "[]", '{"done": "x"}'):
        page = client_for(coordinator).post(
            reverse(ACT), {"verb": "start-review", "row": keys(three), "step": "do", "so_far": outcome}, follow=True
        )
        assert page.status_code == 200


def test_no_parcel_waits_for_more_than_the_first_letters(client_for, coordinator, three, monkeypatch, django_capture_on_commit_callbacks):
    """A mail server takes up to a second for each: the others are left to the clock, none is lost."""
    monkeypatch.setattr(messages, "AT_ONCE", 1)
    with django_capture_on_commit_callbacks(execute=True):
        do(client_for(coordinator), "ineligible", three, reason="Outside the country.")
    assert (len(mail.outbox), Message.objects.count(), Message.objects.unsent().count()) == (1, 2, 1)


def test_the_letters_of_many_are_shown_word_for_word_and_those_leave(client_for, coordinator, three):
    client = client_for(coordinator)
    said = {"verb": "ineligible", "row": keys(three), "reason": "Outside the country."}
    page = client.post(reverse(ACT), {**said, "step": "preview"})
    shown = {(letter.address, letter.subject, letter.body_text) for letter in page.context["letters"]}
    assert {address for address, _subject, _body in shown} == {"alba@lead.example", "bruma@lead.example"}
    assert all("Outside the country." in body for _address, _subject, body in shown)
    assert "Outside the country." in page.content.decode()
    make.CallLetterFactory(cohort=three[0].cohort, occasion="ineligible", body={"fr": "Non.", "en": "No."})
    changed = client.post(reverse(ACT), {**said, "step": "do", "stamp": page.context["stamp"]})
    assert (changed.context["is_changed"], states()) == (True, BEFORE)
    shown = {(letter.address, letter.subject, letter.body_text) for letter in changed.context["letters"]}
    client.post(reverse(ACT), {**said, "step": "do", "stamp": changed.context["stamp"]})
    assert states() == {"Alba": "ineligible", "Bruma": "ineligible", "Cima": "declined"}
    assert set(Message.objects.values_list("address", "subject", "body_text")) == shown


@pytest.mark.parametrize("verb", bulk.ACTS)
def test_first_step_of_every_act_is_a_page(verb, client_for, coordinator, three):
    answer = client_for(coordinator).post(reverse(ACT), {"verb": verb, "row": keys(three)})
    assert answer.status_code == 200
    assert len(answer.context["rows"]) == 3


def do(client, verb, rows, **said):
    said |= {"verb": verb, "row": keys(rows)}
    stamp = client.post(reverse(ACT), {**said, "step": "preview"}).context["stamp"]
    return client.post(reverse(ACT), {**said, "step": "do", "stamp": stamp}, follow=True)


def test_decision_is_prepared_for_all_but_where_one_is_prepared(client_for, coordinator, three):
    Application.objects.update(state="deliberation")
    own = make.DeterminationFactory(application=three[2], outcome="reserve", reasons="Its own.")
    said = {"outcome": "declined", "reasons": "Too many."}
    client = client_for(coordinator)
    preview = client.post(reverse(ACT), {"verb": "decide", "row": keys(three), "step": "preview", **said})
    assert [row.project.name for row in preview.context["good"]] == ["Alba", "Bruma"]
    answer = do(client, "decide", three, **said)
    found = Determination.objects.pending().order_by("application__project__name")
    assert list(found.values_list("application__project__name", "outcome", "reasons")) == [
        ("Alba", "declined", "Too many."),
        ("Bruma", "declined", "Too many."),
        ("Cima", "reserve", "Its own."),
    ]
    assert found[2] == own
    assert "Cima" in str(list(answer.context["messages"])[1])


def test_more_time_is_given_to_two(client_for, coordinator, three):
    Application.objects.filter(pk__in=[row.pk for row in three[:2]]).update(state="returned", return_due_at=timezone.now())
    until = timezone.localtime(timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    do(client_for(coordinator), "extend", three, until=until.strftime("%Y-%m-%d %H:%M"), reason="A flood.")
    found = Application.objects.order_by("project__name").values_list("extended_until", "extension_reason")
    assert list(found) == [(until, "A flood."), (until, "A flood."), (None, "")]


def test_reading_of_two_is_closed(client_for, coordinator, three):
    Application.objects.filter(pk__in=[row.pk for row in three[:2]]).update(state="under_review")
    do(client_for(coordinator), "deliberate", three, reason="Two were ill.")
    assert states() == {"Alba": "deliberation", "Bruma": "deliberation", "Cima": "declined"}


def test_the_preview_says_choices_people_and_moments_in_words(client_for, coordinator, reviewer, three):
    client = client_for(coordinator)
    with translation.override("en"):
        Application.objects.update(state="deliberation")
        decided = {"verb": "decide", "row": keys(three), "step": "preview", "outcome": "admitted", "reasons": "So."}
        answer = client.post(reverse(ACT), {**decided, "answer_by": "2099-05-04 12:00"}, headers={"Accept-Language": "en"})
    assert [words for _label, words in answer.context["said"]] == ["Admitted", "So.", "2099-05-04 12:00"]
    asked = client.post(reverse(ACT), {"verb": "assign", "row": keys(three), "step": "preview", "reviewer": reviewer.pk})
    assert [words for _label, words in asked.context["said"]] == [str(reviewer)]


def test_moments_are_typed_on_the_clock_of_the_cohort_that_they_are_of(client_for, coordinator, three, settings):
    Cohort.objects.update(time_zone="America/Martinique", starts_at=datetime(2099, 6, 1, tzinfo=UTC))
    do(client_for(coordinator), "return", three[:2], reason="Send the statutes.", due_at="2099-05-04 12:00")
    noon = datetime(2099, 5, 4, 12, tzinfo=ZoneInfo("America/Martinique"))
    assert {row.return_due_at for row in Application.objects.filter(state="returned")} == {noon}
    far = make.ApplicationFactory(cohort=make.CohortFactory(time_zone="Asia/Tokyo"))
    assert [bulk.clock_of(rows) for rows in ([far], [three[0], far])] == ["Asia/Tokyo", settings.TIME_ZONE]

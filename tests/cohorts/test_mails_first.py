"""“See its mails first” (decision 0060): what refuses, what is not marked, and who may not (`test_own_mails.py`: what is shown)."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy.models import Message
from academy.rehearsal import LOOK
from cohorts import actions
from cohorts.models import Participation, Registration
from tests.factories import cohorts as make
from tests.factories.announcements import AnnouncementFactory
from tests.factories.cohort_space import CohortCommentFactory
from tests.factories.mentoring import OfficeHourFactory
from tests.factories.travel import FACTS
from wiki.models import Question

pytestmark = pytest.mark.django_db


def at(name, *args):
    return reverse(name, args=args)


def written():
    return Message.objects.count(), ModelLogEntry.objects.count()


@pytest.fixture
def hour(trainer, cohort):
    return OfficeHourFactory(host=trainer, cohorts=[cohort], about="Prices")


@pytest.mark.usefixtures("strict_templates")
def test_what_is_refused_says_why_and_shows_no_letter(client_for, promoter, participation, hour):
    page = at("cohorts_office_hour", hour.pk)
    refused = client_for(promoter).post(page, {"project": "", "question": "Kept?", LOOK: "1"})
    assert (refused.context["form"].errors.keys(), refused.context["form"]["question"].value()) == ({"project"}, "Kept?")


def test_what_is_refused_by_the_verb_is_said_where_it_leads(client_for, promoter, participation, session):
    row = make.RegistrationFactory(session=session, person=promoter, project=participation.project, status="declined")
    client = client_for(promoter)
    answer = client.post(at("cohorts_registration_cancel", row.pk), {LOOK: "1"}, follow=True)
    assert len(answer.context["messages"]) == 1
    assert Registration.objects.get(pk=row.pk).status == "declined"


@pytest.mark.usefixtures("strict_templates")
def test_who_gives_a_place_back_does_not_learn_who_waits(client_for, promoter, participation, session, crowd, coordinator):
    type(session).objects.update(capacity=1)
    session.refresh_from_db()
    mine = actions.register(session, by=promoter, person=promoter, project=participation.project, payer="project")
    [other] = crowd(1)
    waits = actions.register(session, by=other.person, person=other.person, project=other.project)
    type(session).objects.update(cancellation_deadline=timezone.now())  # late: the coordinator is told
    before = written()
    shown = client_for(promoter).post(at("cohorts_registration_cancel", mine.pk), {"reason": "Ill.", LOOK: "1"})
    assert [one.who for one in shown.context["mails"]] == ["À vous-même", f"À {coordinator}"]
    assert (shown.context["others"], other.person.name in shown.content.decode()) == (1, False)
    mine.refresh_from_db()
    waits.refresh_from_db()
    assert (mine.status, waits.status, written()) == ("confirmed", "waiting", before)


def test_an_act_that_is_not_marked_is_not_done(client_for, promoter, participation):
    Participation.objects.update(state="invited", activated_at=None, activated_by=None)
    answer = client_for(promoter).post(at("cohorts_place", participation.pk), {LOOK: "1"})
    assert (answer.status_code, Participation.objects.get(pk=participation.pk).state) == (404, "invited")


def test_a_stranger_learns_nothing(client, client_for, other_promoter, participation):
    address = at("cohorts_leave_cohort", participation.pk)
    assert client_for(other_promoter).post(address, {"reason": "Mine.", LOOK: "1"}).status_code == 404
    assert client.post(address, {"reason": "Mine.", LOOK: "1"}).url.startswith(at("account_login"))
    assert Participation.objects.get(pk=participation.pk).state == "active"


@pytest.mark.usefixtures("strict_templates")
def test_whoever_asks_for_a_place_and_accepts_one_reads_the_letter_before(client_for, promoter, participation, session):
    client, page = client_for(promoter), at("cohorts_session", session.pk)
    assert client.get(page).content.decode().count('name="look_at_mails"') == 1
    typed = {"project": str(participation.project_id), "funding_payer": "", LOOK: "1"}
    shown = client.post(at("cohorts_session_register", session.pk), typed)
    assert [one.who for one in shown.context["mails"]] == ["À vous-même"]
    assert (Registration.objects.count(), Message.objects.count()) == (0, 0)
    row = actions.register(session, by=promoter, person=promoter, project=participation.project)
    assert client.get(page).content.decode().count('name="look_at_mails"') == 1
    shown = client.post(at("cohorts_registration_funding", row.pk), {"funding_payer": "project", LOOK: "1"})
    assert [one.who for one in shown.context["mails"]] == ["À vous-même"]
    row.refresh_from_db()
    assert (row.status, row.funding.count()) == ("offered", 0)


@pytest.mark.usefixtures("strict_templates")
def test_whoever_asks_for_a_letter_for_a_visa_reads_who_is_told(client_for, promoter, participation, session, coordinator):
    row = actions.register(session, by=promoter, person=promoter, project=participation.project, payer="person")
    actions.say_visa(row, by=promoter, needed=True)
    type(session).objects.update(visa_lead_days=30)
    typed = {**FACTS, "language": "fr"}
    shown = client_for(promoter).post(at("cohorts_visa_letter", row.pk), typed | {LOOK: "1"})
    assert sorted(one.who for one in shown.context["mails"]) == sorted(["À vous-même", f"À {coordinator}"])
    assert (row.letters.count(), FACTS["passport"] in shown.content.decode()) == (0, False)


@pytest.mark.usefixtures("strict_templates")
def test_an_invitation_is_shown_as_it_goes_to_anybody(client_for, promoter, draft, trainer):
    """The same to who has an account as to who has none; its link opens nothing, since the invitation is not there."""
    client, address = client_for(promoter), at("cohorts_application_invite", draft.pk)
    assert 'name="look_at_mails"' in client.get(at("cohorts_team", draft.pk)).content.decode()
    shown = {}
    for email in (trainer.email, "nobody@example.org"):
        [one] = client.post(address, {"email": email, "role": "member", LOOK: "1"}).context["mails"]
        assert one.who == f"À {email}"
        shown[email] = re.sub(r"\S*/join/\S+", "…", one.text.replace(email, "…").replace(email.partition("@")[0], "…"))
    assert shown[trainer.email] == shown["nobody@example.org"]
    assert (draft.project.invitations.count(), Message.objects.count()) == (0, 0)


@pytest.mark.usefixtures("strict_templates")
def test_whoever_sends_an_application_reads_first_what_comes_back(client_for, promoter, submitted, coordinator):
    type(submitted).objects.filter(pk=submitted.pk).update(state="draft", submitted_at=None, submitted_by=None)
    client, page = client_for(promoter), at("cohorts_application", submitted.pk)
    shown = client.get(page)
    form = shown.context["form"]
    typed = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    typed = {name: "on" if value is True else value for name, value in typed.items()}
    before = written()
    answer = client.post(page, {**typed, LOOK: "submit"})
    assert [one.who for one in answer.context["mails"]] == ["À vous-même", f"À {coordinator}"]
    submitted.refresh_from_db()
    assert (submitted.state, written()) == ("draft", before)


def test_a_report_shows_who_decides(client_for, promoter, participation, crowd, coordinator):
    [other] = crowd(1)
    comment = CohortCommentFactory(
        announcement=AnnouncementFactory(cohort=participation.cohort), author=other.person, project=other.project
    )
    assert ">Signaler<" in client_for(promoter).get(at("cohorts_comment", comment.pk)).content.decode()
    shown = client_for(promoter).post(at("cohorts_comment_act", comment.pk, "report"), {"reason": "It names a client.", LOOK: "1"})
    assert [one.who for one in shown.context["mails"]] == [f"À {coordinator}"]
    assert comment.reports.count() == 0


def test_a_question_shows_nothing_of_others(client_for, promoter, trainer):
    typed = {"text": "How does one begin?", "checked": "How does one begin?", "detail": "", "visibility": "public", LOOK: "1"}
    shown = client_for(promoter).post(at("question_ask"), typed)
    assert (shown.context["mails"], shown.context["others"], trainer.name in shown.content.decode()) == ([], 1, False)
    assert Question.objects.count() == 0

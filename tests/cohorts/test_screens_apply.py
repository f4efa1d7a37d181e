"""From the open call to the submitted application, as pages."""

import html
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from cohorts import actions
from cohorts.joining import MOST_PER_HOUR
from cohorts.models import Application, Cohort, Project, ProjectMember
from tests.factories import cohorts as make

pytestmark = pytest.mark.usefixtures("strict_templates")


def at(name, *args):
    return reverse(name, args=args)


def text(response):
    return response.content.decode()


ANSWERS = {
    "name": "Coop des Rives", "country": "BE", "place": "Liège", "status": "idea", "summary": "Us.", "publics": "Forty workers.",
    "services": "Pay.", "team": "Me.", "competition": "Unions.", "key_figures": "None yet.", "expectations": "Contacts.",
    "funds_own_travel": "on",
}  # fmt: skip


def test_visitor_reads_the_call_and_every_question(visitor_client, cohort, session):
    page = text(visitor_client.get(at("cohorts_apply")))
    assert str(cohort.title.in_language("fr")) in page
    assert "Qui porte le projet" in page
    assert f"?next={at('cohorts_start', cohort.pk)}" in page
    assert session.place in page


def test_without_a_call_the_page_says_when(visitor_client, cohort):
    now = timezone.now()
    Cohort.objects.update(intake_opens_at=now + timedelta(days=3), intake_closes_at=now + timedelta(days=20))
    response = visitor_client.get(at("cohorts_apply"))
    assert response.context["calls"] == []
    assert response.context["next_call"] == cohort
    Cohort.objects.update(state="planned")
    assert visitor_client.get(at("cohorts_apply")).context["next_call"] is None


def test_apply_costs_the_same_for_one_call_and_three(client_for, promoter, cohort, pathway, rubric, django_assert_max_num_queries):
    client = client_for(promoter)
    client.get(at("cohorts_apply"))
    with django_assert_max_num_queries(8) as one:
        client.get(at("cohorts_apply"))
    for _n in range(2):
        make.SessionFactory(cohorts=[make.open_now(make.CohortFactory(pathway=cohort.pathway, rubric=rubric))])
    with django_assert_max_num_queries(len(one.captured_queries)):
        client.get(at("cohorts_apply"))


def test_visitor_is_asked_to_sign_in_and_comes_back(visitor_client, cohort):
    address = at("cohorts_start", cohort.pk)
    response = visitor_client.get(address)
    assert response.status_code == 302
    assert response.url == f"/accounts/login/?next={quote(address)}"


def test_two_answers_open_a_draft(client_for, promoter, cohort):
    client = client_for(promoter)
    assert "Open my draft" in text(client.get(at("cohorts_start", cohort.pk).replace("/fr/", "/en/")))
    wrong = client.post(at("cohorts_start", cohort.pk), {"name": "", "country": "BE"})
    assert wrong.context["form"].errors.keys() == {"name"}
    response = client.post(at("cohorts_start", cohort.pk), {"name": "Coop", "country": "PT"})
    application = Application.objects.get()
    assert response.url == at("cohorts_application", application.pk)
    assert (application.project.name, application.project.country) == ("Coop", "PT")
    assert application.project.memberships.get().person == promoter


def test_one_may_apply_with_a_project_that_exists(client_for, promoter, cohort, project):
    client = client_for(promoter)
    client.post(at("cohorts_start", cohort.pk), {"project": str(project.pk)})
    assert Application.objects.get().project == project
    assert Project.objects.count() == 1
    assert Application.objects.get().project.name in text(client.get(at("cohorts_start", cohort.pk)))


@pytest.mark.parametrize("state", ["draft", "submitted", "withdrawn"])
def test_a_second_click_leads_to_the_application_that_is_there(client_for, promoter, cohort, project, state):
    make.SubmittedApplicationFactory(project=project, cohort=cohort, state=state)
    response = client_for(promoter).post(at("cohorts_start", cohort.pk), {"project": str(project.pk)})
    last = Application.objects.order_by("created_at").last()
    assert (response.url, last.state) == (at("cohorts_application", last.pk), "draft" if state == "withdrawn" else state)
    assert Application.objects.count() == (2 if state == "withdrawn" else 1)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("\u202eevil", "evil"), ("a\nb\r\nBcc: x@y.z", "a b Bcc: x@y.z"), ("مشروع  النسيج", "مشروع النسيج"), ("می\u200cخواهم", "می\u200cخواهم"),
     ("🧵", "🧵"), ("\u200b\u200b", None), ("\u3164", None), ("\u00ad\ufeff", None)],
)  # fmt: skip
def test_a_name_is_on_one_line_and_can_be_seen(client_for, promoter, cohort, draft, typed, kept):
    client = client_for(promoter)
    response = client.post(at("cohorts_start", cohort.pk), {"name": typed, "country": "BE"})
    begun = Application.objects.exclude(pk=draft.pk).first()
    assert (begun and begun.project.name, response.status_code) == (kept, 302 if kept else 200)
    client.post(at("cohorts_application", draft.pk), {"name": typed, "intent": "save"})
    assert Application.objects.get(pk=draft.pk).project.name == (kept or "Coopérative du Nord")


def test_a_name_from_before_the_rule_keeps_nothing_else_from_being_saved(client_for, promoter, draft, pathway, rubric):
    """While another application is read the name is shown and not sent: as it is, whatever it is."""
    Project.objects.filter(pk=draft.project_id).update(name="Coop  du\nNord")
    other = make.open_now(make.CohortFactory(pathway=pathway, rubric=rubric))
    make.SubmittedApplicationFactory(project=draft.project, cohort=other)
    client = client_for(promoter)
    marks = {
        f"from_{row.name}": row.mark
        for _s, rows in client.get(at("cohorts_application", draft.pk)).context["form"].sections()
        for row in rows
    }
    answer = client.post(at("cohorts_application", draft.pk), {**marks, "team": "Us."}, headers={"Accept": "application/json"})
    project = Project.objects.get(pk=draft.project_id)
    assert (answer.status_code, project.name, project.dossier.team) == (200, "Coop  du\nNord", "Us.")


def test_nobody_is_led_to_the_application_of_others(client_for, other_promoter, draft):
    response = client_for(other_promoter).post(at("cohorts_start", draft.cohort_id), {"project": str(draft.project_id)})
    assert response.context["form"].errors.keys() == {"name", "country"}


@pytest.mark.parametrize("name", ["cohorts_application", "cohorts_application_withdraw", "cohorts_application_submitted"])
def test_strangers_find_no_application(name, visitor_client, client_for, other_promoter, draft):
    assert visitor_client.get(at(name, draft.pk)).status_code == 302
    assert client_for(other_promoter).get(at(name, draft.pk)).status_code == 404


def test_draft_is_saved_empty_and_says_what_is_missing(client_for, promoter, draft):
    client = client_for(promoter)
    response = client.post(at("cohorts_application", draft.pk), {"name": "Coop", "publics": "", "intent": "save"}, follow=True)
    page = text(response)
    draft.refresh_from_db()
    assert (draft.project.dossier.publics, draft.project.name) == ("", "Coop")
    assert draft.funds_own_travel  # not in the page: not touched
    assert 'href="#id_publics"' in page


def test_wrong_input_keeps_what_was_typed_and_saves_the_rest(client_for, promoter, draft):
    client = client_for(promoter)
    response = client.post(at("cohorts_application", draft.pk), {**ANSWERS, "website": "not an address", "intent": "submit"})
    assert response.status_code == 200
    assert 'value="not an address"' in text(response)
    draft.refresh_from_db()
    assert (draft.project.dossier.publics, draft.state) == ("Forty workers.", "draft")


def test_sending_an_incomplete_application_links_to_the_questions(client_for, promoter, draft):
    client = client_for(promoter)
    response = client.post(at("cohorts_application", draft.pk), {**ANSWERS, "competition": "", "intent": "submit"})
    assert response.context["form"].errors.keys() == {"competition"}
    assert 'aria-invalid="true"' in text(response)
    draft.refresh_from_db()
    assert (draft.state, draft.project.dossier.key_figures) == ("draft", "None yet.")


def test_sending_it_leads_to_what_happens_next(client_for, promoter, draft, django_capture_on_commit_callbacks):
    client = client_for(promoter)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(at("cohorts_application", draft.pk), {**ANSWERS, "intent": "submit"})
    assert response.url == at("cohorts_application_submitted", draft.pk)
    page = text(client.get(response.url))
    assert at("cohorts_self_assessment", draft.project_id, draft.cohort_id, "entry") in page
    assert mail.outbox[0].to == [promoter.email]
    assert at("cohorts_my_pathway").replace("/fr/", "/en/") in mail.outbox[0].body
    read = client.get(at("cohorts_application", draft.pk))
    assert "saved_words" not in read.context
    assert "Forty workers." in text(read)


def test_submitted_application_refuses_changes_politely(client_for, promoter, submitted):
    client = client_for(promoter)
    address = at("cohorts_application", submitted.pk)
    response = client.post(address, {**ANSWERS, "publics": "Else."}, headers={"Accept": "application/json"})
    assert response.status_code == 409
    submitted.refresh_from_db()
    assert submitted.project.dossier.publics == "We asked forty workers."


def test_returned_application_shows_the_reason_on_top(client_for, promoter, coordinator, submitted):
    actions.return_application(submitted, by=coordinator, reason="Count them, please.")
    page = text(client_for(promoter).get(at("cohorts_application", submitted.pk)))
    assert page.index("Count them, please.") < page.index("id_publics")


def test_viewer_reads_and_member_writes_but_only_the_lead_sends(client_for, other_promoter, draft):
    membership = make.ProjectMemberFactory(project=draft.project, person=other_promoter, role=ProjectMember.Role.VIEWER)
    client = client_for(other_promoter)
    assert "saved_words" not in client.get(at("cohorts_application", draft.pk)).context
    membership.role = ProjectMember.Role.MEMBER
    membership.save()
    assert client.get(at("cohorts_application", draft.pk)).context["may_submit"] is False
    client.post(at("cohorts_application", draft.pk), {**ANSWERS, "intent": "submit"})
    draft.refresh_from_db()
    assert (draft.state, draft.project.dossier.publics) == ("draft", "Forty workers.")
    assert client.post(at("cohorts_application_withdraw", draft.pk)).status_code == 404


def test_withdrawing_asks_first(client_for, promoter, submitted):
    client = client_for(promoter)
    address = at("cohorts_application_withdraw", submitted.pk)
    assert client.get(address).status_code == 200
    client.post(address, {"reason": "No time."})
    submitted.refresh_from_db()
    assert (submitted.state, submitted.state_reason) == ("withdrawn", "No time.")
    assert client.get(at("cohorts_application", submitted.pk)).status_code == 200


def invite(client, draft, email):
    return client.post(at("cohorts_application_invite", draft.pk), {"email": email, "role": "member"}, follow=True)


def test_invitation_tells_nothing_of_who_has_an_account(client_for, promoter, other_promoter, draft):
    """The same answer, the same letter, nobody in the project yet."""
    client = client_for(promoter)
    shown = []
    for email in ("nobody@example.org", other_promoter.email):
        page = html.unescape(invite(client, draft, email).content.decode()).replace(email, "…")
        shown.append(re.sub(r'value="[A-Za-z0-9]{64}"|[0-9a-f]{8}-[0-9a-f-]{27}', "", page))
        draft.project.invitations.all().delete()
    assert shown[0] == shown[1]
    assert draft.project.memberships.count() == 1
    letters = Message.objects.filter(cause__startswith="project-invitation:")
    assert sorted(letter.address for letter in letters) == ["nobody@example.org", other_promoter.email]
    assert len({letter.subject for letter in letters}) == 1


def link_in(email: str) -> str:
    return re.search(r"/\w\w/apply/join/\S+/", Message.objects.get(address=email).body_text).group()


def test_whoever_owns_the_address_joins(client_for, visitor_client, promoter, other_promoter, coordinator, draft):
    invite(client_for(promoter), draft, other_promoter.email.upper())
    link = link_in(other_promoter.email)
    assert visitor_client.get(link).status_code == 302
    stranger = client_for(coordinator)
    assert stranger.get(link).status_code == stranger.post(link).status_code == 404
    assert draft.project.name not in stranger.get(link).content.decode()
    client = client_for(other_promoter)
    assert draft.project.name in client.get(link).content.decode()
    client.post(link)
    assert draft.project.memberships.get(person=other_promoter).role == "member"
    assert client.post(link, follow=True).status_code == 200
    assert draft.project.memberships.count() == 2


def test_invitation_ends_with_the_right_to_invite(client_for, promoter, other_promoter, draft):
    invite(client_for(promoter), draft, other_promoter.email)
    draft.project.memberships.filter(person=promoter).update(role="viewer")
    assert client_for(other_promoter).get(link_in(other_promoter.email)).status_code == 404


def test_nobody_invites_the_whole_world(client_for, promoter, draft):
    client = client_for(promoter)
    for number in range(MOST_PER_HOUR + 2):
        invite(client, draft, f"person{number}@example.com")
    assert Message.objects.filter(cause__startswith="project-invitation:").count() == MOST_PER_HOUR


def test_the_same_new_project_asked_for_twice_at_once_is_one_draft(client_for, promoter, cohort):
    """Two clicks send two posts; the second leads to what the first has made."""
    client, address = client_for(promoter), reverse("cohorts_start", args=[cohort.pk])
    said = {"name": "Twice", "country": "IT"}
    first, second = (client.post(address, said)["Location"] for _click in range(2))
    assert (first == second, Application.objects.count(), Project.objects.count()) == (True, 1, 1)
    assert client.post(address, {**said, "name": "Another"})["Location"] != first
    Application.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    client.post(address, said)
    assert sorted(Project.objects.values_list("name", flat=True)) == ["Another", "Twice", "Twice"]

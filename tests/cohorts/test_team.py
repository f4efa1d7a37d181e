"""Who is in a project: each role, and strangers."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import ProjectInvitation, ProjectMember
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.usefixtures("strict_templates")


@pytest.fixture
def cast(draft, promoter, other_promoter, coordinator):
    """The lead, a member, a viewer, and who is not of the project."""
    viewer = UserFactory()
    make.ProjectMemberFactory(project=draft.project, person=other_promoter, role="member")
    make.ProjectMemberFactory(project=draft.project, person=viewer, role="viewer")
    return {"lead": promoter, "member": other_promoter, "viewer": viewer, "stranger": UserFactory(), "coordinator": coordinator}


def place(draft, person) -> ProjectMember:
    return draft.project.memberships.get(person=person)


def at(name, draft, *args):
    return reverse(name, args=[draft.pk, *args])


def codes(client_for, cast, address, data=None) -> dict[str, int]:
    return {
        role: (client_for(person).get(address) if data is None else client_for(person).post(address, data)).status_code
        for role, person in cast.items()
    }


def test_everybody_in_it_sees_the_team_and_only_the_lead_changes_it(client_for, cast, draft):
    make.ProjectInvitationFactory(project=draft.project, email="late@example.org")
    assert codes(client_for, cast, at("cohorts_team", draft)) == {
        "lead": 200, "member": 200, "viewer": 200, "stranger": 404, "coordinator": 404
    }  # fmt: skip
    pages = {role: client_for(cast[role]).get(at("cohorts_team", draft)).content.decode() for role in ("lead", "member", "viewer")}
    assert {role: "late@example.org" in page for role, page in pages.items()} == {"lead": True, "member": False, "viewer": False}


@pytest.mark.parametrize("verb", ["role", "lead"])
def test_roles_are_the_leads_to_change(client_for, cast, draft, verb):
    target = place(draft, cast["member"])
    others = {role: person for role, person in cast.items() if role != "lead"}
    assert set(codes(client_for, others, at("cohorts_team_member", draft, target.pk, verb), {"role": "viewer", "sure": "1"}).values()) == {
        404
    }
    assert place(draft, cast["member"]).role == "member"
    client_for(cast["lead"]).post(at("cohorts_team_member", draft, target.pk, verb), {"role": "viewer", "sure": "1"})
    assert place(draft, cast["member"]).role == {"role": "viewer", "lead": "lead"}[verb]


def test_handing_over_the_lead_asks_first_and_makes_the_old_one_a_member(client_for, cast, draft):
    address = at("cohorts_team_member", draft, place(draft, cast["member"]).pk, "lead")
    asked = client_for(cast["lead"]).post(address)
    assert (asked.status_code, place(draft, cast["member"]).role) == (200, "member")
    client_for(cast["lead"]).post(address, {"sure": "1"})
    assert [place(draft, cast[role]).role for role in ("lead", "member")] == ["member", "lead"]
    assert Message.objects.get(cause__startswith="project-lead:").address == cast["member"].email


def test_each_may_leave_but_the_lead(client_for, cast, draft):
    member, viewer = place(draft, cast["member"]), place(draft, cast["viewer"])
    assert client_for(cast["member"]).post(at("cohorts_team_member", draft, viewer.pk, "leave"), {"sure": "1"}).status_code == 404
    client_for(cast["member"]).post(at("cohorts_team_member", draft, member.pk, "leave"), {"sure": "1"})
    client_for(cast["lead"]).post(at("cohorts_team_member", draft, viewer.pk, "leave"), {"sure": "1"})
    assert [row.person for row in draft.project.memberships.all()] == [cast["lead"]]
    assert Message.objects.get(cause__startswith="project-left:").address == cast["viewer"].email
    with pytest.raises(RuleViolation):
        actions.leave_project(place(draft, cast["lead"]), by=cast["lead"])


def test_a_viewer_reads_and_writes_nothing(client_for, cast, draft):
    client = client_for(cast["viewer"])
    address = at("cohorts_application", draft)
    assert client.get(address).status_code == 200
    client.post(address, {"publics": "Mine."})
    client.post(at("cohorts_application_invite", draft), {"email": "x@example.org", "role": "member"})
    draft.refresh_from_db()
    assert draft.project.dossier.publics == "We asked forty workers."
    assert not ProjectInvitation.objects.exists()


def link_to(email: str) -> str:
    return re.search(r"/\w\w/apply/join/\S+/", Message.objects.filter(address=email).latest("created_at").body_text).group()


def test_an_invitation_has_its_role_and_can_be_taken_back(client_for, cast, draft):
    stranger = cast["stranger"]
    invite = at("cohorts_application_invite", draft)
    client_for(cast["lead"]).post(invite, {"email": stranger.email, "role": "viewer"})
    first = ProjectInvitation.objects.get()
    link = link_to(stranger.email)
    address = at("cohorts_team_take_back", draft, first.pk)
    others = {role: person for role, person in cast.items() if role != "lead"}
    assert set(codes(client_for, others, address, {}).values()) == {404}
    client_for(cast["lead"]).post(address)
    assert client_for(stranger).get(link).status_code == 404
    client_for(cast["lead"]).post(invite, {"email": stranger.email, "role": "viewer"})
    client_for(stranger).post(link_to(stranger.email))
    assert place(draft, stranger).role == "viewer"
    assert not draft.project.invitations.open().exists()


def test_asked_again_the_same_invitation_goes_on(draft, promoter):
    for role in ("member", "viewer"):
        actions.invite_member(draft.project, by=promoter, email="One@example.org", role=role)
    assert list(ProjectInvitation.objects.values_list("email", "role")) == [("one@example.org", "viewer")]
    assert Message.objects.filter(cause__startswith="project-invitation:").count() == 1


def test_an_invitation_ends_with_time(draft, promoter):
    row = make.ProjectInvitationFactory(project=draft.project, invited_at=timezone.now() - ProjectInvitation.LASTS)
    assert list(draft.project.invitations.open()) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        make.ProjectInvitationFactory(project=draft.project, email=row.email)


def test_nobody_is_invited_as_lead(draft, promoter):
    with pytest.raises(RuleViolation):
        actions.invite_member(draft.project, by=promoter, email="one@example.org", role="lead")


def test_team_page_costs_the_same_for_one_and_three(client_for, cast, draft, django_assert_max_num_queries):
    client = client_for(cast["lead"])
    client.get(at("cohorts_team", draft))
    with django_assert_max_num_queries(12) as one:
        client.get(at("cohorts_team", draft))
    for _n in range(2):
        make.ProjectMemberFactory(project=draft.project, role="member")
        make.ProjectInvitationFactory(project=draft.project)
    with django_assert_max_num_queries(len(one.captured_queries)):
        client.get(at("cohorts_team", draft))


def test_an_unknown_verb_on_a_person_is_no_address(client_for, cast, draft):
    for verb in ("sack", "remove"):
        address = at("cohorts_team_member", draft, place(draft, cast["member"]).pk, verb)
        assert set(codes(client_for, cast, address, {"sure": "1"}).values()) == {404}
    assert draft.project.memberships.count() == 3


@pytest.mark.parametrize(("role", "code"), [("lead", "lead"), ("owner", "invalid"), ("", "invalid")])
def test_a_role_is_one_that_one_may_be_given(cast, draft, role, code):
    lead, member = cast["lead"], place(draft, cast["member"])
    for verb in (
        lambda: actions.invite_member(draft.project, by=lead, email="one@example.org", role=role),
        lambda: actions.add_member(draft.project, by=lead, person=cast["stranger"], role=role),
        lambda: actions.change_role(member, by=lead, role=role),
    ):
        with pytest.raises(RuleViolation) as refusal:
            verb()
        assert refusal.value.code == code
    assert (place(draft, cast["member"]).role, draft.project.memberships.count()) == ("member", 3)


def test_open_invitations_go_on_under_the_new_lead(client_for, cast, draft, coordinator):
    mine = actions.invite_member(draft.project, by=cast["lead"], email=cast["stranger"].email, role="member")
    staff = actions.invite_member(draft.project, by=coordinator, email="other@example.org", role="viewer")
    actions.hand_over_lead(place(draft, cast["member"]), by=cast["lead"])
    assert [ProjectInvitation.objects.get(pk=row.pk).invited_by for row in (mine, staff)] == [cast["member"], coordinator]
    logged = ModelLogEntry.objects.get(action="cohorts.hand_over_lead")
    assert logged.data["invited_by"] == {str(mine.pk): cast["lead"].pk}
    client_for(cast["stranger"]).post(link_to(cast["stranger"].email))
    assert place(draft, cast["stranger"]).role == "member"

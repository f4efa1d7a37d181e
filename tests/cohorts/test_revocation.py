"""A graduation is taken back from its file: prepared, signed by two, its letter shown, released; or set aside before."""

import pytest
from django.core import mail
from django.urls import reverse
from wagtail.models import ModelLogEntry

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import Determination, DirectoryEntry, Participation, Partnership, Registration, Requirement
from courses.models import Certificate
from tests.factories import cohorts as make
from tests.factories.mentoring import OfficeHourBookingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def graduate(participation, coordinator, trainer, admin_user):
    """A project that has graduated, as the verbs do it, with a seat, an office hour and an entry of the directory."""
    for requirement in Requirement.objects.filter(stage__pathway=participation.cohort.pathway):
        make.RequirementRecordFactory(participation=participation, requirement=requirement, outcome="waived", reason="Known.")
    actions.mark_eligible(participation, by=coordinator)
    decision = actions.decide_graduation(participation, by=coordinator, outcome="graduated", typology=make.TypologyFactory())
    for person in (coordinator, trainer):
        actions.sign(decision, by=person)
    actions.release(decision, by=coordinator)
    participation.refresh_from_db()
    return participation


def act(client, row, verb, **data):
    address = reverse("cohorts_cms_graduation_verb", args=[row.pk, verb])
    return client.post(address, {f"{verb}-{name}" if name != "letters" else name: value for name, value in data.items()})


def pending():
    return str(Determination.objects.pending().get().pk)


def revoke(row, coordinator, admin_user, english_client_for):
    """Through the pages: prepared, signed twice, its letter looked at, released."""
    client = english_client_for(coordinator)
    act(client, row, "revoke", reasons="Figures were invented.")
    act(client, row, "sign", seen=pending())
    act(english_client_for(admin_user), row, "sign", seen=pending())
    first = act(client, row, "release", seen=pending())
    return act(client, row, "release", seen=pending(), letters=first.context["stamp"])


@pytest.mark.parametrize("state", ["graduated", "alumnus"])
def test_from_the_file_to_the_end(graduate, state, promoter, coordinator, admin_user, english_client_for, session):
    Participation.objects.filter(pk=graduate.pk).update(state=state)
    seat = make.RegistrationFactory(session=session, person=promoter, project=graduate.project, status="awaiting_approval")
    hour = OfficeHourBookingFactory(project=graduate.project, person=promoter)
    DirectoryEntry.objects.create(project=graduate.project, audience="everybody", changed_by=promoter)
    assert revoke(graduate, coordinator, admin_user, english_client_for).status_code == 302
    graduate.refresh_from_db()
    assert (graduate.state, graduate.state_reason) == ("revoked", "Figures were invented.")
    assert [row.outcome for row in Determination.objects.in_force()] == ["revoked"]
    assert [row.standing for row in Certificate.objects.filter(kind="graduation")] == ["revoked"]
    assert Partnership.objects.current().count() == 0
    assert Registration.objects.get(pk=seat.pk).status == "cancelled"
    hour.refresh_from_db()
    assert hour.cancelled_at is not None
    assert DirectoryEntry.objects.in_network().count() == 0


def test_its_people_read_the_reasons(graduate, promoter, coordinator, admin_user, english_client_for, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        revoke(graduate, coordinator, admin_user, english_client_for)
    assert "Figures were invented." in mail.outbox[-1].body
    page = english_client_for(promoter).get(reverse("cohorts_decision", args=[Determination.objects.in_force().get().pk])).content.decode()
    assert "The graduation of your project is revoked" in page
    assert "Figures were invented." in page
    assert english_client_for(promoter).get(reverse("cohorts_my_pathway")).status_code == 200


def test_nothing_changes_before_it_is_released(graduate, promoter, coordinator, english_client_for):
    act(english_client_for(coordinator), graduate, "revoke", reasons="Figures were invented.")
    graduate.refresh_from_db()
    assert (graduate.state, Partnership.objects.current().count()) == ("graduated", 1)
    assert [row.standing for row in Certificate.objects.filter(kind="graduation")] == ["valid"]
    decision = reverse("cohorts_decision", args=[pending()])
    assert english_client_for(promoter).get(decision).status_code == 404
    assert "Figures were invented." not in english_client_for(promoter).get(reverse("cohorts_my_pathway")).content.decode()
    file = english_client_for(coordinator).get(reverse("cohorts_cms_graduation", args=[graduate.pk]))
    assert file.context["file"].proposed == graduate.determinations.in_force().get().typology_id


@pytest.mark.parametrize("others", [0, 1])
def test_one_name_is_not_enough(graduate, coordinator, english_client_for, others):
    client = english_client_for(coordinator)
    act(client, graduate, "revoke", reasons="Figures were invented.")
    for _n in range(others):
        act(client, graduate, "sign", seen=pending())
    assert f"{others} of 2 signatures" in act(client, graduate, "release", seen=pending()).content.decode()
    graduate.refresh_from_db()
    assert graduate.state == "graduated"


def test_who_accompanied_it_does_not_sign_it_away(graduate, trainer, coordinator):
    make.MentorAssignmentFactory(project=graduate.project, mentor=trainer)
    decision = actions.decide_graduation(graduate, by=coordinator, outcome="revoked", reasons="Figures were invented.")
    with pytest.raises(RuleViolation) as refusal:
        actions.sign(decision, by=trainer)
    assert refusal.value.code == "interest"


def test_what_was_prepared_is_set_aside(graduate, coordinator, english_client_for):
    client = english_client_for(coordinator)
    act(client, graduate, "revoke", reasons="Figures were invented.")
    act(client, graduate, "sign", seen=pending())
    row = Determination.objects.pending().get()
    assert act(client, graduate, "set-aside", reason="The figures were right.").status_code == 302
    row.refresh_from_db()
    assert (row.superseded_at is not None, row.released_at, row.signatures.count()) == (True, None, 1)
    assert ModelLogEntry.objects.for_instance(graduate).filter(action="cohorts.set_aside").get().data["reason"] == "The figures were right."
    assert "set-aside" not in {one.verb.name for one in client.get(reverse("cohorts_cms_graduation", args=[graduate.pk])).context["verbs"]}
    with pytest.raises(RuleViolation) as refusal:
        actions.set_graduation_aside(graduate, by=coordinator, reason="Again.")
    assert refusal.value.code == "wrong_state"


def test_who_has_an_interest_sets_nothing_aside(graduate, coordinator, admin_user):
    actions.decide_graduation(graduate, by=coordinator, outcome="revoked", reasons="Figures were invented.")
    make.ProjectMemberFactory(project=graduate.project, person=admin_user, role="member")
    with pytest.raises(RuleViolation) as refusal:
        actions.set_graduation_aside(graduate, by=admin_user, reason="Mine.")
    assert (refusal.value.code, Determination.objects.pending().count()) == ("interest", 1)


@pytest.mark.parametrize(("language", "says", "gone"), [("en", "graduates as", "was revoked"), ("fr", "obtient le statut", "a été retiré")])
def test_who_checks_the_certificate_reads_the_status_and_whether_it_holds(
    graduate, coordinator, admin_user, client, english_client_for, language, says, gone
):
    certificate = Certificate.objects.filter(kind="graduation").first()
    address = reverse("courses_verify", args=[certificate.pk]) + f"?lang={language}"
    typology = graduate.determinations.in_force().get().typology
    page = client.get(address).content.decode()
    assert f"{says} {dict(typology.label)[language]}" in page
    revoke(graduate, coordinator, admin_user, english_client_for)
    page = client.get(address).content.decode()
    assert gone in page
    assert "Figures were invented." not in page

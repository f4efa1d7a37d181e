"""Messages of the network: nobody's address is shown, whoever misuses them is reported, and who may judge it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import NetworkMessage
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.network import DirectoryEntryFactory, NetworkMessageFactory
from tests.test_house import strict_templates  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def listed(name, **shown):
    """An entry of a project in a cohort; `project` changes the project."""
    project = make.ParticipationFactory(project__name=name, **{f"project__{key}": value for key, value in shown.pop("project", {}).items()})
    return DirectoryEntryFactory(project=project.project, **shown)


@pytest.fixture
def visitor():
    return Client()


@pytest.fixture
def stranger(client_for):
    """Has an account, and no project in the network."""
    return client_for(UserFactory())


# messages


@pytest.fixture
def reachable():
    """An entry that somebody reads for."""
    entry = listed("Reachable")
    entry.contact = make.ProjectMemberFactory(project=entry.project).person
    entry.save()
    return entry


def test_a_message_is_handed_on_and_shows_only_the_writers_address(client_for, reachable, mailoutbox, django_capture_on_commit_callbacks):
    writer = UserFactory(name="Wanda Writer")
    address = reverse("cohorts_network_write", args=[reachable.pk])
    page = client_for(writer).get(address).content.decode()
    assert writer.email in page
    assert reachable.contact.email not in page
    with django_capture_on_commit_callbacks(execute=True):
        client_for(writer).post(address, {"words": "May we visit you?"})
    (mail,) = mailoutbox
    assert (mail.to, mail.reply_to) == ([reachable.contact.email], [writer.email])
    assert "May we visit you?" in mail.body
    assert [(row.sender, row.to, row.words) for row in NetworkMessage.objects.all()] == [(writer, reachable.contact, "May we visit you?")]
    shown = client_for(writer).get(reverse("cohorts_network_entry", args=[reachable.pk])).content.decode()
    assert reachable.contact.email not in shown


def test_a_visitor_signs_in_first(visitor, reachable):
    answer = visitor.post(reverse("cohorts_network_write", args=[reachable.pk]), {"words": "Buy!"})
    assert "/accounts/login/" in answer["Location"]
    assert not NetworkMessage.objects.exists()


def test_ten_messages_a_day_and_what_was_typed_is_kept(client_for, reachable):
    writer = UserFactory()
    for number in range(10):
        NetworkMessageFactory(sender=writer, words=str(number))
    page = client_for(writer).post(reverse("cohorts_network_write", args=[reachable.pk]), {"words": "The eleventh"})
    assert "The eleventh" in page.content.decode()
    assert page.context["refusal"].code == "later"
    NetworkMessage.objects.update(sent_at=timezone.now() - timedelta(hours=25))
    actions.write_to_entry(reachable, by=writer, words="The eleventh")
    assert NetworkMessage.objects.filter(entry=reachable).count() == 1


def test_the_same_message_is_sent_once(reachable):
    writer = UserFactory()
    actions.write_to_entry(reachable, by=writer, words="Hello")
    with pytest.raises(RuleViolation, match="already"):
        actions.write_to_entry(reachable, by=writer, words="Hello")


def test_nobody_writes_to_who_left_or_speaks_no_more(reachable):
    reachable.project.memberships.update(role="viewer")
    with pytest.raises(RuleViolation, match="receives no messages"):
        actions.write_to_entry(reachable, by=UserFactory(), words="Hello")


def test_whoever_receives_messages_ends_it_with_one_button(client_for, reachable, stranger):
    address = reverse("cohorts_network_messages")
    assert stranger.post(address, {"entry": reachable.pk}).status_code == 404
    client_for(reachable.contact).post(address, {"entry": reachable.pk})
    reachable.refresh_from_db()
    assert reachable.contact is None
    with pytest.raises(RuleViolation, match="receives no messages"):
        actions.write_to_entry(reachable, by=UserFactory(), words="Hello")


def test_a_reported_writer_waits_for_a_coordinator(client_for, reachable, coordinator, stranger):
    row = actions.write_to_entry(reachable, by=UserFactory(), words="Buy!")
    address = reverse("cohorts_network_message", args=[row.pk])
    assert stranger.get(address).status_code == 404
    cms = reverse("cohorts_cms_network_message", args=[row.pk])
    assert client_for(coordinator).get(cms).status_code == 404  # nobody showed it to the team
    client_for(reachable.contact).post(address, {"report": "An advertisement."})
    assert Message.objects.filter(cause=f"network-reported:{row.pk}", to=coordinator).exists()
    other = listed("Other")
    other.contact = make.ProjectMemberFactory(project=other.project).person
    other.save()
    with pytest.raises(RuleViolation) as refusal:
        actions.write_to_entry(other, by=row.sender, words="Buy too!")
    assert refusal.value.code == "reported"
    assert "An advertisement." in client_for(coordinator).get(cms).content.decode()
    settle = reverse("cohorts_cms_network_message_verb", args=[row.pk, "settle"])
    client_for(coordinator).post(settle, {"settle-verdict": "barred"})
    with pytest.raises(RuleViolation) as refusal:
        actions.write_to_entry(other, by=row.sender, words="Buy too!")
    assert refusal.value.code == "barred"
    client_for(coordinator).post(settle, {"settle-verdict": "fine"})
    assert actions.write_to_entry(other, by=row.sender, words="Buy too!").to == other.contact


def test_nobody_reports_what_they_did_not_receive(reachable):
    row = NetworkMessageFactory(entry=reachable)
    with pytest.raises(RuleViolation, match="Only who received"):
        actions.report_message(row, by=UserFactory(), report="No.")


# who judges a report


@pytest.fixture
def reported(reachable):
    return NetworkMessageFactory(
        entry=reachable, to=reachable.contact, words="Buy!", report="An advertisement.", reported_at=timezone.now()
    )


def another_coordinator(**values):
    person = UserFactory(**values)
    person.groups.add(Group.objects.get(name="Coordinators"))
    return person


@pytest.fixture
def parties(reported):
    """Coordinators who may not judge: who received it and has left the project since, its writer, who is of the project, who declared it."""
    received, wrote, member, declared = (another_coordinator() for _each in range(4))
    reported.to, reported.sender = received, wrote
    reported.save()
    make.ProjectMemberFactory(project=reported.entry.project, person=member, role="viewer")
    make.ConflictDeclarationFactory(application=make.SubmittedApplicationFactory(project=reported.entry.project), person=declared)
    return [received, wrote, member, declared]


def test_who_has_a_part_in_it_judges_no_report(client_for, reported, parties, coordinator):
    page, listing = reverse("cohorts_cms_network_message", args=[reported.pk]), reverse("network_reports:index")
    rows = {person: list(client_for(person).get(listing).context["object_list"]) for person in (*parties, coordinator)}
    assert rows == {**{person: [] for person in parties}, coordinator: [reported]}
    assert [client_for(person).get(page).status_code for person in (*parties, coordinator)] == [404, 404, 404, 404, 200]
    for person in parties:
        with pytest.raises(RuleViolation) as refusal:
            actions.settle_report(reported, by=person, verdict="fine")
        assert refusal.value.code == "interest"
    reported.refresh_from_db()
    assert (reported.verdict, actions.settle_report(reported, by=coordinator, verdict="fine").settled_by) == ("", coordinator)


def test_the_letter_goes_to_who_may_judge(reported, parties, coordinator, admin_user):
    reported.reported_at = None
    reported.save()
    actions.report_message(reported, by=reported.to, report="An advertisement.")
    cause = f"network-reported:{reported.pk}"
    assert [row.to for row in Message.objects.filter(cause=cause)] == [coordinator]


def test_where_no_coordinator_may_judge_an_administrator_is_written_to(reported, parties, coordinator, admin_user):
    coordinator.groups.clear()
    reported.reported_at = None
    reported.save()
    actions.report_message(reported, by=reported.to, report="An advertisement.")
    assert [row.to for row in Message.objects.filter(cause=f"network-reported:{reported.pk}")] == [admin_user]


def test_the_history_is_the_messages_own(reachable, coordinator, admin_user, client_for):
    row = actions.write_to_entry(reachable, by=UserFactory(name="Wanda Writer"), words="Buy!")
    history = reverse("wagtailadmin_reports:site_history")
    lines = ModelLogEntry.objects.for_instance(row).order_by("timestamp")
    assert [line.action for line in lines] == ["cohorts.write_to_entry"]
    assert "Wanda Writer" not in client_for(admin_user).get(history).content.decode()  # nobody showed it to the team
    actions.report_message(row, by=reachable.contact, report="An advertisement.")
    actions.settle_report(row, by=coordinator, verdict="barred")
    assert [line.action.partition(".")[2] for line in lines.all()] == ["write_to_entry", "report_message", "settle_report"]
    assert not ModelLogEntry.objects.for_instance(row.entry.project).filter(action__contains="message").exists()
    assert "Wanda Writer" in client_for(admin_user).get(history).content.decode()


def test_who_may_not_write_is_told_before_they_type(client_for, reachable, coordinator):
    writer = UserFactory()
    address = reverse("cohorts_network_write", args=[reachable.pk])
    client = client_for(writer)
    row = actions.write_to_entry(reachable, by=writer, words="Buy!")
    shown = []
    for act in (
        lambda: None,
        lambda: actions.report_message(row, by=row.to, report="An advertisement."),
        lambda: actions.settle_report(row, by=coordinator, verdict="barred"),
        lambda: actions.settle_report(row, by=coordinator, verdict="fine"),
        lambda: [NetworkMessageFactory(sender=writer, words=str(number)) for number in range(9)],
    ):
        act()
        page = client.get(address)
        shown.append((page.context["refusal"] and page.context["refusal"].code, "<textarea" in page.content.decode()))
    assert shown == [(None, True), ("reported", False), ("barred", False), (None, True), ("later", False)]


def test_both_are_told_what_was_decided(reported, coordinator):
    for verdict in ("barred", "fine"):
        row = actions.settle_report(reported, by=coordinator, verdict=verdict)
        cause = f"network-settled:{row.pk}:{row.settled_at.timestamp()}"
        assert {letter.to for letter in Message.objects.filter(cause=cause)} == {reported.sender, reported.to}
    bodies = Message.objects.filter(to=reported.sender, cause__startswith="network-settled:").values_list("body_text", flat=True)
    assert [word for word in (reported.to.email, reported.to.name, reported.report) if any(word in body for body in bodies)] == []


def test_one_finds_again_what_one_wrote(client_for, reachable):
    writer, other = UserFactory(), UserFactory()
    rows = [actions.write_to_entry(reachable, by=person, words=f"From {person.pk}") for person in (writer, other)]
    page = client_for(writer).get(reverse("cohorts_network_messages"))
    assert list(page.context["written"]) == rows[:1]
    assert client_for(writer).get(reverse("cohorts_network_entry", args=[reachable.pk])).context["written"] == rows[0]
    assert client_for(UserFactory()).get(reverse("cohorts_network_entry", args=[reachable.pk])).context["written"] is None


@pytest.mark.parametrize("page", ["cohorts_network_messages", "network_reports:index"])
def test_lists_of_messages_cost_the_same_for_one_and_for_three(client_for, reachable, coordinator, page):
    client, costs = client_for(coordinator), []
    for many in (1, 2):
        for _one in range(many):
            NetworkMessageFactory(to=coordinator)
            NetworkMessageFactory(sender=coordinator)
            NetworkMessageFactory(reported_at=timezone.now(), report="Spam.")
        client.get(reverse(page))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(page))
        costs.append(len(queries))
    assert costs[0] == costs[1]

"""Before they act on the site, people see what their act writes and to whom; nothing of it stays, and nobody sees more than they may."""

import pytest
from django.urls import reverse

from academy.models import Message
from cohorts import actions
from cohorts.models import NetworkMessage, OfficeHourBooking, ParticipationState
from tests.factories import cohorts as make
from tests.factories.mentoring import OfficeHourFactory
from tests.factories.network import DirectoryEntryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]
LOOK = {"look_at_mails": "1"}


@pytest.fixture
def hour(trainer, cohort):
    return OfficeHourFactory(host=trainer, cohorts=[cohort])


def look(client, page, data):
    answer = client.post(page, data | LOOK)
    assert answer.status_code == 200
    return answer


def test_what_a_booking_writes_is_shown_and_nothing_of_it_stays(client_for, promoter, participation, hour, trainer):
    client, page = client_for(promoter), reverse("cohorts_office_hour", args=[hour.pk])
    said = {"project": participation.project_id, "question": "How do we price?"}
    shown = look(client, page, said)
    assert 'name="look_at_mails" value="1" formtarget="_blank"' in client.get(page).content.decode()
    html = shown.content.decode()
    assert str(trainer) in html
    assert "How do we price?" in html
    assert (trainer.email in html, hour.link in html) == (False, False)  # only whoever comes has the link
    assert (Message.objects.count(), OfficeHourBooking.objects.count()) == (0, 0)
    assert list(client.get(page).context["messages"]) == []  # “The hour is yours” was not said
    seen = [(one.subject, one.text) for one in shown.context["mails"]]
    client.post(page, said)
    left = [(subject, text.replace(hour.link, "…")) for subject, text in Message.objects.values_list("subject", "body_text")]
    assert sorted(left) == sorted(seen)


def test_a_refusal_and_a_form_that_is_not_filled_come_back_as_ever(client_for, promoter, participation, hour, crowd):
    [faster] = crowd(1)
    booking = actions.book_office_hour(hour, by=faster.person, project=faster.project)
    client = client_for(promoter)
    refused = look(client, reverse("cohorts_office_hour", args=[hour.pk]), {"project": participation.project_id, "question": "Mine."})
    assert len(refused.context["form"].non_field_errors()) == 1
    theirs = client_for(faster.person)
    empty = look(theirs, reverse("cohorts_office_hour_give_back", args=[booking.pk]), {"reason": " "})
    assert empty.context["form"].errors.keys() == {"reason"}


def test_what_leaving_writes_hides_what_goes_to_other_projects(client_for, promoter, participation, coordinator, cohort, crowd):
    [other] = crowd(1)
    session = make.SessionFactory(cohorts=[cohort], capacity=1)
    actions.register(session, by=promoter, person=promoter, project=participation.project)
    actions.register(session, by=other.person, person=other.person, project=other.project)  # waits
    before = Message.objects.count()
    page = reverse("cohorts_leave_cohort", args=[participation.pk])
    shown = look(client_for(promoter), page, {"reason": "We work without Smart."})
    html = shown.content.decode()
    assert shown.context["others"] == 1
    assert (str(other.person) in html, other.person.email in html, other.project.name in html) == (False, False, False)
    assert str(cohort.coordinator) in html
    participation.refresh_from_db()
    assert (participation.state, Message.objects.count()) == (ParticipationState.ACTIVE, before)


def test_a_message_of_the_network_is_shown_without_the_name_of_who_receives_it(client_for, promoter, participation):
    entry = DirectoryEntryFactory()
    entry.contact = make.ProjectMemberFactory(project=entry.project).person
    entry.save()
    page = reverse("cohorts_network_write", args=[entry.pk])
    shown = look(client_for(promoter), page, {"words": "We would like to meet you."})
    html = shown.content.decode()
    assert "We would like to meet you." in html
    assert (str(entry.contact) in html, entry.contact.email in html) == (False, False)
    assert NetworkMessage.objects.count() == 0

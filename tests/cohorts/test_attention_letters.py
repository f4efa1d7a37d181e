"""What the page of a thing shows of the letters of a project's people: those about this project on its way, none about another."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from academy.models import Message
from cohorts import actions
from cohorts.models import Application
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.attention import AttentionItemFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def other(promoter):
    """The other project of the same person."""
    project = make.ProjectFactory(name="Zebra")
    make.ProjectMemberFactory(project=project, person=promoter)
    return project


@pytest.fixture
def item(project, cohort):
    return AttentionItemFactory(project=project, cohort=cohort)


def shown(client_for, person, item) -> list[str]:
    return [row.subject for row in client_for(person).get(reverse("cohorts_cms_attention_item", args=[item.pk])).context["letters"]]


def decided(application, by, outcome="declined"):
    Application.objects.filter(pk=application.pk).update(state="deliberation")
    decision = actions.decide_admission(Application.objects.get(pk=application.pk), by=by, outcome=outcome, reasons="Not yet ripe.")
    return actions.release(decision, by=by)


def test_nothing_of_the_other_project_of_the_same_person(other, item, cohort, promoter, coordinator, trainer, client_for):
    closed = make.SubmittedApplicationFactory(project=other, cohort=cohort, submitted_by=promoter)
    actions.declare_interest(closed, by=coordinator, conflict=True, reason="Cousins.")
    second = UserFactory()
    second.groups.add(Group.objects.get(name="Coordinators"))
    decided(closed, second)
    actions.remind_project(
        AttentionItemFactory(project=other, cohort=cohort), by=second, subject="To the other", text="Hello.", letter=uuid4()
    )
    assert Message.objects.filter(to=promoter).count() == 2
    assert [shown(client_for, person, item) for person in (coordinator, trainer)] == [[], []]


def test_no_decision_and_no_letter_about_the_application(item, submitted, promoter, coordinator, trainer, client_for):
    actions.return_application(submitted, by=coordinator, reason="More.")
    decided(submitted, coordinator)
    assert Message.objects.filter(to=promoter).count() == 2
    assert [shown(client_for, person, item) for person in (coordinator, trainer)] == [[], []]


def test_what_was_written_from_here_and_what_is_said_of_its_seats(item, project, other, session, promoter, coordinator, client_for):
    actions.remind_project(item, by=coordinator, subject="How are you?", text="Hello.", letter=uuid4())
    seats = [
        make.RegistrationFactory(session=one, person=promoter, project=owner)
        for one, owner in ((session, project), (make.SessionFactory(), other))
    ]
    for name, seat in (("mine", seats[0]), ("theirs", seats[1])):
        for cause in (f"place-offered:{seat.pk}", f"session-reminder-1:{seat.pk}:2027-03-01"):
            Message.objects.create(
                to=promoter, address=promoter.email, language="en", cause=cause, subject=name, body_text=".", body_html="."
            )
    assert shown(client_for, coordinator, item) == ["mine", "mine", "How are you?"]

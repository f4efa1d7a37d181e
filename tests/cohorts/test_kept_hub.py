"""*My Academy* and the calls are kept by what they show: nobody is shown another's, and a change is read at once."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from cohorts.models import Application, Cohort, Project, Registration, Session
from courses.models import Certificate
from tests.factories import cohorts as make
from tests.factories.courses import make_course, make_lesson, make_module
from tests.factories.wiki import QuestionFactory
from wiki.models import Question

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("strict_templates")]


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


CONFIRMED = {"status": "confirmed", "confirmed_at": timezone.now()}


@pytest.fixture
def hub(promoter, client_for):
    client = client_for(promoter)
    return lambda language="en": client.get(f"/{language}/my/").content.decode()


@pytest.fixture
def calls(promoter, client_for):
    client = client_for(promoter)
    return lambda: client.get("/en/apply/").content.decode()


@pytest.fixture
def in_some_days(monkeypatch):
    """Moves the clock on."""
    now = timezone.now

    def move(days: int) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(days=days))

    return move


# --- my Academy


def test_a_project_is_read_at_once_by_its_members_alone(hub, project, promoter, other_promoter, client_for):
    theirs = client_for(other_promoter)
    assert "Coopérative du Nord" in hub()
    Project.objects.update(name="Coopérative du Sud", country="BE")
    assert "Coopérative du Sud" in hub()
    assert "Belgium" in hub()
    assert "Belgique" in hub("fr")
    assert "Coopérative du Sud" not in theirs.get("/en/my/").content.decode()
    project.memberships.all().delete()
    assert "Coopérative du Sud" not in hub()


def test_a_place_in_a_session_is_read_at_once_and_leaves_with_the_day(
    hub, project, promoter, session, in_some_days, other_promoter, client_for
):
    hub()
    seat = make.RegistrationFactory(session=session, person=promoter, project=project, status="waiting", queue_number=1)
    assert "On the waiting list" in hub()
    Registration.objects.filter(pk=seat.pk).update(**CONFIRMED, queue_number=None)
    assert "Confirmed" in hub()
    Session.objects.update(place="Lille", title=make.words("Autumn session"))
    assert ", Lille" in hub()
    assert "Autumn session" in hub()
    assert "Autumn session (fr)" in hub("fr")
    assert "Autumn session" not in client_for(other_promoter).get("/en/my/").content.decode()
    soon = timezone.now() + timedelta(days=4)
    Session.objects.update(ends_at=soon + timedelta(days=1), starts_at=soon, registration_deadline=soon, cancellation_deadline=soon)
    assert "Autumn session" in hub()
    in_some_days(6)
    assert "Autumn session" not in hub()


def test_a_certificate_and_a_question_are_read_at_once(hub, promoter, other_promoter, client_for):
    hub()
    content = {"en": {"title": "Certificate", "about": "Money"}, "fr": {"title": "Certificat", "about": "L’argent"}}
    Certificate.objects.create(kind="course", holder=promoter, holder_name="Paula", content=content)
    question = QuestionFactory(asker=promoter, text="Who pays the trip?")
    assert "Money" in hub()
    assert "L’argent" in hub("fr")
    assert "Revoked" not in hub()
    Certificate.objects.update(revoked_at=timezone.now(), revoked_by=promoter, revoked_reason="A mistake.")
    assert "Revoked" in hub()
    assert "Who pays the trip?" in hub()
    assert "Waiting for an answer" in hub()
    Question.objects.filter(pk=question.pk).update(state="withdrawn", closed_at=timezone.now())
    assert "Withdrawn" in hub()
    foreign = client_for(other_promoter).get("/en/my/").content.decode()
    assert "Money" not in foreign
    assert "Who pays the trip?" not in foreign


def test_the_address_and_the_roles_are_the_person_s_own(hub, promoter, other_promoter, reviewer, client_for):
    assert promoter.email in hub()
    assert other_promoter.email in client_for(other_promoter).get("/en/my/").content.decode()
    assert promoter.email not in client_for(other_promoter).get("/en/my/").content.decode()
    client = client_for(reviewer)
    assert "My reviews" in client.get("/en/my/").content.decode()
    reviewer.groups.clear()
    assert "My reviews" not in client.get("/en/my/").content.decode()
    assert "My reviews" not in hub()


@pytest.mark.parametrize("number", [1, 3])
def test_my_academy_costs_the_same_for_one_and_three(number, hub, promoter, cohort, django_assert_num_queries):
    for each in range(number):
        project = make.ProjectFactory()
        make.ProjectMemberFactory(project=project, person=promoter)
        make.RegistrationFactory(session=make.SessionFactory(cohorts=[cohort]), person=promoter, project=project, **CONFIRMED)
        Certificate.objects.create(
            kind="course", holder=promoter, holder_name="Paula", content={"en": {"title": "Done", "about": f"Money {each}"}}
        )
        QuestionFactory(asker=promoter)
        module = make_module()
        make_lesson(module)
        make_course(modules=(module,)).get_parent()
    hub()
    with django_assert_num_queries(8):  # the session, the person, and one for each kind of thing (two for courses)
        hub()


# --- the calls


def facts(words: str) -> str:
    return words.partition('<dl class="facts">')[2].partition("</dl>")[0]


def test_a_call_is_read_at_once_and_closes_with_the_clock(calls, cohort, in_some_days):
    assert "Spring cohort" in calls()
    Cohort.objects.update(title=make.words("Summer cohort"), capacity=3)
    assert "Summer cohort" in calls()
    assert "3 projects" in calls()
    in_some_days(11)
    assert "No call is open today" in calls()
    assert "3 projects" not in calls()  # it is named as an earlier call, with a page of its own


def test_a_call_opens_with_the_clock_and_the_page_said_when(calls, cohort, in_some_days):
    Cohort.objects.update(intake_opens_at=timezone.now() + timedelta(days=3))
    assert "The next call opens on" in calls()
    Cohort.objects.update(intake_opens_at=timezone.now() + timedelta(days=2), intake_closes_at=timezone.now() + timedelta(days=9))
    opens = (timezone.localtime() + timedelta(days=2)).day
    assert f"opens on {opens} " in calls() or f" {opens}, " in calls()
    in_some_days(4)
    assert "Spring cohort" in calls()
    Cohort.objects.update(state="planned")
    assert "Spring cohort" not in calls()
    assert "The next call has no date yet" in calls()


def test_a_session_of_the_call_is_read_at_once(calls, cohort, session, coordinator):
    assert ", Brussels" in calls()
    Session.objects.update(place="Lille", estimated_cost=650)
    assert ", Lille" in calls()
    assert "650" in calls()
    told = {facts(calls())}
    Session.objects.update(ends_at=session.ends_at + timedelta(days=3))
    told.add(facts(calls()))
    evening = session.starts_at.replace(hour=19)
    Session.objects.update(starts_at=evening, ends_at=evening + timedelta(hours=2))
    told.add(facts(calls()))
    Session.objects.update(time_zone="Asia/Tokyo")
    told.add(facts(calls()))
    assert len(told) == 4
    Session.objects.update(cancelled_at=timezone.now(), cancelled_by=coordinator)
    assert "Spring session" not in calls()


def test_an_application_is_its_project_s_own(calls, draft, other_promoter, client_for, visitor_client):
    assert "Go on with this application" in calls()
    for client in (client_for(other_promoter), visitor_client):
        assert "Coopérative du Nord" not in client.get("/en/apply/").content.decode()
    assert "Start an application" in client_for(other_promoter).get("/en/apply/").content.decode()
    assert "Create an account and start" in visitor_client.get("/en/apply/").content.decode()
    Application.objects.update(state="submitted", submitted_at=timezone.now(), submitted_by=other_promoter)
    assert "See this application" in calls()
    assert "Received" in calls()
    Project.objects.update(name="Coopérative du Sud")
    assert "Coopérative du Sud" in calls()
    draft.project.memberships.all().delete()
    assert "Coopérative du Sud" not in calls()


@pytest.mark.parametrize("number", [1, 3])
def test_calls_cost_the_same_for_one_and_three(number, calls, pathway, rubric, coordinator, project, django_assert_num_queries):
    for _each in range(number):
        cohort = make.open_now(make.CohortFactory(pathway=pathway, rubric=rubric, coordinator=coordinator))
        make.SessionFactory(cohorts=[cohort])
        make.ApplicationFactory(project=project, cohort=cohort)
    calls()
    with django_assert_num_queries(6):  # the session, the person, the calls, their sessions, one's own applications, earlier calls
        calls()


def test_a_session_of_two_calls_stands_in_both(calls, cohort, pathway, rubric, coordinator):
    second = make.open_now(make.CohortFactory(pathway=pathway, rubric=rubric, coordinator=coordinator, title=make.words("Other cohort")))
    make.SessionFactory(cohorts=[cohort, second], title=make.words("Common session"))
    assert calls().count("Common session") == 2

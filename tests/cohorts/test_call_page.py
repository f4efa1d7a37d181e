"""The public page of a call: at each of its moments, for each reader, with the same number of queries whatever is on it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from cohorts.call_page import questions_of
from cohorts.models import Cohort, Partnership
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.courses import home_page
from tests.factories.wiki import MonographPageFactory

pytestmark = pytest.mark.usefixtures("strict_templates")


def address(cohort, name="cohorts_call", language="en"):
    with translation.override(language):
        return reverse(name, args=[cohort.pk])


def page_of(client, cohort, **kwargs):
    return client.get(address(cohort, **kwargs)).content.decode()


@pytest.fixture
def asked(pathway, rubric, coordinator):
    """A planned cohort with a question of each kind."""
    cohort = make.CohortFactory(pathway=pathway, rubric=rubric, coordinator=coordinator)
    for kind in ("text", "number", "country", "money", "file"):
        both = {"fr": f"Question {kind} (fr)", "en": f"Question {kind}"}
        make.CallQuestionFactory(
            cohort=cohort, kind=kind, label=both, help={"fr": "Aide", "en": f"Help {kind}"}, is_required=kind != "file"
        )
    choices = {"fr": "Rouge\nVert", "en": "Red\nGreen"}
    make.CallQuestionFactory(cohort=cohort, kind="choice", label={"fr": "Laquelle ?", "en": "Which?"}, choices=choices)
    return cohort


def graduate(cohort, name, coordinator, **partnership):
    participation = make.ParticipationFactory(
        cohort=cohort, project=make.ProjectFactory(name=name, country="CL"), state="graduated", graduated_at=timezone.now()
    )
    decision = make.GraduationFactory(participation=participation, decided_by=coordinator, typology=make.TypologyFactory())
    return make.PartnershipFactory(determination=decision, **partnership)


def test_a_visitor_reads_what_is_asked_given_and_what_it_costs(visitor_client, asked, session):
    make.open_now(asked)
    session.cohorts.set([asked])
    page = page_of(visitor_client, asked)
    for words in (
        "Twenty hours with a contact person.",
        "Your own travel to two sessions.",
        session.place,
        "need",
        "Question money",
        "Green",
    ):
        assert words in page
    assert "Help file" in page
    assert f"/en/apply/start/{asked.pk}/" in page
    french = page_of(visitor_client, asked, language="fr")
    assert "Vert" in french
    assert "Question money (fr)" in french


@pytest.mark.parametrize("name", ["cohorts_call", "cohorts_call_questions"])
def test_a_planned_call_is_for_coordinators_only(
    name, asked, visitor_client, client_for, promoter, trainer, reviewer, coordinator, admin_user
):
    where = address(asked, name)
    assert visitor_client.get(where).status_code == 404
    for person in (promoter, trainer, reviewer):
        assert client_for(person).get(where).status_code == 404
    for person in (coordinator, admin_user):
        assert client_for(person).get(where).status_code == 200
    assert "only coordinators see this page" in client_for(coordinator).get(address(asked)).content.decode()


@pytest.mark.parametrize(
    ("state", "opens", "closes", "says"),
    [
        ("open", 2, 10, "This call opens on"),
        ("open", -10, -1, "The applications are being read."),
        ("reviewing", -10, -1, "The applications are being read."),
        ("running", -10, -1, "Its cohort is on its way."),
        ("closed", -10, -1, "Its cohort has come to its end."),
    ],
)
def test_a_call_that_is_not_open_says_what_next(visitor_client, cohort, state, opens, closes, says):
    now = timezone.now()
    dates = {"intake_opens_at": now + timedelta(days=opens), "intake_closes_at": now + timedelta(days=closes)}
    Cohort.objects.filter(pk=cohort.pk).update(state=state, **dates)
    page = page_of(visitor_client, cohort)
    assert says in page
    assert "Start an application" not in page
    assert "create an account" not in page.lower()
    if closes < 0:
        assert "The next call has no date yet." in page
        following = make.open_now(
            make.CohortFactory(pathway=cohort.pathway, rubric=cohort.rubric, title={"fr": "Suivante", "en": "Following"})
        )
        assert "Another call is open now" in page_of(visitor_client, cohort)
        Cohort.objects.filter(pk=following.pk).update(intake_opens_at=now + timedelta(days=3))
        assert "The next one," in page_of(visitor_client, cohort)


def test_days_are_those_of_the_cohort(visitor_client, client_for, promoter, cohort):
    zone = ZoneInfo("Asia/Kathmandu")
    opens, closes, starts = (datetime(2030, month, 5, 0, 30, tzinfo=zone) for month in (3, 4, 6))
    dates = {"time_zone": zone.key, "intake_opens_at": opens, "intake_closes_at": closes, "starts_at": starts}
    Cohort.objects.filter(pk=cohort.pk).update(**dates)
    cohort.refresh_from_db()
    assert "opens on March 5, 2030" in page_of(visitor_client, cohort)
    head = visitor_client.get("/en/apply/").content.decode()
    assert "opens on March 5, 2030 and closes on April 5, 2030" in head


def test_who_went_through_it_is_named_as_a_partner_only(visitor_client, cohort, coordinator):
    graduate(cohort, "Oficio Común", coordinator)
    graduate(cohort, "Ended One", coordinator, ended_at=timezone.now(), ended_by=coordinator)
    make.ParticipationFactory(cohort=cohort, project=make.ProjectFactory(name="Still Walking"))
    later = make.open_now(make.CohortFactory(pathway=cohort.pathway, rubric=cohort.rubric, starts_at=timezone.now() + timedelta(days=400)))
    for state in ("withdrawn", "dismissed", "revoked"):
        ended = {"ended_at": timezone.now(), "ended_by": coordinator, **({"graduated_at": timezone.now()} if state == "revoked" else {})}
        make.ParticipationFactory(cohort=cohort, project=make.ProjectFactory(country="BE"), state=state, **ended)
    elsewhere = make.CohortFactory()
    make.ParticipationFactory(cohort=elsewhere, project=make.ProjectFactory(country="NO"))
    graduate(elsewhere, "Another Path", coordinator)
    page = page_of(visitor_client, later)
    assert "3 projects of 2 countries" in page
    assert "Another Path" not in page
    assert "Oficio Común" in page
    assert "Ended One" not in page
    assert "Still Walking" not in page
    assert "Chile" in page
    assert Partnership.objects.current().count() == 2


def test_a_public_monograph_is_linked_and_a_closed_one_is_not(visitor_client, client_for, promoter, cohort, coordinator):
    graduate(cohort, "Oficio Común", coordinator)
    home = home_page("fr")
    page = MonographPageFactory(parent=home, locale=home.locale, kind="project", organisation="Oficio Común", slug="oficio")
    assert page.url in page_of(visitor_client, cohort)
    page.view_restrictions.create(restriction_type="login")
    assert page.url not in page_of(visitor_client, cohort)
    assert page.url in page_of(client_for(promoter), cohort)


def test_the_hours_are_those_of_the_cohort_and_of_the_reader(client_for, cohort):
    reader = UserFactory(time_zone="Asia/Kathmandu", language="en")
    page = page_of(client_for(reader), cohort)
    assert "(Brussels)" in page
    assert "On your clock:" in page
    assert "+05:45" in page
    assert "On your clock:" not in page_of(client_for(UserFactory(time_zone="Europe/Paris", language="en")), cohort)


def test_my_own_application_is_shown(client_for, promoter, draft):
    assert f"/en/apply/{draft.pk}/" in page_of(client_for(promoter), draft.cohort)


def test_the_questions_on_paper_leave_room(visitor_client, asked):
    make.open_now(asked)
    page = page_of(visitor_client, asked, name="cohorts_call_questions")
    assert page.count('class="room"') + page.count('class="room short"') == sum(len(part.questions) for part in questions_of(asked))
    assert page.count('class="room short"') == sum(one.is_short for part in questions_of(asked) for one in part.questions) == 11
    assert "Question country" in page


def test_what_is_said_beside_a_question_is_said_in_one_bracket(visitor_client, asked):
    make.open_now(asked)
    page = page_of(visitor_client, asked)
    assert "(optional, 500 words at most)" in page
    assert "(optional, File)" in page
    assert ") <span" not in page.partition('id="questions"')[2].partition("</section>")[0]


def test_each_line_of_what_is_given_is_a_point_of_its_own(visitor_client, asked):
    make.open_now(asked)
    asked.gives = {"fr": "Une.", "en": "Twenty hours.\n\nCourses."}
    asked.save()
    page = page_of(visitor_client, asked)
    assert "<li>Twenty hours.</li><li>Courses.</li>" in page
    assert "<p>Your own travel to two sessions.</p>" in page


def fill(cohort, coordinator, number):
    for n in range(number):
        make.SessionFactory(cohorts=[cohort])
        graduate(cohort, f"Partner {n}", coordinator)
        home = home_page("fr")
        MonographPageFactory(parent=home, locale=home.locale, kind="project", organisation=f"Partner {n}", slug=f"partner-{n}")


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_for_one_row_and_three(
    number, client_for, promoter, pathway, rubric, coordinator, django_assert_num_queries
):
    cohort = make.CohortFactory(pathway=pathway, rubric=rubric, coordinator=coordinator)
    make.CallQuestionFactory.create_batch(number, cohort=cohort)
    make.open_now(cohort)
    fill(cohort, coordinator, number)
    client = client_for(promoter)
    page_of(client, cohort)
    with django_assert_num_queries(10):
        page = page_of(client, cohort)
    assert page.count("Partner ") == number


def test_earlier_calls_are_listed_with_their_page(visitor_client, cohort):
    Cohort.objects.update(state="running", intake_closes_at=timezone.now() - timedelta(days=1))
    page = visitor_client.get(reverse("cohorts_apply")).content.decode()
    assert reverse("cohorts_call", args=[cohort.pk]) in page
    Cohort.objects.update(state="planned")
    assert reverse("cohorts_call", args=[cohort.pk]) not in visitor_client.get(reverse("cohorts_apply")).content.decode()

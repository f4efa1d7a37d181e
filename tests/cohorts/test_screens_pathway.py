"""The hub, the pathway, decisions and the public pathway, as pages."""

from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.models import Application, Criterion, Requirement
from cohorts.requirements import courses_completed
from cohorts.whats_next import whats_next
from courses.models import Enrolment
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.usefixtures("strict_templates")


def at(name, *args):
    return reverse(name, args=args)


def text(response):
    return response.content.decode()


def admit(application, *, by):
    Application.objects.filter(pk=application.pk).update(state="deliberation")
    application.refresh_from_db()
    decision = actions.decide_admission(application, by=by, outcome="admitted", reasons="A counted need.")
    return actions.release(decision, by=by)


def assess(application, value, *, by, reviewer=None):
    criteria = Criterion.objects.filter(part__rubric=application.cohort.rubric_id)
    if reviewer:
        Application.objects.filter(pk=application.pk).update(state="under_review")
        application.refresh_from_db()
        assignment = actions.assign_reviewer(application, by=by, reviewer=reviewer)
        actions.declare_interest(application, by=reviewer, conflict=False)
        actions.accept_review(assignment, by=reviewer)
        assessment = actions.begin_review(assignment, by=reviewer)
    else:
        assessment = actions.start_self_assessment(application.project, by=by, cohort=application.cohort)
    actions.save_scores(assessment, by=by, scores={row.pk: actions.ScoreInput(value) for row in criteria})
    return actions.submit_assessment(assessment, by=by)


@pytest.mark.parametrize("name", ["my", "cohorts_my_pathway"])
def test_visitor_signs_in_first(name, visitor_client, db):
    assert visitor_client.get(at(name)).status_code == 302


@pytest.mark.parametrize("name", ["my", "cohorts_my_pathway"])
def test_empty_pages_say_what_to_do(name, client_for, other_promoter):
    response = client_for(other_promoter).get(at(name))
    assert response.status_code == 200
    assert at("cohorts_apply") in text(response)


def test_draft_is_the_next_step(client_for, promoter, draft):
    response = client_for(promoter).get(at("cohorts_my_pathway"))
    assert response.context["step"].href == at("cohorts_application", draft.pk)
    assert [station.state for station in response.context["stations"]] == ["here", "next"]


def test_a_stranger_does_not_open_a_project_by_its_name(client_for, other_promoter, draft):
    make.ProjectMemberFactory(person=other_promoter)
    address = f"{at('cohorts_my_pathway')}?project={draft.project_id}"
    assert client_for(other_promoter).get(address).status_code == 404
    assert client_for(other_promoter).get(f"{at('cohorts_my_pathway')}?project=nonsense").status_code == 404


@pytest.mark.parametrize(
    ("state", "days", "words", "by_words"),
    [
        ("invited", 5, "You take your place in the cohort: the courses and the sessions open at once.", "You answer before"),
        (
            "invited",
            -1,
            "You take your place in the cohort: the courses and the sessions open at once.",
            "Answer now if you want the place. The date to answer by was",
        ),
        ("active", 5, "Your answer is with us: the rest is on your pathway.", ""),
        (
            "dismissed",
            -1,
            "The participation of your project in this cohort has ended. What you wrote is kept, and carried to the next application.",
            "",
        ),
    ],
)
def test_once_admitted_both_pages_say_what_became_of_the_place(state, days, words, by_words, client_for, promoter, submitted, coordinator):
    now = timezone.now()
    until = now + timedelta(days=days)
    Application.objects.filter(pk=submitted.pk).update(state="admitted")
    told = {
        "outcome": "admitted",
        "decided_at": now - timedelta(days=9),
        "released_at": now - timedelta(days=8),
        "released_by": coordinator,
    }
    make.DeterminationFactory(application=submitted, answer_by=until, **told)
    invited = {"state": "invited", "activated_at": None, "activated_by": None}
    place = make.ParticipationFactory(project=submitted.project, cohort=submitted.cohort, application=submitted, **invited)
    if state == "active":
        actions.accept_place(place, by=promoter)
    elif state == "dismissed":
        actions.lapse_offer(place, by=coordinator)
    client = client_for(promoter)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    for address in (at("cohorts_my_pathway"), at("cohorts_application", submitted.pk)):
        page = client.get(address.replace("/fr/", "/en/"))
        told = page.context["next"]
        assert (told.label, told.words, told.by_words) == ("Admitted", words, by_words)
        assert told.by == (until if by_words else None)
        assert words in text(page)


@pytest.mark.parametrize("leaves", ["closed", "coordinates no more"])
@pytest.mark.parametrize("name", ["cohorts_my_pathway", "cohorts_application", "cohorts_decision"])
def test_nobody_is_sent_to_who_has_left(name, leaves, client_for, promoter, submitted, coordinator):
    """The account of the coordinator is closed, or they have the role no more: whom to ask is another one, on every page that says it."""
    decision = admit(submitted, by=coordinator)
    other = UserFactory(name="Olga Other", email="olga@example.org")
    other.groups.add(Group.objects.get(name="Coordinators"))
    page = at(name, *{"cohorts_application": [submitted.pk], "cohorts_decision": [decision.pk]}.get(name, []))
    assert coordinator.email in text(client_for(promoter).get(page))
    if leaves == "closed":
        type(coordinator).objects.filter(pk=coordinator.pk).update(is_active=False)
    else:
        coordinator.groups.clear()
    html = text(client_for(promoter).get(page))
    assert (coordinator.email in html, "Olga Other" in html, 'href="mailto:olga@example.org"' in html) == (False, True, True)


def test_who_waits_on_the_reserve_list_reads_until_when(submitted, english):
    type(submitted).objects.filter(pk=submitted.pk).update(state="reserve")
    submitted.refresh_from_db()
    starts = submitted.cohort.starts_at
    told = whats_next(submitted)
    assert (told.by_words, told.by) == ("Most places become free before the cohort starts, on", starts)
    assert whats_next(submitted, now=starts).by is None
    submitted.cohort.state = "closed"
    over = "The cohort is over and no place became free. What you wrote is kept, and carried to the next application."
    assert (whats_next(submitted).words, whats_next(submitted).by) == (over, None)


def test_self_assessment_then_it_is_smarts_turn(client_for, promoter, submitted):
    client = client_for(promoter)
    response = client.get(at("cohorts_my_pathway"))
    step = client.get(response.context["step"].href)
    assert step.url == at("cohorts_self_assessment", submitted.project_id, submitted.cohort_id, "entry")
    assess(submitted, 3, by=promoter)
    response = client.get(at("cohorts_my_pathway"))
    assert response.context["step"] is None
    assert [row.requirement.key for row in response.context["smart_owes"]] == ["review"]


def test_decision_gap_and_place(client_for, promoter, other_promoter, coordinator, reviewer, submitted):
    assess(submitted, 4, by=promoter)
    assess(submitted, 2, by=coordinator, reviewer=reviewer)
    client = client_for(promoter)
    assert client.get(at("cohorts_my_pathway")).context["gap"] is None
    decision = admit(submitted, by=coordinator)
    response = client.get(at("cohorts_my_pathway"))
    assert [series.dashed for series in response.context["pillars"]] == [False, True]
    assert response.context["gap_words"] != []
    participation = submitted.participations.get()
    assert response.context["step"].href == at("cohorts_place", participation.pk)
    assert "A counted need." in text(response)
    assert "A counted need." in text(client.get(at("cohorts_decision", decision.pk)))
    for name, pk in (("cohorts_decision", decision.pk), ("cohorts_place", participation.pk)):
        assert client_for(other_promoter).get(at(name, pk)).status_code == 404
    assert client.get(at("cohorts_place", participation.pk)).status_code == 200
    client.post(at("cohorts_place", participation.pk))
    participation.refresh_from_db()
    assert participation.state == "active"
    assert client.get(at("cohorts_place", participation.pk)).status_code == 200


@pytest.mark.parametrize("before", ["declined", "reserve"])
def test_a_decision_that_was_replaced_leads_to_the_one_in_force_and_says_no_step(before, client_for, promoter, coordinator, submitted):
    Application.objects.filter(pk=submitted.pk).update(state="deliberation")
    submitted.refresh_from_db()
    first = actions.release(actions.decide_admission(submitted, by=coordinator, outcome=before, reasons="So."), by=coordinator)
    assert ">La suite<" in text(client_for(promoter).get(at("cohorts_decision", first.pk)))
    later = actions.release(
        actions.decide_admission(submitted, by=coordinator, outcome="admitted", reasons="A counted need."), by=coordinator
    )
    page = text(client_for(promoter).get(at("cohorts_decision", first.pk)))
    assert (">La suite<" in page, f'href="{at("cohorts_decision", later.pk)}"' in page) == (False, True)


def test_pending_decision_is_nobodys_page(client_for, promoter, coordinator, submitted):
    Application.objects.filter(pk=submitted.pk).update(state="deliberation")
    submitted.refresh_from_db()
    pending = actions.decide_admission(submitted, by=coordinator, outcome="declined", reasons="Secret.")
    assert client_for(promoter).get(at("cohorts_decision", pending.pk)).status_code == 404
    assert "Secret." not in text(client_for(promoter).get(at("cohorts_my_pathway")))


def test_late_is_said_in_words(client_for, promoter, participation, cohort):
    now = timezone.localtime(timezone=ZoneInfo(cohort.time_zone))  # days of its clock: one of them may have had 25 hours
    past = {name: now - timedelta(days=ago) for name, ago in (("intake_opens_at", 90), ("intake_closes_at", 60), ("starts_at", 40))}
    type(cohort).objects.filter(pk=cohort.pk).update(state="running", **past)
    Requirement.objects.filter(stage__key="apply").delete()
    Requirement.objects.filter(key="plan").update(offset_days=30)
    page = text(client_for(promoter).get(at("cohorts_my_pathway").replace("/fr/", "/en/")))
    assert "10 days late" in page


def test_offered_seat_comes_first(client_for, promoter, participation, session, project):
    actions.register(session, by=promoter, person=promoter, project=project)
    response = client_for(promoter).get(at("cohorts_my_pathway"))
    assert response.context["step"].href == at("cohorts_session", session.pk)


@pytest.mark.parametrize("outcome", ["graduated", "not_yet"])
def test_graduation_decision(outcome, client_for, promoter, coordinator, participation):
    typology = make.TypologyTermFactory().typology
    decision = make.GraduationFactory(
        participation=participation,
        outcome=outcome,
        typology=typology if outcome == "graduated" else None,
        released_at=timezone.now() + timedelta(seconds=5),
        released_by=coordinator,
        reasons="Well done.",
    )
    page = text(client_for(promoter).get(at("cohorts_decision", decision.pk)))
    assert ("A week a year." in page) == (outcome == "graduated")
    assert "Well done." in page


def test_pathway_stays_within_its_budget(client_for, promoter, coordinator, reviewer, submitted, session, django_assert_max_num_queries):
    stage = submitted.cohort.pathway.stages.last()
    kinds = {"course": {"course_key": uuid4()}, "reading": {"page_key": uuid4()}, "deliverable": {"activity_key": uuid4()}, "form": {}}
    Requirement.objects.bulk_create([make.RequirementFactory.build(stage=stage, kind=kind, **facts) for kind, facts in kinds.items()])
    assess(submitted, 4, by=promoter)
    assess(submitted, 2, by=coordinator, reviewer=reviewer)
    admit(submitted, by=coordinator)
    actions.accept_place(submitted.participations.get(), by=promoter)
    client = client_for(promoter)
    client.get(at("cohorts_my_pathway"))
    with django_assert_max_num_queries(15):
        client.get(at("cohorts_my_pathway"))
    for _n in range(2):
        make.SessionFactory(cohorts=[submitted.cohort])
        make.ProjectMemberFactory(person=promoter, project__name="Another")
    with django_assert_max_num_queries(15):
        client.get(f"{at('cohorts_my_pathway')}?project={submitted.project_id}")


def test_hub_costs_the_same_for_one_and_three(client_for, promoter, participation, session, project, django_assert_max_num_queries):
    actions.register(session, by=promoter, person=promoter, project=project)
    client = client_for(promoter)
    client.get(at("my"))
    with django_assert_max_num_queries(14) as one:
        client.get(at("my"))
    for _n in range(2):
        more = make.ProjectMemberFactory(person=promoter).project
        make.RegistrationFactory(person=promoter, project=more, status="waiting", queue_number=_n + 5, session=make.SessionFactory())
    with django_assert_max_num_queries(len(one.captured_queries)):
        assert len(client.get(at("my")).context["seats"]) == 3


def test_steps_lead_only_members_of_the_project(client_for, other_promoter, promoter, draft):
    requirement = Requirement.objects.get(key="application")
    address = at("cohorts_step", draft.project_id, requirement.pk)
    assert client_for(promoter).get(address).url == at("cohorts_application", draft.pk)
    assert client_for(other_promoter).get(address).status_code == 404
    foreign = make.RequirementFactory()
    assert client_for(promoter).get(at("cohorts_step", draft.project_id, foreign.pk)).status_code == 404


def test_course_that_is_not_published_says_so(client_for, promoter, participation):
    reading = Requirement.objects.get(key="charter")
    Requirement.objects.filter(pk=reading.pk).update(page_key=uuid4())
    response = client_for(promoter).get(at("cohorts_step", participation.project_id, reading.pk))
    assert response.url == at("cohorts_my_pathway")


def test_everybody_reads_the_whole_pathway(visitor_client, cohort, django_assert_max_num_queries):
    make.TypologyTermFactory()
    visitor_client.get(at("cohorts_pathway"))
    with django_assert_max_num_queries(12):
        page = text(visitor_client.get(at("cohorts_pathway")))
    assert "There is some of it." in page
    assert "A week a year." in page
    type(cohort).objects.update(state="planned")
    assert visitor_client.get(at("cohorts_pathway")).context["sheet"] is None


def test_a_course_counts_where_its_person_leads(promoter, project):
    key = uuid4()
    looked_at = make.ProjectMemberFactory(person=promoter, role="member").project
    Enrolment.objects.create(user=promoter, course_key=key, completed_at=timezone.now())
    Enrolment.objects.create(user=promoter, course_key=uuid4(), completed_at=timezone.now())
    assert courses_completed([project.pk, looked_at.pk], [key]) == {(project.pk, key)}


def rail(response):
    return [station.state for station in response.context["stations"]]


def test_nobody_stands_in_the_courses_before_being_admitted(client_for, promoter, coordinator, reviewer, submitted):
    assess(submitted, 4, by=promoter)
    assess(submitted, 2, by=coordinator, reviewer=reviewer)
    response = client_for(promoter).get(at("cohorts_my_pathway").replace("/fr/", "/en/"))
    assert rail(response) == ["here", "next"]
    assert (response.context["you_owe"], response.context["step"]) == ([], None)
    assert "It is our turn: the decision" in text(response)


def test_an_ended_project_owes_nothing(client_for, promoter, submitted):
    Application.objects.filter(pk=submitted.pk).update(state="declined")
    response = client_for(promoter).get(at("cohorts_my_pathway").replace("/fr/", "/en/"))
    assert rail(response) == ["later", "later"]
    assert "Who owes what" not in text(response)
    assert response.context["step"] is None


def test_a_project_that_walks_stands_where_it_owes(client_for, promoter, participation, submitted):
    response = client_for(promoter).get(at("cohorts_my_pathway"))
    assert rail(response) == ["here", "next"]
    assert [row.requirement.key for row in response.context["you_owe"]] == ["self"]


def test_money_of_a_trip_is_owed_by_the_person_and_its_check_by_smart(client_for, promoter, project, participation, session):
    """A trip of 400, of which 150 are said: the rest is the person's to find, and what is said is Smart's to look at."""
    client, address = client_for(promoter), at("cohorts_my_pathway").replace("/fr/", "/en/")

    def owed():
        context = client.get(address).context
        return [one.title for one in context["yours_beside"]], [one.title for one in context["our_checks"]]

    assert owed() == ([], [])
    seat = actions.register(session, by=promoter, person=promoter, project=project, payer="project", amount=150)
    mine, ours = f"Say who pays for your trip: {session.title}", f"Check who pays for your trip: {session.title}"
    assert owed() == ([mine], [ours])
    assert all(title in text(client.get(address)) for title in (mine, ours))
    actions.declare_funding(seat, by=promoter, payer="grant", amount=250)
    assert owed() == ([], [ours])
    actions.verify_funding(seat, by=make.CohortFactory().coordinator)
    assert owed() == ([], [])


def test_next_step_of_whoever_has_a_place_is_to_come(client_for, promoter, project, participation, session):
    """Not to ask for a place once more."""
    Requirement.objects.filter(stage__pathway=participation.cohort.pathway).exclude(kind="session").update(mandatory=False)
    client, address = client_for(promoter), at("cohorts_my_pathway").replace("/fr/", "/en/")
    seat = actions.register(session, by=promoter, person=promoter, project=project, payer="project", amount=400)
    waiting = client.get(address).context["step"]
    assert "You are ready to come once the team has seen that your trip is paid for." in waiting.words
    actions.verify_funding(seat, by=participation.cohort.coordinator)
    step = client.get(address).context["step"]
    assert step.words.startswith("Everything is settled: you are expected.")
    assert step.href == at("cohorts_session", session.pk).replace("/fr/", "/en/")


def test_an_offer_whose_time_is_over_is_no_next_step(client_for, promoter, project, participation, session):
    """Even before the clock takes it back."""
    client, address = client_for(promoter), at("cohorts_my_pathway")
    seat = actions.register(session, by=promoter, person=promoter, project=project)
    here = at("cohorts_session", session.pk)
    assert (seat.status, client.get(address).context["step"].href) == ("offered", here)
    type(seat).objects.filter(pk=seat.pk).update(offer_expires_at=timezone.now() - timedelta(minutes=1))
    assert client.get(address).context["step"].href != here

"""Our pages inside the CMS: who opens them, what a verb does, what a refusal keeps, and how many queries they cost."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.models import Application, ConflictDeclaration, Determination, Session
from tests.cms_verbs import sure
from tests.factories import cohorts as make
from tests.factories.travel import FundingSourceFactory

PAGES = {
    "cohort": ("cohorts_cms_cohort", "cohort"),
    "application": ("cohorts_cms_application", "submitted"),
    "participation": ("cohorts_cms_participation", "participation"),
    "session": ("cohorts_cms_session", "session"),
}
LISTS = ["cohorts:index", "applications:index", "participations:index", "projects:index", "sessions:index", "typologies:index"]


@pytest.fixture(params=PAGES)
def page(request):
    name, fixture = PAGES[request.param]
    return request.param, reverse(name, args=[request.getfixturevalue(fixture).pk])


def test_page_opens_for_a_coordinator(page, client_for, coordinator):
    assert client_for(coordinator).get(page[1]).status_code == 200


def test_page_is_closed_to_others(page, client_for, visitor_client, promoter, other_promoter, reviewer, trainer):
    name, address = page
    answers = {who.name.split()[0]: client_for(who).get(address).status_code for who in (promoter, other_promoter, reviewer, trainer)}
    assert visitor_client.get(address).headers["Location"].startswith("/accounts/login/")
    trainer_status = 404 if name == "application" else 200
    assert answers == {"Paula": 302, "Oscar": 302, "Rita": 302, "Tom": trainer_status}


@pytest.mark.parametrize("name", LISTS)
def test_list_opens_for_a_coordinator(name, client_for, coordinator, submitted, participation, session):
    make.TypologyFactory()
    assert client_for(coordinator).get(reverse(name)).status_code == 200


def test_lists_name_the_country_and_each_column(client_for, coordinator, submitted, participation):
    client = client_for(coordinator)
    pages = {name: client.get(reverse(name)).content.decode() for name in ("applications:index", "participations:index", "projects:index")}
    assert [name for name, html in pages.items() if submitted.project.country_name not in html] == []
    assert ">method<" not in re.sub(r"\s+", "", pages["projects:index"]).lower()


def test_lists_say_the_date_of_what_is_to_come(client_for, coordinator, cohort, session):
    """Not how long ago it was: what comes tomorrow would read "0 minutes ago"."""
    for row, name in ((session, "sessions:index"), (cohort, "cohorts:index")):
        html = client_for(coordinator).get(reverse(name)).content.decode()
        assert re.search(rf"<td[^>]*>\s*[^<]*{row.starts_at.year}[^<]*</td>", html)
        assert re.search(r"\b(ago|il y a)\b", html) is None


def test_trainer_only_reads(client_for, trainer, cohort, participation):
    answer = client_for(trainer).post(reverse("cohorts_cms_participation_verb", args=[participation.pk, "pause"]))
    assert answer.status_code == 404
    assert b"cms-verb" not in client_for(trainer).get(reverse("cohorts_cms_cohort", args=[cohort.pk])).content


def test_verb_moves_the_row_and_says_so(client_for, coordinator, reviewer, submitted):
    client = client_for(coordinator)
    client.post(
        reverse("cohorts_cms_application_verb", args=[submitted.pk, "assign"]), {"assign-reviewer": reviewer.pk, "assign-due_on": ""}
    )
    answer = client.post(reverse("cohorts_cms_application_verb", args=[submitted.pk, "start-review"]))
    assert answer.headers["Location"] == reverse("cohorts_cms_application", args=[submitted.pk])
    submitted.refresh_from_db()
    assert submitted.state == Application.State.UNDER_REVIEW
    assert [row.reviewer for row in submitted.assignments.all()] == [reviewer]


def test_refused_verb_keeps_what_was_typed(client_for, coordinator, reviewer, submitted):
    submitted.state = Application.State.UNDER_REVIEW
    submitted.save()
    make.ReviewAssignmentFactory(application=submitted, reviewer=reviewer)
    address = reverse("cohorts_cms_application_verb", args=[submitted.pk, "deliberate"])
    answer = client_for(coordinator).post(address, {"deliberate-reason": "  "})
    assert answer.status_code == 200
    refused = [one for one in answer.context["verbs"] if one.is_refused]
    assert [one.verb.name for one in refused] == ["deliberate"]
    submitted.refresh_from_db()
    assert submitted.state == Application.State.UNDER_REVIEW


def after_its_letters(client, address, data):
    """Posts a verb that writes: its letters are looked at, then it is done."""
    return client.post(address, {**data, "letters": client.post(address, data).context["stamp"]})


def test_decision_is_prepared_then_released(client_for, coordinator, submitted):
    Application.objects.filter(pk=submitted.pk).update(state=Application.State.DELIBERATION)
    client = client_for(coordinator)
    client.post(
        reverse("cohorts_cms_application_verb", args=[submitted.pk, "decide"]),
        {"decide-outcome": "admitted", "decide-reasons": "A strong team."},
    )
    assert Determination.objects.get().released_at is None
    address = reverse("cohorts_cms_application_verb", args=[submitted.pk, "release"])
    after_its_letters(client, address, {"release-seen": Determination.objects.get().pk})
    assert Determination.objects.get().released_by == coordinator
    assert submitted.participations.get().state == "invited"


def test_declared_interest_closes_the_application_everywhere(client_for, coordinator, submitted):
    client = client_for(coordinator)
    address = reverse("cohorts_cms_application_verb", args=[submitted.pk, "declare-interest"])
    answer = client.post(address, {"declare-interest-reason": "My sister leads it."})
    assert answer.headers["Location"] == reverse("applications:index")
    assert ConflictDeclaration.objects.get().person == coordinator
    assert client.get(reverse("cohorts_cms_application", args=[submitted.pk])).status_code == 404
    assert submitted.project.name not in client.get(reverse("applications:index")).content.decode()


def test_unknown_verb_is_not_found(client_for, coordinator, submitted):
    assert client_for(coordinator).post(reverse("cohorts_cms_application_verb", args=[submitted.pk, "explode"])).status_code == 404


def test_session_form_raises_the_sequence_of_the_calendar(client_for, coordinator, session):
    form = {
        "title_fr": "Rencontre de printemps",
        "title_en": "Spring session",
        "description_fr": "",
        "description_en": "",
        "cohorts": [str(pk) for pk in session.cohorts.values_list("pk", flat=True)],
        "place": "Lille",
        "address": "",
        "time_zone": session.time_zone,
        "capacity": session.capacity,
        "offer_hours": session.offer_hours,
        "funding_lead_days": session.funding_lead_days,
        "visa_lead_days": 60,
        "estimated_cost": "",
        "currency": "EUR",
        **{f"programme-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")},
    }
    for name in ("starts_at", "ends_at", "registration_deadline", "cancellation_deadline"):
        form[name] = timezone.localtime(getattr(session, name)).strftime("%Y-%m-%d %H:%M")
    answer = client_for(coordinator).post(reverse("sessions:edit", args=[session.pk]), form)
    assert answer.status_code == 302, answer.context["form"].errors
    session = Session.objects.get(pk=session.pk)
    assert (session.place, session.ics_sequence) == ("Lille", 1)


def test_registration_is_made_ready_from_the_session_page(client_for, coordinator, session, crowd):
    (someone,) = crowd(1)
    row = make.RegistrationFactory(
        session=session,
        person=someone.person,
        project=someone.project,
        status="confirmed",
        confirmed_at=timezone.now(),
    )
    FundingSourceFactory(registration=row)
    answer = sure(client_for(coordinator), reverse("cohorts_cms_registration_verb", args=[row.pk, "verify-funding"]), {"from": "list"})
    assert answer.headers["Location"] == reverse("cohorts_cms_session", args=[session.pk])
    row.refresh_from_db()
    assert (row.status, row.funding_verified_by) == ("ready", coordinator)


def count_queries(client, address, django_assert_max_num_queries, limit):
    client.get(address)  # content types and site are cached by the first
    with django_assert_max_num_queries(limit) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


# Wagtail's own shell costs about eleven queries on every page of the CMS: session, person, groups, permissions, menu, locale.
SHELL = 13


def test_matrix_costs_the_same_for_one_and_many_projects(client_for, coordinator, cohort, crowd, django_assert_max_num_queries):
    client, address = client_for(coordinator), reverse("cohorts_cms_cohort", args=[cohort.pk])
    crowd(1)
    few = count_queries(client, address, django_assert_max_num_queries, SHELL + 15)
    crowd(12)
    assert count_queries(client, address, django_assert_max_num_queries, SHELL + 15) == few


@pytest.mark.parametrize("name", ["applications:index", "participations:index", "sessions:index", "cohorts:index"])
def test_lists_cost_the_same_for_one_and_three_rows(name, client_for, coordinator, cohort, django_assert_max_num_queries):
    def another():
        application = make.SubmittedApplicationFactory(cohort=cohort)
        make.ParticipationFactory(project=application.project, cohort=cohort)
        make.SessionFactory(cohorts=[cohort])
        make.open_now(make.CohortFactory(pathway=cohort.pathway, rubric=cohort.rubric))

    client = client_for(coordinator)
    another()
    few = count_queries(client, reverse(name), django_assert_max_num_queries, SHELL + 12)
    another()
    another()
    assert count_queries(client, reverse(name), django_assert_max_num_queries, SHELL + 12) == few


def test_a_participation_costs_the_same_for_one_record_and_three(
    client_for, coordinator, participation, pathway, django_assert_max_num_queries
):
    client, address = client_for(coordinator), reverse("cohorts_cms_participation", args=[participation.pk])
    requirements = [row for stage in pathway.stages.order_by("sort_order") for row in stage.requirements.order_by("sort_order")]
    make.RequirementRecordFactory(participation=participation, requirement=requirements[0], recorded_by__name="Ana Recorder")
    client.get(address)
    with CaptureQueriesContext(connection) as once:
        assert "Ana Recorder" in client.get(address).content.decode()
    for requirement in requirements[1:3]:
        make.RequirementRecordFactory(participation=participation, requirement=requirement)
    with django_assert_max_num_queries(len(once)):
        client.get(address)


@pytest.mark.parametrize("verb", ["sign", "release"])
def test_what_is_signed_or_released_is_what_the_page_showed(client_for, coordinator, submitted, verb):
    Application.objects.filter(pk=submitted.pk).update(state=Application.State.DELIBERATION)
    submitted.refresh_from_db()
    actions.decide_admission(submitted, by=coordinator, outcome="declined", reasons="No.")
    client, address = client_for(coordinator), reverse("cohorts_cms_application", args=[submitted.pk])
    shown = next(one.form for one in client.get(address).context["verbs"] if one.verb.name == verb)["seen"].value()
    second = actions.decide_admission(submitted, by=coordinator, outcome="admitted", reasons="Yes.")
    post = reverse("cohorts_cms_application_verb", args=[submitted.pk, verb])
    for stale in ({f"{verb}-seen": shown}, {f"{verb}-seen": "nonsense"}, {}):
        assert client.post(post, stale).status_code == 200
    second.refresh_from_db()
    assert (second.released_at, second.signatures.count()) == (None, 0)
    sent = after_its_letters if verb == "release" else type(client).post
    assert sent(client, post, {f"{verb}-seen": second.pk}).status_code == 302
    second.refresh_from_db()
    assert (second.released_by, second.signatures.count()) == ((coordinator, 0) if verb == "release" else (None, 1))


def test_moments_of_one_application_are_typed_on_the_clock_of_its_cohort(client_for, coordinator, submitted):
    noon = datetime(2099, 5, 4, 12, tzinfo=ZoneInfo("America/Martinique"))
    type(submitted.cohort).objects.update(time_zone="America/Martinique", starts_at=noon + timedelta(days=9))

    def post(verb, **said):
        address = reverse("cohorts_cms_application_verb", args=[submitted.pk, verb])
        sent = after_its_letters if verb == "return" else type(client_for(coordinator)).post
        sent(client_for(coordinator), address, {f"{verb}-{name}": value for name, value in said.items()})

    post("return", reason="Count them.", due_at="2099-05-04 12:00")
    submitted.refresh_from_db()
    assert submitted.return_due_at == noon
    Application.objects.filter(pk=submitted.pk).update(state=Application.State.DELIBERATION)
    post("decide", outcome="admitted", reasons="So.", answer_by="2099-05-04 12:00", seen="")
    assert Determination.objects.get().answer_by == noon
    page = client_for(coordinator).get(reverse("cohorts_cms_application", args=[submitted.pk]))
    shown = next(one.form for one in page.context["verbs"] if one.verb.name == "decide")
    assert (shown["answer_by"].value(), shown["reasons"].value()) == (datetime(2099, 5, 4, 12), "So.")


def test_a_graduation_that_somebody_prepared_meanwhile_is_not_replaced_unseen(client_for, coordinator, participation):
    type(participation).objects.filter(pk=participation.pk).update(state="eligible")
    client, address = client_for(coordinator), reverse("cohorts_cms_graduation", args=[participation.pk])
    verb = reverse("cohorts_cms_graduation_verb", args=[participation.pk, "decide"])
    form = next(one.form for one in client.get(address).context["verbs"] if one.verb.name == "decide")
    participation.refresh_from_db()
    first = actions.decide_graduation(participation, by=coordinator, outcome="not_yet", reasons="Soon.")
    typed = {"decide-outcome": "not_yet", "decide-reasons": "Never.", "decide-seen": form["seen"].value()}
    assert client.post(verb, typed).status_code == 200
    assert Determination.objects.get() == first
    shown = next(one.form for one in client.get(address).context["verbs"] if one.verb.name == "decide")
    assert (shown["reasons"].value(), shown["seen"].value()) == ("Soon.", str(first.pk))
    assert client.post(verb, {**typed, "decide-seen": shown["seen"].value()}).status_code == 302

"""What a project reads beside its decision: reasons, conditions, the comments meant for it, how it saw itself, and what comes next."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.feedback import feedback_of
from cohorts.models import Application
from tests.cohorts.test_results import assessed
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db
LATER = timezone.now() + timedelta(days=14)


@pytest.fixture
def read(submitted):
    """Read by two people who wrote to the project on the first part, one of them also on the second, privately too."""
    Application.objects.filter(pk=submitted.pk).update(state="deliberation")
    submitted.refresh_from_db()
    assessed(submitted, [4, 2])
    first, second = submitted.cohort.rubric.parts.order_by("sort_order")
    for name, levels in (("Zoltan Reader", [2, 2]), ("Yvonne Reader", [1, None])):
        row = assessed(submitted, levels, by=UserFactory(name=name))
        row.comments.create(part=first, private=f"Qprivate {name}", for_project=f"Count your members, {levels[0]}.")
    row.comments.create(part=second, private="Qprivate", for_project="")
    return submitted


@pytest.fixture
def admitted(read, coordinator):
    decision = actions.decide_admission(
        read, by=coordinator, outcome="admitted", reasons="A counted need.", conditions="Find a treasurer.", answer_by=LATER
    )
    return actions.release(decision, by=coordinator)


def page_of(client_for, person, decision):
    client = client_for(person)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client.get(reverse("cohorts_decision", args=[decision.pk]))


def test_the_project_reads_the_words_meant_for_it_and_no_name(admitted, promoter, coordinator, client_for):
    html = page_of(client_for, promoter, admitted).content.decode()
    for words in ("A counted need.", "Find a treasurer.", "Count your members, 2.", "Count your members, 1.", coordinator.email):
        assert words in html
    for secret in ("Qprivate", "Zoltan", "Yvonne", "Because 2"):
        assert secret not in html


def test_a_reader_who_signs_or_names_another_one_is_not_told(read, promoter, coordinator, english):
    zoltan, yvonne = (read.assignments.get(reviewer__name=f"{name} Reader") for name in ("Zoltan", "Yvonne"))
    first = read.cohort.rubric.parts.order_by("sort_order").first()
    for one, words in ((zoltan, "As Yvonne said: count. Zoltan Reader"), (yvonne, "Write to zoltan reader.")):
        one.assessment.comments.filter(part=first).update(for_project=words)
    decision = actions.release(actions.decide_admission(read, by=coordinator, outcome="declined", reasons="Not yet."), by=coordinator)
    told = feedback_of(decision, reader=promoter).parts[0].comments
    assert sorted(told) == ["As [hidden] said: count. [hidden]", "Write to [hidden]."]


def test_its_own_view_stands_beside_that_of_the_readers(admitted, promoter):
    feedback = feedback_of(admitted, reader=promoter)
    assert [(part.row.gap.own, part.row.gap.mean, len(part.comments)) for part in feedback.parts] == [(4, 1.5, 2), (2, 2.0, 0)]


def test_the_order_of_comments_does_not_say_who_wrote_them(admitted, promoter):
    """The same order whoever submitted first."""
    comments = feedback_of(admitted, reader=promoter).parts[0].comments
    for row in admitted.application.assessments.filter(kind="reviewer"):
        type(row).objects.filter(pk=row.pk).update(submitted_at=timezone.now() - timedelta(days=row.comments.count()))
    assert feedback_of(admitted, reader=promoter).parts[0].comments == comments


def test_what_a_recused_reader_wrote_is_not_told(admitted, promoter, coordinator):
    row = admitted.application.assignments.get(reviewer__name="Zoltan Reader")
    type(row).objects.filter(pk=row.pk).update(state="recused")
    assert [part.comments for part in feedback_of(admitted, reader=promoter).parts] == [["Count your members, 1."], []]


def test_nothing_is_told_before_the_release_nor_beside_a_replaced_decision(read, promoter, coordinator, client_for):
    pending = actions.decide_admission(read, by=coordinator, outcome="reserve", reasons="A thin network.")
    assert feedback_of(pending, reader=promoter) is None
    assert page_of(client_for, promoter, pending).status_code == 404
    old = actions.release(pending, by=coordinator)
    read.refresh_from_db()
    actions.release(actions.decide_admission(read, by=coordinator, outcome="admitted", reasons="A place is free."), by=coordinator)
    old.refresh_from_db()
    assert feedback_of(old, reader=promoter) is None
    assert "Count your members" not in page_of(client_for, promoter, old).content.decode()


def test_the_page_says_what_comes_next_and_until_when(admitted, promoter, client_for, monkeypatch, coordinator):
    html = page_of(client_for, promoter, admitted).content.decode()
    assert str(LATER.year) in html
    assert reverse("cohorts_place", args=[admitted.application.participations.get().pk]) in html
    monkeypatch.setattr(timezone, "now", lambda: LATER + timedelta(hours=1))
    assert 'class="read late"' in page_of(client_for, promoter, admitted).content.decode()
    actions.lapse_offer(admitted.application.participations.get(), by=coordinator)
    assert "n’est plus gardée" in page_of(client_for, promoter, admitted).content.decode()


def test_my_pathway_names_the_day_by_which_to_answer(admitted, promoter, client_for):
    step = client_for(promoter).get(reverse("cohorts_my_pathway")).context["step"]
    assert step.due == admitted.answer_by


def test_strangers_find_no_decision(admitted, other_promoter, reviewer, trainer, client_for, visitor_client):
    answers = [page_of(client_for, who, admitted).status_code for who in (other_promoter, reviewer, trainer)]
    assert answers == [404, 404, 404]
    assert visitor_client.get(reverse("cohorts_decision", args=[admitted.pk])).status_code == 302


def test_the_page_costs_the_same_for_one_comment_and_three(admitted, promoter, client_for, django_assert_max_num_queries):
    client, address = client_for(promoter), reverse("cohorts_decision", args=[admitted.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for row in admitted.application.assessments.filter(kind="reviewer"):
        for part in row.rubric.parts.exclude(comments__assessment=row):
            row.comments.create(part=part, for_project="More.")
    make.SignatureFactory(determination=make.DeterminationFactory())
    with django_assert_max_num_queries(len(few)):
        client.get(address)

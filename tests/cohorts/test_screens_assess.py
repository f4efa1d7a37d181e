"""The rubric as a form for the project, and what it sees of the reviewers. Their own screen: test_review_screen.py."""

import pytest
from django.urls import reverse

from cohorts import actions
from cohorts.models import Application, Assessment, Criterion, Level, Score
from tests.cohorts.test_screens_pathway import assess
from tests.factories import cohorts as make

pytestmark = pytest.mark.usefixtures("strict_templates")


def at(name, *args):
    return reverse(name, args=args)


def text(response):
    return response.content.decode()


@pytest.fixture
def own(submitted, promoter):
    return actions.start_self_assessment(submitted.project, by=promoter, cohort=submitted.cohort)


@pytest.fixture
def criterion(rubric):
    return Criterion.objects.get(part__rubric=rubric, part__key="impact")


def test_beginning_is_a_decision(client_for, promoter, other_promoter, submitted):
    address = at("cohorts_self_assessment", submitted.project_id, submitted.cohort_id, "entry")
    client = client_for(promoter)
    assert client.get(address).status_code == 200
    assert Assessment.objects.count() == 0
    response = client.post(address)
    assert response.url == at("cohorts_assessment", Assessment.objects.get().pk)
    assert client.get(address).url == response.url
    assert client_for(other_promoter).get(address).status_code == 404
    assert client.get(address.replace("entry", "nonsense")).status_code == 404


def test_draft_comes_first(client_for, promoter, draft):
    client = client_for(promoter)
    client.post(at("cohorts_self_assessment", draft.project_id, draft.cohort_id, "entry"))
    assert Assessment.objects.count() == 0


@pytest.mark.parametrize("person", ["other_promoter", "trainer", "reviewer"])
def test_strangers_find_no_assessment(person, request, visitor_client, client_for, own):
    client = client_for(request.getfixturevalue(person))
    for address in (at("cohorts_assessment", own.pk), at("cohorts_assessment_part", own.pk, "impact")):
        assert client.get(address).status_code == 404
        assert visitor_client.get(address).status_code == 302


def test_part_saves_and_goes_on(client_for, promoter, own, criterion):
    client = client_for(promoter)
    address = at("cohorts_assessment_part", own.pk, "impact")
    assert "There is some of it." in text(client.get(address))
    data = {f"c{criterion.pk}-level": "3", f"c{criterion.pk}-evidence": "A letter.", f"c{criterion.pk}-confidence": "2", "intent": "next"}
    response = client.post(address, data)
    assert response.url == at("cohorts_assessment_part", own.pk, "need")
    score = Score.objects.get()
    assert (score.level.value, score.evidence, score.confidence) == (3, "A letter.", 2)
    page = text(client.get(at("cohorts_assessment", own.pk)))
    missing = Criterion.objects.get(part__key="need")
    assert f"#c{missing.pk}" in page


def test_cannot_judge_is_an_answer(client_for, promoter, own, criterion):
    client_for(promoter).post(at("cohorts_assessment_part", own.pk, "impact"), {f"c{criterion.pk}-level": "none", "intent": "stop"})
    assert Score.objects.get().level is None


def test_a_note_without_a_level_is_not_lost_in_silence(client_for, promoter, own, criterion):
    response = client_for(promoter).post(at("cohorts_assessment_part", own.pk, "impact"), {f"c{criterion.pk}-evidence": "A letter."})
    assert response.status_code == 200
    assert "A letter." in text(response)
    assert response.context["form"].errors.keys() == {f"c{criterion.pk}-level"}


def test_autosave_of_a_part(client_for, promoter, own, criterion):
    headers = {"Accept": "application/json"}
    address = at("cohorts_assessment_part", own.pk, "impact")
    answer = client_for(promoter).post(address, {f"c{criterion.pk}-level": "1"}, headers=headers).json()
    assert (answer["answered"], answer["errors"]) == (1, {})
    assess_all(own, promoter)
    refused = client_for(promoter).post(address, {f"c{criterion.pk}-level": "2"}, headers=headers)
    assert refused.status_code == 409


@pytest.fixture
def colleague(own):
    return make.ProjectMemberFactory(project=own.project, role="member").person


@pytest.fixture
def other(own, criterion):
    """A second criterion of the part, though its version is in use."""
    (found,) = Criterion.objects.bulk_create([make.CriterionFactory.build(part=criterion.part, key="other")])
    Level.objects.bulk_create([make.LevelFactory.build(criterion=found, value=2)])
    return found


def typed(page, **answers):
    """What the browser sends of a page in which only these were typed."""
    form, sent = page.context["form"], {}
    for one in form.placed:
        names = [field.html_name for field in (one.question.level, one.question.confidence, one.question.evidence)]
        sent |= {name: str(form[name].value() or "") for name in names} | {f"{one.place.name}-was": one.place.was}
    return {**sent, **answers}


@pytest.mark.usefixtures("english")
def test_two_members_do_not_erase_each_other(client_for, promoter, colleague, own, criterion, other):
    address, c = at("cohorts_assessment_part", own.pk, "impact"), f"c{criterion.pk}"
    mine, hers = client_for(promoter), client_for(colleague)
    page, page_of_hers = mine.get(address), hers.get(address)
    assert mine.post(address, typed(page, **{f"{c}-level": "3", f"{c}-evidence": "A letter."})).status_code == 302
    told = hers.post(address, typed(page_of_hers, **{f"{c}-level": "1", f"{c}-evidence": "A survey.", f"c{other.pk}-level": "2"}))
    assert sorted(own.scores.values_list("level__value", "evidence")) == [(2, ""), (3, "A letter.")]
    assert told.status_code == 200
    for words in ("A letter.", "A survey.", "has answered here meanwhile"):
        assert words in text(told)
    assert hers.post(address, typed(told)).status_code == 302
    assert sorted(own.scores.values_list("level__value", "evidence")) == [(1, "A survey."), (2, "")]


def test_what_one_did_not_touch_is_shown_as_it_is_now(client_for, promoter, colleague, own, criterion, other):
    address, c = at("cohorts_assessment_part", own.pk, "impact"), f"c{criterion.pk}"
    page = client_for(colleague).get(address)
    client_for(promoter).post(address, typed(page, **{f"{c}-level": "3", f"{c}-evidence": "A letter."}))
    wrong = client_for(colleague).post(address, typed(page, **{f"c{other.pk}-evidence": "No level."}))
    assert wrong.context["form"][f"{c}-evidence"].value() == "A letter."
    assert client_for(colleague).post(address, typed(wrong, **{f"c{other.pk}-level": "2"})).status_code == 302
    assert sorted(own.scores.values_list("level__value", "evidence")) == [(2, "No level."), (3, "A letter.")]


def test_autosave_goes_on_from_what_it_kept_and_stops_at_what_another_wrote(client_for, promoter, colleague, own, criterion):
    address, c, headers = at("cohorts_assessment_part", own.pk, "impact"), f"c{criterion.pk}", {"Accept": "application/json"}
    page, mine, hers = client_for(promoter).get(address), client_for(promoter), client_for(colleague)
    marks = mine.post(address, typed(page, **{f"{c}-level": "3"}), headers=headers).json()["marks"]
    again = mine.post(address, typed(page, **{f"{c}-level": "2", **marks}), headers=headers)
    assert (again.status_code, own.scores.get().level.value) == (200, 2)
    refused = hers.post(address, typed(page, **{f"{c}-level": "1"}), headers=headers)
    assert (refused.status_code, refused.json()["code"], own.scores.get().level.value) == (409, "elsewhere", 2)


def assess_all(assessment, by):
    rows = Criterion.objects.filter(part__rubric=assessment.rubric_id)
    actions.save_scores(assessment, by=by, scores={row.pk: actions.ScoreInput(2) for row in rows})
    actions.submit_assessment(assessment, by=by)


def test_submitting_wants_every_criterion(client_for, promoter, own):
    client = client_for(promoter)
    client.post(at("cohorts_assessment", own.pk))
    own.refresh_from_db()
    assert own.state == "draft"
    rows = Criterion.objects.filter(part__rubric=own.rubric_id)
    actions.save_scores(own, by=promoter, scores={row.pk: actions.ScoreInput(2) for row in rows})
    client.post(at("cohorts_assessment", own.pk), {"summary": "We are early."})
    own.refresh_from_db()
    assert (own.state, own.summary) == ("submitted", "We are early.")
    assert client.get(at("cohorts_assessment", own.pk)).context["has_gap"] is False
    assert client.get(at("cohorts_assessment_part", own.pk, "impact")).status_code == 302


def test_part_costs_the_same_for_one_criterion_and_three(client_for, promoter, own, criterion, django_assert_max_num_queries):
    client = client_for(promoter)
    address = at("cohorts_assessment_part", own.pk, "impact")
    client.get(address)
    with django_assert_max_num_queries(12) as one:
        client.get(address)
    more = Criterion.objects.bulk_create([make.CriterionFactory.build(part=criterion.part, key=f"more-{n}") for n in range(2)])
    assert len(more) == 2
    with django_assert_max_num_queries(len(one.captured_queries)):
        assert len(client.get(address).context["form"].questions) == 3


def test_gap_is_read_by_the_project_after_the_decision(client_for, promoter, coordinator, reviewer, submitted):
    own = assess(submitted, 4, by=promoter)
    assess(submitted, 1, by=coordinator, reviewer=reviewer)
    client = client_for(promoter)
    assert client.get(at("cohorts_assessment", own.pk)).context["has_gap"] is False
    Application.objects.filter(pk=submitted.pk).update(state="admitted")
    response = client.get(at("cohorts_assessment", own.pk).replace("/fr/", "/en/"))
    assert response.context["has_gap"] is True
    assert "see yourself higher" in text(response)

"""A review on one screen: what opens when, what is kept and how, what the project's new version does, what comes after."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import (
    Application,
    ApplicationSnapshot,
    Assessment,
    ConflictDeclaration,
    Criterion,
    PartComment,
    ReviewAssignment,
    ReviewRound,
    RubricPart,
    Score,
)
from cohorts.review_places import Written, kept_now, mark_of
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.usefixtures("strict_templates")

JSON = {"Accept": "application/json"}


def at(name, *args):
    return reverse(name, args=args)


def text(response):
    return response.content.decode()


def send_version(application, number, **answers):
    content = {"project": {"name": "Coop"}, "answers": answers}
    return make.ApplicationSnapshotFactory(application=application, number=number, content=content, submitted_at=timezone.now())


@pytest.fixture
def asked(submitted, coordinator, reviewer):
    Application.objects.filter(pk=submitted.pk).update(state="under_review")
    submitted.refresh_from_db()
    send_version(submitted, 1, need="Forty workers said so.", network="The town hall.")
    return actions.assign_reviewer(submitted, by=coordinator, reviewer=reviewer)


@pytest.fixture
def accepted(asked, reviewer):
    actions.declare_interest(asked.application, by=reviewer, conflict=False)
    return actions.accept_review(asked, by=reviewer)


@pytest.fixture
def begun(accepted, reviewer):
    return actions.begin_review(accepted, by=reviewer)


@pytest.fixture
def screen(begun):
    return at("cohorts_review", begun.assignment_id)


@pytest.fixture
def impact(rubric):
    return Criterion.objects.get(part__rubric=rubric, part__key="impact")


@pytest.fixture
def need(rubric):
    return Criterion.objects.get(part__rubric=rubric, part__key="need")


def shown(assessment):
    """The marks that a page opened now carries."""
    assessment.refresh_from_db()
    return {place: mark_of(value) for place, value in kept_now(assessment).items()}


def answer(criterion, level="", confidence="", evidence="", *, was):
    place = f"c{criterion.pk}"
    return {f"{place}-level": level, f"{place}-confidence": confidence, f"{place}-evidence": evidence, f"{place}-was": was[place]}


def comment(part, kind, words, *, was):
    place = f"p{part.pk}-{kind}"
    return {place: words, f"{place}-was": was[place]}


def judge_all(assessment, by, level=2):
    rows = Criterion.objects.filter(part__rubric=assessment.rubric_id)
    actions.save_scores(assessment, by=by, scores={row.pk: actions.ScoreInput(level) for row in rows})


def test_reviews_are_for_reviewers(client_for, visitor_client, promoter, reviewer, asked):
    assert visitor_client.get(at("cohorts_reviews")).status_code == 302
    assert client_for(promoter).get(at("cohorts_reviews")).status_code == 404
    assert client_for(promoter).get(at("cohorts_review", asked.pk)).status_code == 404
    assert [line.assignment for line in client_for(reviewer).get(at("cohorts_reviews")).context["waiting"]] == [asked]


def test_nothing_is_shown_before_the_declaration(client_for, reviewer, asked):
    page = text(client_for(reviewer).get(at("cohorts_review", asked.pk)))
    assert asked.application.project.name in page
    assert "Forty workers said so." not in page
    assert asked.application.project.summary not in page


def test_a_conflict_closes_it_at_once(client_for, reviewer, asked):
    client = client_for(reviewer)
    address = at("cohorts_review", asked.pk)
    wrong = client.post(address, {"answer": "conflict", "reason": ""})
    assert wrong.context["form"].errors.keys() == {"reason"}
    client.post(address, {"answer": "conflict", "reason": "My cousin."})
    assert ConflictDeclaration.objects.get().kind == "declared"
    for closed in (address, at("cohorts_review_send", asked.pk)):
        assert client.get(closed).status_code == 404
    assert asked.application.project.name not in text(client.get(at("cohorts_reviews")))


def test_declining_is_possible(client_for, reviewer, asked):
    client_for(reviewer).post(at("cohorts_review_decline", asked.pk), {"reason": "Away."})
    asked.refresh_from_db()
    assert asked.state == "declined"
    assert client_for(reviewer).get(at("cohorts_review", asked.pk)).status_code == 200


def test_accepted_is_read_then_begun(client_for, reviewer, accepted):
    client = client_for(reviewer)
    address = at("cohorts_review", accepted.pk)
    page = text(client.get(address))
    assert "Forty workers said so." in page
    assert "data-review" not in page
    assert client.post(at("cohorts_review_begin", accepted.pk)).url == address
    begun = Assessment.objects.get(kind="reviewer")
    assert begun.version_read == ApplicationSnapshot.objects.get()
    page = client.get(address)
    assert "Forty workers said so." in text(page)
    assert text(page).count("There is some of it.") + text(page).count("There is some of it. (fr)") >= 5


@pytest.mark.parametrize("person", ["promoter", "other_promoter", "trainer", "coordinator", "admin_user", "second"])
def test_the_sheet_is_its_reviewer_s_alone(person, request, client_for, visitor_client, begun, screen, impact):
    somebody = UserFactory() if person == "second" else request.getfixturevalue(person)
    client = client_for(somebody)
    for address in (screen, at("cohorts_review_send", begun.assignment_id)):
        assert client.get(address).status_code == 404
        assert client.post(address, answer(impact, "3", was=shown(begun))).status_code == 404
        assert visitor_client.get(address).status_code == 302
    assert Score.objects.count() == 0


def test_a_released_reviewer_writes_no_more_and_is_told(client_for, reviewer, coordinator, begun, screen, impact):
    was = shown(begun)
    actions.release_reviewer(begun.assignment, by=coordinator)
    client = client_for(reviewer)
    refused = client.post(screen, answer(impact, "3", was=was), headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert client.post(screen, answer(impact, "3", was=was)).status_code == 302
    assert Score.objects.count() == 0
    assert "data-review" not in text(client.get(screen))


def test_a_script_sends_one_place_and_the_rest_stays(client_for, reviewer, begun, screen, impact, need):
    client = client_for(reviewer)
    said = client.post(screen, answer(impact, "3", "2", "A letter.", was=shown(begun)), headers=JSON).json()
    assert said["errors"] == {}
    client.post(screen, answer(need, "none", was=shown(begun)), headers=JSON)
    rows = {row.criterion: (row.level and row.level.value, row.confidence, row.evidence) for row in Score.objects.all()}
    assert rows == {impact: (3, 2, "A letter."), need: (None, None, "")}


def test_a_form_without_script_keeps_everything(client_for, reviewer, begun, screen, impact, need):
    was = shown(begun)
    part = impact.part
    data = {
        **answer(impact, "4", was=was),
        **answer(need, "", "1", "Not sure what to think.", was=was),
        **comment(part, "private", "They are early.", was=was),
        **comment(part, "project", "Count your members.", was=was),
        "summary": "Solid.",
        "summary-was": was["summary"],
    }
    response = client_for(reviewer).post(screen, {**data, "intent": "save"})
    assert response.url == screen
    begun.refresh_from_db()
    assert Score.objects.get().level.value == 4
    assert begun.loose_notes == {str(need.pk): ["1", "Not sure what to think."]}
    assert [(row.part, row.private, row.for_project) for row in PartComment.objects.all()] == [
        (part, "They are early.", "Count your members.")
    ]
    assert begun.summary == "Solid."
    page = text(client_for(reviewer).get(screen))
    for words in ("They are early.", "Count your members.", "Not sure what to think.", "Solid."):
        assert words in page


def test_a_note_becomes_evidence_with_its_level(client_for, reviewer, begun, screen, impact):
    client = client_for(reviewer)
    client.post(screen, answer(impact, evidence="A letter.", was=shown(begun)), headers=JSON)
    assert Score.objects.count() == 0
    client.post(screen, answer(impact, "2", evidence="A letter.", was=shown(begun)), headers=JSON)
    begun.refresh_from_db()
    assert (Score.objects.get().evidence, begun.loose_notes) == ("A letter.", {})


def test_the_same_twice_is_kept_once(client_for, reviewer, begun, screen, impact):
    data, client = answer(impact, "2", evidence="A letter.", was=shown(begun)), client_for(reviewer)
    assert [client.post(screen, data, headers=JSON).status_code for _n in range(2)] == [200, 200]
    assert Score.objects.count() == 1


def test_two_windows_write_two_places(client_for, reviewer, begun, screen, impact, need):
    was = shown(begun)
    client = client_for(reviewer)
    whole = {**answer(need, was=was), **answer(impact, "2", was=was)}
    client.post(screen, whole)
    client.post(screen, {**answer(impact, was=was), **answer(need, "3", was=was)})
    assert {row.criterion: row.level.value for row in Score.objects.all()} == {impact: 2, need: 3}


def test_one_window_does_not_overwrite_another_in_silence(client_for, reviewer, begun, screen, impact):
    was = shown(begun)
    client = client_for(reviewer)
    client.post(screen, answer(impact, "2", evidence="From the phone.", was=was), headers=JSON)
    refused = client.post(screen, answer(impact, "4", evidence="From the desk.", was=was), headers=JSON)
    place = f"c{impact.pk}"
    there = refused.json()["elsewhere"][place]
    assert (refused.status_code, refused.json()["code"]) == (409, "elsewhere")
    assert (there["values"], there["mark"]) == (["2", "", "From the phone."], shown(begun)[place])
    assert Score.objects.get().evidence == "From the phone."
    page = client.post(screen, answer(impact, "4", evidence="From the desk.", was=was))
    assert "From the desk." in text(page)
    assert "From the phone." in text(page)
    again = {**answer(impact, "4", evidence="From the desk.", was=was), f"{place}-was": there["mark"]}
    assert client.post(screen, again).status_code == 302
    assert Score.objects.get().evidence == "From the desk."


def test_the_page_that_comes_back_does_not_write_over_what_it_did_not_touch(client_for, reviewer, begun, screen, impact, need):
    """Without script: one criterion was answered in both windows, another one only elsewhere."""
    was, client = shown(begun), client_for(reviewer)
    client.post(screen, {**answer(impact, "2", evidence="From the phone.", was=was), **answer(need, "3", evidence="Counted.", was=was)})
    page = client.post(screen, {**answer(impact, "4", evidence="From the desk.", was=was), **answer(need, was=was)})
    form, again = page.context["form"], {}
    for place in [one.place for part in form.parts for one in part.questions]:
        again |= {f"{place.name}-was": place.was, **{key: form[key].value() or "" for key in form._names(place.name)}}
    assert again[f"c{need.pk}-evidence"] == "Counted."
    assert client.post(screen, again).status_code == 302
    assert {row.criterion: row.evidence for row in Score.objects.all()} == {impact: "From the desk.", need: "Counted."}


def test_a_window_knows_what_it_sent_itself(client_for, reviewer, begun, screen, impact):
    """An answer that went out as the page closed, and the next one before the first was heard of."""
    place = f"c{impact.pk}"
    was = shown(begun)
    client = client_for(reviewer)
    client.post(screen, answer(impact, "2", was=was), headers=JSON)
    both = f"{was[place]} {mark_of(('2', '', ''))}"
    assert client.post(screen, {**answer(impact, "3", was=was), f"{place}-was": both}, headers=JSON).status_code == 200
    client.post(screen, {**answer(impact, "2", was=was), f"{place}-was": f"{both} {mark_of(('3', '', ''))}"}, headers=JSON)
    assert Score.objects.get().level.value == 2


def test_words_too_long_are_said_and_the_rest_is_kept(client_for, reviewer, begun, screen, impact, need):
    was = shown(begun)
    data = {**answer(impact, "2", evidence="x" * 4001, was=was), **answer(need, "1", was=was)}
    said = client_for(reviewer).post(screen, data, headers=JSON).json()
    assert said["errors"].keys() == {f"c{impact.pk}-evidence"}
    assert Score.objects.get().criterion == need
    page = client_for(reviewer).post(screen, data)
    assert "x" * 4001 in text(page)


def test_lines_are_one_character(client_for, reviewer, begun, screen, impact):
    client_for(reviewer).post(screen, answer(impact, "2", evidence="a\r\n" * 1999 + "b", was=shown(begun)))
    assert Score.objects.get().evidence == "a\n" * 1999 + "b"


def test_an_unknown_place_is_refused(reviewer, begun):
    written = [Written("c0", ("2", "", ""), ("0",))]
    with pytest.raises(RuleViolation) as refused:
        actions.save_review(begun, by=reviewer, written=written)
    assert refused.value.code == "rubric"


def test_sending_says_what_is_missing_then_asks_once_more(client_for, reviewer, begun, screen, impact, need):
    client = client_for(reviewer)
    send = at("cohorts_review_send", begun.assignment_id)
    response = client.post(screen, {**answer(impact, "2", was=shown(begun)), "intent": "send"})
    assert response.url == send
    page = client.get(send)
    assert [row.criterion for _part, row in page.context["sheet"].missing] == [need]
    assert f"{screen}#c{need.pk}" in text(page)
    client.post(send)
    begun.refresh_from_db()
    assert begun.state == "draft"
    client.post(screen, answer(need, "none", was=shown(begun)))
    assert client.post(send).url == screen
    begun.refresh_from_db()
    assert (begun.state, begun.assignment.state) == ("submitted", "submitted")


def test_a_closed_reading_takes_nothing(client_for, reviewer, begun, screen, impact):
    judge_all(begun, reviewer)
    was = shown(begun)
    Application.objects.filter(pk=begun.application_id).update(state="deliberation")
    client = client_for(reviewer)
    client.post(at("cohorts_review_send", begun.assignment_id))
    refused = client.post(screen, answer(impact, "4", was=was), headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (409, "round_closed")
    begun.refresh_from_db()
    assert begun.state == "draft"
    page = text(client.get(screen))
    assert "data-review" not in page
    assert 'class="scores"' in page


def test_what_is_submitted_is_read_only_and_taken_back(client_for, reviewer, begun, screen, impact):
    judge_all(begun, reviewer)
    actions.submit_assessment(begun, by=reviewer)
    client = client_for(reviewer)
    page = client.get(screen)
    assert page.context["may_reopen"] is True
    assert "data-review" not in text(page)
    refused = client.post(screen, answer(impact, "4", was=shown(begun)), headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (409, "submitted")
    assert client.get(at("cohorts_assessment", begun.pk)).url == screen
    client.post(at("cohorts_review_reopen", begun.assignment_id))
    assert "data-review" in text(client.get(screen))


def test_what_changed_since_my_review(client_for, reviewer, begun, screen):
    judge_all(begun, reviewer)
    client = client_for(reviewer)
    assert not client.get(screen).context["reading"].is_newer
    send_version(begun.application, 2, need="Sixty workers said so.", network="The town hall.")
    page = client.get(screen)
    assert [change.question for change in page.context["reading"].changed] != []
    assert "<del>" in text(page)
    assert "<ins>" in text(page)
    client.post(at("cohorts_review_send", begun.assignment_id))
    begun.refresh_from_db()
    assert begun.state == "draft"
    client.post(at("cohorts_review_confirm", begun.assignment_id), {"version": "2"})
    begun.refresh_from_db()
    assert begun.version_read.number == 2
    client.post(at("cohorts_review_send", begun.assignment_id))
    begun.refresh_from_db()
    assert begun.state == "submitted"


def test_a_submitted_review_is_of_the_version_it_read(client_for, reviewer, begun, screen):
    judge_all(begun, reviewer)
    actions.submit_assessment(begun, by=reviewer)
    send_version(begun.application, 2, need="Sixty workers said so.")
    assert list(Assessment.objects.of_an_earlier_version()) == [begun]
    client = client_for(reviewer)
    page = client.get(screen)
    assert page.context["outdated"] == {begun.pk}
    assert [line.has_newer for line in client.get(at("cohorts_reviews")).context["done"]] == [True]
    for wrong in ("1", "7", "x", "9" * 5000):
        client.post(at("cohorts_review_confirm", begun.assignment_id), {"version": wrong})
        assert Assessment.objects.of_an_earlier_version().count() == 1
    client.post(at("cohorts_review_confirm", begun.assignment_id), {"version": "2"})
    assert Assessment.objects.of_an_earlier_version().count() == 0
    begun.refresh_from_db()
    assert begun.state == "submitted"


# the others, and the project


@pytest.fixture
def theirs(asked, admin_user, coordinator):
    """A second reviewer's, sent, with comments."""
    second = actions.assign_reviewer(asked.application, by=coordinator, reviewer=admin_user)
    actions.declare_interest(asked.application, by=admin_user, conflict=False)
    actions.accept_review(second, by=admin_user)
    assessment = actions.begin_review(second, by=admin_user)
    judge_all(assessment, admin_user, level=4)
    part = RubricPart.objects.get(rubric=assessment.rubric_id, key="impact")
    PartComment.objects.create(assessment=assessment, part=part, private="Between us.", for_project="Count your members.")
    return actions.submit_assessment(assessment, by=admin_user)


def test_reviewers_do_not_see_each_other_before(client_for, reviewer, accepted, theirs):
    address = at("cohorts_assessment", theirs.pk)
    client = client_for(reviewer)
    assert client.get(address).status_code == 404
    begun = actions.begin_review(accepted, by=reviewer)
    assert client.get(address).status_code == 404
    assert "Between us." not in text(client.get(at("cohorts_review", accepted.pk)))
    judge_all(begun, reviewer)
    actions.submit_assessment(begun, by=reviewer)
    assert theirs in client.get(at("cohorts_review", accepted.pk)).context["comparison"].reviews
    assert "Between us." in text(client.get(address))


def test_the_project_is_told_its_comments_and_nobody_s_name(client_for, promoter, admin_user, theirs):
    project = theirs.project
    assert list(PartComment.objects.told_to(project)) == []
    Application.objects.filter(pk=theirs.application_id).update(state="admitted")
    assert [row["words"] for row in PartComment.objects.told_to(project)] == ["Count your members."]
    assert [sorted(row) for row in PartComment.objects.told_to(project)] == [["cohort", "key", "label", "words"]]
    assert client_for(promoter).get(at("cohorts_assessment", theirs.pk)).status_code == 404
    actions.recuse_reviewer(theirs.assignment, by=admin_user, reason="Found late.")
    assert list(PartComment.objects.told_to(project)) == []


# the list, and what it all costs


def test_the_list_says_what_comes_next(client_for, reviewer, begun, impact, need):
    actions.save_scores(begun, by=reviewer, scores={impact.pk: actions.ScoreInput(2)})
    ReviewAssignment.objects.filter(pk=begun.assignment_id).update(due_on=timezone.localdate() - timedelta(days=1))
    line = client_for(reviewer).get(at("cohorts_reviews")).context["to_do"][0]
    assert (line.answered, line.total, line.is_late, line.minutes) == (1, 2, True, 5)
    actions.save_scores(begun, by=reviewer, scores={need.pk: actions.ScoreInput(2)})
    actions.submit_assessment(begun, by=reviewer)
    line = client_for(reviewer).get(at("cohorts_reviews")).context["done"][0]
    assert (line.is_late, bool(line.next)) == (False, True)


def test_the_list_costs_the_same_for_one_and_three(client_for, reviewer, asked, cohort, django_assert_max_num_queries):
    client = client_for(reviewer)
    client.get(at("cohorts_reviews"))
    with django_assert_max_num_queries(9) as one:
        client.get(at("cohorts_reviews"))
    for _n in range(2):
        make.ReviewAssignmentFactory(reviewer=reviewer, application__cohort=cohort)
    with django_assert_max_num_queries(len(one.captured_queries)):
        assert len(client.get(at("cohorts_reviews")).context["waiting"]) == 3


def test_the_screen_costs_the_same_for_one_criterion_and_three(client_for, reviewer, begun, screen, impact, django_assert_max_num_queries):
    client = client_for(reviewer)
    client.get(screen)
    with django_assert_max_num_queries(18) as few:
        client.get(screen)
    data = answer(impact, "2", evidence="A letter.", was=shown(begun))
    with django_assert_max_num_queries(33) as saved:  # one asks whether its reader is free to judge
        client.post(screen, data, headers=JSON)
    more = Criterion.objects.bulk_create([make.CriterionFactory.build(part=impact.part, key=f"more-{n}") for n in range(2)])
    assert len(more) == 2
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(screen)
    data = answer(impact, "3", evidence="A letter.", was=shown(begun))
    with django_assert_max_num_queries(len(saved.captured_queries)):
        client.post(screen, data, headers=JSON)


def test_a_blind_round_names_nobody_on_any_screen(client_for, reviewer, begun, screen):
    ReviewRound.objects.filter(pk=begun.assignment.round_id).update(is_blind=True)
    project = begun.project
    send_version(begun.application, 2, need=f"{project.name} has asked sixty workers.")
    client = client_for(reviewer)
    addresses = [screen, at("cohorts_reviews"), at("cohorts_review_send", begun.assignment_id)]
    pages = [text(client.get(address)) for address in addresses]
    actions.confirm_version(begun, by=reviewer, number=2)
    judge_all(begun, reviewer)
    actions.submit_assessment(begun, by=reviewer)
    pages += [text(client.get(address)) for address in addresses[:2]]
    assert [page.count(project.name) for page in pages] == [0] * 5
    assert "has asked sixty workers." in pages[0]


@pytest.mark.parametrize(("others", "seen"), [("after_own", 2), ("never", 1)])
def test_others_are_shown_as_the_round_says(others, seen, client_for, reviewer, begun, theirs, screen):
    ReviewRound.objects.filter(pk=begun.assignment.round_id).update(others=others)
    page = text(client_for(reviewer).get(screen))
    assert ("never by the other reviewers" in page.lower(), "jamais par les autres" in page.lower()).count(True) == (others == "never")
    judge_all(begun, reviewer)
    actions.submit_assessment(begun, by=reviewer)
    assert len(client_for(reviewer).get(screen).context["comparison"].reviews) == seen


def test_a_reading_pauses_while_the_project_completes(client_for, coordinator, reviewer, begun, theirs, screen, impact):
    """Returned in the middle: nothing is written meanwhile; who judged the earlier version is told of the new one, once."""
    application = begun.application
    client = client_for(reviewer)
    actions.return_application(application, by=coordinator, reason="Where are the figures?")
    page = client.get(screen)
    assert (page.context["shut"] == "", "data-review" in text(page)) == (False, False)
    assert client.post(screen, answer(impact, "4", was=shown(begun)), headers=JSON).json()["code"] == "round_closed"
    send_version(application, 2, need="Sixty workers said so.")
    Application.objects.filter(pk=application.pk).update(state="submitted")
    actions.start_review(application, by=coordinator)
    told = Message.objects.filter(cause__startswith="new-version:").values_list("to", flat=True)
    assert sorted(told) == sorted([begun.assessor_id, theirs.assessor_id])
    page = client.get(screen)
    assert page.context["reading"].is_newer
    assert "data-review" in text(page)
    assert set(Assessment.objects.of_an_earlier_version()) == {begun, theirs}

"""Peer feedback: a project shows what it handed in, the others of its cohort judge it with the trainer's rubric, and it counts for nothing."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from academy import actions as people
from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.cohort_news import cohort_news
from cohorts.models import PeerFeedback, PeerOpening
from cohorts.pathway_state import pathway_state
from cohorts.peers import works_in
from cohorts.requirements import OPEN
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.courses import SubmissionFactory, WorkFileFactory
from tests.factories.peers import WHOLE, PeerFeedbackFactory, PeerOpeningFactory, hand_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def at(name, *args):
    return reverse(name, args=args)


def page_of(opening):
    return at("cohorts_peer_work", opening.pk)


# --- showing


def test_nothing_is_shown_unless_the_project_shows_it(place, deliverable, peer, promoter, client_for, strict_templates):
    works = works_in(place.cohort, promoter, [place])
    assert (works.shown, [(one.requirement, own) for one, own in works.to_show]) == ([], [(deliverable, place)])
    show = at("cohorts_peer_show", place.pk, deliverable.pk)
    assert "not" in client_for(promoter).get(show).content.decode()
    assert [client_for(peer.person).get(show).status_code, client_for(peer.person).post(show).status_code] == [404, 404]
    answer = client_for(promoter).post(show)
    row = PeerOpening.objects.get()
    assert (answer.headers["Location"], row.version.number, row.opened_by) == (page_of(row), 1, promoter)
    assert "Forty workers" in client_for(peer.person).get(page_of(row)).content.decode()
    with pytest.raises(RuleViolation) as refusal:
        actions.show_work(place, by=promoter, requirement=deliverable)
    assert refusal.value.code == "twice"
    assert works_in(place.cohort, promoter, [place]).to_show == []


def test_a_draft_is_shown_to_nobody(deliverable, participation, promoter):
    SubmissionFactory(user=None, group_key=str(participation.project_id), activity_key=deliverable.activity_key)
    with pytest.raises(RuleViolation) as refusal:
        actions.show_work(participation, by=promoter, requirement=deliverable)
    assert refusal.value.code == "draft"


def test_only_deliverables_of_the_pathway_are_shown(place, pathway, promoter):
    with pytest.raises(ValueError, match="not a deliverable"):
        actions.show_work(place, by=promoter, requirement=pathway.stages.get(key="walk").requirements.get(key="charter"))


def test_closed_it_is_read_by_nobody_else_and_what_was_said_stays(opening, given, peer, crowd, promoter, coordinator, client_for):
    other = crowd(1)[0]
    close = at("cohorts_peer_close", opening.pk)
    assert client_for(peer.person).post(close).status_code == 404
    client_for(promoter).post(close)
    assert client_for(other.person).get(page_of(opening)).status_code == 404
    of_giver = client_for(peer.person).get(page_of(opening)).content.decode()
    assert ("Forty workers" in of_giver, "Ask ten more." in of_giver) == (False, True)
    for person in (promoter, coordinator):
        read = client_for(person).get(page_of(opening)).content.decode()
        assert ("Forty workers" in read, "Ask ten more." in read) == (True, True)
    opening.refresh_from_db()
    with pytest.raises(RuleViolation) as refusal:
        actions.give_peer_feedback(opening, by=peer.person, marks=WHOLE, send=True, seen=given.saved_at.isoformat())
    assert refusal.value.code == "closed"


def test_a_newer_version_is_shown_anew(opening, place, deliverable, promoter, peer, client_for):
    hand_in(place.project, deliverable, number=2, text="Fifty workers.")
    assert "Forty workers" in client_for(peer.person).get(page_of(opening)).content.decode()
    actions.close_work(opening, by=promoter)
    assert actions.show_work(place, by=promoter, requirement=deliverable).version.number == 2


def test_a_file_is_read_where_the_work_is(opening, peer, crowd, promoter, other_promoter, client_for):
    file = WorkFileFactory(submission=opening.version.submission, in_draft=False, file=ContentFile(b"Ten.", name="ten.txt"))
    draft = WorkFileFactory(submission=opening.version.submission)
    file.versions.add(opening.version)
    address = at("cohorts_peer_file", opening.pk, file.pk)
    assert [client_for(person).get(address).status_code for person in (peer.person, promoter, other_promoter)] == [200, 200, 404]
    assert client_for(peer.person).get(at("cohorts_peer_file", opening.pk, draft.pk)).status_code == 404
    assert client_for(peer.person).get(at("courses_work_file", file.pk)).status_code == 404
    actions.give_peer_feedback(opening, by=peer.person, marks=WHOLE, comment="Good.", send=True)
    actions.close_work(opening, by=promoter)
    assert client_for(peer.person).get(address).status_code == 404


# --- judging


def test_a_draft_is_ones_own_and_sent_it_is_read_with_the_name(opening, peer, promoter, coordinator, client_for, strict_templates):
    client, page = client_for(peer.person), page_of(opening)
    assert "not anonymous" in client.get(page).content.decode()
    typed = {"level-1": "2", "note-1": "Twelve names.", "comment": "Ask ten more.", "seen": "", "save": "1"}
    assert client.post(page, typed).status_code == 302
    row = PeerFeedback.objects.get()
    assert (row.sent_at, row.project, row.owner, row.marks) == (None, peer.project, opening.participation.project, {"1": WHOLE["1"]})
    for person in (promoter, coordinator):
        assert "Ask ten more." not in client_for(person).get(page).content.decode()
    refused = client.post(page, {**typed, "seen": row.saved_at.isoformat(), "send": "1"})
    assert (refused.status_code, set(refused.context["form"].errors)) == (409, {"__all__", "level-2"})
    assert client.post(page, {**typed, "level-2": "none", "seen": row.saved_at.isoformat(), "send": "1"}).status_code == 302
    row.refresh_from_db()
    assert (row.marks, row.sent_by) == (WHOLE, peer.person)
    for person in (promoter, coordinator):
        read = client_for(person).get(page).content.decode()
        assert ("Ask ten more." in read, peer.project.name in read, "cannot judge" in read) == (True, True, True)


def test_it_changes_until_it_is_closed(opening, given, peer):
    seen = given.saved_at.isoformat()
    row = actions.give_peer_feedback(opening, by=peer.person, marks=WHOLE, comment="Ask twenty.", seen=seen)
    assert (row.pk, row.comment, row.sent_at) == (given.pk, "Ask twenty.", given.sent_at)
    with pytest.raises(RuleViolation) as refusal:
        actions.give_peer_feedback(opening, by=peer.person, marks={}, comment="Half.", seen=row.saved_at.isoformat())
    assert refusal.value.code == "marks"


def test_two_people_of_one_project_lose_nothing(opening, given, peer):
    other = make.ProjectMemberFactory(project=peer.project, role="member").person
    with pytest.raises(RuleViolation) as refusal:
        actions.give_peer_feedback(opening, by=other, marks=WHOLE, comment="Mine.", seen="")
    assert refusal.value.code == "stale"
    assert actions.give_peer_feedback(opening, by=other, marks=WHOLE, comment="Ours.", seen=given.saved_at.isoformat()).comment == "Ours."


def test_saying_nothing_is_no_feedback(opening, peer):
    nothing = {key: {"level": "none"} for key in ("1", "2")}
    with pytest.raises(RuleViolation) as refusal:
        actions.give_peer_feedback(opening, by=peer.person, marks=nothing, send=True)
    assert refusal.value.code == "comment"
    with pytest.raises(ValueError, match="not of this rubric"):
        actions.give_peer_feedback(opening, by=peer.person, marks={"1": {"level": "9"}})


def test_who_may_judge(opening, peer, promoter, coordinator, other_promoter, trainer, crowd, place, client_for):
    mentor = make.MentorAssignmentFactory(project=place.project).mentor
    onlooker = make.ProjectMemberFactory(project=peer.project, role="viewer").person
    both = make.ProjectMemberFactory(project=place.project, role="viewer").person
    make.ProjectMemberFactory(project=peer.project, person=both, role="member")
    for person in (promoter, coordinator, mentor, onlooker, both):
        answer = client_for(person).get(page_of(opening))
        assert (answer.status_code, answer.context["form"]) == (200, None), person
        assert client_for(person).post(page_of(opening), {"comment": "Hear me.", "save": "1"}).status_code == 404
    for person in (other_promoter, trainer):
        assert client_for(person).get(page_of(opening)).status_code == 404
    assert not PeerFeedback.objects.exists()


def test_the_database_refuses(opening, given, place):
    row = {"opening": opening, "owner": place.project, "saved_at": timezone.now()}
    for wrong in (
        {**row, "project": place.project},
        {**row, "project": given.project},
        {**row, "project": make.ProjectFactory(), "answered_at": timezone.now()},
        {**row, "project": make.ProjectFactory(), "sent_at": timezone.now(), "reported_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            PeerFeedback.objects.create(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        PeerOpeningFactory(participation=place, requirement=opening.requirement, version=opening.version)


def test_it_counts_for_nothing(opening, given, place, deliverable):
    standing = next(row for stage in pathway_state(place.project).stages for row in stage.items if row.requirement == deliverable)
    assert (standing.state, standing.waits_for_answer, opening.version.submission.state) == (OPEN, True, "handed_in")
    assert not opening.version.feedback.exists()


# --- answering, reporting, withdrawing


def test_the_project_thanks_and_answers(given, opening, promoter, peer, client_for):
    answer = at("cohorts_peer_act", given.pk, "answer")
    assert client_for(peer.person).post(answer, {"words": "Me."}).status_code == 404
    assert client_for(promoter).post(answer, {"words": ""}).status_code == 302
    assert "thank you" in client_for(peer.person).get(page_of(opening)).content.decode()
    client_for(promoter).post(answer, {"words": "We ask ten more."})
    assert "We ask ten more." in client_for(peer.person).get(page_of(opening)).content.decode()


def test_reported_it_waits_for_the_coordinator_who_withdraws_or_keeps(
    given, opening, promoter, peer, coordinator, client_for, strict_templates
):
    report, withdraw, keep = (at("cohorts_peer_act", given.pk, verb) for verb in ("report", "withdraw", "keep"))
    refused = client_for(promoter).post(report, {"reason": ""})
    assert (refused.status_code, list(refused.context["refused"].errors)) == (409, ["reason"])
    assert client_for(promoter).post(report, {"reason": "Rude."}).status_code == 302
    assert Message.objects.get(cause__startswith="peer-feedback-reported").to == coordinator
    assert [client_for(person).post(withdraw, {"reason": "No."}).status_code for person in (promoter, peer.person)] == [404, 404]
    assert client_for(coordinator).post(keep).status_code == 302
    given.refresh_from_db()
    assert (given.settled_by, given.withdrawn_at) == (coordinator, None)
    assert client_for(coordinator).post(withdraw, {"reason": ""}).status_code == 409
    assert client_for(coordinator).post(withdraw, {"reason": "It names a client."}).status_code == 302
    assert "Ask ten more." not in client_for(promoter).get(page_of(opening)).content.decode()
    of_giver = client_for(peer.person).get(page_of(opening)).content.decode()
    assert (
        "It names a client." in of_giver,
        Message.objects.filter(to=peer.person, cause__startswith="peer-feedback-withdrawn").count(),
    ) == (True, 1)
    given.refresh_from_db()
    with pytest.raises(RuleViolation) as refusal:
        actions.give_peer_feedback(opening, by=peer.person, marks=WHOLE, send=True, seen=given.saved_at.isoformat())
    assert refusal.value.code == "withdrawn"


# --- the space, the letter, the page of the work


def test_who_has_received_least_stands_first(opening, given, place, deliverable, promoter, peer, crowd, client_for, strict_templates):
    other = crowd(1)[0]
    hand_in(other.project, deliverable)
    later = actions.show_work(other.project.participations.get(), by=other.person, requirement=deliverable)
    works = works_in(place.cohort, peer.person, [peer.project.participations.get()])
    assert [(one.opening, one.opening.received) for one in works.shown] == [(later, 0), (opening, 1)]
    page = client_for(peer.person).get(at("cohorts_space", place.cohort_id)).content.decode()
    assert page.index(page_of(later)) < page.index(page_of(opening))
    assert "yours is sent" in page


def test_the_coordinator_asks_and_asks_no_more(place, deliverable, promoter, peer, coordinator, client_for, strict_templates):
    ask = at("cohorts_peer_ask", place.cohort_id, deliverable.pk)
    assert client_for(promoter).post(ask).status_code == 404
    assert client_for(coordinator).post(ask).status_code == 302
    space = at("cohorts_space", place.cohort_id)
    assert "asks for feedback among you" in client_for(peer.person).get(space).content.decode()
    assert "Ask no more" in client_for(coordinator).get(space).content.decode()
    client_for(coordinator).post(ask, {"stop": "1"})
    assert "asks for feedback among you" not in client_for(peer.person).get(space).content.decode()
    with pytest.raises(RuleViolation):
        actions.stop_asking_for_feedback(place.cohort, by=coordinator, requirement=deliverable)


def test_the_weekly_letter_counts_what_came(opening, given, place, promoter, peer, coordinator):
    now = timezone.now() + timedelta(minutes=1)

    def news(person):
        return [words for words, _day in cohort_news(person, since=now - timedelta(days=7), until=now).get(place.cohort, [])]

    assert news(peer.person) == ["1 work is shown to your cohort for feedback"]
    assert news(promoter) == ["1 project gave feedback on your work"]
    actions.answer_peer_feedback(given, by=promoter)
    assert news(peer.person) == ["1 work is shown to your cohort for feedback", "1 answer to feedback of your project"]
    actions.report_peer_feedback(given, by=promoter, reason="Rude.")
    assert news(coordinator) == ["1 reported feedback waits for you"]


def test_it_stands_on_the_page_of_the_work_apart_from_the_trainer(
    opening, given, assignment, promoter, peer, trainer, coordinator, client_for
):
    page = client_for(promoter).get(assignment.get_url()).content.decode()
    assert ("Ask ten more." in page, "counts for nothing" in page, page_of(opening) in page) == (True, True, True)
    assert "Ask ten more." not in client_for(peer.person).get(assignment.get_url()).content.decode()
    actions.answer_peer_feedback(given, by=promoter, words="We ask ten more.")
    thread = BeautifulSoup(client_for(promoter).get(assignment.get_url()).content, "html.parser").select(".work-answer .work-answer")
    assert ["We ask ten more." in one.text for one in thread] == [True]  # the answer is set in, under what it answers
    work = at("courses_cms_work", opening.version.submission_id)
    for person, leads in ((trainer, False), (coordinator, True)):
        client = client_for(person)
        client.cookies["django_language"] = "en"
        content = client.get(work).content.decode()
        assert ("Ask ten more." in content, page_of(opening) in content) == (True, leads)


def test_the_page_of_the_work_leads_to_showing_it(place, deliverable, assignment, promoter, client_for):
    assert at("cohorts_peer_show", place.pk, deliverable.pk) in client_for(promoter).get(assignment.get_url()).content.decode()


# --- those who are not there any more, and interests


def test_an_erased_person_is_named_no_more(opening, peer, place):
    author = UserFactory(name="Ada Long", email="ada.long@example.org")
    make.ProjectMemberFactory(project=peer.project, person=author, role="member")
    row = actions.give_peer_feedback(opening, by=author, marks=WHOLE, comment="Ask ten more.", send=True)
    reporter = UserFactory(name="Bea Short", email="bea.short@example.org")
    make.ProjectMemberFactory(project=place.project, person=reporter, role="member")
    actions.report_peer_feedback(row, by=reporter, reason="Ada is rude.")
    for person in (author, reporter):
        people.erase_person(person, by=person)
    row.refresh_from_db()
    assert (row.saved_by, row.sent_by, row.reported_by, row.comment, row.report) == (None, None, None, "Ask ten more.", "—")


def test_a_juror_with_an_interest_meets_nothing_of_that_project(opening, given, place, submitted, peer, reader, client_for):
    juror = reader("Judith")
    make.ProjectMemberFactory(project=peer.project, person=juror, role="member")
    assert client_for(juror).get(page_of(opening)).status_code == 200
    make.ConflictDeclarationFactory(application=submitted, person=juror)
    assert client_for(juror).get(page_of(opening)).status_code == 404
    assert works_in(place.cohort, juror, [peer.project.participations.get()]).shown == []


@pytest.mark.parametrize("state", ["withdrawn", "transferred"])
def test_who_left_shows_nothing_and_judges_nothing(opening, given, place, peer, coordinator, client_for, state):
    ended = {"state": state, "ended_at": timezone.now(), "ended_by": coordinator}
    type(place).objects.filter(project=peer.project).update(**ended)
    assert client_for(peer.person).get(page_of(opening)).status_code == 404
    type(place).objects.filter(project=peer.project).update(state="active", ended_at=None, ended_by=None)
    type(place).objects.filter(pk=place.pk).update(**ended)
    assert client_for(peer.person).get(page_of(opening)).status_code == 404


# --- what it costs


@pytest.mark.parametrize("number", [1, 3])
def test_pages_cost_the_same_for_one_and_three(
    place, deliverable, opening, promoter, crowd, client_for, number, django_assert_max_num_queries
):
    for one in crowd(number):
        actions.give_peer_feedback(opening, by=one.person, marks=WHOLE, comment="Good.", send=True)
        hand_in(one.project, deliverable)
        actions.show_work(one.project.participations.get(), by=one.person, requirement=deliverable)
    client = client_for(promoter)
    for page, most in ((at("cohorts_space", place.cohort_id), 17), (page_of(opening), 17)):
        client.get(page)
        with django_assert_max_num_queries(most):
            client.get(page)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_feedback_costs_the_same(opening, number, promoter, client_for, django_assert_max_num_queries):
    for _n in range(number):
        PeerFeedbackFactory(opening=opening)
    client = client_for(promoter)
    client.get(page_of(opening))
    with django_assert_max_num_queries(17):
        client.get(page_of(opening))


def test_nobody_judges_a_report_about_what_their_own_project_said(given, peer, coordinator, promoter, client_for):
    """A coordinator who is a member of the giving project, or only looks there: another one decides."""
    make.ProjectMemberFactory(project=peer.project, person=coordinator, role="viewer")
    actions.report_peer_feedback(given, by=promoter, reason="Rude.")
    page = client_for(coordinator).get(page_of(given.opening)).content.decode()
    keep, withdraw = (at("cohorts_peer_act", given.pk, verb) for verb in ("keep", "withdraw"))
    assert (keep in page, withdraw in page) == (False, False)
    assert [client_for(coordinator).post(one, {"reason": "No."}).status_code for one in (keep, withdraw)] == [404, 404]
    given.refresh_from_db()
    assert (given.settled_at, given.withdrawn_at) == (None, None)


def test_who_has_not_taken_the_place_is_offered_nothing_to_show(place, deliverable, promoter, client_for):
    type(place).objects.filter(pk=place.pk).update(state="invited")
    place.refresh_from_db()
    assert works_in(place.cohort, promoter, [place]).to_show == []
    assert client_for(promoter).get(at("cohorts_peer_show", place.pk, deliverable.pk)).status_code == 404

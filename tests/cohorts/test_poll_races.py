"""At the same instant: two ballots of one device; votes while the poll is being closed; two who open it; its session being cancelled."""

import pytest

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import Ballot, Poll, Session
from tests.cohorts.test_last_seat import at_once, in_another_connection, shared_database  # noqa: F401 (a fixture)
from tests.factories.polls import PollFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_device_that_votes_many_times_at_once_has_one_ballot(session, request):
    poll = PollFactory(session=session, is_open=True)
    request.getfixturevalue("shared_database")
    votes = [[1], [2], [3]] * 3
    problems = at_once(lambda answer: actions.cast_ballot(Poll.objects.get(pk=poll.pk), by=None, device="a phone", answer=answer), votes)
    assert problems == []
    assert in_another_connection(lambda: Ballot.objects.filter(poll=poll).count()) == 1


def test_a_vote_during_the_close_counts_or_is_refused_in_words(session, coordinator, request):
    poll = PollFactory(session=session, is_open=True)
    request.getfixturevalue("shared_database")

    def fresh():
        return Poll.objects.get(pk=poll.pk)

    jobs = [lambda: actions.close_poll(fresh(), by=coordinator)]
    jobs += [lambda number=number: actions.cast_ballot(fresh(), by=None, device=f"phone {number}", answer=[1]) for number in range(8)]
    problems = at_once(lambda job: job(), jobs)
    assert {(type(problem), problem.code) for problem in problems} <= {(RuleViolation, "closed")}
    kept = in_another_connection(lambda: (fresh().state, fresh().secret, Ballot.objects.filter(poll=poll).count()))
    assert kept == ("closed", "", 8 - len(problems))


def test_two_who_open_at_once_make_one_secret(session, coordinator, request):
    """A second secret would let everybody vote twice."""
    poll = PollFactory(session=session)
    request.getfixturevalue("shared_database")
    problems = at_once(lambda _n: actions.open_poll(Poll.objects.get(pk=poll.pk), by=coordinator), list(range(4)))
    assert [type(problem) for problem in problems] == [RuleViolation] * 3


def test_no_vote_opens_while_its_session_is_cancelled(session, coordinator, request):
    """Whichever comes first, nothing stays open."""
    polls = [PollFactory(session=session) for _n in range(6)]
    request.getfixturevalue("shared_database")
    jobs = [lambda pk=poll.pk: actions.open_poll(Poll.objects.get(pk=pk), by=coordinator) for poll in polls]
    jobs.insert(3, lambda: actions.cancel_session(Session.objects.get(pk=session.pk), by=coordinator, reason="The house is flooded."))
    problems = at_once(lambda job: job(), jobs)
    assert {(type(problem), problem.code) for problem in problems} <= {(RuleViolation, "cancelled")}
    states = in_another_connection(lambda: sorted(Poll.objects.values_list("state", flat=True)))
    assert states == ["closed"] * (6 - len(problems)) + ["draft"] * len(problems)

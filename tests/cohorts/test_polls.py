"""Polls in the room: their machine, what a ballot may say, who may know whose it is, and what the ballots come to."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import Ballot, Poll, PollState
from cohorts.models.poll import LETTERS
from cohorts.polls import results_of, table_of, tell
from tests.cohorts.test_machines import check, matrix, put
from tests.factories.polls import BallotFactory, PollFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

QUESTION = {"fr": "Où ?", "en": "Where?"}
CHOICES = {"fr": "Bruxelles\nLille\nRabat", "en": "Brussels\nLille\nRabat"}


@pytest.fixture
def poll(session):
    return PollFactory(session=session, is_open=True)


def vote(poll, device, answer, other=""):
    return actions.cast_ballot(poll, by=None, device=device, answer=answer, other=other)


def voted(poll, *answers):
    for number, answer in enumerate(answers):
        vote(poll, f"device {number}", answer)
    return poll


# The machine

VERBS = {"open_poll": {"draft": "open"}, "close_poll": {"open": "closed"}}


def in_state(poll, state, by):
    dates = {"opened_at": timezone.now(), "opened_by": by} if state != "draft" else {}
    dates |= {"closed_at": timezone.now(), "closed_by": by} if state == "closed" else {}
    return put(poll, state=state, secret="s" * 64 if state == "open" else "", **dates)


@pytest.mark.parametrize(("state", "verb", "expected"), matrix(PollState.values, VERBS))
def test_poll(state, verb, expected, session, coordinator):
    poll = in_state(PollFactory(session=session), state, coordinator)
    check(poll, "state", lambda: getattr(actions, verb)(poll, by=coordinator), state, expected)


@pytest.mark.parametrize("state", PollState.values)
def test_only_a_draft_is_changed_and_only_an_open_poll_is_voted_in(state, session, coordinator):
    poll = in_state(PollFactory(session=session), state, coordinator)
    changes = {"question": QUESTION, "choices": CHOICES, "kind": "ranked", "allows_other": False}
    verbs = {
        "change": lambda: actions.change_poll(poll, by=coordinator, **changes),
        "vote": lambda: vote(poll, "a phone", [1]),
    }
    taken = {"draft": "change", "open": "vote", "closed": ""}[state]
    for name in verbs.keys() - {taken}:
        with pytest.raises(RuleViolation, match=r"closed|opened"):
            verbs[name]()
    if taken:
        verbs[taken]()
    assert Ballot.objects.count() == (state == "open")


def test_a_poll_is_written_opened_and_closed_by_somebody_and_logged(session, coordinator, trainer):
    poll = actions.add_poll(session, by=trainer, question=QUESTION, choices=CHOICES)
    assert len(poll.code) == 8
    assert set(poll.code) <= set(LETTERS)
    actions.change_poll(poll, by=trainer, question=QUESTION, choices=CHOICES, kind="several", allows_other=True)
    actions.open_poll(poll, by=trainer)
    actions.close_poll(poll, by=coordinator)
    poll = Poll.objects.get()
    assert (poll.kind, poll.allows_other, poll.opened_by, poll.closed_by) == ("several", True, trainer, coordinator)
    assert list(ModelLogEntry.objects.for_instance(poll).order_by("pk").values_list("action", "user")) == [
        ("cohorts.add_poll", trainer.pk),
        ("cohorts.change_poll", trainer.pk),
        ("cohorts.open_poll", trainer.pk),
        ("cohorts.close_poll", coordinator.pk),
    ]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"choices": {"fr": "Un", "en": "One"}}, "Write at least two choices, one per line, in each language."),
        ({"choices": {"fr": "A\nB", "en": "A\nB\nC"}}, "Write the same number of choices in each language (French: 2, English: 3)."),
        ({"choices": {"fr": "A\na", "en": "A\nB"}}, "Two choices are the same."),
        (
            {"choices": dict.fromkeys(("fr", "en"), "\n".join(map(str, range(11))))},
            "Write at most 10 choices: people read them on a phone.",
        ),
        (
            {"kind": "ranked", "allows_other": True},
            "Another answer can be written only where one chooses; not to rank, nor to score.",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(fault, words, session, coordinator):
    with pytest.raises(RuleViolation) as refusal:
        actions.add_poll(session, by=coordinator, **({"question": QUESTION, "choices": CHOICES} | fault))
    assert str(refusal.value) == words
    assert Poll.objects.count() == 0


def test_no_vote_opens_in_a_cancelled_session(session, coordinator):
    poll = PollFactory(session=session)
    put(session, cancelled_at=timezone.now(), cancelled_by=coordinator)
    with pytest.raises(RuleViolation, match="This session is cancelled"):
        actions.open_poll(poll, by=coordinator)


def test_a_cancelled_session_closes_its_votes_and_keeps_what_was_answered(session, coordinator):
    running, draft = PollFactory(session=session, is_open=True), PollFactory(session=session)
    over = actions.close_poll(PollFactory(session=session, is_open=True), by=coordinator)
    vote(running, "a phone", [1])
    actions.cancel_session(session, by=coordinator, reason="The house is flooded.")
    for poll in (running, draft, over):
        poll.refresh_from_db()
    session.refresh_from_db()
    assert [poll.state for poll in (running, draft, over)] == ["closed", "draft", "closed"]
    assert (running.closed_at, running.closed_by, running.secret) == (session.cancelled_at, coordinator, "")
    assert [poll.ended_with_session for poll in (running, draft, over)] == [True, False, False]
    assert tell(running).count == 1
    with pytest.raises(RuleViolation, match="The vote is closed"):
        vote(running, "another phone", [2])


# Ballots


@pytest.mark.parametrize(
    ("kind", "answer", "other", "words"),
    [
        ("one", [], "", "Choose an answer first."),
        ("one", [1, 2], "", "Choose one answer only"),
        ("one", [1], "Elsewhere", "Choose one answer only"),
        ("one", [4], "", "not one of those"),
        ("one", {"1": 1}, "", "not one of those"),
        ("several", [1, 1], "", "not one of those"),
        ("several", [], "x" * 201, "too long"),
        ("ranked", [1], "Elsewhere", "Choose among the answers"),
        ("ranked", [2, 2], "", "not one of those"),
        ("scored", {}, "", "at least one score"),
        ("scored", {"1": 5}, "", "not one of those"),
        ("scored", {"9": 1}, "", "not one of those"),
        ("scored", [1], "", "not one of those"),
    ],
)
def test_a_ballot_that_says_nothing_or_too_much_is_refused(kind, answer, other, words, session):
    poll = PollFactory(session=session, is_open=True, kind=kind, allows_other=kind in ("one", "several"))
    with pytest.raises(RuleViolation, match=words):
        vote(poll, "a phone", answer, other)
    assert Ballot.objects.count() == 0


def test_voting_again_replaces_ones_ballot(poll, promoter, trainer):
    vote(poll, "a phone", [1])
    vote(poll, "a phone", [2])
    vote(poll, "another phone", [3])
    for answer in ([1], [3]):
        actions.cast_ballot(poll, by=promoter, device="a phone", answer=answer)
    actions.cast_ballot(poll, by=trainer, answer=[1])
    assert sorted(poll.ballots.values_list("answer", flat=True)) == [[1], [2], [3], [3]]


def test_without_account_and_cookie_nobody_votes(poll):
    with pytest.raises(RuleViolation, match="keeps no cookie"):
        actions.cast_ballot(poll, by=AnonymousUser(), answer=[1])


def test_nobody_can_tell_whose_a_ballot_is_after_the_close(poll, promoter, coordinator):
    """No column and no line of the log names the voter; the mark is found again while the poll is open, and never after."""
    ballot = actions.cast_ballot(poll, by=promoter, answer=[1])
    secret, voter = poll.secret, f"person-{promoter.pk}"
    assert poll.mark_of(voter) == ballot.mark
    actions.close_poll(poll, by=coordinator)
    poll.refresh_from_db()
    assert poll.secret == ""
    assert poll.mark_of(voter) != ballot.mark
    row = Ballot.objects.filter(pk=ballot.pk).values().get()
    assert {name for name, value in row.items() if str(promoter.pk) == str(value) or promoter.email in str(value)} == set()
    assert not ModelLogEntry.objects.filter(user=promoter).exists()
    assert secret not in str(list(ModelLogEntry.objects.values_list("data", flat=True)))


def test_two_polls_know_nothing_of_each_other(session, promoter, coordinator):
    polls = [PollFactory(session=session) for _n in range(2)]
    marks = {actions.cast_ballot(actions.open_poll(poll, by=coordinator), by=promoter, answer=[1]).mark for poll in polls}
    assert len(marks) == 2


@pytest.mark.parametrize(("column", "value"), [("answer", "[2]"), ("other", "Elsewhere"), ("mark", "x")])
def test_the_database_keeps_the_ballots_of_a_closed_poll(column, value, poll, coordinator):
    ballot = vote(poll, "a phone", [1])
    actions.close_poll(poll, by=coordinator)
    with pytest.raises(IntegrityError, match="kept as it was written"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE cohorts_ballot SET {column} = %s", [value])  # noqa: S608
    with pytest.raises(IntegrityError, match="kept as it was written"), transaction.atomic():
        BallotFactory(poll=poll)
    assert list(Ballot.objects.values_list("pk", "answer")) == [(ballot.pk, [1])]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite tables are emptied with DELETE between tests")
def test_a_ballot_is_not_deleted(poll):
    vote(poll, "a phone", [1])
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.all().delete()


@pytest.mark.parametrize("kept", [{"secret": ""}, {"closed_at": timezone.now()}, {"state": "closed"}])
def test_dates_and_secret_go_with_the_state(kept, poll):
    with pytest.raises(IntegrityError), transaction.atomic():
        Poll.objects.filter(pk=poll.pk).update(**kept)


# Results


def test_nothing_is_told_before_the_close(session, coordinator):
    poll = voted(PollFactory(session=session, is_open=True), [1])
    assert tell(poll) is None
    assert tell(actions.close_poll(poll, by=coordinator)).count == 1


def test_one_choice_counts_votes_and_shares(session):
    poll = PollFactory(session=session, is_open=True, allows_other=True)
    voted(poll, [1], [1], [3])
    vote(poll, "late", [], "  The\nsea ")
    found = results_of(poll)
    assert [(line.label, line.value, line.words, line.bar.length) for line in found.lines] == [
        ("Brussels", 2, "2 · 50%", 100),
        ("Lille, France", 0, "0 · 0%", 0),
        ("Rabat, Morocco", 1, "1 · 25%", 50),
        ("Another answer", 1, "1 · 25%", 50),
    ]
    assert (found.count, [row.other for row in found.others]) == (4, ["The sea"])


def test_several_choices_are_shares_of_the_ballots(session):
    poll = voted(PollFactory(session=session, is_open=True, kind="several"), [1, 2], [2], [3, 2, 1])
    assert [line.words for line in results_of(poll).lines] == ["2 · 67%", "3 · 100%", "1 · 33%"]


def test_ranks_become_points_of_borda(session):
    """Three choices: 3, 2, 1 points; whoever ranks one gives nothing to the two others."""
    poll = voted(PollFactory(session=session, is_open=True, kind="ranked"), [2, 1, 3], [2, 3, 1], [2])
    found = results_of(poll)
    assert [(line.label, line.value, line.cells) for line in found.lines] == [
        ("Lille, France", 9, [9, 3]),
        ("Brussels", 3, [3, 0]),
        ("Rabat, Morocco", 3, [3, 0]),
    ]
    assert found.method.startswith("Borda’s count: each first place gives 3 points, each second place 2")


def test_scores_become_a_mean_and_a_distribution(session):
    poll = voted(PollFactory(session=session, is_open=True, kind="scored"), {"1": 4, "2": 0}, {"1": 3}, {"1": 4})
    found = results_of(poll)
    assert [(line.label, line.words, line.shown) for line in found.lines] == [
        ("Brussels", "3.7", ["3.7", "0", "0", "0", "1", "2"]),
        ("Lille, France", "0.0", ["0.0", "1", "0", "0", "0", "0"]),
        ("Rabat, Morocco", "", ["–", "0", "0", "0", "0", "0"]),
    ]
    assert [line.bar and line.bar.length for line in found.lines] == [91.67, 0, None]
    assert table_of(poll, found)[3:5] == [
        ["Answer", "Mean", "Score 0", "Score 1", "Score 2", "Score 3", "Score 4"],
        ["Brussels", 3.67, 0, 0, 0, 1, 2],
    ]


def test_words_are_hidden_after_the_close_with_a_reason_and_still_count(session, coordinator):
    poll = PollFactory(session=session, is_open=True, allows_other=True)
    ballot = vote(poll, "a phone", [], "Something rude")
    with pytest.raises(RuleViolation, match="Close the vote first"):
        actions.hide_words(ballot, by=coordinator, reason="Rude.")
    actions.close_poll(poll, by=coordinator)
    with pytest.raises(RuleViolation, match="Say why"):
        actions.hide_words(ballot, by=coordinator, reason=" ")
    actions.hide_words(ballot, by=coordinator, reason="Rude.")
    found = results_of(poll)
    assert (found.others, found.lines[-1].value) == ([], 1)
    assert "Something rude" not in str(table_of(poll, found))
    entry = ModelLogEntry.objects.for_instance(poll).get(action="cohorts.hide_words")
    assert (entry.user, entry.data) == (coordinator, {"reason": "Rude."})
    with pytest.raises(RuleViolation, match="hidden already"):
        actions.hide_words(ballot, by=coordinator, reason="Again.")

"""How those who came found a session: who is asked and when, what an answer may say, who may know whose it is, what they come to."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy import erasure
from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.clock import strike
from cohorts.models import CheckIn, Registration, Satisfaction, SatisfactionAnswer, Session
from cohorts.satisfaction import asked_of, found_in, letters_from, table_of, told_of
from tests.cohorts.guards import write_again
from tests.factories import cohorts as make
from tests.factories.satisfaction import SatisfactionAnswerFactory, SatisfactionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def over(session, *, since=timedelta(hours=1)):
    """The session ended so long ago."""
    now = timezone.now()
    dates = {"registration_deadline": now - timedelta(days=40), "cancellation_deadline": now - timedelta(days=40)}
    Session.objects.filter(pk=session.pk).update(starts_at=now - since - timedelta(days=2), ends_at=now - since, **dates)
    session.refresh_from_db()
    return session


def came(session, coordinator, *, number=1, **facts):
    settled = {"confirmed_at": timezone.now(), "funding_verified_at": timezone.now(), "funding_verified_by": coordinator}
    rows = [make.RegistrationFactory(session=session, status="attended", **settled, **facts) for _n in range(number)]
    for row in rows:
        make.CheckInFactory(registration=row)
    return rows


@pytest.fixture
def ended(session, coordinator):
    """Over since an hour; six came, one did not."""
    rows = came(over(session), coordinator, number=6)
    make.RegistrationFactory(session=session, status="no_show", confirmed_at=timezone.now())
    return session, rows


def answer(row, **said):
    return actions.answer_satisfaction(row, by=row.person, **said)


def letters():
    return Message.objects.filter(cause__startswith="satisfaction:")


# Asking


def test_the_clock_asks_on_the_morning_after_whoever_was_checked_in_and_once(ended):
    session, rows = ended
    morning = letters_from(session)
    assert (morning.astimezone(ZoneInfo(session.time_zone)).hour, morning > session.ends_at) == (9, True)
    assert strike(morning - timedelta(minutes=1)) == {}
    assert strike(morning)["asked how it was"] == 6
    assert strike(morning + timedelta(days=2))["asked how it was"] == 0
    assert set(letters().values_list("to", flat=True)) == {row.person_id for row in rows}
    letter = letters().get(to=rows[0].person)
    assert letter.subject == "Two minutes: how was the session?"
    assert f"/en/sessions/places/{rows[0].pk}/how-it-was/" in letter.body_text
    assert [(entry.action, entry.data) for entry in ModelLogEntry.objects.for_instance(session)] == [
        ("cohorts.ask_satisfaction", {"people": 6})
    ]


def test_who_is_checked_in_later_is_asked_later_and_nobody_after_the_time(ended, coordinator):
    session, _rows = ended
    strike(letters_from(session))
    [late] = came(session, coordinator)
    assert strike(session.ends_at + timedelta(days=5))["asked how it was"] == 1
    assert letters().filter(to=late.person).count() == 1
    came(session, coordinator)
    done = strike(session.ends_at + timedelta(days=14))
    assert (done["asked how it was"], done["answers on sessions closed"]) == (0, 1)
    with pytest.raises(RuleViolation, match="The time to answer is over"):
        actions.ask_satisfaction(session, by=coordinator, now=session.ends_at + timedelta(days=14))


def test_a_coordinator_asks_earlier_but_not_before_the_end_nor_of_what_is_cancelled(session, coordinator):
    came(session, coordinator)
    with pytest.raises(RuleViolation, match="not over yet"):
        actions.ask_satisfaction(session, by=coordinator)
    over(session)
    with pytest.raises(RuleViolation, match="morning after"):
        actions.ask_satisfaction(session, by=None)
    assert actions.ask_satisfaction(session, by=coordinator) == 1
    assert actions.ask_satisfaction(session, by=coordinator) == 0
    Session.objects.filter(pk=session.pk).update(cancelled_at=timezone.now(), cancelled_by=coordinator)
    with pytest.raises(RuleViolation, match="cancelled"):
        actions.ask_satisfaction(session, by=coordinator)


def test_nobody_came_nobody_is_asked(session):
    over(session)
    assert strike(letters_from(session)) == {}
    assert not Satisfaction.objects.exists()


# Answering


def test_an_answer_is_one_and_may_be_changed(ended):
    _session, (row, other, *_rest) = ended
    answer(row, useful=2, words=" Longer breaks ")
    answer(row, useful=5, place=3)
    answer(other, organisation=1)
    assert sorted(SatisfactionAnswer.objects.values_list("useful", "meetings", "organisation", "place", "words"), key=str) == [
        (5, None, None, 3, ""),
        (None, None, 1, None, ""),
    ]
    assert asked_of(row).answer.useful == 5


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Answer one question at least."),
        ({"words": "   "}, "Answer one question at least."),
        ({"useful": 6}, "not one of those that are asked"),
        ({"place": 0}, "not one of those that are asked"),
        ({"words": "a" * 1001}, "at most 1000 characters"),
    ],
)
def test_what_is_no_answer_is_refused_in_words(said, words, ended):
    with pytest.raises(RuleViolation, match=words):
        answer(ended[1][0], **said)
    assert not SatisfactionAnswer.objects.exists()


def test_only_who_was_checked_in_answers_for_oneself_after_the_end_and_before_the_close(session, coordinator, promoter):
    [row] = came(session, coordinator)
    with pytest.raises(RuleViolation, match="not over yet"):
        answer(row, useful=3)
    over(session)
    with pytest.raises(RuleViolation, match="checked in"):
        actions.answer_satisfaction(row, by=promoter, useful=3)
    absent = make.RegistrationFactory(session=session, status="no_show")
    with pytest.raises(RuleViolation, match="checked in"):
        answer(absent, useful=3)
    answer(row, useful=3)
    over(session, since=timedelta(days=15))
    Satisfaction.objects.update(closes_at=timezone.now() - timedelta(days=1))
    with pytest.raises(RuleViolation, match="not counted"):
        answer(row, useful=4)
    assert SatisfactionAnswer.objects.get().useful == 3


def test_what_people_were_promised_outlives_a_change_of_the_dates(ended):
    session, (row, *_rest) = ended
    answer(row, useful=3)
    until = Satisfaction.objects.get().closes_at
    over(session, since=timedelta(days=10))
    assert asked_of(row).closes_at == until


# Whose it is


def test_an_answer_names_nobody_and_its_key_dies_with_the_close(ended, coordinator):
    session, (row, *_rest) = ended
    answer(row, useful=3)
    kept = Satisfaction.objects.get()
    names = {field.name for field in SatisfactionAnswer._meta.get_fields()}
    assert names == {"id", "satisfaction", "mark", "useful", "meetings", "organisation", "place", "words"}
    mark = SatisfactionAnswer.objects.get().mark
    assert mark == kept.mark_of(row)
    assert not ModelLogEntry.objects.exists()
    with pytest.raises(RuleViolation, match="until a later day"):
        actions.close_satisfaction(kept, by=coordinator)
    actions.close_satisfaction(kept, by=None, now=kept.closes_at)
    assert (kept.secret, kept.mark_of(row) == mark) == ("", False)
    assert asked_of(row).answer is None
    with pytest.raises(RuleViolation, match="closed already"):
        actions.close_satisfaction(kept, by=None, now=kept.closes_at)
    entries = [entry.action for entry in ModelLogEntry.objects.for_instance(session)]
    assert entries == ["cohorts.close_satisfaction"]


def test_after_the_close_the_database_takes_no_answer_and_changes_none():
    kept = SatisfactionFactory()
    given = SatisfactionAnswerFactory(satisfaction=kept)
    Satisfaction.objects.filter(pk=kept.pk).update(closed_at=kept.closes_at, secret="")
    for late in (
        lambda: SatisfactionAnswerFactory(satisfaction=kept),
        lambda: SatisfactionAnswer.objects.filter(pk=given.pk).update(useful=1),
    ):
        with pytest.raises(IntegrityError, match="kept as it was written"), transaction.atomic():
            late()


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"useful": 6}, "useful_is_scored_from_1_to_5"),
        ({"place": 0}, "place_is_scored_from_1_to_5"),
        ({"useful": None}, "an_answer_says_something"),
        ({}, "a_person_answers_once_for_a_session"),
    ],
)
def test_the_database_refuses_what_is_no_answer(wrong, constraint):
    given = SatisfactionAnswerFactory()
    mark = {} if not wrong else {"mark": "x" * 64}
    with pytest.raises(IntegrityError):
        write_again(given, id="f" * 32, **mark, **wrong)
    write_again(given, id="e" * 32, mark="y" * 64)
    assert constraint in {one.name for one in SatisfactionAnswer._meta.constraints}
    assert SatisfactionAnswer.objects.count() == 2


@pytest.mark.parametrize("wrong", [{"secret": ""}, {"closed_at": timezone.now()}, {"closed_at": "early", "secret": ""}])
def test_the_database_closes_it_when_it_was_said_and_with_its_secret(wrong):
    kept = SatisfactionFactory()
    if wrong.get("closed_at") == "early":
        wrong = {**wrong, "closed_at": kept.closes_at - timedelta(minutes=1)}
    with pytest.raises(IntegrityError), transaction.atomic():
        Satisfaction.objects.filter(pk=kept.pk).update(**wrong)


def test_who_was_checked_in_by_mistake_takes_the_answer_along(ended, coordinator):
    _session, (row, other, *_rest) = ended
    answer(row, useful=1)
    answer(other, useful=5)
    actions.annul_check_in(CheckIn.objects.get(registration=row), by=coordinator, reason="Somebody else.")
    assert list(SatisfactionAnswer.objects.values_list("useful", flat=True)) == [5]


def test_erasing_a_person_keeps_the_scores_and_takes_the_words(ended):
    _session, (row, other, third, *_rest) = ended
    answer(row, useful=4, words="I am Ada")
    answer(other, words="Only words")
    answer(third, useful=2, words="Others stay")
    for person in (row.person, other.person):
        erasure.empty(person)
    assert sorted(SatisfactionAnswer.objects.values_list("useful", "words")) == [(2, "Others stay"), (4, "")]


# What they come to


def test_totals_are_told_once_closed_and_from_five_answers(ended):
    session, rows = ended
    for number, row in enumerate(rows[:5]):
        answer(row, useful=number + 1, place=4 if number < 4 else None, words="Bring tea" if number == 0 else "")
    kept = Satisfaction.objects.get()
    found = found_in(session, kept)
    assert (found.asked, found.count, found.is_told, found.words) == (6, 5, False, [])
    actions.close_satisfaction(kept, by=None, now=kept.closes_at)
    found = found_in(session, kept)
    useful, meetings, _organisation, place = found.lines
    assert (useful.mean, useful.counts, useful.words) == (3.0, [1, 1, 1, 1, 1], "3.0 of 5 · 5 answers")
    assert (place.mean, place.shown, place.words, place.bar) == (None, ["–"] * 6, "too few answers", None)
    assert (meetings.mean, found.words) == (None, ["Bring tea"])
    table = table_of(session, found)
    assert table[:3] == [["Spring session"], ["Checked in", 6], ["Answers", 5]]
    assert table[5] == ["Was it useful for your project?", 3.0, 1, 1, 1, 1, 1]
    assert table[8][1:] == ["–"] * 6
    assert table[-1] == ["Bring tea"]
    assert told_of([session]) == {session.pk: "Useful for the projects: 3.0 of 5 (5 answers)."}


def test_of_four_answers_nothing_is_ever_told(ended):
    session, rows = ended
    for row in rows[:4]:
        answer(row, useful=1, words="Bad")
    kept = Satisfaction.objects.get()
    actions.close_satisfaction(kept, by=None, now=kept.closes_at)
    found = found_in(session, kept)
    assert (found.count, found.is_told, found.lines, found.words) == (4, False, [], [])
    assert told_of([session]) == {}


def test_the_words_come_in_no_order_of_time(ended):
    session, rows = ended
    for row, words in zip(rows, ("Zebra", "apple", "Mango", "banana", "Kiwi", "Pear"), strict=True):
        answer(row, words=words)
    kept = Satisfaction.objects.get()
    actions.close_satisfaction(kept, by=None, now=kept.closes_at)
    assert found_in(session, kept).words == ["apple", "banana", "Kiwi", "Mango", "Pear", "Zebra"]


def test_the_clock_asks_the_same_for_one_and_three_people(session, coordinator, django_assert_max_num_queries):
    """Nothing more is asked of the database at each tick once the letters are written."""
    over(session)
    came(session, coordinator)
    when = letters_from(session)
    actions.ask_satisfaction(session, by=None, now=when)
    with django_assert_max_num_queries(20) as one:
        actions.ask_satisfaction(session, by=None, now=when)
    came(session, coordinator, number=2)
    actions.ask_satisfaction(session, by=None, now=when)
    with django_assert_max_num_queries(len(one.captured_queries)):
        actions.ask_satisfaction(session, by=None, now=when)
    assert Registration.objects.filter(status="attended").count() == letters().count() == 3

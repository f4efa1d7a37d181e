"""Two people at once: opposite decisions, the same release, the last place, a move between full cohorts. One truth, one letter, no place too many."""

import pytest
from django.utils import translation

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import Application, Cohort, Determination, Participation
from tests.cohorts.test_last_seat import at_once, in_another_connection, shared_database  # noqa: F401 (a fixture)
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(coordinator):
    return [coordinator, UserFactory(name="Sven Second")]


@pytest.fixture
def deciding(cohort):
    """Projects in deliberation, each with a lead who would get the letters."""

    def gather(number, *, places=9):
        Cohort.objects.filter(pk=cohort.pk).update(capacity=places, state="reviewing")
        rows = [make.SubmittedApplicationFactory(cohort=cohort, state="deliberation") for _n in range(number)]
        for row in rows:
            make.ProjectMemberFactory(project=row.project)
        return rows

    return gather


def letters():
    return in_another_connection(lambda: sorted(Message.objects.filter(cause__startswith="decision:").values_list("subject", flat=True)))


def in_force():
    return in_another_connection(lambda: list(Determination.objects.in_force().values_list("outcome", flat=True)))


@pytest.mark.parametrize("attempt", range(5))
def test_opposite_decisions_released_at_once_leave_one_in_force_and_one_letter(attempt, deciding, two, request):
    """Both look at the same page, on which nothing is decided; each prepares and releases what they think."""
    [application] = deciding(1)
    request.getfixturevalue("shared_database")

    def decide(job):
        person, outcome = job
        translation.activate("en")
        row = Application.objects.get(pk=application.pk)
        actions.release(actions.decide_admission(row, by=person, outcome=outcome, reasons="So.", seen=None), by=person)

    problems = at_once(decide, list(zip(two, ("admitted", "declined"), strict=True)))
    assert [(type(problem), problem.code) for problem in problems] == [(RuleViolation, "changed")]
    [outcome] = in_force()
    assert len(letters()) == 1
    state = in_another_connection(lambda: Application.objects.get(pk=application.pk).state)
    assert state == outcome


@pytest.mark.parametrize("attempt", range(5))
def test_what_is_replaced_while_it_is_released_is_told_once(attempt, deciding, two, request):
    """One releases what is prepared; the other prepares the opposite from the page where it was not released yet."""
    [application] = deciding(1)
    pending = actions.decide_admission(application, by=two[0], outcome="admitted", reasons="So.")
    request.getfixturevalue("shared_database")

    def work(job):
        if job == "release":
            actions.release(Determination.objects.get(pk=pending.pk), by=two[0])
        else:
            row = Application.objects.get(pk=application.pk)
            opposite = actions.decide_admission(row, by=two[1], outcome="declined", reasons="No.", seen=pending.pk)
            actions.release(opposite, by=two[1])

    problems = at_once(work, ["release", "replace"])
    outcomes, written = in_force(), letters()
    if problems:  # the second was too late: one truth
        assert len(problems) == len(outcomes) == len(written) == 1
    else:  # told, then knowingly replaced: one letter of each
        assert outcomes == ["declined"]
        assert len(written) == 2


def test_the_same_release_at_once_sends_one_letter_to_each(deciding, two, request):
    rows = deciding(4)
    keys = [actions.decide_admission(row, by=two[0], outcome="admitted", reasons="So.").pk for row in rows]
    request.getfixturevalue("shared_database")
    told = []

    def work(person):
        done = actions.release_together(Cohort.objects.get(pk=rows[0].cohort_id), by=person, determinations=keys)
        told.append(len(done.now))

    coordinators = [two[0]] * 4
    assert at_once(work, coordinators) == []
    assert sorted(told) == [0, 0, 0, 4]
    assert len(letters()) == 4
    assert in_another_connection(Participation.objects.count) == 4


def test_the_last_place_goes_to_one_of_two_releases(deciding, two, request):
    rows = deciding(4, places=1)
    keys = [actions.decide_admission(row, by=two[0], outcome="admitted", reasons="So.").pk for row in rows]
    request.getfixturevalue("shared_database")
    problems = at_once(lambda key: actions.release(Determination.objects.get(pk=key), by=two[0]), keys)
    assert [problem.code for problem in problems] == ["full"] * 3
    assert in_another_connection(Participation.objects.holding_a_place().count) == 1
    assert len(letters()) == 1


def test_moves_at_once_into_the_last_place_of_another_cohort(cohort, crowd, coordinator, request):
    target = make.open_now(make.CohortFactory(pathway=cohort.pathway, rubric=cohort.rubric, capacity=1), state="running")
    crowd(6)
    keys = list(cohort.participations.values_list("pk", flat=True))
    request.getfixturevalue("shared_database")

    def move(key):
        row = Participation.objects.select_related("cohort").get(pk=key)
        actions.transfer_participation(row, by=coordinator, to=Cohort.objects.get(pk=target.pk), reason="Later.")

    problems = at_once(move, keys)
    assert [problem.code for problem in problems] == ["full"] * 5
    states = in_another_connection(lambda: sorted(cohort.participations.values_list("state", flat=True)))
    assert states == ["active"] * 5 + ["transferred"]
    assert in_another_connection(target.participations.holding_a_place().count) == 1


def test_moves_both_ways_at_once_between_full_cohorts_change_nothing_and_wait_for_nobody(cohort, crowd, coordinator, request):
    """Locked in one order, whichever way they go: neither waits for the other for ever."""
    target = make.open_now(make.CohortFactory(pathway=cohort.pathway, rubric=cohort.rubric, capacity=3), state="running")
    crowd(3)
    Cohort.objects.filter(pk=cohort.pk).update(capacity=3)
    for _n in range(3):
        make.ParticipationFactory(cohort=target)
    pairs = [(key, target.pk) for key in cohort.participations.values_list("pk", flat=True)]
    pairs += [(key, cohort.pk) for key in target.participations.values_list("pk", flat=True)]
    request.getfixturevalue("shared_database")

    def move(job):
        key, to = job
        row = Participation.objects.select_related("cohort").get(pk=key)
        actions.transfer_participation(row, by=coordinator, to=Cohort.objects.get(pk=to), reason="Swap.")

    problems = at_once(move, pairs)
    assert [getattr(problem, "code", problem) for problem in problems] == ["full"] * 6
    for row in (cohort, target):
        assert in_another_connection(row.participations.holding_a_place().count) == 3

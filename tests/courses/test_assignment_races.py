"""What happens at the same instant: one version, one draft row, one answer."""

from collections import Counter

import pytest

from courses import actions
from courses.groups import Owner
from courses.models import ActivityRecord, Submission
from tests.cohorts.test_last_seat import at_once, in_another_connection, shared_database  # noqa: F401 (a fixture)
from tests.factories.academy import UserFactory
from tests.factories.courses import make_assignment, make_module

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 8


@pytest.fixture
def page(db):
    return make_assignment(make_module("The need"))


def codes(problems):
    return Counter(getattr(problem, "code", repr(problem)) for problem in problems)


def test_handing_in_at_once_gives_one_version(page, promoter, request):
    owner = Owner(person=promoter)
    work = actions.save_work(page, owner=owner, by=promoter, edition=0, text="Forty workers were asked.")
    request.getfixturevalue("shared_database")
    problems = at_once(lambda _job: actions.hand_in(page, owner=owner, by=promoter, edition=work.edition), list(range(TIMES)))
    assert codes(problems) == {"handed_in": TIMES - 1}
    assert in_another_connection(lambda: list(work.versions.values_list("number", flat=True))) == [1]


def test_first_saves_at_once_give_one_row_and_overwrite_nothing(page, promoter, request):
    owner = Owner(person=promoter)
    request.getfixturevalue("shared_database")
    problems = at_once(lambda job: actions.save_work(page, owner=owner, by=promoter, edition=0, text=f"Text {job}"), list(range(TIMES)))
    assert codes(problems) == {"stale": TIMES - 1}
    assert in_another_connection(lambda: Submission.objects.filter(activity_key=page.translation_key).count()) == 1


def test_accepting_while_it_is_edited_leaves_what_was_handed_in(page, promoter, trainer, request):
    owner = Owner(person=promoter)
    work = actions.save_work(page, owner=owner, by=promoter, edition=0, text="Handed in")
    version = actions.hand_in(page, owner=owner, by=promoter, edition=work.edition)
    actions.give_feedback(version, by=trainer, verdict="to_improve", comment="More")
    others = [UserFactory() for _number in range(2)]
    request.getfixturevalue("shared_database")

    def work_on(job):
        if job is None:
            actions.save_work(page, owner=owner, by=promoter, edition=1, text="Still writing")
        else:
            actions.give_feedback(version, by=job, verdict="accepted", seen=1)

    problems = at_once(work_on, [None, *others])
    found = codes(problems)
    assert found.pop("answered") == 1
    assert set(found) <= {"closed"}
    state, text, complete = in_another_connection(
        lambda: (
            *Submission.objects.values_list("state", "versions__text").get(),
            ActivityRecord.objects.get(user=promoter).is_complete,
        )
    )
    assert (state, text, complete) == ("accepted", "Handed in", True)

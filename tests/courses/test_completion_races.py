"""Following courses and completing their activities at the same instant: nobody waits in a circle, and no course is left open."""

import pytest

from courses import actions
from courses.models import ActivityRecord, Certificate, Enrolment
from tests.cohorts.test_last_seat import at_once, in_another_connection, shared_database  # noqa: F401 (a fixture)
from tests.factories.courses import make_course, make_lesson, make_module

pytestmark = pytest.mark.django_db(transaction=True)
COURSES = 4


@pytest.mark.parametrize("_time", range(3))
def test_enrolling_and_completing_at_once_closes_every_course(promoter, request, _time):
    jobs = []
    for number in range(COURSES):
        module = make_module(f"Module {number}")
        lesson = make_lesson(module)
        followed, new = (make_course(f"{name} {number}", (module,)) for name in ("Followed", "New"))
        actions.enrol(followed, user=promoter, by=promoter)
        jobs += [(actions.complete_activity, lesson, {}), (actions.enrol, new, {"user": promoter})]
    request.getfixturevalue("shared_database")

    def act(job):
        verb, page, more = job
        verb(page, by=promoter, **more)

    assert [problem for problem in at_once(act, jobs) if problem] == []
    assert in_another_connection(lambda: ActivityRecord.objects.completed().count()) == COURSES
    assert in_another_connection(lambda: Enrolment.objects.filter(completed_at__isnull=True).count()) == 0
    assert in_another_connection(lambda: Certificate.objects.count()) == 2 * COURSES

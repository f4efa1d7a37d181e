"""Where an activity stands and who is in it: told before it is published, moved or taken away."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from academy.links.leaving import leaving
from academy.privacy import Hidden
from courses import actions
from courses.models import ModulePage
from courses.uses import usage_of
from tests.factories.academy import UserFactory
from tests.factories.cohorts import CohortFactory
from tests.factories.courses import make_assignment, make_course, make_lesson, make_module, make_quiz, translated

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def module():
    return make_module("Money")


@pytest.fixture(params=[make_lesson, make_quiz, make_assignment])
def activity(request, module):
    return request.param(module, "What it costs")


@pytest.fixture
def staff(client_for, trainer):
    client = client_for(trainer)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def followed(module, activity, promoter, other_promoter):
    """A course of the module that two people follow: one has done the activity, the other is in it."""
    course = make_course("The programme", (module,))
    cohort = CohortFactory()
    actions.enrol(course, user=promoter, by=promoter, cohort_key=cohort.pk)
    actions.enrol(course, user=other_promoter, by=other_promoter)
    actions.excuse_activity(activity, user=promoter, reason="Teaches it.", by=other_promoter)
    actions.record_progress(activity, by=other_promoter, client="tab", sequence=1, progress=0.4)
    return course, cohort


def test_everything_that_an_author_must_know(followed, activity, module, trainer):
    course, cohort = followed
    found = usage_of(activity, trainer)
    assert [one.pk for one in found.modules] == [module.pk]
    assert [(use.page.pk, use.people, use.finished, use.cohorts) for use in found.courses] == [(course.pk, 2, 1, (str(cohort),))]
    assert (found.finished, found.begun) == (1, 1)


def test_the_editor_says_it_before_publishing(followed, activity, staff):
    _course, cohort = followed
    page = staff.get(reverse("wagtailadmin_pages:edit", args=[activity.pk])).text
    for words in ("Where this is used", "The programme", "2 people follow it", "1 has finished it", str(cohort), "1 person has completed"):
        assert words in page


def test_whoever_takes_it_away_or_moves_it_is_told(followed, activity, staff):
    _course, cohort = followed
    other = make_module("Elsewhere")
    addresses = [
        reverse("wagtailadmin_pages:delete", args=[activity.pk]),
        reverse("wagtailadmin_pages:unpublish", args=[activity.pk]),
        reverse("wagtailadmin_pages:move_confirm", args=[activity.pk, other.pk]),
        f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', 'delete'])}?id={activity.pk}",
    ]
    for address in addresses:
        page = staff.get(address).text
        assert f"The programme (2 people follow it, {cohort})" in page, address
        assert "1 person has completed it, 1 person is in it. What they did stays in their records." in page, address
    assert "belongs to its new place" in staff.get(addresses[2]).text


def test_what_stands_under_it_is_told_by_its_name(followed, module, activity, staff, admin):
    page = admin.get(reverse("wagtailadmin_pages:delete", args=[module.pk])).text
    assert f"“{activity.title}”: 1 person has completed it, 1 person is in it." in page
    assert "0 time" not in page
    assert "Used in" not in page


def test_nothing_is_said_of_what_nobody_uses(activity, staff):
    assert activity.uses() == []
    assert "No course places this module yet" in staff.get(reverse("wagtailadmin_pages:edit", args=[activity.pk])).text


def test_in_another_language_it_goes_on(followed, activity):
    before = activity.uses()
    assert len(before) == 2
    translated(activity, "fr")
    assert activity.uses() == [*before, "It stays published in another language (French): there it goes on."]
    assert activity.uses(moves=True) == before


@pytest.fixture
def admin(client_for, admin_user):
    client = client_for(admin_user)
    client.cookies["django_language"] = "en"
    return client


def bulk(*pages):
    return f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', 'delete'])}?{'&'.join(f'id={page.pk}' for page in pages)}"


@pytest.mark.parametrize(
    "address",
    [
        lambda module: reverse("wagtailadmin_pages:delete", args=[module.pk]),
        lambda module: bulk(module),
        lambda module: reverse("wagtailadmin_pages:delete", args=[module.get_parent().pk]),
        lambda module: bulk(module.get_parent(), make_module("Free")),
    ],
    ids=["alone", "among many", "with its library", "with its library, among many"],
)
def test_a_module_that_a_course_uses_is_deleted_in_no_way(followed, module, admin, address):
    answer = admin.post(address(module), {"next": "/cms/"}, follow=True)
    assert "Not deleted: these courses use this module: The programme." in answer.text
    assert ModulePage.objects.filter(pk=module.pk).exists()


def test_what_no_course_uses_is_deleted(followed, module, admin):
    free, spare = make_module("Free"), translated(module, "fr")
    admin.post(bulk(free, spare), {"next": "/cms/"})
    assert list(ModulePage.objects.values_list("pk", flat=True)) == [module.pk]
    admin.post(bulk(module, followed[0]), {"next": "/cms/"})
    assert not ModulePage.objects.exists()


def test_costs_the_same_for_one_course_and_three(module, trainer):
    lesson = make_lesson(module)

    def count():
        course = make_course("Another", (module,))
        actions.enrol(course, user=(person := UserFactory()), by=person, cohort_key=CohortFactory().pk)
        with CaptureQueriesContext(connection) as captured:
            usage_of(lesson, trainer)
        return len(captured)

    count()  # content types are remembered by the process
    first = count()
    count()
    assert count() == first


def test_whoever_takes_a_module_away_is_told_which_courses_require_it_and_how_many_are_on_the_way(followed, module, client_for, admin_user):
    """One person has finished the course, one is on the way; another course has it as optional, and a third requires it of nobody yet."""
    optional, _empty = make_course("Optional there", (module,)), make_course("Nobody there", (module,))
    optional.placements.update(required=False)
    told = [
        "The course “The programme” requires this module: 1 person is on the way there, who cannot finish while it is not published.",
        "The course “Optional there” places this module as optional: its learners lose it.",
        "The course “Nobody there” requires this module. Nobody is on the way there now; whoever begins cannot finish while it is not published.",
    ]
    assert sorted(module.uses()) == sorted(told)
    staff = client_for(admin_user)  # trainers delete no module that holds something
    staff.cookies["django_language"] = "en"
    for name in ("delete", "unpublish"):
        page = staff.get(reverse(f"wagtailadmin_pages:{name}", args=[module.pk])).text
        assert [sentence in page for sentence in told] == [True] * 3
    assert module.uses(moves=True) == []
    translated(module, "fr")
    assert module.uses() == []


def test_what_is_true_of_several_activities_is_said_once(staff, module, promoter):
    lessons = [make_lesson(module, title) for title in ("One", "Two", "Three")]
    make_course(modules=(module,))
    actions.complete_activity(lessons[0], by=promoter)
    said = leaving(module, Hidden(())).uses
    where = "It stands in the module “Money”, which these courses place: A course (0 people follow it)."
    assert [one for one in said if "stands in the module" in one] == [f"“One”, “Two”, “Three”: {where}"]
    assert "“One”: 1 person has completed it, 0 people are in it. What they did stays in their records." in said

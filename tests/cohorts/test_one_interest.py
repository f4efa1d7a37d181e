"""An interest is in a project: declared in one of its applications, it closes all of them, to coordinators and to readers."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.cms_acts import conflicts_of
from cohorts.cms_verbs import people_who_assess
from cohorts.coverage import propose, read_round
from cohorts.models import Application, ConflictDeclaration, ReviewAssignment, ReviewRound
from cohorts.organisers import organisers_of
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.attention import AttentionItemFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def second(db):
    person = UserFactory(name="Sven Second")
    person.groups.add(Group.objects.get(name="Coordinators"))
    return person


@pytest.fixture
def again(submitted, coordinator, reviewer, promoter, pathway, rubric):
    """The next application of the project; coordinator and reviewer declared their interest in the one before, and in nothing since."""
    for person in (coordinator, reviewer):
        actions.declare_interest(submitted, by=person, conflict=True, reason="Cousins.")
    actions.withdraw_application(submitted, by=promoter)
    other = make.open_now(make.CohortFactory(pathway=pathway, rubric=rubric, coordinator=coordinator))
    return make.SubmittedApplicationFactory(project=submitted.project, cohort=other, submitted_by=promoter)


def code_of(verb, row, **said) -> str:
    with pytest.raises(RuleViolation) as refusal:
        verb(row, **said)
    return refusal.value.code


def test_no_page_shows_the_next_application_to_them(again, coordinator, second, client_for):
    pages = [reverse("cohorts_cms_application", args=[again.pk]), reverse("cohorts_cms_reading", args=[again.pk])]
    answers = {person: [client_for(person).get(page).status_code for page in pages] for person in (coordinator, second)}
    assert answers == {coordinator: [404, 404], second: [200, 200]}
    lists = [reverse("applications:index"), reverse("applications:index") + "?export=csv"]

    def shown(person) -> list[bool]:
        found = [client_for(person).get(page) for page in lists]
        bodies = [b"".join(one.streaming_content) if one.streaming else one.content for one in found]
        return [again.project.name.encode() in body for body in bodies]

    assert (shown(coordinator), shown(second)) == ([False, False], [True, True])


def test_no_letter_tells_them_of_it(again, coordinator, second):
    assert organisers_of(again) == [second]


@pytest.mark.parametrize(
    ("verb", "state", "said"),
    [
        (actions.return_application, "submitted", {"reason": "More."}),
        (actions.declare_ineligible, "submitted", {"reason": "Outside."}),
        (actions.start_review, "submitted", {}),
        (actions.open_deliberation, "under_review", {"reason": "Enough."}),
    ],
)
def test_no_verb_on_it_is_theirs(verb, state, said, again, coordinator):
    Application.objects.filter(pk=again.pk).update(state=state)
    assert code_of(verb, Application.objects.get(pk=again.pk), by=coordinator, **said) == "interest"
    assert Application.objects.get(pk=again.pk).state == state


def test_they_lift_nobody_else_s_conflict(again, coordinator, reviewer):
    declared = ConflictDeclaration.objects.get(person=reviewer)
    assert code_of(actions.waive_conflict, declared, by=coordinator, reason="It does not matter.") == "interest"
    assert ConflictDeclaration.objects.get(person=reviewer).kind == "declared"


def test_they_ask_nobody_to_read_it(again, coordinator):
    free = UserFactory()
    free.groups.add(Group.objects.get(name="Reviewers"))
    assert code_of(actions.assign_reviewer, again, by=coordinator, reviewer=free) == "interest"


def test_the_reader_is_neither_offered_nor_proposed_nor_asked(again, second, reviewer):
    free = UserFactory(name="Free Reader")
    free.groups.add(Group.objects.get(name="Reviewers"))
    assert set(people_who_assess(again)) == {free, second}
    state = read_round(ReviewRound.objects.get(cohort=again.cohort), second)
    assert {line.reader.person for line in propose(state, {}).lines} == {free}
    assert code_of(actions.assign_reviewer, again, by=second, reviewer=reviewer) == "conflict"
    assert (again.assignments.count(), Message.objects.filter(to=reviewer).count()) == (0, 0)


def test_who_was_asked_before_the_declaration_reads_no_more(submitted, second, reviewer, pathway, rubric, promoter):
    """The two run side by side; what was decided in another year keeps its readers."""
    decided = make.SubmittedApplicationFactory(project=submitted.project, state="declined", submitted_by=promoter)
    other = make.open_now(make.CohortFactory(pathway=pathway, rubric=rubric))
    beside = make.SubmittedApplicationFactory(project=submitted.project, cohort=other, submitted_by=promoter)
    rows = [
        make.ReviewAssignmentFactory(application=one, reviewer=reviewer, state=state, submitted_at=timezone.now())
        for one, state in ((beside, "proposed"), (decided, "submitted"))
    ]
    actions.declare_interest(submitted, by=reviewer, conflict=True, reason="Cousins.")
    assert [ReviewAssignment.objects.get(pk=row.pk).state for row in rows] == ["recused", "submitted"]
    assert list(ReviewAssignment.objects.for_user(reviewer)) == []


def test_a_conflict_elsewhere_stands_in_the_way_of_a_yes(submitted, reviewer):
    row = make.ReviewAssignmentFactory(application=submitted, reviewer=reviewer, state="proposed")
    actions.declare_interest(submitted, by=reviewer, conflict=False)
    make.ConflictDeclarationFactory(
        application=make.SubmittedApplicationFactory(project=submitted.project, state="declined"), person=reviewer
    )
    assert code_of(actions.accept_review, row, by=reviewer) == "conflict"


def test_it_is_lifted_on_the_page_of_any_of_them(again, second, coordinator, reviewer):
    found = conflicts_of(again)
    assert {row.person for row in found} == {coordinator, reviewer}
    actions.waive_conflict(found.get(person=coordinator), by=second, reason="Very distant.")
    assert list(Application.objects.for_staff(coordinator).filter(pk=again.pk)) == [again]
    assert ConflictDeclaration.objects.standing().get().person == reviewer


def test_the_history_of_the_site_leaves_out_what_needed_somebody(again, coordinator, second, admin_user, client_for):
    """Of a project that takes part: its name is known to all who work here, what is said of it is not."""
    item = AttentionItemFactory(project=again.project, cohort=again.cohort)
    make.ParticipationFactory(project=again.project, cohort=again.cohort)
    actions.resolve(item, by=second, note="They answered.")
    other = AttentionItemFactory(project=make.ProjectFactory(name="Known"), cohort=again.cohort)
    actions.resolve(other, by=second, note="They answered.")

    def shown() -> list[bool]:
        page = client_for(admin_user).get("/cms/reports/site-history/").content.decode()
        return [f"{one.project}: " in page for one in (item, other)]

    assert shown() == [True, True]
    make.ConflictDeclarationFactory(application=again, person=admin_user)
    assert shown() == [False, True]


@pytest.mark.parametrize(("name", "args"), [("cohorts_application", True), ("cohorts_my_pathway", False)])
def test_nobody_is_sent_to_ask_them(name, args, again, coordinator, second, promoter, client_for):
    """The page names who may read the application, as letters about it do."""
    page = client_for(promoter).get(reverse(name, args=[again.pk] if args else []))
    assert page.context["ask"] == (str(second), second.email)


def test_who_is_free_is_asked_as_ever(submitted, coordinator, second, promoter, client_for):
    page = client_for(promoter).get(reverse("cohorts_my_pathway"))
    assert page.context["ask"] == (str(coordinator), coordinator.email)


def test_who_coordinates_no_more_is_told_of_no_application_and_somebody_is(submitted, coordinator, admin_user):
    second = UserFactory()
    second.groups.set(coordinator.groups.all())
    assert organisers_of(submitted) == [coordinator]
    coordinator.groups.clear()
    again = type(submitted).objects.get(pk=submitted.pk)
    assert organisers_of(again) == [second]
    second.groups.clear()
    assert organisers_of(again) == [admin_user]

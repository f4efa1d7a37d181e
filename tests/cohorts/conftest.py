"""A small whole programme: two stages, one criterion of each kind, an open cohort, a project with its lead."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.db import connection, models
from django.utils import translation

from cohorts import actions
from cohorts.models import ReviewerProfile, RubricPart
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.courses import make_assignment, make_module
from tests.factories.indicators import IndicatorFactory, IndicatorYearFactory
from tests.factories.peers import WHOLE, hand_in
from tests.test_house import strict_templates  # noqa: F401 (a fixture)


@pytest.fixture
def rubric(db):
    rubric = make.RubricFactory()
    for kind, key in ((RubricPart.Kind.PILLAR, "impact"), (RubricPart.Kind.INGREDIENT, "need")):
        criterion = make.CriterionFactory(part=make.RubricPartFactory(rubric=rubric, kind=kind, key=key))
        for value in range(5):
            make.LevelFactory(criterion=criterion, value=value)
    return rubric


@pytest.fixture
def pathway(db):
    pathway = make.PathwayFactory()
    apply, walk = (make.StageFactory(pathway=pathway, key=key, sort_order=order) for order, key in enumerate(("apply", "walk")))
    make.RequirementFactory(stage=apply, kind="application", key="application")
    make.RequirementFactory(stage=apply, kind="self_assessment", moment="entry", key="self")
    make.RequirementFactory(stage=apply, kind="reviewer_assessment", moment="entry", owed_by="smart", key="review")
    make.RequirementFactory(stage=walk, kind="session", key="session", offset_days=60)
    make.RequirementFactory(stage=walk, kind="deliverable", key="plan", offset_days=30)
    make.RequirementFactory(stage=walk, kind="reading", key="charter", mandatory=False)
    return pathway


@pytest.fixture
def cohort(pathway, rubric, coordinator):
    return make.open_now(make.CohortFactory(pathway=pathway, rubric=rubric, coordinator=coordinator))


@pytest.fixture
def project(promoter):
    project = make.ProjectFactory(name="Coopérative du Nord")
    make.ProjectMemberFactory(project=project, person=promoter)
    return project


@pytest.fixture
def draft(project, cohort):
    return make.ApplicationFactory(project=project, cohort=cohort)


@pytest.fixture
def submitted(project, cohort, promoter):
    return make.SubmittedApplicationFactory(project=project, cohort=cohort, submitted_by=promoter)


@pytest.fixture
def participation(project, cohort):
    return make.ParticipationFactory(project=project, cohort=cohort)


@pytest.fixture
def session(cohort):
    return make.SessionFactory(cohorts=[cohort])


@pytest.fixture
def crowd(cohort):
    """Makes n people, each the lead of a project that takes part in the cohort."""

    def gather(number: int) -> list[SimpleNamespace]:
        people = []
        for _n in range(number):
            member = make.ProjectMemberFactory()
            make.ParticipationFactory(project=member.project, cohort=cohort)
            people.append(SimpleNamespace(person=member.person, project=member.project))
        return people

    return gather


@pytest.fixture
def english():
    """For tests that call the actions themselves and read what they refuse: without a request, the words would be French."""
    with translation.override("en"):
        yield


@pytest.fixture
def english_client_for(client_for):
    """A browser that asks for English."""

    def make_client(person):
        client = client_for(person)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return make_client


@pytest.fixture
def reader(coordinator):
    """Makes a reviewer; what they say of themselves is optional."""

    def make_one(name, **profile):
        person = UserFactory(name=name, email=f"{name.lower()}@example.org")
        person.groups.add(Group.objects.get(name="Reviewers"))
        if profile:
            ReviewerProfile.objects.create(person=person, **profile)
        return person

    return make_one


@pytest.fixture
def round(cohort):
    return make.round_of(cohort, min_reviews=2)


@pytest.fixture
def unguarded():
    """The same table without a constraint, an index or a trigger, with the rows that are there."""

    def copy(model: type[models.Model]) -> str:
        name = f"unguarded_{model._meta.model_name}"
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {quote(name)} AS SELECT * FROM {quote(model._meta.db_table)}")  # noqa: S608
        return name

    return copy


# indicators: what is asked of partners every year

INDICATOR_YEAR = 2025


@pytest.fixture
def people():
    return IndicatorFactory(label=make.words("People"), sort_order=1)


@pytest.fixture
def turnover():
    return IndicatorFactory(pillar="business", kind="money", label=make.words("Turnover"), sort_order=2)


@pytest.fixture
def asked():
    return IndicatorYearFactory(year=INDICATOR_YEAR)


@pytest.fixture
def partner(promoter):
    """A partner, led by the promoter."""
    project = make.PartnershipFactory().project
    make.ProjectMemberFactory(project=project, person=promoter)
    return project


@pytest.fixture
def in_cms(client_for, coordinator):
    client = client_for(coordinator)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


# peer feedback: a deliverable, the work of the promoter's project, shown; another project of the cohort


@pytest.fixture
def assignment(db):
    return make_assignment(make_module("Prepare"), "Ten conversations", belongs_to="project")


@pytest.fixture
def deliverable(pathway, assignment):
    stage = pathway.stages.get(key="walk")
    return make.RequirementFactory(
        stage=stage, kind="deliverable", key="ten", title=make.words("Ten conversations"), activity_key=assignment.translation_key
    )


@pytest.fixture
def place(deliverable, participation):
    hand_in(participation.project, deliverable)
    return participation


@pytest.fixture
def opening(place, deliverable, promoter):
    return actions.show_work(place, by=promoter, requirement=deliverable)


@pytest.fixture
def peer(place, crowd):
    return crowd(1)[0]


@pytest.fixture
def given(opening, peer):
    return actions.give_peer_feedback(opening, by=peer.person, marks=WHOLE, comment="Ask ten more.", send=True)

"""Programmes, projects, decisions and sessions, boring on purpose."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import factory
from django.utils import timezone

from cohorts.models import (
    Application,
    ApplicationFile,
    ApplicationSnapshot,
    Assessment,
    CalendarFeed,
    CallLetter,
    CallQuestion,
    CheckIn,
    Cohort,
    ConditionRecord,
    ConflictDeclaration,
    Criterion,
    DeliberationNote,
    Determination,
    Dossier,
    HalfDay,
    Level,
    MentorAssignment,
    Participation,
    Partnership,
    Pathway,
    Project,
    ProjectInvitation,
    ProjectMember,
    Registration,
    Requirement,
    RequirementRecord,
    ReviewAssignment,
    ReviewRound,
    Rubric,
    RubricPart,
    Score,
    Session,
    Signature,
    Stage,
)
from tests.factories.academy import UserFactory
from tests.factories.typologies import (
    TypologyConditionFactory,
    TypologyFactory,
    words,
)
from tests.factories.typologies import (
    TypologyPaperFactory as TypologyPaperFactory,
)
from tests.factories.typologies import (
    TypologyTermFactory as TypologyTermFactory,
)


def days(number: float):
    return factory.LazyFunction(lambda: timezone.now() + timedelta(days=number))


class PathwayFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Pathway

    key = factory.Sequence(lambda n: f"pathway-{n}")
    title = words("Integration pathway")


class StageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Stage

    pathway = factory.SubFactory(PathwayFactory)
    key = factory.Sequence(lambda n: f"stage-{n}")
    sort_order = factory.Sequence(lambda n: n)
    title = factory.LazyAttribute(lambda row: words(row.key))


class RequirementFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Requirement

    stage = factory.SubFactory(StageFactory)
    key = factory.Sequence(lambda n: f"requirement-{n}")
    sort_order = factory.Sequence(lambda n: n)
    kind = Requirement.Kind.MANUAL
    title = factory.LazyAttribute(lambda row: words(row.key))


class RubricFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Rubric

    key = factory.Sequence(lambda n: f"rubric-{n}")
    title = words("Three pillars, five ingredients")


class RubricPartFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RubricPart

    rubric = factory.SubFactory(RubricFactory)
    kind = RubricPart.Kind.PILLAR
    key = factory.Sequence(lambda n: f"part-{n}")
    sort_order = factory.Sequence(lambda n: n)
    label = factory.LazyAttribute(lambda row: words(row.key))


class CriterionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Criterion

    part = factory.SubFactory(RubricPartFactory)
    key = factory.Sequence(lambda n: f"criterion-{n}")
    sort_order = factory.Sequence(lambda n: n)
    label = factory.LazyAttribute(lambda row: words(row.key))


class LevelFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Level

    criterion = factory.SubFactory(CriterionFactory)
    value = 2
    label = words("Some")
    description = words("There is some of it.")


class CohortFactory(factory.django.DjangoModelFactory):
    """Planned, with its call open now: open it with `open_now`, after its pathway and rubric are written."""

    class Meta:
        model = Cohort

    title = words("Spring cohort")
    season = words("Spring 2027")
    gives = words("Twenty hours with a contact person.")
    costs = words("Your own travel to two sessions.")
    pathway = factory.SubFactory(PathwayFactory)
    rubric = factory.SubFactory(RubricFactory)
    intake_opens_at = days(-10)
    intake_closes_at = days(10)
    starts_at = days(30)
    coordinator = factory.SubFactory(UserFactory)


def round_of(cohort: Cohort, **rules) -> ReviewRound:
    """The cohort's first round, open now."""
    row, _created = ReviewRound.objects.get_or_create(
        cohort=cohort,
        number=1,
        defaults={"opens_at": cohort.intake_opens_at, "closes_at": cohort.starts_at, "min_reviews": 1},
    )
    for name, value in rules.items():
        setattr(row, name, value)
    row.save()
    return row


class CallLetterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CallLetter

    cohort = factory.SubFactory(CohortFactory)
    occasion = CallLetter.Occasion.RECEIVED
    subject = words("We have it")
    body = words("Thank you, {project}.")


def open_now(cohort: Cohort, state: str = "open") -> Cohort:
    """Past the guards of `open_cohort`, for tests that are about something else. Its first round wants one review."""
    Cohort.objects.filter(pk=cohort.pk).update(state=state)
    round_of(cohort)
    cohort.refresh_from_db()
    return cohort


class ProjectFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Project

    name = factory.Sequence(lambda n: f"Project {n}")
    country = "IT"
    place = "Bologna"
    summary = "A cooperative for autonomous workers."


class ProjectMemberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProjectMember

    project = factory.SubFactory(ProjectFactory)
    person = factory.SubFactory(UserFactory)
    role = ProjectMember.Role.LEAD


class ProjectInvitationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProjectInvitation

    project = factory.SubFactory(ProjectFactory)
    email = factory.Sequence(lambda n: f"invited{n}@example.org")
    invited_at = factory.LazyFunction(timezone.now)
    invited_by = factory.SubFactory(UserFactory)


class MentorAssignmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MentorAssignment

    project = factory.SubFactory(ProjectFactory)
    mentor = factory.SubFactory(UserFactory)
    since = factory.LazyFunction(timezone.localdate)


WANTED_CHAPTERS = ("publics", "services", "competition", "team", "key_figures")


class DossierFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Dossier

    project = factory.SubFactory(ProjectFactory)


class ApplicationFactory(factory.django.DjangoModelFactory):
    """A complete draft."""

    class Meta:
        model = Application
        skip_postgeneration_save = True

    project = factory.SubFactory(ProjectFactory)
    cohort = factory.SubFactory(CohortFactory)
    expectations = "We asked forty workers."
    funds_own_travel = True

    @factory.post_generation
    def dossier(row, create, extracted, **kwargs):
        """The project's own text; `dossier={}` for an empty one."""
        words = dict.fromkeys(WANTED_CHAPTERS, "We asked forty workers.") if extracted is None else extracted
        Dossier.objects.update_or_create(project=row.project, defaults=words)
        row.project = Project.objects.get(pk=row.project_id)


class CallQuestionFactory(factory.django.DjangoModelFactory):
    """Of a planned cohort: opening the call freezes it."""

    class Meta:
        model = CallQuestion

    cohort = factory.SubFactory(CohortFactory)
    kind = CallQuestion.Kind.TEXT
    sort_order = factory.Sequence(lambda n: n)
    label = factory.LazyAttribute(lambda row: words(f"What about {row.kind}?"))
    public_name = factory.LazyAttribute(lambda row: words(row.kind.title()))


class ApplicationFileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ApplicationFile

    application = factory.SubFactory(ApplicationFactory)
    name = "plan.pdf"
    kind = "pdf"
    size = 9
    sha256 = "0" * 64
    file = factory.django.FileField(data=b"%PDF-1.7\n", filename="plan.pdf")
    added_by = factory.SubFactory(UserFactory)


class SubmittedApplicationFactory(ApplicationFactory):
    class Meta:
        skip_postgeneration_save = True

    state = Application.State.SUBMITTED
    submitted_at = days(-1)
    submitted_by = factory.SubFactory(UserFactory)


class ApplicationSnapshotFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ApplicationSnapshot

    application = factory.SubFactory(SubmittedApplicationFactory)
    number = 1
    content = factory.LazyFunction(dict)
    submitted_at = days(-1)
    submitted_by = factory.SubFactory(UserFactory)


class ReviewAssignmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReviewAssignment

    application = factory.SubFactory(SubmittedApplicationFactory)
    round = factory.LazyAttribute(lambda row: round_of(row.application.cohort))
    reviewer = factory.SubFactory(UserFactory)
    proposed_at = days(0)
    proposed_by = factory.SubFactory(UserFactory)


class ConflictDeclarationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ConflictDeclaration

    application = factory.SubFactory(SubmittedApplicationFactory)
    person = factory.SubFactory(UserFactory)
    kind = ConflictDeclaration.Kind.DECLARED
    reason = "Cousins."
    declared_at = days(0)


class AssessmentFactory(factory.django.DjangoModelFactory):
    """The project's own, at entry."""

    class Meta:
        model = Assessment

    application = factory.SubFactory(SubmittedApplicationFactory)
    project = factory.SelfAttribute("application.project")
    cohort = factory.SelfAttribute("application.cohort")
    rubric = factory.SelfAttribute("cohort.rubric")
    kind = Assessment.Kind.SELF
    assessor = factory.SubFactory(UserFactory)


class ScoreFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Score

    assessment = factory.SubFactory(AssessmentFactory)
    criterion = factory.SubFactory(CriterionFactory)


class ParticipationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Participation

    project = factory.SubFactory(ProjectFactory)
    cohort = factory.SubFactory(CohortFactory)
    state = Participation.State.ACTIVE
    invited_at = days(-5)
    invited_by = factory.SubFactory(UserFactory)
    activated_at = days(-4)
    activated_by = factory.SubFactory(UserFactory)


class RequirementRecordFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RequirementRecord

    participation = factory.SubFactory(ParticipationFactory)
    requirement = factory.SubFactory(RequirementFactory)
    outcome = RequirementRecord.Outcome.MET
    recorded_at = days(0)
    recorded_by = factory.SubFactory(UserFactory)


class DeterminationFactory(factory.django.DjangoModelFactory):
    """A pending admission."""

    class Meta:
        model = Determination

    kind = Determination.Kind.ADMISSION
    application = factory.SubFactory(SubmittedApplicationFactory)
    outcome = Determination.Outcome.ADMITTED
    decided_at = days(0)
    decided_by = factory.SubFactory(UserFactory)


class DeliberationNoteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DeliberationNote

    application = factory.SubFactory(SubmittedApplicationFactory)
    author = factory.SubFactory(UserFactory)
    words = "The need is shown."
    written_at = days(0)


class GraduationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Determination

    kind = Determination.Kind.GRADUATION
    participation = factory.SubFactory(ParticipationFactory)
    outcome = Determination.Outcome.GRADUATED
    typology = factory.SubFactory(TypologyFactory)
    decided_at = days(0)
    decided_by = factory.SubFactory(UserFactory)


class SignatureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Signature

    determination = factory.SubFactory(GraduationFactory)
    signed_at = days(0)
    signed_by = factory.SubFactory(UserFactory)


class ConditionRecordFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ConditionRecord

    participation = factory.SubFactory(ParticipationFactory)
    condition = factory.SubFactory(TypologyConditionFactory)
    words = factory.LazyAttribute(lambda row: row.condition.sentence)
    outcome = ConditionRecord.Outcome.CONFIRMED
    note = "Article 3 of the statutes."
    recorded_at = days(0)
    recorded_by = factory.SubFactory(UserFactory)


class PartnershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Partnership

    determination = factory.SubFactory(GraduationFactory)
    project = factory.SelfAttribute("determination.participation.project")
    typology = factory.SelfAttribute("determination.typology")
    since = factory.LazyFunction(timezone.localdate)


class SessionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Session
        skip_postgeneration_save = True

    title = words("Spring session")
    place = "Brussels"
    address = "Rue Émile Féron 70, 1060 Saint-Gilles"
    starts_at = days(60)
    ends_at = days(62)
    capacity = 10
    registration_deadline = days(40)
    cancellation_deadline = days(30)
    estimated_cost = 400
    funding_lead_days = 0  # no place goes by itself, where a test is not about it

    @factory.post_generation
    def cohorts(self, create, extracted, **kwargs):
        if create and extracted:
            self.cohorts.set(extracted)


class RegistrationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Registration

    session = factory.SubFactory(SessionFactory)
    person = factory.SubFactory(UserFactory)
    project = factory.SubFactory(ProjectFactory)
    requested_at = days(-1)
    requested_by = factory.SelfAttribute("person")


class HalfDayFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = HalfDay

    session = factory.SubFactory(SessionFactory)
    day = factory.LazyAttribute(lambda row: timezone.localdate(row.session.starts_at, ZoneInfo(row.session.time_zone)))
    half = 1
    title = words("Welcome")


class CalendarFeedFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CalendarFeed

    person = factory.SubFactory(UserFactory)


class CheckInFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CheckIn

    registration = factory.SubFactory(RegistrationFactory)
    checked_in_at = days(0)
    checked_in_by = factory.SubFactory(UserFactory)

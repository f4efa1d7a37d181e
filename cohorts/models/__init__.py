"""The nouns of the cohorts app, one module per family."""

from .application import (
    APPLICATION_MOVES,
    ASSIGNMENT_MOVES,
    REOPENING_MOVES,
    Application,
    ApplicationSnapshot,
    ApplicationState,
    AssignmentState,
    ConflictDeclaration,
    Missing,
    ReviewAssignment,
)
from .assessment import Assessment, Score
from .cohort import COHORT_MOVES, Cohort, CohortState
from .determination import Determination, Signature
from .participation import (
    PARTICIPATION_MOVES,
    Participation,
    ParticipationState,
    Partnership,
    RequirementRecord,
)
from .pathway import Moment, Pathway, Requirement, Stage, Typology
from .project import MentorAssignment, Project, ProjectMember
from .rubric import Criterion, Level, Rubric, RubricPart
from .session import (
    LIVE_REGISTRATION,
    REGISTRATION_MOVES,
    SEAT_HOLDING,
    CheckIn,
    Registration,
    RegistrationStatus,
    Session,
)

__all__ = [
    "APPLICATION_MOVES",
    "ASSIGNMENT_MOVES",
    "COHORT_MOVES",
    "LIVE_REGISTRATION",
    "PARTICIPATION_MOVES",
    "REGISTRATION_MOVES",
    "REOPENING_MOVES",
    "SEAT_HOLDING",
    "Application",
    "ApplicationSnapshot",
    "ApplicationState",
    "Assessment",
    "AssignmentState",
    "CheckIn",
    "Cohort",
    "CohortState",
    "ConflictDeclaration",
    "Criterion",
    "Determination",
    "Level",
    "MentorAssignment",
    "Missing",
    "Moment",
    "Participation",
    "ParticipationState",
    "Partnership",
    "Pathway",
    "Project",
    "ProjectMember",
    "Registration",
    "RegistrationStatus",
    "Requirement",
    "RequirementRecord",
    "ReviewAssignment",
    "Rubric",
    "RubricPart",
    "Score",
    "Session",
    "Signature",
    "Stage",
    "Typology",
]

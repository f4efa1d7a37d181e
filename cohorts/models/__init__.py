"""The nouns of the cohorts app, one module per family."""

from .application import (
    APPLICATION_MOVES,
    ASSIGNMENT_MOVES,
    DECIDED_STATES,
    EDITABLE_STATES,
    LATE,
    LIVE_ASSIGNMENT_STATES,
    PUBLIC_LABELS,
    REOPENING_MOVES,
    Application,
    ApplicationSnapshot,
    ApplicationState,
    AssignmentState,
    ConflictDeclaration,
    ReviewAssignment,
    Sending,
)
from .assessment import Assessment, PartComment, Score
from .calendar import CalendarEntry, CalendarFeed
from .call import ApplicationFile, CallAnswer, CallLetter, CallQuestion, SelfCheck
from .cohort import COHORT_MOVES, Cohort, CohortState
from .determination import DeliberationNote, Determination, Signature
from .dossier import Dossier, dossier_of
from .participation import (
    PARTICIPATION_MOVES,
    Participation,
    ParticipationState,
    Partnership,
    RequirementRecord,
)
from .pathway import Moment, Pathway, Requirement, Stage, Typology
from .project import MentorAssignment, Project, ProjectInvitation, ProjectMember
from .review_round import ReviewerProfile, ReviewRound
from .rubric import Criterion, Level, Rubric, RubricPart
from .session import (
    EXPECTED,
    HAVE_A_PLACE,
    LIVE_REGISTRATION,
    REGISTRATION_MOVES,
    SEAT_HOLDING,
    CheckIn,
    Registration,
    RegistrationStatus,
    Session,
)
from .timetable import HalfDay

__all__ = [
    "APPLICATION_MOVES",
    "ASSIGNMENT_MOVES",
    "COHORT_MOVES",
    "DECIDED_STATES",
    "EDITABLE_STATES",
    "EXPECTED",
    "HAVE_A_PLACE",
    "LATE",
    "LIVE_ASSIGNMENT_STATES",
    "LIVE_REGISTRATION",
    "PARTICIPATION_MOVES",
    "PUBLIC_LABELS",
    "REGISTRATION_MOVES",
    "REOPENING_MOVES",
    "SEAT_HOLDING",
    "Application",
    "ApplicationFile",
    "ApplicationSnapshot",
    "ApplicationState",
    "Assessment",
    "AssignmentState",
    "CalendarEntry",
    "CalendarFeed",
    "CallAnswer",
    "CallLetter",
    "CallQuestion",
    "CheckIn",
    "Cohort",
    "CohortState",
    "ConflictDeclaration",
    "Criterion",
    "DeliberationNote",
    "Determination",
    "Dossier",
    "HalfDay",
    "Level",
    "MentorAssignment",
    "Moment",
    "PartComment",
    "Participation",
    "ParticipationState",
    "Partnership",
    "Pathway",
    "Project",
    "ProjectInvitation",
    "ProjectMember",
    "Registration",
    "RegistrationStatus",
    "Requirement",
    "RequirementRecord",
    "ReviewAssignment",
    "ReviewRound",
    "ReviewerProfile",
    "Rubric",
    "RubricPart",
    "Score",
    "SelfCheck",
    "Sending",
    "Session",
    "Signature",
    "Stage",
    "Typology",
    "dossier_of",
]

"""The nouns of the cohorts app, one module per family."""

from .afterwards import Afterwards, AfterwardsAnswer, AfterwardsPhoto
from .agreement import AGREEMENT_MOVES, Agreement, AgreementState, SupportPlanItem
from .announcement import Announcement, AnnouncementVersion
from .application import (
    APPLICATION_MOVES,
    ASSIGNMENT_MOVES,
    DECIDED_STATES,
    EDITABLE_STATES,
    LATE,
    LIVE_ASSIGNMENT_STATES,
    PUBLIC_LABELS,
    RECUSABLE_STATES,
    REOPENING_MOVES,
    TAKES_APPLICATIONS,
    Application,
    ApplicationSnapshot,
    ApplicationState,
    AssignmentState,
    ConflictDeclaration,
    ReleasedBy,
    ReviewAssignment,
    Sending,
)
from .assessment import Assessment, PartComment, Score
from .attention import AttentionItem, AttentionKind, AttentionRule
from .calendar import CalendarEntry, CalendarFeed
from .call import ApplicationFile, CallAnswer, CallLetter, CallQuestion, SelfCheck
from .cohort import COHORT_MOVES, Cohort, CohortState
from .cohort_space import CohortComment, CommentReport, SharedHeading
from .determination import DeliberationNote, Determination, Signature
from .dossier import Dossier, DossierVersion, dossier_of
from .forms import FormFile, FormQuestion, FormReply, FormSending
from .funding import FundingSource
from .indicators import IndicatorDefinition, IndicatorReport, IndicatorValue, IndicatorYear
from .mentoring import MeetingNote
from .network import DirectoryEntry, NetworkMessage, belongs_to_network
from .office_hours import OfficeHour, OfficeHourBooking, OfficeHourEntry
from .participation import (
    PARTICIPATION_MOVES,
    ConditionRecord,
    Participation,
    ParticipationState,
    Partnership,
    RequirementRecord,
)
from .pathway import Moment, Pathway, Requirement, Stage
from .peer import PeerFeedback, PeerOpening, PeerRequest
from .poll import POLL_MOVES, Ballot, Poll, PollState
from .project import MentorAssignment, Project, ProjectInvitation, ProjectMember
from .review_round import ReviewerProfile, ReviewRound
from .rubric import Criterion, Level, Rubric, RubricPart
from .satisfaction import Satisfaction, SatisfactionAnswer
from .session import (
    EXPECTED,
    HAVE_A_PLACE,
    LIVE_REGISTRATION,
    MAY_HAVE_A_LETTER,
    REGISTRATION_MOVES,
    SEAT_HOLDING,
    CheckIn,
    Registration,
    RegistrationStatus,
    Session,
    Visa,
)
from .timetable import HalfDay
from .typology import Typology, TypologyCondition, TypologyPaper, TypologyTerm
from .visa import LETTER_MOVES, InvitationLetter, LetterState

__all__ = [
    "AGREEMENT_MOVES",
    "APPLICATION_MOVES",
    "ASSIGNMENT_MOVES",
    "COHORT_MOVES",
    "DECIDED_STATES",
    "EDITABLE_STATES",
    "EXPECTED",
    "HAVE_A_PLACE",
    "LATE",
    "LETTER_MOVES",
    "LIVE_ASSIGNMENT_STATES",
    "LIVE_REGISTRATION",
    "MAY_HAVE_A_LETTER",
    "PARTICIPATION_MOVES",
    "POLL_MOVES",
    "PUBLIC_LABELS",
    "RECUSABLE_STATES",
    "REGISTRATION_MOVES",
    "REOPENING_MOVES",
    "SEAT_HOLDING",
    "TAKES_APPLICATIONS",
    "Afterwards",
    "AfterwardsAnswer",
    "AfterwardsPhoto",
    "Agreement",
    "AgreementState",
    "Announcement",
    "AnnouncementVersion",
    "Application",
    "ApplicationFile",
    "ApplicationSnapshot",
    "ApplicationState",
    "Assessment",
    "AssignmentState",
    "AttentionItem",
    "AttentionKind",
    "AttentionRule",
    "Ballot",
    "CalendarEntry",
    "CalendarFeed",
    "CallAnswer",
    "CallLetter",
    "CallQuestion",
    "CheckIn",
    "Cohort",
    "CohortComment",
    "CohortState",
    "CommentReport",
    "ConditionRecord",
    "ConflictDeclaration",
    "Criterion",
    "DeliberationNote",
    "Determination",
    "DirectoryEntry",
    "Dossier",
    "DossierVersion",
    "FormFile",
    "FormQuestion",
    "FormReply",
    "FormSending",
    "FundingSource",
    "HalfDay",
    "IndicatorDefinition",
    "IndicatorReport",
    "IndicatorValue",
    "IndicatorYear",
    "InvitationLetter",
    "LetterState",
    "Level",
    "MeetingNote",
    "MentorAssignment",
    "Moment",
    "NetworkMessage",
    "OfficeHour",
    "OfficeHourBooking",
    "OfficeHourEntry",
    "PartComment",
    "Participation",
    "ParticipationState",
    "Partnership",
    "Pathway",
    "PeerFeedback",
    "PeerOpening",
    "PeerRequest",
    "Poll",
    "PollState",
    "Project",
    "ProjectInvitation",
    "ProjectMember",
    "Registration",
    "RegistrationStatus",
    "ReleasedBy",
    "Requirement",
    "RequirementRecord",
    "ReviewAssignment",
    "ReviewRound",
    "ReviewerProfile",
    "Rubric",
    "RubricPart",
    "Satisfaction",
    "SatisfactionAnswer",
    "Score",
    "SelfCheck",
    "Sending",
    "Session",
    "SharedHeading",
    "Signature",
    "Stage",
    "SupportPlanItem",
    "Typology",
    "TypologyCondition",
    "TypologyPaper",
    "TypologyTerm",
    "Visa",
    "belongs_to_network",
    "dossier_of",
]

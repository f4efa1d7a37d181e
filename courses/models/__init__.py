"""What is taught (pages) and what people did with it (records)."""

from courses.models.assignments import AssignmentPage
from courses.models.changes import ActivityChange
from courses.models.exchange import QuestionImport
from courses.models.feeds import FeedToken
from courses.models.joining import AwaitedEnrolment, EnrolmentCode
from courses.models.pages import ActivityPage, CourseIndexPage, CoursePage, LessonPage, ModuleLibraryPage, ModulePage, Placement, QuizPage
from courses.models.records import EXCUSED, GRACE, NAMELESS, ActivityRecord, Certificate, Enrolment, PastVisit, QuizAttempt
from courses.models.submissions import Extension, Feedback, Submission, SubmissionVersion, WorkFile

__all__ = [
    "EXCUSED",
    "GRACE",
    "NAMELESS",
    "ActivityChange",
    "ActivityPage",
    "ActivityRecord",
    "AssignmentPage",
    "AwaitedEnrolment",
    "Certificate",
    "CourseIndexPage",
    "CoursePage",
    "Enrolment",
    "EnrolmentCode",
    "Extension",
    "FeedToken",
    "Feedback",
    "LessonPage",
    "ModuleLibraryPage",
    "ModulePage",
    "PastVisit",
    "Placement",
    "QuestionImport",
    "QuizAttempt",
    "QuizPage",
    "Submission",
    "SubmissionVersion",
    "WorkFile",
]

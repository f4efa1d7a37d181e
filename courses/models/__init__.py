"""What is taught (pages) and what people did with it (records)."""

from courses.models.pages import ActivityPage, CourseIndexPage, CoursePage, LessonPage, ModuleLibraryPage, ModulePage, Placement, QuizPage
from courses.models.records import EXCUSED, GRACE, ActivityRecord, Certificate, Enrolment, QuizAttempt

__all__ = [
    "EXCUSED",
    "GRACE",
    "ActivityPage",
    "ActivityRecord",
    "Certificate",
    "CourseIndexPage",
    "CoursePage",
    "Enrolment",
    "LessonPage",
    "ModuleLibraryPage",
    "ModulePage",
    "Placement",
    "QuizAttempt",
    "QuizPage",
]

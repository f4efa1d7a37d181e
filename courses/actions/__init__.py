"""The verbs of learning. Each locks its row, re-reads, checks, writes and logs; none knows of HTTP or of permissions."""

from courses.actions.certificates import issue_certificate, revoke_certificate
from courses.actions.learning import complete_activity, enrol, excuse_activity, record_progress, reopen_activity
from courses.actions.quizzes import allow, hand_in_overdue, mark_answers, save_answers, start_attempt, submit_attempt

__all__ = [
    "allow",
    "complete_activity",
    "enrol",
    "excuse_activity",
    "hand_in_overdue",
    "issue_certificate",
    "mark_answers",
    "record_progress",
    "reopen_activity",
    "revoke_certificate",
    "save_answers",
    "start_attempt",
    "submit_attempt",
]

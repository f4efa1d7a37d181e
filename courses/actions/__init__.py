"""The verbs of learning. Each locks its row, re-reads, checks, writes and logs; none knows of HTTP or of permissions."""

from courses.actions.certificates import issue_certificate, revoke_certificate
from courses.actions.learning import complete_activity, enrol, grant_attempt, record_progress, reopen_activity
from courses.actions.quizzes import save_answers, start_attempt, submit_attempt

__all__ = [
    "complete_activity",
    "enrol",
    "grant_attempt",
    "issue_certificate",
    "record_progress",
    "reopen_activity",
    "revoke_certificate",
    "save_answers",
    "start_attempt",
    "submit_attempt",
]

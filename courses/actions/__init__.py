"""The verbs of learning. Each locks its row, re-reads, checks, writes and logs; none knows of HTTP or of permissions."""

from courses.actions.assignments import add_file, count_for_me, extend, hand_in, remove_file, save_work
from courses.actions.certificates import issue_certificate, name_certificates, remind_of_expiry, renew_certificate, revoke_certificate
from courses.actions.changes import announce_change, tell_changes
from courses.actions.exchange import bring_questions, forget_unused_imports, import_questions, take_questions
from courses.actions.feedback import begin_reading, forget_erased, give_feedback, remind_of_due, reopen_work, stop_reading
from courses.actions.feeds import create_feed_token, revoke_feed_token
from courses.actions.joining import arrive, close_code, create_code, enrol_by_code, enrol_cohort, invite_to_course
from courses.actions.learning import complete_activity, enrol, excuse_activity, keep_check, record_progress, reopen_activity
from courses.actions.letters import write_to_learners
from courses.actions.lowered import complete_what_passes_now
from courses.actions.quizzes import allow, allow_person, hand_in_overdue, mark_answers, save_answers, start_attempt, submit_attempt
from courses.actions.redo import keep_what_counted

__all__ = [
    "add_file",
    "allow",
    "allow_person",
    "announce_change",
    "arrive",
    "begin_reading",
    "bring_questions",
    "close_code",
    "complete_activity",
    "complete_what_passes_now",
    "count_for_me",
    "create_code",
    "create_feed_token",
    "enrol",
    "enrol_by_code",
    "enrol_cohort",
    "excuse_activity",
    "extend",
    "forget_erased",
    "forget_unused_imports",
    "give_feedback",
    "hand_in",
    "hand_in_overdue",
    "import_questions",
    "invite_to_course",
    "issue_certificate",
    "keep_check",
    "keep_what_counted",
    "mark_answers",
    "name_certificates",
    "record_progress",
    "remind_of_due",
    "remind_of_expiry",
    "remove_file",
    "renew_certificate",
    "reopen_activity",
    "reopen_work",
    "revoke_certificate",
    "revoke_feed_token",
    "save_answers",
    "save_work",
    "start_attempt",
    "stop_reading",
    "submit_attempt",
    "take_questions",
    "tell_changes",
    "write_to_learners",
]

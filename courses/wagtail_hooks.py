"""What this app adds to the CMS."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogFormatter

AUDITED = {
    "courses.enrol": (_("Enrol"), _("Enrolled in a course")),
    "courses.complete": (_("Complete an activity"), _("Completed an activity")),
    "courses.complete_course": (_("Complete a course"), _("Completed a course")),
    "courses.reopen": (_("Reopen an activity"), _("Reopened an activity")),
    "courses.grant_attempt": (_("Give an attempt"), _("Gave another attempt")),
    "courses.start_attempt": (_("Start an attempt"), _("Started an attempt")),
    "courses.submit_attempt": (_("Hand in an attempt"), _("Handed in an attempt")),
    "courses.issue_certificate": (_("Issue a certificate"), _("Issued a certificate")),
    "courses.revoke_certificate": (_("Revoke a certificate"), _("Revoked a certificate")),
}


def _formatter(action: str) -> type[LogFormatter]:
    label, message = AUDITED[action]

    class Formatter(LogFormatter):
        def format_message(self, log_entry) -> str:
            """The reason is what a reader of the history looks for."""
            reason = (log_entry.data or {}).get("reason")
            return f"{message}: {reason}" if reason else message

    Formatter.label = label
    Formatter.message = message
    return Formatter


@hooks.register("register_log_actions")
def register_log_actions(actions):
    for action in AUDITED:
        actions.register_action(action)(_formatter(action))

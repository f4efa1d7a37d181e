"""What the history says of each verb of this app (Wagtail refuses to log a verb that it does not know)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import hooks

AUDITED = {
    "cohorts.accept_place": _("Took the place"),
    "cohorts.accept_review": _("Accepted to review"),
    "cohorts.add_member": _("Added a member"),
    "cohorts.annul_check_in": _("Annulled a check-in"),
    "cohorts.annul_record": _("Annulled a record"),
    "cohorts.approve_registration": _("Approved the registration"),
    "cohorts.assign_mentor": _("Named a mentor"),
    "cohorts.assign_reviewer": _("Asked a reviewer"),
    "cohorts.become_alumnus": _("Became an alumnus"),
    "cohorts.begin_review": _("Began to review"),
    "cohorts.cancel_registration": _("Cancelled the registration"),
    "cohorts.cancel_session": _("Cancelled the session"),
    "cohorts.change_round": _("Changed the review round"),
    "cohorts.change_session": _("Changed the session"),
    "cohorts.check_in": _("Checked in"),
    "cohorts.close_calendar_feed": _("Closed the calendar address"),
    "cohorts.confirm_registration": _("Confirmed the place"),
    "cohorts.decide": _("Prepared a decision"),
    "cohorts.declare_funding": _("Said who pays"),
    "cohorts.declare_ineligible": _("Declared not eligible"),
    "cohorts.declare_interest": _("Answered about conflicts of interest"),
    "cohorts.decline_offer": _("Declined the place"),
    "cohorts.decline_review": _("Declined to review"),
    "cohorts.dismiss_participation": _("Ended the participation"),
    "cohorts.end_mentoring": _("Ended the mentoring"),
    "cohorts.expire_offer": _("The offer of a place expired"),
    "cohorts.invite_member": _("Invited somebody to the project"),
    "cohorts.lapse_application": _("The draft lapsed"),
    "cohorts.mark_eligible": _("Marked as ready to graduate"),
    "cohorts.mark_no_show": _("Marked as absent"),
    "cohorts.met": _("Recorded as done"),
    "cohorts.move_cohort": _("Moved the cohort on"),
    "cohorts.new_version": _("Made a new version"),
    "cohorts.offer_place": _("Offered a place"),
    "cohorts.open_calendar_feed": _("Opened a calendar address"),
    "cohorts.open_deliberation": _("Opened the deliberation"),
    "cohorts.pause": _("Paused the participation"),
    "cohorts.plan_round": _("Planned a review round"),
    "cohorts.recuse_reviewer": _("Recused the reviewer"),
    "cohorts.refuse_registration": _("Refused the registration"),
    "cohorts.register": _("Asked for a place"),
    "cohorts.release": _("Released a decision"),
    "cohorts.release_reviewer": _("Released the reviewer"),
    "cohorts.renew_calendar_feed": _("Renewed the calendar address"),
    "cohorts.reopen_review": _("Took the review back"),
    "cohorts.resume": _("Resumed the participation"),
    "cohorts.return_application": _("Returned for completion"),
    "cohorts.sign": _("Signed a decision"),
    "cohorts.start_application": _("Began an application"),
    "cohorts.start_review": _("Started the review"),
    "cohorts.start_self_assessment": _("Began a self-assessment"),
    "cohorts.start_team_assessment": _("Began an assessment"),
    "cohorts.submit_application": _("Submitted the application"),
    "cohorts.submit_assessment": _("Submitted the assessment"),
    "cohorts.transfer": _("Moved to another cohort"),
    "cohorts.verify_funding": _("Checked the funding"),
    "cohorts.waive_conflict": _("Lifted a conflict of interest"),
    "cohorts.waived": _("Waived a requirement"),
    "cohorts.withdraw_application": _("Withdrew the application"),
    "cohorts.withdraw_participation": _("Left the cohort"),
}


@hooks.register("register_log_actions")
def register_log_actions(actions):
    for action, words in AUDITED.items():
        actions.register_action(action, words, words)

"""What the history says of each verb of this app (Wagtail refuses to log a verb that it does not know)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from academy.dates import moment_in

AUDITED = {
    "cohorts.hand_on": _("Gave it to somebody else"),
    "cohorts.resolve": _("Dealt with it"),
    "cohorts.wake": _("Showed it again"),
    "cohorts.snooze": _("Put it off"),
    "cohorts.accept_place": _("Took the place"),
    "cohorts.accept_review": _("Accepted to review"),
    "cohorts.add_member": _("Added a member"),
    "cohorts.announce": _("Posted an announcement"),
    "cohorts.change_announcement": _("Changed an announcement"),
    "cohorts.withdraw_announcement": _("Withdrew an announcement"),
    "cohorts.share_headings": _("Chose what the cohort reads of the dossier"),
    "cohorts.post_comment": _("Said something in the space of the cohort"),
    "cohorts.delete_comment": _("Deleted a comment"),
    "cohorts.report_comment": _("Reported a comment"),
    "cohorts.hide_comment": _("Hid a comment"),
    "cohorts.keep_comment": _("Kept a comment that was reported or hidden"),
    "cohorts.attach_to_form": _("Attached a file to a form"),
    "cohorts.remove_from_form": _("Took a file out of a form"),
    "cohorts.send_form": _("Sent a form"),
    "cohorts.show_work": _("Showed a work to the cohort"),
    "cohorts.close_work": _("Showed a work to the cohort no more"),
    "cohorts.give_peer_feedback": _("Gave feedback on a work of another project"),
    "cohorts.report_peer_feedback": _("Reported feedback of another project"),
    "cohorts.withdraw_peer_feedback": _("Withdrew feedback of a project"),
    "cohorts.keep_peer_feedback": _("Kept feedback that was reported"),
    "cohorts.ask_for_feedback": _("Asked the cohort for feedback on a deliverable"),
    "cohorts.stop_asking_for_feedback": _("Asked the cohort no more for feedback on a deliverable"),
    "cohorts.write_heading": _("Wrote a heading of the dossier anew"),
    "cohorts.annul_check_in": _("Annulled a check-in"),
    "cohorts.annul_record": _("Annulled a record"),
    "cohorts.approve_registration": _("Approved the registration"),
    "cohorts.assign_mentor": _("Named a mentor"),
    "cohorts.assign_reviewer": _("Asked a reviewer"),
    "cohorts.become_alumnus": _("Became an alumnus"),
    "cohorts.attach_file": _("Attached a file"),
    "cohorts.begin_review": _("Began to review"),
    "cohorts.cancel_registration": _("Cancelled the registration"),
    "cohorts.cancel_session": _("Cancelled the session"),
    "cohorts.change_role": _("Changed a role in the project"),
    "cohorts.change_round": _("Changed the review round"),
    "cohorts.change_session": _("Changed the session"),
    "cohorts.check_in": _("Checked in"),
    "cohorts.close_calendar_feed": _("Closed the calendar address"),
    "cohorts.confirm_registration": _("Confirmed the place"),
    "cohorts.add_poll": _("Wrote a poll"),
    "cohorts.change_poll": _("Changed the poll"),
    "cohorts.open_poll": _("Opened the vote"),
    "cohorts.close_poll": _("Closed the vote"),
    "cohorts.hide_words": _("Hid what somebody wrote in a poll"),
    "cohorts.write_afterwards": _("Wrote what the session leaves"),
    "cohorts.add_photo": _("Added a photo of the session"),
    "cohorts.remove_photo": _("Removed a photo of the session"),
    "cohorts.add_answer": _("Wrote down a question and its answer"),
    "cohorts.remove_answer": _("Removed a question and its answer"),
    "cohorts.make_pages": _("Made the pages of the session"),
    "cohorts.ask_satisfaction": _("Asked those who came how it was"),
    "cohorts.close_satisfaction": _("Closed the answers on how it was"),
    "cohorts.add_item": _("Added a line to the support plan"),
    "cohorts.change_item": _("Changed a line of the support plan"),
    "cohorts.item_done": _("Gave what was owed"),
    "cohorts.item_dropped": _("Dropped a line of the support plan"),
    "cohorts.keep_agreement": _("Kept a version of an agreement"),
    "cohorts.send_agreement": _("Sent an agreement to the project"),
    "cohorts.sign_agreement": _("Recorded an agreement as signed"),
    "cohorts.condition_confirmed": _("Confirmed a condition"),
    "cohorts.condition_waived": _("Waived a condition"),
    "cohorts.take_back_condition": _("Took back an answer to a condition"),
    "cohorts.correct_meeting_note": _("Corrected the note of a meeting"),
    "cohorts.copy_cohort": _("Copied from another cohort"),
    "cohorts.confirm_version": _("Read the new version of the application"),
    "cohorts.decide": _("Prepared a decision"),
    "cohorts.declare_funding": _("Said who pays"),
    "cohorts.declare_ineligible": _("Declared not eligible"),
    "cohorts.declare_interest": _("Answered about conflicts of interest"),
    "cohorts.decline_offer": _("Declined the place"),
    "cohorts.decline_review": _("Declined to review"),
    "cohorts.dismiss_participation": _("Ended the participation"),
    "cohorts.end_mentoring": _("Ended the mentoring"),
    "cohorts.expire_offer": _("The offer of a place expired"),
    "cohorts.extend_application": _("Gave more time"),
    "cohorts.hand_over_lead": _("Handed over the lead"),
    "cohorts.invite_member": _("Invited somebody to the project"),
    "cohorts.keep_self_check": _("Kept the answers of “Am I ready?”"),
    "cohorts.lapse_application": _("The draft lapsed"),
    "cohorts.leave_project": _("Left the project"),
    "cohorts.lapse_offer": _("Ended an offer without an answer"),
    "cohorts.copy_baseline": _("Took the baseline of the indicators from the application"),
    "cohorts.send_indicators": _("Sent the indicators of a year"),
    "cohorts.draft_monograph": _("Drafted the monograph from the dossier"),
    "cohorts.save_entry": _("Changed what the directory shows"),
    "cohorts.write_to_entry": _("Wrote through the directory"),
    "cohorts.report_message": _("Reported a message"),
    "cohorts.settle_report": _("Decided about a reported message"),
    "cohorts.stop_messages": _("Wants no messages any more"),
    "cohorts.mark_eligible": _("Marked as ready to graduate"),
    "cohorts.mark_no_show": _("Marked as absent"),
    "cohorts.message_readers": _("Wrote to the readers"),
    "cohorts.met": _("Recorded as done"),
    "cohorts.move_cohort": _("Moved the cohort on"),
    "cohorts.new_version": _("Made a new version"),
    "cohorts.offer_place": _("Offered a place"),
    "cohorts.open_calendar_feed": _("Opened a calendar address"),
    "cohorts.open_deliberation": _("Opened the deliberation"),
    "cohorts.book_office_hour": _("Booked an office hour"),
    "cohorts.change_office_hour": _("Changed the office hour"),
    "cohorts.cancel_booking": _("Cancelled the booking of an office hour"),
    "cohorts.cancel_office_hour": _("Cancelled the office hour"),
    "cohorts.open_office_hours": _("Opened office hours"),
    "cohorts.out_of_order": _("Taken from the reserve list before others"),
    "cohorts.passed_over": _("Another project was taken from the reserve list before it"),
    "cohorts.pass_over_seat": _("Passed over in the line for a place: the project pauses"),
    "cohorts.pause": _("Paused the participation"),
    "cohorts.plan_round": _("Planned a review round"),
    "cohorts.reopen_pathway": _("Not ready to graduate any more"),
    "cohorts.set_aside": _("Set aside: it can be released no more"),
    "cohorts.recuse_reviewer": _("Recused the reviewer"),
    "cohorts.refuse_registration": _("Refused the registration"),
    "cohorts.register": _("Asked for a place"),
    "cohorts.release": _("Released a decision"),
    "cohorts.release_reviewer": _("Released the reviewer"),
    "cohorts.renew_calendar_feed": _("Renewed the calendar address"),
    "cohorts.remind_reviewer": _("Reminded the reviewer"),
    "cohorts.reopen_review": _("Took the review back"),
    "cohorts.remove_file": _("Removed a file"),
    "cohorts.resume": _("Resumed the participation"),
    "cohorts.return_application": _("Returned for completion"),
    "cohorts.save_reviewer_profile": _("Said what a reviewer can take"),
    "cohorts.sign": _("Signed a decision"),
    "cohorts.start_application": _("Began an application"),
    "cohorts.start_review": _("Started the review"),
    "cohorts.start_self_assessment": _("Began a self-assessment"),
    "cohorts.start_team_assessment": _("Began an assessment"),
    "cohorts.submit_application": _("Submitted the application"),
    "cohorts.submit_assessment": _("Submitted the assessment"),
    "cohorts.take_up_application": _("Went on with it as it was last sent"),
    "cohorts.take_back_invitation": _("Took back an invitation"),
    "cohorts.take_back_note": _("Took back what was said in the discussion"),
    "cohorts.transfer": _("Moved to another cohort"),
    "cohorts.change_source": _("Changed who pays"),
    "cohorts.check_source": _("Checked one of those who pay"),
    "cohorts.make_ready": _("Is ready to come"),
    "cohorts.purge_proof": _("Deleted a proof of funding, its date having come"),
    "cohorts.refuse_source": _("Refused one of those who pay"),
    "cohorts.remove_source": _("Took back one of those who pay"),
    "cohorts.verify_funding": _("Checked the funding"),
    "cohorts.ask_letter": _("Asked for a letter for a visa"),
    "cohorts.issue_letter": _("Issued the letter for a visa"),
    "cohorts.purge_letter": _("Deleted what the passport says"),
    "cohorts.refuse_letter": _("Refused the letter for a visa"),
    "cohorts.visa_needed": _("Said that a visa is needed"),
    "cohorts.visa_not_needed": _("Said that no visa is needed"),
    "cohorts.visa_settled": _("Settled the visa"),
    "cohorts.withdraw_letter": _("Took back the letter for a visa"),
    "cohorts.waive_conflict": _("Lifted a conflict of interest"),
    "cohorts.waived": _("Waived a requirement"),
    "cohorts.withdraw_application": _("Withdrew the application"),
    "cohorts.withdraw_participation": _("Left the cohort"),
    "cohorts.write_meeting_note": _("Wrote the note of a meeting"),
    "cohorts.write_note": _("Said something in the discussion"),
    "cohorts.write": _("Wrote to the project"),
}


@hooks.register("register_log_actions")
def register_log_actions(actions):
    for action, words in AUDITED.items():
        actions.register_action(action, words, words)

    @actions.register_action("cohorts.change_office_hour")
    class OfficeHourChanged(LogFormatter):
        """Says how it was before."""

        label = AUDITED["cohorts.change_office_hour"]

        def format_message(self, log_entry):
            was = (log_entry.data or {}).get("was", {})
            parts = []
            if "starts_at" in was:
                parts.append(moment_in(datetime.fromisoformat(was["starts_at"]), log_entry.data["zone"]))
            elif "ends_at" in was:
                parts.append(gettext("another length"))
            parts += [was[name] for name in ("place", "link", "about") if was.get(name)]
            if n := was.get("capacity"):
                parts.append(ngettext("room for %(n)s project", "room for %(n)s projects", n) % {"n": n})
            return gettext("Changed the office hour (before: %(words)s)") % {"words": ", ".join(parts)} if parts else str(self.label)

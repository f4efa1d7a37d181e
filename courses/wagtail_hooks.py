"""What this app adds to the CMS."""

from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.site_summary import SummaryItem
from wagtail.log_actions import LogFormatter
from wagtail.models import Page

from courses import cms, cms_analysis, cms_progress, cms_selection, cms_ways_in, cms_work, cms_xapi
from courses import cms_changes as cms_changes  # registers what is said of a change
from courses import exchange_cms as exchange_cms  # registers the exchange of questions
from courses.models import Submission
from courses.permissions import can_read_records
from courses.uses import courses_that_lose
from courses.viewsets import LearningGroup

AUDITED = {
    "courses.enrol": (_("Enrol"), _("Enrolled in a course")),
    "courses.create_feed_token": (_("Make a token of the xAPI feed"), _("Made a token of the xAPI feed")),
    "courses.revoke_feed_token": (_("Revoke a token of the xAPI feed"), _("Revoked a token of the xAPI feed")),
    "courses.create_code": (_("Make an enrolment code"), _("Made an enrolment code")),
    "courses.close_code": (_("Close an enrolment code"), _("Closed an enrolment code")),
    "courses.invite": (_("Invite to a course"), _("Invited to a course")),
    "courses.write": (_("Write to learners"), _("Wrote to learners")),
    "courses.complete": (_("Complete an activity"), _("Completed an activity")),
    "courses.complete_elsewhere": (
        _("Count a completion everywhere"),
        _("Completed in a course that asked for it again: it counts everywhere"),
    ),
    "courses.complete_course": (_("Complete a course"), _("Completed a course")),
    "courses.keep_what_counted": (_("Keep what counted"), _("Kept what those who follow it had done of a module that is asked for again")),
    "courses.excuse": (_("Excuse from an activity"), _("Excused from an activity")),
    "courses.announce_change": (_("Tell about a change"), _("Told those who finished about a change")),
    "courses.reopen": (_("Reopen an activity"), _("Reopened an activity")),
    "courses.allow": (_("Allow more at a quiz"), _("Allowed more at a quiz")),
    "courses.mark_answers": (_("Mark a text"), _("Marked a text")),
    "courses.start_attempt": (_("Start an attempt"), _("Started an attempt")),
    "courses.submit_attempt": (_("Hand in an attempt"), _("Handed in an attempt")),
    "courses.hand_in": (_("Hand in a work"), _("Handed in a version")),
    "courses.begin_reading": (_("Begin to read a work"), _("Began to read it")),
    "courses.stop_reading": (_("Stop reading a work"), _("Put it back to be read")),
    "courses.give_feedback": (_("Answer a work"), _("Answered")),
    "courses.reopen_work": (_("Open a work again"), _("Opened it again")),
    "courses.forget_erased": (_("Forget a work"), _("Forgot what somebody wrote who was erased")),
    "courses.extend": (_("Give more time"), _("Gave more time")),
    "courses.issue_certificate": (_("Issue a certificate"), _("Issued a certificate")),
    "courses.renew_certificate": (_("Renew a certificate"), _("Renewed it")),
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


class QuestionsImported(LogFormatter):
    label = _("Import questions")

    def format_message(self, log_entry) -> str:
        counts = {"added": 0, "here": 0, **(log_entry.data or {})}
        return _("Questions imported into the draft: %(added)d added, %(here)d already here") % counts


@hooks.register("register_log_actions")
def register_log_actions(actions):
    for action in AUDITED:
        actions.register_action(action)(_formatter(action))
    actions.register_action("courses.import_questions")(QuestionsImported)


@hooks.register("register_admin_viewset")
def learning_group():
    return LearningGroup()


@hooks.register("register_admin_urls")
def pages_of_ours():
    return [
        path("learning/xapi/", cms_xapi.tokens, name="courses_xapi_tokens"),
        path("learning/quizzes/", cms_analysis.quizzes, name="courses_cms_quizzes"),
        path("learning/quizzes/<uuid:key>/analysis/", cms_analysis.analysis, name="courses_cms_analysis"),
        path("learning/courses/", cms_progress.progress, name="courses_cms_progress"),
        path("learning/courses/<uuid:key>/", cms_progress.course, name="courses_cms_course"),
        path("learning/courses/<uuid:key>/act/", cms_selection.act, name="courses_cms_act"),
        path("learning/courses/<uuid:key>/ways-in/", cms_ways_in.ways_in, name="courses_cms_ways_in"),
        path("learning/courses/<uuid:key>/<int:person>/", cms_progress.person, name="courses_cms_person"),
        path("learning/courses/<uuid:key>/<int:person>/<uuid:activity_key>/", cms_progress.cell, name="courses_cms_cell"),
        path("learning/courses/<uuid:key>/<int:person>/<uuid:activity_key>/<slug:verb>/", cms_progress.cell, name="courses_cms_cell_verb"),
        path("learning/records/<uuid:pk>/", cms.record, name="courses_cms_record"),
        path("learning/records/<uuid:pk>/<slug:verb>/", cms.record, name="courses_cms_record_verb"),
        path("learning/attempts/<uuid:pk>/", cms.attempt, name="courses_cms_attempt"),
        path("learning/work/<uuid:pk>/", cms_work.work, name="courses_cms_work"),
        path("learning/work/<uuid:pk>/<slug:verb>/", cms_work.work, name="courses_cms_work_verb"),
        path("learning/certificates/<uuid:pk>/", cms.certificate, name="courses_cms_certificate"),
        path("learning/certificates/<uuid:pk>/<slug:verb>/", cms.certificate, name="courses_cms_certificate_verb"),
    ]


class WorkToRead(SummaryItem):
    """How much waits for whoever opens the CMS: the reason why no mail tells of each work."""

    order = 400
    template_name = "courses/cms/work_to_read.html"

    def is_shown(self) -> bool:
        return can_read_records(self.request.user)

    def get_context_data(self, parent_context):
        return {"number": Submission.objects.to_read_by(self.request.user).count()}


@hooks.register("construct_homepage_summary_items")
def work_to_read(request, items) -> None:
    items.append(WorkToRead(request))


@hooks.register("before_delete_page")
def keep_modules_that_are_used(request, page):
    """A module that a course points at is not deleted by accident, nor with what it stands in: the courses are named first."""
    return _refused(request, [page], reverse("wagtailadmin_pages:edit", args=[page.pk])) if request.method == "POST" else None


@hooks.register("before_bulk_action")
def keep_modules_that_are_used_among_many(request, action_type, objects, action):
    if action_type != "delete" or not issubclass(action.model, Page):
        return None
    return _refused(request, objects, action.next_url)


def _refused(request, pages: list[Page], back: str):
    titles = ", ".join(courses_that_lose(pages))
    if not titles:
        return None
    messages.error(request, _("Not deleted: these courses use this module: %(titles)s. Take it out of them first.") % {"titles": titles})
    return redirect(back)

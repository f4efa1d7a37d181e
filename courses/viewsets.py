"""Learning in the CMS: listings that are read; what changes a row is a verb on our own pages (courses.cms)."""

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.models import Page

from academy.admin import ListingViewSet
from academy.permissions import is_coordinator
from courses.groups import Group, groups_with
from courses.models import ActivityRecord, AssignmentPage, Certificate, CoursePage, Enrolment, QuizAttempt, Submission
from courses.permissions import can_read_records
from courses.settling import settle_waiting
from courses.syllabus import in_reading_order, syllabuses


def title_of(key: str) -> Subquery:
    """The title of the page with this key: in the reader's language, where it is published in it."""
    return Subquery(in_reading_order(Page.objects.filter(translation_key=OuterRef(key))).values("title")[:1])


def titles_of(model: type[Page]) -> list[tuple[str, str]]:
    """One choice per key, with its title as the reader may read it."""
    titles: dict[str, str] = {}
    for key, title in in_reading_order(model.objects.live()).values_list("translation_key", "title"):
        titles.setdefault(str(key), title)
    return sorted(titles.items(), key=lambda choice: choice[1].casefold())


def about(row: Any) -> str:
    """What a row is about; in a course that asks for it again, said so, for there is another row of what counts everywhere."""
    again = gettext("done again in a course")
    return f"{row.about or ''} · {again}" if row.redo_in else row.about


class RecordsIndexView(generic.IndexView):
    """Rows of people for those who follow them; everybody else finds none."""

    title_key = ""

    def get_base_queryset(self) -> QuerySet:
        settle_waiting()
        rows = self.model.objects.for_admin(self.request.user)
        return rows.annotate(about=title_of(self.title_key)) if self.title_key else rows


class ActivityRecordIndexView(RecordsIndexView):
    title_key = "activity_key"

    def get_base_queryset(self):
        return super().get_base_queryset().select_related("user")

    @cached_property
    def columns(self):
        return [
            TitleColumn("user", label=_("Person"), get_url=lambda row: reverse("courses_cms_record", args=[row.pk])),
            Column("about", label=_("Activity"), accessor=about),
            Column("progress", label=_("Progress"), accessor=lambda row: f"{round(row.progress * 100)} %", sort_key="progress"),
            DateColumn("completed_at", label=_("Completed"), sort_key="completed_at"),
            Column("get_source_display", label=_("How"), sort_key="source"),
            DateColumn("last_seen_at", label=_("Last seen"), sort_key="last_seen_at"),
        ]


class ActivityRecordViewSet(ListingViewSet):
    model = ActivityRecord
    name = "activity-records"
    menu_label = _("Activity records")
    icon = "tick-inverse"
    index_view_class = ActivityRecordIndexView
    list_filter = ["source", "completed_at"]
    search_fields = ["user__name", "user__email"]


class EnrolmentIndexView(RecordsIndexView):
    title_key = "course_key"

    def get_base_queryset(self):
        certificate = Certificate.objects.valid().filter(holder=OuterRef("user"), kind="course", subject_key=OuterRef("course_key"))
        return super().get_base_queryset().select_related("user").annotate(certified=Exists(certificate))

    @cached_property
    def columns(self):
        return [
            Column("user", label=_("Person")),
            Column("about", label=_("Course")),
            DateColumn("enrolled_at", label=_("Enrolled"), sort_key="enrolled_at"),
            DateColumn("completed_at", label=_("Completed"), sort_key="completed_at"),
            Column("certified", label=_("Certificate"), accessor=lambda row: _("valid") if row.certified else ""),
        ]


class EnrolmentViewSet(ListingViewSet):
    model = Enrolment
    name = "enrolments"
    menu_label = _("Enrolments")
    icon = "list-ul"
    index_view_class = EnrolmentIndexView
    list_filter = ["completed_at"]
    search_fields = ["user__name", "user__email"]


class QuizAttemptIndexView(RecordsIndexView):
    title_key = "quiz_key"

    def get_base_queryset(self):
        return super().get_base_queryset().select_related("user").defer("questions", "answers", "bands")

    @cached_property
    def columns(self):
        return [
            TitleColumn("user", label=_("Person"), get_url=lambda row: reverse("courses_cms_attempt", args=[row.pk])),
            Column("about", label=_("Quiz"), accessor=about),
            Column("number", label=_("Attempt"), sort_key="number"),
            Column("get_state_display", label=_("State"), sort_key="state"),
            Column("percent", label=_("Score"), accessor=lambda row: "" if row.percent is None else f"{row.percent} %", sort_key="score"),
            DateColumn("submitted_at", label=_("Handed in"), sort_key="submitted_at"),
        ]


class QuizAttemptViewSet(ListingViewSet):
    model = QuizAttempt
    name = "quiz-attempts"
    menu_label = _("Quiz attempts")
    icon = "form"
    index_view_class = QuizAttemptIndexView
    list_filter = ["state", "passed"]
    search_fields = ["user__name", "user__email"]


class ToMarkIndexView(RecordsIndexView):
    """Texts that wait for a trainer, who waits longest first."""

    title_key = "quiz_key"
    default_ordering = "submitted_at"
    page_title = _("Texts to mark")

    def get_base_queryset(self):
        rows = QuizAttempt.objects.to_mark_by(self.request.user).annotate(about=title_of(self.title_key))
        return rows.select_related("user").defer("questions", "answers", "bands")

    @cached_property
    def columns(self):
        return [
            TitleColumn("user", label=_("Person"), get_url=lambda row: reverse("courses_cms_attempt", args=[row.pk])),
            Column("about", label=_("Quiz"), accessor=about),
            Column("number", label=_("Attempt")),
            DateColumn("submitted_at", label=_("Waits since"), sort_key="submitted_at"),
        ]


class ToMarkViewSet(ListingViewSet):
    model = QuizAttempt
    name = "to-mark"
    menu_label = _("Texts to mark")
    icon = "edit"
    index_view_class = ToMarkIndexView
    search_fields = ["user__name", "user__email"]


class WorkFilter(WagtailFilterSet):
    assignment = django_filters.ChoiceFilter(field_name="activity_key", label=_("Assignment"), choices=lambda: titles_of(AssignmentPage))
    course = django_filters.ChoiceFilter(label=_("Course"), choices=lambda: titles_of(CoursePage), method="in_course")
    is_late = django_filters.ChoiceFilter(label=_("Late"), choices=[("True", _("late")), ("False", _("in time"))])
    mine = django_filters.ChoiceFilter(label=_("Read"), choices=[("me", _("by me")), ("nobody", _("by nobody yet"))], method="read_by")

    class Meta:
        model = Submission
        fields: list[str] = []

    def in_course(self, queryset, _name, value):
        syllabus = syllabuses([UUID(value)]).get(UUID(value))
        return queryset.filter(activity_key__in=[activity.key for activity in syllabus.activities] if syllabus else [])

    def read_by(self, queryset, _name, value):
        return queryset.filter(reading_by=self.request.user if value == "me" else None)


class WorkIndexView(RecordsIndexView):
    """Works with the name of whose they are; a project's is asked of the app that knows projects, once for the list."""

    title_key = "activity_key"

    def get_base_queryset(self):
        return super().get_base_queryset().select_related("user", "reading_by").defer("text", "terms")

    @cached_property
    def groups(self) -> dict[str, Group]:
        return groups_with(self.get_base_queryset().order_by().values_list("group_key", flat=True).distinct())

    def owner_name(self, row: Submission) -> str:
        if row.group_key:
            return self.groups[row.group_key].name if row.group_key in self.groups else _("a project that is gone")
        return str(row.user or _("Erased person"))

    @cached_property
    def columns(self):
        return [
            TitleColumn(
                "owner", label=_("Whose"), accessor=self.owner_name, get_url=lambda row: reverse("courses_cms_work", args=[row.pk])
            ),
            Column("about", label=_("Assignment"), accessor=about),
            Column("get_state_display", label=_("State"), sort_key="state"),
            Column("is_late", label=_("Late"), accessor=lambda row: _("late") if row.is_late else "", sort_key="is_late"),
            DateColumn("handed_in_at", label=_("Handed in"), sort_key="handed_in_at"),
            Column("reading_by", label=_("Read by"), accessor=lambda row: row.reading_by or ""),
        ]


class SubmissionFilter(WorkFilter):
    state = django_filters.ChoiceFilter(label=_("State"), choices=Submission.State.choices)


class SubmissionViewSet(ListingViewSet):
    model = Submission
    name = "submissions"
    menu_label = _("Assignments handed in")
    icon = "doc-full-inverse"
    index_view_class = WorkIndexView
    filterset_class = SubmissionFilter
    search_fields = ["user__name", "user__email"]


class WorkToReadIndexView(WorkIndexView):
    """Who waits longest comes first."""

    default_ordering = "handed_in_at"
    page_title = _("Work to read")

    def get_base_queryset(self):
        rows = Submission.objects.to_read_by(self.request.user).annotate(about=title_of(self.title_key))
        return rows.select_related("user", "reading_by").defer("text", "terms")


class WorkToReadViewSet(ListingViewSet):
    model = Submission
    name = "work-to-read"
    menu_label = _("Work to read")
    icon = "edit"
    index_view_class = WorkToReadIndexView
    filterset_class = WorkFilter
    search_fields = ["user__name", "user__email"]


class CertificateIndexView(RecordsIndexView):
    @cached_property
    def columns(self):
        return [
            TitleColumn(
                "holder_name",
                accessor="shown_name",
                label=_("Holder"),
                get_url=lambda row: reverse("courses_cms_certificate", args=[row.pk]),
            ),
            Column("get_kind_display", label=_("Kind"), sort_key="kind"),
            Column("about", label=_("About"), accessor=lambda row: row.words.get("about", "")),
            DateColumn("issued_at", label=_("Issued"), sort_key="issued_at"),
            Column("standing", label=_("Standing"), accessor=lambda row: Certificate.Standing(row.standing).label),
        ]


class CertificateViewSet(ListingViewSet):
    model = Certificate
    name = "certificates"
    menu_label = _("Certificates")
    icon = "doc-full"
    index_view_class = CertificateIndexView
    list_filter = ["kind", "revoked_at"]
    search_fields = ["holder_name"]


class ReportMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return can_read_records(request.user)


class CoordinatorsMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return is_coordinator(request.user)


class LearningGroup(ModelViewSetGroup):
    menu_label = _("Learning")
    menu_icon = "clipboard-list"
    menu_order = 205
    items = (
        EnrolmentViewSet,
        ActivityRecordViewSet,
        QuizAttemptViewSet,
        ToMarkViewSet,
        SubmissionViewSet,
        WorkToReadViewSet,
        CertificateViewSet,
    )

    def get_submenu_items(self) -> list[MenuItem]:
        """Progress by course and the analysis of quizzes, pages of our own, come first and last."""
        progress = ReportMenuItem(
            _("Progress by course"), reverse_lazy("courses_cms_progress"), name="progress-by-course", icon_name="table", order=0
        )
        analysis = ReportMenuItem(
            _("Analysis of quizzes"), reverse_lazy("courses_cms_quizzes"), name="quiz-analysis", icon_name="help", order=90
        )
        feed = CoordinatorsMenuItem(_("xAPI feed"), reverse_lazy("courses_xapi_tokens"), name="xapi", icon_name="link-external", order=91)
        return [progress, *super().get_submenu_items(), analysis, feed]

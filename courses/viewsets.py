"""Learning in the CMS: listings that are read; what changes a row is a verb on our own pages (courses.cms)."""

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.models import Page

from academy.admin import ListingViewSet
from courses.models import ActivityRecord, Certificate, Enrolment, QuizAttempt
from courses.permissions import can_read_records


def title_of(key: str) -> Subquery:
    """The title of the page with this key, in whatever language it was written first."""
    return Subquery(Page.objects.filter(translation_key=OuterRef(key)).order_by("pk").values("title")[:1])


class RecordsIndexView(generic.IndexView):
    """Rows of people for those who follow them; everybody else finds none."""

    title_key = ""

    def get_base_queryset(self) -> QuerySet:
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
            Column("about", label=_("Activity")),
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
            Column("about", label=_("Quiz")),
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
            Column("about", label=_("Quiz")),
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


class CertificateIndexView(RecordsIndexView):
    @cached_property
    def columns(self):
        return [
            TitleColumn("holder_name", label=_("Holder"), get_url=lambda row: reverse("courses_cms_certificate", args=[row.pk])),
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


class LearningGroup(ModelViewSetGroup):
    menu_label = _("Learning")
    menu_icon = "clipboard-list"
    menu_order = 205
    items = (EnrolmentViewSet, ActivityRecordViewSet, QuizAttemptViewSet, ToMarkViewSet, CertificateViewSet)

    def get_submenu_items(self) -> list[MenuItem]:
        """Progress by course, a page of our own, comes first."""
        report = ReportMenuItem(
            _("Progress by course"), reverse_lazy("courses_cms_progress"), name="progress-by-course", icon_name="table", order=0
        )
        return [report, *super().get_submenu_items()]

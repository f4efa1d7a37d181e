"""Listings of the CMS. What is typed is edited here; what happens is only listed, and changed by verbs on our own pages (cohorts.cms)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic import history, usage
from wagtail.admin.viewsets.model import ModelViewSetGroup

from academy.admin import GuardedModelViewSet, ListingViewSet, RuledEditView
from academy.locking import lock
from academy.permissions import is_coordinator, is_trainer
from academy.rules import RuleViolation
from cohorts.cohort_panels import OPENED_COHORT, PLANNED_COHORT
from cohorts.listing import bulk, saved
from cohorts.listing import cms as listing
from cohorts.models import Application, Cohort, Participation, Partnership, Project
from cohorts.models.participation import PLACE_HOLDING
from cohorts.programme_viewset import PathwayViewSet, RubricViewSet
from cohorts.typology_viewset import TypologyViewSet


def page_of(name: str):
    """For a title column: the address of our own page about a row."""
    return lambda row: reverse(f"cohorts_cms_{name}", args=[row.pk])


class GuardedIndexView(generic.IndexView):
    """A listing that asks who may read it at all, and then only shows the rows this person may read."""

    may_list = staticmethod(is_coordinator)

    def dispatch(self, request, *args, **kwargs):
        if not self.may_list(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def rows_for(self, user: Any) -> QuerySet:
        return self.model.objects.for_user(user)

    def get_base_queryset(self):
        return self.rows_for(self.request.user)


class CohortIndexView(GuardedIndexView):
    may_list = staticmethod(lambda user: is_coordinator(user) or is_trainer(user))

    def get_base_queryset(self):
        places = Count("participations", filter=Q(participations__state__in=PLACE_HOLDING), distinct=True)
        return super().get_base_queryset().annotate(taken=places)

    @cached_property
    def columns(self):
        return [
            TitleColumn("title", label=_("Cohort"), get_url=page_of("cohort")),
            Column("season", label=_("Season")),
            Column("get_state_display", label=_("State"), sort_key="state"),
            Column("places", label=_("Projects"), accessor=lambda row: f"{row.taken} / {row.capacity}"),
            Column("intake_closes_at", label=_("Applications close"), sort_key="intake_closes_at"),
            Column("starts_at", label=_("Starts"), sort_key="starts_at"),
        ]


class CohortAddView(generic.CreateView):
    def get_success_url(self):
        return reverse("cohorts_cms_cohort", args=[self.object.pk])


class CohortEditView(RuledEditView):
    """Asks less of a cohort whose call was opened, and saves nothing that was typed for another state."""

    @cached_property
    def handler(self) -> ObjectList:
        return (OPENED_COHORT if self.object.is_frozen else PLANNED_COHORT).bind_to_model(Cohort)

    def get_form_class(self):
        return self.handler.get_form_class()

    def get_bound_panel(self, form):
        return self.handler.get_bound_panel(request=self.request, instance=form.instance, form=form)

    def save_instance(self):
        if lock(Cohort.objects.get(pk=self.object.pk)).state != self.object.state:
            raise RuleViolation(
                _("Meanwhile somebody moved this cohort on. What you typed is below: copy what you need, then open the form anew.")
            )
        return super().save_instance()


class CohortViewSet(GuardedModelViewSet):
    model = Cohort
    name = "cohorts"
    icon = "group"
    menu_label = _("Cohorts")
    index_view_class = CohortIndexView
    add_view_class = CohortAddView
    edit_view_class = CohortEditView
    copy_view_enabled = False
    list_filter = ["state"]
    edit_handler = PLANNED_COHORT


class ApplicationViewSet(ListingViewSet):
    """Its list is our own (cohorts.listing): filters, columns and order in the address, saved views, bulk actions, files."""

    model = Application
    name = "applications"
    icon = "form"
    menu_label = _("Applications")

    def get_urlpatterns(self):
        return [
            path("", listing.index, name="index"),
            path("choose/", listing.choose, name="choose"),
            path("act/", bulk.act, name="act"),
            path("views/", saved.save, name="save_view"),
            path("views/<int:pk>/<slug:verb>/", saved.change, name="change_view"),
        ]


class ParticipationIndexView(GuardedIndexView):
    may_list = staticmethod(lambda user: is_coordinator(user) or is_trainer(user))

    def rows_for(self, user):
        return Participation.objects.for_user(user).select_related("project", "cohort")

    @cached_property
    def columns(self):
        return [
            TitleColumn("project", label=_("Project"), get_url=page_of("participation"), sort_key="project__name"),
            Column("country", label=_("Country"), accessor="project.country_name", sort_key="project__country"),
            Column("cohort", label=_("Cohort"), sort_key="cohort"),
            Column("get_state_display", label=_("State"), sort_key="state"),
            DateColumn("activated_at", label=_("Accepted"), sort_key="activated_at"),
        ]


class ParticipationViewSet(ListingViewSet):
    model = Participation
    name = "participations"
    icon = "user"
    menu_label = _("Projects in cohorts")
    index_view_class = ParticipationIndexView
    list_filter = ["cohort", "state"]
    search_fields = ["project__name"]


class ProjectIndexView(GuardedIndexView):
    may_list = staticmethod(lambda user: is_coordinator(user) or is_trainer(user))

    @cached_property
    def editable(self) -> set:
        return set(Project.objects.editable_by(self.request.user).values_list("pk", flat=True))

    def get_edit_url(self, instance):
        return super().get_edit_url(instance) if instance.pk in self.editable else None

    def get_delete_url(self, instance):
        return super().get_delete_url(instance) if instance.pk in self.editable else None


class ProjectFormGuard:
    """What a project wrote for its applications is not opened by who declared an interest in it."""

    def get_object(self, *args, **kwargs):
        return get_object_or_404(Project.objects.editable_by(self.request.user), pk=super().get_object(*args, **kwargs).pk)


class ProjectEditView(ProjectFormGuard, RuledEditView):
    """Without the words that the project has not sent yet: nobody reads them before."""

    UNSENT = ("summary", "website")

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        mine = Project.objects.of_member(self.request.user)
        if Project.objects.writing().exclude(pk__in=mine.values("pk")).filter(pk=self.object.pk).exists():
            for name in self.UNSENT:
                del form.fields[name]
        return form


class ProjectDeleteView(ProjectFormGuard, generic.DeleteView):
    pass


class ProjectHistoryView(ProjectFormGuard, history.HistoryView):
    pass


class ProjectUsageView(ProjectFormGuard, usage.UsageView):
    pass


class ProjectViewSet(GuardedModelViewSet):
    model = Project
    name = "projects"
    icon = "globe"
    menu_label = _("Projects")
    index_view_class = ProjectIndexView
    edit_view_class = ProjectEditView
    delete_view_class = ProjectDeleteView
    history_view_class = ProjectHistoryView
    usage_view_class = ProjectUsageView
    copy_view_enabled = False
    list_display = ["name", "country", "place", "status"]
    list_filter = ["status"]
    search_fields = ["name", "place"]
    form_fields = ["name", "country", "place", "summary", "website", "status"]


class PartnershipIndexView(GuardedIndexView):
    may_list = staticmethod(is_coordinator)

    def rows_for(self, user):
        return Partnership.objects.for_user(user).select_related("project", "typology")

    @cached_property
    def columns(self):
        return [
            TitleColumn("project", label=_("Project"), get_url=page_of("partnership"), sort_key="project__name"),
            Column("country", label=_("Country"), accessor="project.country_name"),
            Column("typology", label=_("Typology"), sort_key="typology"),
            DateColumn("since", label=_("Since"), sort_key="since"),
            BooleanColumn("goes_on", label=_("Goes on"), accessor=lambda row: row.ended_at is None),
        ]


class PartnershipViewSet(ListingViewSet):
    model = Partnership
    name = "partnerships"
    icon = "link"
    menu_label = _("Partnerships")
    index_view_class = PartnershipIndexView
    list_filter = ["typology"]
    search_fields = ["project__name"]


class CohortGroup(ModelViewSetGroup):
    menu_label = _("Cohorts")
    menu_icon = "group"
    menu_order = 210
    items = (
        CohortViewSet,
        ApplicationViewSet,
        ParticipationViewSet,
        ProjectViewSet,
        PartnershipViewSet,
        PathwayViewSet,
        RubricViewSet,
        TypologyViewSet,
    )

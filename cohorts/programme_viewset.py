"""What a programme asks, written in the CMS: pathways with their stages, rubrics with their parts, and the criteria of each part.

A version that a cohort has opened with (a rubric: that somebody has scored with) is shown and no longer asked; one button makes the next
version of it, free to change.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic

from academy.admin import GuardedModelViewSet, RuledCreateView, RuledEditView
from academy.choosers import PageKeyChooser
from academy.cms_verbs import crumbs
from academy.fields import LocalizedTextWidget
from cohorts.actions import new_pathway_version, new_rubric_version
from cohorts.cohort_panels import MOST_QUESTIONS, QUESTION_PANELS
from cohorts.models import Cohort, Criterion, Level, Pathway, Requirement, Rubric, RubricPart, Stage

SHORT, LONG = LocalizedTextWidget(rows=1), LocalizedTextWidget(rows=3)
LEVELS = Level.HIGHEST + 1


def short(name: str) -> FieldPanel:
    return FieldPanel(name, widget=SHORT)


def long(name: str) -> FieldPanel:
    return FieldPanel(name, widget=LONG)


class PartsPanel(Panel):
    """Each part that is saved leads to the page of its criteria."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cohorts/cms/_parts.html"

        def is_shown(self):
            return not self.instance._state.adding

        def get_context_data(self, parent_context=None):
            parts = RubricPart.objects.filter(rubric=self.instance).annotate(written=Count("criteria")).order_by("sort_order", "pk")
            return {**super().get_context_data(parent_context), "parts": parts}


class FormsPanel(Panel):
    """Each form that is saved leads to the page of its questions."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cohorts/cms/_forms.html"

        def is_shown(self):
            return not self.instance._state.adding

        def get_context_data(self, parent_context=None):
            forms = Requirement.objects.filter(stage__pathway=self.instance, kind=Requirement.Kind.FORM).annotate(
                written=Count("questions")
            )
            return {**super().get_context_data(parent_context), "forms": forms.order_by("stage__sort_order", "sort_order", "pk")}


REQUIREMENTS = InlinePanel(
    "requirements",
    heading=_("What is owed here"),
    label=_("requirement"),
    panels=[
        FieldRowPanel([FieldPanel("kind"), FieldPanel("owed_by"), FieldPanel("offset_days"), FieldPanel("mandatory")]),
        short("title"),
        long("explanation"),
        MultiFieldPanel(
            [
                FieldPanel("moment"),
                FieldPanel("course_key", widget=PageKeyChooser(["courses.CoursePage"])),
                FieldPanel("activity_key", widget=PageKeyChooser(["courses.AssignmentPage"])),
                FieldPanel("page_key", widget=PageKeyChooser(["wiki.WikiPage"])),
            ],
            heading=_("What it is met by"),
            help_text=_(
                "An assessment names its moment, a course its course, a deliverable its assignment, a reading its page. The questions of a form are written on a page of their own, once it is saved."
            ),
        ),
    ],
)

PATHWAY = ObjectList(
    [
        HelpPanel(
            content=_(
                "A cohort takes the newest version when it is planned. Once its call is opened, this version stays as it is: "
                "a change then makes the next one."
            )
        ),
        MultiFieldPanel([short("title"), long("summary")], heading=_("The pathway")),
        InlinePanel(
            "stages",
            heading=_("Stages, in their order"),
            label=_("stage"),
            min_num=1,
            panels=[short("title"), long("explanation"), REQUIREMENTS],
        ),
        FormsPanel(heading=_("The questions of each form")),
    ]
)

RUBRIC = ObjectList(
    [
        HelpPanel(
            content=_(
                "Projects and reviewers read the same words. Write the parts here, save, then write the criteria of each part on its own page."
            )
        ),
        MultiFieldPanel([short("title"), long("introduction")], heading=_("The rubric")),
        PartsPanel(heading=_("The criteria of each part")),
        InlinePanel(
            "parts",
            heading=_("Parts, in their order"),
            label=_("part"),
            min_num=1,
            panels=[FieldRowPanel([FieldPanel("kind"), FieldPanel("key")]), short("label"), long("description")],
        ),
    ]
)

PART = ObjectList(
    [
        MultiFieldPanel([short("label"), long("description")], heading=_("The part")),
        InlinePanel(
            "criteria",
            heading=_("Criteria, in their order"),
            label=_("criterion"),
            min_num=1,
            panels=[
                short("label"),
                long("description"),
                InlinePanel(
                    "levels",
                    heading=_("Levels, from 0 to 4"),
                    label=_("level"),
                    help_text=_("A sentence about facts for each, so that two people read it alike."),
                    min_num=2,
                    max_num=LEVELS,
                    panels=[FieldPanel("value"), short("label"), long("description")],
                ),
            ],
        ),
    ]
)

FORM = ObjectList(
    [
        MultiFieldPanel([short("title"), long("explanation")], heading=_("The form")),
        InlinePanel(
            "questions",
            heading=_("Questions, in their order"),
            label=_("question"),
            help_text=_("Few are better: each one is read in two languages."),
            min_num=1,
            max_num=MOST_QUESTIONS,
            panels=QUESTION_PANELS,
        ),
    ]
)


class ProgrammeIndexView(generic.IndexView):
    """Each version of each, the newest first, with what keeps it from changing."""

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().annotate(used=Count("cohorts", distinct=True))

    @cached_property
    def columns(self):
        return [
            TitleColumn("title", label=_("Title"), get_url=self.get_edit_url),
            Column("version", label=_("Version")),
            Column("used", label=_("Cohorts that follow it")),
        ]


class ProgrammeEditView(RuledEditView):
    """Shows what is used; asks what is not."""

    def used(self, request: HttpRequest, *, status: int) -> HttpResponse | None:
        row = self.get_object()
        return _shown(request, row, status=status) if row.is_frozen else None

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return self.used(request, status=200) or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return self.used(request, status=422) or super().post(request, *args, **kwargs)


def _shown(request: HttpRequest, row: Pathway | Rubric, *, status: int) -> HttpResponse:
    """The whole of it to read, and the button that makes the next version."""
    name, title = (PathwayViewSet.name, _("Pathways")) if isinstance(row, Pathway) else (RubricViewSet.name, _("Rubrics"))
    context = {
        "row": row,
        "cohorts": Cohort.objects.for_user(request.user).filter(**{row._meta.model_name: row}).order_by("-starts_at"),
        "new_version": reverse(f"{name}:new_version", args=[row.pk]),
        "header_title": str(row),
        "header_icon": "list-ol",
        "breadcrumbs_items": crumbs((title, reverse(f"{name}:index")), (str(row), "")),
        "stages": [],
        "parts": [],
    }
    if isinstance(row, Pathway):
        requirements = Prefetch("requirements", Requirement.objects.order_by("sort_order", "pk").prefetch_related("questions"))
        context["stages"] = Stage.objects.filter(pathway=row).order_by("sort_order", "pk").prefetch_related(requirements)
    else:
        criteria = Prefetch("criteria", Criterion.objects.order_by("sort_order", "pk").prefetch_related("levels"))
        context["parts"] = RubricPart.objects.filter(rubric=row).order_by("sort_order", "pk").prefetch_related(criteria)
    return render(request, "cohorts/cms/programme.html", context, status=status)


class ProgrammeViewSet(GuardedModelViewSet):
    """`renew`: the action that copies a version as the next one."""

    index_view_class = ProgrammeIndexView
    add_view_class = RuledCreateView
    edit_view_class = ProgrammeEditView
    copy_view_enabled = False
    renew: Any = None

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("new-version/<int:pk>/", self.new_version, name="new_version")]

    @cached_property
    def new_version(self):
        @require_POST
        def view(request: HttpRequest, pk: int) -> HttpResponse:
            row = get_object_or_404(self.model, pk=pk)
            if not self.permission_policy.user_has_permission(request.user, "add"):
                raise PermissionDenied
            made = type(self).renew(row, by=request.user)
            messages.success(request, _("This is version %(version)s, free to change.") % {"version": made.version})
            return redirect(f"{self.name}:edit", made.pk)

        return view


class PathwayViewSet(ProgrammeViewSet):
    model = Pathway
    name = "pathways"
    icon = "history"
    menu_label = _("Pathways")
    edit_handler = PATHWAY
    renew = staticmethod(new_pathway_version)


class RubricViewSet(ProgrammeViewSet):
    model = Rubric
    name = "rubrics"
    icon = "list-ol"
    menu_label = _("Rubrics")
    edit_handler = RUBRIC
    renew = staticmethod(new_rubric_version)


class PartEditView(ProgrammeEditView):
    """The criteria of one part. Of a rubric that is used, the page of the rubric."""

    def used(self, request: HttpRequest, *, status: int) -> HttpResponse | None:
        rubric = self.get_object().rubric
        return redirect("rubrics:edit", rubric.pk) if rubric.is_frozen else None

    def get_success_url(self):
        return reverse("rubrics:edit", args=[self.object.rubric_id])

    def get_breadcrumbs_items(self):
        rubric = self.object.rubric
        return crumbs((_("Rubrics"), reverse("rubrics:index")), (str(rubric), self.get_success_url()), (str(self.object), ""))


class FormEditView(ProgrammeEditView):
    """The questions of one form. Of a pathway that is used, the page of the pathway."""

    def get_queryset(self):
        return super().get_queryset().filter(kind=Requirement.Kind.FORM).select_related("stage__pathway")

    def used(self, request: HttpRequest, *, status: int) -> HttpResponse | None:
        pathway = self.get_object().stage.pathway
        return redirect("pathways:edit", pathway.pk) if pathway.is_frozen else None

    def get_success_url(self):
        return reverse("pathways:edit", args=[self.object.stage.pathway_id])

    def get_breadcrumbs_items(self):
        pathway = self.object.stage.pathway
        return crumbs((_("Pathways"), reverse("pathways:index")), (str(pathway), self.get_success_url()), (str(self.object), ""))


class PartViewSet(GuardedModelViewSet):
    """Only the form of its rows: they themselves are written with what they belong to."""

    copy_view_enabled = False

    def get_urlpatterns(self):
        return [path("edit/<str:pk>/", self.edit_view, name="edit")]

    def get_common_view_kwargs(self, **kwargs):
        shared = super().get_common_view_kwargs(**kwargs)
        for name in ("index", "index_results", "add", "delete", "history", "usage", "copy", "inspect"):
            shared.pop(f"{name}_url_name", None)
        return shared


class RubricPartViewSet(PartViewSet):
    model = RubricPart
    name = "rubric_parts"
    edit_view_class = PartEditView
    edit_handler = PART


class PathwayFormViewSet(PartViewSet):
    model = Requirement
    name = "pathway_forms"
    edit_view_class = FormEditView
    edit_handler = FORM

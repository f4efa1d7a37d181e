"""Forms of the pathway inside the CMS: what one project sent, and what a whole cohort sent, as a page and as a file."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from academy.cms_verbs import crumbs
from academy.fields import LocalizedText
from academy.permissions import is_coordinator, is_trainer
from academy.sheets import FORMATS, stream
from cohorts.call_answers import FILES, as_asked
from cohorts.form_answers import ANSWERS, CohortReply, answers_sent, cells_of, replies_in, reply_of, sendings_of
from cohorts.interests import interests_of
from cohorts.models import Cohort, FormQuestion, Participation, Requirement
from cohorts.permissions import can_read_forms


def _form(pathway: int, pk: int) -> Requirement:
    return get_object_or_404(Requirement.objects.filter(kind=Requirement.Kind.FORM, stage__pathway=pathway), pk=pk)


@require_safe
def of_project(request: HttpRequest, pk, requirement: int) -> HttpResponse:
    """Every sending of one project, the last one open."""
    row = get_object_or_404(Participation.objects.for_user(request.user).select_related("project", "cohort"), pk=pk)
    if not can_read_forms(request.user, row):
        raise Http404
    asked = _form(row.cohort.pathway_id, requirement)
    context = {
        "participation": row,
        "requirement": asked,
        "sendings": [(one, answers_sent(one.content)) for one in sendings_of(reply_of(row.project, asked), row.cohort)],
        "header_title": str(asked),
        "header_icon": "form",
        "breadcrumbs_items": crumbs(
            (str(row.cohort), reverse("cohorts_cms_cohort", args=[row.cohort_id])),
            (str(row.project), reverse("cohorts_cms_participation", args=[row.pk])),
            (str(asked), ""),
        ),
    }
    return render(request, "cohorts/cms/form_of_project.html", context)


@require_safe
def of_cohort(request: HttpRequest, pk, requirement: int) -> HttpResponse:
    """What each project of a cohort sent last, without those in which the reader has an interest."""
    if not (is_coordinator(request.user) or is_trainer(request.user)):
        raise Http404
    row = get_object_or_404(Cohort.objects.for_user(request.user), pk=pk)
    asked = _form(row.pathway_id, requirement)
    replies = replies_in(row, asked, interests_of(request.user).values("pk"))
    kind = request.GET.get("export", "")
    if kind in FORMATS:
        return stream(kind, f"{row} {asked}", table(asked, replies))
    context = {
        "cohort": row,
        "requirement": asked,
        "replies": replies,
        "sent": sum(one.sending is not None for one in replies),
        "exports": [(name.upper(), name) for name in FORMATS],
        "header_title": str(asked),
        "header_icon": "form",
        "breadcrumbs_items": crumbs((str(row), reverse("cohorts_cms_cohort", args=[row.pk])), (str(asked), "")),
    }
    return render(request, "cohorts/cms/form_of_cohort.html", context)


def table(requirement: Requirement, replies: list[CohortReply]) -> Iterator[list]:
    """A line for each project; of an amount, the number and the currency beside it. (A form that was used no longer changes.)"""
    asked = [as_asked(one) for one in FormQuestion.objects.filter(requirement=requirement).order_by("sort_order", "pk")]
    heads = []
    for one in asked:
        name = str(LocalizedText(one["public_name"]))
        heads += [name, _("%(name)s (currency)") % {"name": name}] if one["kind"] == FormQuestion.Kind.MONEY else [name]
    yield [_("Project"), _("Country"), _("Sent"), *heads]
    for row in replies:
        content = row.sending.content if row.sending else {}
        said = {one["question"]: one["value"] for one in content.get(ANSWERS, [])}
        cells = [cell for one in asked for cell in cells_of(one, said.get(one["question"], ""), content.get(FILES, []))]
        project = row.participation.project
        yield [project.name, project.country_name, row.sending.sent_at if row.sending else None, *cells]


def pages() -> list:
    return [
        path("participations/<uuid:pk>/forms/<int:requirement>/", of_project, name="cohorts_cms_form"),
        path("cohorts/<uuid:pk>/forms/<int:requirement>/", of_cohort, name="cohorts_cms_forms"),
    ]

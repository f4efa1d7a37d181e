"""Our own pages inside the CMS: a cohort as a matrix, one application, one project on its pathway, one session.

Each page shows the row, then the verbs that its machine allows now (academy.cms_verbs). A verb posts to its own address; when it
is refused the page comes back with what was typed and the reason beside the question.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, OuterRef, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from academy.cms_verbs import LettersFirst, crumbs, history, offered, perform
from academy.permissions import is_coordinator, is_trainer
from academy.sheets import FORMATS, stream
from academy.ui import Series, Station
from cohorts.answers import answers_in, in_words
from cohorts.cms_acts import APPLICATION_VERBS, COHORT_VERBS, PARTICIPATION_VERBS, asked_with
from cohorts.comparison import Comparison, compare
from cohorts.deliberation import decisions_on
from cohorts.interests import has_interest, interests_of
from cohorts.matrix import ORDERS, SHOWN, Matrix, cohort_matrix, narrowed
from cohorts.models import Application, Assessment, Cohort, Participation, Registration, Requirement, ReviewAssignment
from cohorts.pathway_state import StageStanding, pathway_state
from cohorts.permissions import can_read_dossier, can_read_forms, can_view_graduation_file, can_write_meeting_note


def stations(stages: list[StageStanding]) -> list[Station]:
    return [Station(str(standing.stage.title), f"{standing.done} / {len(standing.items)}", standing.state) for standing in stages]


SHOWN_WORDS = (
    gettext_lazy("all of them"),
    gettext_lazy("with something late"),
    gettext_lazy("to whom Smart owes something late"),
    gettext_lazy("still in the cohort"),
)
ORDER_WORDS = (gettext_lazy("by name"), gettext_lazy("who needs help first"), gettext_lazy("who is furthest first"))


def series_of(comparison: Comparison) -> list[Series]:
    """The two voices over the pillars, for the radar."""
    pillars = [row for row in comparison.parts if row.part.kind == "pillar"]
    voices = []
    if comparison.reviews:
        voices.append(Series(_("Reviewers"), False, {str(row.part.label): row.reviewers_share for row in pillars}))
    if comparison.own:
        voices.append(Series(_("The project"), True, {str(row.part.label): row.own_share for row in pillars}))
    return voices


@require_http_methods(["GET", "POST"])
def cohort(request: HttpRequest, pk, verb: str = "") -> HttpResponse:
    if not (is_coordinator(request.user) or is_trainer(request.user)):
        raise Http404
    row = get_object_or_404(Cohort.objects.for_user(request.user).select_related("pathway", "rubric", "coordinator"), pk=pk)
    refused = None
    if request.method == "POST":
        if not is_coordinator(request.user):
            raise Http404
        refused = perform(request, COHORT_VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_cohort", args=[row.pk]))
        if refused is None:
            return redirect("cohorts_cms_cohort", pk=row.pk)
    show, order, kind = (request.GET.get(name, "") for name in ("show", "order", "export"))
    matrix = narrowed(cohort_matrix(row, reader=request.user), show=show, order=order)
    if kind in FORMATS:
        return stream(kind, f"{row}", matrix_table(matrix))
    return render(
        request,
        "cohorts/cms/cohort.html",
        {
            "cohort": row,
            "show": show if show in SHOWN else "",
            "order": order if order in ORDERS else "",
            "shows": list(zip(SHOWN, SHOWN_WORDS, strict=True)),
            "orders": list(zip(ORDERS, ORDER_WORDS, strict=True)),
            "exports": [(name.upper(), name) for name in FORMATS],
            "matrix": matrix,
            "rows": [(line, stations(line.rail)) for line in matrix.rows],
            "closed": set(interests_of(request.user).values_list("pk", flat=True)),
            "settled": [matrix.settled(requirement) for requirement in matrix.requirements],
            "applications": _applications_by_state(request, row),
            "rounds": list(row.rounds.all()) if is_coordinator(request.user) else [],
            "verbs": offered(COHORT_VERBS, row, request.user, refused) if is_coordinator(request.user) else [],
            "header_title": str(row),
            "header_icon": "group",
            "breadcrumbs_items": crumbs((_("Cohorts"), reverse("cohorts:index")), (str(row), "")),
        },
    )


def matrix_table(matrix: Matrix) -> Iterator[list]:
    """The matrix as a file: the words of each cell."""
    yield [_("Project"), _("Country"), _("State"), *(str(one.title) for one in matrix.requirements), _("Done"), _("Late")]
    for row in matrix.rows:
        cells = [cell.said for cell in row.cells]
        yield [row.project.name, row.project.country_name, row.participation.get_state_display(), *cells, row.done, row.overdue]


def _applications_by_state(request: HttpRequest, row: Cohort) -> list[tuple[str, str, int]]:
    """How many applications stand where, for those who may read them all."""
    if not is_coordinator(request.user):
        return []
    counts = dict(Application.objects.for_staff(request.user).filter(cohort=row).order_by().values_list("state").annotate(n=Count("pk")))
    return [(state, label, counts[state]) for state, label in Application.State.choices if state in counts]


@require_http_methods(["GET", "POST"])
def application(request: HttpRequest, pk, verb: str = "") -> HttpResponse:
    if not is_coordinator(request.user):
        raise Http404
    rows = Application.objects.for_staff(request.user).select_related("project", "cohort", "cohort__rubric")
    rows = rows.annotate(**asked_with(request.user))
    row = get_object_or_404(rows, pk=pk)
    refused = None
    if request.method == "POST":
        refused = perform(request, APPLICATION_VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_application", args=[row.pk]), **_head(row))
        if refused is None:
            still_readable = Application.objects.for_staff(request.user).filter(pk=row.pk).exists()
            return redirect("cohorts_cms_application", pk=row.pk) if still_readable else redirect("applications:index")
    comparison = compare(row.project, cohort=row.cohort, reader=request.user, application=row)
    snapshot = row.snapshots.order_by("-number").first()
    return render(
        request,
        "cohorts/cms/application.html",
        {
            "application": row,
            "snapshot": snapshot,
            "sections": in_words(answers_in(snapshot.content)) if snapshot else [],
            "members": list(row.project.memberships.select_related("person")),
            "assignments": list(_assignments(request, row)),
            "comparison": comparison,
            "series": series_of(comparison),
            "determinations": decisions_on(request.user, application=row),
            "participation": row.participations.order_by("-invited_at").first(),
            "history": history(row),
            "verbs": offered(APPLICATION_VERBS, row, request.user, refused),
            **_head(row),
        },
    )


def _head(row: Application) -> dict:
    return {
        "header_title": str(row.project),
        "header_icon": "form",
        "breadcrumbs_items": crumbs(
            (str(row.cohort), reverse("cohorts_cms_cohort", args=[row.cohort_id])),
            (_("Applications"), reverse("applications:index")),
            (str(row.project), ""),
        ),
    }


def _assignments(request: HttpRequest, application: Application):
    """Who reads it; `is_of_earlier` where the project has sent a newer version than the one that was assessed."""
    earlier = Assessment.objects.of_an_earlier_version().filter(assignment=OuterRef("pk"))
    rows = ReviewAssignment.objects.for_user(request.user).filter(application=application)
    return rows.select_related("reviewer").annotate(is_of_earlier=Exists(earlier))


@require_http_methods(["GET", "POST"])
def participation(request: HttpRequest, pk, verb: str = "") -> HttpResponse:
    if not (is_coordinator(request.user) or is_trainer(request.user)):
        raise Http404
    rows = Participation.objects.for_user(request.user).select_related("project", "cohort", "application")
    row = get_object_or_404(rows, pk=pk)
    refused = None
    if request.method == "POST":
        if not is_coordinator(request.user):
            raise Http404
        refused = perform(request, PARTICIPATION_VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_participation", args=[row.pk]), **_head_of_pathway(row))
        if refused is None:
            return redirect("cohorts_cms_participation", pk=row.pk)
    is_barred = is_coordinator(request.user) and has_interest(request.user, row.project)
    may_act = is_coordinator(request.user) and (refused is not None or not is_barred)
    state = pathway_state(row.project, cohort=row.cohort)
    forms = [item for stage in state.stages for item in stage.items if item.requirement.kind == Requirement.Kind.FORM]
    prefetch_related_objects([item.record for stage in state.stages for item in stage.items if item.record], "recorded_by")
    return render(
        request,
        "cohorts/cms/participation.html",
        {
            "participation": row,
            "may_see_file": can_view_graduation_file(request.user, row),
            "may_read_dossier": can_read_dossier(request.user, row.project),
            "may_read_forms": bool(forms) and can_read_forms(request.user, row),
            "may_write_notes": can_write_meeting_note(request.user, row),
            "state": state,
            "stations": stations(state.stages),
            "members": list(row.project.memberships.select_related("person")),
            "mentors": list(row.project.mentor_assignments.filter(until__isnull=True).select_related("mentor")),
            "registrations": list(
                Registration.objects.for_user(request.user)
                .filter(project=row.project, session__cohorts=row.cohort)
                .select_related("session", "person")
            ),
            "determinations": decisions_on(request.user, participation=row),
            "history": history(row),
            "verbs": offered(PARTICIPATION_VERBS, row, request.user, refused) if may_act else [],
            "is_barred": is_barred,
            **_head_of_pathway(row),
        },
    )


def _head_of_pathway(row: Participation) -> dict:
    return {
        "header_title": str(row.project),
        "header_icon": "user",
        "breadcrumbs_items": crumbs((str(row.cohort), reverse("cohorts_cms_cohort", args=[row.cohort_id])), (str(row.project), "")),
    }

"""One project's results in the CMS: what every reviewer said, criterion by criterion, and what the project says itself."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from academy.cms_verbs import LettersFirst, offered, perform
from academy.permissions import is_coordinator
from academy.ui import Series
from cohorts.cms_acts import READING_VERBS
from cohorts.cms_results import between, cohort_crumbs, number, signed
from cohorts.deliberation import decisions_on, notes_on
from cohorts.models import Application, ConflictDeclaration, DeliberationNote, Level, Score
from cohorts.results import round_now
from cohorts.said import CriterionReading, PartReading, Reading, reading_of


def judged_or_404(request: HttpRequest, pk) -> Application:
    """An application that this coordinator may judge."""
    if not is_coordinator(request.user):
        raise Http404
    rows = Application.objects.for_staff(request.user).select_related("project", "cohort", "cohort__rubric")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "POST"])
def reading(request: HttpRequest, pk, verb: str = "") -> HttpResponse:
    """What was said, the discussion, and the decision that is prepared beside them."""
    row = judged_or_404(request, pk)
    refused = None
    if request.method == "POST":
        refused = perform(request, READING_VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_reading", args=[row.pk]))
        if refused is None:
            return redirect("cohorts_cms_reading", pk=row.pk)
    rounds = list(row.cohort.rounds.order_by("number"))
    round = next((one for one in rounds if str(one.number) == request.GET.get("round")), None) or round_now(rounds)
    found = reading_of(row, reader=request.user, round=round)
    context = {
        "application": row,
        "reading": found,
        "rounds": rounds,
        "round": round,
        "pillars": outlines_of(found, kind="pillar"),
        "ingredients": outlines_of(found, kind="ingredient"),
        "parts": [(part, [_shown(line) for line in part.criteria]) for part in found.parts],
        "owes": row.assignments.filter(reviewer=request.user, state__in=["proposed", "accepted", "in_progress"]).exists(),
        "notes": notes_on(row, reader=request.user),
        "discusses": DeliberationNote.objects.open_to(request.user).filter(pk=row.pk).exists(),
        "determinations": decisions_on(request.user, application=row),
        "verbs": offered(READING_VERBS, row, request.user, refused),
        "recused": ConflictDeclaration.objects.standing().filter(application=row).count(),
        "header_title": str(row.project),
        "header_icon": "table",
        "breadcrumbs_items": cohort_crumbs(
            row.cohort, (_("Results of the reading"), reverse("cohorts_cms_results", args=[row.cohort_id])), (str(row.project), "")
        ),
    }
    return render(request, "cohorts/cms/reading.html", context)


def _shown(line: CriterionReading) -> dict:
    """One criterion in words: numbers as the reader's language writes them."""
    confidence = line.confidence
    return {
        "line": line,
        "mean": number(line.gap.mean),
        "own": str(line.own.level.value) if line.own and line.own.level else "–",
        "gap": signed(line.gap.gap),
        "is_higher": (line.gap.gap or 0) > 0,
        "range": between(*(None if value is None else int(value) for value in (line.low, line.high))),
        "sure": "" if confidence is None else Score.Confidence(round(confidence)).label,
        "evidence": [one for one in line.said if one.score and one.score.evidence],
    }


def outlines_of(found: Reading, *, kind: str) -> list[Series]:
    """Two voices over the pillars or the ingredients: the reviewers drawn full, the project dashed."""
    parts = [part for part in found.parts if part.part.kind == kind]
    voices = []
    if found.reviews:
        voices.append(Series(_("Reviewers"), False, {str(part.part.label): _share(part, "mean") for part in parts}))
    if found.own:
        voices.append(Series(_("The project"), True, {str(part.part.label): _share(part, "own") for part in parts}))
    return voices


def _share(part: PartReading, voice: str) -> float | None:
    """The part's mean over its criteria, between 0 and 1."""
    values = [value for line in part.criteria if (value := getattr(line.gap, voice)) is not None]
    return sum(values) / len(values) / Level.HIGHEST if values else None

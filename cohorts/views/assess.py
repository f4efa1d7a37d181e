"""The rubric, filled: the project's own eyes and the reviewers' use the same screens."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.http import refuse_politely, wants_json
from academy.permissions import works_in_cms
from academy.rules import RuleViolation
from cohorts.actions import save_review, save_scores, start_self_assessment, submit_assessment
from cohorts.comparison import compare
from cohorts.earlier import earlier_of
from cohorts.faces import Face, face_of, voices_of
from cohorts.models import Assessment, Cohort, Moment, Participation, Project
from cohorts.my_pathway import gap_words, radar_series
from cohorts.permissions import can_edit_assessment, can_read_dossier, can_speak_for_project
from cohorts.review_form import SharedPartForm
from cohorts.rounds import why_not_again
from cohorts.rubric_sheet import Sheet, SheetPart, filled_sheet


@login_required
@refuse_politely
def self_assessment(request: HttpRequest, project: UUID, cohort: UUID, moment: str) -> HttpResponse:
    """Goes on with the project's own assessment, or says what it is before one begins."""
    venture = get_object_or_404(Project.objects.of_member(request.user), pk=project)
    call = get_object_or_404(Cohort.objects.announced().select_related("rubric"), pk=cohort)
    if moment not in Moment.values:
        raise Http404
    rows = Assessment.objects.filter(project=venture, cohort=call, moment=moment, kind=Assessment.Kind.SELF)
    existing = rows.of_the_last_application().first()
    if existing:
        return redirect("cohorts_assessment", pk=existing.pk)
    may_begin = can_speak_for_project(request.user, venture)
    if request.method == "POST" and may_begin:
        begun = start_self_assessment(venture, by=request.user, cohort=call, moment=moment)
        return redirect("cohorts_assessment", pk=begun.pk)
    not_now = why_not_again(venture, call) if moment != Moment.ENTRY else ""
    context = {"project": venture, "cohort": call, "moment": Moment(moment).label, "may_begin": may_begin, "not_now": not_now}
    return render(request, "cohorts/assessment_begin.html", context)


def _load(request: HttpRequest, pk: UUID) -> Assessment:
    rows = Assessment.objects.for_user(request.user).select_related(
        "project", "cohort", "rubric", "application", "assignment__round", "assessor"
    )
    row = get_object_or_404(rows, pk=pk)
    if row.assignment_id and row.assessor_id != request.user.pk and row.project.memberships.filter(person=request.user).exists():
        raise Http404  # the project is told the means and the comments meant for it, never one reviewer's sheet
    return row


def _face(request: HttpRequest, row: Assessment) -> Face:
    """Whose project it is, as this person may know. Past its application a project has no secret face."""
    if row.application is None:
        return Face(row.project.name, False, "")
    row.application.project = row.project
    return face_of(row.application, request.user)


def _is_open(request: HttpRequest, row: Assessment) -> bool:
    return row.state == Assessment.State.DRAFT and can_edit_assessment(request.user, row)


def _has_own_screen(request: HttpRequest, row: Assessment) -> bool:
    """A review that was asked for is written, and read by its author, on its one screen."""
    return row.assignment_id is not None and row.assessor_id == request.user.pk


@login_required
@refuse_politely
def assessment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """While it is a draft: the parts, what is missing, the button to send. Afterwards: the answers, and the gap once it may be read."""
    row = _load(request, pk)
    if _has_own_screen(request, row):
        return redirect("cohorts_review", pk=row.assignment_id)
    is_open = _is_open(request, row)
    if request.method == "POST":
        return _submit(request, row)
    sheet = filled_sheet(row, with_comments=row.assignment_id is not None)
    if is_open:
        is_self = row.kind == Assessment.Kind.SELF
        grown = None if is_self else _place_of(request, row)
        context = {"assessment": row, "face": _face(request, row), "sheet": sheet, "is_self": is_self, "grown": grown}
        return render(request, "cohorts/assessment.html", context)
    return render(request, "cohorts/assessment_result.html", _result(request, row, sheet))


def _place_of(request: HttpRequest, row: Assessment) -> Participation | None:
    """For who assesses a project that takes part: where its dossier is read, with what changed since the last review."""
    if not works_in_cms(request.user) or not can_read_dossier(request.user, row.project):
        return None
    return row.project.participations.filter(cohort=row.cohort_id).order_by("-invited_at").first()


def _submit(request: HttpRequest, row: Assessment) -> HttpResponse:
    if not can_edit_assessment(request.user, row):
        raise Http404
    if "summary" in request.POST:
        save_scores(row, by=request.user, scores={}, summary=request.POST["summary"][:4000])
    submit_assessment(row, by=request.user)
    messages.success(request, _("Your assessment is submitted. Thank you."))
    return redirect("cohorts_assessment", pk=row.pk)


def _result(request: HttpRequest, row: Assessment, sheet: Sheet) -> dict:
    of_round = row.assignment.round if row.assignment else None
    comparison = compare(
        row.project, cohort=row.cohort, reader=request.user, moment=row.moment, application=row.application, of_round=of_round
    )
    has_gap = bool(comparison.own and comparison.reviews)
    is_mine = row.project.memberships.filter(person=request.user).exists()
    own_name = _("You") if is_mine else _("The project")
    face = _face(request, row)
    if row.assessor_id != request.user.pk:
        face.hide_in([row], "summary")
        face.hide_in([one.score for part in sheet.parts for one in part.criteria if one.score], "evidence")
        face.hide_in([part.comment for part in sheet.parts if part.comment], "private", "for_project")
    return {
        "face": face,
        "assessment": row,
        "voice": voices_of([row], face, request.user)[row.pk],
        "sheet": sheet,
        "is_self": row.kind == Assessment.Kind.SELF and is_mine,
        "is_mine": is_mine,
        "comparison": comparison,
        "has_gap": has_gap,
        "earlier": earlier_of(row, sheet, reader=request.user),
        "pillars": radar_series(comparison, kind="pillar", own_name=own_name),
        "ingredients": radar_series(comparison, kind="ingredient", own_name=own_name),
        "gap_words": gap_words(comparison) if has_gap and is_mine else [],
    }


@login_required
@refuse_politely
def assessment_part(request: HttpRequest, pk: UUID, part: str) -> HttpResponse:
    """One pillar or ingredient: its criteria, each with its described levels."""
    row = _load(request, pk)
    if _has_own_screen(request, row):
        return redirect("cohorts_review", pk=row.assignment_id)
    if not _is_open(request, row):
        if request.method == "POST":
            raise RuleViolation(_("This assessment can no longer be changed."), code="closed")
        return redirect("cohorts_assessment", pk=row.pk)
    sheet = filled_sheet(row)
    found = sheet.part(part)
    if found is None:
        raise Http404
    form = SharedPartForm(request.POST or None, part=found)
    if request.method == "POST":
        return _save(request, row, sheet, found, form)
    return _show(request, row, sheet, found, form)


def _save(request: HttpRequest, row: Assessment, sheet: Sheet, part: SheetPart, form: SharedPartForm) -> HttpResponse:
    valid = form.is_valid()
    kept = save_review(row, by=request.user, written=form.written)
    if wants_json(request):
        if kept.elsewhere:
            words = _("Somebody else, or another window of yours, has answered here meanwhile: save with the button to see both.")
            return JsonResponse({"error": words, "code": "elsewhere"}, status=409)
        words = _("Saved at %(time)s") % {"time": date_format(timezone.localtime(row.saved_at), "TIME_FORMAT")}
        errors = {name: [str(error) for error in found] for name, found in form.errors.items()}
        return JsonResponse({"saved": words, "answered": len(form.scores), "errors": errors, "marks": form.marks})
    if kept.elsewhere or not valid:
        now = filled_sheet(row)
        form.show_both(now.part(part.part.key), kept.elsewhere)
        return _show(request, row, now, part, form)
    following = sheet.after(part.part.key)
    if request.POST.get("intent") == "stop" or following is None:
        messages.success(request, _("Your answers are saved."))
        return redirect("cohorts_assessment", pk=row.pk)
    return redirect("cohorts_assessment_part", pk=row.pk, part=following.part.key)


def _show(request: HttpRequest, row: Assessment, sheet: Sheet, part: SheetPart, form: SharedPartForm) -> HttpResponse:
    earlier = earlier_of(row, sheet, reader=request.user)
    number = [one.part.key for one in sheet.parts].index(part.part.key) + 1
    context = {
        "assessment": row,
        "face": _face(request, row),
        "sheet": sheet,
        "part": part,
        "earlier": earlier,
        "then_rows": earlier.parts[part.part.key] if earlier else [],
        "form": form,
        "number": number,
        "following": sheet.after(part.part.key),
    }
    return render(request, "cohorts/assessment_part.html", context)

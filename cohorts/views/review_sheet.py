"""One review on one screen: the dossier, and the whole sheet that keeps itself; then a last look, and sending it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from academy.http import refuse_politely, wants_json
from academy.rules import RuleViolation
from cohorts.actions import confirm_version, save_review, submit_assessment
from cohorts.faces import face_of
from cohorts.models import Assessment, AssignmentState, ReviewAssignment
from cohorts.review_form import ReviewForm
from cohorts.review_places import kept_now, mark_of
from cohorts.review_reading import Reading, reading_of
from cohorts.rounds import why_not_taken
from cohorts.rubric_sheet import filled_sheet


def mine(row: ReviewAssignment) -> Assessment:
    """The assessment of a review that was begun."""
    found = Assessment.objects.select_related("version_read", "application", "assignment").filter(assignment=row).first()
    if found is None:
        raise RuleViolation(_("Begin the assessment first."), code="wrong_state")
    return found


def show_sheet(request: HttpRequest, row: ReviewAssignment) -> HttpResponse:
    """The screen of a review that is begun. A POST keeps what came; `intent` “send” goes on to the last look."""
    own = mine(row)
    if request.method == "POST":
        return _save(request, row, own)
    return _show(request, row, own, _form(row, own))


def _form(row: ReviewAssignment, own: Assessment, data=None) -> ReviewForm:
    return ReviewForm(data, sheet=filled_sheet(own), kept=kept_now(own), others=row.round.others)


def _show(request: HttpRequest, row: ReviewAssignment, own: Assessment, form: ReviewForm) -> HttpResponse:
    face = face_of(row.application, request.user)
    reading = reading_of(row.application, face, own)
    context = {
        "assignment": row,
        "face": face,
        "assessment": own,
        "form": form,
        "sheet": form.sheet,
        "parts": _with_hints(form, reading),
        "reading": reading,
        "saved_words": _saved_words(own),
        "is_taken": True,
    }
    return render(request, "cohorts/review_sheet.html", context)


def _with_hints(form: ReviewForm, reading: Reading) -> list:
    return [(part, [(one, reading.spoken_of(one.question.row.criterion.key)) for one in part.questions]) for part in form.parts]


def _saved_words(own: Assessment) -> str:
    return _("Saved at %(time)s") % {"time": date_format(timezone.localtime(own.saved_at), "TIME_FORMAT")}


def _save(request: HttpRequest, row: ReviewAssignment, own: Assessment) -> HttpResponse:
    form = _form(row, own, request.POST)
    valid = form.is_valid()
    kept = save_review(own, by=request.user, written=form.written)
    form.elsewhere = dict(kept.elsewhere)
    if wants_json(request):
        return _tell(form, own)
    if kept.elsewhere or not valid:
        form.show_both(kept_now(own), kept.elsewhere)
        return _show(request, row, own, form)
    if request.POST.get("intent") == "send":
        return redirect("cohorts_review_send", pk=row.pk)
    messages.success(request, _("Your answers are saved. You can close this page and come back."))
    return redirect("cohorts_review", pk=row.pk)


def _tell(form: ReviewForm, own: Assessment) -> JsonResponse:
    """What a script shows. 409 when something was written elsewhere, so that a device does not take it as done."""
    answer = {"saved": _saved_words(own), "errors": {name: [str(error) for error in errors] for name, errors in form.errors.items()}}
    if not form.elsewhere:
        return JsonResponse(answer)
    there = {
        place: {"values": value, "mark": mark_of(value), "words": form.in_words(place, value)} for place, value in form.elsewhere.items()
    }
    words = _("Something was written in another window meanwhile. Choose what you keep; the rest is saved.")
    return JsonResponse({**answer, "error": words, "code": "elsewhere", "elsewhere": there}, status=409)


def own_review(request: HttpRequest, pk: UUID) -> ReviewAssignment:
    """One's own, and nobody else's, save where a conflict stands."""
    rows = ReviewAssignment.objects.for_user(request.user).filter(reviewer=request.user)
    return get_object_or_404(rows.select_related("application__project", "application__cohort", "round"), pk=pk)


@login_required
@refuse_politely
def review_send(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The last look at one's answers before they are sent, or what is missing."""
    row = own_review(request, pk)
    if row.state != AssignmentState.IN_PROGRESS:
        return redirect("cohorts_review", pk=row.pk)
    own = mine(row)
    if request.method == "POST":
        submit_assessment(own, by=request.user)
        messages.success(request, _("Your review is sent. Thank you."))
        return redirect("cohorts_review", pk=row.pk)
    face = face_of(row.application, request.user)
    context = {
        "assignment": row,
        "face": face,
        "assessment": own,
        "sheet": filled_sheet(own, with_comments=True),
        "reading": reading_of(row.application, face, own),
        "shut": why_not_taken(row),
    }
    return render(request, "cohorts/review_send.html", context)


@login_required
@require_POST
@refuse_politely
def review_confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What changed since one judged is read; the answers stand, or are changed next."""
    row = own_review(request, pk)
    number = request.POST.get("version", "")
    confirm_version(mine(row), by=request.user, number=int(number) if number.isdecimal() and len(number) < 6 else 0)
    messages.success(request, _("Noted: your review is of the new version."))
    return redirect("cohorts_review", pk=row.pk)

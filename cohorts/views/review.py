"""The reviewer's side: say whether anything stands in the way, read, assess, then see the others."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from academy.http import refuse_politely
from academy.models import User
from academy.permissions import is_coordinator, is_reviewer
from academy.rules import RuleViolation
from academy.second_factor import lacks_second_factor
from academy.sheets import printable
from cohorts.actions import accept_review, begin_review, declare_interest, decline_review, reopen_review, save_reviewer_profile
from cohorts.comparison import compare
from cohorts.coverage import profile_of
from cohorts.deliberation import discussed_by
from cohorts.faces import Face, face_of, faces_of, voices_of
from cohorts.forms import InterestForm, LateInterestForm, ReasonForm
from cohorts.models import Assessment, AssignmentState, ReviewAssignment
from cohorts.my_pathway import radar_series
from cohorts.permissions import can_answer_review
from cohorts.review_list import listed
from cohorts.review_reading import reading_of
from cohorts.round_acts import ProfileForm
from cohorts.rounds import why_not_taken
from cohorts.rubric_sheet import filled_sheet, sheet_of
from cohorts.views.review_sheet import mine, own_review, show_sheet

OVER = (AssignmentState.DECLINED, AssignmentState.RELEASED, AssignmentState.RECUSED)


@login_required
def reviews(request: HttpRequest) -> HttpResponse:
    """Own reviews: what waits for an answer, what is to be written, then what I gave."""
    if not (is_reviewer(request.user) or is_coordinator(request.user)):
        raise Http404
    context = {
        "profile_form": ProfileForm(instance=profile_of(request.user)),
        **listed(request.user),
        "asked_for_second_factor": lacks_second_factor(request.user),
    }
    discussed = discussed_by(request.user)
    faces = faces_of([row.application for row in discussed], request.user)
    context["discussed"] = [(row, faces[row.application_id].name) for row in discussed]
    return render(request, "cohorts/reviews.html", context)


@login_required
@refuse_politely
def review_profile(request: HttpRequest) -> HttpResponse:
    """What I can read, and how much; when it is not valid, what was typed comes back with the reason."""
    if not (is_reviewer(request.user) or is_coordinator(request.user)):
        raise Http404
    form = ProfileForm(request.POST or None, instance=profile_of(request.user))
    if request.method == "POST" and form.is_valid():
        save_reviewer_profile(request.user, by=request.user, **form.said)
        messages.success(request, _("Thank you. What you are asked for next takes it into account."))
        return redirect("cohorts_reviews")
    return render(request, "cohorts/reviewer_profile.html", {"profile_form": form})


@login_required
@refuse_politely
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = own_review(request, pk)
    if row.state == AssignmentState.PROPOSED:
        return _ask_interest(request, row)
    shut = why_not_taken(row)
    if row.state == AssignmentState.IN_PROGRESS and not shut:
        return show_sheet(request, row)
    if request.method == "POST":
        raise _refusal(row, shut)
    if row.state in OVER:
        return render(request, "cohorts/review_over.html", {"assignment": row, "face": face_of(row.application, request.user)})
    return _show_begin(request, row, shut) if row.state == AssignmentState.ACCEPTED else _show_own(request, row, shut)


def _refusal(row: ReviewAssignment, shut: str) -> RuleViolation:
    """What a window that still writes is told: a page in answer would be taken for “kept”."""
    if row.state == AssignmentState.SUBMITTED:
        return RuleViolation(_("This assessment is submitted, so its answers are kept as they are."), code="submitted")
    if row.state in OVER or not shut:
        return RuleViolation(shut or _("Begin the assessment first."), code="wrong_state")
    return RuleViolation(shut, code="round_closed")


def _show_begin(request: HttpRequest, row: ReviewAssignment, shut: str) -> HttpResponse:
    """The dossier, and the criteria to read, before one begins."""
    face = face_of(row.application, request.user)
    context = {
        "assignment": row,
        "face": face,
        "reading": reading_of(row.application, face),
        "sheet": sheet_of(row.application.cohort.rubric_id),
        "shut": shut,
    }
    return render(request, "cohorts/review.html", context)


def _show_own(request: HttpRequest, row: ReviewAssignment, shut: str) -> HttpResponse:
    """One's own review as it was sent (or left, where the reading closed), and the others' as far as the round shows them."""
    own = mine(row)
    face = face_of(row.application, request.user)
    context = {
        "assignment": row,
        "face": face,
        "assessment": own,
        "sheet": filled_sheet(own, with_comments=True),
        "reading": reading_of(row.application, face, own),
        "comparison": None,
        "shut": shut,
        "is_taken": not shut,
        "may_reopen": False,
    }
    if row.state == AssignmentState.SUBMITTED:
        read = row.application
        comparison = compare(read.project, cohort=read.cohort, reader=request.user, application=read, of_round=row.round)
        face.hide_in([one for one in comparison.reviews if one.assessor_id != request.user.pk], "summary")
        outdated = Assessment.objects.of_an_earlier_version().filter(pk__in=[one.pk for one in comparison.reviews])
        context |= {
            "comparison": comparison,
            "voices": _voices(comparison.reviews, face, request.user),
            "outdated": set(outdated.values_list("pk", flat=True)),
            "pillars": radar_series(comparison, kind="pillar", own_name=_("The project")),
            "ingredients": radar_series(comparison, kind="ingredient", own_name=_("The project")),
            "may_reopen": not shut,
        }
    return render(request, "cohorts/review_done.html", context)


def _voices(rows: list[Assessment], face: Face, reader: User) -> list[tuple[Assessment, str]]:
    names = voices_of(rows, face, reader)
    return [(row, names[row.pk]) for row in rows]


def _ask_interest(request: HttpRequest, row: ReviewAssignment) -> HttpResponse:
    """Nothing of the application is shown before this answer: only its name, place and people."""
    form = InterestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        conflict = form.cleaned_data["answer"] == InterestForm.CONFLICT
        declare_interest(row.application, by=request.user, conflict=conflict, reason=form.cleaned_data["reason"])
        if conflict:
            messages.success(request, _("Thank you for saying it. This application is closed to you."))
            return redirect("cohorts_reviews")
        accept_review(row, by=request.user)
        return redirect("cohorts_review", pk=row.pk)
    face = face_of(row.application, request.user, people=True)
    return render(
        request,
        "cohorts/review_interest.html",
        {"assignment": row, "form": form, "face": face, "decline_form": ReasonForm(auto_id="decline_%s")},
    )


def _own(request: HttpRequest, pk: UUID) -> ReviewAssignment:
    row = own_review(request, pk)
    if not can_answer_review(request.user, row):
        raise Http404
    return row


@login_required
@require_POST
@refuse_politely
def review_decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    decline_review(_own(request, pk), by=request.user, reason=printable(request.POST.get("reason", ""))[:1000])
    messages.success(request, _("Thank you. The coordinator will ask somebody else."))
    return redirect("cohorts_reviews")


@login_required
@refuse_politely
def review_conflict(request: HttpRequest, pk: UUID) -> HttpResponse:
    """An interest that is noticed while reading: the application closes, the review is kept and not counted."""
    row = _own(request, pk)
    form = LateInterestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        declare_interest(row.application, by=request.user, conflict=True, reason=form.cleaned_data["reason"])
        messages.success(request, _("Thank you for saying it. This application is closed to you."))
        return redirect("cohorts_reviews")
    return render(
        request, "cohorts/review_conflict.html", {"assignment": row, "face": face_of(row.application, request.user), "form": form}
    )


@login_required
@require_POST
@refuse_politely
def review_begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    begin_review(_own(request, pk), by=request.user)
    return redirect("cohorts_review", pk=pk)


@login_required
@require_POST
@refuse_politely
def review_reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    reopen_review(_own(request, pk), by=request.user)
    messages.info(request, _("Your review is a draft again. The others are hidden until you submit it."))
    return redirect("cohorts_review", pk=pk)

"""One application, by who wrote it: its form while it is the project's turn, then what was sent and what happens to it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from academy.http import as_uuid, refuse_politely, wants_json
from academy.rehearsal import LOOK, shows_mails
from academy.rules import RuleViolation
from cohorts.actions import attach_file, merge_draft, remove_file, submit_application, withdraw_application
from cohorts.actions.drafts import MOST_FILES
from cohorts.answers import Missing, answers_of, in_words, missing, submitted_answers
from cohorts.application_form import ApplicationForm
from cohorts.call_answers import FILES, name_of
from cohorts.faces import face_of
from cohorts.forms import LateForm, WithdrawForm
from cohorts.merging import Merge, mark_of, why_both
from cohorts.models import Application, ApplicationFile, CallQuestion, Determination, Sending
from cohorts.own_mails import readable_by
from cohorts.permissions import (
    can_edit_application,
    can_invite_to_project,
    can_read_file,
    can_submit_application,
    can_withdraw_application,
)
from cohorts.readiness import said_of
from cohorts.views.autosaved import autosaved
from cohorts.whats_next import whats_next, whom_to_ask
from courses.uploads import LARGEST, handed_out, taken


def _load(request: HttpRequest, pk: UUID) -> Application:
    rows = Application.objects.of_member(request.user).select_related("project__dossier", "cohort__coordinator")
    return get_object_or_404(rows, pk=pk)


@shows_mails(readable_by)
@login_required
@refuse_politely
def application(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form while it is the project's turn, else what was sent."""
    row = _load(request, pk)
    if not (row.is_editable and can_edit_application(request.user, row)):
        if request.method == "POST":
            raise RuleViolation(_("This application can no longer be changed here."), code="closed")
        return _read(request, row)
    form = ApplicationForm(request.POST if request.method == "POST" else None, application=row)
    if request.method == "POST":
        return _save(request, row, form)
    return _show_form(request, row, form)


def _is_sent(request: HttpRequest) -> bool:
    """Or would be, by whoever looks at its mails first."""
    return "submit" in (request.POST.get("intent"), request.POST.get(LOOK))


def _save(request: HttpRequest, row: Application, form: ApplicationForm) -> HttpResponse:
    """Whatever the button: what is typed is saved first, then the files, then the rest."""
    valid = form.is_valid()
    merged = merge_draft(row, by=request.user, answers=form.answers, since=form.since, choices=form.choices)
    refused = _files(request, row)
    if wants_json(request):
        return JsonResponse(_saved(request, row, form, merged, refused))
    for words in refused:
        form.add_error(None, words)
    if not valid or refused or merged.both:
        return _show_again(request, row, form, merged)
    if _is_sent(request):
        return _submit(request, row, form, merged)
    if merged.others:
        messages.info(request, _("Changed by somebody else meanwhile, and kept: %(names)s") % {"names": form.names(merged.others)})
    messages.success(request, _("Your draft is saved. You can close this page and come back."))
    return redirect("cohorts_application", pk=row.pk)


def _files(request: HttpRequest, row: Application) -> list[str]:
    """Takes the files out and in that this page says; the reasons why some are refused."""
    refused = []
    questions = {f"file_{name_of(one.pk)}": one for one in row.cohort.questions.all() if one.kind == CallQuestion.Kind.FILE}
    if found := next((key for key in request.POST if key.startswith("remove_file_")), None):
        file = row.files.filter(pk=as_uuid(found.removeprefix("remove_file_"))).first()
        if file is not None:
            remove_file(file, by=request.user)
    for name in (*questions, "file_other"):
        for upload in request.FILES.getlist(name):
            try:
                attach_file(row, by=request.user, brought=taken(upload), question=questions.get(name))
            except RuleViolation as refusal:
                refused.append(str(refusal))
    return refused


def _submit(request: HttpRequest, row: Application, form: ApplicationForm, merged: Merge) -> HttpResponse:
    if not can_submit_application(request.user, row):
        raise RuleViolation(_("Your answers are saved. Only the lead of the project sends the application."), code="lead")
    wanting = _missing(row)
    if wanting:
        form.mark_missing(wanting)
        return _show_again(request, row, form, merged)
    late = LateForm(request.POST)
    if not late.is_valid() and row.may_be_sent() == Sending.LATE:
        for words in late.errors["late_reason"]:
            form.add_error(None, words)
        return _show_again(request, row, form, merged)
    try:
        submit_application(row, by=request.user, late_reason=late.cleaned_data.get("late_reason", ""))
    except RuleViolation as refusal:
        form.add_error(None, str(refusal))
        return _show_again(request, row, form, merged)
    return redirect("cohorts_application_submitted", pk=row.pk)


def _missing(row: Application) -> list[Missing]:
    return missing(answers_of(row))


def _saved(request: HttpRequest, row: Application, form: ApplicationForm, merged: Merge, refused: list[str]) -> dict:
    """What a script needs to go on: marks, what to choose between, what somebody else changed, files, what is missing."""
    form.look_again()
    names = [name for name in form.fields if name not in merged.both]
    rows = {one.name: form.row(one, merged) for one in form.questions if one.name in merged.both}
    marks, words = {name: mark_of(form.stored[name]) for name in names}, _saved_words(row)
    files = {"other": _file_list(request, form, ""), **{one.name: _file_list(request, form, one) for one in form.questions if one.asked}}
    return autosaved(request, form, merged, saved=words, marks=marks, both=rows, files=files, missing=missing(form.stored), refused=refused)


def _file_list(request: HttpRequest, form: ApplicationForm, question) -> str:
    key = question.asked["question"] if question else ""
    return render_to_string("cohorts/_file_list.html", {"files": [one for one in form.stored[FILES] if one["question"] == key]}, request)


def _saved_words(row: Application) -> str:
    return _("Saved at %(time)s") % {"time": date_format(timezone.localtime(row.saved_at), "TIME_FORMAT")}


def _show_again(request: HttpRequest, row: Application, form: ApplicationForm, merged: Merge) -> HttpResponse:
    form.look_again()
    form.show_others(merged)
    for name in merged.both:
        form.add_error(name, why_both(merged, name))
    return _show_form(request, row, form, merged)


def _show_form(request: HttpRequest, row: Application, form: ApplicationForm, merged: Merge | None = None) -> HttpResponse:
    next_step = whats_next(row)
    context = {
        "application": row,
        "form": form,
        "sections": form.sections(merged),
        "files": [one for one in form.stored[FILES] if not one["question"]],
        "file_list": "cohorts/_file_list.html",
        "most_files": MOST_FILES,
        "largest": LARGEST // 1024**2,
        "missing": missing(form.stored),
        "saved_words": _saved_words(row),
        "next": next_step,
        "ask": whom_to_ask(row.cohort, row.project),
        "late_form": _late_form(request),
        "may_submit": can_submit_application(request.user, row) and not next_step.is_closed,
        "may_withdraw": can_withdraw_application(request.user, row),
        "said": said_of(row),
        **_people(request, row),
    }
    return render(request, "cohorts/application_form.html", context)


def _late_form(request: HttpRequest) -> LateForm:
    """Wanted by whoever sends it; who only saves finds what they typed there."""
    if _is_sent(request):
        return LateForm(request.POST)
    return LateForm(initial={"late_reason": request.POST.get("late_reason", "")})


def _people(request: HttpRequest, row: Application) -> dict:
    return {
        "members": row.project.memberships.select_related("person").order_by("joined_at"),
        "may_invite": can_invite_to_project(request.user, row.project),
    }


def _read(request: HttpRequest, row: Application) -> HttpResponse:
    decision = Determination.objects.in_force().filter(application=row).first()
    place = row.participations.order_by("-invited_at").first() if row.state == Application.State.ADMITTED else None
    context = {
        "application": row,
        "sections": in_words(answers_of(row) if row.is_editable or not row.submitted_at else submitted_answers(row)),
        "decision": decision,
        "next": whats_next(row, place=place, answer_by=decision.answer_by if decision else None),
        "ask": whom_to_ask(row.cohort, row.project),
        "may_withdraw": row.may_be_withdrawn and can_withdraw_application(request.user, row),
        **_people(request, row),
    }
    return render(request, "cohorts/application_read.html", context)


@login_required
def application_submitted(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What happens next, and by when."""
    row = _load(request, pk)
    if row.submitted_at is None:
        return redirect("cohorts_application", pk=row.pk)
    return render(request, "cohorts/application_submitted.html", {"application": row})


@shows_mails(readable_by)
@login_required
@refuse_politely
def application_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = _load(request, pk)
    if not can_withdraw_application(request.user, row):
        raise Http404
    if not row.may_be_withdrawn:
        messages.error(request, _("This application can no longer be withdrawn here. Write to the team."))
        return redirect("cohorts_application", pk=row.pk)  # not back: the page that one comes from may be this one
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        withdraw_application(row, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Your application is withdrawn. You may apply again to any open call."))
        return redirect("cohorts_my_pathway")
    return render(request, "cohorts/application_withdraw.html", {"application": row, "form": form})


@login_required
@require_GET
def application_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One attachment, to those who may read it, under a name that the round allows. PDF and pictures are shown, the rest is saved."""
    row = get_object_or_404(ApplicationFile.objects.select_related("application__project", "application__cohort"), pk=pk)
    if not can_read_file(request.user, row):
        raise Http404
    return handed_out(row.file, name=_name_for(request, row), kind=row.kind)


def _name_for(request: HttpRequest, row: ApplicationFile) -> str:
    face = face_of(row.application, request.user)
    return face.file_name(row.name, face.numbers.get(str(row.pk), 1))

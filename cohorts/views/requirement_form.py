"""A form of the pathway, filled in by a project: kept as it is typed, sent, and sent again."""

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
from django.views.decorators.http import require_GET, require_http_methods

from academy.http import as_uuid, refuse_politely, wants_json
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.actions.drafts import MOST_FILES
from cohorts.application_form import AnswersForm
from cohorts.call_answers import name_of
from cohorts.form_answers import Sheet, answers_sent, place_for, reply_of, sendings_of, sheet_of
from cohorts.merging import Merge, mark_of, why_both
from cohorts.models import Cohort, FormFile, FormQuestion, FormReply, Participation, Project, Requirement
from cohorts.organisers import who_answers_about
from cohorts.permissions import can_speak_for_project
from cohorts.views.autosaved import autosaved
from courses.uploads import LARGEST, handed_out, taken

FILE_LIST = "cohorts/_form_file_list.html"


@login_required
@require_http_methods(["GET", "POST"])
@refuse_politely
def requirement_form(request: HttpRequest, project: UUID, requirement: int) -> HttpResponse:
    """Lead and members write and send; who only looks reads what was sent."""
    row = get_object_or_404(Project.objects.of_member(request.user), pk=project)
    forms = Requirement.objects.filter(kind=Requirement.Kind.FORM).select_related("stage")
    walked = Cohort.objects.filter(participations__project=row)
    asked = get_object_or_404(forms.filter(stage__pathway__in=walked.values("pathway")), pk=requirement)
    place = place_for(row, asked)
    if place is None or not can_speak_for_project(request.user, row):
        if request.method == "POST":
            raise Http404
        return _read(request, row, asked)
    sheet = sheet_of(asked, reply_of(row, asked))
    form = AnswersForm(request.POST if request.method == "POST" else None, stored=sheet.answers, parts=sheet.parts)
    if request.method == "POST":
        return _save(request, row, asked, form)
    return _show(request, row, asked, form, place=place)


def _save(request: HttpRequest, row: Project, asked: Requirement, form: AnswersForm) -> HttpResponse:
    """Whatever the button: what is typed is kept first, then the files, then it is sent."""
    valid = form.is_valid()
    merged = actions.merge_form(row, by=request.user, requirement=asked, answers=form.answers, since=form.since, choices=form.choices)
    refused = _files(request, row, asked)
    reply = reply_of(row, asked)
    sheet = sheet_of(asked, reply)
    form.stored = sheet.answers
    if wants_json(request):
        return JsonResponse(_saved(request, reply, sheet, form, merged, refused))
    for words in refused:
        form.add_error(None, words)
    for name in merged.both:
        form.add_error(name, why_both(merged, name))
    sends = request.POST.get("intent") == "send"
    if sends and merged.others:  # nobody sends what they have not seen
        form.add_error(None, _("Changed by somebody else meanwhile: read it, then send. %(names)s") % {"names": form.names(merged.others)})
    if sends and not form.errors:
        form.mark_missing(sheet.missing)
        for one in sheet.missing:
            if one.field not in form.fields:  # a file
                form.add_error(None, str(one))
        if not form.errors:
            actions.send_form(row, by=request.user, requirement=asked)
            messages.success(request, _("Sent. The coordinators read it; you may change it and send it again."))
            return redirect("cohorts_my_pathway")
    if not valid or form.errors:
        form.show_others(merged)
        return _show(request, row, asked, form, merged)
    if merged.others:
        messages.info(request, _("Changed by somebody else meanwhile, and kept: %(names)s") % {"names": form.names(merged.others)})
    messages.success(request, _("Kept. It is not sent yet."))
    return redirect("cohorts_form", project=row.pk, requirement=asked.pk)


def _files(request: HttpRequest, row: Project, asked: Requirement) -> list[str]:
    """Takes the files out and in that this page says; the reasons why some are refused."""
    refused = []
    if found := next((key for key in request.POST if key.startswith("remove_file_")), None):
        file = FormFile.objects.filter(pk=as_uuid(found.removeprefix("remove_file_")), reply__project=row, reply__requirement=asked).first()
        if file is not None:
            actions.remove_from_form(file, by=request.user)
    for question in FormQuestion.objects.filter(requirement=asked, kind=FormQuestion.Kind.FILE) if request.FILES else ():
        for upload in request.FILES.getlist(f"file_{name_of(question.pk)}"):
            try:
                actions.attach_to_form(row, by=request.user, question=question, brought=taken(upload))
            except RuleViolation as refusal:
                refused.append(str(refusal))
    return refused


def _saved(request: HttpRequest, reply: FormReply | None, sheet: Sheet, form: AnswersForm, merged: Merge, refused: list[str]) -> dict:
    """What a script needs to go on (`static/js/application.js`)."""
    rows = {one.name: form.row(one, merged) for one in form.questions}
    marks = {name: mark_of(sheet.answers[name]) for name in form.fields if name not in merged.both}
    both = {name: rows[name] for name in merged.both}
    files = {name: render_to_string(FILE_LIST, {"files": one.files}, request) for name, one in rows.items() if one.bound is None}
    words = _saved_words(reply)
    return autosaved(request, form, merged, saved=words, marks=marks, both=both, files=files, missing=sheet.missing, refused=refused)


def _saved_words(reply: FormReply | None) -> str:
    if reply is None:
        return _("Nothing is written yet.")
    return _("Saved on %(moment)s") % {"moment": date_format(timezone.localtime(reply.saved_at), "DATETIME_FORMAT")}


def _show(
    request: HttpRequest,
    row: Project,
    asked: Requirement,
    form: AnswersForm,
    merged: Merge | None = None,
    place: Participation | None = None,
) -> HttpResponse:
    reply = reply_of(row, asked)
    sheet, sendings = sheet_of(asked, reply), sendings_of(reply)
    cohort = (place or place_for(row, asked)).cohort
    context = {
        "project": row,
        "requirement": asked,
        "cohort": cohort,
        "answers_now": who_answers_about(row, cohort.coordinator),
        "form": form,
        "sections": form.sections(merged),
        "missing": sheet.missing,
        "sendings": [(one, answers_sent(one.content)) for one in sendings],
        "is_earlier": bool(sendings) and not sendings_of(reply, cohort),
        "is_changed": bool(sendings) and sendings[0].content != sheet.content,
        "saved_words": _saved_words(reply),
        "file_list": FILE_LIST,
        "most_files": MOST_FILES,
        "largest": LARGEST // 1024**2,
    }
    return render(request, "cohorts/requirement_form.html", context)


def _read(request: HttpRequest, row: Project, asked: Requirement) -> HttpResponse:
    sendings = sendings_of(reply_of(row, asked))
    context = {"project": row, "requirement": asked, "sendings": [(one, answers_sent(one.content)) for one in sendings]}
    return render(request, "cohorts/requirement_form_read.html", context)


@login_required
@require_GET
def form_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One file of a form, to those who may read it. PDF and pictures are shown, the rest is saved."""
    row = get_object_or_404(FormFile.objects.for_user(request.user), pk=pk)
    return handed_out(row.file, name=row.name, kind=row.kind)

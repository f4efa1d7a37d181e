"""The space of a cohort on the site: what is announced, who is here, what each project shows of its dossier, and what is said about it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.permissions import is_coordinator
from academy.rehearsal import shows_mails
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.announcements import announced
from cohorts.cohort_space import (
    Thread,
    comments_on,
    own_participations,
    participations_open_to,
    reported_in,
    shared_texts,
    threads_of,
    voice_of,
    who_is_here,
)
from cohorts.models import Announcement, CohortComment, Participation, Project
from cohorts.models.announcement import cohorts_open_to
from cohorts.own_mails import readable_by
from cohorts.peers import works_in
from cohorts.permissions import can_announce, can_lead_project, can_manage_cohort, can_settle_comment
from wiki.headings import HEADINGS


class CommentForm(forms.Form):
    """`key` makes the same form sent twice one comment; `answers` is the comment that it answers."""

    use_required_attribute = False

    words = forms.CharField(
        label=gettext_lazy("Your comment"),
        error_messages={"required": gettext_lazy("Write something first.")},
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": CohortComment.MOST_CHARACTERS}),
        help_text=gettext_lazy("300 words at most; plain words, addresses become links."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    heading = forms.CharField(required=False, widget=forms.HiddenInput)
    answers = forms.UUIDField(required=False, widget=forms.HiddenInput)


def _blank(heading: str = "", answers: CohortComment | None = None) -> CommentForm:
    initial = {"key": uuid.uuid4(), "heading": heading, "answers": answers.pk if answers else ""}
    mark = answers.pk.hex[:12] if answers else heading or "new"
    form = CommentForm(initial=initial, auto_id=f"id_{mark}_%s")
    if answers:
        form.fields["words"].label = _("Your answer")
    return form


@dataclass(frozen=True)
class Talk:
    """The comments under one thing, with a form for one more, and one for each answer. No forms: this person only reads."""

    threads: list[tuple[Thread, CommentForm | None]]
    form: CommentForm | None
    mark: str


def _talk(threads: list[Thread], *, heading: str, may_write: bool, refused: CommentForm | None) -> Talk:
    def form_for(answers: CohortComment | None) -> CommentForm | None:
        if not may_write or (answers and answers.deleted_at):
            return None
        form = _blank(heading, answers)
        asked = (heading, str(answers.pk) if answers else "")
        if refused and (refused.data.get("heading", ""), refused.data.get("answers", "")) == asked:
            refused.auto_id = form.auto_id
            return refused
        return form

    return Talk([(one, form_for(one.comment)) for one in threads], form_for(None), heading or "new")


@login_required
@require_safe
def my_cohorts(request: HttpRequest) -> HttpResponse:
    """Straight to the only one, else the list."""
    cohorts = list(cohorts_open_to(request.user).order_by("-starts_at"))
    if len(cohorts) == 1:
        return redirect("cohorts_space", pk=cohorts[0].pk)
    return render(request, "cohorts/my_cohorts.html", {"cohorts": cohorts})


@login_required
@require_safe
def space(request: HttpRequest, pk: UUID) -> HttpResponse:
    cohort = get_object_or_404(cohorts_open_to(request.user).select_related("coordinator"), pk=pk)
    rows = Announcement.objects.standing().filter(cohort=cohort).pinned_first()
    here = who_is_here(cohort, request.user)
    own = set(own_participations(request.user).filter(cohort=cohort).values_list("pk", flat=True))
    ours = [one for one in here if one.participation.pk in own]
    context = {
        "cohort": cohort,
        "announced": announced(list(rows)),
        "here": here,
        "own": ours,
        "works": works_in(cohort, request.user, [one.participation for one in ours]),
        "may_ask": can_manage_cohort(request.user, cohort),
        "reported": reported_in(cohort, request.user),
        "may_announce": can_announce(request.user, cohort),
    }
    return render(request, "cohorts/space.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def announcement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One announcement, whole, and what is said about it."""
    rows = Announcement.objects.for_user(request.user).select_related("cohort__coordinator", "posted_by")
    row = get_object_or_404(rows, pk=pk)
    refused = _post(request, row) if request.method == "POST" else None
    if isinstance(refused, HttpResponse):
        return refused
    (one,) = announced([row])
    may_write = voice_of(request.user, row.cohort) is not None
    talk = _talk(threads_of(comments_on(row, request.user)), heading="", may_write=may_write, refused=refused)
    context = {"one": one, "announcement": row, "cohort": row.cohort, "talk": talk, **_may(request, row.comments.all())}
    return render(request, "cohorts/announcement.html", context, status=409 if refused else 200)


@login_required
@require_http_methods(["GET", "POST"])
def shared_dossier(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What one project shows of its dossier to its cohort, and what is said about it."""
    rows = participations_open_to(request.user).select_related("project__dossier", "cohort__coordinator")
    row = get_object_or_404(rows, pk=pk)
    refused = _post(request, row) if request.method == "POST" else None
    if isinstance(refused, HttpResponse):
        return refused
    may_write = voice_of(request.user, row.cohort) is not None
    texts = [
        (one, _talk(one.threads, heading=one.heading.key, may_write=may_write, refused=refused)) for one in shared_texts(row, request.user)
    ]
    own = own_participations(request.user).filter(pk=row.pk).exists()
    context = {"participation": row, "cohort": row.cohort, "texts": texts, "is_own": own, **_may(request, row.comments.all())}
    return render(request, "cohorts/shared_dossier.html", context, status=409 if refused else 200)


def _may(request: HttpRequest, rows: QuerySet[CohortComment]) -> dict:
    """Which of the comments this person decides about, and does not report."""
    own = rows.settled_by(request.user).values_list("pk", flat=True) if is_coordinator(request.user) else ()
    return {"settled_here": set(own)}


def _post(request: HttpRequest, subject: Announcement | Participation) -> CommentForm | HttpResponse:
    """Posts it and leads to it; else the form with what was typed and why it was not taken."""
    form = CommentForm(request.POST)
    if not form.is_valid():
        if form.errors.keys() != {"words"}:
            raise Http404  # hidden fields are not wrong by themselves
        return form
    data = form.cleaned_data
    answers = get_object_or_404(comments_on(subject, request.user), pk=data["answers"]) if data["answers"] else None
    try:
        row = actions.post_comment(subject, by=request.user, words=data["words"], key=data["key"], heading=data["heading"], answers=answers)
    except RuleViolation as refusal:
        form.add_error("words", str(refusal))
        return form
    return redirect(_place_of(row))


def _place_of(row: CohortComment) -> str:
    """The page on which a comment stands, at the comment."""
    if row.announcement_id:
        page = reverse("cohorts_announcement", args=[row.announcement_id])
    else:
        page = reverse("cohorts_shared_dossier", args=[row.participation_id])
    return f"{page}#c-{row.pk}"


class SharedForm(forms.Form):
    headings = forms.MultipleChoiceField(
        label=gettext_lazy("What your cohort reads"),
        required=False,
        choices=[(heading.key, heading.label) for heading in HEADINGS],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("As it stands, and as it changes. What you do not choose is read by the team only."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def sharing(request: HttpRequest, project: UUID) -> HttpResponse:
    """What a project shows to its cohort: its lead chooses, its other people see what is chosen."""
    row = get_object_or_404(Project.objects.of_member(request.user), pk=project)
    place = row.participations.holding_a_place().select_related("cohort").order_by("-invited_at").first()
    shown = list(place.shared_headings.values_list("heading", flat=True)) if place else []
    may_change = place is not None and can_lead_project(request.user, row)
    form = SharedForm(request.POST or None, initial={"headings": shown}) if may_change else None
    if request.method == "POST":
        if form is None:
            raise Http404
        form = SharedForm(request.POST)
        if form.is_valid():
            try:
                kept = actions.share_headings(place, by=request.user, headings=form.cleaned_data["headings"])
            except RuleViolation as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request, _("Saved. Your cohort reads what you chose.") if kept else _("Saved. Your cohort reads nothing of it.")
                )
                return redirect("cohorts_sharing", project=row.pk)
    labels = [heading.label for heading in HEADINGS if heading.key in shown]
    context = {"project": row, "place": place, "form": form, "shown": labels}
    return render(request, "cohorts/sharing.html", context)


# --- one comment


class WordsForm(forms.Form):
    use_required_attribute = False

    words = forms.CharField(
        label=gettext_lazy("Your comment"),
        error_messages={"required": gettext_lazy("Write something first.")},
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ReasonForm(forms.Form):
    use_required_attribute = False

    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        error_messages={"required": gettext_lazy("Say why.")},
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _comment(request: HttpRequest, pk: UUID) -> CohortComment:
    """One that this person reads; a deleted one has nothing to do with."""
    rows = CohortComment.objects.for_user(request.user).filter(deleted_at__isnull=True)
    return get_object_or_404(rows.select_related("author", "project", "cohort__coordinator", "announcement", "participation"), pk=pk)


@login_required
@require_safe
def comment(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _show_comment(request, _comment(request, pk))


def _show_comment(request: HttpRequest, row: CohortComment, refused: tuple[str, forms.Form] | None = None) -> HttpResponse:
    is_own = row.author_id == request.user.pk
    settles = can_settle_comment(request.user, row)
    name, form = refused or ("", None)
    open_reports = [one for one in row.reports.all() if not one.settled_at] if settles else []
    context = {
        "comment": row,
        "place": _place_of(row),
        "is_own": is_own,
        "edit": (form if name == "edit" else WordsForm(initial={"words": row.words}, auto_id="id_edit_%s"))
        if is_own and row.is_open_to_edits
        else None,
        "report": (form if name == "report" else ReasonForm(auto_id="id_report_%s"))
        if not is_own and not settles and not row.reports.filter(reported_by=request.user).exists()
        else None,
        "hide": (form if name == "hide" else ReasonForm(auto_id="id_hide_%s")) if settles and not row.hidden_at else None,
        "reports": open_reports,
        "may_keep": settles and (row.hidden_at or open_reports),
        "refused": form,
    }
    return render(request, "cohorts/comment.html", context, status=409 if refused else 200)


SAID = {
    "edit": gettext_lazy("Your comment is changed."),
    "delete": gettext_lazy("Your comment is deleted."),
    "report": gettext_lazy("The coordinator reads it and decides. Thank you."),
    "hide": gettext_lazy("It is hidden. Its author is told why."),
    "keep": gettext_lazy("It stays."),
}


@shows_mails(readable_by)
@login_required
@require_POST
def comment_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    row = _comment(request, pk)
    if verb not in SAID or (verb in ("hide", "keep") and not can_settle_comment(request.user, row)):
        raise Http404
    if verb in ("edit", "delete") and row.author_id != request.user.pk:
        raise Http404
    place = _place_of(row)
    kinds = {"edit": WordsForm, "report": ReasonForm, "hide": ReasonForm}
    form = kinds.get(verb, forms.Form)(request.POST, auto_id=f"id_{verb}_%s")
    if not form.is_valid():
        return _show_comment(request, row, (verb, form))
    try:
        _do(row, verb, request, form.cleaned_data)
    except RuleViolation as refusal:
        form.add_error(None if verb in ("delete", "keep") else next(iter(form.fields)), str(refusal))
        return _show_comment(request, row, (verb, form))
    messages.success(request, SAID[verb])
    return redirect(place)


def _do(row: CohortComment, verb: str, request: HttpRequest, data: dict) -> None:
    if verb == "edit":
        actions.edit_comment(row, by=request.user, words=data["words"])
    elif verb == "delete":
        actions.delete_comment(row, by=request.user)
    elif verb == "report":
        actions.report_comment(row, by=request.user, reason=data["reason"])
    elif verb == "hide":
        actions.hide_comment(row, by=request.user, reason=data["reason"])
    else:
        actions.keep_comment(row, by=request.user)

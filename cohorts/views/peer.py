"""A work that a project shows to its cohort: read, judged by the others, answered by its own people, settled by coordinators."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.http import refuse_politely, wants_json
from academy.rehearsal import shows_mails
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.cohort_space import TAKES_PART, own_participations, participations_open_to
from cohorts.merging import Merge, why_both
from cohorts.models import Cohort, Participation, PeerFeedback, PeerOpening, Project, Requirement
from cohorts.models.announcement import cohorts_open_to
from cohorts.own_mails import readable_by
from cohorts.peer_form import PeerForm
from cohorts.peer_requests import next_work
from cohorts.peers import giver_for, last_version, rubric_for, said_of
from cohorts.permissions import can_manage_cohort, can_speak_for_project
from cohorts.views.autosaved import autosaved
from cohorts.views.cohort_space import ReasonForm
from courses.uploads import handed_out


class WordsForm(forms.Form):
    use_required_attribute = False

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    words = forms.CharField(
        label=gettext_lazy("Your answer"),
        required=False,
        max_length=PeerFeedback.MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Without words, it is thanks."),
    )


ASKS: dict[str, type[forms.Form]] = {"answer": WordsForm, "report": ReasonForm, "withdraw": ReasonForm}


def _opening(request: HttpRequest, pk: UUID, *, typed: bool = False) -> PeerOpening:
    """`typed`: of one that was closed meanwhile too, for what somebody was writing of it; they read the work no more."""
    rows = PeerOpening.objects.for_user(request.user)
    if typed:
        rows = PeerOpening.objects.filter(participation__in=participations_open_to(request.user).values("pk"))
    related = ("participation__project", "participation__cohort__coordinator", "requirement", "version__submission")
    return get_object_or_404(rows.select_related(*related), pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
@refuse_politely
def peer_work(request: HttpRequest, pk: UUID) -> HttpResponse:
    if request.method == "POST":
        return _save(request, pk)
    row = _opening(request, pk)
    giver = giver_for(request.user, row)
    given = _given(row, giver)
    may_judge = giver is not None and _may_change(row, given)
    return _show(request, row, form=PeerForm(rubric=rubric_for(row.version), row=given) if may_judge else None, given=given, giver=giver)


def _may_change(row: PeerOpening, given: PeerFeedback | None) -> bool:
    return row.is_open and not (given and (given.withdrawn_at or given.waits_for_verdict))


def _given(row: PeerOpening, giver: Project | None) -> PeerFeedback | None:
    return row.feedback.filter(project=giver).select_related("answered_by").first() if giver else None


def _save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Whatever the button: what is typed is kept first, then it is sent. Closed or withdrawn meanwhile, what was typed is still there to copy."""
    row = _opening(request, pk, typed=True)
    giver = giver_for(request.user, row)
    if giver is None:
        raise Http404
    form = PeerForm(request.POST, rubric=rubric_for(row.version), row=_given(row, giver))
    valid, sends = form.is_valid(), "send" in request.POST and not wants_json(request)
    merged, said = Merge(), {"by": request.user, "answers": form.answers, "since": form.since, "choices": form.choices}
    try:
        merged = actions.merge_peer_feedback(row, **said)
        if valid and sends and not merged.both:
            merged = actions.merge_peer_feedback(row, **said, send=True)
    except RuleViolation as refusal:
        if wants_json(request):
            raise
        form.keep(_given(row, giver))
        form.refuse(refusal)
    given = _given(row, giver)
    form.keep(given)
    if wants_json(request):
        return JsonResponse(_saved(request, form, given, merged))
    for name in merged.both:
        form.add_error(name, why_both(merged, name))
    if form.errors:
        form.show_others(merged)
        is_named = PeerOpening.objects.for_user(request.user).filter(pk=row.pk).exists()
        return _show(request, row, form=form, given=given, giver=giver, merged=merged, is_named=is_named)
    if merged.others:
        messages.info(request, _("Changed by somebody else meanwhile, and kept: %(names)s") % {"names": form.names(merged.others)})
    kept = _("Sent. The project reads it, with the name of yours.") if sends else _("Kept. Only your own project reads it.")
    messages.success(request, kept)
    return redirect("cohorts_peer_work", pk=row.pk)


def _saved(request: HttpRequest, form: PeerForm, given: PeerFeedback | None, merged: Merge) -> dict:
    """What a script needs to go on (`static/js/application.js`)."""
    both = {name: form.box(name, merged) for name in merged.both}
    return autosaved(request, form, merged, saved=_saved_words(given), marks=form.marks(merged), both=both)


def _saved_words(given: PeerFeedback | None) -> str:
    if given is None:
        return _("Nothing is written yet.")
    if given.is_sent:
        return _("Sent. What you change here stays on this device until you send it again.")
    return _("Saved on %(moment)s") % {"moment": date_format(timezone.localtime(given.saved_at), "DATETIME_FORMAT")}


def _show(
    request: HttpRequest,
    row: PeerOpening,
    *,
    form: PeerForm | None = None,
    given: PeerFeedback | None = None,
    giver: Project | None = None,
    merged: Merge | None = None,
    refused: tuple[UUID, str, forms.Form] | None = None,
    is_named: bool = True,
) -> HttpResponse:
    """Not `is_named`: the work was closed, and its reader keeps what they typed of it and learns nothing of it."""
    project = row.participation.project
    is_own = project.memberships.filter(person=request.user).exists()
    speaks = is_own and can_speak_for_project(request.user, project)
    may_read = PeerOpening.objects.work_for_user(request.user).filter(pk=row.pk).exists()
    rubric = rubric_for(row.version)
    received = PeerFeedback.objects.for_user(request.user).filter(opening=row, sent_at__isnull=False)
    received = received.exclude(pk=given.pk) if given else received
    settled = set(received.settled_by(request.user).values_list("pk", flat=True))
    rows = received.select_related("project", "answered_by", "opening").order_by("sent_at", "pk")
    context = {
        "opening": row,
        "is_named": is_named,
        "cohort": row.participation.cohort,
        "project": project,
        "version": row.version,
        "files": list(row.version.files.all()) if may_read else [],
        "may_read": may_read,
        "is_own": is_own,
        "may_close": speaks and row.closed_at is None,
        "giver": giver,
        "given": said_of([given], rubric)[0] if given else None,
        "form": form,
        "boxes": form.boxes(merged) if form else [],
        "may_send": form is not None and _may_change(row, given),
        "saved_words": _saved_words(given),
        "received": [
            (one, _acts(one.feedback, speaks=speaks, settles=one.feedback.pk in settled, refused=refused)) for one in said_of(rows, rubric)
        ],
        "refused": refused[2] if refused else None,
    }
    failed = refused is not None or (form is not None and form.is_bound)
    return render(request, "cohorts/peer_work.html", context, status=409 if failed else 200)


def _acts(row: PeerFeedback, *, speaks: bool, settles: bool, refused) -> list[tuple[str, str, forms.Form | None, bool]]:
    """`[(verb, label, form, is_open)]`: what this person may do with one feedback."""
    found: list[tuple[str, str, type[forms.Form] | None]] = []
    if speaks and not row.withdrawn_at:
        found.append(("answer", _("Answer anew") if row.answered_at else _("Thank them, or answer"), WordsForm))
        if not row.reported_at:
            found.append(("report", _("Report it to the coordinator"), ReasonForm))
    if settles and not row.withdrawn_at:
        found.append(("withdraw", _("Withdraw this feedback"), ReasonForm))
        if row.reported_at and not row.settled_at:
            found.append(("keep", _("Keep this feedback"), None))
    acts = []
    for verb, label, form_class in found:
        if refused and (row.pk, verb) == refused[:2]:
            form = refused[2]
        else:
            initial = {"words": row.answer, "seen": row.answer_mark} if verb == "answer" else {}
            form = form_class(initial=initial, auto_id=f"id_{verb}_{row.pk.hex[:12]}_%s") if form_class else None
        acts.append((verb, label, form, bool(refused) and (row.pk, verb) == refused[:2]))
    return acts


SAID = {
    "answer": gettext_lazy("Your answer stands under it."),
    "report": gettext_lazy("The coordinator reads it and decides. Thank you."),
    "withdraw": gettext_lazy("It is withdrawn. Who gave it is told why."),
    "keep": gettext_lazy("It stays."),
}


@shows_mails(readable_by)
@login_required
@require_POST
def peer_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """What the project, or a coordinator, does with one feedback."""
    row = get_object_or_404(PeerFeedback.objects.for_user(request.user).standing().select_related("opening__participation"), pk=pk)
    opening = _opening(request, row.opening_id)
    is_own = can_speak_for_project(request.user, opening.participation.project)
    may = {"answer": is_own, "report": is_own}
    if verb not in SAID or not (may[verb] if verb in may else PeerFeedback.objects.settled_by(request.user).filter(pk=row.pk).exists()):
        raise Http404
    form = ASKS.get(verb, forms.Form)(request.POST, auto_id=f"id_{verb}_{row.pk.hex[:12]}_%s")
    if form.is_valid():
        try:
            _do(row, verb, request, form.cleaned_data)
        except RuleViolation as refusal:
            form.add_error(next((one.name for one in form.visible_fields()), None), str(refusal))
            form.data = form.data | {"seen": row.answer_mark} if verb == "answer" else form.data
        else:
            messages.success(request, SAID[verb])
            return redirect("cohorts_peer_work", pk=opening.pk)
    return _show(request, opening, refused=(row.pk, verb, form))


def _do(row: PeerFeedback, verb: str, request: HttpRequest, data: dict) -> None:
    if verb == "answer":
        actions.answer_peer_feedback(row, by=request.user, words=data["words"], seen=data["seen"] if "seen" in request.POST else None)
    elif verb == "report":
        actions.report_peer_feedback(row, by=request.user, reason=data["reason"])
    elif verb == "withdraw":
        actions.withdraw_peer_feedback(row, by=request.user, reason=data["reason"])
    else:
        actions.keep_peer_feedback(row, by=request.user)


@login_required
@require_http_methods(["GET", "POST"])
@refuse_politely
def peer_show(request: HttpRequest, pk: UUID, requirement: int) -> HttpResponse:
    """What showing a work to the cohort means, then showing it. Lead and members choose."""
    own = Participation.objects.filter(state__in=TAKES_PART, project__in=Project.objects.spoken_for_by(request.user))
    place = get_object_or_404(own.select_related("project", "cohort__coordinator"), pk=pk)
    asked = get_object_or_404(
        Requirement.objects.filter(activity_key__isnull=False, stage__pathway=place.cohort.pathway_id), pk=requirement
    )
    there = place.openings.filter(requirement=asked, closed_at__isnull=True).first()
    if there is not None:
        return redirect("cohorts_peer_work", pk=there.pk)
    if request.method == "POST":
        row = actions.show_work(place, by=request.user, requirement=asked)
        messages.success(request, _("Your cohort reads it now, and may judge it."))
        return redirect("cohorts_peer_work", pk=row.pk)
    context = {"place": place, "cohort": place.cohort, "requirement": asked, "version": last_version(place.project, asked)}
    return render(request, "cohorts/peer_show.html", context)


@login_required
@require_safe
def peer_asked(request: HttpRequest, pk: UUID, requirement: int) -> HttpResponse:
    """Leads to where a project does what its coordinator asks: worked out when somebody goes there, not on every page that shows the link."""
    place = get_object_or_404(own_participations(request.user).select_related("project", "cohort"), pk=pk)
    asked = get_object_or_404(
        Requirement.objects.filter(activity_key__isnull=False, stage__pathway=place.cohort.pathway_id), pk=requirement
    )
    found = next_work(place, asked, request.user)
    if found is not None:
        return redirect("cohorts_peer_work", pk=found.pk)
    is_shown = place.openings.filter(requirement=asked, closed_at__isnull=True).exists()
    may_show = place.state in TAKES_PART and can_speak_for_project(request.user, place.project)
    if not is_shown and may_show and last_version(place.project, asked):
        return redirect("cohorts_peer_show", pk=place.pk, requirement=asked.pk)
    messages.info(request, _("There is no other work to read yet. It stands here as soon as a project shows its own."))
    return redirect("cohorts_space", pk=place.cohort_id)


@login_required
@require_POST
@refuse_politely
def peer_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = _opening(request, pk)
    if not can_speak_for_project(request.user, row.participation.project):
        raise Http404
    actions.close_work(row, by=request.user)
    messages.success(request, _("It is closed: your cohort reads it no more. What was said stays with you."))
    return redirect("cohorts_space", pk=row.participation.cohort_id)


@login_required
@require_POST
@refuse_politely
def peer_ask(request: HttpRequest, pk: UUID, requirement: int) -> HttpResponse:
    """A coordinator asks the cohort for feedback on one deliverable, or stops asking."""
    cohort = get_object_or_404(Cohort.objects.filter(pk__in=cohorts_open_to(request.user).values("pk")), pk=pk)
    if not can_manage_cohort(request.user, cohort):
        raise Http404
    asked = get_object_or_404(Requirement.objects.filter(activity_key__isnull=False, stage__pathway=cohort.pathway_id), pk=requirement)
    if "stop" in request.POST:
        actions.stop_asking_for_feedback(cohort, by=request.user, requirement=asked)
        messages.success(request, _("The cohort is not asked for it any more."))
    else:
        actions.ask_for_feedback(cohort, by=request.user, requirement=asked)
        messages.success(request, _("The cohort is asked for it: here, and on the pathway of each project until it has given feedback."))
    return redirect("cohorts_space", pk=cohort.pk)


@login_required
@require_safe
def peer_file(request: HttpRequest, pk: UUID, file: UUID) -> HttpResponse:
    """One file of a work that is shown, to who reads the work."""
    row = get_object_or_404(PeerOpening.objects.work_for_user(request.user).select_related("version"), pk=pk)
    found = get_object_or_404(row.version.files, pk=file)
    return handed_out(found.file, name=found.name, kind=found.kind)

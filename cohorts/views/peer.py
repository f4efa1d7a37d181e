"""A work that a project shows to its cohort: read, judged by the others, answered by its own people, settled by coordinators."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.forms import DraftForm
from academy.http import refuse_politely
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.cohort_space import own_participations
from cohorts.models import Cohort, Participation, PeerFeedback, PeerOpening, Project, Requirement
from cohorts.models.announcement import cohorts_open_to
from cohorts.peer_requests import next_work
from cohorts.peers import CANNOT_JUDGE, giver_for, last_version, rubric_for, said_of
from cohorts.permissions import can_manage_cohort, can_speak_for_project
from cohorts.views.cohort_space import ReasonForm
from courses.uploads import handed_out


class PeerForm(DraftForm):
    """A level, or that it cannot be judged, and words for each criterion; words for the whole."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    comment = forms.CharField(
        label=gettext_lazy("About the whole"),
        required=False,
        max_length=PeerFeedback.MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("What is strong, and what you would do next."),
    )

    def __init__(self, *args, rubric: list[dict], row: PeerFeedback | None = None, **kwargs):
        self.rubric = rubric
        initial = {"comment": row.comment, "seen": row.saved_at.isoformat()} if row else {}
        for key, mark in (row.marks if row else {}).items():
            initial |= {f"level-{key}": mark["level"], f"note-{key}": mark["comment"]}
        super().__init__(*args, initial=initial, **kwargs)
        for one in rubric:
            levels = [*((level["id"], _level(level)) for level in one["levels"]), (CANNOT_JUDGE, _("I cannot judge it"))]
            self.fields[f"level-{one['id']}"] = forms.ChoiceField(
                label=one["name"], help_text=one["help"], choices=levels, widget=forms.RadioSelect
            )
            self.fields[f"note-{one['id']}"] = forms.CharField(
                label=_("About ‘%(criterion)s’") % {"criterion": one["name"]},
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def criteria(self) -> list[tuple]:
        return [(self[f"level-{one['id']}"], self[f"note-{one['id']}"]) for one in self.rubric]

    @property
    def said(self) -> dict:
        data = self.cleaned_data
        marks = {one["id"]: {"level": data[f"level-{one['id']}"], "comment": data[f"note-{one['id']}"]} for one in self.rubric}
        return {"marks": marks, "comment": data["comment"], "seen": data["seen"]}

    def refuse(self, refusal: RuleViolation) -> None:
        """The reason beside what it is about."""
        self.add_error("comment" if refusal.code == "comment" else None, str(refusal))
        if refusal.code == "marks":
            for one in self.rubric:
                if not self.cleaned_data.get(f"level-{one['id']}"):
                    self.add_error(f"level-{one['id']}", _("Choose one."))


def _level(level: dict) -> str:
    return _("%(name)s: %(words)s") % {"name": level["name"], "words": level["text"]} if level["text"] else level["name"]


class WordsForm(forms.Form):
    use_required_attribute = False

    words = forms.CharField(
        label=gettext_lazy("Your answer"),
        required=False,
        max_length=PeerFeedback.MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Without words, it is thanks."),
    )


ASKS: dict[str, type[forms.Form]] = {"answer": WordsForm, "report": ReasonForm, "withdraw": ReasonForm}


def _opening(request: HttpRequest, pk: UUID) -> PeerOpening:
    rows = PeerOpening.objects.for_user(request.user)
    related = ("participation__project", "participation__cohort__coordinator", "requirement", "version__submission")
    return get_object_or_404(rows.select_related(*related), pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def peer_work(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = _opening(request, pk)
    giver = giver_for(request.user, row)
    given = row.feedback.filter(project=giver).select_related("answered_by").first() if giver else None
    may_judge = giver is not None and row.is_open and not (given and given.withdrawn_at)
    form = PeerForm(request.POST if request.method == "POST" else None, rubric=rubric_for(row.version), row=given) if may_judge else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid():
            sends = "send" in request.POST
            try:
                kept = actions.give_peer_feedback(row, by=request.user, send=sends, **form.said)
            except RuleViolation as refusal:
                form.refuse(refusal)
            else:
                words = (
                    _("Sent. The project reads it, with the name of yours.") if kept.is_sent else _("Kept. Only your own project reads it.")
                )
                messages.success(request, words)
                return redirect("cohorts_peer_work", pk=row.pk)
    return _show(request, row, form=form, given=given, giver=giver)


def _show(
    request: HttpRequest,
    row: PeerOpening,
    *,
    form: PeerForm | None = None,
    given: PeerFeedback | None = None,
    giver: Project | None = None,
    refused: tuple[UUID, str, forms.Form] | None = None,
) -> HttpResponse:
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
            initial = {"words": row.answer} if verb == "answer" else {}
            form = form_class(initial=initial, auto_id=f"id_{verb}_{row.pk.hex[:12]}_%s") if form_class else None
        acts.append((verb, label, form, bool(refused) and (row.pk, verb) == refused[:2]))
    return acts


SAID = {
    "answer": gettext_lazy("Your answer stands under it."),
    "report": gettext_lazy("The coordinator reads it and decides. Thank you."),
    "withdraw": gettext_lazy("It is withdrawn. Who gave it is told why."),
    "keep": gettext_lazy("It stays."),
}


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
            form.add_error(next(iter(form.fields), None), str(refusal))
        else:
            messages.success(request, SAID[verb])
            return redirect("cohorts_peer_work", pk=opening.pk)
    return _show(request, opening, refused=(row.pk, verb, form))


def _do(row: PeerFeedback, verb: str, request: HttpRequest, data: dict) -> None:
    if verb == "answer":
        actions.answer_peer_feedback(row, by=request.user, words=data["words"])
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
    own = Participation.objects.holding_a_place().filter(project__in=Project.objects.spoken_for_by(request.user))
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
    if not is_shown and can_speak_for_project(request.user, place.project) and last_version(place.project, asked):
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

"""From the open call to the submitted application."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from academy.http import refuse_politely, wants_json
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions import add_member, invite_member, save_draft, start_application, submit_application, withdraw_application
from cohorts.answers import Missing, answers_of, in_words, missing, submitted_answers
from cohorts.application_form import ApplicationForm, version_of
from cohorts.calls import calls_for, next_call
from cohorts.forms import InviteForm, StartForm, WithdrawForm
from cohorts.joining import read_invitation
from cohorts.models import Application, Cohort, Determination, Project
from cohorts.permissions import can_edit_application, can_invite_to_project, can_submit_application, can_withdraw_application


def apply(request: HttpRequest) -> HttpResponse:
    """The open calls, what is asked in return, and every question before signing up."""
    calls = calls_for(request.user)
    coming = None if calls else next_call()
    opening = (bool(calls), coming and (coming.intake_opens_at, coming.intake_closes_at))  # all that the head of the page depends on
    context = {"calls": calls, "next_call": coming, "opening": opening, "sections": lambda: in_words({})}
    return render(request, "cohorts/apply.html", context)


@login_required
@refuse_politely
def start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Opens a draft with its first two answers."""
    cohort = get_object_or_404(Cohort.objects.for_user(request.user).exclude(state="planned"), pk=pk)
    mine = Project.objects.of_member(request.user).filter(memberships__person=request.user, memberships__role__in=["lead", "member"])
    taken = Application.objects.live().filter(cohort=cohort).values("project")
    form = StartForm(request.POST or None, projects=mine.exclude(pk__in=taken), initial={"country": request.user.country})
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        project = found.get("project")
        application = start_application(cohort, by=request.user, project=project, name=found["name"])
        if project is None:
            save_draft(application, by=request.user, answers={"country": found["country"]})
        return redirect("cohorts_application", pk=application.pk)
    return render(request, "cohorts/start.html", {"form": form, "cohort": cohort, "going_on": _drafts(request.user, cohort)})


def _drafts(user: User, cohort: Cohort) -> list[Application]:
    return list(Application.objects.of_member(user).live().filter(cohort=cohort).select_related("project"))


def _load(request: HttpRequest, pk: UUID) -> Application:
    rows = Application.objects.of_member(request.user).select_related("project__dossier", "cohort")
    return get_object_or_404(rows, pk=pk)


@login_required
@refuse_politely
def application(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form while it is the project's turn, else what was sent."""
    row = _load(request, pk)
    if not (row.is_editable and can_edit_application(request.user, row)):
        if request.method == "POST":
            raise RuleViolation(_("This application can no longer be changed here."), code="closed")
        return _read(request, row)
    form = ApplicationForm(request.POST or None, application=row)
    if request.method == "POST":
        return _save(request, row, form)
    return _show_form(request, row, form)


def _save(request: HttpRequest, row: Application, form: ApplicationForm) -> HttpResponse:
    valid = form.is_valid()
    if form.is_stale:
        return _stale(request, row, form)
    save_draft(row, by=request.user, answers=form.answers)
    if wants_json(request):
        return JsonResponse(_saved(row, form))
    if not valid:
        return _show_form(request, row, form)
    if request.POST.get("intent") == "submit":
        return _submit(request, row, form)
    messages.success(request, _("Your draft is saved. You can close this page and come back."))
    return redirect("cohorts_application", pk=row.pk)


def _submit(request: HttpRequest, row: Application, form: ApplicationForm) -> HttpResponse:
    if not can_submit_application(request.user, row):
        raise RuleViolation(_("Your answers are saved. Only the lead of the project sends the application."), code="lead")
    wanting = _missing(row)
    if wanting:
        form.mark_missing(wanting)
        return _show_form(request, row, form)
    submit_application(row, by=request.user)
    return redirect("cohorts_application_submitted", pk=row.pk)


def _missing(row: Application) -> list[Missing]:
    return missing(answers_of(row))


def _saved(row: Application, form: ApplicationForm) -> dict:
    return {
        "seen": version_of(row),
        "saved": _saved_words(row),
        "missing": [{"field": one.field, "words": str(one.words)} for one in _missing(row)],
        "errors": {name: [str(error) for error in errors] for name, errors in form.errors.items()},
    }


def _saved_words(row: Application) -> str:
    return _("Saved at %(time)s") % {"time": date_format(timezone.localtime(row.saved_at), "TIME_FORMAT")}


def _stale(request: HttpRequest, row: Application, form: ApplicationForm) -> HttpResponse:
    words = _("This application was changed in another window, or by somebody of your project, since you opened this page.")
    if wants_json(request):
        return JsonResponse({"error": words, "code": "stale"}, status=409)
    form.data = form.data.copy()
    form.data["seen"] = version_of(row)
    words = _("%(why)s Nothing of yours is lost: compare, then save again to keep what is on this page.") % {"why": words}
    form.add_error(None, words)
    return _show_form(request, row, form)


def _show_form(request: HttpRequest, row: Application, form: ApplicationForm) -> HttpResponse:
    context = {
        "application": row,
        "form": form,
        "missing": _missing(row),
        "saved_words": _saved_words(row),
        "may_submit": can_submit_application(request.user, row),
        "may_withdraw": can_withdraw_application(request.user, row),
        **_people(request, row),
    }
    return render(request, "cohorts/application_form.html", context)


def _people(request: HttpRequest, row: Application) -> dict:
    return {
        "members": row.project.memberships.select_related("person").order_by("joined_at"),
        "invite_form": InviteForm() if can_invite_to_project(request.user, row.project) else None,
    }


def _read(request: HttpRequest, row: Application) -> HttpResponse:
    decision = Determination.objects.in_force().filter(application=row).first()
    context = {
        "application": row,
        "sections": in_words(answers_of(row) if row.is_editable or not row.submitted_at else submitted_answers(row)),
        "decision": decision,
        "may_withdraw": can_withdraw_application(request.user, row)
        and row.state in ("submitted", "under_review", "deliberation", "reserve"),
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


@login_required
@refuse_politely
def application_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = _load(request, pk)
    if not can_withdraw_application(request.user, row):
        raise Http404
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        withdraw_application(row, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Your application is withdrawn. You may apply again to any open call."))
        return redirect("cohorts_my_pathway")
    return render(request, "cohorts/application_withdraw.html", {"application": row, "form": form})


@login_required
@require_POST
@refuse_politely
def application_invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Invites somebody by their address. The answer is the same whether it has an account or not."""
    row = _load(request, pk)
    if not can_invite_to_project(request.user, row.project):
        raise Http404
    form = InviteForm(request.POST)
    if not form.is_valid():
        raise RuleViolation(_("Write a full e-mail address, such as name@example.org."), code="invalid")
    invite_member(row.project, by=request.user, email=form.cleaned_data["email"])
    messages.success(
        request, _("We have written to %(email)s. They join the project when they open the link.") % {"email": form.cleaned_data["email"]}
    )
    return redirect("cohorts_application", pk=row.pk)


@login_required
@refuse_politely
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link of an invitation leads: what joining means, then joining."""
    offered = read_invitation(token, request.user)
    if offered is None:
        return render(request, "cohorts/join.html", status=404)
    if request.method == "POST":
        add_member(offered.project, by=request.user, person=request.user)
        messages.success(request, _("You are now in the project %(project)s.") % {"project": offered.project})
        return redirect("cohorts_my_pathway")
    return render(request, "cohorts/join.html", {"project": offered.project, "inviter": offered.inviter})

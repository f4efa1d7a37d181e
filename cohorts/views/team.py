"""Who is in a project: invitations by address, roles, the lead handed over, leaving."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from academy.http import refuse_politely
from academy.rehearsal import shows_mails
from academy.rules import RuleViolation
from cohorts.actions import change_role, hand_over_lead, invite_member, join_project, leave_project, take_back_invitation
from cohorts.forms import InviteForm
from cohorts.joining import read_invitation
from cohorts.models import Application
from cohorts.own_mails import readable_by
from cohorts.permissions import can_change_team, can_invite_to_project, can_leave_project


def _load(request: HttpRequest, pk: UUID) -> Application:
    return get_object_or_404(Application.objects.of_member(request.user).select_related("project", "cohort"), pk=pk)


@login_required
def team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everybody with their role, the invitations that are open, and what the reader may do about them."""
    row = _load(request, pk)
    may_invite = can_invite_to_project(request.user, row.project)
    context = {
        "application": row,
        "members": row.project.memberships.select_related("person").order_by("joined_at"),
        "invite_form": InviteForm() if may_invite else None,
        "invitations": row.project.invitations.open() if may_invite else [],
        "may_change": can_change_team(request.user, row.project),
    }
    return render(request, "cohorts/team.html", context)


@shows_mails(readable_by)
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
        raise RuleViolation(_("Write a full e-mail address, such as name@example.org, and choose a role."), code="invalid")
    invite_member(row.project, by=request.user, email=form.cleaned_data["email"], role=form.cleaned_data["role"])
    messages.success(
        request, _("We have written to %(email)s. They join the project when they open the link.") % {"email": form.cleaned_data["email"]}
    )
    return redirect("cohorts_team", pk=row.pk)


@login_required
@require_POST
@refuse_politely
def team_take_back(request: HttpRequest, pk: UUID, invitation: UUID) -> HttpResponse:
    row = _load(request, pk)
    if not can_invite_to_project(request.user, row.project):
        raise Http404
    take_back_invitation(get_object_or_404(row.project.invitations, pk=invitation), by=request.user)
    messages.success(request, _("The invitation is taken back: its link no longer opens anything."))
    return redirect("cohorts_team", pk=row.pk)


ROLE, LEAD, LEAVE = "role", "lead", "leave"
VERBS = (ROLE, LEAD, LEAVE)
GRAVE = (LEAD, LEAVE)


@shows_mails(readable_by)
@login_required
@require_POST
@refuse_politely
def team_member(request: HttpRequest, pk: UUID, member: int, verb: str) -> HttpResponse:
    """One verb on one person. What cannot be undone by oneself is asked again first."""
    row = _load(request, pk)
    membership = get_object_or_404(row.project.memberships.select_related("person", "project"), pk=member)
    if verb not in VERBS:
        raise Http404
    if not (can_leave_project(request.user, membership) if verb == LEAVE else can_change_team(request.user, row.project)):
        raise Http404
    if verb in GRAVE and "sure" not in request.POST:
        return render(request, "cohorts/team_confirm.html", {"application": row, "membership": membership, "verb": verb})
    if verb == ROLE:
        change_role(membership, by=request.user, role=request.POST.get("role", ""))
        messages.success(request, _("The role is changed."))
    elif verb == LEAD:
        hand_over_lead(membership, by=request.user)
        messages.success(request, _("%(person)s now leads the project.") % {"person": membership.person})
    else:
        leave_project(membership, by=request.user)
        messages.success(request, _("%(person)s is no longer in the project.") % {"person": membership.person})
        if membership.person_id == request.user.pk:
            return redirect("my")
    return redirect("cohorts_team", pk=row.pk)


@login_required
@refuse_politely
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link of an invitation leads: what joining means, then joining."""
    offered = read_invitation(token, request.user)
    if offered is None:
        return render(request, "cohorts/join.html", status=404)
    if offered.ended_at is not None:
        return redirect("cohorts_my_pathway")
    if request.method == "POST":
        join_project(offered, by=request.user)
        messages.success(request, _("You are now in the project %(project)s.") % {"project": offered.project})
        return redirect("cohorts_my_pathway")
    return render(request, "cohorts/join.html", {"project": offered.project, "inviter": offered.invited_by, "role": offered.role})

"""Who is in a project: asked by their address, in a role, until they leave. One lead at a time speaks for it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.locking import lock
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.office_hours import give_back_office_hours
from cohorts.actions.participations import enrol_newcomer
from cohorts.actions.reviews import recuse_newcomer
from cohorts.actions.sessions import cancel_registration
from cohorts.joining import has_invited_enough, send_invitation
from cohorts.letters import tell
from cohorts.models import Project, ProjectInvitation, ProjectMember, Registration

_R = ProjectMember.Role


def _check_role(role: str) -> None:
    """What one may be made: everything but the lead, which is handed over."""
    if role == _R.LEAD:
        raise RuleViolation(_("A project has one lead: the lead is handed over, not given like another role."), code="lead")
    if role not in ProjectInvitation.Role.values:
        raise RuleViolation(_("Choose a role."), code="invalid")


@transaction.atomic
def invite_member(project: Project, *, by: User, email: str, role: str = _R.MEMBER) -> ProjectInvitation:
    """Writes to an address; whoever owns it may join. Says nothing of who has an account. Asked again, the same one goes on."""
    lock(project)
    _check_role(role)
    if has_invited_enough(by):
        raise RuleViolation(_("You have invited many people. Wait an hour before you invite more."), code="later")
    asked = {"role": role, "invited_at": timezone.now(), "invited_by": by}
    invitation, _is_new = ProjectInvitation.objects.update_or_create(project=project, email=email.lower(), ended_at=None, defaults=asked)
    send_invitation(invitation, by=by)
    record(project, "cohorts.invite_member", by=by, data={"role": role})
    return invitation


@transaction.atomic
def take_back_invitation(invitation: ProjectInvitation, *, by: User) -> None:
    """The link of the letter ends."""
    lock(invitation)
    if invitation.ended_at is not None:
        raise RuleViolation(_("This invitation is over already."), code="ended")
    _end(invitation, by)
    record(invitation.project, "cohorts.take_back_invitation", by=by)


@transaction.atomic
def join_project(invitation: ProjectInvitation, *, by: User) -> ProjectMember:
    """Whoever owns the address takes the place that they were offered."""
    lock(invitation.project)
    lock(invitation)
    if invitation.ended_at is not None:
        raise RuleViolation(_("This invitation is over already."), code="ended")
    _end(invitation, by)
    return add_member(invitation.project, by=by, person=by, role=invitation.role)


def _end(invitation: ProjectInvitation, by: User) -> None:
    invitation.ended_at, invitation.ended_by = timezone.now(), by
    invitation.save(update_fields=["ended_at", "ended_by"])


@transaction.atomic
def add_member(project: Project, *, by: User, person: User, role: str = _R.MEMBER) -> ProjectMember:
    """Adds a person who has an account. The lead is not replaced this way. Whoever reads the project's applications for Smart reads them no more."""
    lock(project)
    _check_role(role)
    if project.memberships.filter(person=person).exists():
        raise RuleViolation(_("This person is in the project already."), code="twice")
    membership = ProjectMember.objects.create(project=project, person=person, role=role)
    record(project, "cohorts.add_member", by=by, data={"person": person.pk, "role": role})
    recuse_newcomer(project, by=by, person=person)
    if role != _R.VIEWER:
        enrol_newcomer(project, by=by, person=person)
    return membership


def _locked(membership: ProjectMember) -> ProjectMember:
    """Under the lock of the project; refuses when the person has left meanwhile."""
    lock(membership.project)
    row = ProjectMember.objects.filter(pk=membership.pk).select_related("person").first()
    if row is None:
        raise RuleViolation(_("This person is no longer in the project."), code="gone")
    return row


@transaction.atomic
def change_role(membership: ProjectMember, *, by: User, role: str) -> ProjectMember:
    """Between writing and only reading."""
    row = _locked(membership)
    _check_role(role)
    if row.role == _R.LEAD:
        raise RuleViolation(_("The lead is handed over, not changed like another role."), code="lead")
    row.role = role
    row.save(update_fields=["role"])
    record(row.project, "cohorts.change_role", by=by, data={"person": row.person_id, "role": role})
    if role == _R.VIEWER:
        reason = _("%(person)s only looks in the project from now on.") % {"person": row.person}
        _give_back(row.project, row.person, by=by, reason=reason)
    else:
        enrol_newcomer(row.project, by=by, person=row.person)
    return row


@transaction.atomic
def hand_over_lead(membership: ProjectMember, *, by: User) -> ProjectMember:
    """This person leads from now on; who led becomes a member. Invitations that wait for an answer are the new lead's: only a lead's count."""
    row = _locked(membership)
    if row.role == _R.LEAD:
        raise RuleViolation(_("This person leads the project already."), code="lead")
    if not row.person.is_active:
        raise RuleViolation(_("This person’s account is closed."), code="gone")
    leads = row.project.memberships.filter(role=_R.LEAD)
    waiting = row.project.invitations.open().filter(invited_by__in=leads.values("person"))
    invited = {str(pk): person for pk, person in waiting.values_list("pk", "invited_by")}
    waiting.update(invited_by=row.person)
    leads.update(role=_R.MEMBER)
    row.role = _R.LEAD
    row.save(update_fields=["role"])
    record(row.project, "cohorts.hand_over_lead", by=by, data={"person": row.person_id, "invited_by": invited})
    tell(
        [row.person],
        subject=gettext_lazy("You now lead the project"),
        lines=[row.project.name, gettext_lazy("You alone send its application, withdraw it, and invite people.")],
        link="cohorts_my_pathway",
        link_label=gettext_lazy("My pathway"),
        cause=f"project-lead:{row.pk}:{timezone.now():%Y-%m-%dT%H:%M}",
        by=by,
    )
    return row


def _give_back(project: Project, person: User, *, by: User, reason: str) -> None:
    """Who no longer speaks for a project comes to nothing for it: their seats at sessions and their office hours go to others."""
    give_back_office_hours(project, by=by, reason=reason, person=person)
    seats = Registration.objects.live().filter(project=project, person=person, session__starts_at__gt=timezone.now())
    for seat in seats.select_related("session", "person").order_by("session_id"):
        cancel_registration(seat, by=by, reason=reason)


@transaction.atomic
def leave_project(membership: ProjectMember, *, by: User) -> None:
    """A person goes, or the lead takes them out and they are told. What they wrote stays the project’s."""
    row = _locked(membership)
    if row.role == _R.LEAD:
        raise RuleViolation(_("A project has a lead: hand it over first, then leave."), code="lead")
    person, project = row.person, row.project
    row.delete()
    reason = _("%(person)s is no longer in the project.") % {"person": person}
    _give_back(project, person, by=by, reason=reason)
    record(project, "cohorts.leave_project", by=by, data={"person": person.pk})
    if person != by:
        tell(
            [person],
            subject=gettext_lazy("You are no longer in the project"),
            lines=[project.name, gettext_lazy("Its lead took you out. Write to them if you think that it is a mistake.")],
            cause=f"project-left:{project.pk}:{timezone.now():%Y-%m-%dT%H:%M}",
            by=by,
        )

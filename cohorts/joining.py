"""How somebody comes into a project: a link sent to an address, good for whoever proves that the address is theirs.

Nothing tells the inviter whether the address has an account. The link is signed, so nothing is kept but the letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from academy import messages
from academy.models import Message, User
from cohorts.models import Project
from cohorts.permissions import can_invite_to_project

SALT = "cohorts.joining"
DAYS = 14
MOST_PER_HOUR = 10


@dataclass(frozen=True)
class Invitation:
    project: Project
    inviter: User


def has_invited_enough(person: User) -> bool:
    """So many in an hour are no longer invitations."""
    lately = timezone.now() - timedelta(hours=1)
    sent = Message.objects.filter(created_by=person, cause__startswith="project-invitation:", created_at__gte=lately)
    return sent.count() >= MOST_PER_HOUR


def send_invitation(project: Project, *, by: User, email: str) -> None:
    """One letter a day to an address, in the language of whoever writes; the same whether it has an account or not."""
    token = signing.dumps({"project": str(project.pk), "email": email, "by": by.pk}, salt=SALT)
    with override(by.language):
        address = reverse("cohorts_join", args=[token])
    messages.queue(
        User(email=email, language=by.language),
        template="cohorts_invitation",
        context={"project": project, "inviter": by, "address": address, "days": DAYS},
        cause=f"project-invitation:{project.pk}:{timezone.now():%Y-%m-%d}",
        by=by,
    )


def read_invitation(token: str, person: User) -> Invitation | None:
    """What the link offers this person; None when it is not theirs, too old, or when its sender may no longer invite."""
    try:
        said = signing.loads(token, salt=SALT, max_age=timedelta(days=DAYS))
    except signing.BadSignature:
        return None
    project = Project.objects.filter(pk=said["project"]).first()
    inviter = User.objects.filter(pk=said["by"], is_active=True).first()
    if project is None or inviter is None or said["email"] != person.email.lower() or not can_invite_to_project(inviter, project):
        return None
    return Invitation(project, inviter)

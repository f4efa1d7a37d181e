"""How somebody comes into a project: a link sent to an address, good for whoever proves that the address is theirs.

Nothing tells the inviter whether the address has an account. The link is signed and names one invitation, which can be taken back.
"""

from __future__ import annotations

from datetime import timedelta

from django.core import signing
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from academy import messages
from academy.models import Message, User
from cohorts.models import ProjectInvitation
from cohorts.permissions import can_invite_to_project

SALT = "cohorts.joining"
MOST_PER_HOUR = 10


def has_invited_enough(person: User) -> bool:
    """So many in an hour are no longer invitations."""
    lately = timezone.now() - timedelta(hours=1)
    sent = Message.objects.filter(created_by=person, cause__startswith="project-invitation:", created_at__gte=lately)
    return sent.count() >= MOST_PER_HOUR


def send_invitation(invitation: ProjectInvitation, *, by: User) -> None:
    """One letter a day to an address, in the language of whoever writes; the same whether it has an account or not."""
    token = signing.dumps(str(invitation.pk), salt=SALT)
    with override(by.language):
        address = reverse("cohorts_join", args=[token])
    messages.queue(
        User(email=invitation.email, language=by.language),
        template="cohorts_invitation",
        context={
            "project": invitation.project,
            "inviter": by,
            "address": address,
            "days": ProjectInvitation.LASTS.days,
            "role": invitation.role,
        },
        cause=f"project-invitation:{invitation.pk}:{timezone.now():%Y-%m-%d}",
        by=by,
    )


def read_invitation(token: str, person: User) -> ProjectInvitation | None:
    """What the link offers this person; None when it is not theirs, over, or when its sender may no longer invite.

    One that they used stays readable to them: the link of a letter is opened twice.
    """
    try:
        key = signing.loads(token, salt=SALT, max_age=ProjectInvitation.LASTS)
    except signing.BadSignature:
        return None
    rows = ProjectInvitation.objects.filter(pk=key, email=person.email.lower()).select_related("project", "invited_by")
    found = rows.filter(Q(ended_at__isnull=True) | Q(ended_by=person)).first()
    if found is None or not found.invited_by.is_active or not can_invite_to_project(found.invited_by, found.project):
        return None
    return found

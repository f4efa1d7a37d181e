"""Tokens of the xAPI feed: made by a coordinator, shown once, taken back at any moment."""

import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy import audit
from academy.models import User
from academy.rules import RuleViolation
from courses.models import FeedToken
from courses.models.feeds import digest_of


@transaction.atomic
def create_feed_token(name: str, *, by: User, with_email: bool = False) -> tuple[FeedToken, str]:
    """The token and its secret, which nobody can read again."""
    if not name.strip():
        raise RuleViolation(_("Say who reads with it."), code="no_name")
    secret = secrets.token_urlsafe(30)
    token = FeedToken.objects.create(name=name.strip(), digest=digest_of(secret), with_email=with_email, created_by=by)
    audit.record(token, "courses.create_feed_token", by=by, data={"name": token.name, "with_email": with_email})
    return token, secret


@transaction.atomic
def revoke_feed_token(token: FeedToken, *, by: User) -> FeedToken:
    token = FeedToken.objects.select_for_update(no_key=True).get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        audit.record(token, "courses.revoke_feed_token", by=by)
    return token

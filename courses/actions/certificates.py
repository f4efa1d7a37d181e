"""Issuing and revoking. A certificate is written once, in every language."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy import audit
from academy.models import User
from academy.rules import RuleViolation
from courses.models import Certificate

REQUIRED_WORDS = ("title", "about")


def _check_content(content: dict) -> None:
    """Every language of the site, each with a title and what it is about: a printed certificate cannot be completed later."""
    for code, name in settings.LANGUAGES:
        missing = [word for word in REQUIRED_WORDS if not (content.get(code) or {}).get(word)]
        if missing:
            raise RuleViolation(_("The certificate is not complete in %(language)s.") % {"language": name}, code="incomplete")


@transaction.atomic
def issue_certificate(
    holder: User | None,
    *,
    kind: str,
    content: dict[str, dict],
    by: User | None,
    subject_key: UUID | None = None,
    holder_name: str = "",
    issued_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Certificate:
    """Freezes a certificate. Issuing the same again (holder, kind, subject) answers the one that is valid, unchanged.

    `content` is `{"fr": {…}, "en": {…}}`, each with `title` and `about` (required) and, if wanted, `statement`, `organisation`,
    `details` (list of [label, value]), `stations` (list of [label, detail, state]) and `signatures` (list of [name, role]).
    `holder_name` is for a project or another spelling; else the person's name of today. `by` None: the Academy by itself.
    """
    _check_content(content)
    name = holder_name or (holder.name or holder.email if holder else "")
    if not name:
        raise RuleViolation(_("A certificate needs the name of its holder."), code="no_name")
    issued_at = issued_at or timezone.now()
    if expires_at and expires_at <= issued_at:
        raise RuleViolation(_("A certificate cannot expire before it is issued."), code="expires_too_early")
    if holder:
        User.objects.select_for_update(no_key=True).get(pk=holder.pk)
    if holder and subject_key:
        existing = Certificate.objects.filter(holder=holder, kind=kind, subject_key=subject_key, revoked_at__isnull=True).first()
        if existing:
            return existing
    certificate = Certificate.objects.create(
        kind=kind,
        holder=holder,
        holder_name=name,
        subject_key=subject_key,
        content=content,
        issued_at=issued_at,
        issued_by=by,
        expires_at=expires_at,
    )
    audit.record(certificate, "courses.issue_certificate", by=by, data={"kind": kind, "holder": name})
    return certificate


@transaction.atomic
def revoke_certificate(certificate: Certificate, *, reason: str, by: User) -> Certificate:
    """Takes a certificate back for good. Its address goes on answering: revoked. The reason is for staff, not for the public."""
    certificate = Certificate.objects.select_for_update(no_key=True).get(pk=certificate.pk)
    if certificate.revoked_at:
        raise RuleViolation(_("This certificate is already revoked."), code="already_revoked")
    if not reason.strip():
        raise RuleViolation(_("Say why the certificate is revoked."), code="no_reason")
    certificate.revoked_at, certificate.revoked_by, certificate.revoked_reason = timezone.now(), by, reason.strip()
    certificate.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
    audit.record(certificate, "courses.revoke_certificate", by=by, data={"reason": certificate.revoked_reason})
    return certificate

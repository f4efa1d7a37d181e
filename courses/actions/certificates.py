"""Issuing and revoking. A certificate is written once, in every language."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from academy import audit, messages
from academy.dates import academy_day
from academy.models import Message, User
from academy.rules import RuleViolation
from courses.certificates import course_content, tell_holder
from courses.models import NAMELESS, Certificate, CoursePage
from courses.renewal import WINDOW, end_after, renewal_of
from courses.syllabus import syllabuses

REQUIRED_WORDS = ("title", "about")


def _check_content(content: dict) -> None:
    """Every language of the site, each with a title and what it is about: a printed certificate cannot be completed later."""
    for code, name in settings.LANGUAGES:
        missing = [word for word in REQUIRED_WORDS if not (content.get(code) or {}).get(word)]
        if missing:
            raise RuleViolation(_("The certificate is not complete in %(language)s.") % {"language": name}, code="incomplete")


def _name_of(holder: User) -> str:
    """Never an address: whoever has the number of the certificate reads this name."""
    name = holder.name.strip()
    return NAMELESS if not name or "@" in name else name


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
    `holder_name` is for a project or another spelling; else the person's name of today, `NAMELESS` without one. `by` None: the Academy by itself.
    """
    _check_content(content)
    name = holder_name or (_name_of(holder) if holder else "")
    if not name:
        raise RuleViolation(_("A certificate needs the name of its holder."), code="no_name")
    issued_at = issued_at or timezone.now()
    if expires_at and expires_at <= issued_at:
        raise RuleViolation(_("A certificate cannot expire before it is issued."), code="expires_too_early")
    if holder:
        User.objects.select_for_update(no_key=True).get(pk=holder.pk)
    if holder and subject_key:
        existing = Certificate.objects.standing().filter(holder=holder, kind=kind, subject_key=subject_key).first()
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
def revoke_certificate(certificate: Certificate, *, reason: str, by: User | None) -> Certificate:
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


@transaction.atomic
def renew_certificate(course: CoursePage, *, by: User) -> Certificate:
    """A new certificate in place of the person's own that ends, valid from its end (or from today, if it has ended) for as long as the course says now.

    The old one stays what it is: valid to its end, then expired. Raises RuleViolation: nothing ends, none is given any more, a quiz not passed again.
    """
    key, now = course.translation_key, timezone.now()
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    syllabus = syllabuses([key]).get(key)
    found = renewal_of(by, syllabus, now=now) if syllabus else None
    content, months = course_content(key)
    if found is None or not content:
        raise RuleViolation(_("There is no certificate of this course to renew now."), code="nothing")
    if found.missing:
        titles = ", ".join(f"‘{quiz.title}’" for quiz in found.missing)
        raise RuleViolation(_("Pass these quizzes again first: %(quizzes)s.") % {"quizzes": titles}, code="missing")
    old = found.certificate
    old.renewed_at = now
    old.save(update_fields=["renewed_at"])
    audit.record(old, "courses.renew_certificate", by=by, data={"expires": old.expires_at.isoformat()})
    expires_at = end_after(academy_day(max(now, old.expires_at)), months) if months else None
    new = issue_certificate(by, kind=old.kind, content=content, subject_key=key, issued_at=now, expires_at=expires_at, by=None)
    tell_holder(new, template="courses_certificate_renewed")
    return new


def remind_of_expiry(*, by: User | None, now: datetime) -> int:
    """The clock: whoever has a certificate of a course that ends within two months is told once. Returns how many mails were written."""
    soon = Certificate.objects.valid(now).standing().filter(kind=Certificate.Kind.COURSE, expires_at__lte=now + WINDOW)
    told = 0
    for certificate in soon.filter(holder__is_active=True).select_related("holder"):
        told += _remind(certificate, by)
    return told


@transaction.atomic
def _remind(certificate: Certificate, by: User | None) -> bool:
    holder, cause = certificate.holder, f"courses.expires:{certificate.pk}"
    if Message.objects.filter(cause=cause).exists():
        return False
    key = certificate.subject_key
    syllabus = syllabuses([key], language=holder.language).get(key)
    href = syllabus.address if syllabus and syllabus.gives_certificate else ""
    context = {"certificate": certificate, "about": certificate.words_in(holder.language)["about"], "href": href}
    return messages.queue(holder, template="courses_certificate_ends", context=context, cause=cause, by=by) is not None


def name_certificates(*, by: User | None) -> int:
    """The clock: certificates that could not say whose they are, issued again once their holder has given a name. Returns how many."""
    done = 0
    for certificate in Certificate.objects.nameless().select_related("holder", "issued_by"):
        if _name_of(certificate.holder) != NAMELESS:
            _issue_with_name(certificate, by=by)
            done += 1
    return done


@transaction.atomic
def _issue_with_name(certificate: Certificate, *, by: User | None) -> None:
    """The same on the same day, but with the name, under a number of its own: what is issued is never changed."""
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("It did not say the name of its holder. It was issued again with it.")
    revoke_certificate(certificate, reason=reason, by=by)
    again = issue_certificate(
        certificate.holder,
        kind=certificate.kind,
        content=certificate.content,
        subject_key=certificate.subject_key,
        issued_at=certificate.issued_at,
        expires_at=certificate.expires_at,
        by=certificate.issued_by,
    )
    tell_holder(again, template="courses_certificate_named")

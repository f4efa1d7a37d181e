"""The certificate of somebody who came to a session. Its words are frozen in every language; courses keeps it, prints it and answers for it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from academy.dates import date_range
from academy.models import User
from cohorts.models import Registration, Session
from courses.actions import issue_certificate, revoke_certificate
from courses.certificates import organisation_name
from courses.models import Certificate

ATTENDANCE = Certificate.Kind.ATTENDANCE


def certificates_of(session: Session):
    """Those of a session, the revoked ones too."""
    return Certificate.objects.filter(kind=ATTENDANCE, subject_key=session.pk)


def certificate_for(session: Session, person: User) -> Certificate | None:
    """The one that holds."""
    return certificates_of(session).filter(holder=person, revoked_at__isnull=True).first()


def attest(registration: Registration, *, by: User | None) -> Certificate:
    return issue_certificate(
        registration.person, kind=ATTENDANCE, content=_content(registration), by=by, subject_key=registration.session_id
    )


def take_back(registration: Registration, *, by: User, reason: str) -> None:
    """The check-in on which it rests does not count any more."""
    valid = certificate_for(registration.session, registration.person)
    if valid is not None:
        revoke_certificate(valid, reason=reason[:300], by=by)


def _content(registration: Registration) -> dict[str, dict]:
    session, zone = registration.session, ZoneInfo(registration.session.time_zone)
    first, last = (timezone.localtime(moment, zone).date() for moment in (session.starts_at, session.ends_at))
    content = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            details = [
                [_("Place"), session.place],
                [_("Dates"), date_range(first, last)],
                [_("Project"), registration.project.name],
                [_("Country"), str(registration.project.country_name)],
            ]
            content[code] = {
                "title": _("Certificate of attendance"),
                "about": str(session.title),
                "statement": _("took part in person in the session"),
                "organisation": organisation_name(),
                "details": [pair for pair in details if pair[1]],
            }
    return content

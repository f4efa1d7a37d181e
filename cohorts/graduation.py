"""What graduation writes outside this app: the certificates of the people of the project."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.dates import academy_day
from academy.models import User
from cohorts.decisions import valid_signatures
from cohorts.letters import people_of
from cohorts.models import Determination, Participation, Stage
from courses.actions import issue_certificate, revoke_certificate
from courses.certificates import organisation_name
from courses.models import Certificate


def certificate_content(participation: Participation, determination: Determination) -> dict[str, dict]:
    """The words of the certificate, frozen in every language on the day of release."""
    project, cohort, typology = participation.project, participation.cohort, determination.typology
    stages = list(Stage.objects.filter(pathway=cohort.pathway_id).order_by("sort_order", "pk"))
    counted = {person.pk for person in valid_signatures([determination])[determination.pk]}
    signed = determination.signatures.filter(signed_by__in=counted).select_related("signed_by")
    signatures = [(str(row.signed_by), row.signed_at) for row in signed]
    day = academy_day(determination.released_at)  # whatever the clock of whoever releases it
    content = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            content[code] = {
                "title": _("Certificate of graduation"),
                "about": project.name,
                "statement": _("has walked the whole integration pathway and graduates as %(typology)s") % {"typology": typology.label},
                "organisation": organisation_name(),
                "details": [
                    [_("Status"), str(typology.label)],
                    [_("Cohort"), str(cohort.title)],
                    [_("Country"), project.country_name],
                    [_("Graduated on"), date_format(day)],
                ],
                "stations": [[str(stage.title), "", "done"] for stage in stages],
                "signatures": [[name, date_format(academy_day(at))] for name, at in signatures],
            }
    return content


def certify(participation: Participation, determination: Determination, *, by: User) -> list[Certificate]:
    """One certificate for each person who speaks for the project."""
    content = certificate_content(participation, determination)
    graduation = Certificate.Kind.GRADUATION
    people = people_of(participation.project)
    return [issue_certificate(person, kind=graduation, content=content, by=by, subject_key=participation.pk) for person in people]


def revoke_certificates(participation: Participation, *, by: User, reason: str) -> None:
    valid = Certificate.objects.filter(kind=Certificate.Kind.GRADUATION, subject_key=participation.pk, revoked_at__isnull=True)
    for certificate in valid:
        revoke_certificate(certificate, reason=reason[:300], by=by)

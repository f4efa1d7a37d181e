"""What a certificate says, and its printed form. Words are gathered once, at issue; afterwards only the frozen content is read."""

import json
from functools import cache
from pathlib import Path
from uuid import UUID

import segno
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.models import Site

from academy import messages
from academy.models import SiteSettings
from academy.typeset import tagged_pdf
from academy.ui import Station
from courses.models import Certificate, CoursePage

TEMPLATE = Path(settings.PROJECT_DIR) / "templates" / "courses" / "certificate.typ"


def organisation_name() -> str:
    site = Site.objects.filter(is_default_site=True).first()
    return SiteSettings.for_site(site).organisation if site else "Smart"


def course_content(course_key: UUID) -> tuple[dict[str, dict], int | None]:
    """The words of a course's certificate in every language, now, and for how many months it is valid. Empty when the course gives none.

    A language in which the course does not exist borrows the title of one in which it does: the certificate is whole all the same.
    """
    pages = {
        page.locale.language_code: page for page in CoursePage.objects.live().filter(translation_key=course_key).select_related("locale")
    }
    source = pages.get(settings.LANGUAGE_CODE) or next(iter(pages.values()), None)
    if source is None or not source.gives_certificate:
        return {}, None
    organisation = organisation_name()
    content = {}
    for code, _name in settings.LANGUAGES:
        page = pages.get(code, source)
        with translation.override(code):
            content[code] = {
                "title": _("Certificate of completion"),
                "statement": page.certificate_statement or _("has completed every required activity of the course"),
                "about": page.title,
                "details": [[_("Audience"), str(source.get_audience_display())]],
                "organisation": organisation,
            }
    return content, source.certificate_months


def _words(certificate: Certificate, language: str) -> dict:
    """The frozen content and the fixed phrases around it, in one language, as the typst template reads them."""
    frozen = certificate.words_in(language)
    with translation.override(language):
        return {
            "language": language,
            "title": frozen.get("title", ""),
            "statement": frozen.get("statement", ""),
            "about": frozen.get("about", ""),
            "organisation": frozen.get("organisation", ""),
            "details": [[str(label), str(value)] for label, value in frozen.get("details", [])],
            "signatures": [[str(name), str(role)] for name, role in frozen.get("signatures", [])],
            "stations": [[str(label), str(detail), str(state)] for label, detail, state in frozen.get("stations", [])],
            "holder": certificate.shown_name,
            "awarded": _("is awarded to"),
            "issued": _("Issued on %(day)s") % {"day": date_format(certificate.issued_on, "DATE_FORMAT")},
            "until": _until(certificate),
            "revoked": _("Revoked") if certificate.standing == Certificate.Standing.REVOKED else "",
            "verify": _("Check this certificate at"),
            "url": certificate.verify_url,
            "qr_alt": _("QR code leading to %(url)s") % {"url": certificate.verify_url},
            "pathway": _("Pathway"),
            "number": str(certificate.pk),
            "author": frozen.get("organisation", ""),
        }


def _until(certificate: Certificate) -> str:
    """Said on paper, which knows no today: until when, not whether it has ended."""
    if certificate.expires_at is None:
        return ""
    day = date_format(certificate.ends_on, "DATE_FORMAT")
    return _("Valid until %(day)s") % {"day": day}


def _qr_svg(url: str) -> str:
    return segno.make(url, error="m", micro=False).svg_inline(border=0, dark="#191b20")


@cache
def _source() -> bytes:
    return TEMPLATE.read_bytes()


def pdf(certificate: Certificate, *, language: str) -> bytes:
    """The certificate as a tagged PDF (PDF/UA-1: a screen reader can read it). Data travel as JSON: nothing in them is markup."""
    words = _words(certificate, language)
    inputs = {"data": json.dumps(words), "qr": _qr_svg(words["url"])}
    return tagged_pdf(_source(), sys_inputs=inputs)


def stations(words: dict) -> list[Station]:
    """The pathway as it was frozen, for the rail on the page."""
    return [Station(label, detail, state) for label, detail, state in words.get("stations", [])]


def tell_holder(certificate: Certificate, *, template: str = "courses_certificate") -> None:
    """The letter to whoever receives a certificate, once for each."""
    holder = certificate.holder
    context = {"certificate": certificate, "about": certificate.words_in(holder.language)["about"]}
    messages.queue(holder, template=template, context=context, cause=f"courses.certificate:{certificate.pk}")

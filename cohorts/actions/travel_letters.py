"""What somebody is told about the money and the visa of their trip. Nothing of a passport ever stands in a letter."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from academy.models import User
from cohorts.letters import tell, with_words
from cohorts.models import FundingSource, Registration, RegistrationStatus

CAUSE = "place-papers"  # then the registration: attention finds by it what was written about a seat


def _tell(registration: Registration, *, subject, lines: list, about: str, by: User | None, label=None) -> None:
    tell(
        [registration.person],
        subject=subject,
        lines=[registration.session.title, *lines],
        link="cohorts_session",
        link_to=registration.session_id,
        link_label=label or gettext_lazy("See the session"),
        cause=f"{CAUSE}:{registration.pk}:{about}",
        by=by,
    )


def tell_source_checked(registration: Registration, *, source: FundingSource, by: User) -> None:
    _tell(
        registration,
        subject=gettext_lazy("We have checked who pays for a part of your trip"),
        lines=[
            with_words(gettext_lazy("Checked: %(words)s"), _named(source)),
            gettext_lazy("It does not cover the whole cost yet, or something else waits for us. The page says what is missing."),
        ],
        about=f"checked:{source.pk}:{source.verified_at:%Y%m%d%H%M%S}",
        by=by,
    )


def tell_source_refused(registration: Registration, *, source: FundingSource, by: User) -> None:
    _tell(
        registration,
        subject=gettext_lazy("Action required: we cannot count on what you said of your funding"),
        lines=[
            with_words(gettext_lazy("It is about: %(words)s"), _named(source)),
            source.refused_reason,
            gettext_lazy("Send it again with what is missing, or say who else pays."),
        ],
        about=f"refused:{source.pk}:{source.refused_at:%Y%m%d%H%M%S}",
        by=by,
        label=gettext_lazy("Say who pays"),
    )


def tell_funding_settled(registration: Registration, *, by: User) -> None:
    ready = registration.status == RegistrationStatus.READY
    _tell(
        registration,
        subject=gettext_lazy("Your trip is paid for: we have checked it"),
        lines=[
            gettext_lazy("Everything is settled: you are expected.")
            if ready
            else gettext_lazy("The funding of your trip is settled. The page says whether something else is missing."),
        ],
        about=f"settled:{registration.funding_verified_at:%Y%m%d%H%M%S}",
        by=by,
    )


def _named(source: FundingSource):
    return source.name or source.get_payer_display()

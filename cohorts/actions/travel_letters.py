"""What somebody is told about the money and the visa of their trip. Nothing of a passport ever stands in a letter."""

from __future__ import annotations

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from academy.dates import money
from academy.models import User
from cohorts.funding import CAUSE, Funding, funding_cause
from cohorts.letters import tell, with_day, with_words
from cohorts.models import FundingSource, InvitationLetter, Registration, RegistrationStatus
from cohorts.models.visa import handlers_of
from cohorts.visa_causes import PREFIX, reminder_cause

in_money = lazy(money, str)  # written as the reader's language does


def _tell(registration: Registration, *, subject, lines: list, by: User | None, about: str = "", cause: str = "", label=None) -> None:
    tell(
        [registration.person],
        subject=subject,
        lines=[registration.session.title, *lines],
        link="cohorts_session",
        link_to=registration.session_id,
        link_label=label or gettext_lazy("See the session"),
        cause=cause or f"{CAUSE}:{registration.pk}:{about}",
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


def call_for_funding(registration: Registration, *, funding: Funding, which: str, by: User | None) -> None:
    """By when somebody must have said to pay, so that the place is kept (`registration.funding_due_at`)."""
    session, due = registration.session, registration.funding_due_at
    missing = in_money(funding.gap, session.currency) if funding.gap else ""
    _tell(
        registration,
        subject=gettext_lazy("Action required: your place depends on who pays for your trip"),
        lines=[
            with_words(gettext_lazy("Still missing: %(words)s"), missing) if missing else gettext_lazy("Nobody has said yet who pays."),
            with_day(
                gettext_lazy("Say by %(day)s who pays for it. Afterwards your place goes to whoever waits."),
                due,
                session.time_zone,
            ),
            gettext_lazy("It is enough that you have said it by then: the time that the team needs to check it does not count."),
            gettext_lazy("The page leads to where others have found money. If you cannot come, give your place back there."),
        ],
        cause=funding_cause(registration, which),
        by=by,
        label=gettext_lazy("Say who pays"),
    )


def tell_more_time(registration: Registration, *, by: User) -> None:
    """The team gives somebody a later day (`registration.funding_due_at`)."""
    session, due = registration.session, registration.funding_due_at
    _tell(
        registration,
        subject=gettext_lazy("You have more time to say who pays for your trip"),
        lines=[with_day(gettext_lazy("Your place is kept until %(day)s."), due, session.time_zone)],
        cause=funding_cause(registration, "more"),
        by=by,
        label=gettext_lazy("Say who pays"),
    )


def _named(source: FundingSource):
    return source.name or source.get_payer_display()


def _tell_visa(letter: InvitationLetter, *, subject, lines: list, about: str, by: User | None) -> None:
    tell(
        [letter.registration.person],
        subject=subject,
        lines=[letter.registration.session.title, *lines],
        link="cohorts_visa_letter",
        link_to=letter.registration_id,
        link_label=gettext_lazy("See the letter"),
        cause=f"{PREFIX}:{letter.registration_id}:{about}:{letter.pk}",
        by=by,
    )


def tell_letter_asked(letter: InvitationLetter, *, by: User) -> None:
    """To who handles it, and to the person."""
    registration = letter.registration
    tell(
        handlers_of(registration),
        subject=gettext_lazy("Action required: a letter for a visa is asked for"),
        lines=[
            registration.session.title,
            with_words(gettext_lazy("By: %(words)s"), str(registration.person)),
            gettext_lazy("Check what they typed and issue the letter, or say why not. A consulate waits for nobody."),
        ],
        link="cohorts_cms_registration",
        link_to=registration.pk,
        link_label=gettext_lazy("See the letter"),
        cause=f"{PREFIX}:{registration.pk}:asked:{letter.pk}",
        by=by,
    )
    _tell_visa(
        letter,
        subject=gettext_lazy("Your letter for a visa is asked for"),
        lines=[
            gettext_lazy("The coordinator of the session checks what you typed and writes the letter. We write to you when it is there."),
        ],
        about="received",
        by=by,
    )


def tell_letter_issued(letter: InvitationLetter, *, by: User) -> None:
    session = letter.registration.session
    _tell_visa(
        letter,
        subject=gettext_lazy("Your letter for a visa is there"),
        lines=[
            gettext_lazy("Print it and take it to the consulate with your passport. It is not sent by mail, because of what it says."),
            with_day(
                gettext_lazy("It can be opened until %(day)s; then what it says of you is deleted."), letter.purge_on, session.time_zone
            ),
        ],
        about="issued",
        by=by,
    )


def tell_letter_refused(letter: InvitationLetter, *, by: User) -> None:
    _tell_visa(
        letter,
        subject=gettext_lazy("Action required: your letter for a visa could not be written"),
        lines=[gettext_lazy("The page says why. What you typed is still there: correct it and ask again.")],
        about="refused",
        by=by,
    )


def remind_to_ask(registration: Registration, *, days: int, by: User | None) -> None:
    session = registration.session
    tell(
        [registration.person],
        subject=gettext_lazy("Action required: ask for your letter for a visa"),
        lines=[
            session.title,
            with_day(
                gettext_lazy("You said that you need a visa. Ask for the letter before %(day)s."), session.letters_until, session.time_zone
            ),
            gettext_lazy("Afterwards a visa would not come in time. If you need none, say so there."),
        ],
        link="cohorts_visa_letter",
        link_to=registration.pk,
        link_label=gettext_lazy("Ask for the letter"),
        cause=reminder_cause(registration, days),
        by=by,
    )


def tell_of_purge(letter: InvitationLetter, *, by: User | None) -> None:
    _tell_visa(
        letter,
        subject=gettext_lazy("Your letter for a visa is deleted soon"),
        lines=[
            with_day(
                gettext_lazy("On %(day)s we delete what your passport says, and the letter with it. Keep a copy if you need one."),
                letter.purge_on,
                letter.registration.session.time_zone,
            )
        ],
        about=f"purge-{letter.purge_on:%Y-%m-%d}",
        by=by,
    )

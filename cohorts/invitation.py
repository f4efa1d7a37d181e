"""The letter of invitation: its words, what is frozen of them at issue, and its paper. What a passport says is filled in when it is read."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.countries import country_name
from academy.models import User
from academy.typeset import tagged_pdf
from cohorts.models import InvitationLetter, Session
from cohorts.placeholders import LETTER_NAMES, fill
from cohorts.sealed import CannotBeOpened, unseal
from courses.certificates import organisation_name

TEMPLATE = Path(settings.PROJECT_DIR) / "templates" / "cohorts" / "invitation.typ"

BUILT_IN = gettext_lazy(
    "To whom it may concern,\n\n"
    "{organisation} invites the following person to take part in “{session}”, from {starts} to {ends}, in {place}.\n\n"
    "Name: {name}\n"
    "Nationality: {nationality}\n"
    "Date of birth: {born}\n"
    "Passport: {passport}, valid until {expires}\n\n"
    "Address of the session: {address}\n\n"
    "This person comes for the project “{project}”, which {organisation} accompanies. The session is a working meeting for people whose "
    "project follows the Academy.\n\n"
    "Travel, stay and insurance are not paid by {organisation}. We thank you for granting the visa that this stay requires.\n\n"
    "{coordinator}\n"
    "{organisation}"
)


def _day(said: str | date) -> date:
    return said if isinstance(said, date) else date.fromisoformat(said)


class TextWasChanged(Exception):
    """What was frozen does not have its hash any more: it is given to nobody."""


def words_for(session: Session, language: str) -> str:
    """Those that the session wrote in this language, else the built-in ones."""
    own = (session.visa_letter or {}).get(language, "").strip()
    if own:
        return own.replace("\r\n", "\n")
    with translation.override(language):
        return str(BUILT_IN)


def frozen(letter: InvitationLetter, *, by: User) -> dict:
    """All that the letter says beside what is sealed, in its language, as it stands now."""
    registration, session = letter.registration, letter.registration.session
    zone = ZoneInfo(session.time_zone)
    with translation.override(letter.language):
        return {
            "language": letter.language,
            "words": words_for(session, letter.language),
            "session": session.title.in_language(letter.language),
            "place": session.place,
            "address": ", ".join(line.strip() for line in session.address.splitlines() if line.strip()),
            "starts": date_format(timezone.localtime(session.starts_at, zone), "DATE_FORMAT"),
            "ends": date_format(timezone.localtime(session.ends_at, zone), "DATE_FORMAT"),
            "project": registration.project.name,
            "organisation": organisation_name(),
            "coordinator": by.name,
            "issued": date_format(timezone.localtime(timezone.now(), zone), "DATE_FORMAT"),
            "number": letter.number,
        }


def hash_of(text: dict) -> str:
    return hashlib.sha256(json.dumps(text, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def facts_of(letter: InvitationLetter) -> dict[str, str]:
    """What was typed. Raises CannotBeOpened."""
    return unseal(letter.sealed, about=letter.pk)


def facts_in_words(letter: InvitationLetter | None) -> dict[str, Any] | None:
    """For a page; None once they are deleted, or when the key is another one."""
    if letter is None or letter.is_purged:
        return None
    try:
        facts = facts_of(letter)
    except CannotBeOpened:
        return None
    days = {name: date.fromisoformat(facts[name]) for name in ("born", "expires")}
    return {**facts, **days, "country": country_name(facts["nationality"])}


def paragraphs(text: dict, facts: dict[str, str]) -> list[str]:
    """The words with everything in its place. A line that names something that there is not is left out."""
    language = text["language"]
    with translation.override(language):
        said = {
            **{name: text[name] for name in LETTER_NAMES if name in text},
            "name": facts["name"],
            "passport": facts["passport"],
            "nationality": country_name(facts["nationality"]),
            "born": date_format(_day(facts["born"]), "DATE_FORMAT"),
            "expires": date_format(_day(facts["expires"]), "DATE_FORMAT"),
        }
    found = []
    for part in text["words"].split("\n\n"):
        lines = [fill(line.strip(), said) for line in part.splitlines()]
        found.append("\n".join(line for line in lines if line))
    return [one for one in found if one]


def text_of(letter: InvitationLetter, *, by: User) -> dict:
    """What was frozen, if it is what it was; before issue, what would be frozen by this person now."""
    if letter.state != InvitationLetter.State.ISSUED:
        return frozen(letter, by=by)
    if hash_of(letter.text) != letter.text_sha256:
        raise TextWasChanged
    return letter.text


@cache
def _source() -> bytes:
    return TEMPLATE.read_bytes()


def pdf(letter: InvitationLetter, *, by: User) -> bytes:
    """The letter as a tagged PDF, made anew each time it is read and kept nowhere. Data travel as JSON: nothing in them is markup."""
    text, facts = text_of(letter, by=by), facts_of(letter)
    with translation.override(text["language"]):
        data = {
            "language": text["language"],
            "title": _("Letter of invitation"),
            "organisation": text["organisation"],
            "to": [line.strip() for line in facts["consulate"].splitlines() if line.strip()],
            "day": text["issued"],
            "number": _("Number %(number)s") % {"number": text["number"]},
            "draft": "" if letter.state == InvitationLetter.State.ISSUED else _("Draft: not issued"),
            "paragraphs": paragraphs(text, facts),
        }
    return tagged_pdf(_source(), sys_inputs={"data": json.dumps(data)})

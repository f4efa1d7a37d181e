"""What a reader of an application sees of whose it is. The one place where a blind round hides names.

Every surface that shows an application to who reviews it asks here, never `application.project.name`: lists, pages, titles of pages,
letters, files, errors.

    face = face_of(application, reader)         # one query, none for a coordinator
    faces = faces_of(applications, reader)      # as many for any number of them: {application.pk: Face}

    face.name                # "Coopérative du Nord", or "Project 7F3KQ": the same for every reader, today and tomorrow
    face.people              # [("Paula Promoter", "Lead"), …] when asked for (`people=True`), or [] in a blind round
    face.place               # "Bologna · Italy", or "Italy"
    face.masked(text)        # text, or text with every known name taken out
    face.answers(mapping)    # the same for all that is text in answers as `submitted_answers` gives them, lists and dicts inside too
    face.hide_in(scores, "evidence")  # masks the text of rows that are shown and not saved
    face.file_name(name, 1)  # "Business plan of the Coopérative du Nord.pdf", or "Attachment 1.pdf"

Give `face.answers` the answers of ANY version that is shown, and `face.masked` every text that somebody of the project typed (a
letter, a reason, the evidence of a self-assessment). What readers wrote themselves goes through `face.masked` too when another reader is
shown it: they may have recognised the project.

Who is shown names: coordinators (they organise the reading), members of the project, and readers of a round that is not blind. A person
who was asked to read in several rounds sees names from the first that is not blind. Whether somebody may read at all is not said here:
that is `Application.objects.for_user`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Prefetch, prefetch_related_objects
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from academy.countries import country_name
from academy.models import User
from academy.permissions import is_coordinator
from cohorts.call_answers import CALL, FILES, name_of
from cohorts.contact_words import ADDRESSES
from cohorts.models import (
    LIVE_ASSIGNMENT_STATES,
    Application,
    ApplicationSnapshot,
    Assessment,
    CallQuestion,
    Project,
    ProjectMember,
    ReviewAssignment,
    ReviewRound,
)
from cohorts.name_words import distinctive, is_generic, plain, runs_on, words_in

LETTERS = "23456789ACDEFGHJKLMNPQRTUVWXY"  # none that is taken for another
LENGTH = 5
SHORTEST = 3  # letters of a name that is looked for in any case; one of two only as it is written, with its capital
MOST_SYLLABLES, FIRST_SYLLABLE = 4, 0x3400  # of a name in Chinese, Japanese, Korean: the first is the family's
COMMON = frozenset(
    [
        "al",
        "am",
        "an",
        "as",
        "at",
        "au",
        "be",
        "by",
        "ce",
        "da",
        "de",
        "di",
        "do",
        "du",
        "el",
        "en",
        "et",
        "go",
        "he",
        "if",
        "il",
        "in",
        "is",
        "it",
        "la",
        "le",
        "me",
        "my",
        "ne",
        "no",
        "of",
        "on",
        "or",
        "ou",
        "se",
        "si",
        "so",
        "to",
        "un",
        "up",
        "us",
        "we",
    ]
)
PLATFORMS = frozenset(
    [
        "facebook",
        "instagram",
        "linkedin",
        "twitter",
        "youtube",
        "tiktok",
        "google",
        "wixsite",
        "wordpress",
        "github",
        "gitlab",
        "mailchi",
        "sites",
    ]
)
NOT_NAMES = frozenset(
    [
        "www",
        "com",
        "org",
        "net",
        "coop",
        "info",
        "the",
        "les",
        "des",
        "del",
        "die",
        "der",
        "and",
        "von",
        "van",
        "info",
        "contact",
        "hello",
        "office",
        "mail",
        "admin",
    ]
)
OFFICES = frozenset(  # addresses of an office, not of a person (RFC 2142, and what cooperatives have): their words are everybody's
    [
        "accueil",
        "admin",
        "administration",
        "association",
        "bonjour",
        "bureau",
        "communication",
        "compta",
        "comptabilite",
        "contact",
        "cooperative",
        "coordination",
        "direction",
        "equipe",
        "finance",
        "gestion",
        "hello",
        "info",
        "infos",
        "mail",
        "marketing",
        "office",
        "president",
        "presidence",
        "projet",
        "project",
        "sales",
        "secretariat",
        "support",
        "team",
        "welcome",
    ]
)
PEOPLES_FIELDS = ("name", "website", "place")  # answers that are nothing but identity
CODED = frozenset({"country", "status", "language"})  # answers that are a choice among ours
TEXT = CallQuestion.Kind.TEXT


def is_coded(name: str, asked: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether an answer is figures, or the code of a choice: nobody is named in it, and without a part of it nobody can read it."""
    return name in CODED or (name in asked and asked[name]["kind"] != TEXT)


def pseudonym(application: Application | UUID) -> str:
    """Of an application, in the reader's language: stable, the same for everybody, not made from anything that an address shows."""
    key = getattr(application, "pk", application)
    number = int.from_bytes(salted_hmac("cohorts.faces", str(key), algorithm="sha256").digest()[:8], "big")
    code = ""
    for _place in range(LENGTH):
        number, rest = divmod(number, len(LETTERS))
        code += LETTERS[rest]
    return _("Project %(code)s") % {"code": code}


def _pattern(words: Iterable[str]) -> str:
    """Any of these, longest first, with whatever spaces or dashes stand between their parts."""
    kept = sorted({plain(unicodedata.normalize("NFC", word.strip())) for word in words if word.strip()}, key=len, reverse=True)
    return "|".join(_looked_for(parts) for word in kept if (parts := words_in(word)))


def _looked_for(parts: list[str]) -> str:
    before, after = ("" if runs_on(part) else edge for part, edge in ((parts[0], r"(?<!\w)"), (parts[-1], r"(?!\w)")))
    return before + r"[\W_]{1,3}".join(map(re.escape, parts)) + after


@dataclass(frozen=True)
class Names:
    """What is taken out of a text. `projects` becomes the pseudonym; `parts` of people's names only when they begin with a capital."""

    projects: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()

    def hide(self, text: str, pseudonym: str) -> str:
        return self.hide_names(ADDRESSES.sub(_("[hidden]"), text), pseudonym)

    def hide_names(self, text: str, pseudonym: str = "") -> str:
        hidden = _("[hidden]")
        for words, put, flags in ((self.projects, pseudonym, re.I), (self.whole, hidden, re.I), (self.parts, hidden, 0)):
            pattern = _pattern(words)
            if pattern:
                text = _replace(pattern, put, text, flags)
        return text


def _replace(pattern: str, put: str, text: str, flags: int) -> str:
    """Looked for without accents, replaced in the text itself."""
    text = unicodedata.normalize("NFC", text)
    done, last = [], 0
    for match in re.finditer(pattern, plain(text), flags):
        done += [text[last : match.start()], put]
        last = match.end()
    return "".join([*done, text[last:]])


def names_of_people(people: Collection[User]) -> Names:
    """For what a project reads (`hide_names`): a reader who signed their comment, or named another one, is not told."""
    return _names_of([], people, [], [])


def _names_of(project_names: Collection[str], people: Collection[User], websites: Collection[str], places: Collection[str]) -> Names:
    projects, whole, parts = set(project_names), set(), set()
    for name in project_names:
        pieces = (piece.strip() for piece in re.split(r"[,:;|/()–—]", name))
        projects |= {piece for piece in pieces if not is_generic(piece)} | distinctive(name)
        initials = "".join(word[0] for word in re.findall(r"\w+", name)).upper()
        parts |= {initials} if len(initials) >= SHORTEST else set()
    for person in people:
        whole.add(person.name)
        local = person.email.partition("@")[0]
        whole |= {local} - OFFICES
        pieces = (piece for piece in re.split(r"[._+-]", local) if len(piece) > SHORTEST and not piece.isdigit())
        whole |= {piece for piece in pieces if piece.lower() not in NOT_NAMES | OFFICES}
        names = [part for part in words_in(person.name) if not any(map(str.isdigit, part))]
        names += [name[1:] for name in names if 2 < len(name) <= MOST_SYLLABLES and runs_on(name) and ord(name[0]) > FIRST_SYLLABLE]
        for part in names:
            if len(part) > 1 and part.lower() not in NOT_NAMES | COMMON:
                parts |= {part[:1].upper() + part[1:], part.upper()}
    for website in websites:
        address = urlsplit(website if "//" in website else f"//{website}")
        host = (address.hostname or "").removeprefix("www.")
        labels = [one for one in host.split(".")[:-1] if one not in PLATFORMS | NOT_NAMES and len(one) > SHORTEST]
        accounts = [one for one in address.path.split("/") if len(one) > SHORTEST] if host.split(".")[0] in PLATFORMS else []
        whole |= {host, *labels, *accounts}
    for place in places:
        whole |= {place, *(piece.strip() for piece in re.split(r"[,;/()]", place))}
    parts |= {one.strip() for one in (*projects, *(person.name for person in people)) if len(one.strip()) == SHORTEST - 1}
    in_any_case = (frozenset(one for one in found if len(one.strip()) >= SHORTEST) for found in (projects, whole))
    return Names(*in_any_case, frozenset(parts - {""}))


@dataclass(frozen=True)
class Face:
    """Whose an application is, for one reader."""

    name: str
    is_blind: bool
    place: str
    people: list[tuple[str, str]] = field(default_factory=list)
    names: Names = Names()
    numbers: dict[str, int] = field(default_factory=dict)  # of its attachments, the same in every version and on every page

    def masked(self, text: str) -> str:
        return self.names.hide(text, self.name) if self.is_blind and text else text

    def answers(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """What is nothing but identity is replaced or emptied; in the rest, known names are taken out."""
        if not self.is_blind:
            return dict(answers)
        asked = {name_of(one["question"]): one for one in answers.get(CALL, [])}
        told = {name: value if is_coded(name, asked) else self._value(value) for name, value in answers.items()}
        for name in PEOPLES_FIELDS:
            if name in told:
                told[name] = self.name if name == "name" else ""
        if CALL in answers:
            told[CALL] = [{**one, **({"value": self._value(one.get("value"))} if one["kind"] == TEXT else {})} for one in answers[CALL]]
        if FILES in answers:
            told[FILES] = [
                {**file, "name": self.file_name(file["name"], self.numbers.get(file.get("id", ""), place))}
                for place, file in enumerate(answers[FILES], start=1)
            ]
        return told

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, Mapping):
            return {key: self._value(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(one) for one in value]
        return value

    def hide_in(self, rows: Iterable[Model], *names: str) -> None:
        """Masks the text of rows that are about to be shown. Never save them afterwards."""
        for row in rows if self.is_blind else ():
            for name in names:
                setattr(row, name, self.masked(getattr(row, name)))

    def file_name(self, name: str, number: int) -> str:
        """Under what name a file is shown and served: `number` is its place among those of the application."""
        if not self.is_blind:
            return name
        ending = PurePosixPath(name).suffix.lower()
        return _("Attachment %(number)s") % {"number": number} + (ending if re.fullmatch(r"\.[a-z0-9]{1,5}", ending) else "")


def name_for(application: Application, reader: User) -> str:
    """For a letter: in the language of who receives it."""
    with translation.override(reader.language):
        return face_of(application, reader).name


def face_of(application: Application, reader: User, *, people: bool = False) -> Face:
    return faces_of([application], reader, people=people)[application.pk]


def faces_of(applications: Collection[Application], reader: User, *, people: bool = False) -> dict[UUID, Face]:
    """Of many at once, in a number of queries that does not depend on how many, when their projects come with them (`select_related`).

    `people`: read who the members are. One query for a reader of rounds that are not blind, none for a coordinator.
    """
    blind = _blind_to(applications, reader)
    members: dict[UUID, list[ProjectMember]] = {row.project_id: [] for row in applications if people or row.pk in blind}
    if members:
        for member in ProjectMember.objects.filter(project__in=members).select_related("person").order_by("joined_at"):
            members[member.project_id].append(member)
    gone = _who_left(members)
    versions = Prefetch("snapshots", ApplicationSnapshot.objects.select_related("submitted_by"))
    prefetch_related_objects([row for row in applications if row.pk in blind], versions, "submitted_by", "files")
    prefetch_related_objects([row.project for row in applications if row.pk in blind], "invitations")
    return {
        row.pk: _blind_face(row, members[row.project_id], gone.get(row.project_id, []))
        if row.pk in blind
        else _open_face(row, members.get(row.project_id, []))
        for row in applications
    }


def _who_left(projects: Iterable[UUID]) -> dict[UUID, list[User]]:
    """Those who were of a project once, as its history says. Two queries, none without a project."""
    keys = {str(pk): pk for pk in projects}
    if not keys:
        return {}
    left = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Project), object_id__in=keys, action="cohorts.leave_project"
    )
    who = [(keys[key], data.get("person")) for key, data in left.values_list("object_id", "data")]
    people = User.objects.in_bulk({person for _key, person in who if person})
    found: dict[UUID, list[User]] = {}
    for key, person in who:
        found.setdefault(key, []).extend([people[person]] if person in people else [])
    return found


def is_blind_to(application: Application, reader: User) -> bool:
    return bool(_blind_to([application], reader))


def _blind_to(applications: Collection[Application], reader: User) -> set[UUID]:
    if is_coordinator(reader):
        return set()
    rounds = {row.pk: row for row in ReviewRound.objects.filter(cohort__in={row.cohort_id for row in applications})}
    if not any(row.is_blind for row in rounds.values()):
        return set()
    asked: dict[UUID, set[bool]] = {}
    mine = ReviewAssignment.objects.filter(application__in=applications, reviewer=reader)
    for application, round, state in mine.values_list("application", "round", "state"):
        names_shown = state in LIVE_ASSIGNMENT_STATES and not rounds[round].is_blind
        asked.setdefault(application, set()).add(names_shown)
    own = set(ProjectMember.objects.filter(person=reader).values_list("project", flat=True))
    some_blind = {row.cohort_id for row in rounds.values() if row.is_blind}
    return {row.pk for row in applications if row.cohort_id in some_blind and row.project_id not in own and not any(asked.get(row.pk, ()))}


def _open_face(application: Application, members: list[ProjectMember]) -> Face:
    project = application.project
    place = " · ".join(word for word in (project.place, project.country_name) if word)
    return Face(project.name, False, place, [(str(row.person), str(row.get_role_display())) for row in members])


def _blind_face(application: Application, members: list[ProjectMember], gone: list[User]) -> Face:
    project = application.project
    versions = [row.content.get("project", {}) for row in application.snapshots.all()]
    said = [{"name": project.name, "website": project.website, "place": project.place}, *versions]
    senders = [application.submitted_by, *(row.submitted_by for row in application.snapshots.all())]  # some have left the project since
    invited = [User(email=row.email) for row in project.invitations.all()]  # who was asked may be named too
    people = [*{person.pk: person for person in (*(row.person for row in members), *senders, *gone) if person}.values(), *invited]
    names = _names_of(
        {str(row.get("name") or "") for row in said},
        people=people,
        websites={str(row.get("website") or "") for row in said} - {""},
        places={str(row.get("place") or "") for row in said} - {""},
    )
    country = country_name(project.country) if project.country else ""
    numbers = {str(row.pk): number for number, row in enumerate(application.files.all(), start=1)}
    return Face(pseudonym(application), True, country, [], names, numbers)


def voices_of(rows: Iterable[Assessment], face: Face, reader: User) -> dict[UUID, str]:
    """Who wrote each of these assessments of one application, for one reader. In a blind round the readers have numbers, always the same."""
    rows = list(rows)
    if not face.is_blind:
        return {row.pk: str(row.assessor) for row in rows}
    asked = ReviewAssignment.objects.filter(application__in={row.application_id for row in rows}).order_by("proposed_at", "pk")
    numbers = {pk: number for number, pk in enumerate(dict.fromkeys(asked.values_list("reviewer", flat=True)), start=1)}
    return {
        row.pk: str(row.assessor) if row.assessor_id == reader.pk else _("Reader %(number)s") % {"number": numbers.get(row.assessor_id, 0)}
        for row in rows
    }

"""What people are told by mail. Words are lazy: the outbox renders them in the reader's language.

A letter about an application (`CallLetter.Occasion`) is made by `letter_of`, for its preview as for its sending (`send_letter`): in the
words that its call wrote, else in those of `cohorts.letter_words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from academy import messages
from academy.dates import moment_in
from academy.models import Message, User
from cohorts.letter_words import ACTION_REQUIRED, BUILT_IN, LINKS, MUST_BE_SAID
from cohorts.models import Application, CallLetter, Cohort, Determination, Project
from cohorts.organisers import who_signs
from cohorts.placeholders import fill, names_in


def _with_day(sentence, moment: datetime, zone: str) -> str:
    return str(sentence) % {"day": moment_in(moment, zone)}


# A sentence with a `%(day)s` in it, filled with the moment when the letter is written, in the reader's language.
with_day = lazy(_with_day, str)
# The same with `%(words)s`: what somebody wrote, in one language or in several.
with_words = lazy(lambda sentence, words: str(sentence) % {"words": words}, str)


def people_of(project: Project) -> list:
    """Those who speak for the project: the lead and the members."""
    return [row.person for row in project.memberships.speaking().select_related("person")]


def tell(people: Iterable, *, subject, lines: list, cause: str, by=None, link: str = "", link_to=None, link_label="", calendar="") -> None:
    """Queues one short letter. `link` is the name of a page of the site, `link_to` what it is about; `cause` keeps it from being sent
    twice; `calendar` is an `.ics` file.
    """
    context = {
        "subject_line": subject,
        "lines": [line for line in lines if line],
        "link": link,
        "link_to": link_to,
        "link_label": link_label,
    }
    for person in people:
        messages.queue(person, template="cohorts_notice", context=context, cause=cause, by=by, calendar=calendar)


def hold_back(causes: Iterable[str], *, now: datetime) -> None:
    """What these causes had to say and has not left yet never leaves."""
    Message.objects.unsent().filter(cause__in=list(causes)).update(cancelled_at=now)


def tell_project(project: Project, *, lines: list, **letter) -> None:
    """To those who speak for it; the letter names it, because they may be of several."""
    about = with_words(gettext_lazy("This letter is about your project: %(words)s"), project.name)
    tell(people_of(project), lines=[*lines, about], **letter)


@dataclass(frozen=True)
class Letter:
    """One letter about one application. `subject` and `lines` are in the language that is active when they are read.

    A line that names something that there is not (no conditions, no date) is left out. What a project must know and its call's own
    words do not name (the reasons, the conditions, the dates) is added below them: it is never lost.
    """

    occasion: str
    project: Project
    cohort: Cohort
    words: CallLetter | None = None
    reasons: str = ""
    conditions: str = ""
    answer_by: datetime | None = None
    due: datetime | None = None

    @property
    def subject(self) -> str:
        one_line = re.sub(r"[ \t\r\n]+", " ", fill(self._own("subject"), self._values)).strip()  # the spaces of French stay
        subject = one_line or str(BUILT_IN[self.occasion].subject)
        if LINKS[self.occasion].must_act and not subject.casefold().startswith(ACTION_REQUIRED.format(subject="").strip().casefold()):
            return ACTION_REQUIRED.format(subject=subject)
        return subject

    @property
    def lines(self) -> list[str]:
        """The paragraphs, each of one line or more."""
        values, said, paragraphs = self._values, set(), []
        for part in re.split(r"\n\s*\n", self._own("body").replace("\r\n", "\n")):
            kept = [(line, fill(line.strip(), values)) for line in part.splitlines()]
            said |= {name for line, filled in kept if filled for name in names_in(line)}
            paragraphs.append("\n".join(filled for _line, filled in kept if filled))
        paragraphs += [fill(str(line), values) for name, line in MUST_BE_SAID.items() if name not in said]
        return [paragraph for paragraph in paragraphs if paragraph]

    @property
    def link(self) -> str:
        """The name of the page to which its button leads; empty when it has none."""
        return LINKS[self.occasion].page

    @property
    def link_label(self) -> str:
        return str(LINKS[self.occasion].label)

    def _own(self, name: str) -> str:
        return str(getattr(self.words, name, "") or getattr(BUILT_IN[self.occasion], name))

    @property
    def _values(self) -> dict[str, str]:
        zone = self.cohort.time_zone
        return {
            "project": self.project.name,
            "cohort": str(self.cohort.title),
            "starts": date_format(timezone.localtime(self.cohort.starts_at, ZoneInfo(zone)), "DATE_FORMAT"),
            "coordinator": lazy(lambda: str(who_signs(self.project, self.cohort.coordinator)), str)(),
            "reasons": self.reasons.strip(),
            "conditions": self.conditions.strip(),
            "answer_by": moment_in(self.answer_by, zone) if self.answer_by else "",
            "due": moment_in(self.due, zone) if self.due else "",
        }


# The same moment on several clocks, each named; a clock that is named twice is shown once.
on_clocks = lazy(lambda moment, *zones: " = ".join(moment_in(moment, zone) for zone in dict.fromkeys(zones)), str)


def own_words(cohort: Cohort) -> dict[str, CallLetter]:
    """The letters that a call wrote, by occasion: read once for many projects, given to each `letter_of`."""
    return {row.occasion: row for row in cohort.letters.all()}


def letter_of(application: Application, occasion: str, *, words: Mapping[str, CallLetter] | None = None, **said) -> Letter:
    """The letter about an application, for a preview as for its sending. `said`: reasons, conditions, answer_by, due.

    Read its subject and lines under the language of whoever reads it.
    """
    cohort = application.cohort
    own = own_words(cohort) if words is None else words
    return Letter(str(occasion), application.project, cohort, own.get(occasion), **said)


def decision_letter(determination: Determination, *, words: Mapping[str, CallLetter] | None = None) -> Letter:
    """What a project is told of its admission, its place on the reserve list, or a refusal: the outcome is the occasion."""
    return letter_of(
        determination.application,
        determination.outcome,
        words=words,
        reasons=determination.reasons,
        conditions=determination.conditions,
        answer_by=determination.answer_by,
    )


def send_letter(letter: Letter, *, cause: str, by: User | None) -> list[Message]:
    """Queues the letter for everybody who speaks for the project, in the language of each. At most once per cause and person."""
    queued = []
    for person in people_of(letter.project):
        with translation.override(person.language):
            context = {"subject_line": letter.subject, "lines": letter.lines, "link": letter.link, "link_label": letter.link_label}
        queued.append(messages.queue(person, template="cohorts_notice", context=context, cause=cause, by=by))
    return [message for message in queued if message]


GRADUATION_SENTENCES = {
    Determination.Outcome.GRADUATED: gettext_lazy("Congratulations: your project has graduated. Your certificate is ready."),
    Determination.Outcome.NOT_YET: gettext_lazy("Your project does not graduate yet. Here is what we would like to see first:"),
    Determination.Outcome.REVOKED: gettext_lazy("The graduation of your project is revoked, for these reasons:"),
}


def graduation_letter(determination: Determination) -> dict:
    """What a project is told of its graduation, for a preview as for its sending (`tell_project`)."""
    return {
        "subject": gettext_lazy("Our decision on graduation"),
        "lines": [GRADUATION_SENTENCES[Determination.Outcome(determination.outcome)], determination.reasons],
        "link": "cohorts_my_pathway",
        "link_label": gettext_lazy("Open my pathway"),
    }

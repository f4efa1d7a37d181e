"""One call as anybody reads it: what it asks, gives and costs, when, and who has been through it. Past and coming calls too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from wagtail.models import Page

from academy.countries import country_name
from academy.fields import LocalizedText
from academy.privacy import hidden_for
from cohorts.answers import Question, sections_of
from cohorts.call_answers import choices_of
from cohorts.calls import next_call
from cohorts.frozen import parts_and_criteria
from cohorts.models import Application, CallQuestion, Cohort, CohortState, Participation, Partnership, Pathway, RubricPart, Session
from cohorts.models.participation import ENDED_PARTICIPATION
from wiki.models import MonographPage

Words = str | Promise | LocalizedText

# Where a call stands for whoever wants to apply.
PLANNED, COMING, ACCEPTING, CLOSED, RUNNING, OVER = "planned", "coming", "accepting", "closed", "running", "over"
_BY_STATE = {
    CohortState.PLANNED: PLANNED,
    CohortState.REVIEWING: CLOSED,
    CohortState.RUNNING: RUNNING,
    CohortState.CLOSED: OVER,
}


def standing(cohort: Cohort, now: datetime | None = None) -> str:
    now = now or timezone.now()
    if cohort.state != CohortState.OPEN:
        return _BY_STATE[cohort.state]
    if now < cohort.intake_opens_at:
        return COMING
    return ACCEPTING if now < cohort.intake_closes_at else CLOSED


def is_elsewhere(cohort: Cohort) -> bool:
    """Whether the reader's clock shows another hour than the cohort's when the call closes."""
    there, here = (timezone.localtime(cohort.intake_closes_at, zone) for zone in (cohort.zone, None))
    return there.utcoffset() != here.utcoffset()


@dataclass(frozen=True)
class Graduate:
    """A project that has become a partner: all that is public of it."""

    name: str
    country: str
    cohort: str
    typology: str
    page: Page | None


@dataclass(frozen=True)
class Past:
    """Who walked the pathway until now: in numbers, and by name those who became partners."""

    projects: int
    countries: int
    graduated: int
    named: list[Graduate]


def past_of(cohort: Cohort, request: HttpRequest) -> Past:
    """The projects of this cohort and of those that began before it on the same pathway, whichever its version; not those that left it.

    Four queries at most, however many there are.
    """
    versions = Pathway.objects.filter(key__in=Pathway.objects.filter(pk=cohort.pathway_id).values("key"))
    before = Cohort.objects.filter(pathway__in=versions.values("pk"), starts_at__lte=cohort.starts_at).values("pk")
    walked = Participation.objects.filter(cohort__in=before, activated_at__isnull=False)
    counts = walked.exclude(state__in=ENDED_PARTICIPATION).aggregate(
        projects=Count("project", distinct=True),
        countries=Count("project__country", distinct=True),
        graduated=Count("project", distinct=True, filter=Q(state__in=[Participation.State.GRADUATED, Participation.State.ALUMNUS])),
    )
    partners = (
        Partnership.objects.current()
        .filter(determination__participation__cohort__in=before)
        .select_related("project", "typology", "determination__participation__cohort")
        .order_by("-since", "project__name")
    )
    rows = [(row.project, row.determination.participation.cohort, row.typology) for row in partners]
    pages = monographs_of([project.name for project, _cohort, _typology in rows], request)
    named = [
        Graduate(project.name, country_name(project.country), str(theirs.title), str(typology.label), pages.get(project.name.casefold()))
        for project, theirs, typology in rows
    ]
    return Past(**counts, named=named)


def monographs_of(names: list[str], request: HttpRequest) -> dict[str, Page]:
    """The monograph that bears the name of a project, in the reader's language where there is one; never one closed to the reader."""
    if not names:
        return {}
    pages = MonographPage.objects.live().filter(kind=MonographPage.Kind.PROJECT, organisation__in=names).select_related("locale")
    found: dict[str, Page] = {}
    for page in hidden_for(request).exclude_from(pages).order_by("pk"):
        key = page.organisation.casefold()
        if key not in found or page.locale.language_code == get_language():
            found[key] = page
    return found


def ingredients_of(cohort: Cohort) -> list[RubricPart]:
    parts, _criteria = parts_and_criteria(cohort)
    return [part for part in parts if part.kind == RubricPart.Kind.INGREDIENT]


def call_context(request: HttpRequest, cohort: Cohort) -> dict:
    """What the page of a call shows. Ten queries at most, whatever the number of questions, sessions and graduates."""
    stands = standing(cohort)
    mine = Application.objects.of_member(request.user).live().filter(cohort=cohort) if request.user.is_authenticated else None
    return {
        "cohort": cohort,
        "stands": stands,
        "is_elsewhere": is_elsewhere(cohort),
        "gives": points_of(cohort.gives),
        "costs": points_of(cohort.costs),
        "sessions": list(Session.objects.filter(cohorts=cohort, cancelled_at__isnull=True).order_by("starts_at")),
        "ingredients": ingredients_of(cohort),
        "parts": questions_of(cohort),
        "past": past_of(cohort, request),
        "mine": list(mine.select_related("project")) if mine is not None else [],
        "instead": _instead(cohort) if stands in (CLOSED, RUNNING, OVER) else None,
    }


def points_of(words: LocalizedText) -> list[str]:
    """Each line of a text that somebody typed as a list."""
    return [line.strip() for line in str(words).splitlines() if line.strip()]


def _instead(cohort: Cohort) -> Cohort | None:
    """The call to which one applies in the place of one that is over: one that is open, else the next that is announced."""
    return Cohort.objects.accepting().exclude(pk=cohort.pk).order_by("intake_closes_at").first() or next_call()


@dataclass(frozen=True)
class Asked:
    """One question as it is read before anybody answers it. `answer`: of what kind, where it is not a text; `most_words`: of a text."""

    words: Words
    help: Words
    is_required: bool
    answer: Words = ""
    choices: tuple[str, ...] = ()
    most_words: int | None = None
    is_fact: bool = False

    @property
    def remarks(self) -> str:
        """What is said beside it in brackets; empty when nothing is."""
        found = [] if self.is_required else [_("optional")]
        if self.answer and not self.choices:
            found.append(str(self.answer))
        if self.most_words:
            found.append(ngettext("%(count)s word at most", "%(count)s words at most", self.most_words) % {"count": self.most_words})
        return ", ".join(found)

    @property
    def is_short(self) -> bool:
        """Whether one line on paper is enough."""
        return bool(self.answer) or self.is_fact


@dataclass(frozen=True)
class AskedPart:
    title: Words
    lead: Words
    questions: list[Asked]


FACTS = frozenset({"name", "country", "place", "status", "website", "funds_own_travel"})


def questions_of(cohort: Cohort) -> list[AskedPart]:
    """Every question of a call, in the order of the form: the project, the core that every call asks, then what only this one asks."""
    return [AskedPart(section.title, section.lead, [_asked(one) for one in section.questions]) for section in sections_of(cohort)]


def _asked(question: Question) -> Asked:
    asked = question.asked or {}
    kind = asked.get("kind", CallQuestion.Kind.TEXT)
    return Asked(
        question.words,
        question.help,
        question.is_required,
        "" if kind == CallQuestion.Kind.TEXT else CallQuestion.Kind(kind).label,
        tuple(choices_of(asked)),
        question.most_words,
        question.name in FACTS,
    )

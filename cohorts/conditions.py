"""Whether a project meets the minimum conditions of a status, and why: facts gathered once, then one pure rule per kind.

Used by the graduation file and by the verbs that graduate, so that both say the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from statistics import fmean

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.rules import RuleViolation
from cohorts.models import (
    Assessment,
    ConditionRecord,
    Dossier,
    Moment,
    Participation,
    Project,
    Requirement,
    Score,
    Typology,
    TypologyCondition,
)
from cohorts.requirements import WAIVED, Standing, gather, requirements_of, standings

MET, OPEN = "met", "open"  # beside WAIVED
Rule = TypologyCondition.Rule


@dataclass(frozen=True)
class ConditionFacts:
    """What is known of one project in one cohort, for the rules. `levels`: pillar → mean level of the last assessment on the pathway."""

    standings: list[Standing]
    attended: int = 0
    levels: dict[str, float] = field(default_factory=dict)
    moment: str = ""
    legal_form: str = ""
    status: str = Project.Status.IDEA
    records: dict[int, ConditionRecord] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """One condition for one project. `record` is set where a person confirmed or waived it."""

    condition: TypologyCondition
    state: str
    why: str
    record: ConditionRecord | None = None

    @property
    def is_met(self) -> bool:
        return self.state != OPEN

    @property
    def is_waived(self) -> bool:
        return self.state == WAIVED


@dataclass(frozen=True)
class CheckedTypology:
    typology: Typology
    conditions: list[Checked]

    @property
    def open(self) -> list[Checked]:
        return [row for row in self.conditions if not row.is_met]

    @property
    def is_met(self) -> bool:
        return not self.open


def all_typologies() -> list[Typology]:
    """In their order, with all that they say. Four queries."""
    return list(Typology.objects.prefetch_related("terms", "conditions", "papers"))


def facts_on(participation: Participation) -> ConditionFacts:
    """What the rules need, read now. Nine queries, however much there is of everything."""
    cohort, project = participation.cohort, participation.project_id
    requirements = requirements_of(cohort)
    gathered = gather(cohort, [project], requirements)
    rows = standings(requirements, cohort, project, gathered, today=date.max)
    return facts_from(participation, rows, attended=gathered.attended[project])


def facts_from(participation: Participation, rows: list[Standing], *, attended: int) -> ConditionFacts:
    """For who has read the standings already. Four queries."""
    moment, levels = _levels(participation)
    said = Dossier.objects.filter(project=participation.project_id).values_list("legal_organisation", flat=True).first()
    records = participation.condition_records.filter(annulled_at__isnull=True, condition__isnull=False).select_related("recorded_by")
    return ConditionFacts(
        standings=rows,
        attended=attended,
        levels=levels,
        moment=moment,
        legal_form=(said or "").strip(),
        status=Project.objects.values_list("status", flat=True).get(pk=participation.project_id),
        records={row.condition_id: row for row in records},
    )


def _levels(participation: Participation) -> tuple[str, dict[str, float]]:
    """The last moment at which the team assessed the project on its pathway, and the mean level of each pillar then.

    Each criterion weighs the same, as on the radar; who cannot judge is not counted. Assessments of the application are not asked: they
    are about what a project meant to do.
    """
    of_team = Assessment.objects.counted().filter(project=participation.project_id, cohort=participation.cohort_id)
    scores = Score.objects.filter(
        assessment__in=of_team.exclude(moment=Moment.ENTRY), level__isnull=False, criterion__part__kind="pillar"
    ).order_by()
    given: dict[str, dict[str, dict[int, list[int]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for moment, pillar, criterion, value in scores.values_list("assessment__moment", "criterion__part__key", "criterion", "level__value"):
        given[moment][pillar][criterion].append(value)
    last = next((moment for moment in reversed(Moment.values) if moment in given), "")
    return last, {pillar: fmean(map(fmean, criteria.values())) for pillar, criteria in given.get(last, {}).items()}


def check(condition: TypologyCondition, facts: ConditionFacts) -> Checked:
    """Pure: no query. What a person answered stands before what a rule finds."""
    record = facts.records.get(condition.pk)
    if record is not None:
        state = WAIVED if record.outcome == ConditionRecord.Outcome.WAIVED else MET
        return Checked(condition, state, record.note, record)
    is_met, why = RULES[Rule(condition.rule)](condition, facts)
    return Checked(condition, MET if is_met else OPEN, why)


def check_typologies(typologies: Iterable[Typology], facts: ConditionFacts) -> list[CheckedTypology]:
    return [CheckedTypology(one, [check(row, facts) for row in one.conditions.all()]) for one in typologies]


def check_or_refuse(participation: Participation, typology: Typology) -> CheckedTypology:
    """The conditions of one typology as they stand now. Raises RuleViolation when one is open, in words that say which and why."""
    [found] = check_typologies([typology], facts_on(participation))
    if found.open:
        first = found.open[0]
        raise RuleViolation(
            _("“%(typology)s” is not open to this project yet. Wanted: %(condition)s. %(why)s")
            % {"typology": typology.label, "condition": first.condition.sentence, "why": first.why},
            code="condition",
        )
    return found


# --- one rule per kind: is it so, and why


def _confirmed(condition: TypologyCondition, facts: ConditionFacts) -> tuple[bool, str]:
    return False, _("Nobody has confirmed it yet.")


def _requirements(condition: TypologyCondition, facts: ConditionFacts) -> tuple[bool, str]:
    asked = [row for row in facts.standings if row.requirement.mandatory]
    owed = [row for row in asked if not row.is_settled]
    if owed:
        words = ngettext("%(n)s is open: %(first)s", "%(n)s are open, the first: %(first)s", len(owed))
        return False, words % {"n": len(owed), "first": owed[0].requirement.title}
    waived = sum(row.state == WAIVED for row in asked)
    if waived:
        words = ngettext("All %(all)s are settled, %(n)s of them waived.", "All %(all)s are settled, %(n)s of them waived.", waived)
        return True, words % {"all": len(asked), "n": waived}
    return True, _("All %(all)s are done.") % {"all": len(asked)}


def _sessions(condition: TypologyCondition, facts: ConditionFacts) -> tuple[bool, str]:
    """A session that was waived counts: nobody is asked twice for the same thing."""
    sessions = [row for row in facts.standings if row.requirement.kind == Requirement.Kind.SESSION]
    waived = sum(row.state == WAIVED for row in sessions)
    said = ngettext("%(n)s session attended", "%(n)s sessions attended", facts.attended) % {"n": facts.attended}
    if waived:
        said = _("%(attended)s, %(waived)s waived") % {"attended": said, "waived": waived}
    return facts.attended + waived >= condition.number, said


def _pillar(condition: TypologyCondition, facts: ConditionFacts) -> tuple[bool, str]:
    level = facts.levels.get(condition.pillar)
    if not facts.moment:
        return False, _("Smart has not assessed the project on its pathway yet.")
    moment = Moment(facts.moment).label
    if level is None:
        return False, _("%(moment)s: nobody could judge this pillar.") % {"moment": moment}
    words = _("%(moment)s: level %(level)s, where %(wanted)s is wanted.")
    return level >= condition.number, words % {"moment": moment, "level": floatformat(level, "-1"), "wanted": condition.number}


def _legal_form(condition: TypologyCondition, facts: ConditionFacts) -> tuple[bool, str]:
    if facts.legal_form:
        return True, _("The dossier says it, under “Legal organisation”.")
    return False, _("The dossier says nothing under “Legal organisation” yet.")


def _started(condition: TypologyCondition, facts: ConditionFacts) -> tuple[bool, str]:
    said = _("The project says: %(status)s.") % {"status": Project.Status(facts.status).label}
    return facts.status in (Project.Status.STARTING, Project.Status.RUNNING), said


RULES: dict[str, Callable[[TypologyCondition, ConditionFacts], tuple[bool, str]]] = {
    Rule.CONFIRMED: _confirmed,
    Rule.REQUIREMENTS: _requirements,
    Rule.SESSIONS: _sessions,
    Rule.PILLAR: _pillar,
    Rule.LEGAL_FORM: _legal_form,
    Rule.STARTED: _started,
}

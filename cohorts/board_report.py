"""The report of a cohort for the board: each figure is the rows that it counts, so that none can say another number than its list.

Read by coordinators. What they may not know of (a project in which they have an interest) is counted nowhere, and the report says so.
The number of queries is the same for one project and for sixty.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import fmean, median
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from academy.charts import Bar, bars
from academy.countries import country_name
from academy.models import User
from academy.search.words import folded
from academy.ui import PILLARS, Series
from cohorts.interests import interests_of
from cohorts.models import (
    Application,
    Assessment,
    Cohort,
    Determination,
    Level,
    MeetingNote,
    Moment,
    OfficeHour,
    Participation,
    Registration,
    RegistrationStatus,
    ReviewAssignment,
    Score,
    Session,
)
from cohorts.satisfaction import told_of

_R = RegistrationStatus


@dataclass(frozen=True)
class Row:
    """One thing that a figure counts: what it is, where it is, what is said of it, and how much of it (hours, days)."""

    label: str
    href: str
    detail: str = ""
    amount: float | None = None


@dataclass(frozen=True)
class Figure:
    """`key` is its name in the address of its rows. With amounts, what is said is worked out of them by `say`."""

    key: str
    label: str
    rows: list[Row]
    say: str = "count"

    @property
    def value(self) -> float:
        amounts = [row.amount for row in self.rows if row.amount is not None]
        if self.say == "sum":
            return sum(amounts)
        if self.say == "middle":
            return median(amounts) if amounts else 0
        return len(self.rows)

    @property
    def words(self) -> str:
        if self.say == "middle" and not self.rows:
            return "—"
        return floatformat(self.value, "-1")  # as each row says its amount: rounded, never cut off


@dataclass(frozen=True)
class Chapter:
    key: str
    title: str
    figures: list[Figure]
    note: str = ""

    @property
    def lines(self) -> list[tuple[Figure, Bar | None]]:
        drawn = bars([figure.value for figure in self.figures])
        return list(zip(self.figures, drawn, strict=True))


@dataclass(frozen=True)
class Country:
    """How far the projects of one country came."""

    code: str
    name: str
    sent: Figure
    admitted: Figure
    graduated: Figure


@dataclass(frozen=True)
class PillarLine:
    """The mean of the cohort on one pillar, from 0 to 4, at entry and at the last assessment since; of projects that have both."""

    key: str
    label: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass
class Report:
    cohort: Cohort
    left_out: int
    funnel: Chapter
    countries: list[Country]
    pillars: list[PillarLine]
    compared: Figure
    sessions: list[tuple[Session, Chapter]]
    decisions: Chapter
    statuses: Chapter
    time: Chapter
    _figures: dict[str, Figure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chapters = [self.funnel, self.decisions, self.statuses, self.time, *(chapter for _session, chapter in self.sessions)]
        figures = [figure for chapter in chapters for figure in chapter.figures]
        figures += [figure for one in self.countries for figure in (one.sent, one.admitted, one.graduated)]
        self._figures = {figure.key: figure for figure in [*figures, self.compared]}

    @property
    def here(self) -> list[str]:
        """The countries of the projects that were admitted, for the map."""
        return sorted(one.code for one in self.countries if one.code and one.admitted.rows)

    @property
    def asked(self) -> list[str]:
        """Those of the projects that applied, and were not admitted."""
        return sorted(one.code for one in self.countries if one.code and not one.admitted.rows)

    def figure(self, key: str) -> Figure | None:
        return self._figures.get(key)

    @property
    def left_out_words(self) -> str:
        """Empty when everything is counted."""
        if not self.left_out:
            return ""
        words = ngettext(
            "%(n)s project in which you have an interest is counted nowhere here.",
            "%(n)s projects in which you have an interest are counted nowhere here.",
            self.left_out,
        )
        return words % {"n": self.left_out}

    @property
    def series(self) -> list[Series]:
        """Before drawn soft and dashed, after in ink."""
        voices = ((_("At entry"), True, "soft", "before"), (_("Since"), False, "ink", "after"))
        return [
            Series(name, dashed, {line.label: _share(getattr(line, which)) for line in self.pillars}, tone)
            for name, dashed, tone, which in voices
        ]


def _share(level: float | None) -> float | None:
    return None if level is None else level / Level.HIGHEST


# --- the rows


def _application_row(row: Application) -> Row:
    said = [row.project.country_name, str(row.get_state_display())]
    return Row(row.project.name, reverse("cohorts_cms_application", args=[row.pk]), " · ".join(filter(None, said)))


def _participation_row(row: Participation, detail: str = "") -> Row:
    said = [row.project.country_name, detail or str(row.get_state_display())]
    return Row(row.project.name, reverse("cohorts_cms_participation", args=[row.pk]), " · ".join(filter(None, said)))


def _registration_row(row: Registration) -> Row:
    return Row(f"{row.person} ({row.project.name})", reverse("cohorts_cms_session", args=[row.session_id]), str(row.get_status_display()))


def _funnel(sent: list[Application], read: set[UUID], walking: list[Participation], came: set[UUID]) -> Chapter:
    took = [row for row in walking if row.activated_at]
    steps = [
        Figure("sent", _("Applications sent"), [_application_row(row) for row in sent]),
        Figure("read", _("Read by somebody at least"), [_application_row(row) for row in sent if row.pk in read]),
        Figure("admitted", _("Admitted"), [_participation_row(row) for row in walking]),
        Figure("took-part", _("Took their place"), [_participation_row(row) for row in took]),
        Figure("came", _("Came to a session"), [_participation_row(row) for row in took if row.project_id in came]),
        Figure("graduated", _("Graduated"), [_participation_row(row) for row in took if row.graduated_at and row.state != "revoked"]),
    ]
    return Chapter("funnel", _("From the application to graduation"), steps)


def _countries(sent: list[Application], funnel: Chapter, walking: list[Participation]) -> list[Country]:
    known = {figure.key: {row.href for row in figure.rows} for figure in funnel.figures}
    codes = Counter(row.project.country for row in sent) | Counter(row.project.country for row in walking)
    found = []
    for code in codes:
        name = country_name(code) if code else _("No country said")
        applied = [_application_row(row) for row in sent if row.project.country == code]
        here = [_participation_row(row) for row in walking if row.project.country == code]
        figures = (
            Figure(f"sent-{code or 'none'}", name, applied),
            Figure(f"admitted-{code or 'none'}", name, here),
            Figure(f"graduated-{code or 'none'}", name, [row for row in here if row.href in known["graduated"]]),
        )
        found.append(Country(code, name, *figures))
    return sorted(found, key=lambda one: (-len(one.sent.rows), folded(one.name)))


# --- pillars before and after


def _pillars(cohort: Cohort, walking: list[Participation]) -> tuple[list[PillarLine], Figure]:
    """Means of Smart's levels for each project and pillar, then over projects: each weighs the same. Two queries."""
    projects = {row.project_id: row for row in walking}
    counted = Assessment.objects.counted().of_the_last_application().filter(cohort=cohort, project__in=list(projects))
    levels: dict[tuple[UUID, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    scores = Score.objects.filter(assessment__in=counted, criterion__part__kind="pillar", level__isnull=False).order_by()
    said = scores.values_list("assessment__project_id", "assessment__moment", "criterion__part__key", "level__value")
    for project, moment, pillar, value in said:
        levels[project, moment][pillar].append(value)
    before: dict[str, list[float]] = defaultdict(list)
    after: dict[str, list[float]] = defaultdict(list)
    both = []
    for project, row in projects.items():
        first = levels.get((project, Moment.ENTRY))
        last = levels.get((project, Moment.GRADUATION)) or levels.get((project, Moment.MIDWAY))
        if not first or not last:
            continue
        both.append(_participation_row(row))
        for pillar in first.keys() & last.keys():
            before[pillar].append(fmean(first[pillar]))
            after[pillar].append(fmean(last[pillar]))
    lines = [
        PillarLine(key, str(one.label), fmean(before[key]) if before[key] else None, fmean(after[key]) if after[key] else None)
        for key, one in PILLARS.items()
    ]
    return lines, Figure("compared", _("Projects assessed at entry and again since"), both)


# --- sessions, decisions, time


def _sessions(sessions: list[Session], registrations: list[Registration]) -> list[tuple[Session, Chapter]]:
    """Who came, and in a note what they said of it in total. One query."""
    said = told_of(sessions)
    by_session: dict[UUID, list[Registration]] = defaultdict(list)
    for row in registrations:
        by_session[row.session_id].append(row)
    kinds = (
        ("asked", _("Asked for a place"), set(_R.values)),
        ("attended", pgettext("people, in a table", "Came"), {_R.ATTENDED}),
        ("no-show", pgettext("people, in a table", "Did not come"), {_R.NO_SHOW}),
        (
            "cancelled",
            _("Cancelled, declined, refused, expired or released"),
            {_R.CANCELLED, _R.CANCELLED_LATE, _R.DECLINED, _R.REFUSED, _R.EXPIRED, _R.RELEASED},
        ),
        ("expected", _("Expected, or waiting"), {_R.CONFIRMED, _R.READY, _R.OFFERED, _R.WAITING, _R.REQUESTED, _R.AWAITING_APPROVAL}),
    )
    return [
        (
            session,
            Chapter(
                f"session-{session.pk}",
                str(session.title),
                [
                    Figure(f"{key}-{session.pk}", label, [_registration_row(row) for row in by_session[session.pk] if row.status in states])
                    for key, label, states in kinds
                ],
                said.get(session.pk, ""),
            ),
        )
        for session in sessions
    ]


def _decisions(rows: list[Determination]) -> tuple[Chapter, Chapter]:
    """Those in force: what was replaced is not counted twice."""
    by_outcome: dict[str, list[Row]] = defaultdict(list)
    by_status: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        subject = row.application or row.participation
        name = "application" if row.application_id else "participation"
        line = Row(subject.project.name, reverse(f"cohorts_cms_{name}", args=[subject.pk]), _day(row.released_at))
        by_outcome[row.outcome].append(line)
        if row.typology:
            by_status[str(row.typology.label)].append(line)
    outcomes = [Figure(f"decision-{key}", str(label), by_outcome[key]) for key, label in Determination.Outcome.choices if key in by_outcome]
    statuses = [Figure(f"status-{place}", label, found) for place, (label, found) in enumerate(sorted(by_status.items()))]
    return Chapter("decisions", _("Decisions told to the projects"), outcomes), Chapter("statuses", _("Statuses reached"), statuses)


def _hours(begin, end) -> float:
    return (end - begin) / timedelta(hours=1)


def _days(begin, end) -> float:
    return (end - begin) / timedelta(days=1)


def _time(
    cohort: Cohort, projects: list[UUID], sessions: list[Session], reviews: list[ReviewAssignment], decisions: list[Determination]
) -> Chapter:
    """What the Academy knows of the time that it took. Two queries."""
    now = timezone.now()
    hours = OfficeHour.objects.filter(bookings__project__in=projects, bookings__cancelled_at=None, cancelled_at=None, ends_at__lte=now)
    held = [
        Row(f"{hour.host}", reverse("cohorts_cms_office_hour", args=[hour.pk]), _day(hour.starts_at), _hours(hour.starts_at, hour.ends_at))
        for hour in hours.filter(starts_at__gte=cohort.intake_opens_at).distinct().select_related("host").order_by("starts_at")
    ]
    notes = MeetingNote.objects.standing().filter(participation__cohort=cohort, participation__project__in=projects)
    met = [
        Row(
            row.participation.project.name,
            reverse("cohorts_cms_participation", args=[row.participation_id]),
            date_format(row.met_on, "DATE_FORMAT"),
        )
        for row in notes.select_related("participation__project").order_by("met_on")
    ]
    days = [
        Row(
            str(one.title),
            reverse("cohorts_cms_session", args=[one.pk]),
            _day(one.starts_at, one.time_zone),
            (_date(one.ends_at, one.time_zone) - _date(one.starts_at, one.time_zone)).days + 1,
        )
        for one in sessions
        if one.ends_at <= now
    ]
    written = [
        Row(
            row.application.project.name,
            reverse("cohorts_cms_application", args=[row.application_id]),
            _day(row.submitted_at),
            _days(row.proposed_at, row.submitted_at),
        )
        for row in reviews
    ]
    waited = [
        Row(
            row.application.project.name,
            reverse("cohorts_cms_application", args=[row.application_id]),
            _day(row.released_at),
            _days(row.application.submitted_at, row.released_at),
        )
        for row in decisions
        if row.application_id and row.application.submitted_at
    ]
    figures = [
        Figure("reviews", _("Assessments written"), written),
        Figure("review-days", _("Days from asking a reader to their assessment, middle value"), written, "middle"),
        Figure("wait", _("Days from sending an application to its decision, middle value"), waited, "middle"),
        Figure("office-hours", _("Hours of office hours held"), held, "sum"),
        Figure("meetings", _("Meetings with projects that were noted"), met),
        Figure("session-days", _("Days of sessions in person"), days, "sum"),
    ]
    return Chapter(
        "time", _("What it cost in time"), figures, _("What is recorded in the Academy only: preparation, travel and mails are not in it.")
    )


def _date(moment: datetime, zone: str = settings.TIME_ZONE) -> date:
    """On the clock of the place, else of the Academy: the same for every reader of one report."""
    return timezone.localdate(moment, ZoneInfo(zone))


def _day(moment: datetime, zone: str = settings.TIME_ZONE) -> str:
    return date_format(_date(moment, zone), "DATE_FORMAT")


def _walking(cohort: Cohort) -> list[Participation]:
    """Of each project the last place that it was given: none that it never took and that a later decision took back."""
    admitted = Determination.objects.in_force().filter(outcome="admitted").values("application")
    rows = Participation.objects.filter(cohort=cohort).exclude(state="transferred")
    given = rows.filter(Q(activated_at__isnull=False) | Q(application__in=admitted) | Q(application__isnull=True))
    last = {row.project_id: row for row in given.select_related("project").order_by("invited_at", "pk")}
    return sorted(last.values(), key=lambda row: folded(row.project.name))


def report_of(cohort: Cohort, *, reader: User) -> Report:
    """Everything at once."""
    closed = set(interests_of(reader).values_list("pk", flat=True))
    everything = Application.objects.filter(cohort=cohort, submitted_at__isnull=False)
    sent = list(
        Application.objects.for_staff(reader)
        .filter(pk__in=everything.values("pk"))
        .select_related("project")
        .order_by("project__name", "pk")
    )
    everybody = _walking(cohort)
    walking = [row for row in everybody if row.project_id not in closed]
    known = {row.project_id for row in (*sent, *walking)}
    projects = [row.project_id for row in walking]
    submitted = ReviewAssignment.objects.filter(application__in=[row.pk for row in sent], state="submitted", submitted_at__isnull=False)
    reviews = list(submitted.select_related("application__project").order_by("submitted_at"))
    sessions = list(Session.objects.filter(cohorts=cohort, cancelled_at=None).order_by("starts_at"))
    registrations = list(
        Registration.objects.filter(session__in=sessions, project__in=projects)
        .select_related("person", "project")
        .order_by("person__name", "pk")
    )
    came = {row.project_id for row in registrations if row.status == _R.ATTENDED}
    in_force = Determination.objects.in_force().filter(
        Q(application__in=[row.pk for row in sent]) | Q(participation__in=[row.pk for row in walking])
    )
    decisions = list(in_force.select_related("application__project", "participation__project", "typology").order_by("released_at"))
    funnel = _funnel(sent, {row.application_id for row in reviews}, walking, came)
    pillars, compared = _pillars(cohort, walking)
    outcomes, statuses = _decisions(decisions)
    return Report(
        cohort=cohort,
        left_out=len({*everything.values_list("project", flat=True), *(row.project_id for row in everybody)} - known),
        funnel=funnel,
        countries=_countries(sent, funnel, walking),
        pillars=pillars,
        compared=compared,
        sessions=_sessions(sessions, registrations),
        decisions=outcomes,
        statuses=statuses,
        time=_time(cohort, projects, sessions, reviews, decisions),
    )

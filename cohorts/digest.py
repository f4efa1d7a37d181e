"""The weekly letter: one for each person, of what waits for them and what waits for us, instead of a mail for each event.

Reads only. Nothing to say, no letter. Written in the language that is active.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.models import Message, User
from academy.permissions import COORDINATORS, REVIEWERS, TRAINERS
from cohorts import my_pathway
from cohorts.cohort_news import cohort_news
from cohorts.models import AttentionItem, Project, ProjectMember, Registration, RegistrationStatus, ReviewAssignment
from cohorts.models.satisfaction import ASKED_FOR
from cohorts.my_pathway import late_words, owed_here, placed
from cohorts.pathway_state import PathwayState, pathway_state
from cohorts.requirements import Standing, local_day
from cohorts.rounds import waits_for_its_reader
from cohorts.satisfaction import unanswered_by
from courses.models import Submission
from wiki.models import Question

CAUSE = "weekly:"
MONDAY, FROM_HOUR, WITHIN = (
    0,
    7,
    timedelta(hours=24),
)  # on Monday at seven, where the person lives; a clock that was late catches up for a day
MOST = 5
NOTHING_SECONDS = 4 * 3600
SOON = timedelta(days=30)
THIS_WEEK = timedelta(days=8)  # the letter of the next Monday has come by then
BEFORE = timedelta(days=14)


@dataclass(frozen=True)
class Line:
    """`when` in words; `late` in words, when it is."""

    words: str
    when: str = ""
    late: str = ""


@dataclass(frozen=True)
class Part:
    """What the letter says under one title, and the page where it goes on."""

    title: str
    lines: list[Line] = field(default_factory=list)
    address: str = ""
    label: str = ""
    lead: str = ""


@dataclass(frozen=True)
class Digest:
    parts: list[Part]

    @property
    def subject(self) -> str:
        """The first thing to do, else that there is news."""
        lead = next((part.lead for part in self.parts if part.lead), "")
        return _("This week: %(first)s") % {"first": lead[:150]} if lead else _("Your week at the Academy")


def digest_of(person: User, *, now: datetime | None = None) -> Digest | None:
    """None: there is nothing to say this week."""
    now = now or timezone.now()
    parts = [
        part
        for part in (*_projects(person, now), *_sessions(person, now), *_cohorts(person, now), *_team(person), *_reader(person))
        if part
    ]
    return Digest(parts) if parts else None


def _day(moment) -> str:
    return date_format(timezone.localtime(moment) if isinstance(moment, datetime) else moment, "DATE_FORMAT")


def _projects(person: User, now: datetime) -> Iterator[Part | None]:
    for project in Project.objects.spoken_for_by(person).order_by("pk"):
        state = pathway_state(project)
        if state.cohort is not None and not state.is_over:
            yield _project(person, state, now)


def _project(person: User, state: PathwayState, now: datetime) -> Part | None:
    """The one next step, what else is late or due this week, what Smart owes, and the sessions of the coming month."""
    today = local_day(now, state.cohort.time_zone)
    seats = my_pathway.seats_of(state, person)
    step = my_pathway.next_step(state, seats, today, my_pathway.decisions_of(state))
    stages = placed(state)
    lines = []
    if step:
        words = _("Your next step: %(step)s") % {"step": step.title}
        lines.append(Line(words, _("until %(day)s") % {"day": _day(step.due)} if step.due else "", step.late))
    asked = [one for one in my_pathway.feedback_debts(state) if not step or one.title != step.title]
    lines += [Line(_("You owe: %(title)s") % {"title": one.title}, one.words) for one in asked[:MOST]]
    money, _ours = my_pathway.travel_debts(seats)
    lines += [Line(one.title, _("until %(day)s") % {"day": _day(one.until)}) for one in money if not step or one.title != step.title]
    yours = [row for row in owed_here(stages, state, by_promoter=True) if not step or row.title != step.title]
    lines += [_owed(row, today) for row in [row for row in yours if row.is_overdue][:MOST]]
    lines += [_due(row) for row in [row for row in yours if not row.is_overdue and row.due_on and row.due_on <= today + THIS_WEEK][:MOST]]
    ours = [row for row in owed_here(stages, state, by_promoter=False) if row.is_overdue]
    lines += [_owed(row, today, ours=True) for row in ours[:MOST]]
    lines += [
        Line(_("Session: %(title)s") % {"title": one.title}, _day(one.starts_at))
        for one in seats
        if one.my_status and now < one.starts_at <= now + SOON
    ]
    if not lines:
        return None
    address = f"{reverse('cohorts_my_pathway')}?project={state.project.pk}"
    name = state.project.name or _("Your project")
    return Part(name, lines, address, _("Open my pathway"), step.title if step else "")


def _due(row: Standing) -> Line:
    """What falls due before the next letter."""
    return Line(_("You owe: %(title)s") % {"title": row.title}, _("until %(day)s") % {"day": _day(row.due_on)})


def _owed(row: Standing, today, *, ours: bool = False) -> Line:
    words = _("Smart owes you: %(title)s") if ours else _("You owe: %(title)s")
    return Line(words % {"title": row.title}, _("since %(day)s") % {"day": _day(row.due_on)}, late_words(row, today))


def _sessions(person: User, now: datetime) -> Iterator[Part]:
    """Those at which they were, and of which they have not said yet how it was; once they have, nobody asks again."""
    for asked in unanswered_by(person, now=now):
        session = asked.registration.session
        line = Line(_("Two minutes, and nobody sees your answer."), _("until %(day)s") % {"day": _day(asked.closes_at)})
        address = reverse("cohorts_satisfaction", args=[asked.registration.pk])
        title = _("How was it? %(session)s") % {"session": session.title}
        yield Part(title, [line], address, _("Say how it was"), title)


def _since_last_letter(person: User, now: datetime) -> datetime:
    """What came after the last one is in this one, and nothing twice; of a person without letters, two weeks."""
    last = Message.objects.filter(cause__startswith=f"{CAUSE}{person.pk}:", created_at__gt=now - BEFORE, created_at__lte=now)
    return last.order_by("-created_at").values_list("created_at", flat=True).first() or now - BEFORE


def _cohorts(person: User, now: datetime) -> Iterator[Part | None]:
    """What is new inside their cohorts since the last letter: announcements left for this one, answers to them, what was reported."""
    for cohort, news in cohort_news(person, since=_since_last_letter(person, now), until=now).items():
        lines = [Line(words, _day(day) if day else "") for words, day in news]
        address = reverse("cohorts_space", args=[cohort.pk])
        yield Part(str(cohort), [*lines[:MOST], *_and_more(len(lines))], address, _("Read it in the space of the cohort"))


def _team(person: User) -> Iterator[Part | None]:
    """For coordinators and trainers: their own finds of attention, the works to read, the questions without an answer."""
    if not person.roles & {COORDINATORS, TRAINERS}:
        return
    mine = AttentionItem.objects.for_user(person).calling().filter(Q(owner=person) | Q(owner__isnull=True))
    items = list(mine.select_related("project", "person", "requirement").order_by("since", "pk"))
    if items:
        lines = [Line(f"{row.project}: {row.words}", _("since %(day)s") % {"day": _day(row.since)}) for row in items[:MOST]]
        lines += _and_more(len(items))
        yield Part(_("Who needs you"), lines, reverse("cohorts_cms_attention"), _("See all of them"), str(items[0].project))
    works = Submission.objects.to_read_by(person)
    if number := works.count():
        words = ngettext("%(n)d work waits to be read", "%(n)d works wait to be read", number) % {"n": number}
        yield Part(
            _("Works to read"),
            [Line(words, _("the oldest since %(day)s") % {"day": _day(works.first().handed_in_at)})],
            reverse("work-to-read:index"),
            _("Read them"),
        )
    if TRAINERS in person.roles and (number := Question.objects.waiting().count()):
        words = ngettext("%(n)d question waits for an answer", "%(n)d questions wait for an answer", number) % {"n": number}
        yield Part(_("Questions"), [Line(words)], reverse("questions:index"), _("See who waits"))


def _and_more(number: int) -> list[Line]:
    more = number - MOST
    return [Line(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more})] if more > 0 else []


def _reader(person: User) -> Iterator[Part | None]:
    """For who reads applications: what they were asked, have not sent and can go on with now."""
    asked = ReviewAssignment.objects.for_user(person).live().filter(reviewer=person).select_related("round", "application")
    rows = [row for row in asked if waits_for_its_reader(row)]
    if rows:
        words = ngettext("%(n)d application to read", "%(n)d applications to read", len(rows)) % {"n": len(rows)}
        due = min((row.due_on for row in rows if row.due_on), default=None)
        when = _("the first until %(day)s") % {"day": _day(due)} if due else ""
        yield Part(_("Reviews"), [Line(words, when)], reverse("cohorts_reviews"), _("Open my reviews"))


# --- who gets one, and when


def readers(now: datetime | None = None) -> QuerySet[User]:
    """Whoever may have something to be told, and wants the letter."""
    came = Registration.objects.filter(status=RegistrationStatus.ATTENDED, session__ends_at__gt=(now or timezone.now()) - ASKED_FOR)
    on_a_project = Q(pk__in=ProjectMember.objects.speaking().values("person"))
    of_the_team = Q(groups__name__in=[COORDINATORS, TRAINERS, REVIEWERS])
    at_a_session = Q(pk__in=came.values("person"))
    return User.objects.filter(on_a_project | of_the_team | at_a_session, is_active=True, weekly_letter=True).distinct().order_by("pk")


def week_of(person: User, now: datetime) -> str:
    """The week, as its Monday where the person lives; empty when it is not the hour of the letter there."""
    try:
        there = now.astimezone(ZoneInfo(person.time_zone))
    except (ZoneInfoNotFoundError, ValueError):  # a zone that no longer exists
        there = timezone.localtime(now)
    monday = (there - timedelta(days=there.weekday())).replace(hour=FROM_HOUR, minute=0, second=0, microsecond=0)
    return f"{monday:%Y-%m-%d}" if monday <= there < monday + WITHIN else ""


def due(now: datetime) -> Iterator[tuple[User, str]]:
    """Who gets the letter now, each with its cause: not who has had it."""
    asked = [(person, f"{CAUSE}{person.pk}:{week}") for person in readers(now) if (week := week_of(person, now))]
    had = set(Message.objects.filter(cause__in=[cause for _person, cause in asked]).values_list("cause", flat=True)) if asked else set()
    return ((person, cause) for person, cause in asked if cause not in had and not cache.get(cause))


def note_nothing(cause: str) -> None:
    """There was nothing to say this week: the clock does not look again at each of its strokes, but for now and then."""
    cache.set(cause, True, NOTHING_SECONDS)

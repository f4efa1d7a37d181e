"""What is asked of those who came to a session, and what their answers come to: totals, once nobody can add to them any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import fmean
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from academy.charts import Bar, bars
from academy.models import Message, User
from cohorts.models import Registration, RegistrationStatus, Satisfaction, SatisfactionAnswer, Session
from cohorts.models.satisfaction import ASKED_FOR, LEAST_ANSWERS, SCORED
from cohorts.polls import in_words
from courses.reports import Together

QUESTIONS = {
    "useful": gettext_lazy("Was it useful for your project?"),
    "meetings": gettext_lazy("Did you meet people with whom you can go on?"),
    "organisation": gettext_lazy("Was it well organised?"),
    "place": gettext_lazy("Did the place suit you: rooms, meals, access?"),
}
LEVELS = {
    1: gettext_lazy("Not at all"),
    2: gettext_lazy("Rather not"),
    3: gettext_lazy("Partly"),
    4: gettext_lazy("Rather yes"),
    5: gettext_lazy("Entirely"),
}
HIGHEST = 5
MORNING = time(9)


def letters_from(session: Session) -> datetime:
    """The morning after the last day, on the clock of its place."""
    zone = ZoneInfo(session.time_zone)
    day = session.ends_at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, MORNING, tzinfo=zone)


def kept_of(session: Session) -> Satisfaction | None:
    return Satisfaction.objects.filter(session=session).first()


def closes_of(session: Session, kept: Satisfaction | None) -> datetime:
    return kept.closes_at if kept else session.ends_at + ASKED_FOR


def came_to(session: Session):
    """Those who are asked: whoever was checked in."""
    return session.registrations.filter(status=RegistrationStatus.ATTENDED)


def cause_of(registration: Registration) -> str:
    """What the letter is kept under in the outbox: one for each person who came."""
    return f"satisfaction:{registration.pk}"


def to_be_asked(session: Session) -> list[Registration]:
    """Of those who came, whoever has no letter yet. Two queries."""
    rows = list(came_to(session).filter(person__is_active=True).select_related("person").order_by("pk"))
    known = set(Message.objects.filter(cause__in=[cause_of(row) for row in rows]).values_list("cause", flat=True))
    return [row for row in rows if cause_of(row) not in known]


@dataclass(frozen=True)
class Asked:
    """How one person stands with the questions of one session. `answer` is their own, while it may be changed."""

    registration: Registration
    closes_at: datetime
    is_over: bool
    is_closed: bool
    answer: SatisfactionAnswer | None

    @property
    def is_open(self) -> bool:
        return self.is_over and not self.is_closed


def asked_of(registration: Registration, *, now: datetime | None = None) -> Asked | None:
    """None: this person is not asked, since they were not checked in. Two queries at most, none before the session is over."""
    now, session = now or timezone.now(), registration.session
    if registration.status != RegistrationStatus.ATTENDED or session.is_cancelled:
        return None
    if now < session.ends_at:
        return Asked(registration, closes_of(session, None), False, False, None)
    kept = kept_of(session)
    until = closes_of(session, kept)
    is_closed = now >= until or bool(kept and kept.is_closed)
    answer = kept.answers.filter(mark=kept.mark_of(registration)).first() if kept and not kept.is_closed and not is_closed else None
    return Asked(registration, until, True, is_closed, answer)


def asked_on_page(registration: Registration | None, user: User) -> Asked | None:
    """For the page of the session: only of the person's own place."""
    if registration is None or registration.person_id != user.pk:
        return None
    return asked_of(registration)


def marks_together(answers: QuerySet[SatisfactionAnswer]) -> QuerySet:
    """The marks of the answers of each session as one text: a page that asks for the session anyway finds one's own without another query."""
    return answers.order_by().values("satisfaction").annotate(marks=Together("mark")).values("marks")


def unanswered_by(person: User, *, now: datetime) -> list[Asked]:
    """The sessions at which this person was checked in and of which they may still say how it was, and have not; who must hurry first.
    Two queries at most.
    """
    asked = Q(session__ends_at__gt=now - ASKED_FOR) | Q(session__satisfaction__closes_at__gt=now)
    came = Registration.objects.filter(asked, person=person, status=RegistrationStatus.ATTENDED)
    rows = list(came.filter(session__ends_at__lte=now, session__cancelled_at__isnull=True).select_related("session__satisfaction"))
    open_now, marks = [], {}
    for row in rows:
        kept = getattr(row.session, "satisfaction", None)
        until = closes_of(row.session, kept)
        if now < until and not (kept and kept.is_closed):
            open_now.append(Asked(row, until, True, False, None))
            marks[row.pk] = kept.mark_of(row) if kept else ""
    known = set(filter(None, marks.values()))
    given = set(SatisfactionAnswer.objects.filter(mark__in=known).values_list("mark", flat=True)) if known else set()
    return sorted(
        (one for one in open_now if marks[one.registration.pk] not in given), key=lambda one: (one.closes_at, one.registration.pk)
    )


# --- results


@dataclass(frozen=True)
class Line:
    """One question: the mean (None: too few gave a score), how many gave each score, and the bar of the mean."""

    label: str
    mean: float | None
    counts: list[int]
    bar: Bar | None

    @property
    def given(self) -> int:
        return sum(self.counts)

    @property
    def words(self) -> str:
        if self.mean is None:
            return _("too few answers")
        return _("%(mean)s of 5 · %(count)s") % {"mean": in_words(self.mean), "count": answers_in_words(self.given)}

    @property
    def shown(self) -> list[str]:
        """The cells of its line: the mean, then how often each score was given; dashes where too few answered."""
        if self.mean is None:
            return ["–"] * (len(LEVELS) + 1)
        return [in_words(self.mean), *(str(count) for count in self.counts)]


@dataclass(frozen=True)
class Found:
    """`lines` and `words` are empty as long as nothing may be told."""

    asked: int
    count: int
    lines: list[Line]
    words: list[str]

    @property
    def is_told(self) -> bool:
        return bool(self.lines)


def answers_in_words(count: int) -> str:
    return ngettext("%(n)d answer", "%(n)d answers", count) % {"n": count}


def found_in(session: Session, kept: Satisfaction | None) -> Found:
    """How many answered; and, once it is closed and there are enough, what they said, in an order that says nothing of when or who."""
    asked = came_to(session).count()
    if kept is None:
        return Found(asked, 0, [], [])
    count = kept.answers.count()
    if not kept.is_closed or count < LEAST_ANSWERS:
        return Found(asked, count, [], [])
    rows = list(kept.answers.order_by("pk"))
    said = {name: [score for row in rows if (score := getattr(row, name)) is not None] for name in SCORED}
    means = [fmean(said[name]) if len(said[name]) >= LEAST_ANSWERS else None for name in SCORED]
    lines = []
    for name, mean, bar in zip(SCORED, means, bars(means, most=HIGHEST), strict=True):
        counts = Counter(said[name])
        lines.append(Line(str(QUESTIONS[name]), mean, [counts[level] for level in LEVELS], bar))
    words = sorted((row.words for row in rows if row.words), key=str.casefold)
    return Found(asked, count, lines, words)


def heads() -> list[str]:
    return [_("Mean"), *(f"{level} · {words}" for level, words in LEVELS.items())]


def table_of(session: Session, found: Found) -> list[list]:
    """The totals as the rows of a file: what may be told, and nothing else."""
    rows: list[list] = [[str(session)], [_("Checked in"), found.asked], [_("Answers"), found.count], [], [_("Question"), *heads()]]
    for line in found.lines:
        cells = ["–"] * (len(LEVELS) + 1) if line.mean is None else [round(line.mean, 2), *line.counts]
        rows.append([line.label, *cells])
    if found.words:
        rows += [[], [_("What to change")], *([words] for words in found.words)]
    return rows


def told_of(sessions: Iterable[Session]) -> dict[UUID, str]:
    """One sentence for each session whose totals may be told. One query, whatever their number."""
    closed = SatisfactionAnswer.objects.filter(satisfaction__session__in=list(sessions), satisfaction__closed_at__isnull=False)
    rows = closed.order_by().values("satisfaction__session").annotate(n=Count("pk"), scored=Count("useful"), mean=Avg("useful"))
    return {
        row["satisfaction__session"]: _("Useful for the projects: %(mean)s of 5 (%(count)s).")
        % {"mean": in_words(float(row["mean"])), "count": answers_in_words(row["scored"])}
        for row in rows
        if row["scored"] >= LEAST_ANSWERS
    }

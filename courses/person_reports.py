"""One person in their courses, for the trainer and for the person alike (the matrix is in `courses.reports`)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.models import User
from academy.privacy import Hidden
from courses.models import EXCUSED, ActivityRecord, Certificate, CoursePage, Enrolment, LessonPage, QuizAttempt, SubmissionVersion
from courses.progress import HANDED_IN
from courses.reports import DONE, EXCUSED_STATE, STATES, in_words, state_of
from courses.settling import settle_waiting
from courses.syllabus import Activity, Module, Syllabus, in_reading_order, syllabus_off_site, syllabuses
from courses.works import verdict_in_words, versions_handed_in

NOTHING_HIDDEN = Hidden(())


@dataclass(frozen=True)
class ActivityLine:
    """One activity of one person: all that is known, for the trainer and for the person alike. Attempts and versions come first to last.

    `elsewhere_at`: when it was done elsewhere, where the course asks for it again and it is not done again yet.
    """

    activity: Activity
    record: ActivityRecord | None
    attempts: list[QuizAttempt]
    versions: list[SubmissionVersion]
    elsewhere_at: datetime | None = None

    @cached_property
    def state(self) -> str:
        record = self.record
        counting = [attempt for attempt in self.attempts if not (record and record.makes_void(attempt))]
        failed = sum(attempt.passed is False for attempt in counting)
        waiting = any(attempt.is_waiting for attempt in counting) or bool(record and record.position == HANDED_IN and self.versions)
        begun = bool(record and record.was_seen) or bool(self.attempts)
        complete, rule = (record.is_complete, record.rule) if record else (False, "")
        return state_of(complete=complete, rule=rule, begun=begun, failed=failed, waiting=waiting)

    @property
    def handed_in(self) -> list[tuple[SubmissionVersion, str]]:
        """Each version with the last answer to it, in words."""
        return [(version, verdict_in_words(version)) for version in self.versions]

    @property
    def mark(self) -> str:
        return STATES[self.state][0]

    @property
    def state_words(self) -> str:
        return str(STATES[self.state][1])

    @property
    def asked_again(self) -> str:
        """Done elsewhere, and why that is not enough here."""
        if self.elsewhere_at is None:
            return ""
        words = _("done elsewhere on %(day)s; this course asks to do it again")
        return words % {"day": date_format(timezone.localtime(self.elsewhere_at), "DATE_FORMAT")}

    @property
    def said(self) -> str:
        return ", ".join(filter(None, (self.state_words, self.asked_again)))

    @property
    def first_seen_at(self) -> datetime | None:
        return self.record.first_seen_at if self.record and self.record.was_seen else None

    @property
    def last_seen_at(self) -> datetime | None:
        moments = [attempt.submitted_at or attempt.saved_at or attempt.started_at for attempt in self.attempts]
        if self.record and self.record.was_seen:
            moments.append(self.record.last_seen_at)
        return max(moments, default=None)

    @property
    def seconds(self) -> int:
        """In lessons as the page counted it, in a quiz from the start of each attempt to its end."""
        quizzes = sum((one.submitted_at - one.started_at).total_seconds() for one in self.attempts if one.submitted_at)
        return (self.record.seconds if self.record else 0) + int(quizzes)

    @property
    def spent(self) -> str:
        return in_words(self.seconds)

    @property
    def how(self) -> str:
        """By which rule it was completed, in words."""
        return rule_in_words(self.record.rule) if self.record and self.record.is_complete else ""

    @property
    def remark(self) -> str:
        """What staff did and why: set, excused, opened again."""
        if self.record is None or not self.record.reason:
            return ""
        if self.record.is_complete:
            words = _("Excused by staff: %(reason)s") if self.record.is_excused else _("Completed by staff: %(reason)s")
        else:
            words = _("Opened again by staff: %(reason)s")
        return words % {"reason": self.record.reason}


def rule_in_words(rule: str) -> str:
    """What a record says of how it was completed."""
    if rule.startswith("quiz.pass:"):
        return _("%(mark)s %% reached") % {"mark": rule.partition(":")[2]}
    known = {
        "quiz.hand_in": _("answers handed in"),
        "lesson.end": _("read to the end"),
        "lesson.confirm": _("said to be read"),
        "assignment.accepted": _("work accepted by a trainer"),
        "staff": _("set by staff"),
        EXCUSED: _("excused by staff"),
    }
    return known.get(rule, rule)


@dataclass(frozen=True)
class PersonReport:
    """One person in one course."""

    syllabus: Syllabus
    enrolment: Enrolment
    modules: list[tuple[Module, bool, list[ActivityLine]]]

    @cached_property
    def lines(self) -> list[ActivityLine]:
        return list({line.activity.key: line for _module, _required, lines in self.modules for line in lines}.values())

    @cached_property
    def done(self) -> int:
        met = {line.activity.key for line in self.lines if line.state in (DONE, EXCUSED_STATE)}
        return len(met.intersection(self.syllabus.required_keys))

    @cached_property
    def total(self) -> int:
        return len(set(self.syllabus.required_keys))

    @property
    def first_seen_at(self) -> datetime | None:
        return min((line.first_seen_at for line in self.lines if line.first_seen_at), default=None)

    @property
    def last_seen_at(self) -> datetime | None:
        return max((line.last_seen_at for line in self.lines if line.last_seen_at), default=None)

    @property
    def spent(self) -> str:
        return in_words(sum(line.seconds for line in self.lines))


@dataclass(frozen=True)
class Known:
    """What one person did, each by place (`courses.redo`) and activity."""

    records: dict[tuple[str, UUID], ActivityRecord]
    attempts: dict[tuple[str, UUID], list[QuizAttempt]]
    versions: dict[tuple[str, UUID], list[SubmissionVersion]]

    def line(self, one: Activity, syllabus: Syllabus, enrolment: Enrolment) -> ActivityLine:
        """As it counts in this course: where it is asked for again, what was done again, until the course is finished."""
        everywhere, here = ("", one.key), (str(syllabus.course_key), one.key)
        again, elsewhere = self.records.get(here), self.records.get(everywhere)
        redone = one.key in syllabus.redo_keys and (enrolment.completed_at is None or (again is not None and again.is_complete))
        place = here if redone else everywhere
        line = ActivityLine(one, self.records.get(place), self.attempts.get(place, []), self.versions.get(place, []))
        waits = redone and elsewhere and not elsewhere.is_excused and not (again and again.is_complete)
        return replace(line, elsewhere_at=elsewhere.completed_at) if waits else line


def _known_of(person: User, syllabuses_read: Iterable[Syllabus]) -> Known:
    read = list(syllabuses_read)
    keys = {activity.key for syllabus in read for activity in syllabus.activities}
    places = ["", *(str(syllabus.course_key) for syllabus in read if syllabus.redo_keys)]
    records = ActivityRecord.objects.of(person).for_activities(list(keys)).filter(redo_in__in=places).defer("visits")
    attempts = defaultdict(list)
    unread = ("questions", "answers", "bands", "marks", "saves")
    for attempt in QuizAttempt.objects.of(person).filter(quiz_key__in=keys, redo_in__in=places).order_by("number").defer(*unread):
        attempts[attempt.redo_in, attempt.quiz_key].append(attempt)
    works = [activity.key for syllabus in read for activity in syllabus.activities if activity.kind == "assignment"]
    versions = versions_handed_in(person, works) if works else {}
    return Known({(one.redo_in, one.activity_key): one for one in records}, attempts, versions)


def enrolments_of(person: User) -> list[Enrolment]:
    """The last begun on top."""
    return list(Enrolment.objects.of(person).order_by("-enrolled_at"))


@dataclass(frozen=True)
class LeftCourse:
    """A course that is not offered any more, or is closed to them now, of which what somebody did is kept. `certificate`: the one that it
    led to. `report`: how far they came, while something still says what the course asks."""

    title: str
    enrolment: Enrolment
    certificate: Certificate | None
    report: PersonReport | None = None


def left_courses(person: User, enrolments: Iterable[Enrolment]) -> list[LeftCourse]:
    """These courses, which nobody can open, by the title that their page or their certificate remembers. Two queries, none where there are none."""
    left = {enrolment.course_key: enrolment for enrolment in enrolments}
    if not left:
        return []
    pages = in_reading_order(CoursePage.objects.filter(translation_key__in=left))
    titles = dict(reversed(list(pages.values_list("translation_key", "title"))))
    rows = Certificate.objects.of(person).filter(kind=Certificate.Kind.COURSE, subject_key__in=left).order_by("issued_at")
    certificates = {one.subject_key: one for one in rows}
    about = {key: one.words.get("about", "") for key, one in certificates.items()}
    return [
        LeftCourse(titles.get(key) or about.get(key) or _("a course that is no longer offered"), enrolment, certificates.get(key))
        for key, enrolment in left.items()
    ]


def closed_courses(person: User, reports: Iterable[PersonReport]) -> list[LeftCourse]:
    """Courses that go on, and that this person may not open any more. They are named to who was in them, and to nobody who never could be."""
    found = {one.syllabus.course_key: one for one in reports}
    rows = []
    for one in left_courses(person, [report.enrolment for report in found.values()]):
        report = found[one.enrolment.course_key]
        was_there = report.first_seen_at or one.enrolment.completed_at or one.certificate
        rows.append(replace(one, title=one.title if was_there else _("A course that is not open to you yet"), report=report))
    return rows


def left_lessons(person: User) -> list[tuple[str, ActivityRecord]]:
    """What somebody has read of lessons that are published in no language any more, each with its title. Two queries, one where there are none.

    Of quizzes and assignments, the attempts and the works say it.
    """
    live = LessonPage.objects.live().filter(translation_key=OuterRef("activity_key"))
    there = LessonPage.objects.filter(translation_key=OuterRef("activity_key"), first_published_at__isnull=False)
    rows = ActivityRecord.objects.of(person).filter(Exists(there), ~Exists(live)).counting_in("").defer("visits", "checks")
    records = list(rows.order_by("-last_seen_at"))
    pages = in_reading_order(LessonPage.objects.filter(translation_key__in=[one.activity_key for one in records])) if records else []
    titles = {page.translation_key: page.title for page in reversed(list(pages))}
    return [(titles[one.activity_key], one) for one in records]


def person_reports(
    person: User,
    *,
    course_key: UUID | None = None,
    hidden: Hidden = NOTHING_HIDDEN,
    enrolments: Sequence[Enrolment] | None = None,
    off_site: bool = False,
) -> list[PersonReport]:
    """The person in each course that they follow (or in that one), the last begun on top: eight queries at most, whatever the courses.

    A course that is not published any more is not in it: nothing says what it asks (`left_courses`). `hidden`: what the reader may not open
    is left out. `enrolments`: all of the person's, where they are read already. `off_site`, with one course: also when it was taken off
    the site, for the team.
    """
    enrolments = [one for one in enrolments_of(person) if course_key in (None, one.course_key)] if enrolments is None else enrolments
    found = syllabuses([one.course_key for one in enrolments])
    if off_site and course_key and not found and (left := syllabus_off_site(course_key)):
        found = {course_key: left}
    known = _known_of(person, found.values())
    if any(record.unsettled for record in known.records.values()):
        settle_waiting(person)
        return person_reports(person, course_key=course_key, hidden=hidden, off_site=off_site)
    reports = []
    for enrolment in enrolments:
        if syllabus := found.get(enrolment.course_key):
            modules = [
                (place.module, place.required, [known.line(one, syllabus, enrolment) for one in activities])
                for place in syllabus.places
                if not hidden.hides(place.module.path)
                and (activities := [one for one in place.module.activities if not hidden.hides(one.path)])
            ]
            reports.append(PersonReport(syllabus, enrolment, modules))
    return reports

"""Until when a work is due: the end of a day in Brussels, the same moment for everybody, later for who was given more time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Min
from django.utils import timezone

from academy.models import User
from courses.groups import Owner, groups_of_all
from courses.models import ActivityRecord, AssignmentPage, Enrolment, Extension, ModulePage, Placement, Submission
from courses.syllabus import STEP


@dataclass(frozen=True)
class Due:
    """NULL `at`: there is no date (yet). `extension`: the more time that was given, when that is what counts."""

    at: datetime | None = None
    extension: Extension | None = None

    def is_past(self, moment: datetime) -> bool:
        return self.at is not None and moment > self.at


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), tzinfo=ZoneInfo(settings.TIME_ZONE))


def courses_with(page: AssignmentPage) -> dict[UUID, str]:
    """The courses in which this assignment stands, each with the place where work done in it is written (`courses.redo`). One query."""
    module = ModulePage.objects.filter(path=page.path[:-STEP]).values("translation_key")
    rows = Placement.objects.filter(module_key__in=module, page__live=True)
    asks: dict[UUID, tuple] = {}
    for course, language, pk, again in rows.values_list("page__translation_key", "page__locale__language_code", "page_id", "redo_here"):
        version = (language != settings.LANGUAGE_CODE, pk, again)  # the version whose choices count: `courses.access.any_course`
        asks[course] = min(asks.get(course, version), version)
    return {course: str(course) if again else "" for course, (_other, _pk, again) in asks.items()}


def due_from(page: AssignmentPage, began: datetime | None) -> datetime | None:
    """The date of the page for whoever began at this moment."""
    if page.due_on:
        return end_of(page.due_on)
    if page.due_days and began:
        return end_of(timezone.localdate(began, ZoneInfo(settings.TIME_ZONE)) + timedelta(days=page.due_days))
    return None


def due_of(page: AssignmentPage, owner: Owner, *, place: str = "", since: datetime | None = None) -> Due:
    """Three queries at most. For a group, the days are counted from when the first of them began.

    `place` (`courses.redo`): in a course that asks for it again, the days are counted from when that course was begun, and more time is what
    was given there; both say nothing of the date elsewhere. `since`: when it was handed in last. The date of the page counts for the first version; to improve it takes the time that it takes,
    unless staff have said until when after that.
    """
    extensions = Extension.objects.filter(activity_key=page.translation_key, redo_in=place, **owner.fields).select_related("given_by")
    extension = (extensions.filter(given_at__gt=since) if since else extensions).first()
    if extension or since:
        return Due(extension.until, extension) if extension else Due()
    began = None
    if page.due_days and not page.due_on:
        courses = [course for course, own in courses_with(page).items() if own == place]
        began = Enrolment.objects.filter(course_key__in=courses, user__in=owner.workers).aggregate(began=Min("enrolled_at"))["began"]
    return Due(due_from(page, began))


@dataclass(frozen=True)
class Owed:
    """A work that was not handed in: whose it is, the place where it is owed (`courses.redo`), and until when."""

    owner: Owner
    place: str
    at: datetime


def owed_between(page: AssignmentPage, after: datetime, until: datetime) -> list[Owed]:
    """Whose work on this assignment is due then. A constant number of queries, whatever the number of courses and people."""
    rows = Extension.objects.filter(activity_key=page.translation_key).order_by("given_at", "pk")
    extended = {(row.redo_in, row.user_id, row.group_key): row.until for row in rows}
    done = set(
        Submission.objects.filter(activity_key=page.translation_key, handed_in_at__isnull=False)
        .order_by()
        .values_list("redo_in", "user", "group_key")
    )
    owners = _groups_asked if page.belongs_to == AssignmentPage.BelongsTo.PROJECT else _people_asked
    found = []
    for place, owner, began in owners(page, _began(page), extended):
        whose = (place, owner.person and owner.person.pk, owner.fields["group_key"])
        at = extended.get(whose) or due_from(page, began)
        if at and after < at <= until and whose not in done:
            found.append(Owed(owner, place, at))
    return found


def _began(page: AssignmentPage) -> dict[str, dict[int, datetime]]:
    """By place, who is asked for this assignment and since when. Whoever has finished a course that asks again is asked for nothing more."""
    courses = courses_with(page)
    began: dict[str, dict[int, datetime]] = {}
    rows = Enrolment.objects.filter(course_key__in=courses, user__isnull=False).order_by()
    for person, course, at, finished_at in rows.values_list("user", "course_key", "enrolled_at", "completed_at"):
        place = courses[course]
        if not (place and finished_at):
            people = began.setdefault(place, {})
            people[person] = min(at, people.get(person, at))
    return began


Asked = Iterator[tuple[str, Owner, datetime | None]]


def _groups_asked(_page: AssignmentPage, began: dict[str, dict[int, datetime]], _extended: Iterable[tuple]) -> Asked:
    everybody = {person for people in began.values() for person in people}
    for group in groups_of_all(everybody) if everybody else []:
        for place, people in began.items():
            if group.readers & people.keys():
                yield place, Owner(group=group), min((people[one] for one in group.workers & people.keys()), default=None)


def _people_asked(page: AssignmentPage, began: dict[str, dict[int, datetime]], extended: Iterable[tuple]) -> Asked:
    """Also who was given more time and follows no course with it."""
    asked = {(place, person): at for place, people in began.items() for person, at in people.items()}
    asked = {**{("", person): None for place, person, _group in extended if person and not place}, **asked}
    records = ActivityRecord.objects.completed().filter(activity_key=page.translation_key, user__isnull=False)
    complete = set(records.order_by().values_list("redo_in", "user"))
    people = User.objects.filter(is_active=True).in_bulk({person for _place, person in asked})
    for (place, person), at in asked.items():
        if person in people and (place, person) not in complete:
            yield place, Owner(person=people[person]), at

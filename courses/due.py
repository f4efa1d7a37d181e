"""Until when a work is due: the end of a day in Brussels, the same moment for everybody, later for who was given more time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Min, QuerySet
from django.utils import timezone

from courses.groups import Owner
from courses.models import AssignmentPage, Enrolment, Extension, ModulePage, Placement
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


def enrolments_with(page: AssignmentPage) -> QuerySet:
    """Who follows a course in which this assignment stands."""
    module = ModulePage.objects.filter(path=page.path[:-STEP]).values("translation_key")
    courses = Placement.objects.filter(module_key__in=module, page__live=True).values("page__translation_key")
    return Enrolment.objects.filter(course_key__in=courses, user__isnull=False)


def due_from(page: AssignmentPage, began: datetime | None) -> datetime | None:
    """The date of the page for whoever began at this moment."""
    if page.due_on:
        return end_of(page.due_on)
    if page.due_days and began:
        return end_of(timezone.localdate(began, ZoneInfo(settings.TIME_ZONE)) + timedelta(days=page.due_days))
    return None


def due_of(page: AssignmentPage, owner: Owner, *, since: datetime | None = None) -> Due:
    """Two queries at most. For a group, the days are counted from when the first of them began.

    `since`: when it was handed in last. The date of the page counts for the first version; to improve it takes the time that it takes,
    unless staff have said until when after that.
    """
    extensions = Extension.objects.filter(activity_key=page.translation_key, **owner.fields).select_related("given_by")
    extension = (extensions.filter(given_at__gt=since) if since else extensions).first()
    if extension or since:
        return Due(extension.until, extension) if extension else Due()
    began = None
    if page.due_days and not page.due_on:
        began = enrolments_with(page).filter(user__in=owner.workers).aggregate(began=Min("enrolled_at"))["began"]
    return Due(due_from(page, began))

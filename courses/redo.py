"""*Redo here*: where what somebody does is written, in a course that asks for a module to be done again (decision 0029).

A place is text: empty, what counts everywhere; else the key of the course whose own record it is.
"""

from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from academy.models import User
from academy.privacy import hidden_for
from courses.models import ActivityPage, ActivityRecord, Enrolment
from courses.screens import course_key_in
from courses.syllabus import Syllabus, kept_syllabus, may_be_named, syllabuses


def place_of(user: User, syllabus: Syllabus | None, activity_key: UUID) -> str:
    """Two queries where the course asks for this activity again, else none. Who has finished the course is asked for nothing more.

    Nor is who does not follow it, when nobody may follow it by themselves.
    """
    if syllabus is None or activity_key not in syllabus.redo_keys or not user.is_authenticated:
        return ""
    place = str(syllabus.course_key)
    if ActivityRecord.objects.of(user).counting_in(place).filter(activity_key=activity_key).exists():
        return place
    followed = Enrolment.objects.of(user).for_courses([syllabus.course_key]).values_list("completed_at").first()
    return place if (syllabus.is_open if followed is None else followed[0] is None) else ""


def place_in(request: HttpRequest, activity: ActivityPage) -> str:
    """The place of what this request sends: the course that its address or its form names has the last word, and only if it asks."""
    key = course_key_in(request)
    syllabus = kept_syllabus(request, key) if key else None
    if syllabus is None or not may_be_named(syllabus, follows=True, hidden=hidden_for(request)):
        return ""
    return place_of(request.user, syllabus, activity.translation_key)


def place_left(request: HttpRequest, activity: ActivityPage) -> str:
    """The same of one that was taken off the site, of which no syllabus says anything: where they have begun it, else as ever."""
    place = str(course_key_in(request) or "")
    begun = place and ActivityRecord.objects.of(request.user).counting_in(place).filter(activity_key=activity.translation_key).exists()
    return place if begun else place_in(request, activity)


def where(request: HttpRequest, activity: ActivityPage) -> dict:
    """What the verbs of learning ask of a request: the place, and the course whose locks hold."""
    return {"redo_in": place_in(request, activity), "course_key": course_key_in(request)}


def course_title(place: str) -> str:
    """The name of the course whose place it is, for staff; nothing for what counts everywhere."""
    if not place:
        return ""
    found = syllabuses([UUID(place)])
    return next((syllabus.title for syllabus in found.values()), _("a course that is no longer offered"))

"""Whether a module is open to somebody, in whichever course they come from (decision 0042).

A lock stands on a place in a course, what is done counts wherever the activity stands. So a course that the address names has the last
word, if the person may read it and follows it or may follow it by themselves; without one, a module is closed to whoever follows only courses in which it is not open yet. Whoever follows none of them reads the
library, where nothing is locked.
"""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.dates import academy_day
from academy.models import User
from academy.privacy import Hidden, hidden_from
from academy.remembered import may_keep, remembered
from academy.rules import RuleViolation
from courses.models import ActivityPage, ActivityRecord, Enrolment, ModulePage, Placement
from courses.progress import Lock, ModuleState, outlines_of
from courses.syllabus import STEP, Syllabus, kept_syllabus, may_be_named, syllabuses

PlaceRow = tuple[UUID, UUID, bool, date | None]  # course, module, opens after the previous one, opens on


def _places(path: str) -> list[PlaceRow]:
    """The courses that place the module at this place of the tree, and what each makes wait: one query."""
    module = ModulePage.objects.filter(path=path).values("translation_key")
    rows = Placement.objects.filter(module_key__in=module, page__live=True).order_by()
    return list(rows.values_list("page__translation_key", "module_key", "opens_after_previous", "opens_on"))


def lock_of(
    user: User,
    path: str,
    *,
    course_key: UUID | None = None,
    hidden: Hidden | None = None,
    request: HttpRequest | None = None,
    leave: tuple[str, UUID] | None = None,
) -> Lock | None:
    """Why the module at this place of the tree is closed to this person; None: it is open.

    One query where no course locks it (none when `request` is given and it is remembered), else a constant number. `leave`: the record
    (its place and activity) that was made a moment ago and opens nothing.
    """
    places = remembered(request, ("places", path), lambda: _places(path)) or []
    today = academy_day(timezone.now())
    if not user.is_authenticated or not any(after or (day and day > today) for _course, _module, after, day in places):
        return None
    keys, module_key = {course for course, *_asks in places}, places[0][1]
    followed = dict(Enrolment.objects.of(user).for_courses(list(keys)).order_by("enrolled_at").values_list("course_key", "completed_at"))
    named = course_key if course_key in keys else None
    asked = [named, *(key for key in followed if key != named)] if named else list(followed)
    if not asked:
        return None
    found, hidden = _syllabuses(asked, request), hidden or hidden_from(user)
    if named and not may_be_named(found[named], follows=named in followed, hidden=hidden):
        asked, named = [key for key in asked if key in followed], None
    outlines = outlines_of(user, [found[key] for key in asked if key in found], followed, hidden=hidden, leave=leave)
    locks = [
        (module.lock, found[outline.course_key], module)
        for outline in outlines
        for module in outline.modules
        if module.module.key == module_key
    ]
    return _first(locks, has_named=bool(locks) and locks[0][1].course_key == named)


def _syllabuses(keys: list[UUID], request: HttpRequest | None) -> dict[UUID, Syllabus]:
    """As the process remembers them where there is a request, each by itself; else all at once."""
    if not may_keep(request):
        return syllabuses(keys)
    kept = {key: kept_syllabus(request, key) for key in keys}
    return {key: syllabus for key, syllabus in kept.items() if syllabus is not None}


def _first(locks: list, *, has_named: bool) -> Lock | None:
    """The lock of the course that was named, with the course where it is open; of no course in particular, only when it is open in none."""
    if not locks or locks[0][0] is None:
        return None
    elsewhere = next(((course, module) for lock, course, module in locks[1:] if lock is None), None)
    if elsewhere is None:
        return locks[0][0]
    if not has_named:
        return None
    course, module = elsewhere
    return Lock(locks[0][0].why, locks[0][0].href, course.title, f"{module.activities[0].href}" if module.activities else course.address)


def close(state: ModuleState | None, lock: Lock | None) -> None:
    """Shows a module that stands in no course here as closed."""
    if state is not None and lock is not None:
        state.lock = lock
        for item in state.activities:
            item.locked = True


def check_open(record: ActivityRecord, activity: ActivityPage, *, by: User, course_key: UUID | None) -> None:
    """Refuses what is done before its time. `record` is locked; whoever was there before the lock appeared goes on.

    Raises RuleViolation with the words of the lock.
    """
    if not activity.may_be_locked or (record.was_seen and not record.is_fresh):
        return
    leave = (record.redo_in, record.activity_key) if record.is_fresh else None
    if lock := lock_of(by, activity.path[:-STEP], course_key=course_key, leave=leave):
        raise RuleViolation(in_words(lock), code="locked")


def in_words(lock: Lock) -> str:
    words = _("This is not open to you yet. %(why)s") % {"why": lock.why}
    elsewhere = _("It is open in the course ‘%(title)s’.") % {"title": lock.open_in}
    return f"{words} {elsewhere}" if lock.open_in else words

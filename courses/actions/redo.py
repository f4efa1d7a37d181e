"""A course begins to ask for a module to be done again."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from academy import audit
from academy.models import User
from courses.access import any_course
from courses.models import ActivityRecord, Enrolment, Placement
from courses.syllabus import modules_with_activities

KEPT = (
    "user_id", "activity_key", "first_seen_at", "last_seen_at", "progress", "position", "checks", "completed_at", "rule", "source",
    "revision", "reason",
)  # fmt: skip


@transaction.atomic
def keep_what_counted(placement: Placement, *, by: User | None) -> int:
    """Whoever follows the course on the day on which the box is ticked keeps what they have completed, and their place in the lessons that
    they have begun; returns how many records.

    Nobody knows any more in which course it was done, and what counted yesterday is not taken away. (Who has finished is asked for nothing
    more anyway.) The time that it took stays where it was counted; an attempt or a work on its way goes on where it was begun.
    """
    page = placement.page
    canonical = any_course(page.translation_key)
    if canonical is not None and canonical.pk != page.pk:
        return 0  # another language decides for this one
    module = modules_with_activities([placement.module_key], language=settings.LANGUAGE_CODE).get(placement.module_key)
    keys = [activity.key for activity in module.activities] if module else []
    followers = Enrolment.objects.filter(course_key=page.translation_key, completed_at__isnull=True).values("user")
    lessons = [activity.key for activity in module.activities if activity.kind == "lesson"] if module else []
    known = ActivityRecord.objects.counting_in("").filter(user__in=followers, activity_key__in=keys)
    kept = known.filter(Q(completed_at__isnull=False) | Q(activity_key__in=lessons))
    place = str(page.translation_key)
    rows = [ActivityRecord(redo_in=place, **values) for values in kept.values(*KEPT)]
    if rows:
        ActivityRecord.objects.bulk_create(rows, ignore_conflicts=True)
        audit.record(page, "courses.keep_what_counted", by=by, data={"module": module.title, "records": len(rows)})
    return len(rows)

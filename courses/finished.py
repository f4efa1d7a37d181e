"""Who had finished an activity or a module: of this one everything that it required then. A lesson that came later takes nothing away from them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings

from academy.models import User
from courses.models import EXCUSED, ActivityPage, ActivityRecord, ModulePage
from courses.syllabus import modules_with_activities


def had_finished(required: Collection[tuple[datetime | None, datetime | None]], before: datetime) -> bool:
    """`required`: of each required activity, when it was first published and when the person completed it (None: not).

    What was published only after the last thing that they had completed by then was not there to be done.
    """
    done = [completed for _published, completed in required if completed and completed < before]
    if not done:
        return False
    return all((completed and completed < before) or (published and published > max(done)) for published, completed in required)


def finishers_of(module_key: UUID, *, before: datetime) -> list[int]:
    """The active people who had finished this module, by then, wherever they did it, and were not excused from all of it. Three queries, whatever their number."""
    module = modules_with_activities([module_key], language=settings.LANGUAGE_CODE).get(module_key)
    if module is None:
        return []
    published = {activity.key: activity.published_at for activity in module.activities}
    asked = module.required_keys or list(published)
    completed: dict[int, dict[UUID, datetime]] = {}
    records = ActivityRecord.objects.completed().filter(activity_key__in=asked, completed_at__lt=before, user__is_active=True)
    learned: set[int] = set()
    for person, key, moment, rule in records.order_by("-completed_at").values_list("user_id", "activity_key", "completed_at", "rule"):
        completed.setdefault(person, {})[key] = moment
        learned |= {person} if rule != EXCUSED else set()
    return sorted(
        person
        for person, done in completed.items()
        if person in learned and had_finished([(published[key], done.get(key)) for key in asked], before)
    )


def who_had_finished(at: datetime, pages: dict[str, ActivityPage] | dict[str, ModulePage]) -> list[User]:
    """The people whom a change at that moment matters to; `pages` are what changed, by language."""
    page = next(iter(pages.values()))
    if isinstance(page, ModulePage):
        numbers = finishers_of(page.translation_key, before=at)
    else:
        done = ActivityRecord.objects.completed().filter(activity_key=page.translation_key, completed_at__lt=at).exclude(rule=EXCUSED)
        numbers = done.filter(user__is_active=True).values("user_id")
    return list(User.objects.filter(pk__in=numbers).order_by("pk"))

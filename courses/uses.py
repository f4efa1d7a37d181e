"""Where something of learning is used, and by how many people: for whoever is about to publish it, to move it or to take it away."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _
from wagtail.models import Page

from courses import learner_groups
from courses.models import ActivityPage, ActivityRecord, CoursePage, Enrolment, ModulePage, Placement
from courses.settling import settle_waiting
from courses.syllabus import STEP, in_reading_order


@dataclass(frozen=True)
class CourseUse:
    """A course that places it. `people` follow it, `finished` of them have finished it; `cohorts` are those that the reader may know."""

    page: CoursePage
    people: int
    finished: int
    cohorts: tuple[str, ...]

    def __str__(self) -> str:
        people = ngettext("%(n)d person follows it", "%(n)d people follow it", self.people) % {"n": self.people}
        return f"{self.page.title} ({', '.join([people, *self.cohorts])})"


@dataclass(frozen=True)
class Usage:
    """`finished` people have completed the activity, `begun` others are in it; both 0 for a module."""

    modules: tuple[ModulePage, ...] = ()
    courses: tuple[CourseUse, ...] = ()
    begun: int = 0
    finished: int = 0

    def sentences(self) -> list[str]:
        said = []
        if self.modules and self.courses:
            words = _("It stands in the module “%(module)s”, which these courses place: %(courses)s.")
            courses = "; ".join(str(course) for course in self.courses)
            said.append(words % {"module": self.modules[0].title, "courses": courses})
        if self.begun or self.finished:
            finished = ngettext("%(n)d person has completed it", "%(n)d people have completed it", self.finished) % {"n": self.finished}
            begun = ngettext("%(n)d person is in it", "%(n)d people are in it", self.begun) % {"n": self.begun}
            said.append(_("%(finished)s, %(begun)s. What they did stays in their records.") % {"finished": finished, "begun": begun})
        return said


def _one_for_each(pages: Any) -> list:
    """One version of each, in the reader's language where it is written in it."""
    return list({page.translation_key: page for page in reversed(list(in_reading_order(pages.select_related("locale"))))}.values())


def _courses(module_keys: Collection[UUID], reader: Any) -> tuple[CourseUse, ...]:
    pages = _one_for_each(CoursePage.objects.filter(placements__module_key__in=module_keys).distinct())
    counts: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    keys: dict[UUID, set[str]] = defaultdict(set)
    followed = Enrolment.objects.filter(course_key__in=[page.translation_key for page in pages], user__is_active=True).order_by()
    rows = followed.values("course_key", "cohort_key").annotate(people=Count("pk"), finished=Count("completed_at"))
    for row in rows:
        counts[row["course_key"]][0] += row["people"]
        counts[row["course_key"]][1] += row["finished"]
        keys[row["course_key"]].add(row["cohort_key"])
    names = learner_groups.names_for(reader) if reader is not None and any(keys.values()) else {}
    uses = [
        CourseUse(page, *counts[page.translation_key], tuple(sorted(names[key] for key in keys[page.translation_key] if key in names)))
        for page in pages
    ]
    return tuple(sorted(uses, key=lambda use: use.page.title.casefold()))


def courses_that_lose(pages: Iterable[Page]) -> list[str]:
    """The titles of the courses, published or not, that point at a module which would be gone in every language, with these pages and all
    that is under them."""
    gone = Q()
    for page in pages:
        gone |= Q(path__startswith=page.path)
    modules = ModulePage.objects.filter(gone) if gone else ModulePage.objects.none()
    left = ModulePage.objects.exclude(gone).values("translation_key") if gone else []
    keys = list(modules.exclude(translation_key__in=left).values_list("translation_key", flat=True))
    found = CoursePage.objects.filter(placements__module_key__in=keys).exclude(gone) if keys else CoursePage.objects.none()
    return sorted(set(found.values_list("title", flat=True)))


def what_courses_lose(module: ModulePage, reader: Any = None) -> list[str]:
    """Said before a module is taken away: each course that places it, and how many people are on the way there."""
    required = Placement.objects.filter(module_key=module.translation_key, required=True, page__live=True)
    asked = set(required.values_list("page__translation_key", flat=True))
    said = []
    for use in usage_of(module, reader).courses:
        on_the_way = use.people - use.finished
        if use.page.translation_key not in asked:
            words = _("The course “%(title)s” places this module as optional: its learners lose it.")
        elif on_the_way:
            words = ngettext(
                "The course “%(title)s” requires this module: %(n)d person is on the way there, who cannot finish while it is not published.",
                "The course “%(title)s” requires this module: %(n)d people are on the way there, who cannot finish while it is not published.",
                on_the_way,
            )
        else:
            words = _(
                "The course “%(title)s” requires this module. Nobody is on the way there now; whoever begins cannot finish while it is not published."
            )
        said.append(words % {"title": use.page.title, "n": on_the_way})
    return said


def goes_on_in(page: ActivityPage) -> list[str]:
    """Said where it stays published in another language."""
    others = page.get_translations().live().select_related("locale")
    names = ", ".join(sorted(str(get_language_info(other.locale.language_code)["name_translated"]) for other in others))
    return [_("It stays published in another language (%(languages)s): there it goes on.") % {"languages": names}] if names else []


def usage_of(page: ModulePage | ActivityPage, reader: Any = None) -> Usage:
    """A handful of queries, whatever the number of courses and people; `reader` is who is told the names of cohorts."""
    if not page.pk:
        return Usage()
    settle_waiting()
    if isinstance(page, ModulePage):
        return Usage(courses=_courses([page.translation_key], reader))
    versions = ActivityPage.objects.filter(translation_key=page.translation_key).values_list("path", flat=True)
    modules = _one_for_each(ModulePage.objects.filter(path__in=[path[:-STEP] for path in versions]))
    records = ActivityRecord.objects.counting_in("").filter(activity_key=page.translation_key, user__is_active=True)
    done = Q(completed_at__isnull=False)
    people = records.aggregate(finished=Count("pk", filter=done), begun=Count("pk", filter=~done))
    return Usage(tuple(modules), _courses([module.translation_key for module in modules], reader), people["begun"], people["finished"])

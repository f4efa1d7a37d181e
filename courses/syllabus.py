"""What a course asks for, the same in every language: the canonical list of modules and activities, by key.

Structure (which modules, which activities, in what order, required or not) comes from the version in the site's first language
when there is one, else from any other that is live. Words (title, address) come from the reader's language, else from that version.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from uuid import UUID

from django.conf import settings
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from wagtail.models import Page

from academy.prepared import Later, Prepared
from academy.privacy import Hidden
from academy.remembered import remembered
from courses.models import ActivityChange, ActivityPage, CoursePage, ModulePage, Placement

WAITS = Q(opens_after_previous=True) | Q(opens_on__isnull=False)  # places whose module is not open to everybody at once
STEP = 4  # characters of one step of a tree path (treebeard's MP_Node.steplen)


@dataclass(frozen=True)
class Activity:
    """An activity as every course sees it. `published_at`: since when it is there, in whichever language it came first."""

    key: UUID
    kind: str
    title: str
    language: str
    address: str
    path: str
    minutes: int
    required: bool
    completion: str = ""
    pass_mark: int = 0
    changed_at: datetime | None = None
    published_at: datetime | None = None
    rules: dict = field(default_factory=dict, hash=False)  # of a quiz, by name

    @property
    def is_timed(self) -> bool:
        return bool(self.rules.get("time_limit"))

    @property
    def is_counted(self) -> bool:
        """A quiz whose time or attempts are counted: who could read its questions elsewhere first would be given both."""
        return self.is_timed or self.rules.get("attempts_allowed") is not None or self.rules.get("grading") == "first"


@dataclass
class Module:
    """A module with its activities in order. `changed_at`: when a trainer said last that it changed as a whole.

    `waits`: whether a course, in any of its versions, opens it only after another module or on a day (`courses.locks` asks further).
    """

    key: UUID
    title: str
    language: str
    address: str
    path: str
    pillar: str
    summary: str
    changed_at: datetime | None = None
    waits: bool = False
    activities: list[Activity] = field(default_factory=list)

    @property
    def required_keys(self) -> list[UUID]:
        return [activity.key for activity in self.activities if activity.required]

    @property
    def minutes(self) -> int:
        return sum(activity.minutes for activity in self.activities)


@dataclass(frozen=True)
class Place:
    """A module at its place in one course."""

    module: Module
    required: bool
    opens_after_previous: bool
    opens_on: date | None
    redo_here: bool = False


@dataclass
class Syllabus:
    """What one course asks for. `reworked`: the required modules that were published once and are not now.

    `paths`: where its versions stand in the tree.
    """

    course_key: UUID
    places: list[Place] = field(default_factory=list)
    reworked: list[UUID] = field(default_factory=list)
    title: str = ""
    address: str = ""
    is_open: bool = True
    gives_certificate: bool = False
    paths: tuple[str, ...] = ()

    @property
    def required_keys(self) -> list[UUID]:
        """Activities that the certificate rests on: the required ones of the required modules.

        A module that is being reworked counts as one more, by its own key, which nobody can have done: to take a module back for an hour
        completes no course, wherever that is asked (decision 0048).
        """
        return [key for place in self.places if place.required for key in place.module.required_keys] + self.reworked

    @property
    def activities(self) -> list[Activity]:
        return [activity for place in self.places for activity in place.module.activities]

    @cached_property
    def redo_keys(self) -> frozenset[UUID]:
        """Activities that this course asks to be done again: what was done of them elsewhere does not count here."""
        return frozenset(activity.key for place in self.places if place.redo_here for activity in place.module.activities)


def may_be_named(syllabus: Syllabus, *, follows: bool, hidden: Hidden) -> bool:
    """Whether somebody comes from this course when an address says so: they may read it, and follow it or may follow it by themselves.

    Else it is as if none were named: a lock is not passed by the name of a course that is reserved to others, nor its title told.
    """
    return (follows or syllabus.is_open) and any(not hidden.hides(path) for path in syllabus.paths)


@lru_cache(maxsize=4096)
def page_address(language: str, url_path: str) -> str:
    """The address of a page from its row alone: every home page stands at depth 2, every language has its prefix."""
    with translation.override(language):
        return reverse("wagtail_serve", args=["/".join(url_path.split("/")[2:])])


def rank(language: str, first: str) -> tuple[int, str]:
    return (0 if language == first else 1 if language == settings.LANGUAGE_CODE else 2, language)


def _modules(rows: Iterable[dict], language: str) -> dict[UUID, tuple[Module, list[dict]]]:
    """One module per key, with all its versions, the canonical one first."""
    versions: dict[UUID, list[dict]] = {}
    for row in rows:
        versions.setdefault(row["translation_key"], []).append(row)
    found = {}
    for key, rows_of_key in versions.items():
        words = min(rows_of_key, key=lambda row: rank(row["locale__language_code"], language))
        canonical = sorted(rows_of_key, key=lambda row: rank(row["locale__language_code"], settings.LANGUAGE_CODE))
        code = words["locale__language_code"]
        found[key] = (
            Module(
                key,
                words["title"],
                code,
                page_address(code, words["url_path"]),
                words["path"],
                canonical[0]["pillar"],
                words["summary"],
                words["changed_at"],
                words["waits"],
            ),
            canonical,
        )
    return found


QUIZ_RULES = ("pass_mark", "attempts_allowed", "wait", "time_limit", "grading", "reveal", "shuffle")
PLACEMENT_FIELDS = (
    "page_id", "page__translation_key", "page__locale__language_code", "page__title", "page__url_path", "page__enrolment", "page__gives_certificate", "page__path",
    "module_key", "required", "opens_after_previous", "opens_on", "redo_here",
)  # fmt: skip
LISTED_FIELDS = ("translation_key", "path", "locale__language_code", "title", "url_path", "summary", "audience")
MODULE_FIELDS = ("translation_key", "path", "title", "url_path", "pillar", "summary", "locale__language_code", "changed_at", "waits")
ACTIVITY_FIELDS = (
    "first_published_at", "translation_key", "path", "title", "url_path", "minutes", "required", "locale__language_code", "lessonpage__completion", "quizpage__pass_mark",
    "assignmentpage__belongs_to", "changed_at", "here_since", *(f"quizpage__{name}" for name in QUIZ_RULES[1:]),
)  # fmt: skip


def _kind(row: dict) -> str:
    """By the table that has a row for it: all kinds are read in one query."""
    if row["quizpage__pass_mark"] is not None:
        return "quiz"
    return "assignment" if row["assignmentpage__belongs_to"] is not None else "lesson"


def _activity(words: dict, canonical: dict, published_at: datetime | None) -> Activity:
    code = words["locale__language_code"]
    return Activity(
        key=words["translation_key"],
        kind=_kind(words),
        title=words["title"],
        language=code,
        address=page_address(code, words["url_path"]),
        path=words["path"],
        minutes=words["minutes"] or canonical["minutes"] or 0,
        required=canonical["required"],
        completion=canonical["lessonpage__completion"] or "",
        pass_mark=canonical["quizpage__pass_mark"] or 0,
        changed_at=words["changed_at"],
        published_at=published_at,
        rules={name: canonical[f"quizpage__{name}"] for name in QUIZ_RULES} if _kind(words) == "quiz" else {},
    )


def _changes(key: str) -> QuerySet:
    """What was said of the page of the outer query, the last first."""
    return ActivityChange.objects.filter(**{key: OuterRef("translation_key")}).order_by("-announced_at")


@Prepared
def _activities() -> QuerySet:
    """In this part of the tree, in its order."""
    path = Page._meta.get_field("path")
    rows = ActivityPage.objects.live().filter(path__gt=Later("after", path), path__lt=Later("before", path))
    rows = rows.annotate(changed_at=Subquery(_changes("activity_key").values("announced_at")[:1]))
    return rows.order_by("path").values_list(*ACTIVITY_FIELDS)


@Prepared
def _placements() -> QuerySet:
    keys = Later("keys", Page._meta.get_field("translation_key"))
    return Placement.objects.filter(page__translation_key__in=keys, page__live=True).order_by("sort_order").values_list(*PLACEMENT_FIELDS)


def modules_with_activities(module_keys: Iterable[UUID] | QuerySet, *, language: str) -> dict[UUID, Module]:
    """The live modules with these keys and their live activities: two queries, whatever their number."""
    wanted = module_keys if isinstance(module_keys, QuerySet) else set(module_keys)
    rows = ModulePage.objects.live().filter(translation_key__in=wanted)
    waiting = Placement.objects.filter(WAITS, module_key=OuterRef("translation_key"), page__live=True)
    rows = rows.annotate(changed_at=Subquery(_changes("module_key").values("announced_at")[:1]), waits=Exists(waiting))
    found = _modules(rows.values(*MODULE_FIELDS), language)
    paths = {row["path"]: key for key, (_module, versions) in found.items() for row in versions}
    if not paths:
        return {}
    versions: dict[UUID, list[dict]] = {}
    for values in _activities.rows(after=min(paths), before=max(paths) + "~"):
        row = dict(zip(ACTIVITY_FIELDS, values, strict=True))
        if row["path"][:-STEP] in paths:
            versions.setdefault(row["translation_key"], []).append(row)
    ordered: dict[UUID, list[tuple]] = {}
    for rows_of_key in versions.values():
        canonical = min(rows_of_key, key=lambda row: rank(row["locale__language_code"], settings.LANGUAGE_CODE))
        words = min(rows_of_key, key=lambda row: rank(row["locale__language_code"], language))
        published_at = min(filter(None, (row["first_published_at"] for row in rows_of_key)), default=None)
        if published_at and canonical["here_since"]:  # moved into the module, it is as new there as if it were written
            published_at = max(published_at, canonical["here_since"])
        order = (rank(canonical["locale__language_code"], settings.LANGUAGE_CODE), canonical["path"])
        ordered.setdefault(paths[canonical["path"][:-STEP]], []).append((order, _activity(words, canonical, published_at)))
    for key, activities in ordered.items():
        found[key][0].activities = [activity for _order, activity in sorted(activities, key=lambda pair: pair[0])]
    return {key: module for key, (module, _versions) in found.items()}


def kept_module(request: HttpRequest, path: str) -> Module | None:
    """The module at this place of the tree, with its activities: remembered until something is published."""

    def read() -> Module | None:
        keys = ModulePage.objects.filter(path=path).values("translation_key")
        return next(iter(modules_with_activities(keys, language=reader_language()).values()), None)

    return remembered(request, ("module", path), read)


def kept_syllabus(request: HttpRequest, course_key: UUID) -> Syllabus | None:
    """What one course asks for, remembered likewise."""
    return remembered(request, ("syllabus", course_key), lambda: syllabuses([course_key]).get(course_key))


@dataclass(frozen=True)
class ListedCourse:
    """One version of a live course, as lists show it. `minutes` are those of what it requires, as its own page says."""

    key: UUID
    path: str
    language: str
    title: str
    address: str
    summary: str
    audience: str
    modules: int
    minutes: int
    required_keys: tuple[UUID, ...]
    redo_keys: frozenset[UUID]


def listed_courses() -> list[ListedCourse]:
    """Every version of every live course in the order of the tree, for every reader: four queries, whatever their number."""
    rows = list(CoursePage.objects.live().order_by("path").values_list(*LISTED_FIELDS))
    found = syllabuses({row[0] for row in rows})
    courses = []
    for key, path, language, title, url_path, summary, audience in rows:
        syllabus = found.get(key) or Syllabus(key)
        minutes = sum(one.minutes for place in syllabus.places if place.required for one in place.module.activities if one.required)
        words = (title, page_address(language, url_path), summary, audience)
        keys = (tuple(syllabus.required_keys), syllabus.redo_keys)
        courses.append(ListedCourse(key, path, language, *words, len(syllabus.places), minutes, *keys))
    return courses


def kept_courses(request: HttpRequest) -> list[ListedCourse]:
    """The same, remembered until something is published."""
    return remembered(request, ("courses",), listed_courses)


def reader_language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def in_reading_order(pages: QuerySet) -> QuerySet:
    """Versions of pages: what is published first, then the reader's language, then what was written first."""
    own = Case(When(locale__language_code=reader_language(), then=0), default=1, output_field=IntegerField())
    return pages.order_by("-live", own, "pk")


def syllabuses(course_keys: Iterable[UUID], *, language: str | None = None) -> dict[UUID, Syllabus]:
    """What these courses ask for: three queries (four while a module is not published), whatever their number and size. A course that is not live is absent."""
    language = language or reader_language()
    rows = [dict(zip(PLACEMENT_FIELDS, values, strict=True)) for values in _placements.rows(keys=set(course_keys))]
    canonical: dict[UUID, tuple] = {}
    for row in rows:
        place = (rank(row["page__locale__language_code"], settings.LANGUAGE_CODE), row["page_id"])
        key = row["page__translation_key"]
        canonical[key] = min(canonical.get(key, place), place)
    chosen = [row for row in rows if canonical[row["page__translation_key"]][1] == row["page_id"]]
    found = _places(chosen, language)
    for key, syllabus in found.items():
        words = min(
            (row for row in rows if row["page__translation_key"] == key),
            key=lambda row: rank(row["page__locale__language_code"], language),
        )
        counts = next(row for row in chosen if row["page__translation_key"] == key)
        syllabus.is_open = counts["page__enrolment"] == CoursePage.EnrolmentBy.OPEN
        syllabus.gives_certificate = counts["page__gives_certificate"]
        syllabus.paths = tuple({row["page__path"] for row in rows if row["page__translation_key"] == key})
        syllabus.title, syllabus.address = words["page__title"], page_address(words["page__locale__language_code"], words["page__url_path"])
    return found


def syllabus_of_draft(course_page, *, language: str) -> Syllabus:
    """What the course would ask for if this very draft were published (for previews)."""
    rows = [
        {"page__translation_key": course_page.translation_key, "module_key": p.module_key, "required": p.required,
         "opens_after_previous": p.opens_after_previous, "opens_on": p.opens_on, "redo_here": p.redo_here}
        for p in course_page.placements.all()
    ]  # fmt: skip
    return _places(rows, language).get(course_page.translation_key, Syllabus(course_page.translation_key))


def syllabus_off_site(course_key: UUID) -> Syllabus | None:
    """What a course asked for that was published once and is on the site no more, for the team: without an address, as nobody opens it."""
    pages = CoursePage.objects.filter(translation_key=course_key, first_published_at__isnull=False).select_related("locale")
    versions = sorted(pages, key=lambda page: (rank(page.locale.language_code, settings.LANGUAGE_CODE), page.pk))
    if not versions or any(page.live for page in versions):
        return None
    syllabus = syllabus_of_draft(versions[0], language=reader_language())
    syllabus.title = min(versions, key=lambda page: rank(page.locale.language_code, reader_language())).title
    syllabus.is_open, syllabus.gives_certificate = False, versions[0].gives_certificate
    syllabus.paths = tuple(page.path for page in versions)
    return syllabus


def _places(rows: list[dict], language: str) -> dict[UUID, Syllabus]:
    modules = modules_with_activities([row["module_key"] for row in rows if row["module_key"]], language=language) if rows else {}
    absent = {row["module_key"] for row in rows if row["required"] and row["module_key"]}.difference(modules)
    once = ModulePage.objects.filter(translation_key__in=absent, first_published_at__isnull=False)
    reworked = set(once.order_by().values_list("translation_key", flat=True)) if absent else set()
    found: dict[UUID, Syllabus] = {}
    for row in rows:
        syllabus = found.setdefault(row["page__translation_key"], Syllabus(row["page__translation_key"]))
        module = modules.get(row["module_key"])
        if row["required"] and row["module_key"] in reworked:
            syllabus.reworked.append(row["module_key"])
        if module:
            syllabus.places.append(Place(module, row["required"], row["opens_after_previous"], row["opens_on"], row["redo_here"]))
    return found

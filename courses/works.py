"""Works as rows: which one somebody is led to, what is written beside it. Used by the verbs and by the screens."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.models import User
from courses.completion import locked_record
from courses.groups import Group, Owner, groups_of, groups_with
from courses.models import ActivityRecord, AssignmentPage, Feedback, Submission, SubmissionVersion, WorkFile
from courses.syllabus import in_reading_order
from courses.uploads import Brought


@dataclass(frozen=True)
class Desk:
    """Where somebody works on one assignment. No `owner`: they choose among `groups`, or have none and cannot begin. `place`: `courses.redo`."""

    owner: Owner | None = None
    work: Submission | None = None
    groups: list[Group] = field(default_factory=list)
    place: str = ""


def desk_of(page: AssignmentPage, user: User, *, wanted: str = "", place: str = "") -> Desk:
    """Two queries. What was handed in stays with whom it belonged to, even when the page has changed its mind since."""
    if not user.is_authenticated:
        return Desk()
    groups = groups_of(user)
    rows = Submission.objects.of_groups(user, [group.key for group in groups]).counting_in(place).filter(activity_key=page.translation_key)
    works = {row.group_key: row for row in rows.select_related("edited_by", "reading_by")}
    handed_in = {key for key, row in works.items() if row.handed_in_at}
    personal = Desk(Owner(person=user), works.get(""), groups, place)
    wants_person = page.belongs_to == AssignmentPage.BelongsTo.PERSON
    if (wants_person and not (handed_in - {""} and "" not in handed_in)) or (not wants_person and "" in handed_in):
        return personal
    candidates = [group for group in groups if not wants_person or group.key in handed_in]
    chosen = next((group for group in candidates if group.key == wanted), None) or (candidates[0] if len(candidates) == 1 else None)
    return Desk(Owner(group=chosen), works.get(chosen.key), groups, place) if chosen else Desk(groups=candidates, place=place)


def left_works(user: User) -> list[tuple[Submission, str]]:
    """What this person, or a project in which they had come to it, wrote for assignments that are not offered any more, each with its title.

    One query where there is nothing, else three at most.
    """
    there = ActivityRecord.objects.of(user).filter(activity_key=OuterRef("activity_key"))
    rows = (
        Submission.objects.left_behind()
        .filter(edited_at__isnull=False)
        .filter(Q(user=user, group_key="") | ~Q(group_key="") & Exists(there))
    )
    works = list(rows.defer("text", "terms").order_by("-edited_at"))
    groups = groups_with(work.group_key for work in works)
    works = [work for work in works if not work.group_key or (work.group_key in groups and user.pk in groups[work.group_key].readers)]
    pages = AssignmentPage.objects.filter(translation_key__in={work.activity_key for work in works}) if works else []
    titles = {page.translation_key: page.title for page in in_reading_order(pages)} if works else {}
    return [(work, titles.get(work.activity_key, "")) for work in works]


def keep_file(work: Submission, *, brought: Brought, by: User, feedback: Feedback | None = None) -> WorkFile:
    """One more file of a work, or of the feedback on it."""
    row = WorkFile(submission=work, feedback=feedback, in_draft=feedback is None, added_by=by)
    row.keep(brought)
    return row


def tell_records(work: Submission, owner: Owner, position: str) -> None:
    """Where the work stands is written on the record of each of its people, so that a list of activities shows it without asking."""
    for person in owner.people():
        record = locked_record(person, work.activity_key, work.redo_in)
        if record.position != position:
            record.position, record.last_seen_at = position, max(record.last_seen_at, timezone.now())
            record.save(update_fields=["position", "last_seen_at"])


def versions_handed_in(person: User, keys: Iterable[UUID]) -> dict[tuple[str, UUID], list[SubmissionVersion]]:
    """What this person or their projects handed in, by place (`courses.redo`) and assignment, first to last; `verdict` is the last answer.

    Two queries.
    """
    answer = Feedback.objects.filter(version=OuterRef("pk")).order_by("-given_at").values("verdict")[:1]
    works = Submission.objects.of_groups(person, [group.key for group in groups_of(person)]).filter(activity_key__in=keys)
    rows = SubmissionVersion.objects.filter(submission__in=works).annotate(verdict=Subquery(answer)).select_related("submission")
    found: dict[tuple[str, UUID], list[SubmissionVersion]] = {}
    for row in rows.defer("text", "submission__text", "submission__terms").order_by("submission", "number"):
        found.setdefault((row.submission.redo_in, row.submission.activity_key), []).append(row)
    return found


def verdict_in_words(version: SubmissionVersion) -> str:
    return str(Feedback.Verdict(version.verdict).label) if version.verdict else _("no answer yet")

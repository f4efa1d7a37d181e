"""What the screens of an assignment show, on the site and in the CMS. Reads only; each answers in a constant number of queries."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from wagtail.blocks import StreamValue

from academy.models import User
from courses.access import withdrawn_activity
from courses.due import Due, due_from, due_of
from courses.forms import WorkForm
from courses.groups import owner_of
from courses.models import AssignmentPage, Feedback, Submission, SubmissionVersion, WorkFile
from courses.terms import assignment_in, assignment_versions, most_points, terms_in, terms_of
from courses.works import Desk, desk_of, left_works
from courses.works_beside import beside


@dataclass(frozen=True)
class Answer:
    """One feedback with the words of its marks: (criterion, level or None, comment)."""

    feedback: Feedback
    rows: list[tuple]
    files: list[WorkFile]


@dataclass(frozen=True)
class ReadVersion:
    """One version as it is read: its files, and what was answered to it, the last answer first."""

    version: SubmissionVersion
    files: list[WorkFile]
    answers: list[Answer]

    @property
    def words(self) -> int:
        return len(self.version.text.split())


def _rows(rubric: list[dict], marks: dict) -> list[tuple]:
    rows = []
    for criterion in rubric:
        mark = marks.get(criterion["id"])
        if mark:
            level = next((level for level in criterion["levels"] if level["id"] == mark.get("level")), None)
            rows.append((criterion, level, mark.get("comment", "")))
    return rows


def versions_of(work: Submission) -> list[ReadVersion]:
    """Every version, the last one first: four queries."""
    feedback = Feedback.objects.select_related("given_by").order_by("-given_at").prefetch_related("files")
    rows = work.versions.select_related("submitted_by").order_by("-number").prefetch_related("files", Prefetch("feedback", feedback))
    rubric = terms_in(work.terms, get_language()).get("rubric", [])
    return [
        ReadVersion(
            row, list(row.files.all()), [Answer(one, _rows(rubric, one.marks), list(one.files.all())) for one in row.feedback.all()]
        )
        for row in rows
    ]


def form_for(work: Submission | None, terms: dict) -> WorkForm:
    initial = {"text": work.text, "link": work.link, "edition": work.edition} if work else {"edition": 0}
    return WorkForm(initial=initial, takes=terms["takes"])


def asked_then(page: AssignmentPage, work: Submission | None) -> StreamValue | None:
    """The instructions as they were when the work was first handed in, where they have been changed since; in that language alone."""
    if work is None or not work.handed_in_at or not work.revision or work.revision == page.live_revision_id:
        return None
    content = page.revisions.filter(pk=work.revision).values_list("content", flat=True).first()
    if content is None:
        return None
    body = page._meta.get_field("body").to_python(content.get("body") or "[]")
    return body if body.get_prep_value() != page.body.get_prep_value() else None


def assignment_context(
    page: AssignmentPage, request: HttpRequest, *, is_preview: bool, form: WorkForm | None = None, place: str = ""
) -> dict:
    """What is asked, until when, and where this person's work stands (at this `place`, see `courses.redo`)."""
    wanted = request.POST.get("group") or request.GET.get("group") or ""
    desk = Desk() if is_preview else desk_of(page, request.user, wanted=wanted, place=place)
    owner, work = desk.owner, desk.work
    terms = terms_in(work.terms, get_language()) if work and work.terms else terms_of(page)
    since = work.handed_in_at if work else None
    due = due_of(page, owner, place=place, since=since) if owner else Due(due_from(page, None))
    editable = work is None or work.is_editable
    may_write = owner is not None and owner.may_write(request.user)
    versions = versions_of(work) if work and work.handed_in_at else []
    return {
        "terms": terms,
        "asked_then": asked_then(page, work),
        "most_points": most_points(terms["rubric"]),
        "desk": desk,
        "owner": owner,
        "group": owner.group if owner else None,
        "work": work,
        "due": due,
        "is_past": due.is_past(timezone.now()),
        "may_write": may_write and editable,
        "may_count": bool(may_write and work and work.state == "accepted"),
        "form": form or (form_for(work, terms) if may_write and editable else None),
        "files": list(work.files.filter(in_draft=True)) if work and editable else [],
        "versions": versions,
        "last": versions[0] if versions else None,
        "beside_work": beside(work, request.user),
        "answer_by": work.handed_in_at + timedelta(days=terms["answer_days"])
        if work and work.is_waiting and terms["answer_days"]
        else None,
    }


def kept_work(user: User, key: UUID, *, wanted: Mapping) -> dict | None:
    """What somebody handed in for an assignment that is not offered any more, with the answers; None: it is, or they wrote nothing for it.

    Nor where it can still be handed in as it stands (`access.withdrawn_activity`). `wanted` names the course and the project.
    """
    mine = [work for work, _title in left_works(user) if work.activity_key == key]
    if not mine:
        return None
    near = (wanted.get("course") or "", wanted.get("group") or "")
    work = min(mine, key=lambda one: (one.redo_in != near[0], one.group_key != near[1], one.handed_in_at is None))
    pages, owner = assignment_versions(key), owner_of(work)
    if work.is_editable and owner.may_write(user) and withdrawn_activity(user, key):
        return None
    page = assignment_in(pages, get_language())
    title = page.title if page else gettext("An assignment that was taken away")
    return {
        "title": title,
        "work": work,
        "group": owner.group,
        "terms": terms_in(work.terms, get_language()),
        "versions": versions_of(work) if work.handed_in_at else [],
        "files": list(work.files.filter(in_draft=True)) if work.is_editable else [],
        "crumbs": [(gettext("My learning"), reverse("courses_my_learning")), (title, "")],
    }


WORD = re.compile(r"\S+\s*|\s+")
Change = tuple[str, str]


def changes(before: str, after: str) -> list[Change]:
    """`same`, `removed` and `added` pieces that make the later text out of the earlier: whole paragraphs, and words inside changed ones.

    What occurs very often is not looked for (difflib's autojunk): a text of thousands of equal lines takes no longer than another.
    """
    return list(_joined(_pieces(before.splitlines(keepends=True), after.splitlines(keepends=True), inside=True)))


def _pieces(one: list[str], two: list[str], *, inside: bool) -> Iterator[Change]:
    for kind, a, b, c, d in difflib.SequenceMatcher(None, one, two).get_opcodes():
        removed, added = "".join(one[a:b]), "".join(two[c:d])
        if kind == "equal":
            yield "same", removed
        elif kind == "replace" and inside:
            yield from _pieces(WORD.findall(removed), WORD.findall(added), inside=False)
        else:
            yield "removed", removed
            yield "added", added


def _joined(pieces: Iterator[Change]) -> Iterator[Change]:
    kept: Change | None = None
    for kind, text in pieces:
        if not text:
            continue
        if kept and kept[0] == kind:
            kept = (kind, kept[1] + text)
            continue
        if kept:
            yield kept
        kept = (kind, text)
    if kept:
        yield kept

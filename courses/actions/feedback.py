"""What trainers do with work that was handed in: read it, answer it, open it again; and what the clock reminds of."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from academy import audit, messages
from academy.models import Message, User
from academy.privacy import Guard
from academy.rules import RuleViolation
from courses.access import lasting_guards, opens_to
from courses.actions.learning import reopen_activity
from courses.completion import locked_record, mark_complete
from courses.due import Owed, owed_between
from courses.groups import Owner, owner_of
from courses.models import ActivityRecord, AssignmentPage, Feedback, Submission, SubmissionVersion
from courses.progress import TO_IMPROVE
from courses.rules_of import canonical_of
from courses.syllabus import page_address
from courses.terms import assignment_in, assignment_versions, most_points, points_of, verdicts_for
from courses.uploads import Brought
from courses.works import keep_file, tell_records

RULE = "assignment.accepted"
REMIND_BEFORE = timedelta(days=3)


def _locked(work: Submission) -> Submission:
    return Submission.objects.select_for_update(no_key=True).get(pk=work.pk)


@transaction.atomic
def begin_reading(work: Submission, *, by: User) -> Submission:
    """Tells colleagues who reads it. Nobody is kept out: whoever answers first has answered."""
    work = _locked(work)
    if work.state != Submission.State.HANDED_IN:
        raise RuleViolation(_("This work does not wait for somebody to read it."), code="not_waiting")
    work.state, work.reading_at, work.reading_by = Submission.State.READING, timezone.now(), by
    work.save(update_fields=["state", "reading_at", "reading_by"])
    audit.record(work, "courses.begin_reading", by=by)
    return work


@transaction.atomic
def stop_reading(work: Submission, *, by: User) -> Submission:
    """Back to the queue, where it stood."""
    work = _locked(work)
    if work.state != Submission.State.READING:
        raise RuleViolation(_("Nobody reads this work now."), code="not_reading")
    work.state, work.reading_at, work.reading_by = Submission.State.HANDED_IN, None, None
    work.save(update_fields=["state", "reading_at", "reading_by"])
    audit.record(work, "courses.stop_reading", by=by)
    return work


def _points(work: Submission, verdict: str, marks: Mapping[str, Mapping]) -> dict:
    """The points of the rubric, when every criterion has its level. To be accepted it has them, and reaches the mark."""
    rubric = work.terms["rubric"]
    if not rubric:
        return {}
    points, most = points_of(rubric, marks), most_points(rubric)
    if verdict == Feedback.Verdict.ACCEPTED:
        if points is None:
            raise RuleViolation(_("Choose a level for each criterion: the learner is told all of them."), code="marks")
        if points * 100 < work.terms["pass_mark"] * most:
            words = _(
                "These levels give %(points)d of %(most)d points, and %(mark)d%% are needed. Choose others, or do not accept the work yet."
            )
            raise RuleViolation(words % {"points": points, "most": most, "mark": work.terms["pass_mark"]}, code="below")
    return {"points": points, "most": most} if points is not None else {}


@transaction.atomic
def give_feedback(
    version: SubmissionVersion,
    *,
    by: User,
    verdict: str,
    comment: str = "",
    marks: Mapping[str, Mapping] | None = None,
    files: Iterable[Brought] = (),
    seen: int | None = None,
) -> Feedback:
    """A trainer answers the last version; each of its people is told. Accepted, the activity is complete for every one of them.

    `seen` is the number of answers to this version that were on the screen. Raises RuleViolation: a newer version, answered meanwhile,
    not a verdict now, no comment, levels missing, below the pass mark.
    """
    work, marks = _locked(version.submission), dict(marks or {})
    if work.versions.filter(number__gt=version.number).exists():
        raise RuleViolation(_("A newer version was handed in meanwhile: read that one."), code="old_version")
    if seen is not None and version.feedback.count() != seen:
        raise RuleViolation(_("A colleague has answered this work meanwhile: their answer stands below."), code="answered")
    if verdict not in verdicts_for(work):
        raise RuleViolation(_("This answer cannot be given to the work as it stands."), code="not_now")
    if verdict != Feedback.Verdict.ACCEPTED and not comment.strip():
        raise RuleViolation(_("Say what is missing: without it nobody can make the work better."), code="no_comment")
    points = _points(work, verdict, marks)
    feedback = Feedback.objects.create(version=version, verdict=verdict, comment=comment.strip(), marks=marks, given_by=by, **points)
    for brought in files:
        keep_file(work, brought=brought, by=by, feedback=feedback)
    _answer(work, verdict)
    audit.record(work, "courses.give_feedback", by=by, data={"number": version.number, "verdict": verdict, **points})
    owner, pages = owner_of(work), assignment_versions(work.activity_key)
    if verdict == Feedback.Verdict.ACCEPTED:
        _complete(work, owner=owner, pages=pages, by=by)
    else:
        tell_records(work, owner, TO_IMPROVE if verdict == Feedback.Verdict.TO_IMPROVE else "")
    _tell(feedback, owner, pages, by)
    return feedback


def _answer(work: Submission, state: str) -> None:
    work.state, work.answered_at, work.reading_at, work.reading_by = state, timezone.now(), None, None
    work.save(update_fields=["state", "answered_at", "reading_at", "reading_by"])


def _complete(work: Submission, *, owner: Owner, pages: list[AssignmentPage], by: User) -> None:
    page = assignment_in(pages, "")
    tell_records(work, owner, "")
    for person in owner.people() if page else []:
        record = locked_record(person, work.activity_key, work.redo_in)
        mark_complete(record, activity=page, source=ActivityRecord.Source.AUTO, rule=RULE, by=by)


def _tell(feedback: Feedback, owner: Owner, pages: list[AssignmentPage], by: User) -> None:
    for person in owner.people():
        page = assignment_in(pages, person.language)
        if page is None:
            continue
        address = _address(page, owner, feedback.version.submission.redo_in)
        context = {"feedback": feedback, "title": page.title, "group": owner.group, "address": address}
        messages.queue(person, template="courses_feedback", context=context, cause=f"courses.feedback:{feedback.pk}", by=by)


def _address(page: AssignmentPage, owner: Owner, redo_in: str = "") -> str:
    place = {**({"course": redo_in} if redo_in else {}), **({"group": owner.group.key} if owner.group else {})}
    return page_address(page.locale.language_code, page.url_path) + (f"?{urlencode(place)}" if place else "") + "#work"


@transaction.atomic
def reopen_work(work: Submission, *, reason: str, by: User) -> Submission:
    """Staff let work that was accepted, or not, be handed in again, with a reason that its people read.

    What its acceptance had completed is open again, for each of them; courses and certificates stay as they are.
    """
    work = _locked(work)
    if work.state not in (Submission.State.ACCEPTED, Submission.State.DECLINED):
        raise RuleViolation(_("Only work that has its last answer is opened again."), code="not_settled")
    if not reason.strip():
        raise RuleViolation(_("Say why the work is opened again."), code="no_reason")
    version = work.versions.order_by("number").last()
    feedback = Feedback.objects.create(version=version, verdict=Feedback.Verdict.REOPENED, comment=reason.strip(), given_by=by)
    _answer(work, Submission.State.TO_IMPROVE)
    audit.record(work, "courses.reopen_work", by=by, data={"reason": reason.strip()})
    owner = owner_of(work)
    people = [person.pk for person in owner.people()]
    completed = ActivityRecord.objects.counting_in(work.redo_in).filter(user__in=people, activity_key=work.activity_key, rule=RULE)
    for record in completed.order_by("user"):
        reopen_activity(record, reason=reason, by=by)
    tell_records(work, owner, TO_IMPROVE)
    _tell(feedback, owner, assignment_versions(work.activity_key), by)
    return work


def forget_erased(*, by: User | None) -> int:
    """The clock: of somebody who was erased, what they wrote and their files go; that they handed in, when, and the answers stay."""
    works = Submission.objects.filter(user__isnull=True, group_key="")
    written = works.filter(
        ~Q(text="") | ~Q(link="") | Q(files__isnull=False) | Q(versions__in=SubmissionVersion.objects.exclude(text="", link="", reason=""))
    )
    done = 0
    for work in written.distinct():
        with transaction.atomic():
            files = list(work.files.all())
            work.files.all().delete()
            Submission.objects.filter(pk=work.pk).update(text="", link="")
            work.versions.update(text="", link="", reason="")
            audit.record(work, "courses.forget_erased", by=by, data={"files": len(files)})
        for file in files:
            file.file.delete(save=False)
        done += 1
    return done


def remind_of_due(*, by: User | None, now: datetime) -> int:
    """The clock: who has not handed in is told once for each place where it is owed, three days before the date. Returns how many mails were written."""
    told, guards = 0, lasting_guards()
    pages: dict = {}
    for page in AssignmentPage.objects.live().select_related("locale"):
        pages.setdefault(page.translation_key, []).append(page)
    for page in filter(lambda one: one.due_days or one.due_on, map(canonical_of, pages.values())):
        for owed in owed_between(page, now, now + REMIND_BEFORE):
            if not (owed.owner.group and owed.owner.group.rests):
                told += _remind(page, owed, by, guards)
    return told


@transaction.atomic
def _remind(page: AssignmentPage, owed: Owed, by: User | None, guards: list[Guard]) -> int:
    owner, due = owed.owner, owed.at
    cause = f"courses.due:{page.translation_key}:{owner.fields['group_key']}:{due:%Y-%m-%d}" + (f":{owed.place}" if owed.place else "")
    known = set(Message.objects.filter(cause=cause).values_list("address", flat=True))
    people, told = [person for person in owner.people() if person.email not in known], 0
    versions = assignment_versions(page.translation_key) if people else []
    for person in people:
        words = assignment_in(versions, person.language)
        if not opens_to(person, words, guards):
            continue
        context = {"title": words.title, "due": due, "group": owner.group, "address": _address(words, owner, owed.place)}
        with timezone.override(ZoneInfo(person.time_zone or settings.TIME_ZONE)):
            told += messages.queue(person, template="courses_due_soon", context=context, cause=cause, by=by) is not None
    return told

"""A draft of an application: begun, and kept while it is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import lock
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.dossiers import keep_wordings
from cohorts.answers import ACADEMY, DOSSIER, PROJECT, answers_of, texts_of
from cohorts.call_answers import columns_of_value, name_of
from cohorts.carried import file_name_of, fits
from cohorts.identity import IDENTITY, being_read, why_kept
from cohorts.merging import Choice, Merge, merge
from cohorts.models import Application, ApplicationFile, CallAnswer, CallQuestion, Cohort, Dossier, Project, ProjectMember, dossier_of
from courses.uploads import Brought

MOST_FILES = 10
JUST_NOW = timedelta(minutes=1)


@transaction.atomic
def start_application(cohort: Cohort, *, by: User, project: Project | None = None, name: str = "") -> Application:
    """Opens a draft, for a project that exists or for a new one of which `by` becomes the lead. The dossier is the project's own.

    The same new project asked for twice at once (two clicks, or a page that lost its answer) is the one that is there.
    What the project answered before, to a call that asked the same, is in it already: nothing is asked twice.
    """
    lock(cohort)
    if not cohort.is_accepting:
        raise RuleViolation(_("This call is not open. Look at the other calls for projects."), code="closed")
    if project is None and (begun := _begun_just_now(cohort, by=by, name=name)):
        return begun
    if project is None:
        project = Project.objects.create(name=name.strip(), country=by.country)
        ProjectMember.objects.create(project=project, person=by, role=ProjectMember.Role.LEAD)
    if Application.objects.live().filter(project=project, cohort=cohort).exists():
        raise RuleViolation(_("Your project has an application for this cohort already: go on with that one."), code="twice")
    Dossier.objects.get_or_create(project=project)
    application = Application.objects.create(project=project, cohort=cohort, language=by.language)
    _carry_expectations(application)
    _carry_answers(application)
    _carry_files(application, by=by)
    application.save(update_fields=["expectations", "carried"])
    record(application, "cohorts.start_application", by=by)
    return application


def _begun_just_now(cohort: Cohort, *, by: User, name: str) -> Application | None:
    """Under the lock of the cohort."""
    own = ProjectMember.objects.filter(person=by, role=ProjectMember.Role.LEAD).values("project")
    rows = Application.objects.filter(cohort=cohort, state=Application.State.DRAFT, created_at__gt=timezone.now() - JUST_NOW)
    return rows.filter(project__in=own, project__name=name.strip()).order_by("created_at").first()


@transaction.atomic
def save_draft(application: Application, *, by: User, answers: Mapping[str, Any]) -> Application:
    """Keeps what is written so far, complete or not. Only the answers given change; a name that is not an answer is an error."""
    _lock(application)
    _check_editable(application)
    _write(application, answers, by=by)
    return application


@transaction.atomic
def merge_draft(
    application: Application, *, by: User, answers: Mapping[str, Any], since: Mapping[str, str], choices: Mapping[str, Choice] | None = None
) -> Merge:
    """Keeps what one page changed, answer by answer, beside what others changed meanwhile (see `cohorts.merging`)."""
    _lock(application)
    _check_editable(application)
    found = merge(answers, answers_of(application), since=since, choices=choices, texts=texts_of(application) if choices else {})
    if found.written:
        _write(application, found.written, by=by)
    return found


@transaction.atomic
def attach_file(application: Application, *, by: User, brought: Brought, question: CallQuestion | None = None) -> ApplicationFile:
    """One more file in the draft. The same file again is the one that is there: a page that lost its answer may send twice."""
    lock(application)
    _check_editable(application)
    if question is not None and (question.cohort_id, question.kind) != (application.cohort_id, CallQuestion.Kind.FILE):
        raise ValueError(f"not a question of this call that a file answers: {question.pk}")
    files = application.files.filter(in_draft=True)
    there = files.filter(sha256=brought.sha256, question=question).first()
    if there is not None:
        return there
    if files.count() >= MOST_FILES:
        words = _("There are %(most)d files already, which is the most: remove one before you add another.")
        raise RuleViolation(words % {"most": MOST_FILES}, code="file")
    row = ApplicationFile(application=application, question=question, added_by=by)
    row.keep(brought)
    application.save(update_fields=["saved_at"])
    record(application, "cohorts.attach_file", by=by, data={"file": str(row.pk)})
    return row


@transaction.atomic
def remove_file(file: ApplicationFile, *, by: User) -> None:
    """Out of the draft. A version that was sent with it keeps it; else it is gone for good."""
    application = lock(file.application)
    _check_editable(application)
    row = application.files.filter(pk=file.pk, in_draft=True).first()
    if row is None:
        return  # removed by somebody else a moment ago
    row.take_out(was_sent=row.snapshots.exists())
    application.carried.pop(file_name_of(file.pk), None)
    application.save(update_fields=["saved_at", "carried"])
    record(application, "cohorts.remove_file", by=by, data={"file": str(file.pk)})


def _carry_expectations(application: Application) -> None:
    before = application.project.applications.exclude(pk=application.pk).order_by("created_at").last()
    if before and before.expectations:
        application.expectations, application.carried["expectations"] = before.expectations, str(before.pk)


def _carry_answers(application: Application) -> None:
    """For each question of the call, what the project last answered to the same one (`carried.fits`)."""
    given = CallAnswer.objects.filter(application__project=application.project_id).select_related("question")
    before = list(given.order_by("-application__created_at", "question__sort_order", "pk"))
    questions = list(application.cohort.questions.all()) if before else []
    latest: dict = {}
    for row in before:
        if question := fits(questions, row.question):
            latest.setdefault(question, row)
    for question, found in latest.items():
        columns = {"text": found.text, "number": found.number, "currency": found.currency}
        CallAnswer.objects.create(application=application, question=question, **columns)
        application.carried[name_of(question.pk)] = str(found.application_id)


def _carry_files(application: Application, *, by: User) -> None:
    """The same of what was attached to a question: a copy, for what was sent is kept with what it was sent with."""
    rows = ApplicationFile.objects.filter(application__project=application.project_id, in_draft=True, question__isnull=False)
    before = list(rows.select_related("question").order_by("-application__created_at", "added_at", "pk"))
    questions = list(application.cohort.questions.filter(kind=CallQuestion.Kind.FILE)) if before else []
    latest: dict = {}
    for row in before:
        if question := fits(questions, row.question):
            latest.setdefault(question, []).append(row)
    for question, same in latest.items():
        for row in same:
            is_of_the_last = (row.application_id, row.question_id) == (same[0].application_id, same[0].question_id)
            if is_of_the_last and application.files.count() < MOST_FILES and row.file.storage.exists(row.file.name):
                with row.file.open("rb") as kept:
                    copy = ApplicationFile(application=application, question=question, added_by=by)
                    copy.keep(Brought(row.name, row.kind, kept.read()))
                application.carried[file_name_of(copy.pk)] = str(row.application_id)


def _lock(application: Application) -> None:
    """Its project first, as who sends another application of it does: under that name it is read from then on (`cohorts.identity`)."""
    lock(application.project)
    lock(application)


def _check_editable(application: Application) -> None:
    if not application.is_editable:
        raise RuleViolation(_("This application is submitted, so its answers are kept as they are."), code="submitted")


def _check_identity(application: Application, answers: Mapping[str, Any]) -> None:
    """A project keeps its name while another application of it is read; a coordinator may correct it in the CMS."""
    changed = [name for name in IDENTITY if name in answers and answers[name] != getattr(application.project, name)]
    if changed and (read := being_read(application)):
        raise RuleViolation(why_kept(read), code="being_read")


def _write(application: Application, answers: Mapping[str, Any], *, by: User) -> None:
    """The answers into their rows: the project, its dossier, the application, one row for each answer to the call. Under a lock."""
    questions = {name_of(one.pk): one for one in application.cohort.questions.all()}
    columns = [PROJECT.names, tuple(section.key for section in DOSSIER), ACADEMY.names]
    unknown = set(answers).difference(questions, *columns)
    if unknown:
        raise ValueError(f"not answers of an application: {sorted(unknown)}")
    _check_identity(application, answers)
    rows = (application.project, dossier_of(application.project), application)
    for row, names in zip(rows, columns, strict=True):
        changed = {name: answers[name] for name in names if name in answers and getattr(row, name) != answers[name]}
        before, is_new = {name: getattr(row, name) for name in changed}, row._state.adding
        saved_at = row.saved_at if isinstance(row, Dossier) else None
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            row.save(update_fields=None if row._state.adding else [*changed, *({"saved_at"} if isinstance(row, Dossier) else ())])
        if changed and saved_at and not is_new:
            keep_wordings(row, by=by, before=before, saved_at=saved_at)
    for name, question in questions.items():
        if name in answers:
            _answer(application, question, answers[name])
    application.carried = {name: before for name, before in application.carried.items() if name not in answers}
    application.save(update_fields=["saved_at", "carried"])


def _answer(application: Application, question: CallQuestion, value: str) -> None:
    rows = CallAnswer.objects.filter(application=application, question=question)
    if not value:
        rows.delete()
    elif not rows.update(**columns_of_value(question.kind, value)):
        CallAnswer.objects.create(application=application, question=question, **columns_of_value(question.kind, value))

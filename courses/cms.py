"""Our own pages inside the CMS: what one person did with one activity, and one certificate, with the verbs that staff have."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.models import ModelLogEntry, Page

from academy.models import User
from academy.rehearsal import shows_mails
from academy.rules import RuleViolation
from courses import actions
from courses.due import end_of
from courses.forms import AllowanceForm, MarkForm, MoreTimeForm, ReasonForm
from courses.grading import mark
from courses.groups import Owner, groups_of
from courses.models import ActivityPage, ActivityRecord, AssignmentPage, Certificate, Extension, QuizAttempt, QuizPage, Submission
from courses.permissions import can_correct_record, can_mark, can_read_records, can_revoke_certificate
from courses.redo import course_title
from courses.rules_of import with_rules
from courses.syllabus import in_reading_order


def history_of(row: Model) -> list[ModelLogEntry]:
    return list(ModelLogEntry.objects.for_instance(row).select_related("user").order_by("-timestamp")[:30])


def perform(request: HttpRequest, act: Callable[..., Any], form_class: type[ReasonForm] = ReasonForm) -> ReasonForm | None:
    """Does the verb with its reason. None when it is done; else the form with what is wrong."""
    form = form_class(request.POST)
    if form.is_valid():
        try:
            act(**form.cleaned_data, by=request.user)
        except RuleViolation as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, _("Done."))
            return None
    messages.error(request, _("Not done. What is wrong is written beside the question."))
    return form


def breadcrumbs_of(label: str, list_name: str, title: str) -> list[dict]:
    return [
        {"url": reverse("wagtailadmin_home"), "label": _("Home")},
        {"url": reverse(f"{list_name}:index"), "label": label},
        {"url": "", "label": title},
    ]


def specific_activity_page(key: UUID) -> ActivityPage | None:
    page = in_reading_order(ActivityPage.objects.filter(translation_key=key)).first()
    return page.specific if page else None


def _owner_for(page: AssignmentPage, person: User) -> Owner | None:
    """Whose work this person's is; None when they are in no project, or in several: then the work itself says it."""
    if with_rules(page).belongs_to == AssignmentPage.BelongsTo.PERSON:
        return Owner(person=person)
    groups = [group for group in groups_of(person) if person.pk in group.workers]
    return Owner(group=groups[0]) if len(groups) == 1 else None


Verb = tuple[str, Callable[..., Any], type[ReasonForm]]


def verbs_for(activity: ActivityPage, person: User, place: str = "") -> dict[str, Verb]:
    """What staff may do for somebody at an activity that is not complete (at this place, see `courses.redo`), with a record of it or without."""
    whose = {"user": person, "redo_in": place}
    verbs: dict[str, Verb] = {
        "complete": (_("Complete it for this person"), partial(actions.complete_activity, activity, **whose), ReasonForm),
        "excuse": (_("Excuse this person from it"), partial(actions.excuse_activity, activity, **whose), ReasonForm),
    }
    if isinstance(activity, AssignmentPage) and (owner := _owner_for(activity, person)):
        verbs["extend"] = (_("Give more time"), partial(more_time, activity, owner, redo_in=place), MoreTimeForm)
    if _can_be_allowed(activity):
        verbs["allow"] = (_("Allow this person more"), partial(actions.allow_person, activity, **whose), AllowanceForm)
    return verbs


def _can_be_allowed(activity: ActivityPage | None) -> bool:
    return isinstance(activity, QuizPage) and bool(activity.attempts_allowed is not None or activity.wait or activity.time_limit)


def _verbs_of(record: ActivityRecord, activity: ActivityPage | None) -> dict[str, Verb]:
    """What staff may do with this row as it stands."""
    verbs: dict[str, Verb] = {}
    if record.is_complete and record.rule != "assignment.accepted":  # what a trainer accepted is opened again on the page of the work
        label = _("Lift the excuse") if record.is_excused else _("Open it again")
        verbs["reopen"] = (label, lambda **how: actions.reopen_activity(record, **how), ReasonForm)
    elif not record.is_complete and activity is not None and record.user is not None:
        verbs |= verbs_for(activity, record.user, record.redo_in)
    if _can_be_allowed(activity):
        verbs["allow"] = (_("Allow this person more"), lambda **how: actions.allow(record, **how), AllowanceForm)
    return verbs


def more_time(page: AssignmentPage, owner: Owner, *, until: date, **how) -> Extension:
    """Until the end of a day."""
    return actions.extend(page, owner=owner, until=end_of(until), **how)


def _works(record: ActivityRecord) -> list[Submission]:
    """What this person handed in, or a project of theirs."""
    if record.user is None:
        return []
    keys = [group.key for group in groups_of(record.user)]
    return list(Submission.objects.of_groups(record.user, keys).counting_in(record.redo_in).filter(activity_key=record.activity_key))


@shows_mails()
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, pk: UUID, verb: str = "") -> HttpResponse:
    if not can_read_records(request.user):
        raise Http404
    row = get_object_or_404(ActivityRecord.objects.for_admin(request.user).select_related("user"), pk=pk)
    activity = specific_activity_page(row.activity_key)
    verbs = _verbs_of(row, activity) if can_correct_record(request.user, row) else {}
    refused = None
    if request.method == "POST":
        if verb not in verbs:
            raise Http404
        refused = perform(request, *verbs[verb][1:])
        if refused is None:
            return redirect("courses_cms_record", pk=row.pk)
    title = f"{row.user or _('Erased person')} · {activity.title if activity else row.activity_key}"
    attempts = QuizAttempt.objects.counting_in(row.redo_in).filter(user=row.user, quiz_key=row.activity_key)
    context = {
        "record": row,
        "activity": activity,
        "again": course_title(row.redo_in),
        "attempts": attempts.defer("questions", "answers") if row.user else [],
        "works": _works(row),
        "verbs": [
            (reverse("courses_cms_record_verb", args=[row.pk, name]), label, refused if name == verb and refused else form_class())
            for name, (label, _act, form_class) in verbs.items()
        ],
        "history": history_of(row),
        "header_title": title,
        "header_icon": "tick-inverse",
        "breadcrumbs_items": breadcrumbs_of(_("Activity records"), "activity-records", title),
    }
    return render(request, "courses/cms/record.html", context)


def _marks_in(forms: dict[str, MarkForm]) -> dict[str, tuple[float, str]]:
    """What was filled in; the rest waits."""
    filled = {key: form.cleaned_data for key, form in forms.items() if form.cleaned_data.get("percent") is not None}
    return {key: (data["percent"] / 100, data["comment"]) for key, data in filled.items()}


def _mark(request: HttpRequest, row: QuizAttempt, forms: dict[str, MarkForm]) -> bool:
    """Gives the marks of the forms. False: something is wrong, and said beside it."""
    checked = [form.is_valid() for form in forms.values()]  # each says what is wrong with it
    if not all(checked):
        messages.error(request, _("Not saved. What is wrong is written beside the question."))
        return False
    marks = _marks_in(forms)
    if not marks:
        messages.error(request, _("Nothing was marked: write what a text is worth."))
        return False
    try:
        row = actions.mark_answers(row, marks=marks, by=request.user)
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
        return True
    told = _("Marked. The learner is told by mail.") if not row.is_waiting else _("Saved. The learner is told when every text is marked.")
    messages.success(request, told)
    return True


@shows_mails()
@require_http_methods(["GET", "POST"])
def attempt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What one person answered; long texts are marked here."""
    if not can_read_records(request.user):
        raise Http404
    row = get_object_or_404(QuizAttempt.objects.for_admin(request.user).select_related("user"), pk=pk)
    results = mark(row.questions, row.answers, row.marks)
    may_mark = row.is_waiting and can_mark(request.user, row)
    texts = [result.id for result in results if result.kind == "long" and result.answer] if may_mark else []
    given = {key: {"percent": round(one["fraction"] * 100), "comment": one["comment"]} for key, one in row.marks.items()}
    data = request.POST if request.method == "POST" else None
    forms = {key: MarkForm(data, prefix=key, initial=given.get(key)) for key in texts}
    if request.method == "POST":
        if not may_mark:
            raise Http404
        if _mark(request, row, forms):
            following = QuizAttempt.objects.to_mark_by(request.user).exclude(pk=row.pk).first()
            return redirect("courses_cms_attempt", pk=following.pk) if following and "next" in request.POST else redirect(request.path)
    quiz = specific_activity_page(row.quiz_key)
    records = ActivityRecord.objects.counting_in(row.redo_in).filter(user=row.user, activity_key=row.quiz_key)
    title = f"{row.user or _('Erased person')} · {quiz.title if quiz else row.quiz_key} · {row.number}"
    context = {
        "attempt": row,
        "quiz": quiz,
        "again": course_title(row.redo_in),
        "record": records.first() if row.user else None,
        "results": [(result, forms.get(result.id)) for result in results],
        "may_mark": may_mark,
        "history": history_of(row),
        "header_title": title,
        "header_icon": "form",
        "breadcrumbs_items": breadcrumbs_of(_("Quiz attempts"), "quiz-attempts", title),
    }
    return render(request, "courses/cms/attempt.html", context)


@shows_mails()
@require_http_methods(["GET", "POST"])
def certificate(request: HttpRequest, pk: UUID, verb: str = "") -> HttpResponse:
    if not can_read_records(request.user):
        raise Http404
    row = get_object_or_404(Certificate.objects.for_admin(request.user).select_related("holder", "issued_by", "revoked_by"), pk=pk)
    may_revoke = can_revoke_certificate(request.user, row)
    refused = None
    if request.method == "POST":
        if verb != "revoke" or not may_revoke:
            raise Http404
        refused = perform(request, lambda **how: actions.revoke_certificate(row, **how))
        if refused is None:
            return redirect("courses_cms_certificate", pk=row.pk)
    context = {
        "certificate": row,
        "course": Page.objects.filter(translation_key=row.subject_key).first() if row.subject_key else None,
        "verbs": [(reverse("courses_cms_certificate_verb", args=[row.pk, "revoke"]), _("Revoke this certificate"), refused or ReasonForm())]
        if may_revoke
        else [],
        "history": history_of(row),
        "header_title": str(row),
        "header_icon": "doc-full",
        "breadcrumbs_items": breadcrumbs_of(_("Certificates"), "certificates", row.shown_name),
    }
    return render(request, "courses/cms/certificate.html", context)

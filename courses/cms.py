"""Our own pages inside the CMS: what one person did with one activity, and one certificate, with the verbs that staff have."""

from collections.abc import Callable
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

from academy.rules import RuleViolation
from courses import actions
from courses.forms import ReasonForm
from courses.models import ActivityPage, ActivityRecord, Certificate, QuizAttempt, QuizPage
from courses.permissions import can_correct_record, can_read_records, can_revoke_certificate


def _history(row: Model) -> list[ModelLogEntry]:
    return list(ModelLogEntry.objects.for_instance(row).select_related("user").order_by("-timestamp")[:30])


def _perform(request: HttpRequest, act: Callable[..., Any]) -> ReasonForm | None:
    """Does the verb with its reason. None when it is done; else the form with what is wrong."""
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            act(reason=form.cleaned_data["reason"], by=request.user)
        except RuleViolation as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, _("Done."))
            return None
    messages.error(request, _("Not done. The reason is written beside the question."))
    return form


def _breadcrumbs(label: str, list_name: str, title: str) -> list[dict]:
    return [
        {"url": reverse("wagtailadmin_home"), "label": _("Home")},
        {"url": reverse(f"{list_name}:index"), "label": label},
        {"url": "", "label": title},
    ]


def _specific(key: UUID) -> ActivityPage | None:
    page = ActivityPage.objects.filter(translation_key=key).order_by("-live", "pk").first()
    return page.specific if page else None


def _verbs_of(record: ActivityRecord, activity: ActivityPage | None) -> dict[str, tuple[str, Callable[..., Any]]]:
    """What staff may do with this row as it stands."""
    if record.is_complete:
        verbs = {"reopen": (_("Open it again"), lambda **how: actions.reopen_activity(record, **how))}
    elif activity is not None and record.user is not None:
        verbs = {"complete": (_("Complete it for this person"), lambda **how: actions.complete_activity(activity, user=record.user, **how))}
    else:
        verbs = {}
    if isinstance(activity, QuizPage) and activity.attempts_allowed is not None:
        verbs["attempt"] = (_("Give one more attempt"), lambda **how: actions.grant_attempt(record, **how))
    return verbs


@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, pk: UUID, verb: str = "") -> HttpResponse:
    if not can_read_records(request.user):
        raise Http404
    row = get_object_or_404(ActivityRecord.objects.for_admin(request.user).select_related("user"), pk=pk)
    activity = _specific(row.activity_key)
    verbs = _verbs_of(row, activity) if can_correct_record(request.user, row) else {}
    refused = None
    if request.method == "POST":
        if verb not in verbs:
            raise Http404
        refused = _perform(request, verbs[verb][1])
        if refused is None:
            return redirect("courses_cms_record", pk=row.pk)
    title = f"{row.user or _('Erased person')} · {activity.title if activity else row.activity_key}"
    context = {
        "record": row,
        "activity": activity,
        "attempts": QuizAttempt.objects.filter(user=row.user, quiz_key=row.activity_key).defer("questions", "answers") if row.user else [],
        "verbs": [
            (reverse("courses_cms_record_verb", args=[row.pk, name]), label, refused if name == verb and refused else ReasonForm())
            for name, (label, _act) in verbs.items()
        ],
        "history": _history(row),
        "header_title": title,
        "header_icon": "tick-inverse",
        "breadcrumbs_items": _breadcrumbs(_("Activity records"), "activity-records", title),
    }
    return render(request, "courses/cms/record.html", context)


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
        refused = _perform(request, lambda **how: actions.revoke_certificate(row, **how))
        if refused is None:
            return redirect("courses_cms_certificate", pk=row.pk)
    context = {
        "certificate": row,
        "course": Page.objects.filter(translation_key=row.subject_key).first() if row.subject_key else None,
        "verbs": [(reverse("courses_cms_certificate_verb", args=[row.pk, "revoke"]), _("Revoke this certificate"), refused or ReasonForm())]
        if may_revoke
        else [],
        "history": _history(row),
        "header_title": str(row),
        "header_icon": "doc-full",
        "breadcrumbs_items": _breadcrumbs(_("Certificates"), "certificates", row.holder_name),
    }
    return render(request, "courses/cms/certificate.html", context)

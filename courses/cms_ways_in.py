"""Ways into a course, in the CMS: codes, everybody of a cohort, and a list of people that is looked at before anything is done."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core import signing
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from academy import messages as outbox
from academy.cms_verbs import crumbs
from academy.http import as_uuid
from academy.models import User
from academy.rules import RuleViolation
from courses import actions, learner_groups
from courses.access import any_course
from courses.cms_progress import course_address, require_follower
from courses.models import AwaitedEnrolment, CoursePage, Enrolment, EnrolmentCode
from courses.people_list import LARGEST, Row, UnreadableList, read, text_of

SALT = "courses.people-list"
HOUR = 3600


class CodeForm(forms.Form):
    """A new code."""

    cohort = forms.ChoiceField(label=gettext_lazy("Cohort"), required=False)
    valid_until = forms.DateTimeField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    uses = forms.IntegerField(
        label=gettext_lazy("How many people may use it (empty: any number)"), required=False, min_value=1, max_value=100_000
    )

    def __init__(self, *args, cohorts: dict[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cohort"].choices = [("", gettext_lazy("None")), *cohorts.items()]


class CohortForm(forms.Form):
    """Everybody of one cohort."""

    cohort = forms.ChoiceField(label=gettext_lazy("Cohort"))

    def __init__(self, *args, cohorts: dict[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cohort"].choices = [("", ""), *cohorts.items()]


class PeopleForm(forms.Form):
    """A list of people, as a file or typed."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        required=False,
        help_text=gettext_lazy("Columns: email, and if you have them name, language (fr, en), cohort."),
    )
    lines = forms.CharField(
        label=gettext_lazy("Or the addresses, one a line"), required=False, max_length=200_000, widget=forms.Textarea(attrs={"rows": 5})
    )

    def clean(self) -> dict:
        data = super().clean()
        file = data.get("file")
        if file and file.size > LARGEST:
            self.add_error("file", _("This file is too large for a list of people."))
        elif not file and not (data.get("lines") or "").strip() and not self.errors:
            self.add_error("file", _("Choose a file, or write addresses."))
        return data

    def rows(self, cohorts: dict[str, str]) -> list[Row]:
        file = self.cleaned_data.get("file")
        text = text_of(file.read()) if file else self.cleaned_data["lines"]
        return read(text, languages=set(dict(settings.LANGUAGES)), cohorts=cohorts)


@require_http_methods(["GET", "POST"])
def ways_in(request: HttpRequest, key: UUID) -> HttpResponse:
    require_follower(request)
    course = any_course(key)
    if course is None:
        raise Http404
    cohorts = learner_groups.names_for(request.user)
    verb = request.POST.get("verb", "") if request.method == "POST" else ""
    data = request.POST if verb else None
    shown: dict[str, Any] = {
        "code_form": CodeForm(data if verb == "code" else None, cohorts=cohorts),
        "cohort_form": CohortForm(data if verb == "cohort" else None, cohorts=cohorts, prefix="all"),
        "people_form": PeopleForm(data if verb == "people" else None, request.FILES if verb == "people" else None, prefix="people"),
    }
    if verb:
        if verb not in VERBS:
            raise Http404
        answer = VERBS[verb](request, course, cohorts, shown)
        if answer is not None:
            return answer
    context = {
        **shown,
        "course": course,
        "codes": [
            (code, cohorts.get(code.cohort_key, ""), _join_address(code))
            for code in EnrolmentCode.objects.filter(course_key=key).select_related("created_by")
        ],
        "awaited": list(AwaitedEnrolment.objects.filter(course_key=key)[:200]),
        "header_title": _("Ways into ‘%(course)s’") % {"course": course.title},
        "header_icon": "key",
        "breadcrumbs_items": crumbs(
            (_("Progress by course"), reverse("courses_cms_progress")), (course.title, course_address(key)), (_("Ways in"), "")
        ),
    }
    return render(request, "courses/cms/ways_in.html", context)


def _join_address(code: EnrolmentCode) -> str:
    return f"{settings.BASE_URL.rstrip('/')}{reverse('courses_join')}?code={code.code}"


def _back(course: CoursePage) -> HttpResponse:
    return redirect("courses_cms_ways_in", key=course.translation_key)


def _make_code(request: HttpRequest, course: CoursePage, cohorts: dict, shown: dict) -> HttpResponse | None:
    form = shown["code_form"]
    if not form.is_valid():
        return None
    said = form.cleaned_data
    try:
        made = actions.create_code(course, by=request.user, cohort_key=said["cohort"], valid_until=said["valid_until"], uses=said["uses"])
    except RuleViolation as refusal:
        form.add_error("valid_until", str(refusal))
        return None
    messages.success(request, _("The code is %(code)s.") % {"code": made.code})
    return _back(course)


def _close_code(request: HttpRequest, course: CoursePage, cohorts: dict, shown: dict) -> HttpResponse:
    code = get_object_or_404(EnrolmentCode, pk=as_uuid(request.POST.get("code")), course_key=course.translation_key)
    actions.close_code(code, by=request.user)
    messages.success(request, _("Nobody enters with %(code)s any more.") % {"code": code.code})
    return _back(course)


def _enrol_cohort(request: HttpRequest, course: CoursePage, cohorts: dict, shown: dict) -> HttpResponse | None:
    form = shown["cohort_form"]
    if not form.is_valid():
        return None
    key = form.cleaned_data["cohort"]
    new, known = actions.enrol_cohort(course, cohort_key=key, people=learner_groups.members_of(key), by=request.user)
    words = ngettext("%(n)d person enrolled", "%(n)d people enrolled", new) % {"n": new}
    messages.success(request, _("%(words)s; %(known)d were already.") % {"words": words, "known": known})
    return _back(course)


def _look_at_people(request: HttpRequest, course: CoursePage, cohorts: dict, shown: dict) -> HttpResponse | None:
    """The dry run: what would be done for each line, and what is wrong with the others."""
    form = shown["people_form"]
    if not form.is_valid():
        return None
    try:
        rows = form.rows(cohorts)
    except UnreadableList as problem:
        form.add_error("file", str(problem))
        return None
    accounts, closed = _accounts([row for row in rows if not row.error])
    for row in rows:
        row.error = row.error or (_("This account is closed.") if row.email in closed else "")
    good = [row for row in rows if not row.error]
    known = set(Enrolment.objects.filter(user__in=accounts.values(), course_key=course.translation_key).values_list("user", flat=True))
    shown["rows"] = [(row, "" if row.error else _fate(accounts.get(row.email), known)) for row in rows]
    shown["good"], shown["bad"] = len(good), len(rows) - len(good)
    shown["sealed"] = signing.dumps(
        {"course": str(course.pk), "by": request.user.pk, "rows": [[row.email, row.name, row.language, row.cohort_key] for row in good]},
        salt=SALT, compress=True,
    )  # fmt: skip
    return None


def _accounts(rows: list[Row]) -> tuple[dict[str, int], set[str]]:
    """Which of these addresses have an account: address → person; and those whose account is closed."""
    emails = [row.email for row in rows]
    found: dict[str, int] = {}
    closed: set[str] = set()
    for start in range(0, len(emails), 500):
        people = User.objects.annotate(lower=Lower("email")).filter(lower__in=emails[start : start + 500])
        for email, pk, is_active in people.values_list("lower", "pk", "is_active"):
            found[email] = pk
            closed |= set() if is_active else {email}
    return found, closed


def _fate(person: int | None, known: set[int]) -> str:
    if person is None:
        return _("no account: receives an invitation, and is enrolled at the first sign-in")
    return _("follows it already") if person in known else _("is enrolled at once")


def _do_people(request: HttpRequest, course: CoursePage, cohorts: dict, shown: dict) -> HttpResponse:
    """Does what the dry run showed: the very rows, sealed, not a file that may have changed."""
    try:
        said = signing.loads(request.POST.get("sealed", ""), salt=SALT, max_age=HOUR)
    except signing.BadSignature:
        said = None
    if said is None or said["by"] != request.user.pk or said["course"] != str(course.pk):
        messages.error(request, _("The list was looked at too long ago. Bring it again."))
        return _back(course)
    done: dict[str, int] = {"enrolled": 0, "already": 0, "invited": 0}
    with outbox.some_at_once():
        for email, name, language, cohort_key in said["rows"]:
            try:
                how = actions.invite_to_course(course, email=email, name=name, language=language, cohort_key=cohort_key, by=request.user)
            except RuleViolation as refusal:
                messages.warning(request, f"{email}: {refusal}")
            else:
                done[how] += 1
    messages.success(request, _("%(enrolled)d enrolled, %(already)d followed it already, %(invited)d invited by mail.") % done)
    return _back(course)


VERBS = {"code": _make_code, "close": _close_code, "cohort": _enrol_cohort, "people": _look_at_people, "do": _do_people}

"""Our page inside the CMS for one work: what was handed in beside the rubric, what changed between two versions, and the answer."""

from functools import partial
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from academy.rehearsal import shows_mails
from academy.rules import RuleViolation
from courses import actions
from courses.cms import breadcrumbs_of, history_of, more_time, perform
from courses.due import due_of
from courses.forms import FeedbackForm, MoreTimeForm, ReasonForm
from courses.groups import Owner, owner_of
from courses.models import AssignmentPage, Submission
from courses.permissions import can_judge, can_read_records
from courses.redo import course_title
from courses.rules_of import canonical_of, take_rules
from courses.terms import assignment_in, assignment_versions, most_points, terms_in, terms_of, verdicts_for
from courses.uploads import Brought, taken
from courses.work_screens import ReadVersion, changes, versions_of
from courses.works_beside import beside

MOST_FILES = 5


def _verbs_of(work: Submission, page: AssignmentPage | None, owner: Owner) -> dict:
    """What staff may do with it as it stands, beside answering."""
    verbs = {}
    if page is not None and work.state not in (Submission.State.ACCEPTED, Submission.State.DECLINED):
        verbs["extend"] = (_("Give more time"), partial(more_time, page, owner, redo_in=work.redo_in), MoreTimeForm)
    if work.state in (Submission.State.ACCEPTED, Submission.State.DECLINED):
        verbs["reopen"] = (_("Open it again"), lambda **how: actions.reopen_work(work, **how), ReasonForm)
    return verbs


def _files(request: HttpRequest) -> list[Brought]:
    uploads = request.FILES.getlist("files")
    if len(uploads) > MOST_FILES:
        raise RuleViolation(_("%(most)d files at most.") % {"most": MOST_FILES}, code="file")
    return [taken(upload) for upload in uploads]


def _answer(request: HttpRequest, version: ReadVersion, form: FeedbackForm) -> bool:
    """Gives the feedback of the form. False: something is wrong, and said beside it."""
    if form.is_valid():
        try:
            actions.give_feedback(version.version, by=request.user, files=_files(request), **form.answer())
        except RuleViolation as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Answered. Those whose work it is are told by mail."))
            return True
    messages.error(request, _("Not sent. What is wrong is written beside the question; choose your files again."))
    return False


def _read(request: HttpRequest, work: Submission, verb: str) -> HttpResponse:
    """Taking it to read, or putting it back."""
    act = {"read": actions.begin_reading, "leave": actions.stop_reading}[verb]
    try:
        act(work, by=request.user)
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
    return redirect("courses_cms_work", pk=work.pk)


def _compared(versions: list[ReadVersion], request: HttpRequest) -> dict | None:
    """What the text lost and gained between two versions: those asked for, else the last two."""
    if len(versions) < 2:
        return None
    by_number = {one.version.number: one for one in versions}
    asked = [
        by_number.get(int(value)) if value.isascii() and value.isdigit() and len(value) < 6 else None
        for value in (request.GET.get("from", ""), request.GET.get("to", ""))
    ]
    before, after = asked if all(asked) else (versions[1], versions[0])
    return {
        "before": before.version.number,
        "after": after.version.number,
        "pieces": changes(before.version.text, after.version.text),
        "numbers": sorted(by_number),
        "new_files": [file for file in after.files if file not in before.files],
        "gone_files": [file for file in before.files if file not in after.files],
    }


@shows_mails()
@require_http_methods(["GET", "POST"])
def work(request: HttpRequest, pk: UUID, verb: str = "") -> HttpResponse:
    if not can_read_records(request.user):
        raise Http404
    row = get_object_or_404(Submission.objects.for_admin(request.user).select_related("user", "reading_by"), pk=pk)
    owner, pages = owner_of(row), assignment_versions(row.activity_key)
    page = assignment_in(pages, request.LANGUAGE_CODE)
    page = take_rules(page, canonical_of(pages)) if page else None
    may_judge = can_judge(request.user, owner)
    versions = versions_of(row) if row.handed_in_at else []
    terms = terms_in(row.terms, request.LANGUAGE_CODE)
    verdicts = verdicts_for(row) if versions and may_judge else []
    form, refused = None, None
    if verdicts:
        data = request.POST if request.method == "POST" and verb == "answer" else None
        initial = {"seen": len(versions[0].answers)}
        form = FeedbackForm(data, initial=initial, verdicts=verdicts, rubric=terms["rubric"])
    verbs = _verbs_of(row, page, owner) if may_judge else {}
    if request.method == "POST":
        if verb == "answer" and form:
            if _answer(request, versions[0], form):
                following = Submission.objects.to_read_by(request.user).exclude(pk=row.pk).first() if "next" in request.POST else None
                return redirect("courses_cms_work", pk=(following or row).pk)
        elif verb in ("read", "leave") and may_judge:
            return _read(request, row, verb)
        elif verb in verbs:
            refused = perform(request, *verbs[verb][1:])
            if refused is None:
                return redirect("courses_cms_work", pk=row.pk)
        else:
            raise Http404
    title = f"{owner.name or _('Erased person')} · {page.title if page else row.activity_key}"
    context = {
        "work": row,
        "again": course_title(row.redo_in),
        "page": page,
        "owner": owner,
        "due": due_of(page, owner, place=row.redo_in, since=None if row.is_waiting else row.handed_in_at)
        if page and (owner.person or owner.group)
        else None,
        "terms": terms or (terms_of(page) if page else None),
        "most_points": most_points(row.terms.get("rubric", [])),
        "versions": versions,
        "last": versions[0] if versions else None,
        "earlier": versions[1:],
        "beside_work": beside(row, request.user),
        "compared": _compared(versions, request),
        "form": form,
        "may_judge": may_judge,
        "verbs": [
            (reverse("courses_cms_work_verb", args=[row.pk, name]), label, refused if name == verb and refused else form_class())
            for name, (label, _act, form_class) in verbs.items()
        ],
        "history": history_of(row),
        "header_title": title,
        "header_icon": "doc-full-inverse",
        "breadcrumbs_items": breadcrumbs_of(_("Assignments handed in"), "submissions", title),
    }
    return render(request, "courses/cms/work.html", context)

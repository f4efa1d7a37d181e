"""What a learner sends for an assignment, and the files of works. In the order of `urls.py`."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from academy.http import as_uuid, refuse_politely, wants_json
from academy.rules import RuleViolation
from courses import actions
from courses.access import readable_activity, withdrawn_activity
from courses.due import due_of
from courses.forms import HandInForm, WorkForm
from courses.models import AssignmentPage, WorkFile
from courses.permissions import can_read_file
from courses.posting import page_of_activity, takes_post
from courses.redo import place_in, place_left
from courses.screens import course_key_in, crumbs_of, surroundings
from courses.syllabus import page_address
from courses.terms import terms_of
from courses.uploads import handed_out, taken
from courses.views import follow
from courses.work_screens import assignment_context, kept_work
from courses.works import Desk, desk_of


def _desk(request: HttpRequest, key: UUID) -> tuple[AssignmentPage, Desk]:
    """The assignment and one's own place at it; for whoever may only look, or not even that, there is nothing to send.

    Who has begun one that was taken off the site meanwhile goes on with it.
    """
    page = readable_activity(request.user, key) or withdrawn_activity(request.user, key)
    if not isinstance(page, AssignmentPage):
        raise Http404
    wanted = request.POST.get("group") or request.GET.get("group") or ""
    place = place_in(request, page) if page.live else place_left(request, page)
    desk = desk_of(page, request.user, wanted=wanted, place=place)
    if desk.owner is None or not desk.owner.may_write(request.user):
        raise Http404
    return page, desk


def _place(request: HttpRequest, desk: Desk) -> dict:
    """What every address of this work keeps: the course it is done in, the project it is done for."""
    course = course_key_in(request)
    return {**({"course": course} if course else {}), **({"group": desk.owner.group.key} if desk.owner.group else {})}


def _address(request: HttpRequest, page: AssignmentPage, desk: Desk) -> str:
    place = _place(request, desk)
    query = f"?{urlencode(place)}" if place else ""
    if not page.live:
        return reverse("courses_work_hand_in", args=[page.translation_key]) + query
    return f"{page_address(page.locale.language_code, page.url_path)}{query}#work"


@takes_post(page_of_activity)
@login_required
def work(request: HttpRequest, key: UUID) -> HttpResponse:
    """Everything that the form of a draft can do. What is typed is saved first, whatever the button; refused, it stays on the screen."""
    page, desk = _desk(request, key)
    follow(request)
    terms = desk.work.terms if desk.work and desk.work.terms else terms_of(page)
    form = WorkForm(request.POST, takes=terms["takes"])
    form.is_valid()
    told = ""
    try:
        if "text" not in form.errors:
            written = form.written(desk.work)
            saved = actions.save_work(
                page, owner=desk.owner, by=request.user, redo_in=desk.place, course_key=course_key_in(request), **written
            )
            told = _act(request, page, desk)
    except RuleViolation as refusal:
        if wants_json(request):
            return JsonResponse({"error": str(refusal), "code": refusal.code}, status=409)
        form.refusal = refusal
        form.add_error(None, str(refusal))
    if wants_json(request):
        if "text" in form.errors:
            return JsonResponse({"error": form.errors["text"][0]}, status=409)
        wrong = {"error": form.errors["link"][0]} if "link" in form.errors else {}
        return JsonResponse({"saved": timezone.now().isoformat(), "edition": saved.edition, **wrong})
    if form.errors:
        return _show_again(request, page, form)
    if "hand_in" in request.POST:
        return redirect(f"{reverse('courses_work_hand_in', args=[key])}?{urlencode(_place(request, desk))}")
    messages.success(request, told or _("Your draft is saved. You can close this page and come back."))
    return redirect(_address(request, page, desk))


def _act(request: HttpRequest, page: AssignmentPage, desk: Desk) -> str:
    """What the button asks beside saving; the words for it when it is done."""
    if "add" in request.POST:
        if "file" not in request.FILES:
            raise RuleViolation(_("Choose a file first, then press the button again."), code="file")
        place = {"redo_in": desk.place, "course_key": course_key_in(request)}
        row = actions.add_file(page, owner=desk.owner, brought=taken(request.FILES["file"]), by=request.user, **place)
        return _("%(name)s is added.") % {"name": row.name}
    if "remove" in request.POST:
        pk = as_uuid(request.POST["remove"])
        if pk is None:
            raise Http404
        whose = {"activity_key": page.translation_key, "redo_in": desk.place, **desk.owner.fields}
        files = WorkFile.objects.filter(**{f"submission__{name}": value for name, value in whose.items()})
        row = files.filter(pk=pk, in_draft=True).first()
        if row is not None:
            actions.remove_file(row, by=request.user)
            return _("%(name)s is removed.") % {"name": row.name}
    return ""


def _show_again(request: HttpRequest, page: AssignmentPage, form: WorkForm) -> HttpResponse:
    """The page with what was typed, and what is saved now beside it when that is something else: saving again keeps what is typed."""
    context = page.get_context(request)
    current = assignment_context(page, request, is_preview=False, form=form, place=context["around"].place)
    work = current["work"]
    form.data = form.data.copy()
    form.data["edition"] = work.edition if work else 0
    refusal = getattr(form, "refusal", None)
    return render(request, page.template, {**context, **current, "refused": refusal.code if refusal else "invalid"})


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
@refuse_politely
def hand_in(request: HttpRequest, key: UUID) -> HttpResponse:
    """What would be handed in, once more, then handing it in; of an assignment that is not offered any more, what was, and the answers."""
    if request.method == "GET" and (kept := kept_work(request.user, key, wanted=request.GET)):
        return render(request, "courses/work_kept.html", kept)
    page, desk = _desk(request, key)
    if desk.work is None or not desk.work.is_editable:
        return redirect(_address(request, page, desk))
    form = HandInForm(request.POST or None, initial={"edition": desk.work.edition})
    if request.method == "POST" and form.is_valid():
        follow(request)
        try:
            said = {"edition": form.cleaned_data["edition"] or 0, "reason": form.cleaned_data["reason"]}
            version = actions.hand_in(page, owner=desk.owner, by=request.user, redo_in=desk.place, **said)
        except RuleViolation as refusal:
            desk.work.refresh_from_db()
            if not desk.work.is_editable:
                raise
            form.data = {**form.data.dict(), "edition": desk.work.edition}
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Version %(number)d is handed in.") % {"number": version.number})
            return redirect(_address(request, page, desk))
    around = surroundings(request, page, course_key=course_key_in(request))
    due = due_of(page, desk.owner, place=desk.place, since=desk.work.handed_in_at)
    terms = desk.work.terms or terms_of(page)
    context = {
        "page": page,
        "work": desk.work,
        "group": desk.owner.group,
        "files": list(desk.work.files.filter(in_draft=True)),
        "terms": terms,
        "words": len(desk.work.text.split()),
        "due": due,
        "is_past": due.is_past(timezone.now()),
        "form": form,
        "around": around,
        "crumbs": crumbs_of(around, page.title),
        "address": _address(request, page, desk),
    }
    return render(request, "courses/work_hand_in.html", context)


@takes_post(page_of_activity)
@login_required
@refuse_politely
def count(request: HttpRequest, key: UUID) -> HttpResponse:
    """‘I have read it’, for who joined a project after its work was accepted."""
    page, desk = _desk(request, key)
    if desk.work is None:
        raise Http404
    actions.count_for_me(desk.work, page=page, owner=desk.owner, by=request.user)
    messages.success(request, _("‘%(title)s’ is complete.") % {"title": page.title})
    return redirect(_address(request, page, desk))


@require_GET
@never_cache
@login_required
def work_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One file of a work or of feedback, to those who may read it. PDF and pictures are shown, everything else is saved."""
    row = get_object_or_404(WorkFile.objects.select_related("submission__user"), pk=pk)
    if not can_read_file(request.user, row):
        raise Http404
    return handed_out(row.file, name=row.name, kind=row.kind)

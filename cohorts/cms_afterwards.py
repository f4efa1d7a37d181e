"""What a session leaves to the wiki, inside the CMS: gathered here, looked at, then made into pages in one step."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.images import get_image_model

from academy.cms_verbs import LettersFirst, Verb, crumbs, history, offered, perform
from academy.models import User
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.afterwards import is_for_some, kept_of, look_of, read_notes, source_of, whole_of, why_not
from cohorts.afterwards_forms import AnswerForm, PhotoForm, RemoveAnswerForm, RemovePhotoForm, WriteForm
from cohorts.models import Afterwards, AfterwardsAnswer, AfterwardsPhoto, Session
from cohorts.permissions import can_close_session
from wiki.import_report import told
from wiki.importer import place_images
from wiki.models import WikiPage, WikiSection

THUMBNAIL = "max-220x160"


def _write(row: Session, *, by: User, version: int, **said) -> Afterwards:
    return actions.write_afterwards(row, by=by, version=version, **said)


def _photo(row: Session, *, by: User, photo, alt_text: str, caption: str, agreed: bool) -> AfterwardsPhoto:
    facts = {"alt_text": alt_text, "caption": caption, "agreed": agreed}
    return actions.add_photo(row, by=by, content=photo.read(), name=photo.name, **facts)


def _remove_photo(row: Session, *, by: User, photo: AfterwardsPhoto) -> Afterwards:
    return actions.remove_photo(photo, by=by)


def _remove_answer(row: Session, *, by: User, answer: AfterwardsAnswer) -> Afterwards:
    return actions.remove_answer(answer, by=by)


def _has_begun(row: Session, user: User) -> bool:
    return not why_not(row)


def _has_photos(row: Session, user: User) -> bool:
    return not why_not(row) and AfterwardsPhoto.objects.filter(afterwards__session=row).exists()


def _has_answers(row: Session, user: User) -> bool:
    return not why_not(row) and AfterwardsAnswer.objects.filter(afterwards__session=row, question__isnull=True).exists()


AFTERWARDS_VERBS = {
    verb.name: verb
    for verb in (
        Verb("write", _("Save the notes and the decisions"), _write, _has_begun, form=WriteForm, takes_row=True, takes_user=True),
        Verb(
            "answer",
            _("Add a question and its answer"),
            actions.add_answer,
            _has_begun,
            form=AnswerForm,
            explanation=_("Where everybody reads the section, it becomes a question of the wiki with its answer, without anybody’s name."),
        ),
        Verb(
            "photo", _("Add a photo"), _photo, _has_begun, form=PhotoForm, explanation=_("Only the team sees it before the page is made.")
        ),
        Verb("remove-answer", _("Remove a question"), _remove_answer, _has_answers, form=RemoveAnswerForm, takes_row=True),
        Verb("remove-photo", _("Remove a photo"), _remove_photo, _has_photos, form=RemovePhotoForm, takes_row=True),
    )
}


def _session(request: HttpRequest, pk: UUID) -> Session:
    if not can_close_session(request.user):
        raise Http404
    return get_object_or_404(Session.objects.for_user(request.user), pk=pk)


def _head(row: Session, *more: tuple[str, str]) -> dict:
    return {
        "header_title": gettext("Afterwards"),
        "header_icon": "doc-full",
        "breadcrumbs_items": crumbs(
            (gettext("Sessions"), reverse("sessions:index")), (str(row), reverse("cohorts_cms_session", args=[row.pk])), *more
        ),
    }


def _saved_meanwhile(form: Form, kept: Afterwards | None, posted: str) -> bool:
    """Somebody else has saved: the next press of the button knows what it replaces."""
    if kept is None or not posted.isdecimal() or int(posted) == kept.version:
        return False
    form.data = form.data.copy()
    form.data[form.add_prefix("version")] = str(kept.version)
    return True


@require_http_methods(["GET", "POST"])
def afterwards(request: HttpRequest, pk: UUID, verb: str = "") -> HttpResponse:
    """Everything that is kept of one session for the wiki, and what was made of it."""
    row = _session(request, pk)
    refused = None
    if request.method == "POST":
        refused = perform(request, AFTERWARDS_VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_afterwards", args=[row.pk]))
        if refused is None:
            return redirect("cohorts_cms_afterwards", pk=row.pk)
    kept = kept_of(row)
    meanwhile = bool(refused and verb == "write" and _saved_meanwhile(refused[1], kept, request.POST.get("write-version", "")))
    pictures = get_image_model().objects.prefetch_renditions(THUMBNAIL)
    verbs = offered(AFTERWARDS_VERBS, row, request.user, refused)
    context = {
        "session": row,
        "kept": kept,
        "meanwhile": meanwhile,
        "why_not": why_not(row),
        "answers": list(kept.answers.select_related("question__page")) if kept else [],
        "photos": list(kept.photos.select_related("agreed_by").prefetch_related(Prefetch("image", pictures))) if kept else [],
        "page": kept.page.specific if kept and kept.page else None,
        "writing": next((one for one in verbs if one.verb.name == "write"), None),
        "verbs": [one for one in verbs if one.verb.name != "write"],
        "history": history(row),
        **_head(row, (gettext("Afterwards"), "")),
    }
    return render(request, "cohorts/cms/afterwards.html", context)


@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page as readers will see it, with what else will happen; its buttons make it."""
    row = _session(request, pk)
    refusal = ""
    if request.method == "POST":
        version, seen = request.POST.get("version", ""), request.POST.get("seen", "")
        try:
            said = {"version": int(version) if version.isdecimal() else -1, "seen": seen, "publish": "publish" in request.POST}
            kept = actions.make_pages(row, by=request.user, **said)
        except RuleViolation as violation:
            refusal = str(violation)
        else:
            messages.success(request, _in_words(kept))
            return redirect("cohorts_cms_afterwards", pk=row.pk)
    kept = kept_of(row)
    try:
        if kept is None or kept.section is None:
            raise RuleViolation(why_not(row) or gettext("Choose where it goes in the wiki first."))
        notes = read_notes(kept, source_of(kept))
    except RuleViolation as violation:
        messages.error(request, refusal or str(violation))
        return redirect("cohorts_cms_afterwards", pk=row.pk)
    return _shown(request, row, kept, notes, refusal)


def _in_words(kept: Afterwards) -> str:
    if kept.outcome == "draft":
        return gettext("Somebody has edited the page since: the new text is a draft beside it. Compare the two, then publish.")
    if kept.outcome == "unchanged":
        return gettext("The pages are made: they say this already.")
    return gettext("Published.") if kept.page.live else gettext("Drafts are made: read them again, then publish.")


def _shown(request: HttpRequest, row: Session, kept: Afterwards, notes, refusal: str) -> HttpResponse:
    section: WikiSection = kept.section
    answers, photos = list(kept.answers.select_related("question__page")), list(kept.photos.select_related("image"))
    whole = whole_of(kept, section, answers, photos)
    pad = notes.pad
    pictures = sum(content is not None or address in notes.fetched for address, content in pad.images.items())
    place_images(pad, {})
    allowed = section.permissions_for_user(request.user)
    context = {
        "session": row,
        "kept": kept,
        "seen": look_of(kept),
        "section": section,
        "refusal": refusal,
        "preview": WikiPage(title=whole.title, summary=whole.summary, body=[*pad.blocks, *whole.blocks]),
        "pictures": pictures,
        "told": told(pad.report.as_json()),
        "answers": answers,
        "photos": photos,
        "is_for_some": is_for_some(section),
        "may_publish": allowed.can_publish_subpage(),
        "may_write": allowed.can_add_subpage(),
    }
    return render(request, "cohorts/afterwards_preview.html", context, status=409 if refusal else 200)

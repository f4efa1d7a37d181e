"""What the wiki adds to the CMS, and to how pages are served."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages, widgets
from wagtail.log_actions import LogFormatter
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from academy.privacy import hidden_for
from wiki import actions, cms_import, question_cms, viewsets
from wiki import link_hooks as link_hooks  # registers what links add
from wiki.models import ImportSource, WikiPage
from wiki.permissions import ReadOnlyPolicy, can_verify_page

__all__ = ["cms_import"]

register_permission_policy(ImportSource, ReadOnlyPolicy(ImportSource))
register_snippet(viewsets.GlossaryTermViewSet)


@hooks.register("on_serve_page", order=-100)
def closed_pages_do_not_exist(callback):
    """A signed-in person without the right gets 404. (Wagtail would send them to sign in again, for ever; visitors still are.)"""

    def inner(page, request, args, kwargs):
        if request.user.is_authenticated and hidden_for(request).hides(page):
            raise Http404
        return callback(page, request, args, kwargs)

    return inner


def verify(request, page_id: int):
    """One question, one button: is this page still true? Reached from the page and from the CMS."""
    page = get_object_or_404(WikiPage, pk=page_id)
    if not can_verify_page(request.user, page):
        raise PermissionDenied
    if request.method == "POST":
        page = actions.verify_page(page, by=request.user, note=request.POST.get("note", "").strip())
        messages.success(request, _("“%(title)s” is verified. Next review: %(day)s.") % {"title": page.title, "day": page.review_due_on})
        return redirect(page.get_url(request))
    context = {"page": page, "next_review": page.next_review(timezone.now()), "page_title": _("Verify"), "header_icon": "check"}
    return TemplateResponse(request, "wiki/cms/verify.html", context)


@hooks.register("register_admin_urls")
def urls():
    return [
        path("wiki/verify/<int:page_id>/", verify, name="wiki_verify"),
        path("questions/<uuid:pk>/", question_cms.question, name="questions_cms_question"),
        path("questions/<uuid:pk>/<slug:verb>/", question_cms.question, name="questions_cms_verb"),
    ]


@hooks.register("register_page_header_buttons")
def verify_button(page, user, view_name, next_url=None):
    if isinstance(page, WikiPage) and can_verify_page(user, page):
        label = _("Verify") if page.is_out_of_date else _("Verify again")
        yield widgets.Button(label, reverse("wiki_verify", args=[page.pk]), icon_name="check", priority=5)


QUESTION_VERBS = {
    "wiki.answer_helped": _("Said that the answer helped"),
    "wiki.answer_question": _("Answered"),
    "wiki.ask": _("Asked"),
    "wiki.assign_question": _("Said who answers"),
    "wiki.close_as_duplicate": _("Led to the question that has the answer"),
    "wiki.correct_answer": _("Corrected the answer"),
    "wiki.note_answer": _("Wrote down what was asked and answered"),
    "wiki.question_page_published": _("The page it became was published"),
    "wiki.question_to_page": _("Turned into a page"),
    "wiki.recognise_question": _("Had the same question"),
    "wiki.reopen_question": _("Opened again"),
    "wiki.set_visibility": _("Changed who may read it"),
    "wiki.withdraw_question": _("Withdrew the question"),
}


@hooks.register("register_log_actions")
def log_actions(actions_registry):
    @actions_registry.register_action("wiki.verify")
    class Verified(LogFormatter):
        label = _("Verify")

        def format_message(self, log_entry):
            note = (log_entry.data or {}).get("note")
            return _("Verified: %(note)s") % {"note": note} if note else _("Verified")

    actions_registry.register_action("wiki.import", _("Import"), _("Imported"))
    actions_registry.register_action("wiki.import_chosen", _("Choose what to import"), _("Choices of an import made"))
    actions_registry.register_action("wiki.import_files", _("Import files"), _("Import of files started"))
    actions_registry.register_action("wiki.import_done", _("Import files"), _("Import of files done"))
    actions_registry.register_action("wiki.import_stopped", _("Import files"), _("Import of files stopped"))
    actions_registry.register_action("wiki.import_failed", _("Import files"), _("Import of files failed"))
    for name, words in QUESTION_VERBS.items():
        actions_registry.register_action(name, words, words)


@hooks.register("register_admin_viewset")
def register_viewsets():
    return [viewsets.WikiPageListing("wiki_pages"), viewsets.ImportSourceViewSet("wiki_imports"), question_cms.QuestionViewSet("questions")]

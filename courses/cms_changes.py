"""In the CMS, beside an activity and a module: saying to those who finished that it has changed since."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from wagtail import hooks
from wagtail.admin import messages, widgets
from wagtail.models import Page

from academy.rules import RuleViolation
from courses import actions
from courses.finished import who_had_finished
from courses.forms import ChangeForm
from courses.models import ActivityChange, ActivityPage, ModulePage
from courses.permissions import can_announce_change
from courses.uses import usage_of


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, page_id: int) -> HttpResponse:
    page = get_object_or_404(Page, pk=page_id).specific
    if not isinstance(page, (ActivityPage, ModulePage)) or not can_announce_change(request.user, page):
        raise Http404
    form = ChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.announce_change(page, words=form.words(), by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Said. Those who had finished see it in their course, and receive a mail within minutes."))
            return redirect("courses_cms_change", page_id=page.pk)
    title = _("Tell those who finished")
    context = {
        "page": page,
        "is_module": isinstance(page, ModulePage),
        "form": form,
        "finished": len(who_had_finished(timezone.now(), {page.locale.language_code: page})),
        "usage": usage_of(page, request.user),
        "changes": ActivityChange.objects.of_page(page).select_related("announced_by")[:30],
        "header_title": title,
        "header_icon": "mail",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": reverse("wagtailadmin_pages:edit", args=[page.pk]), "label": page.get_admin_display_title()},
            {"url": "", "label": title},
        ],
    }
    return render(request, "courses/cms/change.html", context)


@hooks.register("register_admin_urls")
def urls():
    return [path("learning/activities/<int:page_id>/change/", change, name="courses_cms_change")]


def _buttons(page, user) -> list[widgets.Button]:
    if not isinstance(page, (ActivityPage, ModulePage)) or not page.live or not can_announce_change(user, page):
        return []
    return [widgets.Button(_("Tell those who finished"), reverse("courses_cms_change", args=[page.pk]), icon_name="mail", priority=44)]


@hooks.register("register_page_header_buttons")
def header_buttons(page, user, view_name, next_url=None):
    yield from _buttons(page, user)


@hooks.register("register_page_listing_more_buttons")
def listing_buttons(page, user, next_url=None):
    yield from _buttons(page, user)

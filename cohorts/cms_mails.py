"""Mails inside the CMS: what was written to whom and whether it left, and what will leave by itself."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from academy.actions import send_again
from academy.admin import ListingViewSet
from academy.cms_verbs import crumbs
from academy.models import Message
from academy.permissions import is_coordinator
from academy.rules import RuleViolation
from cohorts.forecast import MOST_DAYS, what_leaves
from cohorts.mails import mails_open_to
from cohorts.viewsets import GuardedIndexView, page_of

DAYS = (0, 1, 3, MOST_DAYS)


class MailFilter(WagtailFilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=Message.State, method="by_state")
    created_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Written"))

    class Meta:
        model = Message
        fields = ["language"]

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.in_state(value)


class MailIndexView(GuardedIndexView):
    may_list = staticmethod(is_coordinator)
    page_title = gettext_lazy("Mails")

    def rows_for(self, user):
        return mails_open_to(user).select_related("to").defer("body_text", "body_html", "calendar")

    @cached_property
    def columns(self):
        return [
            TitleColumn("subject", label=_("Subject"), get_url=page_of("mail"), sort_key="subject"),
            Column("to", label=_("To"), accessor=lambda row: f"{row.to or ''} {row.address}".strip(), sort_key="address"),
            Column("state", label=_("State"), accessor=lambda row: row.state.label),
            DateColumn("created_at", label=_("Written"), sort_key="created_at"),
            DateColumn("sent_at", label=_("Sent"), sort_key="sent_at"),
        ]

    @cached_property
    def header_buttons(self):
        to_come = HeaderButton(_("What leaves by itself"), url=reverse("cohorts_cms_mails_to_come"), icon_name="date", priority=10)
        return [*super().header_buttons, to_come]


class MailViewSet(ListingViewSet):
    model = Message
    name = "mails"
    icon = "mail"
    menu_label = gettext_lazy("Mails")
    index_view_class = MailIndexView
    filterset_class = MailFilter
    search_fields = ["subject", "address", "to__name"]
    ordering = ["-created_at"]


class MailMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return is_coordinator(request.user)


def _coordinators(request: HttpRequest) -> None:
    if not is_coordinator(request.user):
        raise Http404


@require_safe
def mail(request: HttpRequest, pk) -> HttpResponse:
    """One mail, word for word, and what became of it."""
    _coordinators(request)
    row = get_object_or_404(mails_open_to(request.user).select_related("to", "created_by"), pk=pk)
    context = {
        "mail": row,
        "header_title": row.subject,
        "header_icon": "mail",
        "breadcrumbs_items": crumbs((_("Mails"), reverse("mails:index")), (row.subject, "")),
    }
    return render(request, "cohorts/cms/mail.html", context)


@require_POST
def try_again(request: HttpRequest, pk) -> HttpResponse:
    """Sends now what could not be sent: whoever mended the mail server or the address does not wait for the clock."""
    _coordinators(request)
    row = get_object_or_404(mails_open_to(request.user), pk=pk)
    try:
        send_again(row, by=request.user)
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It is sent."))
    return redirect("cohorts_cms_mail", pk=row.pk)


@require_safe
def to_come(request: HttpRequest) -> HttpResponse:
    """What the clock will write in the coming days (`?days=`), if nothing happens meanwhile."""
    _coordinators(request)
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else 1
    context = {
        "strokes": what_leaves(request.user, days=days),
        "days": [(number, number == days) for number in DAYS],
        "now": timezone.now(),
        "header_title": _("What leaves by itself"),
        "header_icon": "date",
        "breadcrumbs_items": crumbs((_("Mails"), reverse("mails:index")), (_("What leaves by itself"), "")),
    }
    return render(request, "cohorts/cms/mails_to_come.html", context)


def pages() -> list:
    return [
        path("mails/to-come/", to_come, name="cohorts_cms_mails_to_come"),
        path("mails/<uuid:pk>/", mail, name="cohorts_cms_mail"),
        path("mails/<uuid:pk>/again/", try_again, name="cohorts_cms_mail_again"),
    ]

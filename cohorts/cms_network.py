"""The network inside the CMS: who shows themselves, and the messages that were reported, which a coordinator decides about."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.viewsets.model import ModelViewSetGroup

from academy.admin import ListingViewSet
from academy.cms_verbs import LettersFirst, Verb, crumbs, history, offered, perform
from academy.permissions import is_coordinator, works_in_cms
from cohorts import actions
from cohorts.cms_indicators import IndicatorViewSet, YearViewSet
from cohorts.models import DirectoryEntry, NetworkMessage
from cohorts.viewsets import GuardedIndexView, page_of


class EntryIndexView(GuardedIndexView):
    may_list = staticmethod(works_in_cms)

    def rows_for(self, user):
        return DirectoryEntry.objects.in_network().select_related("project", "contact")

    @cached_property
    def columns(self):
        return [
            TitleColumn("project", label=_("Project"), get_url=self.on_site, sort_key="project__name"),
            Column("country", label=_("Country"), accessor="project.country_name", sort_key="project__country"),
            Column("get_audience_display", label=_("Who finds it"), sort_key="audience"),
            Column("get_position_display", label=_("On the map"), sort_key="position"),
            Column("receives", label=_("Messages"), accessor=lambda row: _("yes") if row.contact_id else _("no")),
            DateColumn("changed_at", label=_("Changed"), sort_key="changed_at"),
        ]

    @staticmethod
    def on_site(row: DirectoryEntry) -> str | None:
        return None if row.audience == DirectoryEntry.Audience.NOBODY else reverse("cohorts_network_entry", args=[row.pk])


class EntryViewSet(ListingViewSet):
    model = DirectoryEntry
    name = "network_entries"
    icon = "globe"
    menu_label = gettext_lazy("Directory")
    index_view_class = EntryIndexView
    list_filter = ["audience"]
    search_fields = ["project__name"]


class MessageIndexView(GuardedIndexView):
    may_list = staticmethod(is_coordinator)

    def rows_for(self, user):
        return NetworkMessage.objects.for_user(user).select_related("sender", "entry__project", "settled_by")

    @cached_property
    def columns(self):
        return [
            TitleColumn("sender", label=_("Written by"), get_url=page_of("network_message"), accessor=lambda row: str(row.sender or "—")),
            Column("entry", label=_("To")),
            DateColumn("reported_at", label=_("Reported"), sort_key="reported_at"),
            Column(
                "verdict", label=_("Verdict"), accessor=lambda row: row.get_verdict_display() or _("not looked at yet"), sort_key="verdict"
            ),
        ]


class MessageViewSet(ListingViewSet):
    model = NetworkMessage
    name = "network_reports"
    icon = "warning"
    menu_label = gettext_lazy("Reported messages")
    index_view_class = MessageIndexView
    list_filter = ["verdict"]


class SettleForm(forms.Form):
    verdict = forms.ChoiceField(label=gettext_lazy("What follows"), choices=NetworkMessage.Verdict, widget=forms.RadioSelect)


MESSAGE_VERBS = {
    verb.name: verb for verb in (Verb("settle", gettext_lazy("Decide"), actions.settle_report, lambda row, user: True, form=SettleForm),)
}


@require_http_methods(["GET", "POST"])
def message(request: HttpRequest, pk, verb: str = "") -> HttpResponse:
    """A reported message: what was written, why it was reported, what follows for its writer."""
    rows = NetworkMessage.objects.for_user(request.user).select_related("sender", "to", "entry__project", "settled_by")
    row = get_object_or_404(rows, pk=pk)
    refused = None
    if request.method == "POST":
        if verb not in MESSAGE_VERBS:
            raise Http404
        refused = perform(request, MESSAGE_VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_network_message", args=[row.pk]))
        if refused is None:
            return redirect("cohorts_cms_network_message", pk=row.pk)
    context = {
        "message": row,
        "others": NetworkMessage.objects.for_user(request.user).filter(sender=row.sender_id).exclude(pk=row.pk).count()
        if row.sender_id
        else 0,
        "history": history(row),
        "verbs": offered(MESSAGE_VERBS, row, request.user, refused),
        "header_title": _("A reported message"),
        "header_icon": "warning",
        "breadcrumbs_items": crumbs((_("Reported messages"), reverse("network_reports:index")), (str(row), "")),
    }
    return render(request, "cohorts/cms/network_message.html", context)


class NetworkGroup(ModelViewSetGroup):
    menu_label = gettext_lazy("Network")
    menu_icon = "globe"
    menu_order = 215
    items = (EntryViewSet, MessageViewSet, IndicatorViewSet, YearViewSet)


def pages() -> list:
    return [
        path("network/messages/<uuid:pk>/", message, name="cohorts_cms_network_message"),
        path("network/messages/<uuid:pk>/<slug:verb>/", message, name="cohorts_cms_network_message_verb"),
    ]

"""Saved views of the list: what its address said, under a name, for oneself or for the team. Only its owner changes one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from academy import actions
from academy.models import SavedView
from academy.prepared import PreparedForPerson, columns_of, objects_of
from academy.rules import RuleViolation
from cohorts.listing.access import require_coordinator
from cohorts.listing.shown import kept_part

LISTING = "applications"


class ViewForm(forms.Form):
    name = forms.CharField(max_length=80)
    is_shared = forms.BooleanField(required=False)


def views_for(person: Any) -> QuerySet:
    """One's own, and those that colleagues share."""
    return SavedView.objects.filter(Q(owner=person) | Q(is_shared=True), listing=LISTING)


_views = PreparedForPerson(lambda person: views_for(person).order_by("name", "pk").values_list(*columns_of(SavedView, "owner")))


def shown_views(request: HttpRequest) -> dict[str, Any]:
    """All of them with their addresses, which one is open, and whether the list has been changed since. One query."""
    now, opened, views = kept_part(request.GET), request.GET.get("view", ""), objects_of(SavedView, _views.rows(request.user), "owner")
    current = next((one for one in views if str(one.pk) == opened), None)
    return {
        "all": [(one, f"?{one.query}&view={one.pk}" if one.query else f"?view={one.pk}", one is current) for one in views],
        "current": current,
        "is_mine": current is not None and current.owner_id == request.user.pk,
        "is_changed": current is not None and current.query != now,
        "query": now,
    }


def address_of(view: SavedView) -> str:
    return f"{reverse('applications:index')}?{view.query}{'&' if view.query else ''}view={view.pk}"


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    require_coordinator(request)
    query = kept_part(QueryDict(request.POST.get("query", "")))
    form = ViewForm(request.POST)
    back = f"{reverse('applications:index')}?{query}"
    if not form.is_valid():
        messages.error(request, _("Give the view a name of 80 letters at most."))
        return redirect(back)
    try:
        view = actions.save_view(LISTING, by=request.user, query=query, **form.cleaned_data)
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return redirect(address_of(view))


@require_POST
def change(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """`rename` (and share), `update` (to what the list shows now), `delete`. Another person's view is not there."""
    require_coordinator(request)
    view = get_object_or_404(SavedView, pk=pk, owner=request.user, listing=LISTING)
    query = kept_part(QueryDict(request.POST.get("query", "")))
    try:
        if verb == "delete":
            actions.delete_view(view, by=request.user)
            messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
            return redirect(f"{reverse('applications:index')}?{query}")
        if verb == "update":
            actions.change_view(view, by=request.user, query=query)
        else:
            form = ViewForm(request.POST)
            if not form.is_valid():
                raise RuleViolation(_("Give the view a name of 80 letters at most."), code="name")
            actions.change_view(view, by=request.user, **form.cleaned_data)
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('applications:index')}?{query}&view={pk}")
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return redirect(address_of(view))

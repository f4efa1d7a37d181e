"""Viewsets of the CMS whose rows are guarded one by one.

Wagtail 8.0's edit, delete, inspect, history and usage views ask for a permission on the *model*; a person who may change some rows
then opens every row, and the list shows them all (house.md §5.5). Here each view asks for the row too:

- the rows a person may know of are `Model.objects.for_admin(user)`, else `for_user(user)`, when the manager has it: another row is a 404;
- on those, the registered policy is asked with `user_has_any_permission_for_instance`: a refusal is Wagtail's own.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, ProtectedError, QuerySet, RestrictedError
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.views.generic import CreateView, DeleteView, EditView
from wagtail.admin.viewsets.model import ModelViewSet

from academy.rules import RuleViolation


def rows_for(model: type[Model], user: Any, queryset: QuerySet | None = None) -> QuerySet:
    """The rows of the model that this person may know of."""
    manager = model._default_manager
    rows = manager.all() if queryset is None else queryset
    readable = getattr(manager, "for_admin", None) or getattr(manager, "for_user", None)
    return rows if readable is None else rows.filter(pk__in=readable(user).values("pk"))


class RowGuard:
    """For a view about one row."""

    def get_object(self, *args, **kwargs):
        row = super().get_object(*args, **kwargs)
        if row is None:  # a view that makes a row has none yet
            return None
        if not rows_for(type(row), self.request.user).filter(pk=row.pk).exists():
            raise Http404
        wanted = [self.permission_required] if self.permission_required else self.any_permission_required
        policy = self.permission_policy
        if wanted and policy and not policy.user_has_any_permission_for_instance(self.request.user, wanted, row):
            raise PermissionDenied
        return row


class ListGuard:
    """For a listing, its results and its export."""

    def get_base_queryset(self):
        return rows_for(self.model, self.request.user, super().get_base_queryset())


class DeleteGuard:
    """For a view that deletes: what other rows stand on stays, and the person is told so."""

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except (ProtectedError, RestrictedError):
            messages.error(self.request, _("“%(row)s” is in use: nothing was deleted.") % {"row": self.object})
        except RuleViolation as refusal:
            messages.error(self.request, str(refusal))
        return redirect(self.get_success_url())


class Ruled:
    """For a view that saves a form: a rule that refuses meanwhile is said above the form, which keeps what was typed."""

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except RuleViolation as refusal:
            form.add_error(None, str(refusal))
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)


class RuledCreateView(Ruled, CreateView):
    pass


class RuledEditView(Ruled, EditView):
    pass


class GuardedModelViewSet(ModelViewSet):
    """A viewset that asks for the row, not only for the model. Every view it makes is guarded, present and future."""

    def construct_view(self, view_class, **kwargs):
        if issubclass(view_class, DeleteView):
            view_class = type(view_class.__name__, (DeleteGuard, view_class), {})
        if hasattr(view_class, "get_object"):
            view_class = type(f"Guarded{view_class.__name__}", (RowGuard, view_class), {})
        elif hasattr(view_class, "get_base_queryset"):
            view_class = type(f"Guarded{view_class.__name__}", (ListGuard, view_class), {})
        return super().construct_view(view_class, **kwargs)


class ListingViewSet(GuardedModelViewSet):
    """Only a listing: no form may write these rows; what happens to them are verbs, on pages of our own."""

    copy_view_enabled = False
    add_to_reference_index = False
    list_per_page = 50

    def get_urlpatterns(self):
        return [path("", self.index_view, name="index"), path("results/", self.index_results_view, name="index_results")]

    def get_index_view_kwargs(self, **kwargs):
        return super().get_index_view_kwargs(
            **{"add_url_name": None, "edit_url_name": None, "delete_url_name": None, "copy_url_name": None, **kwargs}
        )

    def get_common_view_kwargs(self, **kwargs):
        shared = super().get_common_view_kwargs(**kwargs)
        for name in ("add", "edit", "delete", "history", "usage", "copy", "inspect"):
            shared.pop(f"{name}_url_name", None)
        return shared

    def register_admin_url_finder(self):
        """The rows have our own page, not an edit view."""

    def register_reference_index(self):
        """Nothing of an event is a reference that an editor could break."""

"""People in the CMS: invited without a password, and never a way to more power than one has.

Wagtail's own screens let whoever may change people take an administrator's address and password, or make administrators.
Here an administrator is touched by administrators only; coordinators invite, and name trainers and reviewers.
"""

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.tables import BooleanColumn, BulkActionsCheckboxColumn, Column, DateColumn
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.users.views import users as stock
from wagtail.users.views.bulk_actions import DeleteBulkAction

from academy import actions, erasure
from academy.admin import GuardedModelViewSet
from academy.countries import country_choices
from academy.dates import zone_choices
from academy.forms import ErasureForm
from academy.models import User
from academy.permissions import COORDINATORS, REVIEWERS, TRAINERS, is_administrator
from academy.rules import RuleViolation

DeleteBulkAction.models = []  # people are erased one by one, each with a reason (EraseView)


def can_manage_person(actor: Any, person: User) -> bool:
    """Administrators anyone; coordinators neither each other nor administrators, so that nobody climbs through a colleague."""
    return not person.erased_at and (is_administrator(actor) or not (person.is_superuser or COORDINATORS in person.roles))


def roles_given_by(actor: Any) -> set[str]:
    """The roles this person may give and take. Naming a coordinator is naming somebody who decides: administrators only."""
    return set(Group.objects.values_list("name", flat=True)) if is_administrator(actor) else {TRAINERS, REVIEWERS}


class PeoplePolicy(ModelPermissionPolicy):
    def user_has_permission_for_instance(self, user, action, instance):
        return self.user_has_permission(user, action) and can_manage_person(user, instance)


class PersonForm(WagtailAdminModelForm):
    """Who somebody is and what they may. No password: its owner chooses it from the invitation."""

    country = forms.ChoiceField(label=_("Country"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    groups = forms.ModelMultipleChoiceField(
        label=_("Roles"), queryset=Group.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = User
        fields = ["name", "email", "language", "country", "time_zone", "groups", "is_active", "is_superuser"]
        labels = {"name": _("Name"), "email": _("E-mail address"), "is_superuser": _("Administrator")}

    def __init__(self, *args, editing_self: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "—"), *country_choices()]
        self.fields["time_zone"].choices = zone_choices({*settings.WAGTAIL_USER_TIME_ZONES, self.instance.time_zone} - {""})
        self.fields["groups"].queryset = Group.objects.filter(name__in=roles_given_by(self.for_user)).order_by("name")
        if not is_administrator(self.for_user):
            del self.fields["is_superuser"]
        if self.instance.pk is None:
            self.fields.pop("is_active")
        elif self.is_known:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("Its owner changes it, on the page of their account.")
        if editing_self:
            for name in ("groups", "is_active", "is_superuser"):
                self.fields.pop(name, None)

    @property
    def is_known(self) -> bool:
        """Whoever has signed in owns their address: another one here would hand over the account."""
        return self.instance.last_login is not None or EmailAddress.objects.filter(user=self.instance, verified=True).exists()

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if EmailAddress.objects.filter(email=email).exclude(user=self.instance.pk).exists():
            raise forms.ValidationError(_("This address is already used."))
        return email

    def _save_m2m(self):
        """Roles that are not this person's to give stay as they are."""
        if "groups" in self.cleaned_data:
            kept = self.instance.groups.exclude(name__in=roles_given_by(self.for_user))
            self.cleaned_data["groups"] = [*kept, *self.cleaned_data["groups"]]
        super()._save_m2m()


class PeopleIndexView(stock.IndexView):
    @cached_property
    def columns(self):
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="user"),
            self._get_title_column_class(stock.UserColumn)(
                "name", label=_("Name"), sort_key="name", accessor=str, get_url=self.get_edit_url, classname="name"
            ),
            Column("email", label=_("E-mail address"), sort_key="email"),
            Column("roles", label=_("Roles"), accessor=self.roles_of),
            BooleanColumn("is_active", label=_("Active"), sort_key="is_active"),
            DateColumn("last_login", label=_("Last login"), sort_key="last_login"),
        ]

    @cached_property
    def search_fields(self):
        return ["name", "email"]

    @staticmethod
    def roles_of(person: User) -> str:
        names = sorted(group.name for group in person.groups.all())
        return ", ".join([*([str(_("Administrator"))] if person.is_superuser else []), *names])

    def get_base_queryset(self):
        return super().get_base_queryset().filter(erased_at__isnull=True).prefetch_related("groups")

    def order_queryset(self, queryset):
        return queryset.order_by(self.ordering if isinstance(self.ordering, str) else "email", "pk")

    def get_edit_url(self, instance):
        return super().get_edit_url(instance) if self.user_has_permission_for_instance("change", instance) else None


class InviteView(stock.CreateView):
    success_message = _("%(object)s is invited by e-mail.")

    def save_instance(self):
        self.form.instance.set_unusable_password()
        person = super().save_instance()
        actions.invite_person(person, by=self.request.user)
        return person


class PersonEditView(stock.EditView):
    def save_instance(self):
        before = frozenset(self.object.groups.values_list("name", flat=True))
        person = super().save_instance()
        after = frozenset(person.groups.values_list("name", flat=True))
        if before != after:
            actions.note_roles(person, given=after - before, taken=before - after, by=self.request.user)
        if "email" in self.form.changed_data:
            EmailAddress.objects.filter(user=person).delete()
            actions.invite_person(person, by=self.request.user)
        return person


class EraseView(stock.DeleteView):
    """In the place of Wagtail's deletion, which tears holes into counts or is refused by the database without a word."""

    page_title = _("Erase a person")
    usage_url_name = None  # who uses somebody as a reference says nothing of what stands in the way

    def get_context_data(self, **kwargs):
        form = ErasureForm(self.request.POST or None, person=self.object, own=False)
        return super().get_context_data(**{"form": form, "obstacles": erasure.obstacles_to(self.object), **kwargs})

    def post(self, request, *args, **kwargs):
        form = ErasureForm(request.POST, person=self.object, own=False)
        if form.is_valid():
            try:
                actions.erase_person(self.object, by=request.user, reason=form.cleaned_data["reason"])
            except RuleViolation as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Erased. What this person did goes on counting, under nobody’s name."))
                return redirect(self.get_success_url())
        return self.render_to_response(self.get_context_data(form=form))


class PersonViewSet(GuardedModelViewSet, stock.UserViewSet):
    model = User
    index_view_class = PeopleIndexView
    add_view_class = InviteView
    edit_view_class = PersonEditView
    delete_view_class = EraseView
    copy_view_enabled = False
    create_template_name = "wagtailadmin/generic/create.html"
    edit_template_name = "wagtailadmin/generic/edit.html"
    delete_template_name = "academy/cms/erase_person.html"
    ordering = "email"

    def get_form_class(self, for_update=False):
        return PersonForm


def guard_bulk_action(request: HttpRequest, objects: Any, action: Any) -> None:
    """The bulk actions on people ask for the model only: here each person, and the role that is given, are asked for."""
    role = action.cleaned_form.cleaned_data.get("role") if action.cleaned_form else None
    if not all(can_manage_person(request.user, person) for person in objects):
        raise PermissionDenied
    if role is not None and role.name not in roles_given_by(request.user):
        raise PermissionDenied

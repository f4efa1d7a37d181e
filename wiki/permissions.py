"""Who may, in the wiki. Reading is the page privacy of sections (`academy.privacy`)."""

from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from wagtail.models import Page
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permission_policies.pages import PagePermissionPolicy

from academy.permissions import is_coordinator, is_trainer


def can_verify_page(user: Any, page: Page) -> bool:
    """Trainers and coordinators say that a page is still true, where they may edit it."""
    return (is_trainer(user) or is_coordinator(user)) and page.live and page.permissions_for_user(user).can_edit()


def can_import_documents(user: Any) -> bool:
    """Opens the screen; into which sections is `sections_for`."""
    return is_trainer(user) or is_coordinator(user)


def sections_for(user: Any) -> QuerySet:
    """The sections under which this person may bring documents: a trainer or a coordinator, where they may add pages."""
    sections = apps.get_model("wiki", "WikiSection")
    if not can_import_documents(user):
        return sections.objects.none()
    return sections.objects.filter(pk__in=PagePermissionPolicy().instances_user_has_permission_for(user, "add").values("pk"))


def can_answer_questions(user: Any) -> bool:
    """Trainers and coordinators read every question, the private ones too, and answer."""
    return is_trainer(user) or is_coordinator(user)


class ReadOnlyPolicy(ModelPermissionPolicy):
    """Rows that only the code writes: staff with the right to view may view, nobody may add, change or delete by hand."""

    def user_has_permission(self, user, action):
        return action == "view" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user, actions):
        return "view" in actions and super().user_has_permission(user, "view")

    def user_has_permission_for_instance(self, user, action, instance):
        return self.user_has_permission(user, action)

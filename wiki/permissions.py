"""Who may, in the wiki. Reading is the page privacy of sections (`academy.privacy`)."""

from typing import Any

from wagtail.models import Page
from wagtail.permission_policies import ModelPermissionPolicy

from academy.permissions import is_coordinator, is_trainer


def can_verify_page(user: Any, page: Page) -> bool:
    """Trainers and coordinators say that a page is still true, where they may edit it."""
    return (is_trainer(user) or is_coordinator(user)) and page.live and page.permissions_for_user(user).can_edit()


def can_import_documents(user: Any) -> bool:
    return is_trainer(user) or is_coordinator(user)


class ReadOnlyPolicy(ModelPermissionPolicy):
    """Rows that only the code writes: staff with the right to view may view, nobody may add, change or delete by hand."""

    def user_has_permission(self, user, action):
        return action == "view" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user, actions):
        return "view" in actions and super().user_has_permission(user, "view")

    def user_has_permission_for_instance(self, user, action, instance):
        return self.user_has_permission(user, action)

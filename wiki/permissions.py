"""Who may, in the wiki. Reading is the page privacy of sections (`academy.privacy`)."""

from typing import Any

from wagtail.models import Page

from academy.permissions import is_coordinator, is_trainer


def can_verify_page(user: Any, page: Page) -> bool:
    """Trainers and coordinators say that a page is still true, where they may edit it."""
    return (is_trainer(user) or is_coordinator(user)) and page.live and page.permissions_for_user(user).can_edit()


def can_import_documents(user: Any) -> bool:
    return is_trainer(user) or is_coordinator(user)

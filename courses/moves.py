"""An activity that is moved into another module: for who had finished that module it is as new as one that was written for it."""

from django.utils import timezone
from wagtail.models import Page
from wagtail.signals import post_page_move

from courses.models import ActivityPage


def _moved(sender: type, instance: Page, parent_page_before: Page, parent_page_after: Page, **_kwargs) -> None:
    """Another place in the same module is no move: only its order changes."""
    if parent_page_before.pk != parent_page_after.pk:
        ActivityPage.objects.filter(pk=instance.pk).update(here_since=timezone.now())


def install() -> None:
    """Called once, by CoursesConfig.ready."""
    post_page_move.connect(_moved, dispatch_uid="courses-moves")

"""When a page is published: questions that became it are told of it."""

from typing import Any

from wagtail.models import Page
from wagtail.signals import page_published

from academy.blocks import contents_of
from wiki.actions import note_page_published
from wiki.models import Question


def tell_questions(instance: Page, revision: Any = None, **_kwargs: Any) -> None:
    """A question that became a part of the page waits until that part is in what was published."""
    waiting = Question.objects.filter(page_id=instance.pk, page_published_at=None)
    for question in waiting:
        if not question.page_anchor or any(entry.anchor == question.page_anchor for entry in contents_of(instance.body)):
            note_page_published(question, by=getattr(revision, "user", None))


def install() -> None:
    """Called once, by WikiConfig.ready."""
    page_published.connect(tell_questions, dispatch_uid="wiki-questions-page-published")

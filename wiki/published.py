"""When a page is published: questions that became it are told of it. When a tag is renamed, pages are shown with its new name."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from wagtail.models import Page
from wagtail.signals import page_published

from academy import pagecache, remembered
from academy.blocks import contents_of
from wiki.actions import note_page_published
from wiki.models import GlossaryTerm, Question, WikiTag


def tell_questions(instance: Page, revision: Any = None, **_kwargs: Any) -> None:
    """A question that became a part of the page waits until that part is in what was published."""
    waiting = Question.objects.filter(page_id=instance.pk, page_published_at=None)
    for question in waiting:
        if not question.page_anchor or any(entry.anchor == question.page_anchor for entry in contents_of(instance.body)):
            note_page_published(question, by=getattr(revision, "user", None))


def _tag_saved(sender: type, created: bool = False, **_kwargs: Any) -> None:
    """A new tag is on no page yet: publishing the page says the rest."""
    if not created:
        pagecache.clear()


def _term_changed(**_kwargs: Any) -> None:
    """Lessons explain the words that they use."""
    pagecache.clear()
    remembered.forget()


def install() -> None:
    """Called once, by WikiConfig.ready."""
    page_published.connect(tell_questions, dispatch_uid="wiki-questions-page-published")
    post_save.connect(_tag_saved, sender=WikiTag, dispatch_uid="wiki-tag-saved")
    post_delete.connect(pagecache.clear, sender=WikiTag, dispatch_uid="wiki-tag-deleted")
    for signal in (post_save, post_delete):
        signal.connect(_term_changed, sender=GlossaryTerm, dispatch_uid="wiki-term-changed")

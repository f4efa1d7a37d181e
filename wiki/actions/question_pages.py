"""A question that is worth a page becomes one: a draft first, the link both ways, and the asker is told once it is published."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Page
from wagtail.rich_text import RichText

from academy import audit
from academy.blocks import contents_of
from academy.locking import lock, wanted
from academy.rules import RuleViolation
from wiki import question_letters as letters
from wiki.models import Answer, Question, WikiPage, WikiSection


@transaction.atomic
def question_to_page(question: Question, *, by: Any, place: Page, title: str) -> WikiPage:
    """Under a section: a new page. On a page: a part at its end. Either way a draft, that somebody reads again and publishes."""
    lock(question)
    answer = question.last_answer()
    if answer is None:
        raise RuleViolation(_("Answer the question first: its answer is the text of the page."), code="wrong_state")
    if question.page is not None:
        raise RuleViolation(_("This question became “%(title)s” already. Go on there.") % {"title": question.page.title}, code="twice")
    title, place = wanted(title, _("Write the heading: on the page it stands without the question around it."))[:250], place.specific
    if isinstance(place, WikiSection) and place.permissions_for_user(by).can_add_subpage():
        page, anchor = _new_page(place, title, answer, by), ""
    elif isinstance(place, WikiPage) and place.permissions_for_user(by).can_edit():
        page, anchor = _new_part(place, title, answer, by)
    else:
        raise RuleViolation(_("Choose a section or a page of the wiki that you may write in."), code="place")
    question.page, question.page_anchor, question.page_published_at = page, anchor, None
    question.save(update_fields=["page", "page_anchor", "page_published_at"])
    audit.record(question, "wiki.question_to_page", by=by, data={"page": page.pk, "anchor": anchor})
    return page


def _new_page(section: WikiSection, title: str, answer: Answer, by: Any) -> WikiPage:
    page = section.add_child(
        instance=WikiPage(title=title, body=[("text", RichText(answer.html))], locale=section.locale, live=False, owner=by)
    )
    page.save_revision(user=by, log_action=True)
    return page


def _new_part(page: WikiPage, title: str, answer: Answer, by: Any) -> tuple[WikiPage, str]:
    draft = page.get_latest_revision_as_object()
    taken = {entry.anchor for entry in contents_of(draft.body)}
    stem = slugify(title)[:200] or "question"
    anchor = next(name for name in (stem, *(f"{stem}-{number}" for number in range(2, 1000))) if name not in taken)
    draft.body.append(("heading", {"level": "2", "text": title, "anchor": anchor}))
    draft.body.append(("text", RichText(answer.html)))
    draft.save_revision(user=by, log_action=True, changed=True)
    return page, anchor


@transaction.atomic
def note_page_published(question: Question, *, by: Any = None) -> Question:
    """The page, or its new part, can be read: the question shows it, and the asker is told."""
    lock(question)
    if question.page is None or question.page_published_at is not None:
        return question
    question.page_published_at = timezone.now()
    question.save(update_fields=["page_published_at"])
    audit.record(question, "wiki.question_page_published", by=by, data={"page": question.page_id})
    letters.tell_it_became_a_page(question, by=by)
    return question

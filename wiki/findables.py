"""What of the wiki can be found by searching (see `academy.search`)."""

from collections.abc import Iterator

from django.db.models.signals import post_save
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from academy.html import text_of
from academy.search import index
from academy.search.pages import findable_pages, page_entry
from academy.search.registry import Entry, Kind, register
from wiki.models import GlossaryTerm, MonographPage, Question, WikiPage, WikiSection


def page_entries(page: WikiPage) -> Iterator[Entry]:
    tags = [tag.name for tag in page.tags.all()]
    yield page_entry(page, text=[page.summary, page.search_description], body=page.whole_body, also=tags, fresh_until=page.review_due_on)


def monograph_entries(page: MonographPage) -> Iterator[Entry]:
    """Its chapters are its body; the country is found by its name in the language of the page."""
    with translation.override(page.locale.language_code):
        tags = [tag.name for tag in page.tags.all()]
        yield page_entry(
            page,
            text=[page.summary, page.search_description],
            body=page.whole_body,
            also=[*tags, page.place],
            fresh_until=page.review_due_on,
        )


def section_entries(section: WikiSection) -> Iterator[Entry]:
    yield page_entry(section, text=[section.summary, section.search_description], body=section.body)


def term_entries(term: GlossaryTerm) -> Iterator[Entry]:
    language = term.locale.language_code
    with translation.override(language):
        address = f"{reverse('glossary')}#{term.slug}"
    yield Entry(title=term.term, also=tuple(term.names), body=text_of(term.definition), language=language, address=address)


def question_entries(question: Question) -> Iterator[Entry]:
    """The question is the title, its answer the text."""
    with translation.override(question.language):
        address = reverse("question", args=[question.pk])
    answer = question.last_answer()
    yield Entry(
        title=question.text,
        body="\n".join(filter(None, [text_of(answer.html) if answer else "", question.detail])),
        language=question.language,
        address=address,
        changed_at=question.answered_at,
    )


def question_saved(sender: type[Question], instance: Question, **_kwargs) -> None:
    """What was closed to others is out of the index in the same transaction; the rest is written after it."""
    if not Question.objects.public().filter(pk=instance.pk).exists():
        index.row_deleted(sender, instance)
    index.later(instance)


def _terms():
    return GlossaryTerm.objects.select_related("locale")


def install() -> None:
    """Called once, by WikiConfig.ready."""
    pages = Kind("page", _("Pages"), order=10, one=_("Page"))
    plain, monographs = findable_pages(WikiPage), findable_pages(MonographPage)
    register(WikiPage, kind=pages, rows=lambda: plain().filter(monographpage=None), entries=page_entries)
    register(MonographPage, kind=pages, rows=monographs, entries=monograph_entries)
    register(WikiSection, kind=pages, rows=findable_pages(WikiSection), entries=section_entries)
    register(GlossaryTerm, kind=Kind("term", _("Glossary"), order=30), rows=_terms, entries=term_entries)
    register(
        Question, kind=Kind("question", _("Questions"), order=40), rows=Question.objects.public, entries=question_entries, on_save=False
    )
    post_save.connect(question_saved, sender=Question, dispatch_uid="search-save-question")

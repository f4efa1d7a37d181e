"""A module to take along: one page to print, a PDF, an EPUB. Read once, in the reader's language, without what they may not open."""

from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from academy.blocks import rich_text_of
from academy.html import text_of
from academy.privacy import hidden_for
from academy.remembered import generation
from courses.checks import paper_of
from courses.epub import Chapter, epub_of
from courses.models import ActivityPage, AssignmentPage, LessonPage, ModulePage, QuizPage
from courses.progress import module_state
from courses.questions import frozen_blocks, questions_of
from courses.syllabus import kept_module
from courses.terms_and_links import freshness_in_words, known_pages, known_words, read_ahead
from wiki.exports import Elsewhere
from wiki.printing import Printer, pdf_from

SECONDS = 24 * 3600


@dataclass
class Booklet:
    """`activities` are the specific pages, in order; `online` the paths of those whose questions are asked there alone."""

    module: ModulePage
    request: HttpRequest
    activities: list[ActivityPage] = field(default_factory=list)
    online: frozenset[str] = frozenset()

    @property
    def about(self) -> str:
        """One line under the title: how long, as of when, where it is kept up to date."""
        minutes = sum(page.minutes or 0 for page in self.activities)
        parts = [ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}] if minutes else []
        if self.module.last_published_at:
            parts.append(_("Text of %(day)s") % {"day": date_format(self.module.last_published_at, "DATE_FORMAT")})
        return " · ".join([*parts, self.module.get_full_url(self.request) or ""])

    def read_ahead(self) -> None:
        """What the bodies name of the wiki and its glossary, for all of them at once."""
        bodies = [page.body for page in (self.module, *self.activities) if not isinstance(page, QuizPage)]
        read_ahead([rich_text_of(body) for body in bodies], self.request)


def booklet_of(module: ModulePage, request: HttpRequest) -> Booklet:
    """Constant queries: the outline is remembered, each kind of activity is read at once."""
    state = module_state(request.user, kept_module(request, module.path), hidden=hidden_for(request))
    paths = [item.activity.path for item in state.activities] if state else []
    found = {
        page.path: page
        for model in (LessonPage, QuizPage, AssignmentPage)
        for page in model.objects.filter(path__in=paths).select_related("locale")
    }
    online = frozenset(item.activity.path for item in state.activities if item.activity.is_counted) if state else frozenset()
    return Booklet(module, request, [found[path] for path in paths if path in found], online)


class LessonPrinter(Printer):
    """Prints the questions inside a lesson too, to think about: the answers stay on the site, which says what is right and why."""

    def __init__(self, address: Elsewhere) -> None:
        super().__init__(address)
        self.terms: list[int] = []

    def _node(self, node: Any, marks: list[str]) -> list[dict]:
        """Words of the glossary are noted, to be explained under the lesson; a page of the wiki says how fresh it is."""
        parts = super()._node(node, marks)
        number = getattr(node, "get", lambda _name: None)("id") if getattr(node, "name", None) == "a" else None
        if not str(number or "").isdecimal():
            return parts
        if node.get("linktype") == "term":
            self.terms.append(int(number))
        elif node.get("linktype") == "page":
            page = known_pages([int(number)], self.address.request).get(int(number))
            parts += [{"text": f" ({freshness_in_words(page)})", "marks": marks}] if page else []
        return parts

    def words(self) -> list[dict]:
        """The explanations of the words met since they were asked for last."""
        numbers, self.terms = list(dict.fromkeys(self.terms)), []
        found = known_words(numbers, self.address.request)
        rows = list({notion.anchor: notion.row for number in numbers if (notion := found.get(number))}.values())
        inside = [
            {"kind": "paragraph", "words": [{"text": f"{row.term}. ", "marks": ["bold"]}, *self._plain(row.definition)]} for row in rows
        ]
        return [{"kind": "box", "colour": "plain", "title": _("Words used here"), "blocks": inside}] if inside else []

    def _plain(self, html: str) -> list[dict]:
        return [{"text": text_of(html), "marks": []}]

    def _check(self, value: list[dict]) -> list[dict]:
        questions = frozen_blocks(value, language=get_language())
        return [one for question in questions for one in self.question(question, _("Check yourself"))]

    def question(self, question: dict, title: str) -> list[dict]:
        paper = paper_of(question)
        blocks = [{"kind": "paragraph", "words": [{"text": title, "marks": ["bold"]}]}, *self.rich(paper["prompt"])]
        if picture := paper["image"]:
            blocks += self._image({"image": {"image": picture["id"], "alt_text": picture["alt"], "decorative": not picture["alt"]}})
        if items := [{"words": [{"text": text, "marks": []}], "blocks": []} for text in paper["lines"]]:
            blocks.append({"kind": "list", "ordered": False, "start": 1, "items": items})
        if paper["options"]:
            blocks.append({"kind": "paragraph", "words": [{"text": " / ".join(paper["options"]), "marks": ["italic"]}]})
        return blocks


def counted_in_words() -> str:
    return _("Its time or its attempts are counted: its questions are asked online only.")


def _quiz_blocks(quiz: QuizPage, printer: LessonPrinter, *, is_online: bool) -> list[dict]:
    blocks = printer.rich(quiz.summary)
    if is_online:
        return [*blocks, {"kind": "paragraph", "words": [{"text": counted_in_words(), "marks": []}]}]
    for number, question in enumerate(questions_of(quiz), 1):
        blocks += printer.question(question, _("Question %(number)s") % {"number": number})
    return blocks


def _chapters(booklet: Booklet, printer: LessonPrinter) -> list[Chapter]:
    booklet.read_ahead()
    chapters = [Chapter("", printer.chapter(list(booklet.module.body.raw_data)))] if booklet.module.body else []
    for page in booklet.activities:
        if isinstance(page, QuizPage):
            blocks = _quiz_blocks(page, printer, is_online=page.path in booklet.online)
        else:
            blocks = [*printer.rich(page.summary), *printer.chapter(list(page.body.raw_data)), *printer.words()]
        if not isinstance(page, LessonPage):
            title = _("Answer it online") if isinstance(page, QuizPage) else _("Hand it in online")
            href = page.get_full_url(booklet.request) or ""
            blocks.append({"kind": "link", "href": href, "title": title, "note": href})
        chapters.append(Chapter(page.title, blocks))
    return chapters


def _kept(name: str, booklet: Booklet, make) -> bytes:
    """Made once a day for each set of readers, until something is published: a page of the wiki may have to be verified again tomorrow."""
    module, request = booklet.module, booklet.request
    hidden = ",".join(hidden_for(request).paths)
    key = f"booklet-{name}:{generation()}:{timezone.localdate()}:{module.pk}:{request.get_host()}:{hash(hidden)}"
    found = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, SECONDS)
    return found


def pdf(booklet: Booklet) -> bytes:
    def make() -> bytes:
        printer = LessonPrinter(Elsewhere(booklet.request, hidden_for(booklet.request)))
        blocks: list[dict] = [{"kind": "contents"}]
        for chapter in _chapters(booklet, printer):
            blocks += [{"kind": "heading", "level": 2, "text": chapter.title}] if chapter.title else []
            blocks += [{**one, "level": min(one["level"] + 1, 4)} if one["kind"] == "heading" else one for one in chapter.blocks]
        facts = [booklet.about]
        return pdf_from(
            printer,
            title=booklet.module.title,
            summary=booklet.module.summary,
            facts=facts,
            blocks=blocks,
            language=booklet.module.locale.language_code,
            contents=_("Contents"),
        )

    return _kept("pdf", booklet, make)


def epub(booklet: Booklet) -> bytes:
    def make() -> bytes:
        module, printer = booklet.module, LessonPrinter(Elsewhere(booklet.request, hidden_for(booklet.request)))
        chapters = _chapters(booklet, printer)
        return epub_of(
            identifier=f"urn:uuid:{module.translation_key}",
            language=module.locale.language_code,
            title=module.title,
            about=[line for line in (module.summary, booklet.about) if line],
            chapters=chapters,
            pictures=printer.pictures,
            modified=module.last_published_at,
            contents=_("Contents"),
        )

    return _kept("epub", booklet, make)

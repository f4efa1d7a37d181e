"""Rich text beyond Wagtail's own: two marks that pads use, and links to our pages that do not cost queries one by one."""

import re
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import wagtail.admin.rich_text.editors.draftail.features as draftail_features
from django.urls import reverse
from django.utils.html import escape
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.rich_text.converters.html_to_contentstate import InlineStyleElementHandler
from wagtail.documents import get_document_model
from wagtail.documents.rich_text import DocumentLinkHandler
from wagtail.models import Locale, Page
from wagtail.rich_text import LinkHandler
from wagtail.rich_text.pages import PageLinkHandler
from wagtail.rich_text.rewriters import FIND_A_TAG, extract_attrs

from academy.links.keys import asked
from academy.links.names import guarded_paths, is_behind_another_guard, read_names
from academy.permissions import works_in_cms

MARKS = {
    "ins": ("INSERTED", "u", _("Underline")),
    "mark": ("MARKED", "mark", _("Highlight")),
}


@hooks.register("register_rich_text_features")
def register_marks(features):
    for name, (style, tag, description) in MARKS.items():
        features.register_editor_plugin(
            "draftail",
            name,
            draftail_features.InlineStyleFeature(
                {"type": style, "label": "U" if name == "ins" else "M", "description": description, "element": tag}
            ),
        )
        features.register_converter_rule(
            "contentstate",
            name,
            {
                "from_database_format": {t: InlineStyleElementHandler(style) for t in ({"u", "ins"} if name == "ins" else {tag})},
                "to_database_format": {"style_map": {style: tag}},
            },
        )


# --- links to our own pages and files: one look-up for a whole body


@dataclass
class LinkTargets:
    """Addresses of the pages and files that one body links to. A target that is gone, or not public yet, has none.

    `wanted` holds those of red links, by the words they ask for: only the ones that turned blue. `others` are those of the kinds that apps
    add (`add_links`), by kind. `numbers` says which page each link leads to, where the body only marks its links (`ContentBlock.numbers_pages`).
    """

    pages: dict[str, str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    wanted: dict[str, str] = field(default_factory=dict)
    others: dict[str, dict[str, str]] = field(default_factory=dict)
    numbers: dict[str, int] | None = None


Finder = Callable[[set[str]], dict[str, str]]
_finders: dict[str, Finder] = {}


def add_links(kind: str, find: Finder) -> None:
    """A kind of link (`linktype`) of another app: `find` gives the opening tag of each id that is still there. Called at start-up."""
    _finders[kind] = find


class _RootPaths:
    """Stands for a request where Wagtail only wants somewhere to keep the root paths of the sites."""

    _wagtail_site = None


_targets: ContextVar[LinkTargets | None] = ContextVar("link_targets", default=None)


def _named(html: str, kind: str, name: str) -> set[str]:
    found = (extract_attrs(match) for match in FIND_A_TAG.findall(html))
    return {attributes[name] for attributes in found if attributes.get("linktype") == kind and attributes.get(name)}


def ids_in(html: str, kind: str) -> set[str]:
    """The numbers of what some rich text, as it is stored, links to."""
    return {number for number in _named(html, kind, "id") if number.isdigit()}


def look_up(html: str, source: Page | None = None, guarded: tuple[str, ...] | None = None, *, numbered: bool = False) -> LinkTargets:
    """Reads every target named in some rich text: a few queries, whatever the number of links.

    `source` is the page that carries the text, `guarded` the tree paths with a guard when the caller knows them. A text is the same
    for all its readers: a red link turns blue only for a page that each of them may open, and a link to a page that some may not
    open says its number alone (decision 0021).
    """
    targets, keep = LinkTargets(), _RootPaths()
    page_ids = ids_in(html, "page")
    words = {target: asked(target) for target in _named(html, "wanted", "target")}
    locale = Locale.get_active() if page_ids or words else None
    pages = {str(page.pk): page for page in Page.objects.filter(pk__in=page_ids).live()} if page_ids else {}
    missing = {int(number) for number in page_ids - pages.keys()}
    source_path = source.path if source is not None else ""
    if guarded is None and (pages or words or missing):
        guarded = guarded_paths()
    if words or missing:
        names = read_names({key for found in words.values() for key in found.keys}, missing)
        if names.pages:
            where = {"locale_id": locale.pk, "source_path": source_path, "guarded": guarded}
            pages |= {("wanted", target): names.page_for(found, **where) for target, found in words.items()}
            pages |= {str(number): names.page_for(names.gone[number], **where) for number in missing & names.gone.keys()}
            pages = {key: page for key, page in pages.items() if page is not None}
    elsewhere = {page.translation_key for page in pages.values() if page.locale_id != locale.pk}
    here = {}
    if elsewhere:
        here = {page.translation_key: page for page in Page.objects.filter(translation_key__in=elsewhere, locale=locale).live()}
    numbers: dict[str, int] = {}
    for key, page in pages.items():
        choice = [here.get(page.translation_key, page), page]
        reached = next((one for one in choice if not is_behind_another_guard(one.path, source_path, guarded)), None)
        address = (reached.get_url(keep) or "") if reached else reverse("page_door", args=[choice[0].pk])
        if isinstance(key, tuple):
            targets.wanted[key[1]] = address
        else:
            targets.pages[key] = address
            numbers[key] = (reached or choice[0]).pk
    document_ids = ids_in(html, "document")
    if document_ids:
        found = get_document_model().objects.in_bulk([int(number) for number in document_ids])
        targets.documents = {str(key): document.url for key, document in found.items()}
    if not numbered:
        targets.others = {kind: find(ids) for kind, find in _finders.items() if (ids := ids_in(html, kind))}
    targets.numbers = numbers if numbered else None
    return targets


@contextmanager
def link_targets(html: str, source: Page | None = None, guarded: tuple[str, ...] | None = None, *, numbered: bool = False):
    """While this lasts, links to pages and files in rich text find their address here."""
    token = _targets.set(look_up(html, source, guarded, numbered=numbered))
    try:
        yield
    finally:
        _targets.reset(token)


def _opening_tag(address: str | None, number: int | None = None) -> str:
    of_page = f' data-page="{number}"' if number else ""
    return f'<a href="{escape(address)}"{of_page}>' if address else "<a>"


def _red(name: str, value: str) -> str:
    """Words that are no link yet, said so to everyone. The body is the same for all readers: `offer_to_write` makes it a link for some."""
    said = escape(gettext("page not written yet"))
    return f'<a class="wanted" title="{said}" data-{name}="{escape(value)}"><span class="visually-hidden">({said}) </span>'


class PreparedPageLinks(PageLinkHandler):
    """Uses the addresses looked up for the whole body; without them, looks up its own paragraph at once."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict]) -> list[str]:
        targets = _targets.get()
        if targets is None:
            targets = look_up("".join(f'<a linktype="page" id="{attrs.get("id")}">' for attrs in attrs_list))
        rows = [(str(attrs.get("id")), attrs.get("href", "")) for attrs in attrs_list]
        return [
            _opening_tag(targets.pages[one] + (place if place.startswith("#") else ""), (targets.numbers or {}).get(one))
            if targets.pages.get(one)
            else _red("wanted-page", one)
            for one, place in rows
        ]


class WantedLinks(LinkHandler):
    """`<a linktype="wanted" target="Title or path as written">`: a page that may not exist yet. It turns blue when it does."""

    identifier = "wanted"

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict]) -> list[str]:
        words = [attrs.get("target", "") for attrs in attrs_list]
        targets = _targets.get()
        if targets is None:
            targets = look_up("".join(f'<a linktype="wanted" target="{escape(one)}">' for one in words))
        return [_opening_tag(targets.wanted[one]) if targets.wanted.get(one) else _red("wanted", one) for one in words]


class PreparedDocumentLinks(DocumentLinkHandler):
    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict]) -> list[str]:
        targets = _targets.get()
        if targets is None:
            targets = look_up("".join(f'<a linktype="document" id="{attrs.get("id")}">' for attrs in attrs_list))
        return [_opening_tag(targets.documents.get(str(attrs.get("id")))) for attrs in attrs_list]


class FoundLinks(LinkHandler):
    """A kind that an app adds (`add_links`). Of what is gone, the words stay. A body that only marks its links is given `marked`."""

    marked = "<a>"

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict]) -> list[str]:
        ids = [str(attrs.get("id")) for attrs in attrs_list]
        targets = _targets.get()
        if targets is not None and targets.numbers is not None:
            return [cls.marked.format(one) if one.isdigit() else "<a>" for one in ids]
        found = targets.others.get(cls.identifier, {}) if targets else _finders[cls.identifier]({one for one in ids if one.isdigit()})
        return [found.get(one, "<a>") for one in ids]


RED = re.compile(r'<a class="wanted" title="[^"]*" data-wanted(?P<page>-page)?="(?P<value>[^"]*)">')


def offer_to_write(html: str, source: Page | None, user: Any) -> str:
    """The same body; for somebody who may write pages, each red link leads to where its page can be begun."""
    if 'class="wanted"' not in html or not works_in_cms(user):
        return html

    words = escape(gettext("page not written yet: write it"))

    def link(match: re.Match) -> str:
        query = {"page" if match["page"] else "title": unescape(match["value"])}
        if source is not None:
            query["near"] = source.pk
        address = escape(f"{reverse('wiki_write')}?{urlencode(query)}")
        return f'<a class="wanted" href="{address}" title="{words}">'

    return mark_safe(RED.sub(link, html))  # noqa: S308 (what the templates rendered)


@hooks.register("register_rich_text_features", order=1000)
def register_prepared_links(features):
    """After Wagtail's own handlers, which these replace."""
    features.register_link_type(PreparedPageLinks)
    features.register_link_type(PreparedDocumentLinks)
    features.register_link_type(WantedLinks)

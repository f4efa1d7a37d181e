"""Rich text beyond Wagtail's own: two marks that pads use, and links to our pages that do not cost queries one by one."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import wagtail.admin.rich_text.editors.draftail.features as draftail_features
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.rich_text.converters.html_to_contentstate import InlineStyleElementHandler
from wagtail.documents import get_document_model
from wagtail.documents.rich_text import DocumentLinkHandler
from wagtail.models import Locale, Page
from wagtail.rich_text.pages import PageLinkHandler
from wagtail.rich_text.rewriters import FIND_A_TAG, extract_attrs

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
    """Addresses of the pages and files that one body links to. A target that is gone, or not public yet, has none."""

    pages: dict[str, str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)


class _RootPaths:
    """Stands for a request where Wagtail only wants somewhere to keep the root paths of the sites."""

    _wagtail_site = None


_targets: ContextVar[LinkTargets | None] = ContextVar("link_targets", default=None)


def _ids(html: str, kind: str) -> set[str]:
    return {
        attributes["id"]
        for attributes in (extract_attrs(match) for match in FIND_A_TAG.findall(html))
        if attributes.get("linktype") == kind and attributes.get("id", "").isdigit()
    }


def look_up(html: str) -> LinkTargets:
    """Reads every target named in some rich text: at most three queries, whatever the number of links."""
    targets, keep = LinkTargets(), _RootPaths()
    page_ids = _ids(html, "page")
    if page_ids:
        pages = {str(page.pk): page for page in Page.objects.filter(pk__in=page_ids).live()}
        locale = Locale.get_active()
        elsewhere = {page.translation_key for page in pages.values() if page.locale_id != locale.pk}
        here = {}
        if elsewhere:
            here = {page.translation_key: page for page in Page.objects.filter(translation_key__in=elsewhere, locale=locale).live()}
        for key, page in pages.items():
            targets.pages[key] = here.get(page.translation_key, page).get_url(keep) or ""
    document_ids = _ids(html, "document")
    if document_ids:
        found = get_document_model().objects.in_bulk([int(number) for number in document_ids])
        targets.documents = {str(key): document.url for key, document in found.items()}
    return targets


@contextmanager
def link_targets(html: str):
    """While this lasts, links to pages and files in rich text find their address here."""
    token = _targets.set(look_up(html))
    try:
        yield
    finally:
        _targets.reset(token)


def _opening_tag(address: str | None) -> str:
    return f'<a href="{escape(address)}">' if address else "<a>"


class PreparedPageLinks(PageLinkHandler):
    """Uses the addresses looked up for the whole body; without them, looks up its own paragraph at once."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict]) -> list[str]:
        targets = _targets.get()
        if targets is None:
            targets = look_up("".join(f'<a linktype="page" id="{attrs.get("id")}">' for attrs in attrs_list))
        return [_opening_tag(targets.pages.get(str(attrs.get("id")))) for attrs in attrs_list]


class PreparedDocumentLinks(DocumentLinkHandler):
    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict]) -> list[str]:
        targets = _targets.get()
        if targets is None:
            targets = look_up("".join(f'<a linktype="document" id="{attrs.get("id")}">' for attrs in attrs_list))
        return [_opening_tag(targets.documents.get(str(attrs.get("id")))) for attrs in attrs_list]


@hooks.register("register_rich_text_features", order=1000)
def register_prepared_links(features):
    """After Wagtail's own handlers, which these replace."""
    features.register_link_type(PreparedPageLinks)
    features.register_link_type(PreparedDocumentLinks)

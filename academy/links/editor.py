"""`[[` in the editor: proposes pages and words of the glossary as one types, and keeps both, and red links, through the editor and back.

It rides on Wagtail's `link` feature: wherever an author may make a link, and in no other place; no block names a new feature.
"""

from django.urls import reverse
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from draftjs_exporter.dom import DOM
from wagtail import hooks
from wagtail.admin.rich_text.converters.contentstate import link_entity
from wagtail.admin.rich_text.converters.html_to_contentstate import LinkElementHandler, PageLinkElementHandler
from wagtail.admin.rich_text.editors.draftail.features import EntityFeature

SCRIPT = "js/cms-links.js"
STYLES = "css/cms/links.css"


class WantedElementHandler(LinkElementHandler):
    """From the database to the editor."""

    def get_attribute_data(self, attrs):
        return {"target": attrs.get("target", "")}


def wanted_entity(props):
    """From the editor to the database. Without a target there is nothing to ask for: the words stay."""
    target = " ".join((props.get("target") or "").split())[:300]
    return DOM.create_element("a", {"linktype": "wanted", "target": target} if target else {}, props["children"])


class TermElementHandler(LinkElementHandler):
    """A word of the glossary, from the database to the editor."""

    def get_attribute_data(self, attrs):
        return {"term": attrs.get("id", "")}


def term_entity(props):
    number = str(props.get("term") or "")
    return DOM.create_element("a", {"linktype": "term", "id": number} if number.isdigit() else {}, props["children"])


class PlaceInPageElementHandler(PageLinkElementHandler):
    """A link to a place in a page of ours carries its anchor through the editor."""

    def get_attribute_data(self, attrs):
        data, place = super().get_attribute_data(attrs), attrs.get("href", "")
        return {**data, "anchor": place[1:]} if place.startswith("#") else data


def place_entity(props):
    """Wagtail's own link, with the anchor that the editor carried."""
    if props.get("id") is None or not props.get("anchor"):
        return link_entity(props)
    return DOM.create_element("a", {"linktype": "page", "id": props["id"], "href": f"#{props['anchor']}"}, props["children"])


class LinksAsOneTypes(EntityFeature):
    """Wagtail's link, with the red link beside it and the list that `[[` opens."""

    def construct_options(self, options):
        super().construct_options(options)
        for known in options["entityTypes"]:
            if known["type"] == "LINK":
                known["attributes"] = [*known.get("attributes", []), "anchor"]
        options["entityTypes"].append({"type": "WANTED", "attributes": ["target"]})
        options["entityTypes"].append({"type": "TERM", "attributes": ["term"]})
        options.setdefault("controls", []).append({"type": "PAGES"})


@hooks.register("register_rich_text_features", order=1000)
def links_as_one_types(features) -> None:
    """After Wagtail's own `link`, which this extends. (Its getters would look for features again, and come back here.)"""
    link = features.plugins_by_editor["draftail"]["link"]
    features.register_editor_plugin("draftail", "link", LinksAsOneTypes(link.data, js=[*link.js, SCRIPT], css={"all": [STYLES]}))
    rule = features.converter_rules_by_converter["contentstate"]["link"]
    features.register_converter_rule(
        "contentstate",
        "link",
        {
            "from_database_format": {
                'a[linktype="page"]': PlaceInPageElementHandler("LINK"),  # before `a[href]`: such a link may have both
                **{one: made for one, made in rule["from_database_format"].items() if one != 'a[linktype="page"]'},
                'a[linktype="wanted"]': WantedElementHandler("WANTED"),
                'a[linktype="term"]': TermElementHandler("TERM"),
            },
            "to_database_format": {
                "entity_decorators": {
                    **rule["to_database_format"]["entity_decorators"],
                    "LINK": place_entity,
                    "WANTED": wanted_entity,
                    "TERM": term_entity,
                }
            },
        },
    )


@hooks.register("insert_global_admin_js")
def words_of_the_script() -> SafeString:
    """What static/js/cms-links.js says and whom it asks, as data: the policy of the CMS allows no inline script."""
    words = {
        "label": _("Pages"),
        "later": _("Write “%s” later"),
        "laterNote": _("page not written yet"),
        "draft": _("draft"),
        "none": _("No page has this title."),
        "many": _("%s pages. Up and down to choose, Enter to take, Escape to leave."),
        "asks": _("Page not written yet: %s"),
        "termNote": _("word of the glossary, explained under the lesson"),
    }
    return json_script({"suggest": reverse("wiki_suggest"), "words": words}, "academy-links")

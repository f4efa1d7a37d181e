"""Words of the glossary inside a text: `<a linktype="term" id="12">word</a>`, proposed by `[[` in the editor.

Everywhere such a word leads to its entry in the glossary; a lesson explains it on the page itself (`courses.terms_and_links`). The number is that
of one row; the words shown are those of the reader's language. A word that is renamed is found by its number, of one that is deleted the words stay.
"""

from typing import Any

from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import get_language
from wagtail import hooks

from academy.links import suggestions
from academy.rich_text import FoundLinks, add_links
from wiki.glossary import folded
from wiki.models import GlossaryTerm

MOST = 3


class TermLinks(FoundLinks):
    identifier = "term"
    marked = '<a class="term" data-term="{}">'

    @staticmethod
    def get_model() -> type[GlossaryTerm]:
        return GlossaryTerm

    @classmethod
    def extract_references(cls, attrs: dict):
        """So that the CMS says which pages use a word before it is deleted."""
        if str(attrs.get("id", "")).isdigit():
            yield cls.get_model(), str(attrs["id"]), "", ""


def tags_of(ids: set[str]) -> dict[str, str]:
    """The opening tag of each: one query."""
    language, keys = get_language(), GlossaryTerm.objects.filter(pk__in=ids).values("translation_key")
    rows = list(GlossaryTerm.objects.filter(translation_key__in=keys).select_related("locale"))
    found = {}
    for row in rows:
        if str(row.pk) in ids:
            same = [one for one in rows if one.translation_key == row.translation_key]
            shown = next((one for one in same if one.locale.language_code == language), same[0])
            code = shown.locale.language_code
            anchor = shown.slug if code == language else f"{code}-{shown.slug}"
            found[str(row.pk)] = f'<a class="term" data-term="{row.pk}" href="{escape(reverse("glossary"))}#{escape(anchor)}">'
    return found


def suggested(query: str, language: str) -> list[dict[str, Any]]:
    """Words whose name, or another name, has what was typed; those of this language first, then the shortest."""
    wanted = folded(query)

    def rank(row: GlossaryTerm) -> tuple:
        own = folded(row.term)
        return (row.locale.language_code != language, own != wanted, not own.startswith(wanted), len(own), row.pk)

    rows = [row for row in GlossaryTerm.objects.select_related("locale") if wanted in folded(f"{row.term}, {row.other_names}")]
    return [
        {
            "term": row.pk,
            "title": row.term,
            "note": row.country,
            "language": row.locale.language_code if row.locale.language_code != language else "",
        }
        for row in sorted(rows, key=rank)[:MOST]
    ]


def install() -> None:
    """Called once, by WikiConfig.ready."""
    add_links(TermLinks.identifier, tags_of)
    suggestions.also_suggest(suggested)


@hooks.register("register_rich_text_features", order=1001)
def register_terms(features) -> None:
    features.register_link_type(TermLinks)

"""What goes out as markdown comes back as the same blocks, whatever is in it; a second pass changes nothing."""

import json
import re

import pytest
from wagtail.models import Page

from academy.html import clean
from tests.wiki.any_body import AnyBody
from tests.wiki.test_exporter_words import WORDS
from wiki.exporter import Matter, body_of, markdown_of
from wiki.importer import blocks_from_markdown
from wiki.markdown import read_pad
from wiki.models import WikiPage
from wiki.pad import rewrite_rich_text
from wiki.pad_links import resolve_links

MATTER = Matter(title="Un titre : « à deux » *étoiles* & co", description='Dit "tout"', language="fr", tags=("a & b", "c"))
SITE = "https://academy.test"


def address(kind: str, number: int) -> str:
    return f"{SITE}/{kind}/{number}"


def back(link: str) -> dict | None:
    match = re.fullmatch(rf"{SITE}/(page|document)/(\d+)", link)
    return {"linktype": match[1], "id": match[2]} if match else None


def read_again(blocks: list[dict]) -> list[dict]:
    pad = read_pad(markdown_of(blocks, matter=MATTER, address=address), source_key="k")
    assert (pad.report.changed, pad.report.lost) == ({}, {})
    resolve_links(pad, back)
    for block in pad.blocks:
        if block["type"] == "image":
            block["value"]["image"]["image"] = int(block["value"]["image"]["image"].rsplit("/", 1)[1])
        if block["type"] == "file":
            block["value"]["document"] = int(block["value"]["document"].rsplit("/", 1)[1])
    return [{"type": block["type"], "value": block["value"]} for block in pad.blocks]


def plain(blocks: list[dict]) -> list[dict]:
    """Rich text as both sides spell it: one sanitiser, no empty paragraph, `b` and `i`."""

    def spelled(html: str) -> str:
        for other, ours in (("strong", "b"), ("em", "i"), ("ins", "u"), ("del", "s")):
            html = re.sub(rf"<(/?){other}>", rf"<\1{ours}>", html)
        return clean(html).replace("<p></p>", "")

    blocks = [{"type": block["type"], "value": block["value"]} for block in json.loads(json.dumps(blocks))]
    rewrite_rich_text(blocks, spelled)
    for block in blocks:
        if block["type"] == "table" and not block["value"].get("drawn"):  # a table that is not drawn may say so or say nothing
            block["value"] = {name: value for name, value in block["value"].items() if name not in ("drawn", "drawn_to")}
    return blocks


def as_shown(value):
    """Several ordinary spaces in a row are shown as one, and none at the ends of a cell; code keeps all of its own."""
    if isinstance(value, dict) and "language" in value:
        return value
    if isinstance(value, dict) and "values" in value:
        return ["\n".join(line.strip(" ") for line in as_shown(cell).split("\n")) for cell in value["values"]]
    if isinstance(value, dict):
        return {name: as_shown(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_shown(part) for part in value]
    if isinstance(value, str):
        return re.sub(r"<p> </p>|<code>\s*</code>", "", re.sub(r" +", " ", value))
    return value


def check(blocks: list[dict]) -> None:
    once = read_again(blocks)
    assert as_shown(once) == as_shown(plain(blocks)), markdown_of(blocks, matter=MATTER, address=address)
    assert read_again(once) == once


# --- one block of each kind


TEXT = (
    "<p>Un <b>gras</b>, un <i>penché</i>, un <u>souligné</u>, un <mark>surligné</mark>, un <s>barré</s>, x<sup>2</sup>, H<sub>2</sub>O, "
    '<code>a | b ` c</code>, <a href="https://a.example/b_(c)?d=1&amp;e=2" rel="noopener noreferrer">un lien</a>, '
    '<a linktype="page" id="12" rel="noopener noreferrer">une page</a>, <a linktype="document" id="3" rel="noopener noreferrer">un fichier</a>.</p>'
    "<p>Deux<br>lignes</p><ul><li>un<ul><li>deux<ol><li>trois</li></ol></li></ul></li><li>quatre</li></ul><hr>"
    '<ol start="3"><li>trois</li><li><b>quatre</b></li></ol><ol><li>un</li></ol><p>Fin</p>'
)
EVERY_KIND = [
    {"type": "heading", "value": {"level": "2", "text": "Besoin vérifié", "anchor": "besoin-verifie"}},
    {"type": "heading", "value": {"level": "4", "text": "Autre {#x} # titre", "anchor": "Mon.ancre"}},
    {"type": "text", "value": TEXT},
    {"type": "text", "value": "<p>Un deuxième texte</p>"},
    {"type": "callout", "value": {"kind": "danger", "title": "Attention *ici*", "text": "<p>Lisez</p><ul><li>tout</li></ul>"}},
    {"type": "callout", "value": {"kind": "note", "title": "", "text": "<p><b>Un gras seul</b></p><p>puis des mots</p>"}},
    {"type": "details", "value": {"summary": "Pourquoi :::info ?", "text": "<p>Parce que</p><hr><p>voilà</p>"}},
    {
        "type": "table",
        "value": {
            "table": {
                "columns": [
                    {"type": "text", "heading": "Nom | rôle"},
                    {"type": "rich", "heading": ""},
                    {"type": "number", "heading": "N"},
                ],
                "rows": [
                    {"values": ["un\ndeux | trois", "<p>un <b>gras</b></p>", "1 200"]},
                    {"values": ["12", '<a href="https://a.example/" rel="noopener noreferrer">x | y</a>', ""]},
                ],
                "caption": "Les *rôles*",
            },
            "first_column_is_header": True,
        },
    },
    {
        "type": "table",
        "value": {
            "table": {"columns": [{"type": "text", "heading": "a"}], "rows": [], "caption": ""},
            "first_column_is_header": True,
        },
    },
    {"type": "text", "value": "<p>Table: ce n’est pas un titre</p>"},
    {"type": "image", "value": {"image": {"image": 7, "alt_text": "Une [carte]", "decorative": False}, "caption": 'Carte "vieille"'}},
    {"type": "image", "value": {"image": {"image": 8, "alt_text": "", "decorative": True}, "caption": ""}},
    {"type": "file", "value": {"document": 3, "title": 'Le "contrat"', "note": "Avant de & signer"}},
    {"type": "file", "value": {"document": 4, "title": "", "note": ""}},
    {"type": "code", "value": {"language": "python", "text": "x = '```'\n\n:::note\n    y"}},
    {"type": "code", "value": {"language": "mermaid", "text": "a-->b"}},
    {"type": "embed", "value": {"url": "https://www.youtube.com/watch?v=abc&t=1", "title": "Une vidéo %}"}},
    {"type": "quote", "value": {"text": "<p>[name=Moi] dit</p><ul><li>a</li></ul>", "attribution": "Elle [et lui]"}},
    {"type": "contents", "value": {"title": "Au menu"}},
    {"type": "contents", "value": {"title": ""}},
    {
        "type": "table",
        "value": {
            "table": {
                "columns": [{"type": "text", "heading": "Choix"}, {"type": "number", "heading": "Voix"}],
                "rows": [{"values": ["Oui", "4"]}],
                "caption": "Ce n’est pas une marque {.bars}",
            },
            "first_column_is_header": True,
            "drawn": True,
            "drawn_to": 4,
        },
    },
    {
        "type": "table",
        "value": {
            "table": {"columns": [{"type": "number", "heading": "N"}], "rows": [{"values": ["4"]}], "caption": ""},
            "first_column_is_header": False,
            "drawn": True,
            "drawn_to": None,
        },
    },
]


def rich_cells(blocks: list[dict]) -> list[dict]:
    """A cell has no paragraph of its own once it is read."""
    done = json.loads(json.dumps(blocks))
    for block in done:
        if block["type"] == "table":
            for row in block["value"]["table"]["rows"]:
                row["values"] = [re.sub(r"</?p>", "", cell) for cell in row["values"]]
    return done


@pytest.mark.parametrize("number", range(len(EVERY_KIND)), ids=[block["type"] for block in EVERY_KIND])
def test_each_kind_of_block_comes_back(number):
    check(rich_cells([EVERY_KIND[number]]))


def test_all_of_them_in_one_page_come_back():
    check(rich_cells(EVERY_KIND))


def test_the_settings_come_back():
    pad = read_pad(markdown_of([], matter=MATTER, address=address))
    assert (pad.title, pad.description, pad.language, pad.tags) == (MATTER.title, MATTER.description, "fr", ["a & b", "c"])


def test_a_wanted_link_and_one_that_leads_nowhere():
    blocks = [{"type": "text", "value": '<p><a linktype="wanted" target="La page">elle</a> et <a linktype="page" id="9">lui</a></p>'}]
    text = body_of(blocks, address=lambda kind, number: None)
    assert text == "[[La page|elle]] et lui\n"


def test_a_picture_that_is_gone_is_left_out():
    assert body_of([EVERY_KIND[10]], address=lambda kind, number: None) == ""


# --- words that look like markup


@pytest.mark.parametrize("words", WORDS)
def test_words_that_look_like_markup_stay_words(words):
    from html import escape

    for html in (
        f"<p>{escape(words, quote=False)}</p>",
        f"<ul><li>{escape(words, quote=False)}</li></ul>",
        f"<p>a<br>{escape(words, quote=False)}</p>",
    ):
        check([{"type": "text", "value": html}])
    check([{"type": "quote", "value": {"text": f"<p>{escape(words, quote=False)}</p>", "attribution": ""}}])
    check([{"type": "callout", "value": {"kind": "info", "title": words.strip(), "text": f"<p>{escape(words, quote=False)}</p>"}}])
    cell = {"columns": [{"type": "text", "heading": words.strip()}], "rows": [{"values": [words.strip()]}], "caption": words.strip()}
    check([{"type": "table", "value": {"table": cell, "first_column_is_header": False}}])


# --- any body


@pytest.mark.parametrize("seed", range(200))
def test_any_body_comes_back(seed):
    maker = AnyBody(seed)
    check([maker.block() for _number in range(maker.random.randint(1, 6))])


# What bodies made at random have found, each as small as it can be.
FOUND = {
    "a break at the end of a paragraph": {"type": "text", "value": "<p>un<br></p><p>deux</p>"},
    "a break at the end of an item": {"type": "text", "value": "<ul><li>un<br><ul><li>deux</li></ul></li></ul>"},
    "a paragraph of a space that does not break": {"type": "text", "value": "<p>un</p><p>&nbsp;</p><p>deux</p>"},
    "brackets after a red link": {"type": "text", "value": '<p><a linktype="wanted" target="La page">elle</a>(voir)</p>'},
    "a rule first in a box": {"type": "details", "value": {"summary": "a | b", "text": "<hr><p>x</p>"}},
    "a rule first in a callout": {"type": "callout", "value": {"kind": "info", "title": "a|b", "text": "<hr><p>x</p>"}},
    "a note that looks like a heading": {"type": "file", "value": {"document": 3, "title": "", "note": "## après"}},
    "a note that looks like a quotation": {"type": "file", "value": {"document": 3, "title": "", "note": "> après"}},
    "a note that looks like a rule": {"type": "file", "value": {"document": 3, "title": "", "note": "==="}},
    "a note that begins with an entity": {"type": "file", "value": {"document": 3, "title": "", "note": "&lt; x"}},
    "brackets in the title of a contents list": {"type": "contents", "value": {"title": "Au menu [bis]"}},
    "a language with an entity": {"type": "code", "value": {"language": "a&lt;b", "text": "x"}},
    "a red link in a cell": {
        "type": "table",
        "value": {
            "table": {
                "columns": [{"type": "rich", "heading": "a"}],
                "rows": [{"values": ['<a linktype="wanted" target="La page">elle</a>']}],
                "caption": "",
            },
            "first_column_is_header": False,
        },
    },
    "an address with a bar in a cell": {
        "type": "table",
        "value": {
            "table": {
                "columns": [{"type": "rich", "heading": "a"}],
                "rows": [{"values": ['<a href="https://a.example/x|y">x</a>']}],
                "caption": "",
            },
            "first_column_is_header": False,
        },
    },
    "spaces that do not break around a cell": {
        "type": "table",
        "value": {
            "table": {
                "columns": [{"type": "rich", "heading": "b"}],
                "rows": [{"values": ["&nbsp;<b>x</b>"]}],
                "caption": "",
            },
            "first_column_is_header": False,
        },
    },
}


@pytest.mark.parametrize("name", FOUND)
def test_what_random_bodies_have_found_comes_back(name):
    check([FOUND[name]])


OF_LESSONS = {"check", "media"}  # lessons are taken along as books (courses.booklet), not as markdown


@pytest.mark.django_db
def test_every_starter_page_comes_back(demo_tree):
    pages = [page for page in Page.objects.all().specific() if hasattr(page, "body")]
    assert sum(isinstance(page, WikiPage) for page in pages) >= 18
    for page in pages:
        body = [block for block in page.body.get_prep_value() if block["type"] not in OF_LESSONS]
        check(plain([{"type": block["type"], "value": block["value"]} for block in body]))


@pytest.fixture
def demo_tree(db):
    from django.core.management import call_command

    call_command("setup", verbosity=0)


def test_what_an_export_holds_reads_well_as_a_plain_pad_too():
    """Without the word in its settings, the same text is an ordinary pad: same kinds of blocks."""
    text = body_of(rich_cells(EVERY_KIND[:8]), address=address)
    kinds = [block["type"] for block in blocks_from_markdown(text)]
    assert kinds == ["heading", "heading", "text", "callout", "callout", "details", "table"]

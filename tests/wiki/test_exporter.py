"""What goes out as markdown comes back as the same blocks, whatever is in it; a second pass changes nothing."""

import json
import random
import re

import pytest
from wagtail.models import Page

from academy.html import clean, text_of
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
    return blocks


def check(blocks: list[dict]) -> None:
    once = read_again(blocks)
    assert once == plain(blocks), markdown_of(blocks, matter=MATTER, address=address)
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


class Any:
    """A body made at random, the same for the same seed."""

    MARKS = ("b", "i", "u", "mark", "s", "sup", "sub")

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def words(self) -> str:
        some = [*WORDS, "un mot", "coopérative", "l’été", "100 %", "C++", "a", "Qui ?"]
        return " ".join(" ".join(self.random.choice(some) for _number in range(self.random.randint(1, 3))).split())

    def inline(self, depth: int = 2) -> str:
        from html import escape

        parts = []
        for _number in range(self.random.randint(1, 4)):
            chosen, words = self.random.random(), escape(self.words(), quote=False)
            if depth and chosen < 0.35:
                mark = self.random.choice(self.MARKS)
                parts.append(f"<{mark}>{self.inline(0)}</{mark}>")
            elif depth and chosen < 0.45:
                parts.append(f'<a href="https://a.example/{self.random.randint(1, 9)}">{escape(self.words(), quote=False)}</a>')
            elif depth and chosen < 0.5:
                parts.append(f'<a linktype="page" id="{self.random.randint(1, 99)}">{words}</a>')
            elif chosen < 0.57:
                parts.append(f"<code>{words}</code>")
            elif chosen < 0.63 and parts:
                parts.append("<br>x")
            else:
                parts.append(words)
        return self.random.choice(["", " "]).join(parts)

    def items(self, depth: int) -> str:
        tag = self.random.choice(["ul", "ol"])
        items = []
        for _number in range(self.random.randint(1, 3)):
            nested = self.items(depth - 1) if depth and self.random.random() < 0.4 else ""
            items.append(f"<li>{self.inline()}{nested}</li>")
        return f"<{tag}>{''.join(items)}</{tag}>"

    def rich(self) -> str:
        parts = []
        for _number in range(self.random.randint(1, 4)):
            chosen = self.random.random()
            parts.append(self.items(2) if chosen < 0.3 else "<hr>" if chosen < 0.4 else f"<p>{self.inline()}</p>")
        html = clean("".join(parts))
        return html if text_of(html) else "<p>x</p>"

    def line(self) -> str:
        return self.words()[:100].strip()

    def block(self) -> dict:
        kind = self.random.choice([block["type"] for block in EVERY_KIND])
        make = {
            "heading": lambda: {"level": self.random.choice("234"), "text": self.line(), "anchor": f"a{self.random.randint(1, 99)}"},
            "text": self.rich,
            "callout": lambda: {"kind": "warning", "title": self.random.choice(["", self.line()]), "text": self.rich()},
            "details": lambda: {"summary": self.line(), "text": self.rich()},
            "quote": lambda: {"text": self.rich(), "attribution": self.random.choice(["", "Une « membre »"])},
            "code": lambda: {"language": self.random.choice(["", "sh"]), "text": "\n".join(self.line() for _n in range(3))},
            "contents": lambda: {"title": ""},
            "table": self.table,
        }
        value = make[kind]() if kind in make else next(block["value"] for block in EVERY_KIND if block["type"] == kind)
        return {"type": kind, "value": value}

    def table(self) -> dict:
        kinds = [self.random.choice(["text", "rich", "number"]) for _number in range(self.random.randint(1, 4))]
        cells = {"text": self.line, "number": lambda: str(self.random.randint(1, 999)), "rich": lambda: clean(self.inline(1))}
        rows = [{"values": [cells[kind]() for kind in kinds]} for _number in range(self.random.randint(0, 3))]
        columns = [{"type": kind, "heading": self.random.choice(["", self.line()])} for kind in kinds]
        return {
            "table": {"columns": columns, "rows": rows, "caption": self.random.choice(["", self.line()])},
            "first_column_is_header": self.random.random() < 0.5,
        }


@pytest.mark.parametrize("seed", range(150))
def test_any_body_comes_back(seed):
    maker = Any(seed)
    check([maker.block() for _number in range(maker.random.randint(1, 8))])


@pytest.mark.django_db
def test_every_starter_page_comes_back(demo_tree):
    pages = [page for page in Page.objects.all().specific() if hasattr(page, "body")]
    assert sum(isinstance(page, WikiPage) for page in pages) >= 18
    for page in pages:
        check(plain([{"type": block["type"], "value": block["value"]} for block in page.body.get_prep_value()]))


@pytest.fixture
def demo_tree(db):
    from django.core.management import call_command

    call_command("setup", verbosity=0)


def test_what_an_export_holds_reads_well_as_a_plain_pad_too():
    """Without the word in its settings, the same text is an ordinary pad: same kinds of blocks."""
    text = body_of(rich_cells(EVERY_KIND[:8]), address=address)
    kinds = [block["type"] for block in blocks_from_markdown(text)]
    assert kinds == ["heading", "heading", "text", "callout", "callout", "details", "table"]

"""The blocks of every body: they survive emptiness, headings keep their address, videos ask nobody before the reader does."""

import json

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from django.utils import translation

from academy.blocks import ContentBlock, contents_of
from academy.embeds import player_for
from academy.table_bars import number_in

BLOCK = ContentBlock()


def stream(*blocks):
    return BLOCK.to_python([{"type": kind, "value": value} for kind, value in blocks])


def render(*blocks):
    return BLOCK.render(stream(*blocks))


EMPTY = {
    "heading": {},
    "text": "",
    "callout": {},
    "table": {},
    "details": {},
    "image": {},
    "file": {},
    "code": {},
    "embed": {},
    "quote": {},
    "contents": {},
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", EMPTY)
def test_an_empty_block_renders_nothing(kind):
    assert render((kind, EMPTY[kind])).strip() == ""


def test_every_block_is_covered():
    assert set(EMPTY) == set(BLOCK.child_blocks)


def test_headings_give_the_contents_list():
    value = stream(
        ("contents", {"title": ""}),
        ("heading", {"level": "2", "text": "Le modèle"}),
        ("heading", {"level": "3", "text": "Coût", "anchor": "prix"}),
    )
    assert [(e.level, e.text, e.anchor) for e in contents_of(value)] == [(2, "Le modèle", "le-modele"), (3, "Coût", "prix")]
    html = BLOCK.render(value)
    assert '<h2 id="le-modele">Le modèle</h2>' in html
    assert '<a href="#prix">Coût</a>' in html


def test_saving_gives_each_heading_its_own_lasting_anchor():
    cleaned = BLOCK.clean(
        stream(*[("heading", {"level": "2", "text": "Débats"})] * 2, ("heading", {"level": "2", "text": "Autre mots", "anchor": "debats"}))
    )
    assert [child.value["anchor"] for child in cleaned] == ["debats-2", "debats-3", "debats"]


def test_callout_says_its_kind_in_words():
    html = render(("callout", {"kind": "warning", "title": "Lire d'abord", "text": "<p>x</p>"}))
    assert 'data-kind="warning"' in html
    assert "Lire d&#x27;abord" in html
    assert "<p>x</p>" in html


def test_table_names_its_columns_and_rows():
    table = {
        "columns": [{"type": "text", "heading": "Pays"}, {"type": "rich", "heading": "Lien"}, {"type": "number", "heading": "ETP"}],
        "rows": [{"values": ["Italie <b>", "<b>ici</b>", "1,5"]}],
        "caption": "Effectifs",
    }
    html = render(("table", {"table": table, "first_column_is_header": True}))
    assert "<caption>Effectifs</caption>" in html
    assert '<th scope="col">Pays</th>' in html
    assert '<th scope="row">Italie &lt;b&gt;</th>' in html
    assert "<td><b>ici</b></td>" in html
    assert '<td class="number">1,5</td>' in html


VOTES = {
    "columns": [{"type": "text", "heading": "Réponse"}, {"type": "number", "heading": "Voix"}, {"type": "number", "heading": "Part"}],
    "rows": [{"values": ["Oui <b>", "4", "80 %"]}, {"values": ["Non", "1", "20 %"]}, {"values": ["Autre", "–", ""]}],
    "caption": "Qui vient ?",
}


def drawn(**said):
    found = BeautifulSoup(render(("table", {"table": VOTES, "first_column_is_header": True, "drawn": True, **said})), "html.parser")
    lines = [
        (one.select_one(".bar-label").text, one.select_one(".bar-words").text, one.rect and one.rect["width"]) for one in found.select("li")
    ]
    return found, lines


def test_the_numbers_of_a_table_are_drawn_above_it_where_that_is_asked_for():
    found, lines = drawn()
    assert lines == [("Oui <b>", "4", "100.00"), ("Non", "1", "25.00"), ("Autre", "–", None)]
    assert [one.name for one in found.select("figure, table")] == ["figure", "table"]
    assert (found.figcaption.text, found.caption.text, len(found.select("tbody tr"))) == ("Qui vient ? · Voix", "Qui vient ?", 3)
    assert [one["aria-hidden"] for one in found.select("svg")] == ["true"] * 3
    assert not found.select("[style], script, style")
    assert drawn(drawn=False)[1] == drawn(drawn=None)[1] == []


def test_a_bar_across_may_stand_for_more_than_the_largest_number():
    assert [width for _label, _words, width in drawn(drawn_to=5)[1]] == ["80.00", "20.00", None]


def test_a_table_without_numbers_draws_nothing():
    table = {
        "columns": [{"type": "text", "heading": "A"}, {"type": "number", "heading": "N"}],
        "rows": [{"values": ["a", "x"]}],
        "caption": "",
    }
    for columns in (table["columns"], table["columns"][:1]):
        rows = [{"values": row["values"][: len(columns)]} for row in table["rows"]]
        html = render(("table", {"table": {**table, "columns": columns, "rows": rows}, "drawn": True}))
        assert "<figure" not in html


@pytest.mark.parametrize(
    ("words", "language", "number"),
    [
        ("4", "fr", 4), ("1 250,5 €", "fr", 1250.5), ("1\u202f250\u00a0000", "fr", 1_250_000), ("1,250", "en", 1250), ("1,250", "fr", 1.25),
        ("1.250", "fr", 1250), ("1.250", "en", 1.25), ("1,250.75", "en", 1250.75), ("1.250,75", "en", 1250.75), ("12 %", "fr", 12),
        ("1,234,567", "en", 1_234_567), ("−3", "fr", -3), ("- 3,5", "fr", -3.5), ("1'200", "fr", 1200), ("3.", "en", 3), ("€1,200", "en", 1200),
        ("–", "fr", None), ("", "fr", None), ("environ", "fr", None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_written(words, language, number):
    with translation.override(language):
        assert number_in(words) == number


@pytest.mark.parametrize(
    ("address", "src"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://vimeo.com/123456789", "https://player.vimeo.com/video/123456789?dnt=1"),
        ("https://framatube.org/w/9c9de5e8-0a1e-484a-b099", "https://framatube.org/videos/embed/9c9de5e8-0a1e-484a-b099"),
        ("https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ", None),
        ("https://evil.example/?https://youtu.be/dQw4w9WgXcQ", None),
        ('https://youtu.be/x"onload="alert(1)', None),
        ("javascript:alert(1)", None),
        ("https://[bad", None),
        ("", None),
    ],
)
def test_only_known_players_play(address, src):
    player = player_for(address)
    assert (player.src if player else None) == src


def test_an_unknown_video_is_a_link():
    html = render(("embed", {"url": "https://example.org/film", "title": "Le film"}))
    assert "iframe" not in html
    assert '<a href="https://example.org/film" rel="noopener">Le film</a>' in html


@pytest.mark.parametrize(("language", "said"), [("mermaid", True), ("GraphViz", True), ("python", False), ("", False)])
def test_the_source_of_a_diagram_is_said_to_be_one(language, said):
    assert ("as its source" in render(("code", {"language": language, "text": "a -> b"}))) is said


def test_code_is_shown_as_written():
    assert "&lt;b&gt;" in render(("code", {"language": "html", "text": "<b>"}))


def test_blocks_are_plain_data():
    value = stream(("heading", {"level": "2", "text": "x"}))
    assert json.dumps(BLOCK.get_prep_value(value))
    assert render_to_string("blocks/contents.html", {"value": {}, "body_contents": []}).strip() == ""


@pytest.mark.django_db
def test_the_editor_gives_back_what_an_import_wrote():
    html = "<p>Un <b>gras</b>, <i>dit</i>, <u>nom</u>, <mark>vu</mark>, <s>non</s>, H<sub>2</sub>O</p><ul><li>un</li></ul>"
    block = BLOCK.child_blocks["text"]
    kept = block.field.widget.converter.to_database_format(block.field.widget.converter.from_database_format(html))
    for part in ("<b>gras</b>", "<i>dit</i>", "<u>nom</u>", "<mark>vu</mark>", "<s>non</s>", "<sub>2</sub>", ">un</li>"):
        assert part in kept


def test_a_table_without_a_caption_is_called_by_its_headings_and_has_no_empty_one():
    table = {
        "columns": [{"type": "text", "heading": ""}, {"type": "text", "heading": "Coût"}],
        "rows": [{"values": ["a", "b"]}],
        "caption": "",
    }
    html = render(("table", {"table": table, "first_column_is_header": True}))
    assert 'aria-label="Table: Coût"' in html
    assert '<tr><td></td><th scope="col">Coût</th></tr>' in html

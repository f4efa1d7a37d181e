"""The blocks of every body: they survive emptiness, headings keep their address, videos ask nobody before the reader does."""

import json

import pytest
from django.template.loader import render_to_string

from academy.blocks import ContentBlock, contents_of
from academy.embeds import player_for

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

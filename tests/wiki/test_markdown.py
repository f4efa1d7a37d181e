"""Pads become blocks, with nothing lost silently and no markup left over."""

import re
from pathlib import Path

import pytest

from academy.html import text_of
from wiki.importer import blocks_from_markdown, place_images
from wiki.markdown import read_pad
from wiki.pad import UnreadablePad

PAD = (Path(__file__).parent / "pad.md").read_text(encoding="utf-8")
LEFT_OVER = re.compile(r":::|\*\*|(?<![C\w])\+\+|==|~~|\]\(|^\s*#{1,6}\s|`|\[\^|<br|&lt;|\{%", re.MULTILINE)


def words(value) -> str:
    if isinstance(value, dict):
        return " ".join(words(item) for key, item in value.items() if key not in ("level", "anchor", "kind", "type", "id"))
    if isinstance(value, list):
        return " ".join(words(item) for item in value)
    return text_of(value) if isinstance(value, str) else ""


def all_words(pad) -> str:
    return "\n".join(words(block["value"]) for block in pad.blocks)


def only(text: str, kind: str | None = None):
    blocks = blocks_from_markdown(text)
    assert [block["type"] for block in blocks] == [kind or blocks[0]["type"]], blocks
    return blocks[0]["value"]


# --- a whole pad


def test_a_whole_pad_becomes_headings_callouts_lists_and_a_table():
    pad = read_pad(PAD)
    assert (pad.title, pad.tags) == ("[Coop des Rives] : journée d'équipe", ["budget", "équipe"])
    headings = [block["value"] for block in pad.blocks if block["type"] == "heading"]
    assert [(h["level"], h["text"]) for h in headings] == [("2", "1- Qui était là"), ("2", "2- Le budget"), ("3", "Détail")]
    callouts = [block["value"] for block in pad.blocks if block["type"] == "callout"]
    assert [(c["kind"], c["title"]) for c in callouts] == [
        ("danger", ""),
        ("info", "Où trouver le reste"),
        ("warning", "Trois questions"),
        ("success", ""),
    ]
    assert [block["type"] for block in pad.blocks].count("table") == 1
    assert [block["value"]["summary"] for block in pad.blocks if block["type"] == "details"] == ["Pour mémoire"]


def test_a_whole_pad_reads_as_it_was_meant():
    html = " ".join(str(block["value"]) for block in read_pad(PAD).blocks)
    for meant in (
        "<p><b>Bureau</b></p><ul><li>Ada</li>",
        "<p><b>Invitées</b></p><ul><li>Chloé</li></ul><p>Merci à elles.</p>",
        "<p><u>Ada</u> : <i>est-ce que le prêt suffit ?</i></p>",
        "<u>Basile</u>  : non. Voir <mark>le tableau</mark> :",
        "que nous ne pouvons plus payer seuls",
        '<ol start="2"><li>chercher une autre salle</li>',
        "<ul><li>un point</li><li>un autre</li><li>☑ fait</li><li>☐ à faire</li></ul>",
        'href="https://disque.example/dossier%20commun/plan.pdf"',
        'href="https://disque.example/ordre.pdf" rel="noopener noreferrer"><b>Ordre du jour</b></a>',
    ):
        assert meant in html


def test_a_whole_pad_has_no_markup_left_over():
    assert LEFT_OVER.findall(all_words(read_pad(PAD))) == []
    assert read_pad(PAD).report.lost == {}


def test_the_same_text_gives_the_same_ids_and_another_source_others():
    first, second, other = (read_pad(PAD, source_key=key).blocks for key in ("a", "a", "b"))
    assert first == second
    assert not {block["id"] for block in first} & {block["id"] for block in other}
    assert len({block["id"] for block in first}) == len(first)


# --- the dialect


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("un **gras **mot", "<p>un <b>gras</b> mot</p>"),
        ("un ** gras** mot", "<p>un <b>gras</b> mot</p>"),
        ("mot**gras:**suite", "<p>mot<b>gras:</b>suite</p>"),
        ("**Titre sans fin", "<p>Titre sans fin</p>"),
        ("C++ et g++", "<p>C++ et g++</p>"),
        ("++dit++ et ==vu== et ~~non~~", "<p><u>dit</u> et <mark>vu</mark> et <s>non</s></p>"),
        ("++ dit ++ encore", "<p> <u>dit</u>  encore</p>"),
        ("a == b", "<p>a == b</p>"),
        ("1^er^ et H~2~O", "<p>1<sup>er</sup> et H<sub>2</sub>O</p>"),
        ("[mots\n](https://a.example/x)", '<p><a href="https://a.example/x" rel="noopener noreferrer">mots</a></p>'),
        (
            "[mots](https://a.example/un fichier.pdf)",
            '<p><a href="https://a.example/un%20fichier.pdf" rel="noopener noreferrer">mots</a></p>',
        ),
        ("voir https://a.example/x.", '<p>voir <a href="https://a.example/x" rel="noopener noreferrer">https://a.example/x</a>.</p>'),
        ("une ligne\nune autre", "<p>une ligne<br>une autre</p>"),
        ("`**code**`", "<p><code>**code**</code></p>"),
        ("5$ et 10$ <u>net</u>", "<p>5$ et 10$ <u>net</u></p>"),
        ("bravo :tada:", "<p>bravo 🎉</p>"),
        ("- [ ] à faire\n- [x] fait", "<ul><li>☐ à faire</li><li>☑ fait</li></ul>"),
        ("- un\n- deux\nTexte après", "<ul><li>un</li><li>deux</li></ul><p>Texte après</p>"),
        ("Texte :\n1. un\n2. deux", "<p>Texte :</p><ol><li>un</li><li>deux</li></ol>"),
        ("1. un\nEntre deux\n2. deux", '<ol><li>un</li></ol><p>Entre deux</p><ol start="2"><li>deux</li></ol>'),
        ("• un\n• deux", "<ul><li>un</li><li>deux</li></ul>"),
        ("- un\n    - dedans", "<ul><li>un<ul><li>dedans</li></ul></li></ul>"),
        ("Terme\n: sens", "<p><b>Terme</b><br>sens</p>"),
        ("Note[^1].\n\n[^1]: Dessous.", "<p>Note<sup>1</sup>.</p><hr><ol><li>Dessous.</li></ol>"),
        ("Les TVA\n\n*[TVA]: Taxe", "<p>Les TVA</p><ul><li><b>TVA</b> : Taxe</li></ul>"),
        ("[x](javascript:alert(1))", "<p>x</p>"),
        ("un <script>alert(1)</script> mot", "<p>un alert(1) mot</p>"),
        ("~~barré ~~ ici", "<p><s>barré</s>  ici</p>"),
    ],
)
def test_dialect(typed, html):
    found = only(typed, "text")
    assert re.sub(r"\s+", " ", found) == re.sub(r"\s+", " ", html).replace("<p> ", "<p>")


def test_callouts_keep_the_words_after_their_kind():
    assert only(":::warning Lire *d'abord*\nTexte.\n:::") == {"kind": "warning", "title": "Lire d'abord", "text": "<p>Texte.</p>"}


def test_an_unknown_box_becomes_a_note_and_says_so():
    pad = read_pad(":::astuce\nTexte.\n:::")
    assert pad.blocks[0]["value"] == {"kind": "note", "title": "astuce", "text": "<p>Texte.</p>"}
    assert any("astuce" in sentence for sentence in pad.report.changed)


def test_nested_and_unclosed_boxes():
    blocks = blocks_from_markdown("::::info\nDehors\n:::danger\nDedans\n:::\nFin\n::::\n\n:::success\nOuvert")
    assert [(b["value"]["kind"], b["value"]["text"]) for b in blocks] == [
        ("info", "<p>Dehors</p>"),
        ("danger", "<p>Dedans</p>"),
        ("info", "<p>Fin</p>"),
        ("success", "<p>Ouvert</p>"),
    ]
    assert words(blocks_from_markdown("Texte\n:::\nSuite")[0]["value"]) == "Texte Suite"


def test_spoilers_and_details_open():
    assert only(":::spoiler Plus\nTexte\n:::") == {"summary": "Plus", "text": "<p>Texte</p>"}
    assert only("<details><summary>Plus</summary>\n\nTexte\n\n</details>") == {"summary": "Plus", "text": "<p>Texte</p>"}


def test_tables_keep_headings_markup_and_numbers():
    value = only("| Pays | Lien | ETP |\n|---|---|--:|\n| Italie | **ici** | 1,5 |\n| Suède | [x](/y) |")
    assert [(c["type"], c["heading"]) for c in value["table"]["columns"]] == [("text", "Pays"), ("rich", "Lien"), ("number", "ETP")]
    assert value["table"]["rows"][0]["values"] == ["Italie", "<b>ici</b>", "1,5"]


def test_code_quotes_and_videos():
    blocks = blocks_from_markdown("```python=12\nx = 1\n```\n\n> Une phrase.\n> [name=Sergio] [time=2020]\n\n{%youtube dQw4w9WgXcQ %}")
    assert [b["type"] for b in blocks] == ["code", "quote", "embed"]
    assert blocks[0]["value"] == {"language": "python", "text": "x = 1"}
    assert blocks[1]["value"] == {"text": "<p>Une phrase.</p>", "attribution": "Sergio, 2020"}
    assert blocks[2]["value"]["url"] == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


def test_a_block_inside_a_list_cuts_it_and_the_numbers_go_on():
    blocks = blocks_from_markdown("1. un\n   ```\n   code\n   ```\n2. deux")
    assert [b["type"] for b in blocks] == ["text", "code", "text"]
    assert blocks[2]["value"] == '<ol start="2"><li>deux</li></ol>'


def test_images_elsewhere_are_links_and_listed():
    pad = read_pad("Voir ![Le schéma](https://pad.example/uploads/a.png =200x) ici")
    place_images(pad, {})
    assert [block["type"] for block in pad.blocks] == ["text", "text"]
    assert pad.blocks[1]["value"] == '<p><a href="https://pad.example/uploads/a.png" rel="noopener noreferrer">Le schéma</a></p>'
    assert pad.report.missing_images == ["https://pad.example/uploads/a.png"]
    assert pad.report.kept == {"text": 2}


def test_images_of_ours_are_blocks():
    pad = read_pad('Avant\n\n![Le schéma](a.png "Légende")\n\nAprès')
    assert pad.images == {"a.png": None}
    assert pad.blocks[1]["value"]["image"]["image"] == "@a.png"
    place_images(pad, {"a.png": 7})
    assert [b["type"] for b in pad.blocks] == ["text", "image", "text"]
    assert pad.blocks[1]["value"] == {"image": {"image": 7, "alt_text": "Le schéma", "decorative": False}, "caption": "Légende"}
    assert pad.report.missing_images == []


def test_a_contents_list_keeps_its_place():
    assert [b["type"] for b in blocks_from_markdown("Texte\n[TOC]\nSuite")] == ["text", "contents", "text"]
    assert only("[TOC maxLevel=2]") == {"title": ""}
    assert only('[TOC title="Sommaire"]') == {"title": "Sommaire"}


def test_front_matter_tags_and_title():
    pad = read_pad("---\ntitle: Titre\ntags: un, deux\nlang: fr\nrobots: noindex\n---\n# Autre\n###### tags: `trois` `deux`\nTexte")
    assert (pad.title, pad.language, pad.tags) == ("Titre", "fr", ["un", "deux", "trois"])
    assert list(pad.report.lost) == ["settings of the pad: robots"]
    assert [b["type"] for b in pad.blocks] == ["text"]


def test_headings_skip_no_level_and_links_in_the_page_find_them():
    blocks = blocks_from_markdown("## Le Coût\n#### Détail\n[voir](#Le-Co%C3%BBt) et [rien](#ailleurs)")
    assert [(b["value"]["level"], b["value"]["anchor"]) for b in blocks[:2]] == [("2", "le-cout"), ("3", "detail")]
    assert 'href="#le-cout"' in blocks[2]["value"]
    assert "#ailleurs" not in blocks[2]["value"]


def test_two_headings_alike_have_two_anchors():
    assert [b["value"]["anchor"] for b in blocks_from_markdown("## A\n## A")] == ["a", "a-2"]


def test_too_long_a_text_is_refused():
    with pytest.raises(UnreadablePad):
        read_pad("x" * 500_001)


@pytest.mark.parametrize(
    "nasty", ["[" * 3000, ":::a\n" * 60, "> " * 80 + "x", "*" * 3000, "- " * 60 + "x", "|" * 500, ":::", "---\n", "```", "\x00"]
)
def test_strange_text_never_breaks(nasty):
    read_pad(nasty)


@pytest.mark.parametrize("text", [PAD[:cut] for cut in range(0, len(PAD), 61)])
def test_a_pad_cut_anywhere_is_still_read(text):
    read_pad(text)

"""The published vectors of xss.txt, and the doors through which each of them is sent."""

import json
from functools import cache
from html import escape
from pathlib import Path

from django.utils import translation

from academy.blocks import ContentBlock
from academy.files import RefusedFile
from academy.html import clean, clean_inline
from tests.factories import files
from wiki.pad import Pad, place_images
from wiki.reading import read

VECTORS = [
    json.loads(line) for line in (Path(__file__).parent / "xss.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
]


def shown(content: bytes, kind: str) -> str:
    """What a reader's browser gets of a file: its blocks through the templates of the site."""
    try:
        pad = Pad.from_parts(*read(content, {"kind": kind, "name": f"a.{kind}", "key": "k", "options": {}}))
    except RefusedFile:  # nothing is shown of what is not text at all
        return ""
    place_images(pad, {})
    block = ContentBlock()
    return block.render(block.to_python(pad.blocks))


def _xml(text: str) -> str:
    """As an attribute or words of XML; what XML cannot hold at all is left out."""
    return escape("".join(one for one in text if one >= " " and one not in "\ufffe\uffff"))


def word_file(vectors: list[str]) -> bytes:
    """Each vector as the address of a link, as the words of a link and as words."""
    relations = {f"rId{1000 + index}": ("hyperlink", _xml(vector) or "x") for index, vector in enumerate(vectors)}
    body = [files.paragraph(files.hyperlink(key, "lien"), files.run(_xml(vector))) for key, vector in zip(relations, vectors, strict=True)]
    rels = "".join(
        f'<Relationship Id="{key}" Type="{files.RELATIONS}/hyperlink" Target="{target}" TargetMode="External"/>'
        for key, (_kind, target) in relations.items()
    )
    sheet = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rels}</Relationships>'
    return files.docx(*body, extra={"word/_rels/document.xml.rels": sheet})


def odt_file(vectors: list[str]) -> bytes:
    body = "".join(
        f'<text:p><text:a xlink:href="{_xml(vector)}">lien</text:a> {_xml(vector)}<draw:frame><draw:image xlink:href="{_xml(vector)}"/></draw:frame></text:p>'
        for vector in vectors
    )
    return files.opendocument("text", body)


def in_markdown(vector: str) -> str:
    """The vector where markdown takes HTML, an address, words, and the inside of a table, a box and a list."""
    line = " ".join(vector.split())
    return f"{vector}\n\n[lien]({line})\n\n[lien](<{line}>)\n\n![image]({line})\n\n> {line}\n\n:::info {line}\n{line}\n:::\n\n- {line}\n\n| A |\n|---|\n| {line} |\n\n[[{line}]]\n"


# Every door takes all the vectors and gives the HTML of each, so that one that breaks its own page cannot hide the others.
DOORS = {
    "markdown": lambda: [shown(in_markdown(vector).encode(errors="replace"), "md") for vector in VECTORS],
    "our own export": lambda: [
        shown(f"---\ndialect: smart-academy\n---\n{in_markdown(vector)}".encode(errors="replace"), "md") for vector in VECTORS
    ],
    "html": lambda: [shown(f"<p>x</p>{vector}".encode(errors="replace"), "html") for vector in VECTORS],
    "word": lambda: [shown(word_file(VECTORS), "docx")],
    "opendocument": lambda: [shown(odt_file(VECTORS), "odt")],
    "rich text": lambda: [clean(vector) for vector in VECTORS] + [clean(f'<a href="{escape(vector)}">x</a>') for vector in VECTORS],
    "one line": lambda: [clean_inline(vector) for vector in VECTORS],
}


@cache
def through(door: str) -> list[str]:
    """What comes out of a door, made once for the tests with and without a browser: it takes long (tests/conftest.py keeps them together)."""
    with translation.override("fr"):
        return DOORS[door]()

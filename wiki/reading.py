"""A file in, a pad out, whatever its format: what runs in the sandbox for wiki.importer. Pure."""

import re

from django.utils.translation import gettext_noop

from academy.files import RefusedFile, decoded, is_in_windows_code_page
from wiki.html_reader import HtmlReader
from wiki.markdown import read_pad
from wiki.pad import Pad, ReadOptions, UnreadablePad
from wiki.pad_blocks import BlockWriter, Piece

MARKDOWN_SIGNS = re.compile(
    r"^#{1,6} \S|^:::|^```|^\|.*\|\s*$|^\s*[-*+] \[[ xX]\] |\*\*\S|\]\(\S+\)|^(?:={3,}|-{3,})\s*$|^---\n", re.MULTILINE
)
ADDRESS = re.compile(r"((?:https?://|www\.)\S+)")


def read(content: bytes, arguments: dict) -> tuple[dict, list[bytes]]:
    """The parts of a Pad (wiki.pad). Raises RefusedFile with a sentence."""
    kind, name = arguments["kind"], arguments["name"]
    options = ReadOptions(**arguments["options"])
    try:
        if kind in ("md", "txt"):
            text = decoded(content, name)
            marked = kind == "md" or MARKDOWN_SIGNS.search(text)
            pad = read_pad(text if marked else plain_as_markdown(text), source_key=arguments["key"], options=options)
            if is_in_windows_code_page(content):
                pad.report.changed.here = None
                pad.report.changed[gettext_noop("text read in the Windows code page, not in UTF-8")] += 1
        else:
            pad = _read_marked_up(content, kind, name, arguments["key"], options)
    except UnreadablePad as error:
        raise RefusedFile(gettext_noop("%(what)s: %(detail)s"), what=name, detail=error.sentence) from error
    return pad.parts()


def _read_marked_up(content: bytes, kind: str, name: str, key: str, options: ReadOptions) -> Pad:
    pad = Pad()
    writer = BlockWriter(pad, source_key=key, options=options)
    writer.add(_pieces(content, kind, name, pad))
    writer.finish()
    return pad


def _pieces(content: bytes, kind: str, name: str, pad: Pad) -> list[Piece]:
    if kind == "html":
        return HtmlReader(pad).document(decoded(content, name))
    if kind == "docx":
        from wiki.docx_reader import word_html

        html, files = word_html(content, name, pad.report)
    else:
        from wiki.odt_reader import odt_html

        html, files = odt_html(content, name, pad.report)
    return HtmlReader(pad, files=files).pieces(html)


def plain_as_markdown(text: str) -> str:
    """Plain text whose stars and underscores mean themselves; its lists and its addresses are still read."""
    lines = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        item = re.match(r"^\s*(?:[-*•–]|\d{1,3}[.)])\s+(?=\S)", line)
        start = re.sub(r"[*•–]", "-", item[0]) if item else ""
        rest = line[item.end() :] if item else line.strip()
        pieces = ADDRESS.split(rest)
        lines.append(
            start
            + "".join(piece if index % 2 else re.sub(r"([\\`*_{}\[\]<>#+~^=$|&:!])", r"\\\1", piece) for index, piece in enumerate(pieces))
        )
    return "\n".join(lines)

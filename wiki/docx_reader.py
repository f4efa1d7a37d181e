"""A Word file as HTML with its structure, by mammoth, which knows Word's styles but not what to do with what a page lacks. Pure."""

import io
import re
import zipfile
from xml.etree.ElementTree import Element

import mammoth
from django.utils.translation import gettext_noop

from academy.opened import OpenedZip
from wiki.docx_body import NUMBER, Body, W
from wiki.pad import Report

HEADINGS = ("heading", "Heading", "Titre", "Título", "Überschrift", "Kop", "Rubrik", "Titolo")
QUOTES = ("Quote", "Intense Quote", "Citation", "Citation intense", "Quotations", "Cita", "Zitat")
STYLES = "\n".join(
    [
        "u => u",
        "strike => s",
        "highlight => mark",
        "br[type='page'] => br",
        "br[type='column'] => br",
        *(f"p[style-name='{name}'] => h1:fresh" for name in ("Title", "Titre", "Titre principal")),
        *(f"p[style-name='{name} {level}'] => h{level}:fresh" for name in HEADINGS for level in range(1, 7)),
        *(f"p[style-name='{name}'] => blockquote > p:fresh" for name in QUOTES),
        *(f"p[style-name='{name}'] => p > em" for name in ("Subtitle", "Sous-titre", "caption", "Légende")),
        *(f"p[style-name='{name}'] => pre:separator('\\n')" for name in ("HTML Preformatted", "Source Code", "Preformatted Text")),
        *(f"r[style-name='{name}'] => em" for name in ("Emphasis", "Intense Emphasis", "Accentuation", "Book Title")),
        *(f"r[style-name='{name}'] => strong" for name in ("Strong", "Élevé", "Accentuation intense")),
        *(f"r[style-name='{name}'] => code" for name in ("HTML Code", "Verbatim Char", "Source Text")),
    ]
)
NOTE = re.compile(r'<sup><a href="#(?:footnote|endnote)-\d+" id="(?:footnote|endnote)-ref-\d+">\[(\d+)\]</a></sup>')
NOTE_RETURN = re.compile(r'\s*<a href="#(?:footnote|endnote)-ref-\d+">↑</a>')


def word_html(content: bytes, name: str, report: Report) -> tuple[str, dict[str, bytes]]:
    """HTML, and the pictures inside by the address that the HTML gives them."""
    with OpenedZip(content, name) as opened:
        opened.check()
        _note_losses(opened, report)
        content = _with(opened, Body(opened, report).mended())
    files: dict[str, bytes] = {}

    def keep(image) -> dict[str, str]:
        with image.open() as stream:
            address = f"embedded/{len(files) + 1}"
            files[address] = stream.read()
        return {"src": address}

    options = {"style_map": STYLES, "convert_image": mammoth.images.img_element(keep)}
    result = mammoth.convert_to_html(io.BytesIO(content), **options)
    signs = sum("w:sym element" in message.message for message in result.messages)
    if signs:
        report.lost[gettext_noop("signs of a font of symbols")] += signs
    html = re.sub(rf"<ol><li>{NUMBER}(\d+){NUMBER}", r'<ol start="\1"><li>', result.value)
    html = re.sub(rf"{NUMBER}\d*{NUMBER}?", "", html)
    html, notes = NOTE.subn(r"<sup>\1</sup>", html)
    if notes:
        report.changed[gettext_noop("footnotes, listed at the end")] += notes
        html = NOTE_RETURN.sub("", html)
        html = re.sub(r'<ol>(?=<li id="(?:footnote|endnote)-)', "<hr><ol>", html, count=1)
    return html, files


def _note_losses(opened: OpenedZip, report: Report) -> None:
    """What stands beside the text."""
    for member in sorted(opened.names):
        if re.fullmatch(r"word/(?:header|footer)\d*\.xml", member) and _has_words(opened.xml(member)):
            report.lost[gettext_noop("headers and footers of the pages")] += 1


def _has_words(root: Element) -> bool:
    return any((element.text or "").strip() for element in root.iter(f"{W}t"))


def _with(opened: OpenedZip, members: dict[str, bytes]) -> bytes:
    """The file with other members in the place of its own."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for member in opened.archive.infolist():
            if not member.is_dir() and member.filename not in members:
                archive.writestr(member.filename, opened.bytes(member.filename))
        for name, content in members.items():
            archive.writestr(name, content)
    return written.getvalue()

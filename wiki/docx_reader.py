"""A Word file as HTML with its structure, by mammoth, which knows Word's styles but not what to do with what a page lacks. Pure."""

import io
import re
import zipfile
from xml.etree.ElementTree import Element, SubElement, tostring

import mammoth
from django.utils.translation import gettext_noop

from academy.opened import OpenedZip
from wiki.pad import Report

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
HEADINGS = ("heading", "Heading", "Titre", "Título", "Überschrift", "Kop", "Rubrik", "Titolo")
QUOTES = ("Quote", "Intense Quote", "Citation", "Citation intense", "Quotations", "Cita", "Zitat")
STYLES = "\n".join(
    [
        "u => u",
        "strike => s",
        "highlight => mark",
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
        content = _with_formulas_as_words(opened, content, report)
    files: dict[str, bytes] = {}

    def keep(image) -> dict[str, str]:
        with image.open() as stream:
            address = f"embedded/{len(files) + 1}"
            files[address] = stream.read()
        return {"src": address}

    options = {"style_map": STYLES, "convert_image": mammoth.images.img_element(keep)}
    html = mammoth.convert_to_html(io.BytesIO(content), **options).value
    html, notes = NOTE.subn(r"<sup>\1</sup>", html)
    if notes:
        report.changed[gettext_noop("footnotes, listed at the end")] += notes
        html = NOTE_RETURN.sub("", html)
        html = re.sub(r'<ol>(?=<li id="(?:footnote|endnote)-)', "<hr><ol>", html, count=1)
    return html, files


def _note_losses(opened: OpenedZip, report: Report) -> None:
    """What mammoth leaves out without a word."""
    for member in sorted(opened.names):
        if re.fullmatch(r"word/(?:header|footer)\d*\.xml", member) and _has_words(opened.xml(member)):
            report.lost[gettext_noop("headers and footers of the pages")] += 1
        elif member == "word/comments.xml":
            comments = len(opened.xml(member).findall(f"{W}comment"))
            if comments:
                report.lost[gettext_noop("comments in the margin")] += comments
        elif re.match(r"word/(?:charts/chart|diagrams/data)\d*\.xml$", member):
            report.lost[gettext_noop("drawings and charts of the document")] += 1
        elif re.match(r"word/embeddings/.", member):
            report.lost[gettext_noop("objects that another programme shows")] += 1
    body = opened.bytes("word/document.xml")
    proposed = len(re.findall(rb"<w:(?:ins|del) ", body))
    if proposed:
        report.changed[gettext_noop("changes that were proposed, taken as accepted")] += proposed
    boxes = len(re.findall(rb"<w:txbxContent[ >]", body))
    if boxes:
        report.changed[gettext_noop("text in boxes, as paragraphs")] += boxes


def _has_words(root: Element) -> bool:
    return any((element.text or "").strip() for element in root.iter(f"{W}t"))


def _with_formulas_as_words(opened: OpenedZip, content: bytes, report: Report) -> bytes:
    """Formulas are a language of their own, which mammoth drops; their letters and signs stay, in code."""
    if b"oMath>" not in opened.bytes("word/document.xml"):
        return content
    root = opened.xml("word/document.xml")
    for parent in list(root.iter()):
        for index, child in enumerate(list(parent)):
            inside = [child] if child.tag == f"{MATH}oMath" else child.findall(f"{MATH}oMath") if child.tag == f"{MATH}oMathPara" else []
            if not inside:
                continue
            run = Element(f"{W}r")
            properties = SubElement(run, f"{W}rPr")
            SubElement(properties, f"{W}i")
            SubElement(run, f"{W}t").text = " ".join("".join(letters.text or "" for letters in one.iter(f"{MATH}t")) for one in inside)
            parent.remove(child)
            parent.insert(index, run)
            report.changed[gettext_noop("formulas, as their letters")] += 1
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for member in opened.archive.infolist():
            if not member.is_dir() and member.filename != "word/document.xml":
                archive.writestr(member.filename, opened.bytes(member.filename))
        archive.writestr("word/document.xml", tostring(root, encoding="utf-8", xml_declaration=True))
    return written.getvalue()

"""Office files, made here so that none is anybody's: small zips of XML, as Word, LibreOffice and their kin write them."""

import io
import struct
import zipfile
import zlib

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
WP = 'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
PIC = 'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODF_NAMES = " ".join(
    f'xmlns:{short}="{address}"'
    for short, address in {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
        "presentation": "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0",
        "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
        "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
        "xlink": "http://www.w3.org/1999/xlink",
        "dc": "http://purl.org/dc/elements/1.1/",
    }.items()
)


def zipped(members: dict[str, str | bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def png(width: int = 2, height: int = 2, *, shade: int = 0) -> bytes:
    """A small grey picture; each shade is another file."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    lines = b"".join(b"\x00" + bytes([shade]) * width for _line in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


# --- Word


def run(text: str, *marks: str) -> str:
    """Words with marks such as "b", "i", 'u w:val="single"'."""
    return f'<w:r><w:rPr>{"".join(f"<w:{mark}/>" for mark in marks)}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str, style: str = "", numbered: tuple[int, int] | None = None) -> str:
    """`numbered` is a list (1: bullets, 2: numbers) and a level."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if numbered:
        properties += f'<w:numPr><w:ilvl w:val="{numbered[1]}"/><w:numId w:val="{numbered[0]}"/></w:numPr>'
    inside = "".join(one if one.startswith("<") else run(one) for one in runs)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inside}</w:p>"


def table(*rows: list[str], headed: bool = False) -> str:
    lines = []
    for index, row in enumerate(rows):
        cells = "".join(f"<w:tc>{cell if cell.startswith('<w:p') else paragraph(cell)}</w:tc>" for cell in row)
        lines.append(f"<w:tr>{'<w:trPr><w:tblHeader/></w:trPr>' if headed and index == 0 else ''}{cells}</w:tr>")
    return f"<w:tbl>{''.join(lines)}</w:tbl>"


def hyperlink(relation: str, words: str) -> str:
    return f'<w:hyperlink r:id="{relation}">{run(words)}</w:hyperlink>'


def drawing(relation: str, words: str) -> str:
    return (
        f'<w:r><w:drawing><wp:inline {WP}><wp:docPr id="1" name="p" descr="{words}"/><a:graphic {A}><a:graphicData uri="x"><pic:pic {PIC}>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )


def _relations(relations: dict[str, tuple[str, str]]) -> str:
    """id → (kind, target); an address makes it external."""
    lines = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if ':' in target else ''}/>"
        for key, (kind, target) in relations.items()
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{lines}</Relationships>'


STYLE_NAMES = {"Heading1": "heading 1", "Heading2": "heading 2", "Heading3": "heading 3", "Titre1": "Titre 1", "Title": "Title"} | {
    "Quote": "Quote",
    "Subtitle": "Subtitle",
    "Code": "HTML Preformatted",
}
NUMBERING = (
    f"<w:numbering {W}>"
    + "".join(
        f'<w:abstractNum w:abstractNumId="{number}">'
        + "".join(f'<w:lvl w:ilvl="{level}"><w:numFmt w:val="{kind}"/></w:lvl>' for level in range(3))
        + "</w:abstractNum>"
        for number, kind in ((1, "bullet"), (2, "decimal"))
    )
    + "".join(f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>' for number in (1, 2))
    + "</w:numbering>"
)


def docx(*body: str, relations: dict[str, tuple[str, str]] | None = None, extra: dict[str, str | bytes] | None = None) -> bytes:
    """A Word file with these paragraphs and tables; `relations` name links and pictures, `extra` adds or replaces members."""
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>' for key, name in STYLE_NAMES.items()
    )
    known = {"rIdStyles": ("styles", "styles.xml"), "rIdNumbering": ("numbering", "numbering.xml"), **(relations or {})}
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="png" ContentType="image/png"/></Types>'
    )
    return zipped(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": _relations({"rId1": ("officeDocument", "word/document.xml")}),
            "word/document.xml": f"<w:document {W} {R} {M}><w:body>{''.join(body)}</w:body></w:document>",
            "word/_rels/document.xml.rels": _relations(known),
            "word/styles.xml": f"<w:styles {W}>{styles}</w:styles>",
            "word/numbering.xml": NUMBERING,
            **(extra or {}),
        }
    )


def word_notes(*notes: str) -> str:
    """footnotes.xml; the paragraph that calls one holds `<w:r><w:footnoteReference w:id="1"/></w:r>`."""
    lines = "".join(f'<w:footnote w:id="{number}">{paragraph(note)}</w:footnote>' for number, note in enumerate(notes, 1))
    return f"<w:footnotes {W}>{lines}</w:footnotes>"


# --- the others


def pptx(*slides: tuple[str, str]) -> bytes:
    """Slides of (words, what the speaker notes)."""
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "ppt/presentation.xml": f"<p:presentation {P} {R}><p:sldIdLst>"
        + "".join(f'<p:sldId id="{256 + number}" r:id="rId{number}"/>' for number in range(1, len(slides) + 1))
        + "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": _relations(
            {f"rId{number}": ("slide", f"slides/slide{number}.xml") for number in range(1, len(slides) + 1)}
        ),
    }
    for number, (words, notes) in enumerate(slides, 1):
        members[f"ppt/slides/slide{number}.xml"] = f"<p:sld {P} {A}><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:sld>"
        if notes:
            members[f"ppt/slides/_rels/slide{number}.xml.rels"] = _relations(
                {"rId1": ("notesSlide", f"../notesSlides/notesSlide{number}.xml")}
            )
            members[f"ppt/notesSlides/notesSlide{number}.xml"] = f"<p:notes {P} {A}><a:p><a:r><a:t>{notes}</a:t></a:r></a:p></p:notes>"
    return zipped(members)


def opendocument(kind: str, body: str, *, styles: str = "", extra: dict[str, str | bytes] | None = None) -> bytes:
    """`kind` is text, presentation or spreadsheet."""
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<office:document-content {ODF_NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
            **(extra or {}),
        }
    )


def locked_pdf() -> bytes:
    """A PDF of one page that opens with a password only (standard handler, revision 2); nobody knows it."""
    secret = "A" * 64
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{secret}> /U <{secret}> >>",
    ]
    out, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID [<{'0' * 32}> <{'0' * 32}>] >>"
    return f"{out}xref\n0 5\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{len(out)}\n%%EOF\n".encode()

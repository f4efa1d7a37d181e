"""An EPUB 3 book from plain blocks (`wiki.printing.Printer`). Pure: no database, no request, and nothing that a person typed is markup.

The one library that writes EPUB (EbookLib) binds by its licence (AGPL); the format is a zip of XHTML files, described in
https://www.w3.org/TR/epub-33/.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

TAGS = {"bold": "strong", "italic": "em", "under": "u", "strike": "s", "mark": "mark", "sup": "sup", "sub": "sub", "code": "code"}
STYLE = """body { line-height: 1.5; } img { max-width: 100%; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #777; padding: .3em; text-align: start; vertical-align: top; }
aside { border-inline-start: 3px solid #777; padding-inline-start: .8em; margin: 1em 0; } .small { font-size: .85em; } pre { white-space: pre-wrap; }
"""
CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
"""


@dataclass(frozen=True)
class Chapter:
    """`blocks` as the printer makes them; an empty `title` is what stands before the first chapter."""

    title: str
    blocks: list[dict]


def _words(parts: list[dict]) -> str:
    done = []
    for part in parts:
        if part.get("break"):
            done.append("<br/>")
            continue
        text = escape(part["text"])
        for mark in part["marks"]:
            text = f"<{TAGS[mark]}>{text}</{TAGS[mark]}>"
        done.append(f'<a href="{escape(part["href"])}">{text}</a>' if part.get("href") else text)
    return "".join(done)


def _list(one: dict) -> str:
    tag = "ol" if one["ordered"] else "ul"
    start = f' start="{one["start"]}"' if one["ordered"] and one["start"] != 1 else ""
    items = "".join(f"<li>{_words(item['words'])}{''.join(map(_list, item['blocks']))}</li>" for item in one["items"])
    return f"<{tag}{start}>{items}</{tag}>"


def _table(one: dict) -> str:
    caption = f"<caption>{escape(one['caption'])}</caption>" if one["caption"] else ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in one["heads"]) if any(one["heads"]) else ""
    rows = []
    for cells in one["rows"]:
        made = [f"<td>{_words(cell)}</td>" for cell in cells]
        if one["row_heads"] and cells:
            made[0] = f'<th scope="row">{_words(cells[0])}</th>'
        rows.append(f"<tr>{''.join(made)}</tr>")
    return f"<table>{caption}{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{''.join(rows)}</tbody></table>"


def _image(one: dict) -> str:
    caption = f"<figcaption>{escape(one['caption'])}</figcaption>" if one["caption"] else ""
    return f'<figure><img src="{one["file"]}" alt="{escape(one["alt"])}"/>{caption}</figure>'


def _quote(one: dict) -> str:
    who = f"<footer>{escape(one['who'])}</footer>" if one["who"] else ""
    return f"<blockquote>{_flow(one['blocks'])}{who}</blockquote>"


def _link(one: dict) -> str:
    note = f'<br/><span class="small">{escape(one["note"])}</span>' if one["note"] else ""
    return f'<p><a href="{escape(one["href"])}">{escape(one["title"])}</a>{note}</p>'


KINDS = {
    "heading": lambda one: f"<h{one['level']}>{escape(one['text'])}</h{one['level']}>",
    "paragraph": lambda one: f"<p>{_words(one['words'])}</p>",
    "rule": lambda _one: "<hr/>",
    "list": _list,
    "box": lambda one: f"<aside><p><strong>{escape(one['title'])}</strong></p>{_flow(one['blocks'])}</aside>",
    "quote": _quote,
    "code": lambda one: f"<pre><code>{escape(one['text'])}</code></pre>",
    "link": _link,
    "image": _image,
    "table": _table,
}


def _flow(blocks: list[dict]) -> str:
    """What a book has no form for (a list of contents of its own, a chart) is left to the reader's device."""
    return "\n".join(KINDS[one["kind"]](one) for one in blocks if one["kind"] in KINDS)


def _document(language: str, title: str, body: str, *, head: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'lang="{language}" xml:lang="{language}"><head><title>{escape(title)}</title><link rel="stylesheet" type="text/css" href="style.css"/>{head}</head>'
        f"<body>{body}</body></html>\n"
    )


def _package(identifier: str, language: str, title: str, names: list[str], pictures: dict, modified: datetime) -> str:
    items = ['<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>']
    items += ['<item id="style" href="style.css" media-type="text/css"/>']
    items += [f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>' for number, name in enumerate(names)]
    items += [f'<item id="p{number}" href="{name}" media-type="image/jpeg"/>' for number, name in enumerate(pictures)]
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(names)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">{identifier}</dc:identifier><dc:title>{escape(title)}</dc:title><dc:language>{language}</dc:language>'
        f'<meta property="dcterms:modified">{modified:%Y-%m-%dT%H:%M:%SZ}</meta></metadata>'
        f"<manifest>{''.join(items)}</manifest><spine>{spine}</spine></package>\n"
    )


def epub_of(
    *,
    identifier: str,
    language: str,
    title: str,
    about: list[str],
    chapters: list[Chapter],
    pictures: dict[str, bytes],
    modified: datetime | None,
    contents: str,
) -> bytes:
    """`about`: lines under the title. `pictures` are JPEG files by the names that the blocks use. The same input gives the same bytes."""
    modified = (modified or datetime(2000, 1, 1, tzinfo=UTC)).astimezone(UTC)
    first = f"<h1>{escape(title)}</h1>{''.join(f'<p>{escape(line)}</p>' for line in about)}"
    opening = "".join(_flow(chapter.blocks) for chapter in chapters if not chapter.title)
    files, titles = {"title.xhtml": _document(language, title, f"{first}\n{opening}")}, [("title.xhtml", title)]
    for number, chapter in enumerate((one for one in chapters if one.title), 1):
        name = f"chapter-{number}.xhtml"
        files[name] = _document(language, chapter.title, f"<h1>{escape(chapter.title)}</h1>\n{_flow(chapter.blocks)}")
        titles.append((name, chapter.title))
    lines = "".join(f'<li><a href="{name}">{escape(words)}</a></li>' for name, words in titles)
    nav = _document(language, contents, f'<nav epub:type="toc"><h1>{escape(contents)}</h1><ol>{lines}</ol></nav>')
    package = _package(identifier, language, title, list(files), pictures, modified)
    out = BytesIO()
    with ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/epub+zip", compress_type=ZIP_STORED)  # first, and as it is: readers look for it there
        book.writestr("META-INF/container.xml", CONTAINER, compress_type=ZIP_DEFLATED)
        for name, text in {"package.opf": package, "nav.xhtml": nav, "style.css": STYLE, **files}.items():
            book.writestr(f"book/{name}", text, compress_type=ZIP_DEFLATED)
        for name, content in pictures.items():
            book.writestr(f"book/{name}", content, compress_type=ZIP_STORED)
    return out.getvalue()

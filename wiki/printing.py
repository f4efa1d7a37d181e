"""A page as a tagged PDF. Its body travels as data (JSON and pictures): nothing that a person typed is typst code."""

import json
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from django.conf import settings
from django.core.cache import cache as kept
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from academy import recordings
from academy.blocks import CalloutBlock
from academy.charts import Bar
from academy.html import clean, text_of
from academy.privacy import hidden_for
from academy.remembered import generation
from academy.table_bars import table_bars
from academy.typeset import tagged_pdf
from wiki.exports import Elsewhere
from wiki.figures import FigureTable, cell_words
from wiki.models import WikiPage

TEMPLATE = Path(settings.PROJECT_DIR) / "templates" / "wiki" / "page.typ"
IMAGE_FILTER = "width-1200|format-jpeg|bgcolor-ffffff"
SECONDS = 24 * 3600
MARKS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "under", "ins": "under", "s": "strike", "del": "strike"}
MARKS |= {"mark": "mark", "sup": "sup", "sub": "sub", "code": "code", "kbd": "code"}


@cache
def _source() -> bytes:
    return TEMPLATE.read_bytes()


def pdf_of(page: WikiPage, request: HttpRequest, *, language: str) -> bytes:
    """Made once for each revision, until something else is published that it may name."""
    reader = ",".join(hidden_for(request).paths)  # links to what a reader may not open are left out
    key = f"wiki-pdf:{generation()}:{page.pk}:{page.live_revision_id}:{language}:{request.get_host()}:{hash(reader)}"
    found = kept.get(key)
    if found is None:
        found = make_pdf(page, request, language=language)
        kept.set(key, found, SECONDS)
    return found


def make_pdf(page: WikiPage, request: HttpRequest, *, language: str) -> bytes:
    printer = Printer(Elsewhere(request, hidden_for(request)))
    blocks = printer.blocks(page.printed_body())
    return pdf_from(printer, title=page.title, summary=page.summary, facts=_facts(page, request), blocks=blocks, language=language)


def pdf_from(
    printer: "Printer", *, title: str, summary: str, facts: list[str], blocks: list[dict], language: str, contents: str = ""
) -> bytes:
    """Blocks that the printer made, with its pictures. `facts` stand in one line under the title; `contents` heads the list of contents."""
    data = {"title": title, "summary": summary, "facts": facts, "blocks": blocks, "language": language}
    data |= {"contents": contents or _("On this page"), "page": _("Page")}
    with TemporaryDirectory(prefix="wiki-pdf-") as folder:
        # typst reads files of this folder and no other
        for name, content in {"main.typ": _source(), **printer.pictures}.items():
            (Path(folder) / name).write_bytes(content)
        return tagged_pdf(str(Path(folder) / "main.typ"), root=folder, sys_inputs={"data": json.dumps(data)})


def _facts(page: WikiPage, request: HttpRequest) -> list[str]:
    facts = []
    if page.verified_at:
        day = date_format(localtime(page.verified_at), "DATE_FORMAT")
        facts.append(_("Verified on %(day)s by %(name)s") % {"day": day, "name": page.verified_by})
    else:
        facts.append(_("Not verified yet: check before you rely on it"))
    if page.is_out_of_date and page.review_due_on:
        facts.append(_("This page may be out of date"))
    if page.last_published_at:
        facts.append(_("Text of %(day)s") % {"day": date_format(localtime(page.last_published_at), "DATE_FORMAT")})
    facts.append(page.get_full_url(request) or "")
    return [fact for fact in facts if fact]


def _bar(bar: Bar | None) -> dict | None:
    return {"start": bar.start, "length": bar.length, "zero": bar.zero, "negative": bar.is_negative} if bar else None


def _chart(title: str, rows: list[dict]) -> dict:
    said = "; ".join(f"{row['label']}, {row['words']}" for row in rows)
    return {"title": title, "rows": rows, "alt": _("Bar chart of %(title)s: %(said)s") % {"title": title, "said": said}}


class Printer:
    """Turns raw blocks into plain data for the template; `pictures` are the files that it names."""

    def __init__(self, address: Elsewhere) -> None:
        self.address = address
        self.pictures: dict[str, bytes] = {}
        self._level = 1

    def blocks(self, raw: list[dict]) -> list[dict]:
        return [done for block in raw for done in getattr(self, f"_{block['type']}", lambda _value: [])(block["value"])]

    def chapter(self, raw: list[dict]) -> list[dict]:
        """Blocks that begin anew, under a title of their own."""
        self._level = 1
        return self.blocks(raw)

    def _heading(self, value: dict) -> list[dict]:
        """No level is skipped: a reader of tagged PDF goes down one step at a time."""
        words = (value.get("text") or "").strip()
        self._level = min(int(value.get("level") or 2), self._level + 1) if words else self._level
        return [{"kind": "heading", "level": self._level, "text": words}] if words else []

    def _text(self, value: str) -> list[dict]:
        return self.rich(value)

    def _callout(self, value: dict) -> list[dict]:
        kind = value.get("kind") if value.get("kind") in CalloutBlock.KINDS else "note"
        title = value.get("title") or str(CalloutBlock.KINDS[kind])
        inside = self.rich(value.get("text") or "")
        return [{"kind": "box", "colour": kind, "title": title, "blocks": inside}] if inside or value.get("title") else []

    def _details(self, value: dict) -> list[dict]:
        return [{"kind": "box", "colour": "plain", "title": value.get("summary") or "…", "blocks": self.rich(value.get("text") or "")}]

    def _quote(self, value: dict) -> list[dict]:
        inside = self.rich(value.get("text") or "")
        return [{"kind": "quote", "blocks": inside, "who": value.get("attribution") or ""}] if inside else []

    def _code(self, value: dict) -> list[dict]:
        return [{"kind": "code", "text": value["text"]}] if value.get("text") else []

    def _contents(self, _value: dict) -> list[dict]:
        return [{"kind": "contents"}]

    def _embed(self, value: dict) -> list[dict]:
        url = value.get("url") or ""
        return [{"kind": "link", "href": url, "title": value.get("title") or url, "note": url}] if url else []

    def _file(self, value: dict) -> list[dict]:
        place = self.address("document", value["document"]) if value.get("document") else None
        if place is None:
            return []
        title = value.get("title") or place.rsplit("/", 1)[-1]
        return [{"kind": "link", "href": place, "title": title, "note": value.get("note") or ""}]

    def _media(self, value: dict) -> list[dict]:
        """Paper plays nothing: what it is, where it is, and what is said in it."""
        document = get_document_model().objects.filter(pk=value.get("file")).first()
        place = self.address("document", document.pk) if document else None
        if document is None or place is None:
            return []
        kind = _("Video") if recordings.kind_of(document.filename) == "video" else _("Sound")
        length = _("%(minutes)s min") % {"minutes": value["minutes"]} if value.get("minutes") else ""
        size = filesizeformat(document.file_size) if document.file_size else ""
        note = " · ".join(filter(None, [kind, length, size, place]))
        said = self.rich(value.get("transcript") or "")
        box = [{"kind": "box", "colour": "plain", "title": _("Transcript"), "blocks": said}] if said else []
        return [{"kind": "link", "href": place, "title": value.get("title") or document.title, "note": note}, *box]

    def _image(self, value: dict) -> list[dict]:
        picture = value.get("image") or {}
        image = get_image_model().objects.filter(pk=picture.get("image")).first()
        if image is None:
            return []
        try:
            with image.get_rendition(IMAGE_FILTER).file.open("rb") as source:
                name = f"picture-{len(self.pictures)}.jpg"
                self.pictures[name] = source.read()
        except OSError:
            return []  # the storage has lost it; the words around it are whole
        words = "" if picture.get("decorative") else picture.get("alt_text") or image.default_alt_text
        caption = " · ".join(filter(None, [value.get("caption"), image.credit]))
        return [{"kind": "image", "file": name, "alt": words, "caption": caption, "wide": image.width >= 500}]

    def _table(self, value: dict) -> list[dict]:
        table = value.get("table") or {}
        columns = table.get("columns") or []
        if not columns:
            return []
        kinds = [column["type"] for column in columns]
        rows = [[self.cell(kind, cell) for kind, cell in zip(kinds, row["values"], strict=False)] for row in table.get("rows") or []]
        return [
            {
                "kind": "table",
                "caption": table.get("caption") or "",
                "heads": [column.get("heading") or "" for column in columns],
                "numbers": [kind == "number" for kind in kinds],
                "rows": rows,
                "row_heads": bool(value.get("first_column_is_header")),
            },
            *self._drawn(value, columns, table.get("rows") or []),
        ]

    def _drawn(self, value: dict, columns: list[dict], rows: list[dict]) -> list[dict]:
        """Under the table, its numbers as bars, where they are drawn on the page."""
        if not value.get("drawn"):
            return []
        heads = [(column["type"], column.get("heading") or "") for column in columns]
        cells = [
            [text_of(cell or "") if kind == "rich" else str(cell or "") for (kind, _head), cell in zip(heads, row["values"], strict=False)]
            for row in rows
        ]
        found = table_bars(heads, cells, whole=value.get("drawn_to"))
        if found is None:
            return []
        rows = [{"label": line.label, "words": line.words, "forecast": False, "bar": _bar(line.bar)} for line in found.lines]
        return [{"kind": "bars", "charts": [_chart(found.title, rows)]}]

    def _charts(self, table: FigureTable) -> list[dict]:
        """The bars of each line whose amounts are in one currency; what they show is said in words as well."""
        charts = []
        for line in table.lines:
            if line.draws:
                title = f"{line.label} ({line.currency})" if line.currency else line.label
                rows = [
                    {"label": str(cell.year), "words": cell_words(cell), "forecast": cell.is_forecast, "bar": _bar(cell.bar)}
                    for cell in line.cells
                ]
                charts.append(_chart(title, rows))
        return [{"kind": "bars", "charts": charts}]

    def cell(self, kind: str, value: Any) -> list[dict]:
        if kind == "rich":
            return self.inline(BeautifulSoup(clean(value or ""), "html.parser"))
        lines = str(value or "").splitlines()
        return [part for number, line in enumerate(lines) for part in ([{"break": True}] if number else []) + [{"text": line, "marks": []}]]

    # --- rich text

    def rich(self, html: str) -> list[dict]:
        html = clean(html or "")
        return self._flow(BeautifulSoup(html, "html.parser")) if text_of(html) or "<hr" in html else []

    def _flow(self, parent: Tag) -> list[dict]:
        found: list[dict] = []
        for child in parent.children:
            name = getattr(child, "name", None)
            if name in ("ul", "ol"):
                found.append(self._list(child))
            elif name == "hr":
                found.append({"kind": "rule"})
            elif inline := self.inline(child) if isinstance(child, Tag) else self._words(child, []):
                found.append({"kind": "paragraph", "words": inline})
        return found

    def _list(self, node: Tag) -> dict:
        items = []
        for item in node.find_all("li", recursive=False):
            nested = [self._list(child) for child in item.find_all(["ul", "ol"], recursive=False)]
            words = [part for child in item.children if getattr(child, "name", None) not in ("ul", "ol") for part in self._node(child, [])]
            items.append({"words": words, "blocks": nested})
        start = node.get("start", "")
        return {"kind": "list", "ordered": node.name == "ol", "start": int(start) if str(start).isdecimal() else 1, "items": items}

    def inline(self, node: Tag) -> list[dict]:
        return [part for child in node.children for part in self._node(child, [])]

    def _node(self, node: Any, marks: list[str]) -> list[dict]:
        if isinstance(node, NavigableString):
            return self._words(node, marks)
        if node.name == "br":
            return [{"break": True}]
        if node.name in MARKS and MARKS[node.name] not in marks:
            marks = [*marks, MARKS[node.name]]
        inside = [part for child in node.children for part in self._node(child, marks)]
        if node.name != "a":
            return inside
        kind, place = node.get("linktype"), node.get("href")
        if kind in ("page", "document"):
            place = self.address(kind, int(node["id"])) if str(node.get("id", "")).isdecimal() else None
        elif kind or not place or not re.match(r"https?://|mailto:|tel:", place):
            place = None
        return [{**part, "href": place} if place and "text" in part else part for part in inside]

    @staticmethod
    def _words(node: Any, marks: list[str]) -> list[dict]:
        words = re.sub(r"[ \t\r\n]+", " ", str(node))
        return [{"text": words, "marks": marks}] if words else []

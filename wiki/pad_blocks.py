"""From pieces to blocks. A piece is HTML of rich text, or the kind and the value of a block; every reader of files makes pieces. Pure.

A heading piece has the level of the document (1 to 6) and, as `names`, the anchors that the document itself gave it.
"""

import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from html import escape, unescape
from typing import Any
from urllib.parse import unquote

from django.utils.text import slugify
from django.utils.translation import gettext_noop

from academy.anchors import unused_anchor
from academy.html import clean, text_of
from wiki.pad import Pad, Place, ReadOptions, Report, Suggestion, rewrite_rich_text

NAMESPACE = uuid.UUID("5d0c6a4e-9a52-5a0e-8c7e-3f9f3f0b6a11")
NUMBER = re.compile(r"^[-+−]?\d[\d\s\u00a0\u202f.,]*\s*(?:%|€|k€|M€|ETP)?$")
# A short paragraph that is bold or underlined as a whole: in most office documents that is how a heading is written.
BOLD_LINE = re.compile(r"^<p>\s*((?:<(?:b|u|strong)>\s*)+)(.*?)\s*((?:</(?:b|u|strong)>\s*)+)(:?)\s*</p>$", re.DOTALL)
LONGEST_HEADING_LINE = 120
MOST_EXAMPLES = 12

Piece = str | tuple[str, Any]


class BlockWriter:
    """Takes the pieces of a document in order; `finish` makes its blocks, once all its headings are known."""

    def __init__(self, pad: Pad, *, source_key: str, options: ReadOptions) -> None:
        self.pad, self.report, self.source_key, self.options = pad, pad.report, source_key, options
        self._pieces: list[tuple[Place | None, Piece]] = []
        self._html: list[str] = []
        self._path: list[str] = ["", "", ""]
        self._ordinals: Counter[str] = Counter()
        self._anchors: set[str] = set()
        self._anchor_of: dict[str, str] = {}
        self._named: Counter[str] = Counter()
        self._bold_lines: list[str] = []

    def add(self, pieces: Iterable[Piece], *, at: Place | None = None) -> None:
        self._pieces += [(at, piece) for piece in pieces]

    def finish(self) -> None:
        levels = self._map_levels()
        depth = 1
        for at, piece in self._pieces:
            if isinstance(piece, str):
                words = self._bold_line(piece)
                if words and self.options.promote_bold_headings:
                    self._close_text()
                    self._add_heading({"text": words}, min(depth + 1, 4))
                else:
                    self._html.append(piece)
                continue
            kind, value = piece
            self._close_text()
            if kind != "heading":
                self._add_block(kind, value)
            elif piece is self._title:
                self._name(value, "main")
            else:
                self.report.at(at or value["text"])
                depth = levels.get(value["level"], 4)
                if value["level"] != depth + self._shift:
                    self.report.changed[gettext_noop("levels of headings, so that none is skipped")] += 1
                self._add_heading(value, depth)
        self._close_text()
        if self._bold_lines:
            self.pad.suggestions.append(Suggestion("bold_headings", len(self._bold_lines), self._bold_lines[:MOST_EXAMPLES]))
        self._point_links_at_headings()

    # --- headings

    def _map_levels(self) -> dict[int, int]:
        """The first heading of level 1 is the title of the page; the highest level that remains becomes level 2."""
        headings = [piece for _at, piece in self._pieces if not isinstance(piece, str) and piece[0] == "heading"]
        self._title = next((piece for piece in headings if piece[1]["level"] == 1), None)
        if self._title is not None:
            self.pad.title = self._title[1]["text"]
        used = sorted({piece[1]["level"] for piece in headings if piece is not self._title})
        self._shift = used[0] - 2 if used else 0
        return {level: min(2 + index, 4) for index, level in enumerate(used)}

    def _bold_line(self, html: str) -> str:
        match = BOLD_LINE.match(html)
        if not match or re.search(r"<(?:br|a)\b|</(?:b|u|strong)>", match[2]):
            return ""
        words = text_of(match[2])
        if not words or len(words) > LONGEST_HEADING_LINE or words[-1] in ".;,!…":
            return ""
        self._bold_lines.append(words)
        return words

    def _add_heading(self, value: dict, level: int) -> None:
        anchor = unused_anchor(value["text"], self._anchors)
        self._name(value, anchor)
        if len(value["text"]) > 250:
            self.report.lost[gettext_noop("the end of headings of more than 250 characters")] += 1
        self._add_block("heading", {"level": str(level), "text": value["text"][:250].strip(), "anchor": anchor})

    def _name(self, value: dict, anchor: str) -> None:
        slug = slugify(value["text"])
        again = f"{slug}-{self._named[slug]}"  # what pads and GitHub call the second heading of a name, and the third
        self._named[slug] += 1
        for name in (*value.get("names", ()), slug, again):
            self._anchor_of.setdefault(name, anchor)

    def _point_links_at_headings(self) -> None:
        """`#Mon-titre` of the document leads to the anchor of our heading; a link to nothing is said in the report."""

        def point(match: re.Match) -> str:
            wanted = unquote(unescape(match[1]))
            target = self._anchor_of.get(wanted) or self._anchor_of.get(slugify(wanted))
            if target is None and wanted not in self._anchors:
                self.report.changed[gettext_noop("links inside the page that led nowhere")] += 1
                return 'href="#main"'
            return f'href="#{target or wanted}"'

        for block in self.pad.blocks:
            if block["type"] == "heading":
                self.report.at(block["value"]["text"])
            rewrite_rich_text([block], lambda html: re.sub(r'href="#([^"]*)"', point, html))

    # --- blocks

    def _close_text(self) -> None:
        html = clean("".join(self._html))
        self._html = []
        if text_of(html) or "<hr" in html:
            self._add_block("text", html)

    def _add_block(self, kind: str, value: Any) -> None:
        """Its id comes from the headings above, its kind and its place among its kind there: editing its words keeps it."""
        if kind == "heading":
            self._path[int(value["level"]) - 2 :] = [value["anchor"], *[""] * (4 - int(value["level"]))]
        seed = f"{'/'.join(self._path)}|{kind}"
        self._ordinals[seed] += 1
        block_id = uuid.uuid5(NAMESPACE, f"{self.source_key}|{seed}|{self._ordinals[seed]}")
        self.pad.blocks.append({"type": kind, "value": value, "id": str(block_id)})
        self.report.kept[kind] += 1


# --- pieces that several readers make


def one_item(parts: list[str]) -> str:
    """Paragraphs of one list item on lines of their own: rich text has no paragraph inside an item."""
    joined = re.sub(r"</p>\s*<p>", "<br>", "".join(parts))
    return re.sub(r"</?p>", "", joined).strip()


def list_pieces(
    items: Iterable[list[Piece]], tag: str, report: Report, *, start: int = 1, finish: Callable[[str], str] = str
) -> list[Piece]:
    """A list from the pieces of each item. A block inside an item ends the list; the list goes on after it with the next number."""
    pieces: list[Piece] = []
    lines: list[str] = []
    number = start

    def close(next_start: int) -> None:
        nonlocal lines, start
        if lines:
            opening = f'<ol start="{start}">' if tag == "ol" and 1 < start < 1000 else f"<{tag}>"
            pieces.append(f"{opening}{''.join(lines)}</{tag}>")
        lines, start = [], next_start

    for parts in items:
        html: list[str] = []
        continued = False
        number += 1

        def flush() -> None:
            nonlocal html, continued
            item = one_item(html)
            if text_of(item):
                lines.append(f"<li>{item if continued else finish(item)}</li>")
            html, continued = [], True

        for part in parts:
            if isinstance(part, str):
                html.append(part)
                continue
            if part[0] == "heading":
                html.append(f"<p><b>{escape(part[1]['text'])}</b></p>")
                report.changed[gettext_noop("headings inside a list, as bold lines")] += 1
                continue
            flush()
            close(number)
            pieces.append(part)
            report.changed[gettext_noop("lists cut by a block that a list cannot hold")] += 1
        if continued and html:
            pieces.append("".join(html))
        else:
            flush()
    close(number)
    return pieces


def with_definition(lines: list[Piece], parts: list[Piece], *, is_term: bool) -> list[Piece]:
    """A term in bold and, under it in the same paragraph, what it means. Blocks stand after it."""
    html = one_item([part for part in parts if isinstance(part, str)])
    blocks = [part for part in parts if not isinstance(part, str)]
    if not is_term and lines and isinstance(lines[-1], str):
        return [*lines[:-1], f"{lines[-1].removesuffix('</p>')}<br>{html}</p>", *blocks]
    return [*lines, f"<p><b>{html}</b></p>" if is_term else f"<p>{html}</p>", *blocks]


def boxed(parts: list[Piece], kind: str, value: dict, report: Report) -> list[Piece]:
    """A box holds rich text; a block inside it stands after what precedes it, and the box goes on in a second one."""
    pieces: list[Piece] = []
    html: list[str] = []
    first = True

    def close() -> None:
        nonlocal html, first
        text = clean("".join(html))
        html = []
        if text_of(text) or (first and value.get("title")):
            extra = {} if first else {"title": ""} if "title" in value else {}
            pieces.append((kind, {**value, **extra, "text": text}))
            first = False

    for part in parts:
        if isinstance(part, str):
            html.append(part)
        elif part[0] == "heading":
            html.append(f"<p><b>{escape(part[1]['text'])}</b></p>")
            report.changed[gettext_noop("headings inside a box, as bold lines")] += 1
        else:
            close()
            pieces.append(part)
            report.changed[gettext_noop("boxes cut by a block that a box cannot hold")] += 1
    close()
    return pieces


def title_inside(parts: list[Piece]) -> tuple[str, list[Piece]]:
    """A first paragraph that is one bold line, with text after it, is the title of its box."""
    html = "".join(part for part in parts if isinstance(part, str))
    match = re.match(r"^\s*<p><b>([^<]{1,200})</b></p>(?=\s*\S)", html)
    if not match or not isinstance(parts[0], str):
        return "", parts
    rest = list(parts)
    rest[0] = rest[0].replace(match[0], "", 1) if match[0] in rest[0] else rest[0]
    return unescape(match[1]).strip(), rest


def table_piece(rows: list[list[str]], *, caption: str = "", first_column_is_header: bool = False) -> Piece:
    """A table from the inline HTML of its cells, the first row being its headings. Rows of unequal length are filled up."""
    width = max(len(row) for row in rows)
    cells = [[clean(cell) if "<" in cell else cell for cell in row] + [""] * (width - len(row)) for row in rows]
    columns, kinds = [], []
    for index, heading in enumerate(cells[0]):
        column = [row[index] for row in cells[1:]]
        rich = any(re.sub(r"<br>", "", cell) != escape(text_of(cell), quote=False) for cell in column)
        words = [text_of(cell) for cell in column if cell]
        kinds.append("rich" if rich else "number" if words and all(NUMBER.match(word) for word in words) else "text")
        columns.append({"type": kinds[-1], "heading": text_of(heading)})
    body = [{"values": [cell if kind == "rich" else text_of(cell) for cell, kind in zip(row, kinds, strict=True)]} for row in cells[1:]]
    table = {"columns": columns, "rows": body, "caption": caption[:250]}
    return ("table", {"table": table, "first_column_is_header": first_column_is_header})


def image_piece(address: str, words: str, *, caption: str = "") -> Piece:
    """A picture that is not placed yet (wiki.pad.place_images)."""
    words = " ".join(words.split())[:255]
    return ("image", {"image": {"image": f"@{address}", "alt_text": words, "decorative": not words}, "caption": caption[:300]})

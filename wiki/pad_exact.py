"""Reads back what `wiki.exporter` wrote: the same blocks, with nothing mended and nothing guessed. Pure.

A file says that it is one by `dialect: smart-academy` in its front matter. The forms are those of the pad dialect (see
`wiki.markdown`), taken at their word; beyond them: the alignment of a column is its type (right is a number, left is text with
links, none is plain), `{.row-headings}` at the end of a caption says that the first column names the rows, and `{.bars}` that the numbers are
drawn (`{.bars-to-4}`: a bar across stands for 4).
"""

import re
from functools import lru_cache
from html import escape, unescape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.container import container_plugin

from academy.anchors import unused_anchor
from academy.html import clean, clean_inline, text_of
from wiki.pad import Pad, ReadOptions
from wiki.pad_blocks import BlockWriter, Piece
from wiki.pad_syntax import DEEPEST_NESTING, double_brackets

DIALECT = "smart-academy"
BREAK = "<!-- -->"
ROW_HEADINGS = "{.row-headings}"
# What follows the caption of a table: its first column names the rows; its numbers are drawn, a bar across standing for so much.
TABLE_MARK = re.compile(r"(?<!\\)(?:\{\.(?P<headed>row-headings)\}|\{\.(?P<drawn>bars)(?:-to-(?P<whole>[1-9]\d{0,8}))?\})\s*$")
# A paragraph that begins so would be something else: the writer spells its colon out.
STARTS = r"Table:"

INLINE = {"strong": "b", "em": "i", "s": "s"}
TYPED = {"u", "b", "i", "s", "mark", "sub", "sup", "code", "small", "kbd", "abbr", "br"}
BREAKS = ("break", None)
FILE = re.compile(r'^\{% file src="([^"]*)"(?: title="([^"]*)")? %\}(?:\s*(.*?)\s*\{% endfile %\})?$', re.DOTALL)
EMBED = re.compile(r'^\{% embed url="([^"]*)"(?: title="([^"]*)")? %\}$')
CONTENTS = re.compile(r'^\[TOC(?: title="([^"]*)")?\]$')
ANCHOR = re.compile(r"\s*\{#([\w.\-:]+)\}$")
NAME = re.compile(r"^\[name=(.*)\]$", re.DOTALL)
CAPTION = re.compile(r"^Table: ?(.*)$", re.DOTALL)
COLUMN_TYPES = {"text-align:right": "number", "text-align:left": "rich"}


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": True, "maxNesting": DEEPEST_NESTING * 3}).enable(["table", "strikethrough"])
    md.use(container_plugin, "pad", validate=lambda params, _markup: bool(params.strip()))
    double_brackets(md)
    md.validateLink = lambda _url: True  # the sanitiser decides
    md.normalizeLink = lambda url: url
    return md


class ExactWriter(BlockWriter):
    """Takes headings at their level and anchor; a break ends a text."""

    def finish(self) -> None:
        for _at, piece in self._pieces:
            if isinstance(piece, str):
                self._html.append(piece)
                continue
            self._close_text()
            if piece != BREAKS:
                self._add_block(*piece)
        self._close_text()


def read_exact(pad: Pad, text: str, *, source_key: str) -> None:
    """Fills the pad with the blocks of a text."""
    writer = ExactWriter(pad, source_key=source_key, options=ReadOptions())
    writer.add(_Reader(pad).flow(SyntaxTreeNode(_parser().parse(text, {}))))
    writer.finish()


class _Reader:
    def __init__(self, pad: Pad) -> None:
        self.pad = pad

    def flow(self, parent: SyntaxTreeNode) -> list[Piece]:
        pieces: list[Piece] = []
        for node in parent.children:
            if pieces and node.type == "paragraph" and self._caption(pieces[-1], _source(node)):
                continue
            handler = getattr(self, f"_{node.type}", None)
            pieces += handler(node) if handler else self.flow(node)
        return pieces

    def _words(self, parent: SyntaxTreeNode) -> str:
        """The inline HTML of a paragraph, a heading or a cell."""
        return "".join(self._inline(child) for inline in parent.children for child in inline.children)

    # --- blocks

    def _heading(self, node: SyntaxTreeNode) -> list[Piece]:
        words = text_of(self._words(node))
        typed = ANCHOR.search(words)
        if typed:
            words = words[: typed.start()]
        anchor = typed[1] if typed else unused_anchor(words, set())
        return [("heading", {"level": str(min(4, max(2, int(node.tag[1])))), "text": words[:250], "anchor": anchor})] if words else []

    def _paragraph(self, node: SyntaxTreeNode) -> list[Piece]:
        source = _source(node)
        if match := CONTENTS.match(source):
            return [("contents", {"title": unescape(match[1] or "")[:120]})]
        if match := EMBED.match(source):
            return [("embed", {"url": unescape(match[1]), "title": unescape(match[2] or "")[:250]})]
        if match := FILE.match(source):
            note = unescape(match[3] or "")[:300]
            return [("file", {"document": f"@{unescape(match[1])}", "title": unescape(match[2] or "")[:250], "note": note})]
        inside = node.children[0].children if node.children else []
        if len(inside) == 1 and inside[0].type == "image":
            return [self._picture(inside[0])]
        html = self._words(node)
        return [f"<p>{html}</p>"] if html else []

    def _picture(self, node: SyntaxTreeNode) -> Piece:
        address = str(node.attrs.get("src", ""))
        self.pad.images.setdefault(address, None)
        words = text_of("".join(self._inline(child) for child in node.children))
        picture = {"image": f"@{address}", "alt_text": words[:255], "decorative": not words}
        return ("image", {"image": picture, "caption": str(node.attrs.get("title", ""))[:300]})

    def _hr(self, _node: SyntaxTreeNode) -> list[Piece]:
        return ["<hr>"]

    def _fence(self, node: SyntaxTreeNode) -> list[Piece]:
        return [("code", {"language": unescape(node.info or "").strip()[:40], "text": node.content.rstrip("\n")})]

    def _code_block(self, node: SyntaxTreeNode) -> list[Piece]:
        return [("code", {"language": "", "text": node.content.rstrip("\n")})]

    def _html_block(self, node: SyntaxTreeNode) -> list[Piece]:
        return [BREAKS] if node.content.strip() == BREAK else [clean(node.content)]

    def _bullet_list(self, node: SyntaxTreeNode) -> list[Piece]:
        return [f"<ul>{self._items(node)}</ul>"]

    def _ordered_list(self, node: SyntaxTreeNode) -> list[Piece]:
        start = int(node.attrs.get("start", 1))
        opening = f'<ol start="{start}">' if 1 < start < 1000 else "<ol>"
        return [f"{opening}{self._items(node)}</ol>"]

    def _items(self, node: SyntaxTreeNode) -> str:
        items = ("".join(piece for piece in self.flow(item) if isinstance(piece, str)) for item in node.children)
        return "".join(f"<li>{re.sub(r'</?p>', '', item.replace('</p><p>', '<br>'))}</li>" for item in items)

    def _blockquote(self, node: SyntaxTreeNode) -> list[Piece]:
        last = node.children[-1] if node.children else None
        named = NAME.match(_source(last)) if last is not None and last.type == "paragraph" else None
        pieces = self.flow(node)
        text = "".join(piece for piece in (pieces[:-1] if named else pieces) if isinstance(piece, str))
        return [("quote", {"text": clean(text), "attribution": named[1][:250] if named else ""})]

    def _container_pad(self, node: SyntaxTreeNode) -> list[Piece]:
        name, _space, title = (node.info or "").strip().partition(" ")
        words = text_of(self._words(SyntaxTreeNode(_parser().parseInline(title, {})))) if title else ""
        text = clean("".join(piece for piece in self.flow(node) if isinstance(piece, str)))
        if name == "spoiler":
            return [("details", {"summary": words[:250], "text": text})]
        return [("callout", {"kind": name, "title": words[:250], "text": text})]

    def _table(self, node: SyntaxTreeNode) -> list[Piece]:
        rows = [list(row.children) for part in node.children for row in part.children]
        kinds = [COLUMN_TYPES.get(str(cell.attrs.get("style", "")), "text") for cell in rows[0]]
        columns = [{"type": kind, "heading": text_of(self._words(cell))} for kind, cell in zip(kinds, rows[0], strict=True)]
        values = [{"values": [self._cell(kind, cell) for kind, cell in zip(kinds, row, strict=True)]} for row in rows[1:]]
        table = {"columns": columns, "rows": values, "caption": ""}
        return [("table", {"table": table, "first_column_is_header": False})]

    def _cell(self, kind: str, cell: SyntaxTreeNode) -> str:
        html = self._words(cell)
        return clean(html) if kind == "rich" else "\n".join(text_of(line) for line in html.split("<br>"))

    def _caption(self, previous: Piece, source: str) -> bool:
        """A line `Table: …` right under a table belongs to it."""
        match = CAPTION.match(source)
        if isinstance(previous, str) or previous[0] != "table" or not match or previous[1]["table"]["caption"]:
            return False
        words = match[1]
        while mark := TABLE_MARK.search(words):
            words = words[: mark.start()]
            if mark["headed"]:
                previous[1]["first_column_is_header"] = True
            else:
                previous[1].update(drawn=True, drawn_to=int(mark["whole"]) if mark["whole"] else None)
        line = SyntaxTreeNode(_parser().parseInline(words.strip(), {}))
        previous[1]["table"]["caption"] = text_of(self._words(line))[:250]
        return True

    # --- inside a line

    def _inline(self, node: SyntaxTreeNode) -> str:
        inside = lambda: "".join(self._inline(child) for child in node.children)  # noqa: E731
        match node.type:
            case "text" | "text_special":
                return escape(node.content, quote=False)
            case "code_inline":
                return f"<code>{escape(node.content, quote=False)}</code>"
            case "hardbreak" | "softbreak":
                return "<br>"
            case "strong" | "em" | "s":
                return f"<{INLINE[node.type]}>{inside()}</{INLINE[node.type]}>"
            case "link":
                return clean_inline(f'<a href="{escape(str(node.attrs.get("href", "")))}">{inside()}</a>')
            case "wikilink":
                target, _bar, words = node.content.partition("|")
                return f'<a linktype="wanted" target="{escape(target.strip())}">{escape((words or target).strip(), quote=False)}</a>'
            case "image":
                return escape(node.content, quote=False)
            case "html_inline":
                name = re.match(r"</?([a-z]+)", node.content)
                return node.content if name and name[1] in TYPED else ""
        return escape(node.content or "", quote=False)


def _source(node: Any) -> str:
    """What was typed in a paragraph."""
    return node.children[0].content if node.children else ""

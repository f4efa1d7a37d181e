"""A pad in, blocks of a page out. Pure: no database, no file, no network; the same text gives the same blocks with the same ids.

What cannot be kept as it was is said in the report: `kept` counts, `changed` what reads differently, `lost` what is gone.
"""

import re
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import unquote

import yaml
from django.utils.text import slugify
from markdown_it.tree import SyntaxTreeNode

from academy.blocks import unused_anchor
from academy.html import clean, text_of
from wiki.pad_inline import InlineWriter
from wiki.pad_syntax import LONGEST_SOURCE, Repair, parser

NAMESPACE = uuid.UUID("5d0c6a4e-9a52-5a0e-8c7e-3f9f3f0b6a11")
CALLOUT_KINDS = {kind: kind for kind in ("success", "info", "warning", "danger", "note")} | {"tip": "success", "alert": "danger"}
NUMBER = re.compile(r"^[-+−]?\d[\d\s\u00a0\u202f.,]*\s*(?:%|€|k€|M€|ETP)?$")


class UnreadablePad(ValueError):
    """The text cannot be read at all; the message is a sentence for the person who brought it."""


@dataclass
class Report:
    """What became of a document. `kept` counts blocks; the two others are sentences with how often."""

    kept: Counter = field(default_factory=Counter)
    changed: Counter = field(default_factory=Counter)
    lost: Counter = field(default_factory=Counter)
    missing_images: list[str] = field(default_factory=list)

    def as_json(self) -> dict:
        return {
            "kept": dict(self.kept),
            "changed": dict(self.changed),
            "lost": dict(self.lost),
            "missing_images": list(self.missing_images),
        }


@dataclass
class Pad:
    """A document read: its title, what its front matter says, its body as raw StreamField data, and the report."""

    title: str = ""
    description: str = ""
    language: str = ""
    tags: list[str] = field(default_factory=list)
    blocks: list[dict] = field(default_factory=list)
    report: Report = field(default_factory=Report)


# Takes the address of an image as written; returns the id of our copy, or None when we have none.
ImageFinder = Callable[[str], int | None]


def read_pad(text: str, *, source_key: str = "", find_image: ImageFinder | None = None) -> Pad:
    """Reads one pad. `source_key` makes the ids of its blocks its own; raises UnreadablePad when it is too long."""
    if len(text) > LONGEST_SOURCE:
        raise UnreadablePad(f"This text is too long: {len(text):,} characters, the most is {LONGEST_SOURCE:,}. Cut it into several pages.")
    pad = Pad()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").lstrip("\ufeff")
    matter, text = _front_matter(text, pad.report)
    repair = Repair()
    text = repair.run(text)
    pad.report.changed.update(repair.changed)
    tree = SyntaxTreeNode(parser(breaks=matter.get("breaks") is not False).parse(text, {}))
    builder = _Builder(pad, source_key=source_key, find_image=find_image)
    builder.read(tree, repair.abbreviations)
    pad.title = str(matter.get("title") or "").strip() or pad.title
    pad.description = str(matter.get("description") or "").strip()
    pad.language = str(matter.get("lang") or "").strip()[:2].lower()
    tags = matter.get("tags") or []
    named = tags.split(",") if isinstance(tags, str) else tags if isinstance(tags, list) else []
    pad.tags = list(dict.fromkeys(tag for tag in (str(tag).strip() for tag in [*named, *pad.tags]) if tag))
    return pad


def _front_matter(text: str, report: Report) -> tuple[dict, str]:
    match = re.match(r"^---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", text, re.DOTALL)
    if not match or len(match[1]) > 20_000:
        return {}, text
    try:
        found = yaml.safe_load(match[1])
    except yaml.YAMLError:
        report.lost["front matter that could not be read"] += 1
        return {}, text[match.end() :]
    if not isinstance(found, dict):
        return {}, text
    unused = sorted(str(key) for key in set(found) - {"title", "description", "tags", "lang", "breaks"})
    if unused:
        report.lost[f"settings of the pad: {', '.join(unused)}"] += 1
    return found, text[match.end() :]


class _Builder:
    """Walks the tree once. Runs of rich text are gathered in `_html` and become one text block when something else begins."""

    def __init__(self, pad: Pad, *, source_key: str, find_image: ImageFinder | None) -> None:
        self.pad, self.source_key, self.find_image = pad, source_key, find_image
        self.report = pad.report
        self.inline = InlineWriter(self.report, self._image)
        self._html: list[str] = []
        self._path: list[str] = ["", "", ""]
        self._seen: Counter[str] = Counter()
        self._anchors: set[str] = set()
        self._anchor_of: dict[str, str] = {}
        self._levels: dict[int, int] = {}

    def read(self, tree: SyntaxTreeNode, abbreviations: dict[str, str]) -> None:
        nodes = list(tree.children)
        self._map_levels(nodes)
        for node in nodes:
            self._add_all([*self.flow(node), *self.inline.take_found()])
        if abbreviations:
            items = "".join(f"<li><b>{escape(short)}</b> : {escape(long)}</li>" for short, long in abbreviations.items())
            self._add_all([f"<ul>{items}</ul>"])
            self.report.changed["abbreviations, listed at the end"] += len(abbreviations)
        self._close_text()
        self._point_links_at_headings()
        self._note_leftovers()

    # --- where things go

    def _add_all(self, pieces: list) -> None:
        for piece in pieces:
            if isinstance(piece, str):
                self._html.append(piece)
            else:
                self._close_text()
                self._add_block(*piece)

    def _close_text(self) -> None:
        html = clean("".join(self._html))
        self._html = []
        if text_of(html) or "<hr" in html:
            self._add_block("text", html)

    def _add_block(self, kind: str, value) -> None:
        if kind == "heading":
            self._path[int(value["level"]) - 2 :] = [value["anchor"], *[""] * (4 - int(value["level"]))]
        content = f"{'/'.join(self._path)}|{kind}|{_plain(value)}"
        self._seen[content] += 1
        block_id = uuid.uuid5(NAMESPACE, f"{self.source_key}|{content}|{self._seen[content]}")
        self.pad.blocks.append({"type": kind, "value": value, "id": str(block_id)})
        self.report.kept[kind] += 1

    # --- headings

    def _map_levels(self, nodes: list[SyntaxTreeNode]) -> None:
        """The first heading of level 1 is the title of the page; the highest level that remains becomes level 2."""
        headings = [node for node in nodes if node.type == "heading"]
        first = next((node for node in headings if node.tag == "h1"), None)
        if first is not None:
            self.pad.title = self.inline.plain(first)
            self._title_node = first
            headings = [node for node in headings if node is not first]
        else:
            self._title_node = None
        used = sorted({int(node.tag[1]) for node in headings if not self._is_tag_line(node)})
        self._levels = {level: min(2 + index, 4) for index, level in enumerate(used)}

    def _is_tag_line(self, node: SyntaxTreeNode) -> bool:
        return node.tag == "h6" and self.inline.plain(node).lower().startswith("tags")

    def _heading(self, node: SyntaxTreeNode) -> list:
        if node is self._title_node:
            return self._links_of_heading(node)
        if self._is_tag_line(node):
            codes = [child.content for child in node.children[0].children if child.type == "code_inline"]
            self.pad.tags += codes or self.inline.plain(node).split(":", 1)[-1].split(",")
            return []
        words = self.inline.plain(node)
        if not words:
            return []
        level = self._levels.get(int(node.tag[1]), 4)
        if int(node.tag[1]) != level:
            self.report.changed["levels of headings, so that none is skipped"] += 1
        anchor = self._anchor(words)
        return [("heading", {"level": str(level), "text": words[:250], "anchor": anchor}), *self._links_of_heading(node)]

    def _links_of_heading(self, node: SyntaxTreeNode) -> list:
        """A heading is plain words: the links it carried follow it."""
        links = [child for child in node.walk() if child.type in ("link", "image")]
        self.inline.take_found()
        return [piece for link in links if (html := self.inline.write([link])) for piece in (f"<p>{html}</p>",)] + self.inline.take_found()

    def _anchor(self, words: str) -> str:
        anchor = unused_anchor(words, self._anchors)
        self._anchor_of.setdefault(slugify(words), anchor)
        return anchor

    def _point_links_at_headings(self) -> None:
        """`#Mon-titre` of the pad leads to the anchor of our heading; a link to nothing is said in the report."""

        def point(match: re.Match) -> str:
            target = self._anchor_of.get(slugify(unquote(unescape(match[1]))))
            if target is None and match[1] not in self._anchors:
                self.report.changed["links inside the page that led nowhere"] += 1
                return 'href="#main"'
            return f'href="#{target or match[1]}"'

        for block in self.pad.blocks:
            _rewrite(block, lambda html: re.sub(r'href="#([^"]*)"', point, html))

    # --- the flow: each node gives pieces, either HTML of rich text or (kind, value) of a block

    def flow(self, node: SyntaxTreeNode) -> list:
        handler = getattr(self, f"_{node.type}", None)
        if handler is not None:
            return handler(node)
        if node.children:
            return [piece for child in node.children for piece in self.flow(child)]
        if node.content:
            self.report.changed["passages kept as plain text"] += 1
            return [f"<p>{escape(node.content)}</p>"]
        return []

    def _paragraph(self, node: SyntaxTreeNode) -> list:
        return self.inline.paragraphs(node)

    def _hr(self, _node) -> list:
        return ["<hr>"]

    def _fence(self, node: SyntaxTreeNode) -> list:
        language = re.sub(r"=\d*\+?$|!$", "", (node.info or "").strip().split(" ")[0])
        return [("code", {"language": language[:40], "text": node.content.rstrip("\n")})] if node.content.strip() else []

    _code_block = _fence

    def _html_block(self, node: SyntaxTreeNode) -> list:
        return self.inline.html_block(node.content)

    def _bullet_list(self, node: SyntaxTreeNode) -> list:
        return self._list(node, "ul")

    def _ordered_list(self, node: SyntaxTreeNode) -> list:
        return self._list(node, "ol")

    def _list(self, node: SyntaxTreeNode, tag: str) -> list:
        """A block inside an item (a table, code) ends the list; the list goes on after it with the next number."""
        pieces: list = []
        items: list[str] = []
        start = int(node.attrs.get("start", 1)) if tag == "ol" else 1

        def close(next_start: int) -> None:
            nonlocal items, start
            if items:
                opening = f'<ol start="{start}">' if tag == "ol" and 1 < start < 1000 else f"<{tag}>"
                pieces.append(f"{opening}{''.join(items)}</{tag}>")
            items, start = [], next_start

        number = start
        for item in node.children:
            parts = [piece for child in item.children for piece in self.flow(child)]
            html = _one_item([part for part in parts if isinstance(part, str)])
            number += 1
            if text_of(html):
                items.append(f"<li>{self.inline.task(html)}</li>")
            blocks = [part for part in parts if not isinstance(part, str)]
            if blocks:
                close(number)
                pieces += blocks
                self.report.changed["lists cut by a block that a list cannot hold"] += 1
        close(number)
        return pieces

    def _blockquote(self, node: SyntaxTreeNode) -> list:
        parts = [piece for child in node.children for piece in self.flow(child)]
        html = "".join(part for part in parts if isinstance(part, str))
        names = re.findall(r"\[(name|time)=([^\]]*)\]", html)
        html = re.sub(r"\s*\[(?:name|time|color)=[^\]]*\]\s*", "", html)
        html = re.sub(r"(?:<br>\s*)+</p>", "</p>", html)
        attribution = ", ".join(unescape(value).strip() for _key, value in names)
        quote = [("quote", {"text": clean(html), "attribution": attribution[:250]})] if text_of(html) else []
        return quote + [part for part in parts if not isinstance(part, str)]

    def _dl(self, node: SyntaxTreeNode) -> list:
        lines = []
        for child in node.children:
            parts = [piece for grandchild in child.children for piece in self.flow(grandchild)]
            html = _one_item([part for part in parts if isinstance(part, str)]) or self.inline.write(child.children)
            lines.append(f"<p><b>{html}</b></p>" if child.type == "dt" else f"<p>{html}</p>")
        self.report.changed["definition lists, as paragraphs with the term in bold"] += 1
        return lines

    def _dt(self, node: SyntaxTreeNode) -> list:
        return [self.inline.write(node.children)]

    def _inline(self, node: SyntaxTreeNode) -> list:
        return [self.inline.write(node.children)]

    def _footnote_block(self, node: SyntaxTreeNode) -> list:
        items = []
        for note in node.children:
            parts = [piece for child in note.children for piece in self.flow(child) if isinstance(piece, str)]
            items.append(f"<li>{_one_item(parts)}</li>")
        self.report.changed["footnotes, listed at the end"] += len(items)
        return ["<hr>", f"<ol>{''.join(items)}</ol>"]

    def _table(self, node: SyntaxTreeNode) -> list:
        rows = [list(row.children) for part in node.children for row in part.children]
        if not rows:
            return []
        html = [[clean(self.inline.write(cell.children)) for cell in row] for row in rows]
        width = len(html[0])
        body = [row + [""] * (width - len(row)) for row in html[1:]]
        columns, kinds = [], []
        for index, heading in enumerate(html[0]):
            cells = [row[index] for row in body]
            rich = any(re.sub(r"<br>", "", cell) != escape(text_of(cell), quote=False) for cell in cells)
            words = [text_of(cell) for cell in cells if cell]
            kinds.append("rich" if rich else "number" if words and all(NUMBER.match(word) for word in words) else "text")
            columns.append({"type": kinds[-1], "heading": text_of(heading)})
        values = [{"values": [cell if kind == "rich" else text_of(cell) for cell, kind in zip(row, kinds, strict=True)]} for row in body]
        return [("table", {"table": {"columns": columns, "rows": values, "caption": ""}, "first_column_is_header": False})]

    def _container_pad(self, node: SyntaxTreeNode) -> list:
        name, _space, title = (node.info or "").strip().partition(" ")
        parts = [piece for child in node.children for piece in self.flow(child)]
        if name.lower() in ("spoiler", "details"):
            return self._boxed(parts, "details", {"summary": _words(title)[:250] or "…"})
        kind = CALLOUT_KINDS.get(name.lower())
        if kind is None:
            self.report.changed[f"::: {name}, which is not a kind of callout, made a note"] += 1
            kind, title = "note", f"{name} {title}"
        title = _words(title)
        if not title:
            title, parts = _title_inside(parts)
        return self._boxed(parts, "callout", {"kind": kind, "title": title[:250]})

    def _boxed(self, parts: list, kind: str, value: dict) -> list:
        """A box holds rich text; a block inside it stands after what precedes it, and the box goes on in a second one."""
        pieces, html, first = [], [], True

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
                self.report.changed["headings inside a box, as bold lines"] += 1
            else:
                close()
                pieces.append(part)
        close()
        return pieces

    # --- images

    def _image(self, address: str, words: str) -> tuple[str, tuple | None]:
        """What stands in the text, and the block when the picture is ours."""
        found = self.find_image(address) if self.find_image else None
        if found is not None:
            return "", ("image", {"image": {"image": found, "alt_text": words, "decorative": not words}, "caption": ""})
        self.report.missing_images.append(address[:300])
        self.report.changed["images elsewhere, as links"] += 1
        return words or address.rsplit("/", 1)[-1], None

    def _note_leftovers(self) -> None:
        for block in self.pad.blocks:
            if block["type"] == "code":
                continue
            for found in re.findall(r"(?:^|\s)\S*(?:\*\*|:::|\]\(|(?<!\w)\+\+|(?<!\w)==)\S*", text_of(_plain(block["value"]))):
                self.report.changed[f"markup left as typed: {found.strip()[:40]}"] += 1


def _words(markdown: str) -> str:
    return text_of(parser().renderInline(markdown)) if markdown.strip() else ""


def _plain(value) -> str:
    if isinstance(value, dict):
        return " ".join(_plain(item) for key, item in value.items() if key not in ("level", "anchor", "kind", "type"))
    if isinstance(value, list):
        return " ".join(_plain(item) for item in value)
    return "" if value is None or isinstance(value, bool) else str(value)


def _rewrite(block: dict, change: Callable[[str], str]) -> None:
    value = block["value"]
    if isinstance(value, str):
        block["value"] = change(value)
    elif isinstance(value.get("text"), str) and block["type"] not in ("heading", "code"):
        value["text"] = change(value["text"])


def _one_item(parts: list[str]) -> str:
    """Paragraphs of one list item on lines of their own: rich text has no paragraph inside an item."""
    joined = "".join(parts)
    joined = re.sub(r"</p>\s*<p>", "<br>", joined)
    return re.sub(r"</?p>", "", joined).strip()


def _title_inside(parts: list) -> tuple[str, list]:
    """A first paragraph that is one bold line, with text after it, is the callout's title."""
    html = "".join(part for part in parts if isinstance(part, str))
    match = re.match(r"^\s*<p><b>([^<]{1,200})</b></p>(?=\s*\S)", html)
    if not match or not isinstance(parts[0], str):
        return "", parts
    rest = list(parts)
    rest[0] = rest[0].replace(match[0], "", 1) if match[0] in rest[0] else rest[0]
    return unescape(match[1]).strip(), rest

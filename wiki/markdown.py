"""A pad in, blocks of a page out. Pure: no database, no file, no network; the same text gives the same blocks with the same ids.

What the reader takes for each kind of block; `wiki.exporter` writes in these forms, with `dialect: smart-academy` in its front matter,
which `wiki.pad_exact` then takes at their word:

    heading   ## Words, ### and ####; an anchor of its own: ## Words {#anchor}
    text      paragraphs, lists, ---, and <u> <mark> <sub> <sup> or their marks
    callout   :::warning Title … :::   also > [!WARNING], and GitBook's hint
    details   :::spoiler Title … :::   also <details><summary>
    table     | … |, and its caption under it, alone in its paragraph: Table: Words
    image     ![words](address "caption"), alone in its paragraph; =300x200 is read and left out
    file      {% file src="address" title="…" %} note {% endfile %}, the note and the title if any
    code      a fence with its language; formulas ($…$, $$…$$) stay as typed, as code
    embed     {%youtube id%}, {%vimeo id%}, a video's address alone in its paragraph, or {% embed url="…" title="…" %}
    quote     > …, with > [name=Who] as its last line
    contents  [TOC], or [TOC title="Words"]
    links     [words](other.md#heading); [[Title]] or [[Title|words]] to a page that may not exist yet

What cannot be kept as it was is said in the report: `kept` counts, `changed` what reads differently, `lost` what is gone, with places.
"""

import csv
import re
from collections.abc import Callable
from html import escape, unescape
from typing import Any

import yaml
from django.utils.translation import gettext_noop
from markdown_it.tree import SyntaxTreeNode

from academy.embeds import DIAGRAMS, player_for
from academy.html import clean, text_of
from wiki.html_reader import HtmlReader
from wiki.pad import Pad, Place, ReadOptions, Report, Suggestion, UnreadablePad
from wiki.pad_blocks import BlockWriter, Piece, boxed, list_pieces, table_piece, title_inside, with_definition
from wiki.pad_exact import DIALECT, read_exact
from wiki.pad_inline import InlineWriter
from wiki.pad_syntax import LONGEST_SOURCE, TOC, Repair, parser

__all__ = ["Pad", "ReadOptions", "Report", "Suggestion", "UnreadablePad", "read_pad"]

CALLOUT_KINDS = {kind: kind for kind in ("success", "info", "warning", "danger", "note")} | {
    "tip": "success",
    "alert": "danger",
    "important": "danger",
    "caution": "danger",
}
ALERT = re.compile(r"^(<p>)?\s*\[!(\w+)\][+-]?[ \t]*([^<\n]*)(?:<br>|(?=</p>)|\n|$)\s*", re.IGNORECASE)
CAPTION = re.compile(r"^<p>(?:Table|Tableau)\s?: (?=\S)(.*)</p>$", re.DOTALL)
ONE_LINK = re.compile(r'^<p><a href="([^"]+)"[^>]*>([^<]*)</a></p>$')
MOST_SETTINGS = 20_000
KNOWN_SETTINGS = {"title", "description", "tags", "lang", "breaks", "dialect", "address", "verified", "next_review"}


def read_pad(text: str, *, source_key: str = "", options: ReadOptions | None = None) -> Pad:
    """Reads one pad. `source_key` makes the ids of its blocks its own; raises UnreadablePad when it is too long."""
    if len(text) > LONGEST_SOURCE:
        raise UnreadablePad(
            gettext_noop("This text is too long: %(length)d characters, the most is %(most)d. Cut it into several pages."),
            length=len(text),
            most=LONGEST_SOURCE,
        )
    pad = Pad()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").lstrip("\ufeff")
    matter, text, skipped = _front_matter(text, pad.report)
    if matter.get("dialect") == DIALECT:
        read_exact(pad, text, source_key=source_key)
        _take_matter(pad, matter)
        return pad
    slides = matter.get("type") == "slide" or "slideOptions" in matter
    repair = Repair(pad.report, first_line=skipped + 1, slides=slides)
    text = repair.run(text)
    known: dict = {}
    tree = SyntaxTreeNode(parser().parse(text, known))
    _note_unused_notes(known, pad.report)
    builder = _Builder(pad, BlockWriter(pad, source_key=source_key, options=options or ReadOptions()), repair.line_of)
    builder.inline.breaks = str(matter.get("breaks", "")).lower() != "false"
    builder.read(tree, repair.abbreviations, text.split("\n"))
    _take_matter(pad, matter)
    return pad


def _note_unused_notes(known: dict, report: Report) -> None:
    """A footnote that nothing leads to is shown by no pad: it is said to be lost."""
    notes = known.get("footnotes", {}).get("refs", {})
    for name in sorted(name.removeprefix(":") for name, number in notes.items() if number < 0):
        report.lost[gettext_noop("footnotes that nothing leads to") + f": {name[:60]}"] += 1


def _take_matter(pad: Pad, matter: dict) -> None:
    """What the settings say of the document goes before what its text says."""
    pad.title = re.sub(r"[ \t\r\n]+", " ", str(matter.get("title") or "")).strip() or pad.title
    pad.description = re.sub(r"[ \t\r\n]+", " ", str(matter.get("description") or "")).strip()
    pad.language = str(matter.get("lang") or "").strip()[:2].lower()
    tags = matter.get("tags") or []
    named = tags.split(",") if isinstance(tags, str) else tags if isinstance(tags, list) else []
    pad.tags = list(dict.fromkeys(tag for tag in (str(tag).strip() for tag in [*named, *pad.tags]) if tag))


def _front_matter(text: str, report: Report) -> tuple[dict, str, int]:
    """The settings of a pad, the text under them, and how many lines they take."""
    match = re.match(r"^---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", text, re.DOTALL)
    if not match or len(match[1]) > MOST_SETTINGS:
        return {}, text, 0
    rest, lines = text[match.end() :], match[0].count("\n")
    report.at(1)
    try:
        has_aliases = re.search(r"(?:^|[\s\[{,:])[&*]\w", match[1])  # they can multiply
        found = None if has_aliases else yaml.load(match[1], Loader=yaml.BaseLoader)  # noqa: S506 (makes nothing but text, lists, mappings)
    except (yaml.YAMLError, ValueError, RecursionError):
        found = None
    if found is None and match[1].strip():
        report.lost[gettext_noop("front matter that could not be read")] += 1
        return {}, rest, lines
    if not isinstance(found, dict):
        return {}, text, 0
    unused = sorted(str(key) for key in set(found) - KNOWN_SETTINGS)
    if unused:
        report.lost[gettext_noop("settings of the pad") + f": {', '.join(unused)[:200]}"] += 1
    return found, rest, lines


class _Builder:
    """Walks the tree once. Each kind of node gives pieces, either HTML of rich text or the kind and value of a block."""

    def __init__(self, pad: Pad, writer: BlockWriter, line_of: Callable[[int], int]) -> None:
        self.pad, self.report, self.writer, self._line_of = pad, pad.report, writer, line_of
        self.html = HtmlReader(pad)
        self.inline = InlineWriter(self.report, self.html)

    def read(self, tree: SyntaxTreeNode, abbreviations: dict[str, str], lines: list[str]) -> None:
        self._lines = lines
        self._tag_lines = {id(node) for node in tree.children if node.type == "heading" and self._is_tag_line(node)}
        previous: list[Piece] = []
        for node in tree.children:
            here = self._place(node)
            self.report.at(here)
            pieces = [*self.flow(node), *self.inline.take_found()]
            if not self._takes_caption(previous, pieces):
                self.writer.add(pieces, at=here)
                previous = pieces or previous
        if abbreviations:
            items = "".join(
                f"<li><b>{escape(short)}</b> : {escape(_words(long), quote=False)}</li>" for short, long in abbreviations.items()
            )
            self.writer.add([f"<ul>{items}</ul>"])
        self.writer.finish()
        self._note_leftovers()

    def _place(self, node: SyntaxTreeNode) -> Place | None:
        return self._line_of(node.map[0]) if node.map else None

    def _is_tag_line(self, node: SyntaxTreeNode) -> bool:
        return node.tag == "h6" and self.inline.plain(node).lower().startswith("tags")

    def _takes_caption(self, previous: list[Piece], pieces: list[Piece]) -> bool:
        """`Table: Words` under a table is its caption."""
        if len(pieces) != 1 or not previous or not isinstance(pieces[0], str) or isinstance(previous[-1], str):
            return False
        match = CAPTION.match(pieces[0])
        kind, value = previous[-1]
        if kind != "table" or not match or value["table"]["caption"]:
            return False
        value["table"]["caption"] = text_of(match[1])[:250]
        return True

    # --- the flow

    def flow(self, node: SyntaxTreeNode) -> list[Piece]:
        handler = getattr(self, f"_{node.type}", None)
        if handler is not None:
            return handler(node)
        if node.children:
            return self._inside(node)
        if node.content:
            self.report.changed[gettext_noop("passages kept as plain text")] += 1
            return [f"<p>{escape(node.content)}</p>"]
        return []

    def _inside(self, node: SyntaxTreeNode) -> list[Piece]:
        pieces: list[Piece] = []
        for child in node.children:
            self.report.at(self._place(child))
            found = self.flow(child)
            if not self._takes_caption(pieces, found):
                pieces += found
        return pieces

    def _heading(self, node: SyntaxTreeNode) -> list[Piece]:
        if id(node) in self._tag_lines:
            codes = [child.content for child in node.children[0].children if child.type == "code_inline"]
            self.pad.tags += codes or self.inline.plain(node).split(":", 1)[-1].split(",")
            return []
        words, names = self.inline.plain(node), re.findall(r"\s(?:id|name)=[\"']?([^\"'\s>]+)", node.children[0].content)
        self.inline.take_found()
        typed = re.search(r"\s*\{#([\w.:-]+)\}$", words)
        if typed:
            words, names = words[: typed.start()], [typed[1], *names]
        # A heading is plain words: the links and pictures that it carried follow it.
        carried = [child for child in node.walk() if child.type in ("link", "image")]
        after = [f"<p>{html}</p>" for child in carried if (html := self.inline.write([child]))]
        found = self.inline.take_found()
        return [*([("heading", {"level": int(node.tag[1]), "text": words, "names": names})] if words else []), *after, *found]

    def _paragraph(self, node: SyntaxTreeNode) -> list[Piece]:
        source = node.children[0].content if node.children else ""
        contents = TOC.match(source)
        if contents:
            return [("contents", {"title": unescape(contents[1] or "")[:120]})]
        pieces = self.inline.paragraphs(node)
        if len(pieces) == 1 and isinstance(pieces[0], str):
            link = ONE_LINK.match(pieces[0])
            player = player_for(unescape(link[1])) if link else None
            if player:
                address, words = unescape(link[1]), unescape(link[2])
                return [("embed", {"url": address, "title": (player.provider if words == address else words)[:250]})]
        return pieces

    def _hr(self, _node: SyntaxTreeNode) -> list[Piece]:
        return ["<hr>"]

    def _fence(self, node: SyntaxTreeNode) -> list[Piece]:
        if not node.content.strip():
            return []
        name, _space, rest = (node.info or "").strip().partition(" ")
        language = re.sub(r"(?:=\d*\+?)?!?$", "", name)[:40]
        if re.search(r"=\d*\+?!?$", name):
            self.report.lost[gettext_noop("numbers of the lines of code")] += 1
        if language.lower() in ("csv", "csvpreview"):
            return self._csv(node.content, headed=language.lower() == "csv" or bool(re.search(r"header\s*=\s*[\"']?true", rest)))
        if language.lower() in DIAGRAMS:
            self.report.changed[gettext_noop("diagrams, as their source") + f": {language.lower()}"] += 1
        title = re.search(r"(?:title|filename)=\"([^\"]+)\"", rest)
        pieces: list[Piece] = [f"<p><b>{escape(title[1])}</b></p>"] if title else []
        return [*pieces, ("code", {"language": language, "text": node.content.rstrip("\n")})]

    _code_block = _fence

    def _csv(self, text: str, *, headed: bool) -> list[Piece]:
        first = text.split("\n", 1)[0]
        delimiter = max(",;\t", key=first.count)
        rows = [[escape(cell.strip(), quote=False) for cell in row] for row in csv.reader(text.splitlines(), delimiter=delimiter) if row]
        self.report.changed[gettext_noop("lists of values (csv), as tables")] += 1
        return [table_piece(rows if headed else [[""] * len(rows[0]), *rows])] if rows else []

    def _html_block(self, node: SyntaxTreeNode) -> list[Piece]:
        return self.html.pieces(node.content)

    def _bullet_list(self, node: SyntaxTreeNode) -> list[Piece]:
        return self._list(node, "ul")

    def _ordered_list(self, node: SyntaxTreeNode) -> list[Piece]:
        return self._list(node, "ol")

    def _list(self, node: SyntaxTreeNode, tag: str) -> list[Piece]:
        start = int(node.attrs.get("start", 1)) if tag == "ol" else 1
        return list_pieces((self._inside(item) for item in node.children), tag, self.report, start=start, finish=self.inline.item)

    def _blockquote(self, node: SyntaxTreeNode) -> list[Piece]:
        parts = self._inside(node)
        alert = ALERT.match(parts[0]) if parts and isinstance(parts[0], str) else None
        if alert:
            opening = parts[0][alert.end() :]
            opening = "" if opening.strip() in ("", "</p>") else f"{alert[1] or ''}{opening}"
            kind, title = alert[2].lower(), unescape(alert[3]).strip()
            return self._callout(kind, title, [*([opening] if opening else []), *parts[1:]])
        html = "".join(part for part in parts if isinstance(part, str))
        names = re.findall(r"\[(name|time)=([^\]]*)\]", html)
        html = re.sub(r"\s*\[(?:name|time|color)=[^\]]*\]\s*", "", html)
        html = re.sub(r"(?:<br>\s*)+</p>", "</p>", html)
        attribution = ", ".join(unescape(text_of(value)).strip() for _key, value in names)
        quote: list[Piece] = [("quote", {"text": clean(html), "attribution": attribution[:250]})] if text_of(html) else []
        if attribution and not quote:
            quote = [f"<p>— {escape(attribution, quote=False)}</p>"]
        return quote + [part for part in parts if not isinstance(part, str)]

    def _dl(self, node: SyntaxTreeNode) -> list[Piece]:
        lines: list[Piece] = []
        for child in node.children:
            lines = with_definition(lines, self._inside(child), is_term=child.type == "dt")
        self.report.at(self._place(node))
        self.report.changed[gettext_noop("definition lists, as paragraphs with the term in bold")] += 1
        return lines

    def _inline(self, node: SyntaxTreeNode) -> list[Piece]:
        return [self.inline.write(node.children), *self.inline.take_found()]

    def _footnote_block(self, node: SyntaxTreeNode) -> list[Piece]:
        items = [self._inside(note) for note in node.children]
        self.report.changed[gettext_noop("footnotes, listed at the end")] += len(items)
        return ["<hr>", *list_pieces(items, "ol", self.report)]

    def _table(self, node: SyntaxTreeNode) -> list[Piece]:
        self._note_cells_beyond(node)
        rows = [[self.inline.write(cell.children) for cell in row.children] for part in node.children for row in part.children]
        return [table_piece(rows), *self.inline.take_found()] if rows else []

    def _note_cells_beyond(self, node: SyntaxTreeNode) -> None:
        """Markdown drops the cells that stand beyond the last column: they are said to be lost, with what they held."""
        if not node.map:
            return
        lines = self._lines[node.map[0] : node.map[1]]
        width = len(_cells(lines[0]))
        for number, line in enumerate(lines[2:], start=node.map[0] + 2):
            for cell in _cells(line)[width:]:
                if cell:
                    self.report.at(self._line_of(number))
                    self.report.lost[gettext_noop("cells beyond the last column of a table") + f": {cell[:60]}"] += 1

    def _math_block(self, node: SyntaxTreeNode) -> list[Piece]:
        self.report.changed[gettext_noop("formulas, as code")] += 1
        return [("code", {"language": "latex", "text": node.content.strip("\n")})]

    _amsmath = _math_block

    # --- boxes

    def _container_pad(self, node: SyntaxTreeNode) -> list[Piece]:
        name, _space, title = (node.info or "").strip().partition(" ")
        parts = self._inside(node)
        if name.lower() in ("spoiler", "details", "tab"):
            summary = _words(title)[:250]
            if name.lower() == "tab" and not all(isinstance(part, str) for part in parts):
                return [f"<p><b>{escape(summary)}</b></p>", *parts]
            return boxed(parts, "details", {"summary": summary or "…"}, self.report)
        return self._callout(name.lower(), _words(title), parts)

    def _callout(self, name: str, title: str, parts: list[Piece]) -> list[Piece]:
        kind = CALLOUT_KINDS.get(name)
        if kind is None:
            self.report.changed[gettext_noop("boxes of a kind that is not known here, as notes") + f": {name}"] += 1
            kind, title = "note", f"{name} {title}".strip()
        if not title:
            title, parts = title_inside(parts)
        return boxed(parts, "callout", {"kind": kind, "title": title[:250]}, self.report)

    def _note_leftovers(self) -> None:
        for block in self.pad.blocks:
            if block["type"] == "heading":
                self.report.at(block["value"]["text"])
            if block["type"] == "code":
                continue
            for found in re.findall(r"(?:^|\s)\S*(?:\*\*|:::|\]\(|(?<!\w)(?:\+\+|==)(?=\w)|\{%|\[\^)\S*", text_of(_plain(block["value"]))):
                self.report.changed[gettext_noop("markup left as typed") + f": {found.strip()[:40]}"] += 1


def _cells(line: str) -> list[str]:
    """The cells of a line of a table, as markdown-it cuts them."""
    bare = re.sub(r"^\s*(?:>\s*)*\||(?<!\\)\|\s*$", "", line)
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", bare)]


def _words(markdown: str) -> str:
    return text_of(parser().renderInline(markdown)) if markdown.strip() else ""


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(_plain(item) for key, item in value.items() if key not in ("level", "anchor", "kind", "type", "image", "url"))
    if isinstance(value, list):
        return " ".join(_plain(item) for item in value)
    return "" if value is None or isinstance(value, bool) else str(value)

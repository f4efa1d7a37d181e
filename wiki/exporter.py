"""A body out as markdown, in the forms that come back as the same blocks (`wiki.pad_exact` reads them). Pure: plain data in, text out.

The same body gives the same text. Words are escaped, so nothing that a person typed becomes markup; what markdown cannot say
(underlined, highlighted, raised) stands as the small HTML that pads know. Links by id are given their address by the caller.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from bs4 import BeautifulSoup, NavigableString, Tag
from django.utils.text import slugify

from academy.html import clean, text_of
from wiki.pad_exact import BREAK, DIALECT, ROW_HEADINGS, STARTS

# Where a page, a file or a picture of ours is found, by its kind and id; None when it cannot be led to.
Address = Callable[[str, int], str | None]


@dataclass(frozen=True)
class Matter:
    """What stands above the text."""

    title: str
    description: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    address: str = ""
    verified: date | None = None
    next_review: date | None = None


def one_line(words: str) -> str:
    """Line ends and runs of spaces as one space; the spaces that do not break stay what they are."""
    return re.sub(r"[ \t\r\n]+", " ", words).strip(" ")


def markdown_of(blocks: list[dict], *, matter: Matter, address: Address) -> str:
    """One page as a markdown file. `blocks` is raw StreamField data."""
    return f"{front_matter(matter)}\n{body_of(blocks, address=address)}"


def front_matter(matter: Matter) -> str:
    lines = [f"title: {_quoted(matter.title)}"]
    if matter.description:
        lines.append(f"description: {_quoted(matter.description)}")
    if matter.language:
        lines.append(f"lang: {matter.language}")
    if matter.tags:
        lines.append(f"tags: [{', '.join(map(_quoted, matter.tags))}]")
    for name, day in (("verified", matter.verified), ("next_review", matter.next_review)):
        if day:
            lines.append(f"{name}: {day.isoformat()}")
    if matter.address:
        lines.append(f"address: {_quoted(matter.address)}")
    return "\n".join(["---", *lines, f"dialect: {DIALECT}", "---", ""])


def _quoted(words: str) -> str:
    """A double-quoted string of YAML; the signs of its aliases are spelled out."""
    return json.dumps(one_line(words), ensure_ascii=False).replace("&", "\\u0026").replace("*", "\\u002a")


def body_of(blocks: list[dict], *, address: Address) -> str:
    """The blocks one after another; two texts in a row keep the line between them."""
    writer = _Writer(address)
    parts: list[str] = []
    previous = ""
    for block in blocks:
        text = writer.block(block["type"], block["value"])
        if not text:
            continue
        if previous == block["type"] == "text":
            parts.append(BREAK)
        parts.append(text)
        previous = block["type"]
    return "\n\n".join(parts) + "\n" if parts else ""


PUNCTUATION = re.compile(r"[\\`*\[\]<~^$|]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|(?<=[+=])[+=]|\{(?=[%#.])")
LINE_START = re.compile(r"^(#{1,6}(?=\s|$)|>|[-+](?=\s|$)|[-=]+(?=\s*$)|:(?=::)|:(?=\s)|\d{1,9}(?=[.)](?:\s|$)))")


def escaped(words: str) -> str:
    """Words that stay words inside a line."""
    return PUNCTUATION.sub(lambda match: f"\\{match[0]}", re.sub(r"[ \t\r\n]+", " ", words))


def drawn_mark(value: Mapping) -> str:
    if not value.get("drawn"):
        return ""
    return f"{{.bars-to-{value['drawn_to']}}}" if value.get("drawn_to") else "{.bars}"


def safe_lines(text: str) -> str:
    """Nothing at the start of a line opens a block; spaces at its ends are kept, and a break at the very end, where markdown knows none."""
    lines = []
    text = re.sub(r"\\\n$", "<br>", text)
    for line in text.split("\n"):
        brk = line.endswith("\\") and not re.search(r"(?<!\\)(?:\\\\)+$", line)
        body = line[:-1] if brk else line
        body = re.sub(r"^\s+|\s+$", lambda match: "".join(f"&#{ord(space)};" for space in match[0]), body)
        body = LINE_START.sub(lambda match: f"{match[0]}\\" if match[0][0].isdigit() else f"\\{match[0]}", body)
        body = re.sub(rf"^({STARTS})", lambda match: match[1].replace(":", "&#58;"), body)
        lines.append(body + ("\\" if brk else ""))
    return "\n".join(lines)


class _Writer:
    """Writes one body."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._in_cell = False

    def block(self, kind: str, value: Any) -> str:
        return getattr(self, f"_{kind}", lambda _value: "")(value)

    # --- blocks

    def _heading(self, value: Mapping) -> str:
        words = one_line(value.get("text") or "")
        anchor = value.get("anchor") or ""
        own = f" {{#{anchor}}}" if anchor and (anchor != slugify(words)[:200] or words.endswith("}")) else ""
        return f"{'#' * int(value.get('level') or 2)} {escaped(words)}{own}" if words else ""

    def _text(self, value: str) -> str:
        return self.rich(value)

    def _callout(self, value: Mapping) -> str:
        text, title = self.rich(value.get("text") or ""), escaped((value.get("title") or "").strip())
        return _box(f"{value.get('kind') or 'note'} {title}".strip(), text) if text or title else ""

    def _details(self, value: Mapping) -> str:
        text, summary = self.rich(value.get("text") or ""), escaped((value.get("summary") or "").strip())
        return _box(f"spoiler {summary or '…'}", text) if text or summary else ""

    def _quote(self, value: Mapping) -> str:
        text, who = self.rich(value.get("text") or ""), one_line(value.get("attribution") or "")
        if not text:
            return ""
        lines = [*text.split("\n"), *(["", f"[name={who}]"] if who else [])]
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def _code(self, value: Mapping) -> str:
        text = (value.get("text") or "").replace("\r\n", "\n").rstrip("\n")
        if not text.strip():
            return ""
        longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        language = re.sub(r"[`\s]+", " ", value.get("language") or "").strip().replace("&", "&amp;")
        return f"{fence}{language}\n{text}\n{fence}"

    def _image(self, value: Mapping) -> str:
        picture = value.get("image") or {}
        place = self.address("image", picture["image"]) if picture.get("image") else None
        if place is None:
            return ""
        words = "" if picture.get("decorative") else escaped((picture.get("alt_text") or "").strip())
        caption = one_line(value.get("caption") or "")
        title = ' "{}"'.format(re.sub(r'(["\\]|&(?=#?\w+;))', r"\\\1", caption)) if caption else ""
        return f"![{words}]({_destination(place)}{title})"

    def _file(self, value: Mapping) -> str:
        place = self.address("document", value["document"]) if value.get("document") else None
        if place is None:
            return ""
        title = f' title="{_attribute(value["title"])}"' if value.get("title") else ""
        note = f"\n{_started(value['note'])}\n{{% endfile %}}" if value.get("note") else ""
        return f'{{% file src="{_attribute(place)}"{title} %}}{note}'

    def _embed(self, value: Mapping) -> str:
        return f'{{% embed url="{_attribute(value["url"])}" title="{_attribute(value.get("title") or "")}" %}}' if value.get("url") else ""

    def _contents(self, value: Mapping) -> str:
        title = _attribute(value.get("title") or "").replace("[", "&#91;").replace("]", "&#93;")
        return f'[TOC title="{title}"]' if title else "[TOC]"

    def _table(self, value: Mapping) -> str:
        table = value.get("table") or {}
        columns = table.get("columns") or []
        if not columns:
            return ""
        kinds = [column["type"] for column in columns]
        rows = [[escaped(column.get("heading") or "").strip() for column in columns]]
        rows += [[self._cell(kind, cell) for kind, cell in zip(kinds, row["values"], strict=False)] for row in table.get("rows") or []]
        marks = {"number": "---:", "rich": ":---"}
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        lines.insert(1, "| " + " | ".join(marks.get(kind, "---") for kind in kinds) + " |")
        caption = escaped((table.get("caption") or "").strip())
        headed = ROW_HEADINGS if value.get("first_column_is_header") else ""
        under = " ".join(filter(None, [caption, headed, drawn_mark(value)]))
        under = f"\n\nTable: {under}" if under else ""
        return "\n".join(lines) + under

    def _cell(self, kind: str, cell: Any) -> str:
        if kind == "rich":
            self._in_cell = True
            words = " ".join(self.inline(node) for node in _paragraphs(cell or ""))
            self._in_cell = False
            return _edges_kept(words.replace("\\\n", "<br>"))
        return "<br>".join(_edges_kept(escaped(line)) for line in str(cell or "").splitlines())

    # --- rich text

    def rich(self, html: str) -> str:
        """Rich text as blocks of markdown; empty for one without words."""
        html = clean(html or "")
        if not text_of(html) and "<hr" not in html:
            return ""
        return "\n\n".join(self._flow(_soup(html), ""))

    def _flow(self, parent: Tag, _indent: str) -> list[str]:
        parts: list[str] = []
        loose: list[Any] = []
        marker = ("-", "1.")

        def close() -> None:
            nonlocal loose
            words = safe_lines("".join(self._node(one) for one in loose))
            if words.strip():
                parts.append(words)
            loose = []

        previous = ""
        for child in parent.children:
            name = child.name if isinstance(child, Tag) else ""
            if name not in ("p", "ul", "ol", "hr", "blockquote", "h2", "h3", "h4"):
                loose.append(child)
                continue
            close()
            if name in ("ul", "ol"):
                # two lists in a row stay two: the second has the other marks
                marker = ("*", "1)") if previous == name and marker == ("-", "1.") else ("-", "1.")
                parts.append(self._list(child, marker))
            elif name == "hr":
                parts.append("---")
            else:
                words = safe_lines(self.inline(child))
                if child.get_text().strip(" \t\r\n"):
                    parts.append(words)
            previous = name
        close()
        return parts

    def _list(self, node: Tag, marker: tuple[str, str]) -> str:
        ordered = node.name == "ol"
        start = node.get("start", "")
        number = int(start) if ordered and str(start).isdecimal() else 1
        lines = []
        for item in node.find_all("li", recursive=False):
            sign = f"{number}{marker[1][-1]}" if ordered else marker[0]
            inner = [child for child in item.children if not (isinstance(child, Tag) and child.name in ("ul", "ol"))]
            nested = [child for child in item.children if isinstance(child, Tag) and child.name in ("ul", "ol")]
            words = safe_lines("".join(self._node(child) for child in inner))
            body = "\n".join([words, *(self._list(child, marker) for child in nested)])
            pad = " " * (len(sign) + 1)
            lines.append(f"{sign} " + body.replace("\n", f"\n{pad}"))
            number += 1
        return "\n".join(lines)

    def inline(self, node: Tag) -> str:
        return "".join(self._node(child) for child in node.children)

    def _node(self, node: Any) -> str:
        if isinstance(node, NavigableString):
            words = escaped(str(node))
            if words.startswith("(") and getattr(node.previous_sibling, "name", "") == "a":
                words = f"\\{words}"
            return f"{words[:-1]}\\!" if words.endswith("!") and getattr(node.next_sibling, "name", "") == "a" else words
        if node.name == "br":
            return "\\\n"
        if not node.get_text() and not node.find("br"):
            return ""
        if node.name == "code" and not node.find(True) and _ticks_are_alone(node) and not (self._in_cell and "|" in node.get_text()):
            return _code_span(node.get_text())
        if node.name == "a":
            return self._link(node)
        inside = self.inline(node)
        mark = {"b": "**", "strong": "**", "i": "*", "em": "*"}.get(node.name)
        if mark and _stands_alone(node):
            return f"{mark}{inside}{mark}"
        name = {"strong": "b", "em": "i", "ins": "u", "del": "s"}.get(node.name, node.name)
        return f"<{name}>{inside}</{name}>" if name != "p" else inside

    def _link(self, node: Tag) -> str:
        inside, kind = self.inline(node), node.get("linktype")
        if kind == "wanted":
            target, words = _title(node.get("target", "")), _title(node.get_text())
            bar = "\\|" if self._in_cell else "|"
            return f"[[{target}]]" if words == target else f"[[{target}{bar}{words}]]"
        if kind in ("page", "document"):
            place = self.address(kind, int(node["id"])) if str(node.get("id", "")).isdecimal() else None
        else:
            place = node.get("href")
        return f"[{inside}]({_destination(place)})" if place else inside


def _box(opening: str, text: str) -> str:
    """A rule right under the opening would make a table of both."""
    return f":::{opening}\n{chr(10) if text.startswith('---') else ''}{text}\n:::"


def _soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def _paragraphs(html: str) -> list[Tag]:
    """The lines of a cell: its paragraphs, or itself when it has none."""
    soup = _soup(clean(html))
    return soup.find_all("p", recursive=False) or [soup]


def _title(words: str) -> str:
    return re.sub(r"[\[\]|\s]+", " ", words).strip()


def _destination(address: str) -> str:
    address = re.sub(r"\s", lambda match: quote(match[0]), address)
    address = re.sub(r"[()<>\\]", r"\\\g<0>", address)
    return re.sub(r"&(?=#?\w+;)", r"\\&", address).replace("|", "&#124;")  # a table would be cut there


def _edges_kept(words: str) -> str:
    """Words of a cell: ordinary spaces at their ends mean nothing there, those that do not break are spelled out."""
    return re.sub(r"^\s+|\s+$", lambda spaces: "".join(f"&#{ord(space)};" for space in spaces[0]), words.strip(" "))


def _attribute(words: str) -> str:
    """A value inside `{% … %}`, on one line: quotes and what could end the tag are spelled out."""
    words = one_line(words).replace("&", "&amp;").replace('"', "&quot;")
    return words.replace("%", "&#37;") if "%}" in words or "{%" in words else words


def _started(words: str) -> str:
    """A value on a line of its own, with nothing at its start that opens a block."""
    words = _attribute(words)
    return words if not words or words[0].isalpha() or words[0] == "&" else f"&#{ord(words[0])};{words[1:]}"


def _code_span(words: str) -> str:
    words = re.sub(r"[\r\n\t]", " ", words)
    runs = {len(run) for run in re.findall(r"`+", words)}
    ticks = next("`" * length for length in range(1, len(runs) + 2) if length not in runs)
    pad = " " if words.startswith("`") or words.endswith("`") or (words[:1] == words[-1:] == " " and words.strip()) else ""
    return f"{ticks}{pad}{words}{pad}{ticks}"


def _ticks_are_alone(node: Tag) -> bool:
    """No other backtick touches those of this code."""
    before, after = node.previous_sibling, node.next_sibling
    return not (
        getattr(before, "name", "") == "code"
        or getattr(after, "name", "") == "code"
        or (isinstance(before, NavigableString) and str(before).endswith("`"))
        or (isinstance(after, NavigableString) and str(after).startswith("`"))
    )


def _stands_alone(node: Tag) -> bool:
    """Stars around it are sure to be read as emphasis: words with a letter at both ends, and nothing but a space or an end beside."""
    texts = list(node.children)
    if not texts or any(not isinstance(texts[end], NavigableString) for end in (0, -1)):
        return False
    first, last = str(texts[0])[:1], str(texts[-1])[-1:]
    before, after = node.previous_sibling, node.next_sibling
    left = before is None or (isinstance(before, NavigableString) and str(before)[-1:] == " ")
    right = after is None or (isinstance(after, NavigableString) and re.match(r"[ .,;:!?)]", str(after)) is not None)
    outer = node.parent is not None and node.parent.name in ("p", "li", "[document]", "u", "mark", "a")
    plain = all(isinstance(child, NavigableString) or child.name in ("code", "br", "a", "u", "mark") for child in texts)
    return first.isalnum() and last.isalnum() and left and right and outer and plain

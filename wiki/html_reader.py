"""HTML in, pieces out (wiki.pad_blocks): what a web page, an office document or a pad holds, told in the blocks of a page. Pure.

Nothing of the HTML is passed on: every tag written here is written by us, every word is escaped. What a page cannot hold is
mapped to what it can (frames to links, merged cells to single ones) or dropped; the report says which.
"""

import base64
import binascii
import hashlib
import re
import warnings
from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import unquote_to_bytes, urlsplit

import nh3
from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, SoupStrainer, XMLParsedAsHTMLWarning
from bs4.element import CData, Comment, NavigableString, PageElement, PreformattedString, Tag
from bs4.exceptions import ParserRejectedMarkup
from django.utils.translation import gettext_noop

from academy.embeds import player_for
from academy.files import RefusedFile, check_picture, picture_type
from academy.html import clean, text_of
from wiki.html_tables import table_rows
from wiki.office_html import put_right
from wiki.pad import Pad
from wiki.pad_blocks import Piece, boxed, image_piece, list_pieces, table_piece, title_inside, with_definition
from wiki.symbols import PRIVATE, unfounded

# Whatever came is read as a browser would read it; that it looks like XML, or like the name of a file, changes nothing.
warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)
warnings.filterwarnings("ignore", category=MarkupResemblesLocatorWarning)

INLINE = {
    "strong": "b", "b": "b", "em": "i", "i": "i", "cite": "i", "dfn": "i", "var": "i", "u": "u", "ins": "u", "s": "s", "del": "s",
    "strike": "s", "mark": "mark", "sup": "sup", "sub": "sub", "code": "code", "samp": "code", "tt": "code", "kbd": "kbd",
    "small": "small",
}  # fmt: skip
BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form", "gitbook-embed", "gitbook-file", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "iframe",
    "li", "main", "menu", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "video", "audio",
}  # fmt: skip
# Never read, nor the words inside: they were not meant to be read.
DROPPED = {
    "applet", "base", "canvas", "embed", "link", "map", "meta", "noembed", "noframes", "noscript", "object", "param", "script", "select",
    "source", "style", "svg", "template", "textarea", "title", "track", "xmp", "head", "button", "option", "datalist", "frame", "frameset",
}  # fmt: skip
QUIET = {"base", "link", "meta", "param", "source", "track", "title", "head"}
CALLOUTS = {
    "success": "success", "tip": "success", "info": "info", "note": "note", "warning": "warning", "attention": "warning",
    "danger": "danger", "important": "danger", "caution": "danger", "error": "danger",
}  # fmt: skip
CALLOUT_CLASS = re.compile(r"^(?:alert|admonition|callout|hint|markdown-alert)(?:-(\w+))?$")
STYLES = (
    ("b", re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)")),
    ("i", re.compile(r"font-style\s*:\s*(?:italic|oblique)")),
    ("u", re.compile(r"text-decoration[^:;]*:[^;]*underline")),
    ("s", re.compile(r"text-decoration[^:;]*:[^;]*line-through")),
    ("mark", re.compile(r"mso-highlight\s*:\s*(?!none)\w|background(?:-color)?\s*:\s*(?:yellow|#ffff00)\b")),
    ("sup", re.compile(r"vertical-align\s*:\s*super")),
    ("sub", re.compile(r"vertical-align\s*:\s*sub\b")),
)
# Where a word may be cut at the end of a line, and marks of the order of bytes: searched for, such a word would not be found.
UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
SCHEMES = {"http", "https", "mailto", "tel", ""}
DEEPEST = 60
LEFT_OPEN = re.compile(r"<(?:html|body|table|ul|ol|dl|p|select)\b", re.IGNORECASE)
ATTRIBUTES = {
    "alt", "checked", "class", "colspan", "face", "height", "hidden", "href", "id", "lang", "name", "rowspan", "scope", "src", "start", "style",
    "title", "type", "width", "data-src",
}  # fmt: skip


class HtmlReader:
    """Reads HTML for one document: pictures are named in its pad, losses in its report."""

    def __init__(self, pad: Pad, *, files: Mapping[str, bytes] | None = None) -> None:
        self.pad, self.report, self.files = pad, pad.report, files or {}
        self._found: list[Piece] = []

    def document(self, html: str) -> list[Piece]:
        """A whole page: its title and its language as well."""
        soup = _soup(html, SoupStrainer(["html", "title", "meta"]))
        self.pad.title = " ".join(soup.title.get_text().split()) if soup.title else ""
        self.pad.language = str(soup.html.get("lang") or "")[:2].lower() if soup.html else ""
        said = soup.find("meta", attrs={"name": "description"})
        self.pad.description = " ".join(str(said.get("content") or "").split()) if said else ""
        return self.pieces(html, whole=True)

    def pieces(self, html: str, *, whole: bool = False) -> list[Piece]:
        """What stands in some HTML. Elements that a browser would close by itself are closed first (`<li>` before `<li>`)."""
        if LEFT_OPEN.search(html):
            html = _as_browsers_read(html)
        soup = _soup(html)
        if whole:
            put_right(soup, self.report)
        return self.flow(soup)

    def flow(self, node: Tag, depth: int = 0) -> list[Piece]:
        """The content of an element: runs of words become paragraphs, blocks what they are."""
        if depth > DEEPEST:
            self.report.changed[gettext_noop("parts nested too deep, as plain text")] += 1
            return self._paragraphs(escape(node.get_text(" "), quote=False))
        pieces: list[Piece] = []
        run: list[PageElement] = []
        for child in [*node.children, None]:
            if child is not None and not self._is_block(child):
                run.append(child)
                continue
            if run:
                pieces += self._paragraphs("".join(self._inline(one, depth) for one in run))
                run = []
            if child is not None:
                pieces += self._block(child, depth + 1)
        return pieces

    def _is_block(self, node: PageElement) -> bool:
        return isinstance(node, Tag) and (
            node.name in BLOCKS or (node.name not in DROPPED and node.name != "a" and node.find(list(BLOCKS)) is not None)
        )

    def _paragraphs(self, html: str) -> list[Piece]:
        """Words in line; two line ends in a row begin a new paragraph, pictures stand under the one that holds them."""
        found, self._found = self._found, []
        lines = (re.sub(r"^(?:\s|<br>)+|(?:\s|<br>)+$", "", part) for part in re.split(r"(?:<br>\s*){2,}", html))
        pieces: list[Piece] = [clean(f"<p>{line}</p>") for line in lines if text_of(line)]
        if pieces and any(piece[0] == "image" for piece in found):
            self.report.changed[gettext_noop("pictures inside a sentence, placed under it")] += 1
        return pieces + found

    # --- blocks

    def _block(self, node: Tag, depth: int) -> list[Piece]:
        if node.has_attr("hidden"):
            self.report.lost[gettext_noop("hidden passages")] += 1
            return []
        if re.fullmatch(r"h[1-6]", node.name):
            return self._heading(node, depth, int(node.name[1]))
        if "MsoTitle" in node.get_attribute_list("class"):
            return self._heading(node, depth, 1)
        handler = getattr(self, f"_{node.name.replace('-', '_')}", None)
        if handler is not None:
            return handler(node, depth)
        kind = self._callout_kind(node)
        if kind:
            title, parts = title_inside(self.flow(node, depth))
            return boxed(parts, "callout", {"kind": kind, "title": title[:250]}, self.report)
        return self.flow(node, depth)

    def _callout_kind(self, node: Tag) -> str:
        if node.name == "aside":
            return "note"
        matches = [match for name in node.get_attribute_list("class") if (match := CALLOUT_CLASS.match(name or ""))]
        names = [match[1] for match in matches] + (node.get_attribute_list("class") if matches else [])
        return next((CALLOUTS[name] for name in names if name in CALLOUTS), "note" if matches else "")

    def _heading(self, node: Tag, depth: int, level: int) -> list[Piece]:
        names = [one.get("id") or one.get("name") for one in [node, *node.find_all(True)]]
        html = self._children(node, depth)
        found, self._found = self._found, []
        words = text_of(html)
        if not words:
            return found
        self.report.at(words[:80])
        after: list[Piece] = [f"<p>{link}</p>" for link in re.findall(r"<a href=.*?</a>", html) if 'href="#' not in link]
        return [("heading", {"level": level, "text": words, "names": [name for name in names if name]}), *after, *found]

    def _hr(self, _node: Tag, _depth: int) -> list[Piece]:
        return ["<hr>"]

    def _ul(self, node: Tag, depth: int) -> list[Piece]:
        start = str(node.get("start", "1"))
        items: list[list[Piece]] = []
        for child in node.children:
            if isinstance(child, Tag) and child.name in ("ul", "ol", "menu"):  # as many editors nest them, beside the item
                items = items or [[]]
                items[-1] += self._block(child, depth)
            elif isinstance(child, Tag) and child.name not in DROPPED:
                items.append(self.flow(child, depth + 1))
            elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString) and child.strip():
                items.append([f"<p>{escape(child.strip(), quote=False)}</p>"])
        tag = "ol" if node.name == "ol" else "ul"
        return list_pieces(items, tag, self.report, start=int(start) if start.isascii() and start.isdigit() and len(start) < 4 else 1)

    _ol = _menu = _ul

    def _dl(self, node: Tag, depth: int) -> list[Piece]:
        lines: list[Piece] = []
        for child in node.find_all(["dt", "dd"]):
            lines = with_definition(lines, self.flow(child, depth + 1), is_term=child.name == "dt")
        self.report.changed[gettext_noop("definition lists, as paragraphs with the term in bold")] += 1
        return lines

    def _table(self, node: Tag, depth: int) -> list[Piece]:
        found = table_rows(node, self.report)
        if found is None:
            return []
        if len(found.cells) == 1 and len(found.cells[0]) == 1 and not found.headed:
            self.report.changed[gettext_noop("tables of one cell, as text")] += 1
            return self.flow(found.cells[0][0], depth + 1)
        rows = [[self._cell(cell, depth) if cell is not None else "" for cell in row] for row in found.cells]
        bold = [re.sub(r"</?(?:b|i|u)>", "", cell) if re.fullmatch(r"(?:<(?:b|i|u)>)*<b>.*", cell) else "" for cell in rows[0]]
        if not found.headed and len(rows) > 1 and all(text_of(cell) for cell in bold):
            rows[0], found.headed = bold, True
        pictures, self._found = self._found, []
        caption = node.find("caption", recursive=False)
        words = text_of(self._children(caption, depth)) if caption else ""
        table = rows if found.headed else [[""] * len(rows[0]), *rows]
        return [table_piece(table, caption=words, first_column_is_header=found.first_column_is_header), *pictures]

    def _cell(self, node: Tag, depth: int) -> str:
        """What a cell holds, in line: paragraphs and items end with a line end."""
        lines: list[str] = []
        pictures = self._found
        self._found = []
        for piece in self.flow(node, depth + 1):
            if isinstance(piece, str):
                line = re.sub(r"<li>", "• ", re.sub(r"</li>(?!</[ou]l>$)|</p>(?!$)|(?<!^)<[ou]l\b[^>]*>", "<br>", piece))
                lines.append(re.sub(r"</?(?:p|ul|ol|li)\b[^>]*>|<hr>", "", line))
            elif piece[0] in ("image", "embed", "file"):
                pictures.append(piece)
            else:
                self.report.changed[gettext_noop("blocks inside the cell of a table, as text")] += 1
                lines.append(escape(" ".join(_words_of(piece[1]).split()), quote=False))
        self._found = pictures
        return "<br>".join(line for line in lines if line)

    def _blockquote(self, node: Tag, depth: int) -> list[Piece]:
        if self._callout_kind(node):
            title, parts = title_inside(self.flow(node, depth))
            return boxed(parts, "callout", {"kind": self._callout_kind(node), "title": title[:250]}, self.report)
        source = node.find(["cite", "footer"])
        attribution = text_of(self._children(source.extract(), depth)) if source else ""
        parts = self.flow(node, depth)
        html = clean("".join(part for part in parts if isinstance(part, str)))
        quote: list[Piece] = [("quote", {"text": html, "attribution": attribution.lstrip("—– ")[:250]})] if text_of(html) else []
        return quote + [part for part in parts if not isinstance(part, str)]

    def _pre(self, node: Tag, _depth: int) -> list[Piece]:
        text = node.get_text().strip("\n")
        names = [name for one in [node, *node.find_all("code")] for name in one.get_attribute_list("class") if name]
        language = next((name.split("-", 1)[1] for name in names if re.match(r"lang(?:uage)?-\w", name)), "")
        return [("code", {"language": language[:40], "text": text})] if text.strip() else []

    def _details(self, node: Tag, depth: int) -> list[Piece]:
        summary = node.find("summary")
        words = text_of(self._children(summary.extract(), depth)) if summary else ""
        return boxed(self.flow(node, depth), "details", {"summary": words[:250] or "…"}, self.report)

    def _figure(self, node: Tag, depth: int) -> list[Piece]:
        caption = node.find("figcaption")
        words = text_of(self._children(caption.extract(), depth)) if caption else ""
        pieces = self.flow(node, depth)
        kinds = [piece[0] for piece in pieces if not isinstance(piece, str)]
        if words and kinds in (["image"], ["table"]) and len(pieces) == 1:
            kind, value = pieces[0]
            (value if kind == "image" else value["table"])["caption"] = words[:250]
            return pieces
        return [*pieces, *([f"<p><i>{escape(words, quote=False)}</i></p>"] if words else [])]

    def _iframe(self, node: Tag, _depth: int) -> list[Piece]:
        source = node.get("src") or next((one.get("src") for one in node.find_all("source") if one.get("src")), "")
        return self._shown(str(source), str(node.get("title") or ""))

    _video = _audio = _gitbook_embed = _iframe

    def _shown(self, address: str, title: str) -> list[Piece]:
        player = player_for(address)
        if player:
            return [("embed", {"url": address.strip(), "title": (title or player.provider)[:250]})]
        if not address.strip():
            self.report.lost[gettext_noop("frames without an address")] += 1
            return []
        self.report.changed[gettext_noop("what other sites show in a frame, as a link")] += 1
        link = self.anchor(address, escape(title or address.strip(), quote=False))
        return [f"<p>{link}</p>"] if text_of(link) else []

    def _gitbook_file(self, node: Tag, depth: int) -> list[Piece]:
        note = text_of(self._children(node, depth))
        return [("file", {"document": f"@{node['src']}", "title": str(node.get("title") or "")[:250], "note": note[:300]})]

    # --- words in line

    def _children(self, node: Tag, depth: int) -> str:
        return "".join(self._inline(child, depth + 1) for child in node.children)

    def _inline(self, node: PageElement, depth: int) -> str:
        if isinstance(node, Comment):
            self.report.lost[gettext_noop("hidden comments")] += 1
            return ""
        if isinstance(node, CData | PreformattedString):
            return ""
        if isinstance(node, NavigableString):
            words = re.sub(r"[ \t\r\n\f]+", " ", UNSEEN.sub("", node))
            return escape(PRIVATE.sub(self._sign, words), quote=False)
        if not isinstance(node, Tag) or node.name in QUIET:
            return ""
        if depth > DEEPEST:
            self.report.changed[gettext_noop("parts nested too deep, as plain text")] += 1
            return escape(node.get_text(" "), quote=False)
        return self._tag(node, depth)

    def _sign(self, found: re.Match) -> str:
        sign = unfounded(found[0])
        if not sign:
            self.report.lost[gettext_noop("signs of a font of symbols")] += 1
        return sign

    def _tag(self, node: Tag, depth: int) -> str:
        name = node.name
        if name in DROPPED:
            self.report.lost[f"HTML: <{name}>"] += 1
            return ""
        if name == "br":
            return "<br>"
        if name == "img":
            self._found += self._picture(node)
            return ""
        if name == "input":
            return ("☑ " if node.has_attr("checked") else "☐ ") if node.get("type") == "checkbox" else ""
        if name == "math":
            self.report.changed[gettext_noop("formulas, as code")] += 1
            return f"<code>{escape(node.get_text(' ', strip=True), quote=False)}</code>"
        inside = self._children(node, depth)
        if name == "a":
            return self.anchor(str(node.get("href", "")), inside) if node.get("href") and text_of(inside) else inside
        if name == "q":
            return f"« {inside} »"
        tags = [INLINE[name]] if name in INLINE else self._styled(node)
        for tag in tags:
            inside = f"<{tag}>{inside}</{tag}>" if text_of(inside) else inside
        return inside

    def _styled(self, node: Tag) -> list[str]:
        style = str(node.get("style") or "").lower()
        return [tag for tag, pattern in STYLES if pattern.search(style)] if style else []

    def anchor(self, address: str, inside: str) -> str:
        """A link around HTML of ours; the HTML alone when a page may not lead to that address."""
        address = re.sub(r"[\x00-\x1f]", "", address).strip()
        try:
            scheme = urlsplit(re.sub(r"[\x00-\x20]", "", address)).scheme.lower()
        except ValueError:
            scheme = "?"
        if scheme not in SCHEMES:
            self.report.lost[gettext_noop("addresses that a page may not lead to") + f": {scheme[:30]}:"] += 1
            return inside
        return f'<a href="{escape(address)}">{inside}</a>'

    # --- pictures

    def _picture(self, node: Tag) -> list[Piece]:
        source = str(node.get("src") or node.get("data-src") or "")
        if str(node.get("width")) in ("0", "1") and str(node.get("height")) in ("0", "1"):
            self.report.lost[gettext_noop("invisible pictures that follow readers")] += 1
            return []
        return self.image(source, str(node.get("alt") or ""), caption=str(node.get("title") or ""))

    def image(self, address: str, words: str, *, caption: str = "") -> list[Piece]:
        """The block of a picture, not placed yet; its bytes are kept when the address holds them."""
        address = address.strip()
        if address in self.files:
            return self.embedded(self.files[address], words, caption=caption)
        if address[:5].lower() == "data:":
            return self._embedded(address, words, caption)
        try:
            scheme = urlsplit(address).scheme.lower()
        except ValueError:
            scheme = "?"
        if not address or scheme not in ("", "http", "https"):
            self.report.lost[gettext_noop("pictures whose address leads nowhere") + f": {scheme[:30] or words[:60] or '…'}"] += 1
            return []
        self.pad.images.setdefault(address, None)
        return [image_piece(address, words, caption=caption)]

    def _embedded(self, address: str, words: str, caption: str) -> list[Piece]:
        head, _comma, data = address.partition(",")
        try:
            content = base64.b64decode(data, validate=False) if head.endswith(";base64") else unquote_to_bytes(data)
        except (binascii.Error, ValueError):
            content = b""
        return self.embedded(content, words, caption=caption)

    def embedded(self, content: bytes, words: str, *, caption: str = "") -> list[Piece]:
        """The block of a picture that the document holds; it is named after what it shows, so that twins are one."""
        kind = picture_type(content)
        if not kind:
            self.report.lost[gettext_noop("pictures of a kind that is not shown here")] += 1
            return []
        try:
            check_picture(content, words)
        except RefusedFile:
            self.report.lost[gettext_noop("pictures that are broken or too large")] += 1
            return []
        address = f"image-{hashlib.sha256(content).hexdigest()[:16]}.{kind}"
        self.pad.images[address] = content
        return [image_piece(address, words, caption=caption)]


def _soup(html: str, only: SoupStrainer | None = None) -> BeautifulSoup:
    try:
        return BeautifulSoup(html, "html.parser", parse_only=only)
    except ParserRejectedMarkup:  # such as `<![>`, which a browser forgives
        return BeautifulSoup(_as_browsers_read(html), "html.parser", parse_only=only)


def _as_browsers_read(html: str) -> str:
    """The same HTML with every element closed where a browser closes it. Nothing is cleaned here: what leaves this module is."""
    tags = (
        set(INLINE) | BLOCKS | DROPPED | {"a", "abbr", "br", "caption", "figcaption", "font", "hgroup", "img", "input", "label"}
    ) - QUIET
    tags |= {"math", "q", "span", "summary", "wbr", "time", "ruby", "rt", "rp", "data", "bdi", "bdo", "col", "colgroup", "legend", "big"}
    return nh3.clean(
        html,
        tags=tags - {"html", "head", "body", "frameset", "frame"},
        clean_content_tags={"title"},
        attributes=dict.fromkeys(tags, ATTRIBUTES),
        url_schemes={"http", "https", "mailto", "tel", "data", "javascript", "vbscript", "file", "cid", "ftp", "blob"},
        strip_comments=False,
        link_rel=None,
    )


def _words_of(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(filter(None, (_words_of(item) for key, item in value.items() if key not in ("type", "kind", "level", "anchor"))))
    if isinstance(value, Iterable) and not isinstance(value, str):
        return " ".join(_words_of(item) for item in value)
    return text_of(value) if isinstance(value, str) else ""

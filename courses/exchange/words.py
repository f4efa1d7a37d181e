"""Texts of other formats as the editor keeps them: a few paragraphs with bold, italic, links, code, sub- and superscript; or bare words."""

import re
from html import escape, unescape

from bs4 import BeautifulSoup, NavigableString, Tag
from django.utils.translation import gettext_noop as _
from markdown_it import MarkdownIt

from academy.html import clean, text_of
from courses.exchange.plain import Notebook, NotUnderstood

_SAME = {"strong": "b", "b": "b", "em": "i", "i": "i", "sub": "sub", "sup": "sup", "code": "code", "kbd": "code", "a": "a"}
_LINES = {
    "p",
    "li",
    "blockquote",
    "tr",
    "h2",
    "h3",
    "h4",
    "dt",
    "dd",
    "caption",
    "pre",
    "ul",
    "ol",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "dl",
    "hr",
}
_HEADINGS = {"h2", "h3", "h4", "dt"}
# What tells HTML from words with a "<" in them: a tag that somebody writes in a question, or a character by its name.
_MARKUP = re.compile(
    r"</?(?:p|br|b|i|em|u|s|strong|code|sub|sup|a|ul|ol|li|div|span|img|table|tr|td|th|pre|h[1-6]|hr|blockquote|script|style|iframe|font|small|big"
    r"|center|video|audio|source|object|embed|svg|math|form|input)\b[^<>]*>|&(?:[a-zA-Z]{2,10}|#\d{1,6}|#x[0-9a-fA-F]{1,5});"
)
_IMAGE = re.compile(r"<img\b[^<>]{0,4000}>", re.IGNORECASE)
_SOUND = re.compile(r"<(?:audio|video|iframe|object|embed)\b", re.IGNORECASE)
_ASIDE = re.compile(r"<(?:u|s|del|ins|mark|small|abbr)\b", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
# Where only these stand, paragraphs are made without a parser: most texts of a large file are so.
_BARE = re.compile(r"</?(?:p|div|span|br)\b[^<>]*/?>", re.IGNORECASE)
_BREAK = re.compile(r"<br\b[^<>]*/?>", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|div)\b[^<>]*>", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
LONGEST_HTML = 30_000
DEEPEST = 60
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

HTML, MARKDOWN, PLAIN, MOODLE = "html", "markdown", "plain", "moodle"


def looks_like_html(text: str) -> bool:
    return _MARKUP.search(text) is not None


def pictures_in(text: str) -> list[tuple[str, str]]:
    """(address, alternative) of each picture of this HTML, in order."""
    found = []
    for tag in _IMAGE.findall(text):
        attributes = {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag)}
        found.append((attributes.get("src", ""), attributes.get("alt", "")))
    return found


def as_html(text: str, kind: str = MOODLE) -> str:
    """The text as HTML, not yet cleaned. Words alone become paragraphs: an empty line separates two."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if kind == MARKDOWN:
        return _MARKDOWN.render(text)
    if kind == HTML:
        return text
    if kind == MOODLE and looks_like_html(text):
        return re.sub(r"\n[ \t]*\n\s*", "<br><br>", text.strip()) if "<p" not in text.lower() else text
    paragraphs = [part.strip() for part in re.split(r"\n[ \t]*\n\s*", text) if part.strip()]
    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs)


def rich(html: str, notes: Notebook | None = None, *, pictures_too: bool = False) -> str:
    """HTML as a question keeps it. What goes is noted; pictures too, unless who calls sees to them."""
    notes = notes or Notebook()
    if _SOUND.search(html):
        notes.lost(_("A sound, a film or another page in the text is not kept."))
    if not pictures_too and _IMAGE.search(html):
        notes.lost(_("A picture in the text is not kept."))
    html = _IMAGE.sub("", html)
    if "<" not in _BARE.sub("", html):
        return _from_bare(html)
    if len(html) > LONGEST_HTML:
        raise NotUnderstood(_("Its text is too long: %(most)d characters are the most."), most=LONGEST_HTML)
    html = clean(html)
    paragraphs = _Paragraphs()
    paragraphs.walk(BeautifulSoup(html, "html.parser"))
    if paragraphs.reshaped:
        notes.changed(_("A list, a table or a heading became paragraphs."))
    if paragraphs.cut_off:
        notes.lost(_("A link to a file or a page of there is kept as words."))
    if _ASIDE.search(html):
        notes.lost(_("Underlined or crossed out words are kept as words."))
    return paragraphs.html()


def _from_bare(html: str) -> str:
    """Every character is escaped and every tag is written here: nothing of the file gets through but its words."""
    made = []
    for part in _BLOCK.split(html):
        lines = [" ".join(re.split(r"[ \t\r\n\f]+", unescape(_BARE.sub("", line)))).replace("\x00", "") for line in _BREAK.split(part)]
        line = re.sub(r"^(?:\s|<br/>)+|(?:\s|<br/>)+$", "", "<br/>".join(escape(line, quote=False) for line in lines))
        if line:
            made.append(f"<p>{line}</p>")
    return "".join(made)


class _Paragraphs:
    """Flattens what a question cannot hold: an item of a list, a row of a table, a heading is a paragraph of its own."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.open: list[str] = []
        self.reshaped = self.cut_off = False
        self.depth = 0

    def html(self) -> str:
        self.end()
        return "".join(f"<p>{line}</p>" for line in self.done)

    def end(self) -> None:
        line = re.sub(r"^(?:\s|<br/>)+|(?:\s|<br/>)+$", "", "".join(self.open))
        if text_of(line):
            self.done.append(re.sub(r"[ \t\n]+", " ", line))
        self.open = []

    def walk(self, node: Tag) -> None:
        if self.depth > DEEPEST:
            self.open.append(escape(node.get_text(" "), quote=False))
            return
        self.depth += 1
        for child in node.children:
            if isinstance(child, NavigableString):
                self.open.append(escape(str(child), quote=False))
            elif isinstance(child, Tag):
                self.tag(child)
        self.depth -= 1

    def tag(self, tag: Tag) -> None:
        name = tag.name
        if name == "br":
            self.open.append("<br/>")
        elif name in _SAME:
            self.inline(tag, _SAME[name])
        elif name in _LINES:
            self.line(tag)
        elif name in ("td", "th"):
            if "".join(self.open).strip():
                self.open.append(" | ")
            self.walk(tag)
        else:
            self.walk(tag)

    def inline(self, tag: Tag, name: str) -> None:
        if tag.find(list(_LINES)):  # a link around paragraphs: the paragraphs matter more
            self.walk(tag)
            return
        outside, self.open = self.open, []
        self.walk(tag)
        inside = "".join(self.open)
        self.open = outside
        address = tag.get("href", "") if name == "a" else ""
        if not inside.strip() or (name == "a" and not _ABSOLUTE.match(address)):
            self.cut_off = self.cut_off or bool(address)
            self.open.append(inside)
        else:
            self.open.append(f'<a href="{escape(address)}">{inside}</a>' if name == "a" else f"<{name}>{inside}</{name}>")

    def line(self, tag: Tag) -> None:
        name = tag.name
        self.end()
        self.reshaped = self.reshaped or name not in ("p", "blockquote")
        if name == "li":
            ordered = tag.parent is not None and tag.parent.name == "ol"
            before = len([one for one in tag.previous_siblings if getattr(one, "name", "") == "li"])
            self.open.append(f"{before + 1}. " if ordered else "• ")
        if name in _HEADINGS:
            self.inline(BeautifulSoup(f"<b>{tag.decode_contents()}</b>", "html.parser").b, "b")
        elif name == "pre":
            lines = tag.get_text().strip("\n").split("\n")
            self.open.append(f"<code>{'<br/>'.join(escape(line, quote=False) for line in lines)}</code>")
        else:
            self.walk(tag)
        self.end()


def text(html: str, notes: Notebook | None = None) -> str:
    """The words alone, a new line where the text has one; for answers, which hold no marks."""
    notes = notes or Notebook()
    if "<" not in html and "&" not in html:
        return "\n".join(spaced(line) for line in html.strip().split("\n"))
    if _IMAGE.search(html):
        notes.lost(_("A picture in an answer is not kept."))
    made = rich(html, Notebook(), pictures_too=True)
    if re.search(r"<(?:b|i|a|code|sub|sup)\b", made):
        notes.lost(_("Bold, italic, links and the like in an answer are kept as words."))
    lines = [line for part in made.split("</p>") for line in part.split("<br/>")]
    return "\n".join(text_of(line) for line in lines if text_of(line))


def one_line(html: str, notes: Notebook | None = None) -> str:
    return spaced(text(html, notes))


def answer(html: str, number: int, notes: Notebook | None = None) -> str:
    """One line to choose or to put in its place; raises NotUnderstood for one that is only a picture, `number` of its question."""
    line = one_line(html, notes)
    pictures = [] if line else pictures_in(html)
    if pictures:
        address, alt = pictures[0]
        address = address.partition(",")[0] if address.startswith("data:") else address
        raise NotUnderstood(
            _("Its answer %(number)d is a picture (“%(name)s”): answers that are pictures are not taken. Write it in words."),
            number=number, name=(" ".join(alt.split()) or address.rpartition("/")[2])[:80],
        )  # fmt: skip
    return line


def spaced(line: str) -> str:
    """One line with single spaces; a no-break space, which French needs, is a letter like another."""
    return re.sub(r"[ \t\r\n\f]+", " ", line).strip(" ")

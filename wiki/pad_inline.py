"""The words of a line: from markdown-it's inline nodes to the small HTML that rich text keeps. Pure."""

import re
from html import escape
from urllib.parse import unquote

from django.utils.translation import gettext_noop
from markdown_it.tree import SyntaxTreeNode

from academy.embeds import player_for
from academy.html import clean, text_of
from wiki.html_reader import HtmlReader
from wiki.pad import Report
from wiki.pad_blocks import Piece
from wiki.pad_emoji import with_emoji
from wiki.pad_syntax import TASK

TAGS = {"strong": "b", "em": "i", "s": "s", "ins": "u", "mark": "mark", "sup": "sup", "sub": "sub"}
RAW_TAGS = {"u", "ins", "b", "strong", "i", "em", "s", "del", "mark", "sub", "sup", "code", "br", "kbd", "small", "abbr"}
LAYOUT_TAGS = {"center", "font", "div", "span", "section", "p"}
SHORTCODES = {
    "youtube": "https://www.youtube.com/watch?v=",
    "vimeo": "https://vimeo.com/",
    "gist": "https://gist.github.com/",
    "slideshare": "https://www.slideshare.net/",
    "speakerdeck": "https://speakerdeck.com/",
}
LONG_LINE = 80
SIGNED = re.compile(r"\s*\[(name|time|color)=([^\]<]*)\]")
EMPTY = re.compile(r"<(b|i|u|s|em|strong|mark|small)></\1>")


class InlineWriter:
    """Writes inline nodes; blocks found on the way (our images, videos) wait in `found` for the paragraph to end."""

    def __init__(self, report: Report, html: HtmlReader, *, breaks: bool = True) -> None:
        self.report, self.html, self.breaks = report, html, breaks
        self.found: list[Piece] = []
        self._open_links: list[bool] = []
        self._typed_html = False

    def plain(self, node: SyntaxTreeNode) -> str:
        """The words alone, on one line."""
        return text_of(self.write(node.children))

    def take_found(self) -> list[Piece]:
        """The blocks met since the last call."""
        found, self.found = self.found, []
        return found

    def write(self, nodes: list[SyntaxTreeNode]) -> str:
        return "".join(self._node(node) for node in nodes)

    def paragraphs(self, node: SyntaxTreeNode) -> list[Piece]:
        """One paragraph of a pad, where every line end is a break, as one `<p>` for each thing said; then its blocks."""
        lines: list[str] = [""]
        for child in (child for inline in node.children for child in inline.children):
            if child.type == "hardbreak" or (child.type == "softbreak" and self.breaks):
                lines.append("")
            else:
                lines[-1] += self._node(child).replace("\n", " ")
        html = self._mend("\n".join(line.strip() for line in lines))
        groups: list[list[str]] = []
        for line in (line.strip() for line in html.split("\n")):
            bare = text_of(line)
            if not bare and not groups:
                continue
            if not groups or _begins_anew(groups[-1][-1], line):
                groups.append([line])
            elif _is_wrapped(groups[-1][-1], bare):
                groups[-1][-1] += f" {line}"
                self.report.changed[gettext_noop("lines cut by hand, joined")] += 1
            else:
                groups[-1].append(line)
        pieces: list[Piece] = [f"<p>{'<br>'.join(part for part in group if part)}</p>" for group in groups if text_of("".join(group))]
        if self._typed_html:  # a tag that is not closed must not reach the next paragraph
            pieces = [EMPTY.sub("", clean(piece)) for piece in pieces]
            self._typed_html, self._open_links = False, []
        found = self.take_found()
        if pieces and any(piece[0] == "image" for piece in found):
            self.report.changed[gettext_noop("pictures inside a sentence, placed under it")] += 1
        return pieces + found

    def _mend(self, html: str) -> str:
        """Marks that markdown refused for a space or a letter beside them are still what the writer meant; code stays code."""
        parts = re.split(r"(<code>.*?</code>)", html)
        return "".join(part if part.startswith("<code>") else self._mend_words(part) for part in parts)

    def _mend_words(self, html: str) -> str:
        if "**" in html:
            mended = re.sub(r"\*\*([^*\n]*?[^*\s][^*\n]*?)\*\*", lambda m: _tagged(m[1], "b"), html)
            mended = re.sub(r"(?:(?<=\s)|(?<=>)|^)\*\*(?=\S)|(?<=\S)\*\*(?=\s|<|$)", "", mended, flags=re.MULTILINE)
            if mended != html:
                self.report.changed[gettext_noop("bold marks that did not match")] += 1
                html = mended
        for mark, tag in (("++", "u"), ("==", "mark"), ("~~", "s")):
            if mark in html:
                m = re.escape(mark)
                pair = rf"(?<![\w{m[-1]}]){m}([^\n<]*?\S[^\n<]*?){m}(?![\w{m[-1]}])"
                mended = re.sub(pair, lambda found, t=tag: _tagged(found[1], t), html)
                if mended != html:
                    self.report.changed[gettext_noop("marks with spaces inside") + f": {mark}"] += 1
                    html = mended
        return html

    def _node(self, node: SyntaxTreeNode) -> str:
        handler = getattr(self, f"_{node.type}", None)
        if handler is not None:
            return handler(node)
        if node.type in TAGS:
            inside = self.write(node.children)
            return f"<{TAGS[node.type]}>{inside}</{TAGS[node.type]}>" if text_of(inside) else inside
        return self.write(node.children) if node.children else escape(node.content or "")

    def _text(self, node: SyntaxTreeNode) -> str:
        return escape(with_emoji(node.content), quote=False)

    def _shortcode(self, node: SyntaxTreeNode) -> str:
        kind, value = node.info, node.content.strip()
        address = value if re.match(r"https?:", value) or kind not in SHORTCODES else f"{SHORTCODES[kind]}{value}"
        if player_for(address):
            self.found.append(("embed", {"url": address, "title": player_for(address).provider}))
            return ""
        self.report.changed[gettext_noop("shown inside the pad, as a link") + f": {kind}"] += 1
        return self.html.anchor(address, escape(unquote(value.rsplit("/", 1)[-1]) if kind == "pdf" else value, quote=False))

    def _wikilink(self, node: SyntaxTreeNode) -> str:
        """`[[Title]]` or `[[Title|words]]`: a link to a page of that title, which may not exist yet."""
        target, _bar, words = node.content.partition("|")
        return f'<a linktype="wanted" target="{escape(target.strip())}">{escape((words or target).strip(), quote=False)}</a>'

    def _wikiimage(self, node: SyntaxTreeNode) -> str:
        address, _bar, words = node.content.partition("|")
        self.found += self.html.image(address.strip(), "" if re.fullmatch(r"[\dx\s]*", words) else words)
        return ""

    def _reading(self, node: SyntaxTreeNode) -> str:
        self.report.changed[gettext_noop("readings above words, in brackets after them")] += 1
        return escape(f"{node.content} ({node.info})", quote=False)

    def _math_inline(self, node: SyntaxTreeNode) -> str:
        self.report.changed[gettext_noop("formulas, as code")] += 1
        return f"<code>{node.markup}{escape(node.content, quote=False)}{node.markup}</code>"

    _math_inline_double = _math_inline

    def _code_inline(self, node: SyntaxTreeNode) -> str:
        return f"<code>{escape(node.content, quote=False)}</code>"

    def _softbreak(self, _node) -> str:
        return "<br>" if self.breaks else " "

    def _hardbreak(self, _node) -> str:
        return "<br>"

    def _link(self, node: SyntaxTreeNode) -> str:
        inside = re.sub(r"^(?:\s|<br>)+|(?:\s|<br>)+$", "", self.write(node.children))
        address = str(node.attrs.get("href", ""))
        if node.info == "auto" and re.fullmatch(r"[\w-]+\.[a-z]{2,4}", inside):  # `notes.md` is a file, not a site of Moldova
            return inside
        return self.html.anchor(address, inside or escape(address, quote=False))

    def _image(self, node: SyntaxTreeNode) -> str:
        words = text_of(self.write(node.children)) if node.children else node.content
        self.found += self.html.image(str(node.attrs.get("src", "")), words, caption=str(node.attrs.get("title", "")))
        return ""

    def _footnote_ref(self, node: SyntaxTreeNode) -> str:
        return f"<sup>{int(node.meta.get('id', 0)) + 1}</sup>"

    def _footnote_anchor(self, _node) -> str:
        return ""

    def _html_inline(self, node: SyntaxTreeNode) -> str:
        """One tag typed in a line: what rich text knows is kept, pictures and frames become blocks, the rest is said to be lost."""
        token = node.content
        if token.lstrip().startswith("<!--"):
            self.report.lost[gettext_noop("hidden comments")] += 1
            return ""
        tag = re.match(r"\s*<(/?)([a-z][a-z0-9]*)", token, re.IGNORECASE)
        if not tag:
            self.report.lost[gettext_noop("HTML that a page may not hold")] += 1
            return ""
        closing, name = tag[1], tag[2].lower()
        if name in RAW_TAGS:
            self._typed_html = True
            if name == "i" and re.search(r"class\s*=[\"'\s]*\w*\s*fa", token):
                self.report.lost[gettext_noop("icons")] += 1
            return f"<{closing}{name}>"
        if name == "a":
            return self._typed_link(token, closing)
        if name in ("img", "iframe", "video", "audio", "input"):
            pieces = [] if closing else self.html.pieces(token)
            self.found += [piece for piece in pieces if not isinstance(piece, str)]
            return " ".join(re.sub(r"</?p>", "", piece) for piece in pieces if isinstance(piece, str))
        if name not in LAYOUT_TAGS and not closing:
            self.report.lost[f"HTML: <{name}>"] += 1
        return ""

    def _typed_link(self, token: str, closing: str) -> str:
        self._typed_html = True
        if closing:
            return "</a>" if self._open_links and self._open_links.pop() else ""
        opening = self.html.pieces(f"{token}.</a>")
        match = re.match(r"<p>(<a [^>]*>)", opening[0]) if opening and isinstance(opening[0], str) else None
        self._open_links.append(match is not None)
        return match[1] if match else ""

    def item(self, html: str) -> str:
        """A list item that begins with `[x]` is a task; `[name=…] [time=…]` say who wrote it and when."""
        match = TASK.match(html)
        if match:
            html = ("☑ " if match[1] in "xX" else "☐ ") + html[match.end() :]
        said = SIGNED.findall(html)
        if not said:
            return html
        signature = ", ".join(value.strip() for name, value in said if name != "color")
        return f"{SIGNED.sub('', html).strip()}{f' — {signature}' if signature else ''}"


def _tagged(inside: str, tag: str) -> str:
    """Spaces stand outside the tag."""
    bare = inside.strip()
    left, right = inside[: len(inside) - len(inside.lstrip())], inside[len(inside.rstrip()) :]
    return f"{left}<{tag}>{bare}</{tag}>{right}"


def _begins_anew(previous: str, line: str) -> bool:
    """A line is a paragraph of its own when it begins in bold or underlined, or follows a bold line or a long one."""
    return (
        re.match(r"^(?:<i>)?<(?:b|u)>", line) is not None
        or re.fullmatch(r"<b>[^<]*</b>(?:\s*<i>[^<]*</i>)?\s*:?", previous) is not None
        or (len(text_of(previous)) >= LONG_LINE and not _is_wrapped(previous, text_of(line)))
    )


def _is_wrapped(previous: str, bare: str) -> bool:
    """The line goes on with a sentence that was cut by hand: it starts in lower case after a long line without an end."""
    words = text_of(previous)
    return len(words) >= 40 and bare[:1].islower() and words[-1:] not in ".!?:;…»)"

"""The words of a line: from markdown-it's inline nodes to the small HTML that rich text keeps. Pure."""

import re
from collections.abc import Callable
from html import escape
from urllib.parse import urlsplit

from markdown_it.tree import SyntaxTreeNode

from academy.embeds import player_for
from academy.html import clean, text_of
from wiki.pad_syntax import TASK

TAGS = {"strong": "b", "em": "i", "s": "s", "ins": "u", "mark": "mark", "sup": "sup", "sub": "sub"}
SCHEMES = {"http", "https", "mailto", "tel", ""}
EMOJI = {
    "smile": "😄", "smiley": "😃", "grinning": "😀", "wink": "😉", "blush": "😊", "heart": "❤️", "tada": "🎉", "rocket": "🚀",
    "warning": "⚠️",
    "bulb": "💡", "white_check_mark": "✅", "heavy_check_mark": "✔️", "x": "❌", "question": "❓", "exclamation": "❗", "arrow_right": "➡️",
    "point_right": "👉", "thumbsup": "👍", "+1": "👍", "thumbsdown": "👎", "-1": "👎", "clap": "👏", "eyes": "👀", "fire": "🔥",
    "star": "⭐",
    "calendar": "📅", "date": "📅", "memo": "📝", "pencil": "📝", "link": "🔗", "book": "📖", "books": "📚", "email": "📧", "phone": "📞",
    "hourglass": "⌛", "clock": "🕒", "euro": "💶", "moneybag": "💰", "handshake": "🤝", "wave": "👋", "pray": "🙏", "sparkles": "✨",
    "information_source": "ℹ️", "construction": "🚧", "pushpin": "📌", "round_pushpin": "📍", "speech_balloon": "💬", "key": "🔑",
}  # fmt: skip
LONG_LINE = 80

ImageWriter = Callable[[str, str], tuple[str, tuple | None]]


class InlineWriter:
    """Writes inline nodes; blocks found on the way (our images, videos) wait in `found` for the paragraph to end."""

    def __init__(self, report, image: ImageWriter) -> None:
        self.report, self._find_image = report, image
        self.found: list[tuple] = []

    def plain(self, node: SyntaxTreeNode) -> str:
        """The words alone, on one line."""
        return text_of(self.write(node.children))

    def take_found(self) -> list[tuple]:
        """The blocks met since the last call."""
        found, self.found = self.found, []
        return found

    def write(self, nodes: list[SyntaxTreeNode]) -> str:
        return "".join(self._node(node) for node in nodes)

    def paragraphs(self, node: SyntaxTreeNode) -> list:
        """One paragraph of a pad, where every line end is a break, as one `<p>` for each thing said; then its blocks."""
        lines: list[str] = [""]
        for child in (child for inline in node.children for child in inline.children):
            if child.type in ("softbreak", "hardbreak"):
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
                self.report.changed["lines cut by hand, joined"] += 1
            else:
                groups[-1].append(line)
        pieces: list = [f"<p>{'<br>'.join(part for part in group if part)}</p>" for group in groups if text_of("".join(group))]
        return pieces + self.take_found()

    def _mend(self, html: str) -> str:
        """Marks that markdown refused for a space or a letter beside them are still what the writer meant; code stays code."""
        parts = re.split(r"(<code>.*?</code>)", html)
        return "".join(part if part.startswith("<code>") else self._mend_words(part) for part in parts)

    def _mend_words(self, html: str) -> str:
        if "**" in html:
            mended = re.sub(r"\*\*([^*\n]*?[^*\s][^*\n]*?)\*\*", lambda m: _tagged(m[1], "b"), html)
            mended = re.sub(r"(?:(?<=\s)|(?<=>)|^)\*\*(?=\S)|(?<=\S)\*\*(?=\s|<|$)", "", mended, flags=re.MULTILINE)
            if mended != html:
                self.report.changed["bold marks that did not match"] += 1
                html = mended
        for mark, tag in (("++", "u"), ("==", "mark"), ("~~", "s")):
            if mark in html:
                m = re.escape(mark)
                pair = rf"(?<![\w{m[-1]}]){m}([^\n<]*?\S[^\n<]*?){m}(?![\w{m[-1]}])"
                mended = re.sub(pair, lambda found, t=tag: _tagged(found[1], t), html)
                if mended != html:
                    self.report.changed[f"{mark} marks with spaces inside"] += 1
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
        words = node.content
        if ":" in words:
            words = re.sub(r":([a-z0-9_+\-]+):", lambda m: EMOJI.get(m[1], m[0]), words)
        html = escape(words, quote=False)
        if "{%" in html:
            html = re.sub(r"\{%\s*(\w+)\s+([^%{}]+?)\s*%\}", self._shortcode, html)
        return html

    def _shortcode(self, match: re.Match) -> str:
        kind, value = match[1].lower(), match[2].strip()
        known = {"youtube": "https://www.youtube.com/watch?v=", "vimeo": "https://vimeo.com/"}
        address = value if value.startswith("http") else f"{known.get(kind, 'https://' + kind + '.com/')}{value}"
        if player_for(address):
            self.found.append(("embed", {"url": address, "title": kind.capitalize()}))
            return ""
        self.report.changed[f"{kind} shown inside, as a link"] += 1
        return self._anchor(address, escape(value))

    def _code_inline(self, node: SyntaxTreeNode) -> str:
        return f"<code>{escape(node.content, quote=False)}</code>"

    def _softbreak(self, _node) -> str:
        return "<br>"

    _hardbreak = _softbreak

    def _link(self, node: SyntaxTreeNode) -> str:
        inside = re.sub(r"^(?:\s|<br>)+|(?:\s|<br>)+$", "", self.write(node.children))
        return self._anchor(node.attrs.get("href", ""), inside or escape(node.attrs.get("href", "")))

    def _anchor(self, address: str, inside: str) -> str:
        address = address.strip()
        try:
            scheme = urlsplit(re.sub(r"[\x00-\x20]", "", address)).scheme.lower()
        except ValueError:
            scheme = "bad"
        if scheme not in SCHEMES:
            self.report.lost[f"address that a page may not lead to: {scheme}:"] += 1
            return inside
        return f'<a href="{escape(address)}">{inside}</a>'

    def _image(self, node: SyntaxTreeNode) -> str:
        return self.picture(node.attrs.get("src", ""), text_of(self.write(node.children)) if node.children else node.content)

    def _footnote_ref(self, node: SyntaxTreeNode) -> str:
        return f"<sup>{int(node.meta.get('id', 0)) + 1}</sup>"

    def _footnote_anchor(self, _node) -> str:
        return ""

    def _html_inline(self, node: SyntaxTreeNode) -> str:
        return self._raw(node.content)

    def html_block(self, html: str) -> list:
        html = self._raw(html)
        return [html] if text_of(html) else []

    def _raw(self, html: str) -> str:
        """HTML typed in a pad: comments and forbidden tags go, and the report says so; an opening tag alone is kept as it is."""
        if html.lstrip().startswith("<!--"):
            self.report.lost["hidden comments"] += 1
            return ""
        for frame in re.findall(r"<iframe[^>]*\ssrc=[\"']?([^\"'\s>]+)", html, re.IGNORECASE):
            if player_for(frame):
                self.found.append(("embed", {"url": frame, "title": player_for(frame).provider}))
            else:
                self.report.changed["frames, as links"] += 1
                html += self._anchor(frame, escape(frame))
        for picture in re.finditer(r"<img\b[^>]*>", html, re.IGNORECASE):
            source = re.search(r"\ssrc=[\"']?([^\"'\s>]+)", picture[0], re.IGNORECASE)
            words = re.search(r"\salt=[\"']([^\"']*)", picture[0], re.IGNORECASE)
            html = html.replace(picture[0], self.picture(source[1], words[1] if words else "") if source else "")
        html = re.sub(r"<(/?)(?:center|font|div|span|section)\b[^>]*>", "", html, flags=re.IGNORECASE)
        tag = re.fullmatch(r"\s*</?([a-z][a-z0-9]*)\b[^>]*>\s*", html, re.IGNORECASE)
        if tag:
            name = tag[1].lower()
            kept = name in ("u", "ins", "b", "strong", "i", "em", "s", "del", "mark", "sub", "sup", "code", "br", "kbd", "small", "abbr")
            if not kept:
                self.report.lost[f"HTML: <{name}>"] += 1
                return ""
            closing = "/" if html.lstrip().startswith("</") else ""
            return f"<{closing}{name}>"
        cleaned = clean(html)
        if text_of(cleaned) != text_of(html):
            self.report.lost["HTML that a page may not hold"] += 1
        return cleaned

    def picture(self, address: str, words: str) -> str:
        text, block = self._find_image(address, words)
        if block is not None:
            self.found.append(block)
            return ""
        return self._anchor(address, escape(text))

    def task(self, html: str) -> str:
        """`[x] done` at the start of a list item."""
        match = TASK.match(html)
        if not match:
            return html
        return ("☑ " if match[1] in "xX" else "☐ ") + html[match.end() :]


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

"""The dialect that pads (HedgeDoc, CodiMD) are really written in: its parser, and the repair of what hurried hands leave. Pure.

`repair` works on lines and counts what it changed; `parser` gives markdown-it's tokens for the result. Nothing here knows pages.
"""

import re
from functools import lru_cache
from urllib.parse import quote

from django.utils.translation import gettext_noop
from markdown_it import MarkdownIt
from markdown_it.rules_inline.state_inline import Delimiter, StateInline
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.subscript import sub_plugin
from mdit_py_plugins.superscript import superscript_plugin

from wiki.gitbook import in_containers
from wiki.pad import Report, Tally

LONGEST_SOURCE = 500_000
DEEPEST_NESTING = 20

LIST_ITEM = re.compile(r"^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+\S")
FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
BLOCK_START = re.compile(r"^\s{0,3}(?:#{1,6}(?:\s|$)|>|:::|\||(?:[-*_]\s*){3,}$|\[\^[^\]]+\]:|\*\[[^\]]+\]:)")
BULLET_SIGN = re.compile(r"^(\s*)[•▪◦‣·]\s+")
TOC = re.compile(r"^\s*\[toc(?:[ \t][^\]]*?(?:title=\"([^\"]*)\")?[^\]]*)?\]\s*$", re.IGNORECASE)
ABBREVIATION = re.compile(r"^\*\[([^\]]+)\]:\s*(.*)$")
CENTER = re.compile(r"</?center>", re.IGNORECASE)
TASK = re.compile(r"^\[([ xX])\]\s+")


def _double_mark(md: MarkdownIt, character: str, name: str, tag: str) -> None:
    """`++ins++` and `==mark==`, by markdown-it's own algorithm for strikethrough: `C++ et g++` stays what it is."""
    code = ord(character)

    def tokenize(state: StateInline, silent: bool) -> bool:
        if silent or state.src[state.pos] != character:
            return False
        scanned = state.scanDelims(state.pos, True)
        if scanned.length < 2:
            return False
        pairs, odd = divmod(scanned.length, 2)
        if odd:
            state.push("text", "", 0).content = character
        for _pair in range(pairs):
            state.push("text", "", 0).content = character * 2
            state.delimiters.append(Delimiter(code, 0, len(state.tokens) - 1, -1, scanned.can_open, scanned.can_close))
        state.pos += scanned.length
        return True

    def pair_up(state: StateInline, delimiters: list[Delimiter]) -> None:
        for opening in delimiters:
            if opening.marker != code or opening.end == -1:
                continue
            for token, nesting in ((state.tokens[opening.token], 1), (state.tokens[delimiters[opening.end].token], -1)):
                token.type, token.tag, token.nesting, token.content = f"{name}_{'open' if nesting == 1 else 'close'}", tag, nesting, ""

    def post_process(state: StateInline) -> None:
        pair_up(state, state.delimiters)
        for meta in state.tokens_meta:
            if meta and "delimiters" in meta:
                pair_up(state, meta["delimiters"])

    md.inline.ruler.before("emphasis", name, tokenize)
    md.inline.ruler2.before("emphasis", name, post_process)


def double_brackets(md: MarkdownIt) -> None:
    """`[[Title]]` is a link to a page, `![[file.png]]` a picture."""

    def tokenize(state: StateInline, silent: bool) -> bool:
        picture = state.src[state.pos] == "!"
        start = state.pos + picture
        match = DOUBLE_BRACKETS.match(state.src, start, state.posMax)
        if not match:
            return False
        if not silent:
            state.push("wikiimage" if picture else "wikilink", "", 0).content = match[1]
        state.pos = match.end()
        return True

    md.inline.ruler.before("link", "wikilink", tokenize)


def _shortcodes(md: MarkdownIt) -> None:
    """`{%youtube id%}` and its kin, before the address inside becomes a link."""

    def tokenize(state: StateInline, silent: bool) -> bool:
        match = SHORTCODE.match(state.src, state.pos, state.posMax)
        if not match:
            return False
        if not silent:
            token = state.push("shortcode", "", 0)
            token.info, token.content = match[1].lower(), match[2]
        state.pos = match.end()
        return True

    md.inline.ruler.before("link", "shortcode", tokenize)


def _readings(md: MarkdownIt) -> None:
    """CodiMD's `{漢字|かんじ}`, how a word is said; of Chinese, Japanese and Korean words alone: elsewhere the signs mean themselves."""

    def tokenize(state: StateInline, silent: bool) -> bool:
        match = READING.match(state.src, state.pos, state.posMax)
        if not match:
            return False
        if not silent:
            token = state.push("reading", "", 0)
            token.content, token.info = match[1], match[2]
        state.pos = match.end()
        return True

    md.inline.ruler.before("link", "reading", tokenize)


READING = re.compile(r"\{([^{}|\n]*[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af][^{}|\n]*)\|([^{}|\n]+)\}")
SHORTCODE = re.compile(r"\{%\s*(\w+)\s+([^%{}\n]{1,500}?)\s*%\}")
DOUBLE_BRACKETS = re.compile(r"\[\[([^\[\]\n]{1,300})\]\](?!\()")
IMAGE_SIZE = re.compile(r"(!\[[^\]\n]*\]\([^()\s]+(?:\s+\"[^\"\n]*\")?)\s+=(\d*%?x\d*%?)\s*\)")


@lru_cache(maxsize=2)
def parser(breaks: bool = True) -> MarkdownIt:
    md = MarkdownIt("commonmark", {"breaks": breaks, "html": True, "linkify": True, "maxNesting": DEEPEST_NESTING * 3})
    md.enable(["table", "strikethrough", "linkify"])
    md.use(footnote_plugin).use(deflist_plugin).use(superscript_plugin).use(sub_plugin)
    md.use(container_plugin, "pad", validate=lambda params, _markup: bool(params.strip()))
    # No space and no digit beside the signs: "5$ et 10$" is an amount, not a formula.
    md.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True).use(amsmath_plugin)
    _double_mark(md, "+", "ins", "u")
    _double_mark(md, "=", "mark", "mark")
    double_brackets(md)
    _shortcodes(md)
    _readings(md)
    md.validateLink = lambda _url: True  # a bad address is refused when it is written out, and reported, rather than left as text
    return md


class Repair:
    """One pass over the lines of a pad, outside code; the report says what was put right, and on which line."""

    def __init__(self, report: Report, *, first_line: int = 1, slides: bool = False) -> None:
        self.report, self.changed, self.slides = report, report.changed, slides
        self.abbreviations: dict[str, str] = {}
        self.lines: list[str] = []
        self._origins: list[int] = []
        self._line_number = first_line
        self._list_number: int | None = None
        self._in_list = False
        self._in_notes = False
        self._open_containers: list[int] = []

    def line_of(self, index: int) -> int:
        """The line of the source that became this line of the result."""
        return self._origins[min(index, len(self._origins) - 1)] if self._origins else 1

    def run(self, text: str) -> str:
        text = _join_broken_links(text)
        fence = ""
        for line in text.split("\n"):
            self.report.at(self._line_number)
            joined = line.count(JOINED)
            if joined:
                self.changed[gettext_noop("links written over two lines")] += joined
            line = line.replace(JOINED, " ")
            match = FENCE.match(line)
            if fence:
                self.lines.append(line)
                if match and match[1].startswith(fence) and not line.strip().strip(fence[0]):
                    fence = ""
            elif match:
                fence = match[1]
                self._leave_list()
                self.lines.append(line)
            else:
                for part in in_containers(line, self.report):
                    self._line(part)
            self._origins += [self._line_number] * (len(self.lines) - len(self._origins))
            self._line_number += 1 + joined
        self._close_notes()
        return "\n".join(self.lines)

    def _leave_list(self) -> None:
        self._in_list, self._list_number = False, None

    def _line(self, line: str) -> None:
        if self.slides and self._slide_line(line):
            return
        if TOC.match(line):
            self._leave_list()
            self.lines += ["", line.strip(), ""]
            return
        abbreviation = ABBREVIATION.match(line)
        if abbreviation:
            self.abbreviations[abbreviation[1].strip()] = abbreviation[2].strip()
            self.changed[gettext_noop("abbreviations, listed at the end")] += 1
            return
        line = self._container(CENTER.sub("", line))
        if BULLET_SIGN.match(line):
            line = BULLET_SIGN.sub(r"\1- ", line)
            self.changed[gettext_noop("bullet signs made a list")] += 1
        line = self._list(line)
        if "`" not in line:
            line = _mend_addresses(line, self.changed)
            line = _mend_bold(line, self.changed)
        for size in IMAGE_SIZE.finditer(line):
            self.report.lost[gettext_noop("sizes of images, which are as wide as the text has room for") + f": {size[2]}"] += 1
        line = IMAGE_SIZE.sub(r"\1)", line)
        self.lines += line.split("\n")

    def _slide_line(self, line: str) -> bool:
        """In a pad shown as slides, rules separate slides and `Note:` opens what the speaker alone sees."""
        if re.match(r"^-{3,4}\s*$", line):
            self._close_notes()
            self.lines.append("")
            self.changed[gettext_noop("slides, one after the other")] += 1
            return True
        note = re.match(r"^notes?:\s*(.*)$", line, re.IGNORECASE)
        if note:
            self._close_notes()
            self._in_notes = True
            self.lines += ["", ":::::spoiler Notes", note[1]]
            self.changed[gettext_noop("notes of the speaker, as a text to open")] += 1
            return True
        return False

    def _close_notes(self) -> None:
        if self._in_notes:
            self.lines += [":::::", ""]
        self._in_notes = False

    def _container(self, line: str) -> str:
        """`<details>` becomes a container; a container that closes nothing is dropped."""
        details = re.match(r"^\s*<details[^>]*>\s*(?:<summary[^>]*>(.*?)</summary>)?\s*$", line, re.IGNORECASE)
        if details:
            line = f":::spoiler {details[1] or ''}"
        elif re.match(r"^\s*</details>\s*$", line, re.IGNORECASE):
            line = ":::"
        summary = re.match(r"^\s*<summary[^>]*>(.*?)</summary>\s*$", line, re.IGNORECASE)
        if summary and self._take_summary(summary[1]):
            return ""
        marker = re.match(r"^\s*(:{3,})\s*(.*)$", line)
        if not marker:
            return line
        if marker[2].strip():
            self._open_containers.append(len(marker[1]))
            return line if not details else f"{line}\n"
        if not self._open_containers:
            self.changed[gettext_noop("marks of a box that closed nothing")] += 1
            return ""
        while self._open_containers and len(marker[1]) >= self._open_containers[-1]:
            self._open_containers.pop()
            break
        return line

    def _take_summary(self, words: str) -> bool:
        """`<summary>` on a line of its own under `<details>`."""
        index = next((index for index in range(len(self.lines) - 1, -1, -1) if self.lines[index].strip()), None)
        if index is None or self.lines[index].strip() != ":::spoiler":
            return False
        self.lines[index] = f":::spoiler {words.strip()}"
        return True

    def _list(self, line: str) -> str:
        """A line at the margin under a list is a new paragraph, unless it goes on with the sentence (it starts in lower case)."""
        item = LIST_ITEM.match(line)
        previous = self.lines[-1] if self.lines else ""
        if item:
            number = int(item[2]) if item[2] else None
            if number and number > 1 and not self._in_list and previous.strip() and number == (self._list_number or -9) + 1:
                self.lines.append("")
                self.changed[gettext_noop("lists separated from the paragraph above")] += 1
            self._in_list = True
            self._list_number = number or self._list_number
            return line
        if not line.strip():
            self._in_list = False
            return line
        if self._in_list and not line.startswith((" ", "\t")) and not BLOCK_START.match(line):
            if previous.strip() and not line[0].islower():
                self.lines.append("")
                self.changed[gettext_noop("paragraphs separated from the list above")] += 1
                self._in_list = False
        elif BLOCK_START.match(line):
            self._leave_list()
        return line


JOINED = "\ue000"  # stands for a line end taken away, so that the lines after it keep their number


def _join_broken_links(text: str) -> str:
    """`[words\\n](address)` and `[words]\\n(address)` are one link on one line."""

    def join(match: re.Match) -> str:
        return f"[{' '.join(match[1].split())}]({match[2].strip()}){JOINED if chr(10) in match[0] else ''}"

    text = re.sub(r"\[([^\[\]\n]*\n[^\[\]\n]*)\]\(([^()\n]+)\)", join, text.replace(JOINED, ""))
    return re.sub(r"\[([^\[\]\n]+)\](?: |\n)\((https?://[^()\s]+)\)", join, text)


def _mend_addresses(line: str, changed: Tally) -> str:
    """An address with spaces would leave the whole link as text."""

    def mend(match: re.Match) -> str:
        inside = match[1].strip()
        titled = re.match(r"^(<[^>]*>|\S+)(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^)]*\)))?(?:\s+=\d*%?x\d*%?)?$", inside)
        if titled or " " not in inside:
            return match[0]
        if not re.match(r"^(?:https?:|/|\.|[^\s]+\.\w{2,5}$)", inside.split(" ")[0]) and not re.search(r"\.\w{2,5}$", inside):
            return match[0]
        changed[gettext_noop("addresses with spaces")] += 1
        return f"]({quote(inside, safe=':/?#[]@!$&*+,;=%~')})"

    return re.sub(r"\]\(([^()\n]+)\)", mend, line)


def _mend_bold(line: str, changed: Tally) -> str:
    """`**words **` and `** words**`: the spaces go outside, so that it is bold. Only when the marks of the line pair up."""
    pieces = line.split("**")
    if len(pieces) < 3 or len(pieces) % 2 == 0 or "***" in line:
        return line
    mended = False
    for index in range(1, len(pieces), 2):
        inside = pieces[index]
        stripped = inside.strip()
        if not stripped or stripped == inside:
            continue
        pieces[index - 1] += inside[: len(inside) - len(inside.lstrip())]
        pieces[index + 1] = inside[len(inside.rstrip()) :] + pieces[index + 1]
        pieces[index] = stripped
        mended = True
    if mended:
        changed[gettext_noop("bold with spaces inside its marks")] += 1
    return "**".join(pieces)

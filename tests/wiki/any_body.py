"""Bodies made at random, the same for the same seed: every kind of block, words that look like markup, marks in marks."""

import random
import re
from html import escape

from academy.html import clean, text_of
from tests.wiki.test_exporter_words import WORDS

# A word is put together of these, so that signs meet in every order.
SIGNS = [
    *"abc é1 .  ", *"\\`*_[]<>~^$|#+-=!:;&{}%()\"'@/", "\u00a0", "\u200b", "\u00ad", "\u202f", "🎉", "é", "::", "```", "~~~", "{%", "%}", "[[", "]]", "**",
    "<!--", "-->", "&amp;", "&lt;", "&#65;", "http://a.b", "1.", "1)", "\\\\", "Table:", "[TOC]", "[name=", "ﬁ",
]  # fmt: skip
ORDINARY = ["un mot", "coopérative", "l’été", "100 %", "C++", "a", "Qui ?"]
LINKS = [
    f'href="{escape(address)}"'
    for address in (
        "https://a.example/é?x=1&y=(2)", "https://a.example/a_b*c*", "mailto:a@b.c", "#ancre", "https://a.example/<x>", "https://a.example/\\x|y",
    )
] + ['linktype="page" id="7"', 'linktype="document" id="8"', 'linktype="wanted" target="La page"']  # fmt: skip
KINDS = ["heading", "text", "callout", "table", "details", "image", "file", "code", "embed", "quote", "contents"]


class AnyBody:
    """Makes one block after another."""

    MARKS = ("b", "i", "u", "mark", "s", "sup", "sub")

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def words(self) -> str:
        if self.random.random() < 0.3:
            return " ".join(self.random.choice([*WORDS, *ORDINARY]) for _number in range(self.random.randint(1, 3)))
        return "".join(self.random.choice(SIGNS) for _number in range(self.random.randint(1, 12)))

    def line(self) -> str:
        return self.words()[:100].strip() or "x"

    def maybe(self) -> str:
        return self.random.choice(["", self.line()])

    def inline(self, depth: int = 3, *, links: bool = True) -> str:
        parts = []
        for _number in range(self.random.randint(1, 4)):
            chosen, words = self.random.random(), escape(self.words(), quote=False)
            if depth and chosen < 0.35:
                mark = self.random.choice(self.MARKS)
                parts.append(f"<{mark}>{self.inline(depth - 1, links=links)}</{mark}>")
            elif depth and links and chosen < 0.5:
                parts.append(self.link(depth))
            elif chosen < 0.57:
                parts.append(f"<code>{words}</code>")
            elif chosen < 0.63 and parts:
                parts.append("<br>" + self.random.choice(["", "x", words]))
            else:
                parts.append(words)
        return self.random.choice(["", " "]).join(parts)

    def link(self, depth: int) -> str:
        where = self.random.choice(LINKS)
        plain = re.sub(r"[\[\]|\s]+", " ", self.words()).strip() or "x"
        return f"<a {where}>{escape(plain, quote=False) if 'wanted' in where else self.inline(depth - 1, links=False)}</a>"

    def items(self, depth: int) -> str:
        tag = self.random.choice(["ul", "ol"])
        items = []
        for _number in range(self.random.randint(1, 3)):
            nested = self.items(depth - 1) if depth and self.random.random() < 0.4 else ""
            items.append(f"<li>{self.inline()}{nested}</li>")
        return f"<{tag}>{''.join(items)}</{tag}>"

    def rich(self) -> str:
        parts = []
        for _number in range(self.random.randint(1, 4)):
            chosen = self.random.random()
            parts.append(self.items(3) if chosen < 0.35 else "<hr>" if chosen < 0.45 else f"<p>{self.inline()}</p>")
        html = clean("".join(parts))
        return html if text_of(html) else "<p>x</p>"

    def block(self) -> dict:
        kind = self.random.choice(KINDS)
        return {"type": kind, "value": getattr(self, kind)()}

    def heading(self) -> dict:
        return {"level": self.random.choice("234"), "text": self.line(), "anchor": self.random.choice(["a1", "Mon.ancre", "x-y_z:1"])}

    def text(self) -> str:
        return self.rich()

    def callout(self) -> dict:
        kind = self.random.choice(["note", "info", "success", "warning", "danger"])
        return {"kind": kind, "title": self.maybe(), "text": self.rich()}

    def details(self) -> dict:
        return {"summary": self.line(), "text": self.rich()}

    def quote(self) -> dict:
        return {"text": self.rich(), "attribution": self.maybe()}

    def contents(self) -> dict:
        return {"title": self.maybe()}

    def image(self) -> dict:
        return {"image": {"image": 7, "alt_text": self.line(), "decorative": False}, "caption": self.maybe()}

    def file(self) -> dict:
        return {"document": 3, "title": self.maybe(), "note": self.maybe()}

    def embed(self) -> dict:
        addresses = ["https://www.youtube.com/watch?v=abc&t=1", 'https://a.example/x"y', "https://a.example/%7D", "https://a.example/a%}b"]
        return {"url": self.random.choice(addresses), "title": self.line()}

    def code(self) -> dict:
        line = self.line
        lines = [line(), "", f"    {line()}", f"{line()}  ", "```", "````", "~~~", ":::", f"\t{line()}"]
        text = "\n".join(self.random.choice(lines) for _number in range(5))
        language = self.random.choice(["", "sh", "c++", "my lang", "a&lt;b", "x{1}"])
        return {"language": language, "text": f"{self.random.choice(['', '  '])}{text}z"}

    def table(self) -> dict:
        cells = {
            "text": lambda: "\n".join(self.maybe() for _number in range(self.random.randint(0, 2))) + self.line(),
            "number": lambda: self.random.choice(["", "1 200", "12 %", "-3", self.line()]),
            "rich": lambda: self.random.choice(["", clean(self.inline(2))]),
        }
        kinds = [self.random.choice(list(cells)) for _number in range(self.random.randint(1, 4))]
        rows = [{"values": [self.random.choice([cells[kind](), ""]) for kind in kinds]} for _number in range(self.random.randint(0, 3))]
        columns = [{"type": kind, "heading": self.maybe()} for kind in kinds]
        drawn = {"drawn": True, "drawn_to": self.random.choice([None, 1, 100])} if self.random.random() < 0.3 else {}
        table = {"columns": columns, "rows": rows, "caption": self.maybe()}
        return {"table": table, "first_column_is_header": self.random.random() < 0.5, **drawn}

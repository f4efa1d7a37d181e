"""Signs of the symbol fonts of office programmes (Wingdings, Symbol, Webdings) as the signs that every font has. Pure."""

import re

from mammoth.docx.dingbats import dingbats

FONT = re.compile(r"\b(wingdings(?: [23])?|webdings|symbol)\b", re.IGNORECASE)
# Letters that mean nothing without their font: such files write 0xF0 before what they mean.
PRIVATE = re.compile("[\ue000-\uf8ff]")


def symbol_font(name: str) -> str:
    """The symbol font that a list of fonts begins with, as the table calls it; nothing for a font of letters."""
    found = FONT.search(name.split(",")[0])
    return found[1].capitalize() if found else ""


def signs(words: str, font: str) -> str:
    """Words written in a symbol font; a sign that no other font has stays as it is."""
    return "".join(_sign(char, font) for char in words)


def unfounded(char: str) -> str:
    """A private letter whose font is not known: most are ticks and bullets. Nothing when it is not one."""
    code = ord(char)
    if not 0xF020 <= code <= 0xF0FF:
        return ""
    return _sign(char, "Symbol" if code == 0xF0B7 else "Wingdings")


def _sign(char: str, font: str) -> str:
    code = ord(char)
    known = dingbats.get((font, code & 0xFF)) if 0x20 <= code <= 0xFF or 0xF020 <= code <= 0xF0FF else None
    return chr(known) if known else char

"""Links of a body that point at other files of an import: what they become is decided by who knows all the files. Pure."""

import re
from collections.abc import Callable, Mapping
from html import escape, unescape

from academy.html import clean
from wiki.pad import Pad, rewrite_rich_text

LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')

# What the `<a>` is to say: {"linktype": "page", "id": "12"}, {"linktype": "document", "id": "3"}, {"linktype": "wanted", "target": "Title"}, {"href": "…"}
Attributes = Mapping[str, str]


def resolve_links(pad: Pad | list[dict], resolve: Callable[[str], Attributes | None]) -> None:
    """Asks of each link where it leads, in place. `resolve` takes the address as written, `[[Title]]` for a link to a title;

    None leaves the link as it is, an empty mapping takes it away and keeps its words.
    """

    def change(match: re.Match) -> str:
        attributes = {name: unescape(value) for name, value in ATTRIBUTE.findall(match[1])}
        kind = attributes.get("linktype")
        if kind == "wanted":
            address = f"[[{attributes.get('target', '')}]]"
        elif kind or "href" not in attributes:
            return match[0]
        else:
            address = attributes["href"]
        found = resolve(address)
        if found is None:
            return match[0]
        if not found:
            return match[2]
        written = " ".join(f'{name}="{escape(str(value))}"' for name, value in found.items())
        return f"<a {written}>{match[2]}</a>"

    def rewrite(html: str) -> str:
        changed = LINK.sub(change, html)
        return clean(changed) if changed != html else html

    rewrite_rich_text(pad.blocks if isinstance(pad, Pad) else pad, rewrite)

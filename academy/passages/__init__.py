"""The words of a file, page by page: what runs in the sandbox for academy.extraction. Bytes in, (number, words) out; no database."""

from academy.files import OFFICE_TYPES, decoded, true_type

# Whatever is longer than this is not searched to its end.
MOST_CHARACTERS = 20_000_000
FEWEST_CHARACTERS = 20


def passages(content: bytes, arguments: dict) -> tuple[dict, list[bytes]]:
    """{"passages": [[number, words]…], "pages_without_text": n}; `passages` is None for a kind that holds no words."""
    kind = true_type(content, arguments["name"])
    found = _passages(content, kind, arguments["name"])
    if found is None:
        return {"passages": None}, []
    kept, length = [], 0
    for number, text in found:
        text = "\n".join(line for line in (" ".join(line.split()) for line in text.splitlines()) if line)
        length += len(text)
        if length > MOST_CHARACTERS:
            break
        kept.append([number, text])
    empty = sum(1 for _number, text in kept if len(text) < FEWEST_CHARACTERS) if kind == "pdf" else 0
    return {"passages": [one for one in kept if one[1]], "pages_without_text": empty}, []


def _passages(content: bytes, kind: str, name: str):
    if kind == "pdf":
        from academy.passages.pdf import pages

        return pages(content, name)
    if kind in OFFICE_TYPES:
        from academy.passages.office import parts

        return parts(content, kind, name)
    if kind == "html":
        from academy.passages.plain import html_words

        return [(0, html_words(decoded(content, name)))]
    return [(0, decoded(content, name))] if kind in ("md", "txt", "csv") else None

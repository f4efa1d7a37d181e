"""Anchors of headings. Apart from the blocks, so that whoever reads a file need not load the CMS."""

from django.utils.text import slugify


def unused_anchor(text: str, taken: set[str]) -> str:
    """A new anchor made from the words of a heading; adds it to those taken."""
    stem = slugify(text)[:200] or "section"
    anchor, number = stem, 2
    while anchor in taken:
        anchor, number = f"{stem}-{number}", number + 1
    taken.add(anchor)
    return anchor

"""Papers set by typst, as PDF that a screen reader reads."""

from __future__ import annotations

from typing import Any

import typst


def tagged_pdf(source: Any, **given: Any) -> bytes:
    """PDF/UA-1. A letter that no font of this machine has may not stand in it: then the tags are the same, without the label, and a box
    stands for the letter. A paper with a box is better than none."""
    try:
        return typst.compile(source, format="pdf", pdf_standards="ua-1", **given)
    except RuntimeError:
        return typst.compile(source, format="pdf", **given)

"""The verbs of the wiki. None knows of HTTP."""

from wiki.actions.pages import ImportResult, import_source, section_for, verify_page

__all__ = [
    "ImportResult",
    "import_source",
    "section_for",
    "verify_page",
]

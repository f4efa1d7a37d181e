"""The verbs of the wiki. None knows of HTTP."""

from wiki.actions.pages import ImportResult, import_source, section_for, verify_page
from wiki.actions.writing import begin_page

__all__ = [
    "ImportResult",
    "begin_page",
    "import_source",
    "section_for",
    "verify_page",
]

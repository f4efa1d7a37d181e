"""The verbs of the wiki. None knows of HTTP."""

from wiki.actions.batches import cancel_batch, open_batch, resume_batch, start_batch
from wiki.actions.imports import ImportResult, import_document, import_source, section_for
from wiki.actions.pages import verify_page
from wiki.actions.running import read_batch, run_batch
from wiki.actions.writing import begin_page

__all__ = [
    "ImportResult",
    "begin_page",
    "cancel_batch",
    "import_document",
    "import_source",
    "open_batch",
    "read_batch",
    "resume_batch",
    "run_batch",
    "section_for",
    "start_batch",
    "verify_page",
]

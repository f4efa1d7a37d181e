"""The verbs of the wiki. None knows of HTTP."""

from wiki.actions.batches import Choice, cancel_batch, look_again, open_batch, resume_batch, start_batch, tidy_batch
from wiki.actions.imports import ImportResult, import_document, import_source, section_for
from wiki.actions.pages import confirm_read, verify_page
from wiki.actions.question_pages import note_page_published, question_to_page
from wiki.actions.questions import (
    answer_question,
    ask_question,
    assign_question,
    close_as_duplicate,
    correct_answer,
    note_answer,
    recognise_question,
    reopen_question,
    say_it_helped,
    set_visibility,
    withdraw_question,
)
from wiki.actions.running import read_batch, run_batch
from wiki.actions.writing import begin_monograph, begin_page

__all__ = [
    "Choice",
    "ImportResult",
    "answer_question",
    "ask_question",
    "assign_question",
    "begin_monograph",
    "begin_page",
    "cancel_batch",
    "close_as_duplicate",
    "confirm_read",
    "correct_answer",
    "import_document",
    "import_source",
    "look_again",
    "note_answer",
    "note_page_published",
    "open_batch",
    "question_to_page",
    "read_batch",
    "recognise_question",
    "reopen_question",
    "resume_batch",
    "run_batch",
    "say_it_helped",
    "section_for",
    "set_visibility",
    "start_batch",
    "tidy_batch",
    "verify_page",
    "withdraw_question",
]

"""The nouns of the wiki, one file for each family; the rest of the house imports them from here."""

from wiki.models.glossary import GlossaryTerm
from wiki.models.imports import ImportBatch, ImportItem, ImportSource, SectionFiles
from wiki.models.monographs import KeyFigure, MonographPage
from wiki.models.pages import (
    Freshness,
    WikiPage,
    WikiPageTag,
    WikiSection,
    WikiTag,
    months_after,
    words_of,
)
from wiki.models.questions import (
    QUESTION_MOVES,
    Answer,
    Question,
    QuestionEcho,
    QuestionState,
    Visibility,
)
from wiki.models.receipts import ReadReceipt

__all__ = [
    "QUESTION_MOVES",
    "Answer",
    "Freshness",
    "GlossaryTerm",
    "ImportBatch",
    "ImportItem",
    "ImportSource",
    "KeyFigure",
    "MonographPage",
    "Question",
    "QuestionEcho",
    "QuestionState",
    "ReadReceipt",
    "SectionFiles",
    "Visibility",
    "WikiPage",
    "WikiPageTag",
    "WikiSection",
    "WikiTag",
    "months_after",
    "words_of",
]

"""The words of a PDF, one passage for each page, numbered as a reader's programme numbers them."""

import ctypes
import re

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from django.utils.translation import gettext_noop as _

from academy.files import LockedFile, RefusedFile

MOST_PAGES = 3_000
# What pdfium writes for a hyphen at the end of a line: a word cut in two, or one that has a hyphen of its own.
CUT = re.compile(r"(\w+)\ufffe\s?(\w+)")


def pages(content: bytes, name: str) -> list[tuple[int, str]]:
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD or "assword" in str(error):
            raise LockedFile(_("%(name)s is protected by a password. Save it without one and try again."), name=name) from None
        raise RefusedFile(_("%(name)s is broken: it cannot be opened. Save or export it again."), name=name) from None
    found = []
    for index in range(min(len(document), MOST_PAGES)):
        found.append((index + 1, _words(document, index)))
    return found


def _words(document: pdfium.PdfDocument, index: int) -> str:
    """A page that is broken has no words; the others are read all the same."""
    try:
        page = document[index]
        text_page = page.get_textpage()
        text = text_page.get_text_range()
        text_page.close()
        page.close()
    except (pdfium.PdfiumError, ctypes.ArgumentError, UnicodeDecodeError):
        return ""
    return with_cut_words(text)


def with_cut_words(text: str) -> str:
    """`accord<cut>cadre` becomes `accordcadre accord-cadre`, so that it is found however it is typed."""
    text = CUT.sub(r"\1\2 \1-\2", text.replace("\x00", ""))
    return re.sub(r"[\ufffe\ud800-\udfff]", "-", text)

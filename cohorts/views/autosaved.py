"""The answer to the script of a form that keeps itself (`static/js/application.js`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from cohorts.merging import Merge, wait_words


def autosaved(
    request: HttpRequest,
    form: Any,
    merged: Merge,
    *,
    saved: str,
    marks: Mapping[str, str],
    both: Mapping[str, Any],
    others: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
    missing: Iterable | None = None,
    refused: list[str] | None = None,
) -> dict:
    """What it needs to go on: `marks` of what is kept now, `both` between which somebody chooses, as rows of the page, what `others` changed as
    it stands in their boxes, lists of `files`, what is `missing` (None: the page counts nothing), what was `refused` beside no box.
    """
    errors = {name: [str(error) for error in found] for name, found in form.errors.items()}
    return {
        "saved": saved,
        "marks": marks,
        "others": merged.others if others is None else others,
        "told": _("Changed by somebody else: %(names)s") % {"names": form.names(merged.others)} if merged.others else "",
        "both": {name: render_to_string("cohorts/_both.html", {"row": row}, request) for name, row in both.items()},
        "wait": wait_words(merged),
        "files": files or {},
        "missing": None if missing is None else [{"field": one.field, "words": str(one.words)} for one in missing],
        "errors": errors | ({"": refused} if refused else {}),
    }

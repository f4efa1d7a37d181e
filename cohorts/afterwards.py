"""What the pages of a session say: its notes, what was decided, asked, voted and photographed. Reads only; names nobody by itself."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Page, PageViewRestriction

from academy.files import RefusedFile
from academy.privacy import hidden_for, restrictions_of
from academy.rules import RuleViolation
from cohorts.models import Afterwards, AfterwardsAnswer, AfterwardsPhoto, Poll, Session
from cohorts.models.question import lines_of
from cohorts.polls import HIGHEST, tell
from wiki.ahead import Ready, ready
from wiki.importer import Pad, SourceFile, read_source
from wiki.models import WikiSection

NOTES_NAME = "notes.md"


def kept_of(session: Session) -> Afterwards | None:
    return Afterwards.objects.select_related("section__locale", "notes_file", "page", "made_by").filter(session=session).first()


def left_by(session: Session, request: HttpRequest) -> Page | None:
    """The page that the session left, for a reader who may read it."""
    kept = Afterwards.objects.filter(session=session, page__live=True).select_related("page").first()
    return kept.page if kept and not hidden_for(request).hides(kept.page) else None


def key_of(session: Session) -> str:
    """Names the page of a session for ever: made again, it is the same page."""
    return f"session-{session.pk}"


def is_for_some(section: WikiSection) -> bool:
    """Whether not everybody may read what is in it."""
    return restrictions_of(section).exclude(restriction_type=PageViewRestriction.NONE).exists()


def paragraphs_of(text: str) -> str:
    """What was typed, as HTML: an empty line parts, nothing in it is markup."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))]
    return "".join(f"<p>{escape(part).replace(chr(10), '<br/>')}</p>" for part in parts if part)


# --- the notes


def _typed(kept: Afterwards) -> SourceFile:
    return SourceFile(key_of(kept.session), NOTES_NAME, kept.notes.encode())


def source_of(kept: Afterwards) -> SourceFile:
    """What the page is imported from: the file of the notes, else what was typed, which may be nothing."""
    if kept.notes_file is None:
        return _typed(kept)
    with kept.notes_file.file.open("rb") as file:
        return SourceFile(key_of(kept.session), kept.notes_file.filename, file.read())


def read_notes(kept: Afterwards, source: SourceFile) -> Ready:
    """What was typed, then the file, read by the importer of the wiki. Takes its time: call it outside of a transaction. Refused in words."""
    typed = _typed(kept)
    sources = [one for one in ([typed] if kept.notes_file is not None else []) + [source] if one.content.strip()]
    try:
        found = [ready(read_source(one)) for one in sources]
    except RefusedFile as refusal:
        raise RuleViolation(str(refusal), code="notes") from None
    whole = Ready(Pad(), {})
    for one in found:
        whole.pad.blocks += one.pad.blocks
        whole.pad.images |= one.pad.images
        for name in ("kept", "changed", "lost"):
            getattr(whole.pad.report, name).update(getattr(one.pad.report, name))
        whole.fetched.update(one.fetched)
    return whole


# --- the page


@dataclass(frozen=True)
class Whole:
    """All that stands on the page beside the notes; `fingerprint` changes with any of it."""

    title: str
    summary: str
    blocks: list[dict]
    notes: str

    @property
    def fingerprint(self) -> str:
        said = [self.title, self.summary, self.notes, [[block["type"], block["value"]] for block in self.blocks]]
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def title_of(session: Session, language: str) -> str:
    return session.title.in_language(language)


def when_of(session: Session) -> str:
    """The days on the clock of its place, in the language that is active."""
    first, last = (moment.astimezone(ZoneInfo(session.time_zone)).date() for moment in (session.starts_at, session.ends_at))
    if first == last:
        return date_format(first, "DATE_FORMAT")
    return _("%(first)s to %(last)s") % {"first": date_format(first, "DATE_FORMAT"), "last": date_format(last, "DATE_FORMAT")}


def whole_of(kept: Afterwards, section: WikiSection, answers: Iterable[AfterwardsAnswer], photos: Iterable[AfterwardsPhoto]) -> Whole:
    """What else than the notes, in the language of the section. Of the room only totals: no name stands here that nobody typed."""
    session, language = kept.session, section.locale.language_code
    with translation.override(language):
        title = title_of(session, language)
        summary = _("What we did, decided and learned: %(place)s, %(days)s.") % {"place": session.place, "days": when_of(session)}
        blocks = [
            *_decisions(lines_of(kept.decisions)),
            *_answers(list(answers), language=language, here=is_for_some(section)),
            *_polls(session),
            *_photos(photos),
        ]
    return Whole(title, summary[:500], blocks, kept.notes)


def _block(kind: str, value: Any) -> dict:
    """With a number that is the same as long as it says the same."""
    return {"type": kind, "value": value, "id": str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([kind, value], sort_keys=True)))}


def _heading(words: str) -> dict:
    return _block("heading", {"level": "2", "text": words, "anchor": f"session-{slugify(words)}"})


def _decisions(lines: list[str]) -> list[dict]:
    if not lines:
        return []
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return [_heading(_("Decisions")), _block("text", f"<ol>{items}</ol>")]


def _answers(rows: list[AfterwardsAnswer], *, language: str, here: bool) -> list[dict]:
    """Where everybody reads, the way to each question of the wiki, which is corrected there. Else the words themselves, to be opened."""
    if not rows:
        return []
    heading = _heading(_("Asked and answered"))
    if here:
        return [heading, *(_block("details", {"summary": row.text, "text": paragraphs_of(row.answer)}) for row in rows)]
    items = "".join(f"<li>{_way_to(row)}</li>" for row in rows)
    return [heading, _block("text", f"<ul>{items}</ul>")]


def _way_to(row: AfterwardsAnswer) -> str:
    if row.question_id is None:
        return escape(row.text)
    return f'<a href="{reverse("question", args=[row.question_id])}">{escape(row.text)}</a>'


def _polls(session: Session) -> list[dict]:
    """The closed polls: each a chart over its table. What people wrote themselves stays with the vote, and no page leads there."""
    polls = list(session.polls.closed())
    found: list[dict] = [_heading(_("What we voted"))] if polls else []
    for poll in polls:
        results = tell(poll)
        heads = [_("Answer"), *results.heads]
        columns = [{"type": "text" if place == 0 else "number", "heading": head} for place, head in enumerate(heads)]
        rows = [{"values": [line.label, *line.shown]} for line in results.lines]
        table = {"columns": columns, "rows": rows, "caption": str(poll.question)[:250]}
        whole = HIGHEST if poll.kind == Poll.Kind.SCORED else None
        found.append(_block("table", {"table": table, "first_column_is_header": True, "drawn": bool(results.count), "drawn_to": whole}))
        found.append(_block("text", f"<p>{escape(results.method)}</p>"))
    return found


def _photos(rows: Iterable[AfterwardsPhoto]) -> list[dict]:
    found = [
        _block(
            "image",
            {"image": {"image": row.image_id, "alt_text": row.alt_text, "decorative": False}, "caption": row.caption},
        )
        for row in rows
    ]
    return [_heading(_("Photos")), *found] if found else []


def look_of(kept: Afterwards) -> str:
    """Names what the page would say now of what no version counts: the votes, the title and the days of the session; empty where it goes nowhere yet."""
    return whole_of(kept, kept.section, (), ()).fingerprint if kept.section else ""


# --- what stands in the way


def why_not(session: Session) -> str:
    """In words, why nothing can be gathered yet; empty when it can."""
    if session.is_cancelled:
        return _("This session is cancelled.")
    if timezone.now() < session.starts_at:
        return _("The session has not begun yet.")
    return ""

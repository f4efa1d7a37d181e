"""Gathering what a session leaves, and making pages of the wiki out of it in one step. Done twice it updates; it never doubles."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from academy.audit import record
from academy.camera import bare
from academy.files import RefusedFile
from academy.locking import lock
from academy.models import User
from academy.rules import RuleViolation
from academy.typography import one_line
from cohorts.afterwards import (
    is_for_some,
    kept_of,
    look_of,
    paragraphs_of,
    read_notes,
    source_of,
    whole_of,
    why_not,
)
from cohorts.models import Afterwards, AfterwardsAnswer, AfterwardsPhoto, Session
from cohorts.models.question import lines_of
from wiki import section_files
from wiki.actions import import_source, note_answer, question_to_page
from wiki.actions.imports import Around
from wiki.ahead import Ready
from wiki.importer import ReadOptions, SourceFile
from wiki.models import Question, Visibility, WikiSection
from wiki.models.questions import LONGEST_QUESTION
from wiki.pictures import keep_picture

MOST_NOTES = 200_000  # characters typed
MOST_DECISIONS, LONGEST_DECISION = 50, 500
MOST_PHOTOS, MOST_ANSWERS, LONGEST_ANSWER = 40, 40, 10_000


def _held(session: Session, *, version: int | None = None) -> Afterwards:
    """What is kept of this session, held. `version`: what the person saw; somebody who has changed it since is not overwritten."""
    if words := why_not(session):
        raise RuleViolation(words, code="early")
    kept, _made = Afterwards.objects.get_or_create(session=session)
    lock(kept)
    if version is not None and version != kept.version:
        raise RuleViolation(
            _("Somebody has changed this since you opened it. Look at what is kept now beside what you typed, then save again."),
            code="stale",
        )
    return kept


def _touch(kept: Afterwards, *fields: str) -> None:
    kept.version += 1
    kept.save(update_fields=["version", *fields])


@transaction.atomic
def write_afterwards(
    session: Session,
    *,
    by: User,
    version: int,
    section: WikiSection | None = None,
    notes: str = "",
    notes_file: SourceFile | None = None,
    drop_file: bool = False,
    decisions: str = "",
) -> Afterwards:
    """Keeps the place, the notes and the decisions; nobody but the team reads them yet. A file takes the place of another one."""
    kept = _held(session, version=version)
    lines = lines_of(decisions)
    if len(notes) > MOST_NOTES:
        raise RuleViolation(_("These notes are too long to be typed here: bring them as a file."), code="long")
    if len(lines) > MOST_DECISIONS or any(len(line) > LONGEST_DECISION for line in lines):
        raise RuleViolation(
            _("Keep decisions short: at most %(count)d, of %(length)d characters each. The rest belongs to the notes.")
            % {"count": MOST_DECISIONS, "length": LONGEST_DECISION},
            code="long",
        )
    if section is not None and kept.page_id is None:
        if not section.permissions_for_user(by).can_add_subpage():
            raise RuleViolation(_("Choose a section of the wiki that you may write in."), code="place")
        kept.section = section
    if notes_file is not None:
        kept.notes_file = section_files.keep_original(notes_file, by)
    elif drop_file:
        kept.notes_file = None
    kept.notes, kept.decisions = notes.strip(), "\n".join(lines)
    _touch(kept, "section", "notes", "notes_file", "decisions")
    record(session, "cohorts.write_afterwards", by=by)
    return kept


@transaction.atomic
def add_photo(
    session: Session, *, by: User, content: bytes, name: str, alt_text: str, caption: str = "", agreed: bool = False
) -> AfterwardsPhoto:
    """Kept where only the team sees it until the page is made, without what the camera wrote into it. `agreed`: the word of `by` that the people in it agree to be shown."""
    kept = _held(session)
    if not agreed:
        raise RuleViolation(_("Add a photo only once everybody in it agrees to be shown."), code="agreed")
    alt_text = one_line(alt_text)
    if not alt_text:
        raise RuleViolation(_("Describe the photo for those who do not see it."), code="alt")
    if kept.photos.count() >= MOST_PHOTOS:
        raise RuleViolation(_("%(count)d photos are enough for one page.") % {"count": MOST_PHOTOS}, code="many")
    try:
        content = bare(content, name=name)
        sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()  # as the library knows it; asked first: a file that is stored stays
        if kept.photos.filter(image__file_hash=sha1).exists():
            raise RuleViolation(_("This photo is here already."), code="twice")
        image = keep_picture(content, name=name, collection=section_files.originals(), by=by)
    except RefusedFile as refusal:
        raise RuleViolation(str(refusal), code="picture") from None
    image.alt_text = alt_text[:300]
    image.save(update_fields=["alt_text"])
    facts = {"alt_text": alt_text[:300], "caption": one_line(caption)[:300], "agreed_at": timezone.now(), "agreed_by": by}
    photo = AfterwardsPhoto.objects.create(afterwards=kept, image=image, **facts)
    _touch(kept)
    record(session, "cohorts.add_photo", by=by, data={"photo": alt_text[:100]})
    return photo


@transaction.atomic
def remove_photo(photo: AfterwardsPhoto, *, by: User) -> Afterwards:
    """It is not on the page the next time that it is made; the picture itself goes too, unless a page shows it."""
    kept = _held(photo.afterwards.session)
    if not kept.photos.filter(pk=photo.pk).exists():
        return kept  # removed by somebody else a moment ago
    image, words = photo.image, photo.alt_text
    photo.delete()
    if not image.get_usage().count() and not AfterwardsPhoto.objects.filter(image=image).exists():
        image.delete()
    _touch(kept)
    record(kept.session, "cohorts.remove_photo", by=by, data={"photo": words[:100]})
    return kept


@transaction.atomic
def add_answer(session: Session, *, by: User, text: str, answer: str, wants_page: bool = False) -> AfterwardsAnswer:
    """What was asked, and what was answered."""
    kept = _held(session)
    text, answer = one_line(text), answer.strip()
    if not text or len(text) > LONGEST_QUESTION:
        raise RuleViolation(_("Write the question in one sentence."), code="empty")
    if not answer or len(answer) > LONGEST_ANSWER:
        raise RuleViolation(_("Write the answer, in a page at most."), code="empty")
    if kept.answers.count() >= MOST_ANSWERS:
        raise RuleViolation(_("%(count)d questions are enough for one page.") % {"count": MOST_ANSWERS}, code="many")
    if kept.answers.filter(text__iexact=text).exists():
        raise RuleViolation(_("This question is here already."), code="twice")
    row = AfterwardsAnswer.objects.create(afterwards=kept, text=text, answer=answer, wants_page=wants_page)
    _touch(kept)
    record(session, "cohorts.add_answer", by=by, data={"question": text[:100]})
    return row


@transaction.atomic
def remove_answer(row: AfterwardsAnswer, *, by: User) -> Afterwards:
    """As long as it is not in the wiki: there it is corrected, or made private, as any question."""
    kept = _held(row.afterwards.session)
    row = kept.answers.filter(pk=row.pk).first()
    if row is None:
        return kept  # removed by somebody else a moment ago
    if row.question_id:
        raise RuleViolation(_("This question is in the wiki already: correct it there."), code="made")
    text = row.text
    row.delete()
    _touch(kept)
    record(kept.session, "cohorts.remove_answer", by=by, data={"question": text[:100]})
    return kept


# --- the one step


def make_pages(session: Session, *, by: User, version: int, seen: str | None = None, publish: bool = False) -> Afterwards:
    """The page of the session and its questions, drafts or published. What was made before is made anew, and nothing twice.

    The notes are read before anything is held. What is made is what was looked at: `version` of what was gathered, and where a page was
    shown, `seen` of all that stood on it (`afterwards.look_of`).
    """
    kept = kept_of(session)
    if kept is None:
        raise RuleViolation(why_not(session) or _("There is nothing to make a page of yet: write the notes first."), code="empty")
    source = source_of(kept)
    return _make(session, by=by, version=version, seen=seen, publish=publish, source=source, notes=read_notes(kept, source))


@transaction.atomic
def _make(session: Session, *, by: User, version: int, seen: str | None, publish: bool, source: SourceFile, notes: Ready) -> Afterwards:
    kept = _held(session)
    if version != kept.version or source.content != source_of(kept).content or seen not in (None, look_of(kept)):
        raise RuleViolation(_("Somebody has changed it since you looked at it. Look again, then make it."), code="stale")
    section = _place(kept, by=by, publish=publish)
    answers, photos = list(kept.answers.all()), list(kept.photos.select_related("image"))
    if not (notes.pad.blocks or kept.decisions or answers or photos):
        raise RuleViolation(_("There is nothing to make a page of yet: write the notes first."), code="empty")
    for row in answers:
        _into_wiki(row, section=section, by=by, publish=publish)
    collection = section_files.collection_of(section)
    for photo in photos:
        if photo.image.collection_id != collection.pk:
            photo.image.collection = collection
            photo.image.save(update_fields=["collection"])
    whole = whole_of(kept, section, answers, photos)
    notes.pad.description = whole.summary
    around = Around(title=whole.title, ready=notes, after=whole.blocks)
    options = ReadOptions(title=around.title, beside=whole.fingerprint)
    result = import_source(section, source=source, by=by, publish=publish, options=options, around=around)
    page = result.source.page
    if publish and result.outcome == "unchanged" and not (page.live and not page.has_unpublished_changes):
        page.get_latest_revision().publish(user=by)
    kept.page, kept.made_at, kept.made_by = Page.objects.get(pk=page.pk), timezone.now(), by
    kept.made_version = kept.version
    kept.save(update_fields=["page", "made_at", "made_by", "made_version"])
    kept.outcome = result.outcome
    record(session, "cohorts.make_pages", by=by, data={"page": page.pk, "outcome": result.outcome, "published": publish})
    return kept


def _place(kept: Afterwards, *, by: User, publish: bool) -> WikiSection:
    """Where it goes, if `by` may write there, and publish."""
    section = kept.section
    if section is None:
        raise RuleViolation(_("Choose where it goes in the wiki first."), code="place")
    allowed = section.permissions_for_user(by)
    if not allowed.can_add_subpage():
        raise RuleViolation(_("Choose a section of the wiki that you may write in."), code="place")
    if publish and not allowed.can_publish_subpage():
        raise RuleViolation(_("You may write there, but not publish: make drafts, and somebody who may publishes them."), code="publish")
    return section


def _into_wiki(row: AfterwardsAnswer, *, section: WikiSection, by: User, publish: bool) -> None:
    """Once: from then on the question lives in the wiki. Where not everybody may read the section, nobody else reads the question either."""
    if row.question_id is None:
        row.question = note_answer(
            by=by,
            text=row.text,
            html=paragraphs_of(row.answer),
            language=section.locale.language_code,
            visibility=Visibility.PRIVATE if is_for_some(section) else Visibility.PUBLIC,
            section=section,
        )
        row.save(update_fields=["question"])
    question: Question = row.question
    if row.wants_page and question.page_id is None:
        question_to_page(question, by=by, place=section, title=row.text)
    page = question.page
    if publish and row.wants_page and page is not None and not question.page_anchor and not page.live:
        page.get_latest_revision().publish(user=by)

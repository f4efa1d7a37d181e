"""Questions brought into a quiz from a file: read and kept, then added to its draft. What is live stays as it is until somebody publishes."""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail.models import Collection as ImageCollection
from wagtail.models import Page

from academy import audit
from academy.files import RefusedFile
from academy.html import text_of
from academy.models import User
from academy.rules import RuleViolation
from academy.sentences import Sentence
from courses.exchange import reading, stream
from courses.exchange.plain import Note, PlainQuestion
from courses.exchange.stream import Together
from courses.models import QuestionImport, QuizPage
from wiki.pictures import keep_picture

MOST_DRAWN = 100
ADDED, HERE, NOT_CHOSEN = "added", "here", "not_chosen"
EACH = Together()


def bring_questions(quiz: QuizPage, *, content: bytes, name: str, by: User) -> QuestionImport:
    """Reads a file and keeps what was read for who brought it. Raises RuleViolation with the reason when it is no file of questions."""
    try:
        kind, found = reading.read(content, name)
    except RefusedFile as refusal:
        raise RuleViolation(str(refusal), code="refused") from None
    return QuestionImport.objects.create(quiz=quiz, name=name[:200], format=kind, content=found.as_json(), created_by=by)


@transaction.atomic
def import_questions(
    quiz: QuizPage,
    *,
    questions: Sequence[PlainQuestion],
    by: User,
    together: Together = EACH,
    again: Collection[int] = (),
    pictures: bool = True,
) -> list[tuple[str, PlainQuestion]]:
    """Adds questions at the end of the quiz's latest draft; what is published does not change. Each with what became of it.

    One that is there already, or that came before in the same list, is left out unless its place is in `again`. Without `pictures`,
    nothing is added to the library.
    Raises RuleViolation: somebody else has locked the page, more are to be drawn than a pool has.
    """
    page = Page.objects.select_for_update(no_key=True).get(pk=quiz.pk).specific
    if page.permissions_for_user(by).page_locked():
        raise RuleViolation(_("This quiz is locked: ask who locked it to unlock it, then import again."), code="locked")
    draft = page.get_latest_revision_as_object()
    known, outcomes = stream.words_in(draft.questions.raw_data), []
    for place, question in enumerate(questions):
        is_new = question.words not in known or place in again
        known.add(question.words)
        outcomes.append((ADDED, _with_picture(question, by if pictures else None)) if is_new else (HERE, (question, None)))
    added = [pair for outcome, pair in outcomes if outcome == ADDED]
    if added:
        blocks = _placed(added, together)
        draft.questions = json.dumps([*draft.questions.raw_data, *blocks])
        draft.save_revision(user=by, log_action=True, changed=True, clean=False)
    counts = {"added": len(added), "here": len(outcomes) - len(added)}
    audit.record(page, "courses.import_questions", by=by, data=counts)
    return [(outcome, question) for outcome, (question, _image) in outcomes]


def _with_picture(question: PlainQuestion, by: User | None) -> tuple[PlainQuestion, int | None]:
    """The question with the id of its picture in the library; without one where the picture is broken, or nobody may add it."""
    if question.picture is None:
        return question, None
    if by is None:
        said = Sentence(gettext_noop("Its picture is not kept: whoever imports it must be allowed to add pictures."))
        return replace(question, picture=None, notes=(*question.notes, Note(question.line, "lost", said))), None
    try:
        image = keep_picture(question.picture.content, name=question.picture.name, collection=ImageCollection.get_first_root_node(), by=by)
    except RefusedFile as refusal:
        return replace(question, picture=None, notes=(*question.notes, Note(question.line, "lost", refusal.sentence))), None
    if not question.picture.alt:
        said = Sentence(gettext_noop("Its picture has no description: write one before you publish."))
        question = replace(question, notes=(*question.notes, Note(question.line, "changed", said)))
    return question, image.pk


def _placed(added: list[tuple[PlainQuestion, int | None]], together: Together) -> list[dict]:
    if together.draw is None:
        return [stream.as_block(question, image=image) for question, image in added]
    categories = list(dict.fromkeys(question.category for question, _image in added))
    names = categories if together.per_category or len(categories) == 1 else [""]
    pools = []
    for name in names:
        inside = [stream.as_block(one, image=image) for one, image in added if len(names) == 1 or one.category == name]
        if not 1 <= together.draw <= min(MOST_DRAWN, len(inside)):
            raise RuleViolation(
                _("Of the pool “%(name)s” no more can be asked than it has: %(count)d.")
                % {"name": name or _("without a name"), "count": len(inside)},
                code="draw",
            )
        pools.append(stream.pool(name, together.draw, inside))
    return pools


@transaction.atomic
def take_questions(
    row: QuestionImport,
    *,
    chosen: Collection[int],
    by: User,
    together: Together = EACH,
    again: Collection[int] = (),
    pictures: bool = True,
) -> QuestionImport:
    """Imports the chosen ones of what was brought, by their places in the file, and keeps the report. Once.

    Raises RuleViolation: imported already, none chosen, or what `import_questions` refuses.
    """
    row = QuestionImport.objects.select_for_update(no_key=True).get(pk=row.pk)
    if row.imported_at is not None:
        raise RuleViolation(_("These questions have already been imported."), code="imported")
    found = row.was_read
    places = [place for place in range(len(found.questions)) if place in set(chosen)]
    if not places:
        raise RuleViolation(_("Nothing is chosen: tick the questions that you want."), code="nothing")
    questions = [found.questions[place] for place in places]
    wanted = [number for number, place in enumerate(places) if place in set(again)]
    outcomes = dict(
        zip(places, import_questions(row.quiz, questions=questions, by=by, together=together, again=wanted, pictures=pictures), strict=True)
    )
    row.report = {
        "questions": [_line(*outcomes.get(place, (NOT_CHOSEN, question))) for place, question in enumerate(found.questions)],
        "notes": [note.as_json() for note in found.notes],
    }
    row.content, row.imported_at = {}, timezone.now()
    row.save(update_fields=["content", "report", "imported_at"])
    return row


def _line(outcome: str, question: PlainQuestion) -> dict:
    return {
        "line": question.line,
        "kind": question.kind,
        "words": text_of(question.prompt)[:200],
        "outcome": outcome,
        "notes": [note.as_json() for note in question.notes],
    }


def forget_unused_imports(*, by: User | None, now: datetime) -> int:
    """The clock: what was brought and never imported goes after a week. Returns how many."""
    return QuestionImport.objects.left_lying(now).delete()[0]

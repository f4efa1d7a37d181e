"""Asking and answering: each verb locks its question, checks its machine, writes, logs, and tells people once it is committed."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy import audit
from academy.html import clean, text_of
from academy.locking import check_move, lock, move, wanted
from academy.models import User
from academy.rules import RuleViolation
from academy.typography import one_line
from wiki import question_letters as letters
from wiki.models import QUESTION_MOVES, Answer, Question, QuestionEcho, QuestionState, Visibility, WikiSection
from wiki.models.questions import LONGEST_DETAIL, LONGEST_QUESTION
from wiki.permissions import can_answer_questions

QUESTIONS_AN_HOUR = 10
LONGEST_ANSWER = 20_000


@transaction.atomic
def ask_question(
    *, by: User, text: str, language: str, detail: str = "", visibility: str = Visibility.PUBLIC, section: WikiSection | None = None
) -> Question:
    """Sends a question. The same words sent twice by the same person while they wait are one question."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two tabs must not pass the limit together
    text, detail, now = one_line(text), detail.strip(), timezone.now()
    if not text:
        raise RuleViolation(_("Write your question first, in one sentence."), code="empty")
    if len(text) > LONGEST_QUESTION or len(detail) > LONGEST_DETAIL:
        raise RuleViolation(_("This is too long: keep the question to one sentence, and the details to a page."), code="long")
    mine = Question.objects.asked_by(by)
    twice = mine.waiting().filter(text=text, language=language).first()
    if twice is not None:
        return twice
    if mine.filter(asked_at__gt=now - timedelta(hours=1)).count() >= QUESTIONS_AN_HOUR:
        sentence = _(
            "You have sent %(count)s questions within one hour, which is the most we can take. Nothing is lost: send this one later."
        )
        raise RuleViolation(sentence % {"count": QUESTIONS_AN_HOUR}, code="too_many")
    question = Question.objects.create(
        text=text,
        detail=detail,
        language=language,
        visibility=Visibility(visibility),
        section=section,
        asker=by,
        asked_at=now,
        assigned_to=letters.steward_of(section),
    )
    audit.record(question, "wiki.ask", by=by)
    letters.tell_a_question_waits(question, by=by)
    return question


@transaction.atomic
def note_answer(
    *, by: User, text: str, html: str, language: str, visibility: str = Visibility.PUBLIC, section: WikiSection | None = None
) -> Question:
    """What was asked and answered aloud, written down by `by`, who stands for the asker. Nobody is told: whoever asked was there.

    A question that everybody reads with its answer already, in the same words, is that one, and not written a second time.
    """
    text, html, now = one_line(text), _clean_answer(html), timezone.now()
    if not text or len(text) > LONGEST_QUESTION:
        raise RuleViolation(_("Write the question in one sentence."), code="empty")
    if known := Question.objects.public().filter(text__iexact=text, language=language).order_by("asked_at").first():
        return recognise_question(known, by=by)
    facts = {"text": text, "language": language, "visibility": Visibility(visibility), "section": section}
    question = Question.objects.create(**facts, asker=by, asked_at=now, state=QuestionState.ANSWERED, answered_at=now)
    Answer.objects.create(question=question, html=html, answered_at=now, answered_by=by)
    audit.record(question, "wiki.note_answer", by=by)
    return question


@transaction.atomic
def recognise_question(question: Question, *, by: User) -> Question:
    """`by` had the same question, and its answer answers them too. Counted once per person, never for one's own question."""
    lock(question)
    if question.state not in (QuestionState.ANSWERED, QuestionState.REOPENED) or question.answered_at is None:
        raise RuleViolation(_("This question has no answer yet: send yours."), code="wrong_state")
    if question.asker_id != by.pk and _echo(question, by):
        audit.record(question, "wiki.recognise_question", by=by)
    return question


def _echo(question: Question, person: User | None) -> bool:
    """Notes that one more person asks this. False when they are counted already."""
    if person is not None and question.echoes.filter(person=person).exists():
        return False
    QuestionEcho.objects.create(question=question, person=person, said_at=timezone.now())
    return _recount(question)


def _recount(question: Question) -> bool:
    question.asked_again = question.echoes.count()
    question.save(update_fields=["asked_again"])
    return True


def _clean_answer(html: str) -> str:
    html = clean(html)
    if not text_of(html):
        raise RuleViolation(_("Write the answer first."), code="empty")
    if len(html) > LONGEST_ANSWER:
        raise RuleViolation(
            _("This answer is too long for a message. Make it a page, and answer with a few words that lead there."), code="long"
        )
    return html


@transaction.atomic
def answer_question(question: Question, *, by: User, html: str) -> Answer:
    """Answers, or answers anew what was opened again. The asker is told."""
    lock(question)
    check_move(question, to=QuestionState.ANSWERED, moves=QUESTION_MOVES)
    now = timezone.now()
    answer = Answer.objects.create(question=question, html=_clean_answer(html), answered_at=now, answered_by=by)
    move(question, to=QuestionState.ANSWERED, moves=QUESTION_MOVES, answered_at=now)
    audit.record(question, "wiki.answer_question", by=by)
    letters.tell_it_is_answered(question, answer, by=by)
    return answer


@transaction.atomic
def correct_answer(question: Question, *, by: User, html: str) -> Answer:
    """Changes the words of the newest answer. Nobody is told: for news there is a new answer."""
    lock(question)
    answer = question.last_answer()
    if answer is None:
        raise RuleViolation(_("There is no answer to correct yet."), code="wrong_state")
    answer.html = _clean_answer(html)
    answer.save(update_fields=["html"])
    question.save(update_fields=["answered_at"])  # whoever keeps the words of this question reads them anew
    audit.record(question, "wiki.correct_answer", by=by)
    return answer


@transaction.atomic
def say_it_helped(question: Question, *, by: User) -> Question:
    """The asker says that this answered them."""
    lock(question)
    _only_the_asker(question, by)
    answer = question.last_answer()
    if question.state != QuestionState.ANSWERED or answer is None:
        raise RuleViolation(_("There is no answer to speak of yet."), code="wrong_state")
    if not answer.helped:
        answer.helped = True
        answer.save(update_fields=["helped"])
        audit.record(question, "wiki.answer_helped", by=by)
    return question


@transaction.atomic
def reopen_question(question: Question, *, by: User, reason: str) -> Question:
    """Not answered yet: opens it again with a sentence that says what is missing."""
    lock(question)
    if not can_answer_questions(by):
        _only_the_asker(question, by)
    check_move(question, to=QuestionState.REOPENED, moves=QUESTION_MOVES)
    reason = wanted(reason, _("Say in a sentence what is missing, so that the next answer is better."))[:LONGEST_DETAIL]
    answer, original = question.last_answer(), question.duplicate_of
    if answer is not None and question.asker_id == by.pk:
        answer.helped = False
        answer.save(update_fields=["helped"])
    fields = {"reopened_at": timezone.now(), "reopen_reason": reason, "closed_at": None, "duplicate_of": None}
    move(question, to=QuestionState.REOPENED, moves=QUESTION_MOVES, **fields)
    if original is not None:
        lock(original)
        original.echoes.filter(person=question.asker_id).delete()
        _recount(original)
    audit.record(question, "wiki.reopen_question", by=by, data={"reason": reason})
    letters.tell_a_question_waits(question, by=by)
    return question


@transaction.atomic
def withdraw_question(question: Question, *, by: User) -> Question:
    """The asker no longer needs an answer. It is kept, and read by nobody else."""
    lock(question)
    _only_the_asker(question, by)
    move(question, to=QuestionState.WITHDRAWN, moves=QUESTION_MOVES, closed_at=timezone.now())
    audit.record(question, "wiki.withdraw_question", by=by)
    return question


@transaction.atomic
def close_as_duplicate(question: Question, *, by: User, original: Question) -> Question:
    """The other question has the answer: the asker is led there, and counted there."""
    lock(question)
    check_move(question, to=QuestionState.DUPLICATE, moves=QUESTION_MOVES)
    lock(original)
    if original.pk == question.pk:
        raise RuleViolation(_("A question cannot be the double of itself."), code="same")
    if original.answered_at is None or not Question.objects.for_user(question.asker).filter(pk=original.pk).exists():
        raise RuleViolation(_("Choose a question with an answer that the asker may read."), code="unreadable")
    move(question, to=QuestionState.DUPLICATE, moves=QUESTION_MOVES, closed_at=timezone.now(), duplicate_of=original)
    if original.asker_id != question.asker_id or question.asker_id is None:
        _echo(original, question.asker)
    audit.record(question, "wiki.close_as_duplicate", by=by, data={"original": str(original.pk)})
    letters.tell_where_it_is_answered(question, by=by)
    return question


@transaction.atomic
def assign_question(question: Question, *, by: User, to: User) -> Question:
    """Says who answers. They are told, unless it is the one who says so."""
    lock(question)
    if not can_answer_questions(to):
        raise RuleViolation(_("Questions are answered by trainers and coordinators: choose one of them."), code="role")
    if not question.is_waiting:
        raise RuleViolation(_("This question waits for nobody."), code="wrong_state")
    question.assigned_to = to
    question.save(update_fields=["assigned_to"])
    audit.record(question, "wiki.assign_question", by=by, data={"to": to.pk})
    if to.pk != by.pk:
        letters.tell_who_answers(question, by=by)
    return question


@transaction.atomic
def set_visibility(question: Question, *, by: User, visibility: str) -> Question:
    """The asker chooses who may read it; the team may only close it, never open it."""
    lock(question)
    visibility = Visibility(visibility)
    if not (can_answer_questions(by) and visibility == Visibility.PRIVATE):
        _only_the_asker(question, by)
    if question.visibility != visibility:
        question.visibility = visibility
        question.save(update_fields=["visibility"])
        audit.record(question, "wiki.set_visibility", by=by, data={"visibility": str(visibility)})
    return question


def _only_the_asker(question: Question, by: Any) -> None:
    if question.asker_id is None or question.asker_id != by.pk:
        raise RuleViolation(_("Only the person who asked may say this."), code="not_asker")

"""What people are told of questions, through the outbox: the asker of each answer, the team at most once a day.

A letter to the team never quotes a question: it may be private, and it is read in the CMS.
"""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from academy import messages
from academy.html import text_of
from academy.models import Message, User
from academy.permissions import TRAINERS
from wiki.models import Answer, Question, WikiSection
from wiki.permissions import can_answer_questions

LONGEST_EXCERPT = 1500
DAILY = "question-waits:"


def steward_of(section: WikiSection | None) -> User | None:
    """Who looks after a section, or after the nearest one above it; None when nobody there may answer."""
    if section is None:
        return None
    step = Page.steplen
    paths = [section.path[:end] for end in range(len(section.path), 0, -step)]
    above = WikiSection.objects.filter(path__in=paths, steward__isnull=False).select_related("steward").order_by("-depth")
    return next((one.steward for one in above if can_answer_questions(one.steward)), None)


def _answerers(question: Question) -> list[User]:
    if question.assigned_to is not None and can_answer_questions(question.assigned_to):
        return [question.assigned_to]
    return list(User.objects.filter(groups__name=TRAINERS, is_active=True))


def tell_a_question_waits(question: Question, *, by: Any = None) -> None:
    """Its steward, else the trainers; one letter a day and person, however many questions come."""
    for person in _answerers(question):
        _tell_of_the_queue(person, by=by)


def _tell_of_the_queue(person: User, *, by: Any = None) -> Message | None:
    return messages.queue(
        person, template="question_waits", context={}, cause=f"{DAILY}{person.pk}:{timezone.localdate().isoformat()}", by=by
    )


def remind() -> int:
    """For `manage.py tick`: whoever has questions that came in after their last letter gets the next one, on another day."""
    newest: dict[int, tuple[User, Any]] = {}
    for question in Question.objects.waiting().select_related("assigned_to"):
        for person in _answerers(question):
            known = newest.get(person.pk)
            if known is None or known[1] < question.waits_since:
                newest[person.pk] = (person, question.waits_since)
    told = 0
    for person, since in newest.values():
        last = Message.objects.filter(to=person, cause__startswith=f"{DAILY}{person.pk}:").order_by("-created_at").first()
        if last is None or last.created_at < since:
            told += _tell_of_the_queue(person) is not None
    return told


def _tell_asker(question: Question, *, subject, lines: list, label, cause: str, of: Question | None = None, by: Any = None) -> None:
    if question.asker is None:
        return
    context = {"question": question, "about": of or question, "subject_line": subject, "lines": lines, "label": label}
    messages.queue(question.asker, template="question_news", context=context, cause=cause, by=by)


def tell_it_is_answered(question: Question, answer: Answer, *, by: Any) -> None:
    words = text_of(answer.html)
    excerpt = words if len(words) <= LONGEST_EXCERPT else words[:LONGEST_EXCERPT].rsplit(" ", 1)[0] + " …"
    _tell_asker(
        question,
        subject=_("Your question has an answer"),
        lines=[excerpt, _("Does this answer you? Say so on its page: if not, we answer again.")],
        label=_("Read the answer"),
        cause=f"question-answered:{answer.pk}",
        by=by,
    )


def tell_where_it_is_answered(question: Question, *, by: Any) -> None:
    _tell_asker(
        question,
        subject=_("Your question has an answer already"),
        lines=[_("Somebody asked the same before you. If the answer is not what you need, open your question again from its page.")],
        label=_("Read the answer"),
        cause=f"question-duplicate:{question.pk}:{question.closed_at.isoformat()}",
        by=by,
    )


def tell_it_became_a_page(question: Question, *, by: Any) -> None:
    _tell_asker(
        question,
        subject=_("Your question became a page of the wiki"),
        lines=[_("Thank you for asking: whoever has the same question finds the answer there from now on.")],
        label=_("See your question and the page"),
        cause=f"question-page:{question.pk}:{question.page_id}",
        by=by,
    )


def tell_who_answers(question: Question, *, by: Any) -> None:
    messages.queue(
        question.assigned_to,
        template="question_waits",
        context={"is_assigned": True},
        cause=f"question-assigned:{question.pk}:{question.assigned_to_id}",
        by=by,
    )

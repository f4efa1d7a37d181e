"""Questions and answers: the machine, who is told, what is counted, what becomes a page."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from academy.blocks import contents_of
from academy.models import Message
from academy.rules import RuleViolation
from tests.factories.wiki import QuestionFactory, answered
from wiki import actions
from wiki.models import QUESTION_MOVES, Question, QuestionState, Visibility, WikiPage
from wiki.question_letters import remind

S = QuestionState


def ask(person, text="How high is the levy?", **fields):
    return actions.ask_question(by=person, text=text, **{"language": "en", **fields})


@pytest.fixture
def original(db, other_promoter):
    return answered(text="What is the levy?", asker=other_promoter)


def in_state(state, asker, original):
    now = timezone.now()
    fields = {
        S.OPEN: {},
        S.ANSWERED: {"answered_at": now},
        S.REOPENED: {"answered_at": now, "reopened_at": now},
        S.WITHDRAWN: {"closed_at": now},
        S.DUPLICATE: {"closed_at": now, "duplicate_of": original},
    }[state]
    if "answered_at" in fields:
        question = answered(asker=asker)
        Question.objects.filter(pk=question.pk).update(state=state, **fields)
        question.refresh_from_db()
        return question
    return QuestionFactory(asker=asker, state=state, **fields)


VERBS = {
    S.ANSWERED: lambda q, by, original: actions.answer_question(q, by=by, html="<p>So.</p>"),
    S.REOPENED: lambda q, by, original: actions.reopen_question(q, by=by, reason="And in Italy?"),
    S.WITHDRAWN: lambda q, by, original: actions.withdraw_question(q, by=by),
    S.DUPLICATE: lambda q, by, original: actions.close_as_duplicate(q, by=by, original=original),
}
BY_THE_TEAM = {S.ANSWERED, S.DUPLICATE}


@pytest.mark.parametrize("to", VERBS)
@pytest.mark.parametrize("here", S)
def test_machine_makes_its_moves_and_no_other(here, to, promoter, trainer, original):
    question = in_state(here, promoter, original)
    by = trainer if to in BY_THE_TEAM else promoter
    before = ModelLogEntry.objects.count()
    if to in QUESTION_MOVES[here]:
        VERBS[to](question, by, original)
        assert Question.objects.get(pk=question.pk).state == to
        assert ModelLogEntry.objects.count() == before + 1
    else:
        with pytest.raises(RuleViolation, match="it stands at"):
            VERBS[to](question, by, original)
        assert Question.objects.get(pk=question.pk).state == here
        assert ModelLogEntry.objects.count() == before


@pytest.mark.parametrize("role", ["promoter", "other_promoter", "trainer", "coordinator", "reviewer", "admin_user"])
@pytest.mark.parametrize("verb", ["withdraw", "helped", "reopen", "public", "private"])
def test_asker_alone_speaks_for_the_asker(role, verb, promoter, request):
    by = request.getfixturevalue(role)
    question = QuestionFactory(asker=promoter) if verb == "withdraw" else answered(asker=promoter)
    act = {
        "withdraw": lambda: actions.withdraw_question(question, by=by),
        "helped": lambda: actions.say_it_helped(question, by=by),
        "reopen": lambda: actions.reopen_question(question, by=by, reason="More."),
        "public": lambda: actions.set_visibility(question, by=by, visibility="public"),
        "private": lambda: actions.set_visibility(question, by=by, visibility="private"),
    }[verb]
    may = role == "promoter" or (verb in ("reopen", "private") and role in ("trainer", "coordinator", "admin_user"))
    if may:
        act()
    else:
        with pytest.raises(RuleViolation, match="Only the person who asked"):
            act()


def test_constraints_pair_a_state_with_what_goes_with_it(promoter, original):
    now = timezone.now()
    for fields in (
        {"state": "withdrawn"},
        {"state": "duplicate", "closed_at": now},
        {"state": "open", "closed_at": now},
        {"state": "answered"},
        {"state": "reopened"},
        {"state": "open", "duplicate_of": original},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            QuestionFactory(asker=promoter, **fields)
    question = QuestionFactory(asker=promoter)
    question.duplicate_of = question
    with pytest.raises(ValidationError, match="double of itself"):
        question.full_clean()


# --- asking


def test_same_words_twice_are_one_question(promoter):
    assert ask(promoter).pk == ask(promoter, "How high  is the levy? ").pk
    assert ask(promoter, "And in Italy?").pk != ask(promoter).pk


def test_ten_an_hour_and_then_a_sentence(promoter):
    for number in range(10):
        ask(promoter, f"Question {number}?")
    with pytest.raises(RuleViolation, match="10 questions within one hour"):
        ask(promoter, "One more?")
    Question.objects.update(asked_at=timezone.now() - timedelta(hours=2))
    ask(promoter, "One more?")
    assert Question.objects.count() == 11


@pytest.mark.parametrize(("text", "detail"), [("", ""), ("   ", ""), ("x" * 201, ""), ("Why?", "y" * 4001)])
def test_nothing_and_too_much_are_refused_in_words(promoter, text, detail):
    with pytest.raises(RuleViolation):
        ask(promoter, text, detail=detail)
    assert not Question.objects.exists()


def test_question_goes_to_the_nearest_steward_who_may_answer(promoter, trainer, coordinator, wiki, members):
    assert ask(promoter, "One?", section=members).assigned_to is None
    wiki.steward = trainer
    wiki.save()
    assert ask(promoter, "Two?", section=members).assigned_to == trainer
    members.steward = promoter  # kept by somebody who is not of the team: they read no private question
    members.save()
    assert ask(promoter, "Three?", section=members).assigned_to == trainer


# --- letters


def letters(to):
    return list(Message.objects.filter(to=to).order_by("created_at").values_list("subject", flat=True))


def test_team_gets_one_letter_a_day_that_quotes_nothing(promoter, trainer, coordinator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        ask(promoter, "Zanzibar secret?", visibility="private")
        ask(promoter, "Another?")
    assert letters(trainer) == ["A question waits for you"]
    assert letters(coordinator) == []
    [letter] = mail.outbox
    assert "Zanzibar" not in letter.body + letter.alternatives[0][0]
    assert "/cms/questions/" in letter.body


def test_clock_tells_of_what_came_after_the_last_letter(promoter, trainer):
    ask(promoter, "One?")
    ask(promoter, "Two?")
    assert remind() == 0  # today's letter is written
    yesterday = timezone.now() - timedelta(days=1)
    for message in Message.objects.all():
        message.cause, message.created_at = message.cause[:-10] + str(yesterday.date()), yesterday
        message.save()
    assert remind() == 1
    assert remind() == 0
    assert len(letters(trainer)) == 2


def test_asker_is_told_in_their_language_once_per_answer(promoter, trainer, django_capture_on_commit_callbacks):
    promoter.language = "fr"
    promoter.save()
    question = ask(promoter)
    with django_capture_on_commit_callbacks(execute=True):
        actions.answer_question(question, by=trainer, html="<p>Six to <b>eight</b> per cent.</p>")
    [letter] = [one for one in mail.outbox if one.to == [promoter.email]]
    with translation.override("fr"):
        assert letter.subject == translation.gettext("Your question has an answer")
    assert "Six to eight per cent." in letter.body
    assert f"/fr/questions/{question.pk}/" in letter.body
    actions.correct_answer(question, by=trainer, html="<p>Six to eight.</p>")
    assert len(letters(promoter)) == 1
    actions.reopen_question(question, by=promoter, reason="And in Italy?")
    actions.answer_question(question, by=trainer, html="<p>The same.</p>")
    assert len(letters(promoter)) == 2
    assert question.answers.count() == 2
    assert question.last_answer().html == "<p>The same.</p>"


def test_whoever_is_given_a_question_is_told_unless_they_took_it(promoter, trainer, coordinator):
    question = ask(promoter)
    actions.assign_question(question, by=coordinator, to=coordinator)
    assert letters(coordinator) == []
    actions.assign_question(question, by=coordinator, to=trainer)
    assert Message.objects.filter(to=trainer, cause__startswith="question-assigned").count() == 1
    with pytest.raises(RuleViolation, match="trainers and coordinators"):
        actions.assign_question(question, by=coordinator, to=promoter)


# --- answers


@pytest.mark.parametrize("html", ["", "<p></p>", "<script>x()</script>", "<p>&nbsp;</p>", "x" * 20_001])
def test_empty_and_endless_answers_are_refused(promoter, trainer, html):
    question = ask(promoter)
    with pytest.raises(RuleViolation):
        actions.answer_question(question, by=trainer, html=html)
    assert Question.objects.get().state == "open"


def test_answer_is_cleaned(promoter, trainer):
    answer = actions.answer_question(ask(promoter), by=trainer, html='<p onclick="x()">Yes<script>x()</script></p><img src=x onerror=x()>')
    assert answer.html == "<p>Yes</p>"


def test_asker_says_that_it_helped_or_what_is_missing(promoter, trainer):
    question = ask(promoter)
    actions.answer_question(question, by=trainer, html="<p>So.</p>")
    actions.say_it_helped(question, by=promoter)
    assert question.last_answer().helped is True
    with pytest.raises(RuleViolation, match="what is missing"):
        actions.reopen_question(question, by=promoter, reason="  ")
    actions.reopen_question(question, by=promoter, reason="And in Italy?")
    assert (question.last_answer().helped, question.reopen_reason) == (False, "And in Italy?")


# --- counted


def test_each_person_counts_once_and_nobody_for_their_own(original, promoter, other_promoter, reviewer):
    for person in (promoter, promoter, reviewer, other_promoter):
        actions.recognise_question(original, by=person)
    assert Question.objects.get(pk=original.pk).asked_again == 2
    with pytest.raises(RuleViolation, match="no answer yet"):
        actions.recognise_question(ask(promoter), by=reviewer)


def test_double_counts_at_the_other_question_until_it_is_opened_again(original, promoter, trainer):
    question = ask(promoter)
    actions.close_as_duplicate(question, by=trainer, original=original)
    assert Question.objects.get(pk=original.pk).asked_again == 1
    assert letters(promoter) == ["Your question has an answer already"]
    actions.reopen_question(question, by=promoter, reason="Mine is about Italy.")
    assert Question.objects.get(pk=original.pk).asked_again == 0
    assert Question.objects.get(pk=question.pk).duplicate_of is None


def test_double_leads_nobody_to_what_they_may_not_read(promoter, other_promoter, trainer):
    private = answered(asker=other_promoter, visibility="private")
    waiting = QuestionFactory(asker=other_promoter)
    question = ask(promoter)
    for original in (private, waiting, question):
        with pytest.raises(RuleViolation):
            actions.close_as_duplicate(question, by=trainer, original=original)
    mine = answered(asker=promoter, visibility="private")
    actions.close_as_duplicate(question, by=trainer, original=mine)
    assert Question.objects.get(pk=mine.pk).asked_again == 0  # the same person twice


# --- who reads


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("visibility", Visibility)
def test_who_reads_what(state, visibility, promoter, other_promoter, reviewer, trainer, coordinator, admin_user, original):
    question = in_state(state, promoter, original)
    Question.objects.filter(pk=question.pk).update(visibility=visibility)
    from django.contrib.auth.models import AnonymousUser  # a leaf of this test

    everybody = visibility == "public" and state in (S.ANSWERED, S.REOPENED)
    readers = {
        person: Question.objects.for_user(person).filter(pk=question.pk).exists() for person in (other_promoter, reviewer, AnonymousUser())
    }
    assert set(readers.values()) == {everybody}
    assert all(Question.objects.for_user(person).filter(pk=question.pk).exists() for person in (promoter, trainer, coordinator, admin_user))
    assert Question.objects.for_admin(reviewer).count() == Question.objects.for_admin(promoter).count() == 0


# --- the page it becomes


@pytest.fixture
def answered_question(promoter, trainer):
    question = ask(promoter, "How high is the levy?")
    actions.answer_question(question, by=trainer, html="<p>Six to <b>eight</b> per cent.</p>")
    return question


def test_question_becomes_a_draft_and_tells_once_it_is_published(answered_question, wiki, trainer, promoter):
    question = answered_question
    page = actions.question_to_page(question, by=trainer, place=wiki, title="How high is the levy?")
    assert (page.live, page.slug, page.get_parent().specific) == (False, "how-high-is-the-levy", wiki)
    assert [(child.block_type, str(child.value)) for child in page.body] == [("text", "<p>Six to <b>eight</b> per cent.</p>")]
    question.refresh_from_db()
    assert (question.page.specific, question.page_published_at) == (page, None)
    with pytest.raises(RuleViolation, match="became"):
        actions.question_to_page(question, by=trainer, place=wiki, title="Again")
    page.get_latest_revision().publish(user=trainer)
    question.refresh_from_db()
    assert question.page_published_at is not None
    page.get_latest_revision().publish(user=trainer)
    assert letters(promoter) == ["Your question has an answer", "Your question became a page of the wiki"]


def test_question_becomes_a_part_and_waits_until_that_part_is_published(answered_question, page, trainer, promoter):
    question, before = answered_question, page.body.get_prep_value()
    actions.question_to_page(question, by=trainer, place=page, title="Besoin vérifié")
    question.refresh_from_db()
    assert question.page_anchor == "besoin-verifie-2"  # the page has that heading already
    live = WikiPage.objects.get(pk=page.pk)
    assert live.body.get_prep_value() == before
    live.save_revision().publish(user=trainer)  # somebody publishes the page without the part
    question.refresh_from_db()
    assert question.page_published_at is None
    with_part = next(r for r in page.revisions.order_by("created_at") if "besoin-verifie-2" in str(r.content["body"]))
    with_part.publish(user=trainer)
    question.refresh_from_db()
    assert question.page_published_at is not None
    assert "besoin-verifie-2" in [entry.anchor for entry in contents_of(WikiPage.objects.get(pk=page.pk).body)]


def test_page_needs_an_answer_a_heading_and_a_place(promoter, trainer, wiki, home, answered_question):
    with pytest.raises(RuleViolation, match="Answer the question first"):
        actions.question_to_page(ask(promoter, "Two?"), by=trainer, place=wiki, title="Two?")
    for by, place, title in ((trainer, wiki, " "), (trainer, home, "x"), (promoter, wiki, "x")):
        with pytest.raises(RuleViolation):
            actions.question_to_page(answered_question, by=by, place=place, title=title)
    assert Question.objects.get(pk=answered_question.pk).page is None


def test_no_break_spaces_of_a_question_are_kept(promoter):
    assert ask(promoter, text="  Combien\n de temps\u00a0? ").text == "Combien de temps\u00a0?"

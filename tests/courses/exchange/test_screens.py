"""Bringing questions into a quiz, by the screens: look, choose, import into the draft; and taking the quiz away as GIFT."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupCollectionPermission, GroupPagePermission, PageLogEntry

from academy.models import AcademyImage
from academy.rules import RuleViolation
from courses import actions
from courses.exchange import gift, stream
from courses.exchange.stream import Together
from courses.kinds import KINDS
from courses.models import QuestionImport, QuizPage
from courses.questions import questions_of
from tests.factories.courses import QuestionImportFactory, asked, item, long_text, make_module, make_quiz, one_of_each_kind, right_answers
from tests.factories.files import png

pytestmark = pytest.mark.django_db

GIFT = """// three questions and one that is none
::First::Is it so? {T#no#yes}

What is it? {=a cooperative ~a bank}

$CATEGORY: Numbers
How many? {#3:1}

Just a text.
"""


@pytest.fixture
def quiz():
    return make_quiz(make_module())


@pytest.fixture
def client(client_for, trainer):
    client = client_for(trainer)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def start(quiz):
    return reverse("courses_cms_questions_start", args=[quiz.pk])


def bring(client, quiz, text=GIFT, **file):
    """The import that a file or a text becomes."""
    answer = client.post(start(quiz), file or {"text": text})
    assert answer.status_code == 302, answer.content.decode()
    return QuestionImport.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])


def look(row):
    return reverse("courses_cms_questions", args=[row.pk])


def draft_of(quiz):
    return QuizPage.objects.get(pk=quiz.pk).get_latest_revision_as_object()


def prompts(quiz):
    return [question.prompt for question, _block in stream.plain_of(quiz.questions.raw_data)]


def test_a_text_is_looked_at_chosen_and_lands_in_the_draft(client, quiz, trainer):
    row = bring(client, quiz)
    shown = client.get(look(row)).content.decode()
    assert [shown.count(word) for word in ("Is it so?", "What is it?", "How many?", "Question 3 of 3")] == [1, 1, 1, 1]
    assert "A text without braces asks nothing: it is a description." in shown
    assert QuizPage.objects.get(pk=quiz.pk).has_unpublished_changes is False
    answer = client.post(look(row), {"take": ["0", "2"], "how": "each"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("wagtailadmin_pages:edit", args=[quiz.pk])
    assert "Added to the draft: 2. Already here: 0. Left out: 2." in answer.content.decode()
    live, draft = QuizPage.objects.get(pk=quiz.pk), draft_of(quiz)
    assert prompts(live) == ["<p>One?</p>", "<p>Several?</p>"]
    assert prompts(draft) == ["<p>One?</p>", "<p>Several?</p>", "<p>Is it so?</p>", "<p>How many?</p>"]
    assert live.has_unpublished_changes is True
    entry = PageLogEntry.objects.get(action="courses.import_questions")
    assert (entry.user, entry.data, entry.page_id) == (trainer, {"added": 2, "here": 0}, quiz.pk)
    assert entry.message == "Questions imported into the draft: 2 added, 0 already here"


def test_the_report_is_shown_and_taken_away(client, quiz):
    row = bring(client, quiz)
    client.post(look(row), {"take": ["0"], "how": "each"})
    shown = client.get(look(row)).content.decode()
    assert [word in shown for word in ("added to the draft", "not chosen", "not understood", "line 9")] == [True] * 4
    answer = client.get(reverse("courses_cms_questions_report", args=[row.pk]))
    text = answer.content.decode()
    assert answer["Content-Disposition"].startswith('attachment; filename="import-')
    assert "1. added to the draft · True or false · Is it so? (line 2)" in text
    assert "- line 9 · not understood · A text without braces asks nothing: it is a description." in text
    row.refresh_from_db()
    assert row.content == {}


def test_what_is_there_already_is_said_and_left_out_unless_asked_for(client, quiz):
    client.post(look(bring(client, quiz)), {"take": ["0", "1", "2"], "how": "each"})
    again = bring(client, quiz)
    shown = client.get(look(again)).content.decode()
    assert shown.count('name="here"') == 3
    assert 'name="take" value="0" checked' not in shown
    client.post(look(again), {"take": ["1"], "here": ["0", "1", "2"], "how": "each"})
    assert prompts(draft_of(quiz)).count("<p>What is it?</p>") == 2
    # without having been told, nothing is doubled
    third = bring(client, quiz)
    client.post(look(third), {"take": ["0", "1"], "how": "each"})
    assert prompts(draft_of(quiz)).count("<p>Is it so?</p>") == 1
    third.refresh_from_db()
    assert [line["outcome"] for line in third.report["questions"]] == ["here", "here", "not_chosen"]


def test_as_one_pool_and_as_a_pool_for_each_category(client, quiz):
    client.post(look(bring(client, quiz)), {"take": ["0", "1", "2"], "how": "pool", "draw": "2"})
    pool = draft_of(quiz).questions.raw_data[-1]
    assert (pool["type"], pool["value"]["draw"], len(pool["value"]["questions"])) == ("pool", 2, 3)
    other = make_quiz(make_module())
    client.post(look(bring(client, other)), {"take": ["0", "1", "2"], "how": "categories", "draw": "1"})
    pools = list(draft_of(other).questions.raw_data)[-2:]
    assert [(pool["value"]["name"], pool["value"]["draw"], len(pool["value"]["questions"])) for pool in pools] == [
        ("", 1, 2),
        ("Numbers", 1, 1),
    ]


def test_one_pool_of_one_category_has_its_name(quiz, trainer):
    actions.import_questions(quiz, questions=read("$CATEGORY: Law\n\nA? {T}\n\nB? {F}"), by=trainer, together=Together(draw=1))
    assert draft_of(quiz).questions.raw_data[-1]["value"]["name"] == "Law"


@pytest.mark.parametrize("place", range(7))
def test_the_right_answers_that_a_preview_shows_are_worth_everything(place):
    quiz = make_quiz(make_module(), questions=one_of_each_kind())
    question = questions_of(quiz)[place]
    kind = KINDS[question["kind"]]
    assert kind.fraction(question, kind.read(question, kind.right(question))) == 1


def test_a_preview_writes_numbers_as_the_language_of_the_quiz_does(client):
    row = bring(client, make_quiz(make_module(language="fr")), "Combien ? {#3.14:0.01}")
    html = client.get(look(row)).content.decode()
    assert ('value="3,14"' in html, "3,14 ± 0,01" in html, "3.14" in html) == (True, True, False)


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"how": "each"}, "Nothing is chosen: tick the questions that you want."),
        ({"take": ["1"], "how": "pool"}, "Say how many of them are asked."),
        ({"take": ["1"], "how": "pool", "draw": "3"}, "no more can be asked than it has: 1."),
        ({"take": ["1"], "how": "nonsense"}, "Select a valid choice"),
        ({"take": ["77", "x"], "how": "each"}, "Nothing is chosen: tick the questions that you want."),
    ],
)
def test_a_bad_choice_keeps_what_was_chosen_and_writes_nothing(client, quiz, posted, said):
    row = bring(client, quiz)
    shown = client.post(look(row), posted).content.decode()
    assert said in shown
    assert "Not done." in shown
    assert ('value="1" checked' in shown) == ("1" in posted.get("take", []))
    assert 'name="take" value="0" checked' not in shown
    assert QuizPage.objects.get(pk=quiz.pk).has_unpublished_changes is False


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({}, "Choose a file, or paste the text."),
        ({"text": "Nothing to see"}, "holds no question"),
        ({"text": "x {=a ~b}", "file": SimpleUploadedFile("a.gift", b"y {T}")}, "Choose a file or paste the text, not both."),
        ({"file": SimpleUploadedFile("a.xml", b"PK\x03\x04rest")}, "is packed"),
    ],
)
def test_a_refused_file_says_why_and_keeps_what_was_pasted(client, quiz, posted, said):
    shown = client.post(start(quiz), posted).content.decode()
    assert said in shown
    assert posted.get("text", "") in shown
    assert not QuestionImport.objects.exists()


def test_a_table_with_each_kind_comes_as_an_example_and_is_understood_whole(client, quiz):
    for language in ("fr", "en"):
        example = client.get(reverse("courses_cms_questions_example", args=[language])).content
        row = bring(client, quiz, file=SimpleUploadedFile("questions.csv", example))
        assert row.format == "csv"
        assert [question.kind for question in row.was_read.questions] == [
            "single", "multiple", "true_false", "numeric", "short", "match", "order", "long",
        ]  # fmt: skip
        assert row.was_read.notes == ()
        assert client.get(look(row)).status_code == 200


def moodle(picture: str) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?><quiz><question type="truefalse"><name><text>n</text></name>
    <questiontext format="html"><text><![CDATA[<p>Seen?<img src="@@PLUGINFILE@@/a%20b.png" alt="A square"></p>]]></text>
    <file name="a b.png" path="/" encoding="base64">{picture}</file></questiontext>
    <answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question></quiz>""".encode()


def test_a_picture_inside_the_file_becomes_the_picture_of_its_question(client, quiz):
    row = bring(client, quiz, file=SimpleUploadedFile("q.xml", moodle(b64encode(png()).decode())))
    assert "data:image/png;base64," in client.get(look(row)).content.decode()
    assert not AcademyImage.objects.exists()
    client.post(look(row), {"take": ["0"], "how": "each"})
    image = AcademyImage.objects.get()
    block = draft_of(quiz).questions[-1]
    assert (block.value["image"].pk, block.value["image"].contextual_alt_text) == (image.pk, "A square")


def test_who_may_not_add_pictures_imports_questions_without(client, quiz, trainer):
    GroupCollectionPermission.objects.filter(group__name="Trainers", permission__codename="add_image").delete()
    row = bring(client, quiz, file=SimpleUploadedFile("q.xml", moodle(b64encode(png()).decode())))
    client.post(look(row), {"take": ["0"], "how": "each"})
    assert prompts(draft_of(quiz))[-1] == "<p>Seen?</p>"
    assert not AcademyImage.objects.exists()
    assert "Its picture is not kept: whoever imports it must be allowed to add pictures." in client.get(look(row)).content.decode()


def test_what_calls_itself_a_picture_and_is_none_is_left_out(client, quiz):
    row = bring(client, quiz, file=SimpleUploadedFile("q.xml", moodle(b64encode(b"<svg onload=alert(1)>").decode())))
    [question] = row.was_read.questions
    assert (question.picture, [str(note.said) for note in question.notes]) == (
        None,
        ["a b.png is no picture: it has to be PNG, JPEG, GIF, WebP or AVIF."],
    )


@pytest.mark.parametrize("who", ["reviewer", "promoter"])
def test_nobody_else_brings_or_takes_questions(request, client_for, quiz, who):
    row = QuestionImportFactory(quiz=quiz, imported_at=timezone.now(), report={"questions": [], "notes": []})
    stranger = client_for(request.getfixturevalue(who))
    for address in addresses(quiz, row):
        assert stranger.get(address).status_code == 302, address
        assert stranger.post(address, {"text": GIFT, "take": ["0"], "how": "each"}).status_code == 302
    assert QuestionImport.objects.count() == 1


def addresses(quiz, row):
    return [
        start(quiz),
        look(row),
        reverse("courses_cms_questions_report", args=[row.pk]),
        reverse("courses_cms_questions_export", args=[quiz.pk]),
        reverse("courses_cms_questions_gift", args=[quiz.pk, "draft"]),
    ]


def test_a_visitor_signs_in_first(db, client_for, quiz):
    row = QuestionImportFactory(quiz=quiz)
    for address in addresses(quiz, row):
        assert "/accounts/login/" in Client().get(address)["Location"]


def test_what_somebody_looks_at_is_theirs_alone_until_it_is_imported(client, client_for, coordinator, quiz):
    row = bring(client, quiz)
    other = client_for(coordinator)
    assert other.get(look(row)).status_code == 404
    assert other.post(look(row), {"take": ["0"], "how": "each"}).status_code == 404
    client.post(look(row), {"take": ["0"], "how": "each"})
    assert other.get(look(row)).status_code == 200


def test_who_may_enter_the_cms_but_not_edit_the_quiz_finds_nothing(client_for, quiz, trainer):
    row = QuestionImportFactory(quiz=quiz, created_by=trainer)
    GroupPagePermission.objects.filter(group__name="Trainers").delete()
    stranger = client_for(trainer)
    for address in addresses(quiz, row):
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, {"text": GIFT, "take": ["0"], "how": "each"}).status_code in (404, 405)


def test_the_buttons_stand_where_the_quiz_is_edited_and_listed(client, quiz):
    for address in (reverse("wagtailadmin_pages:edit", args=[quiz.pk]), reverse("wagtailadmin_explore", args=[quiz.get_parent().pk])):
        shown = client.get(address).content.decode()
        assert start(quiz) in shown
        assert reverse("courses_cms_questions_export", args=[quiz.pk]) in shown
    lesson_listing = client.get(reverse("wagtailadmin_pages:edit", args=[quiz.get_parent().pk])).content.decode()
    assert "/import/" not in lesson_listing.split('id="page-edit-form"')[0].replace("/cms/import/", "")


def cost(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked_for:
        assert client.get(address).status_code == 200
    return len(asked_for)


def test_a_preview_costs_the_same_for_one_question_and_three(client, quiz):
    assert cost(client, look(bring(client, quiz, "A? {T}"))) == cost(client, look(bring(client, quiz)))


def test_a_report_costs_the_same_for_one_question_and_three(client, quiz):
    one, three = bring(client, quiz, "A? {T}"), bring(client, quiz)
    for row in (one, three):
        client.post(look(row), {"take": ["0", "1", "2"], "how": "each"})
    assert cost(client, look(one)) == cost(client, look(three))


def test_the_list_of_imports_costs_the_same_for_one_and_three(client, quiz):
    QuestionImportFactory(quiz=quiz, imported_at=timezone.now())
    one = cost(client, start(quiz))
    QuestionImportFactory.create_batch(2, quiz=quiz, imported_at=timezone.now())
    assert cost(client, start(quiz)) == one


def test_an_export_costs_the_same_for_one_question_and_all_kinds(client):
    quizzes = [make_quiz(make_module(), questions=questions) for questions in ([long_text()], [*one_of_each_kind(), long_text()])]
    few, many = (cost(client, reverse("courses_cms_questions_export", args=[quiz.pk])) for quiz in quizzes)
    assert few == many


# --- the action


def read(text=GIFT):
    return gift.read(text).questions


def test_a_locked_quiz_is_not_written_to(quiz, trainer, coordinator):
    quiz.locked, quiz.locked_by, quiz.locked_at = True, coordinator, timezone.now()
    quiz.save()
    with pytest.raises(RuleViolation) as refusal:
        actions.import_questions(quiz, questions=read(), by=trainer)
    assert refusal.value.code == "locked"


def test_an_import_is_done_once(client, quiz, trainer):
    row = bring(client, quiz)
    actions.take_questions(row, chosen={0}, by=trainer)
    with pytest.raises(RuleViolation) as refusal:
        actions.take_questions(row, chosen={1}, by=trainer)
    assert refusal.value.code == "imported"
    assert len(prompts(draft_of(quiz))) == 3


def test_a_draft_that_waits_keeps_what_it_has(quiz, trainer):
    draft = quiz.get_latest_revision_as_object()
    draft.title = "Changed, not published"
    draft.save_revision()
    actions.import_questions(quiz, questions=read(), by=trainer)
    after = draft_of(quiz)
    assert (after.title, len(prompts(after)), QuizPage.objects.get(pk=quiz.pk).title) == ("Changed, not published", 5, "A quiz")


def test_the_same_question_twice_in_a_list_comes_once(quiz, trainer):
    outcomes = actions.import_questions(quiz, questions=read("A? {T}\n\na? {TRUE#x}\n\nA? {F}"), by=trainer)
    assert [outcome for outcome, _question in outcomes] == ["added", "here", "added"]


def test_imported_questions_are_published_and_answered(quiz, trainer, promoter):
    text = "One? {=a ~b}\n\nMany? {~%50%a ~%50%b ~%-50%c}\n\nSo? {F}\n\nN? {#3:1}\n\nW? {=word}\n\nP? {=a -> b =c -> d = -> e}"
    actions.import_questions(quiz, questions=read(text), by=trainer, together=Together(draw=6))
    draft_of(quiz).get_latest_revision().publish()
    page = QuizPage.objects.get(pk=quiz.pk)
    assert len(questions_of(page)) == 8
    attempt = actions.start_attempt(page, by=promoter)
    attempt = actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=page, by=promoter)
    assert attempt.score == 1.0


def test_what_nobody_imported_is_forgotten_after_a_week(quiz):
    old = timezone.now() - timedelta(days=8)
    QuestionImportFactory(quiz=quiz, created_at=old)
    kept = [QuestionImportFactory(quiz=quiz), QuestionImportFactory(quiz=quiz, created_at=old, imported_at=old)]
    call_command("tick")
    assert set(QuestionImport.objects.all()) == set(kept)


# --- out


def test_the_export_says_what_gift_cannot_and_gives_the_file(client):
    pool = {"type": "pool", "id": "p", "value": {"name": "Many", "draw": 1, "questions": [asked("true_false", "In a pool?", is_true=True)]}}
    quiz = make_quiz(make_module(), questions=[*one_of_each_kind(), long_text(), pool])
    shown = client.get(reverse("courses_cms_questions_export", args=[quiz.pk])).content.decode()
    for said in ("Its unit: €.", "written as pairs, each step with its place.", "At most 100 words.", "Of the pool “Many”, 1 are asked."):
        assert said in shown
    answer = client.get(reverse("courses_cms_questions_gift", args=[quiz.pk, "live"]))
    assert answer["Content-Disposition"] == f'attachment; filename="{quiz.slug}.gift.txt"'
    found = gift.read(answer.content.decode())
    assert found.notes == ()
    assert [question.kind for question in found.questions] == [
        "single", "multiple", "true_false", "numeric", "short", "match", "match", "long", "true_false",
    ]  # fmt: skip
    assert found.questions[-1].category == "A quiz / Many"


def test_an_empty_picture_as_the_editor_stores_it_is_none(client):
    empty = {"image": None, "decorative": None, "alt_text": None}
    quiz = make_quiz(make_module(), questions=[asked("true_false", "So?", is_true=True, image=empty)])
    assert "What GIFT cannot say" not in client.get(reverse("courses_cms_questions_export", args=[quiz.pk])).content.decode()


def test_the_draft_and_the_published_quiz_are_two_files(client, quiz, trainer):
    actions.import_questions(quiz, questions=read(), by=trainer)
    sizes = [
        len(gift.read(client.get(reverse("courses_cms_questions_gift", args=[quiz.pk, which])).content.decode()).questions)
        for which in ("live", "draft")
    ]
    assert sizes == [2, 5]
    assert client.get(reverse("courses_cms_questions_gift", args=[quiz.pk, "other"])).status_code == 404


def test_a_quiz_without_questions_has_nothing_to_export(client):
    quiz = make_quiz(make_module(), questions=[])
    assert "There is no question to write yet." in client.get(reverse("courses_cms_questions_export", args=[quiz.pk])).content.decode()


def test_an_unfinished_question_of_a_draft_is_named_and_left_out(client):
    quiz = make_quiz(
        make_module(), questions=[asked("short", "Unfinished?", accepted=[item({"text": "", "share": 100})], case=False, accents=False)]
    )
    shown = client.get(reverse("courses_cms_questions_export", args=[quiz.pk])).content.decode()
    assert "One of its answers is empty." in shown

"""A module that is edited while fifty people are in it, and a language that is switched in the middle of a quiz: nothing is lost, all go on."""

import pytest
from django.urls import reverse
from django.utils import translation

from courses import actions
from courses.models import ActivityRecord, Certificate, Enrolment, LessonPage, QuizAttempt, QuizPage
from courses.settling import settle_waiting
from tests.factories.academy import UserFactory
from tests.factories.courses import make_course, make_lesson, make_module, make_quiz, question, right_answers, translated

pytestmark = pytest.mark.django_db


def three_questions():
    return [question(f"Number {number}?", ("yes", True), ("no", False)) for number in (1, 2, 3)]


@pytest.fixture
def module():
    return make_module("The model")


@pytest.fixture
def lesson(module):
    return make_lesson(module, "First", completion="end", body=[("text", "<p>As it was.</p>")])


@pytest.fixture
def quiz(module, lesson):
    return make_quiz(module, "Check", questions=three_questions())


@pytest.fixture
def course(module, quiz):
    return make_course("The programme", modules=(module,))


def at(name, key, number, language="en"):
    with translation.override(language):
        return reverse(name, args=[key, number])


def form(attempt, answers):
    return {"edition": attempt.edition, **{f"q-{key}": given for key, given in answers.items()}}


def begin(people, course, lesson, quiz):
    """A fifth of them each: read half of the lesson, read it whole, answered one question, handed in, completed the course."""
    groups = [people[number::5] for number in range(5)]
    half, read, answering, handed_in, done = groups
    for person in people:
        actions.enrol(course, user=person, by=person)
        share = 0.5 if person in half else 1
        actions.record_progress(lesson, by=person, client="before", sequence=1, progress=share, position="as-it-was", seconds=60)
    for person in answering:
        attempt = actions.start_attempt(quiz, by=person)
        first = attempt.questions[0]
        actions.save_answers(attempt, answers={first["id"]: right_answers([first])[first["id"]]}, by=person)
    for person in (*handed_in, *done):
        attempt = actions.start_attempt(quiz, by=person)
        answers = right_answers(attempt.questions) if person in done else {}
        actions.submit_attempt(attempt, answers=answers, quiz=quiz, by=person)
    return half, read, answering, handed_in, done


def edit(module, lesson, quiz):
    """Another text, a question less (the one that was answered), a lesson more: all published. The pages as they are then."""
    lesson.body = [("text", "<p>As it is now.</p>")]
    lesson.save_revision().publish()
    quiz.questions = list(quiz.questions.raw_data)[1:]
    quiz.save_revision().publish()
    module.refresh_from_db()
    added = make_lesson(module, "Added", completion="end")
    return LessonPage.objects.get(pk=lesson.pk), QuizPage.objects.get(pk=quiz.pk), added


def kept():
    """All that people have done, as it stands in the tables."""
    return (
        {row.pk: (row.progress, row.position, row.seconds, row.completed_at) for row in ActivityRecord.objects.all()},
        {row.pk: (row.questions, row.answers, row.state, row.score) for row in QuizAttempt.objects.all()},
        dict(Enrolment.objects.values_list("pk", "completed_at")),
        set(Certificate.objects.values_list("pk", "revoked_at")),
    )


def test_module_is_edited_while_fifty_people_are_in_it(module, lesson, quiz, course, client_for):
    people = [UserFactory() for _each in range(50)]
    half, read, answering, handed_in, done = begin(people, course, lesson, quiz)
    before = kept()
    asked_before = quiz.questions.raw_data[0]["id"]
    lesson, quiz, added = edit(module, lesson, quiz)
    assert kept() == before
    for person in people:  # each finds the new text, where they stopped, and what is new; nobody is refused
        client = client_for(person)
        pages = [client.get(page.url) for page in (course, lesson, quiz, added)]
        assert [page.status_code for page in pages] == [200] * 4
        assert ("As it is now." in pages[1].content.decode(), "Added" in pages[0].content.decode()) == (True, True)
    for person in half:
        actions.record_progress(lesson, by=person, client="before", sequence=2, progress=1, seconds=90)
    for person in answering:  # the attempt is the one that they began, with the question that is gone since
        client, attempt = client_for(person), QuizAttempt.objects.get(user=person)
        html = client.get(at("courses_attempt", quiz.translation_key, 1)).content.decode()
        assert ("Number 1?" in html, f'id="q-{asked_before}"' in html or f'name="q-{asked_before}"' in html) == (True, True)
        client.post(at("courses_attempt_submit", quiz.translation_key, 1), form(attempt, right_answers(attempt.questions)))
        attempt.refresh_from_db()
        assert (len(attempt.questions), attempt.score, attempt.passed) == (3, 1.0, True)
    for person in (*half, *read, *handed_in):  # who begins now is asked the two that are left
        attempt = actions.start_attempt(quiz, by=person)
        assert [one["id"] for one in attempt.questions] == [block["id"] for block in quiz.questions.raw_data]
        actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=quiz, by=person)
    open_yet = set(Enrolment.objects.filter(completed_at=None).values_list("user", flat=True))
    assert open_yet == {person.pk for person in people} - {person.pk for person in done}
    for person in people:
        if person not in done:
            actions.record_progress(added, by=person, client="after", sequence=1, progress=1)
    settle_waiting()  # as the clock does it
    assert not Enrolment.objects.filter(completed_at=None).exists()
    assert Certificate.objects.filter(revoked_at=None).count() == 50
    assert ActivityRecord.objects.filter(activity_key=lesson.translation_key, completed_at=None).count() == 0
    for person in done:
        assert "New since you finished" in client_for(person).get(course.url).content.decode()
        assert Enrolment.objects.get(user=person).completed_at == before[2][Enrolment.objects.get(user=person).pk]


# --- another language in the middle of a quiz


@pytest.fixture
def both(quiz):
    """The quiz in English and in French, the French one in words of its own."""
    french = translated(quiz, "fr", title="Vérifier")
    raw = list(french.questions.raw_data)
    for block in raw:
        block["value"]["prompt"] = block["value"]["prompt"].replace("Number", "Numéro")
    french.questions = raw
    french.save_revision().publish()
    return quiz, QuizPage.objects.get(pk=french.pk)


def test_attempt_begun_in_one_language_goes_on_in_another(both, promoter, client_for):
    english, _french = both
    client, key = client_for(promoter), english.translation_key
    attempt = actions.start_attempt(english, by=promoter)
    first, *others = attempt.questions
    actions.save_answers(attempt, answers={first["id"]: right_answers([first])[first["id"]]}, by=promoter)
    attempt.refresh_from_db()
    html = client.get(at("courses_attempt", key, 1, "fr")).content.decode()
    assert '<html lang="fr"' in html
    assert html.count('<fieldset class="course-question"') == html.count('data-kind="single" lang="en"') == 3
    assert ("Number 1?" in html, "Numéro" in html) == (True, False)
    assert f'value="{right_answers([first])[first["id"]][0]}" checked' in html
    assert "Vous avez commencé cette tentative dans une autre langue" in html
    answers = {**attempt.answers, others[0]["id"]: right_answers(others)[others[0]["id"]]}
    client.post(at("courses_attempt_save", key, 1, "fr"), form(attempt, answers))
    attempt.refresh_from_db()
    assert (attempt.language, attempt.answers) == ("en", answers)
    assert "another language" not in client.get(at("courses_attempt", key, 1, "en")).content.decode()
    assert QuizAttempt.objects.count() == 1


def test_start_in_the_other_language_continues_the_open_attempt(both, promoter, client_for):
    english, french = both
    attempt = actions.start_attempt(english, by=promoter)
    client = client_for(promoter)
    with translation.override("fr"):
        answer = client.post(reverse("courses_attempt_start", args=[french.translation_key]))
    assert answer.headers["Location"] == at("courses_attempt", french.translation_key, attempt.number, "fr")
    assert QuizAttempt.objects.get().language == "en"


@pytest.mark.parametrize(("language", "said", "words"), [("en", "Passed with 100 %", "right"), ("fr", "Réussi avec 100 %", "juste")])
def test_result_is_the_same_in_both_languages_and_keeps_the_words_of_the_attempt(both, promoter, client_for, language, said, words):
    english, _french = both
    attempt = actions.start_attempt(english, by=promoter)
    actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=english, by=promoter)
    html = client_for(promoter).get(at("courses_attempt", english.translation_key, 1, language)).content.decode()
    text = " ".join(html.replace("\u00a0", " ").replace("\u202f", " ").split())
    assert said in text
    assert '<ol class="course-results" lang="en">' in html
    assert [text.count(f"Number {number}?") for number in (1, 2, 3)] == [2, 2, 2]  # asked, and because of
    assert "Numéro" not in html
    assert words in text

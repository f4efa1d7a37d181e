"""One attempt open in two windows: what was answered in either is there at the end. The script's side is in tests/browser/test_two_tabs.py."""

import pytest
from django.urls import reverse

from courses import actions
from courses.models import QuizAttempt, QuizPage
from tests.factories.courses import long_text, make_module, make_quiz, right_answers, two_questions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

JSON = {"accept": "application/json"}


@pytest.fixture
def learner(client_for, promoter):
    return client_for(promoter)


@pytest.fixture
def attempt(promoter):
    return actions.start_attempt(make_quiz(make_module(), questions=[*two_questions(), long_text()]), by=promoter)


@pytest.fixture
def send(learner, attempt):
    def send(verb, answers, **more):
        address = reverse(f"courses_attempt_{verb}", args=[attempt.quiz_key, attempt.number])
        headers = JSON if "client" in more else {}
        return learner.post(address, {**{f"q-{key}": given for key, given in answers.items()}, **more}, headers=headers, follow=not headers)

    return send


def touched(*keys):
    return ",".join(f"q-{key}" for key in keys)


def standing(attempt):
    attempt.refresh_from_db()
    return attempt.answers


def test_each_tab_saves_what_was_touched_in_it(attempt, send):
    one, two, text = [question["id"] for question in attempt.questions]
    right = right_answers(attempt.questions)
    send("save", {one: right[one], text: "Long."}, client="A", sequence=1, touched=touched(one, text))
    said = send("save", {two: right[two], text: ""}, client="B", sequence=1, touched=touched(two)).json()
    assert standing(attempt) == {one: right[one], two: right[two], text: ["Long."]}
    assert said["edition"] == attempt.edition
    send("save", {}, client="A", sequence=2, touched=touched(one))  # taken back where it was given
    assert standing(attempt) == {one: [], two: right[two], text: ["Long."]}


def test_an_empty_old_tab_hands_in_what_the_other_saved(attempt, send):
    one, two, text = [question["id"] for question in attempt.questions]
    right = {**right_answers(attempt.questions), text: ["Long."]}
    send("save", right, client="A", sequence=1, touched=touched(one, two, text))
    send("submit", {text: ""}, edition="")
    assert (standing(attempt), attempt.state) == (right, "waiting")


def test_a_script_hands_in_what_was_touched_and_leaves_the_rest(attempt, send):
    one, two, text = [question["id"] for question in attempt.questions]
    right = {**right_answers(attempt.questions), text: ["Long."]}
    send("save", {one: right[one], two: right[two]}, client="A", sequence=1, touched=touched(one, two))
    send("submit", {text: "Long."}, touched=touched(text), client="", edition="")
    assert (standing(attempt), attempt.state) == (right, "waiting")


def test_a_form_without_script_only_fills_what_is_open_and_says_what_it_left(attempt, send, learner):
    one, two, text = [question["id"] for question in attempt.questions]
    right = right_answers(attempt.questions)
    send("save", {one: right[one], text: "Newer."}, edition="")
    newest = send("submit", {two: right[two], text: "Older words."}, edition="")
    assert (standing(attempt), attempt.state) == ({one: right[one], two: right[two], text: ["Newer."]}, "open")
    told = [str(message) for message in newest.context["messages"]]
    assert told == [
        "Question 3 was answered in another window meanwhile, and that answer is kept. You had answered here: Older words.",
    ]
    edition = attempt.edition
    assert f'name="edition" value="{edition}"' in newest.text
    send("submit", {one: right[one], two: right[two], text: "Older words."}, edition=edition)
    assert (standing(attempt)[text], attempt.state) == (["Older words."], "waiting")


def test_a_form_of_the_last_edition_takes_answers_back(attempt, send):
    one, _two, text = [question["id"] for question in attempt.questions]
    right = right_answers(attempt.questions)
    send("save", {one: right[one], text: "Words."}, edition="")
    attempt.refresh_from_db()
    send("save", {one: right[one], text: ""}, edition=attempt.edition)
    assert standing(attempt) == {one: right[one], text: []}
    assert QuizAttempt.objects.count() == 1


def test_a_text_that_is_too_long_is_kept_whole_and_said_to_be(attempt, send):
    text, words = attempt.questions[2]["id"], "w" * 20_001
    said = send("save", {text: words}, client="A", sequence=1, touched=touched(text)).json()
    told = "Your text for question 3 is longer than 20,000 characters. It is saved whole: shorten it before you hand in."
    assert (said["wrong"], standing(attempt)) == (told, {text: [words]})
    whole = {**right_answers(attempt.questions), text: words}
    page = send("submit", whole, edition=attempt.edition)
    assert (standing(attempt)[text], attempt.state) == ([words], "open")
    assert [str(message) for message in page.context["messages"]] == [told]
    assert (words in page.text, "20000" in page.text) == (True, False)
    said = send("save", {text: words[1:]}, client="A", sequence=2, touched=touched(text)).json()
    assert said["wrong"] == ""


def test_an_attempt_stays_with_its_learner_when_the_quiz_is_not_published_any_more(attempt, send, learner):
    page = QuizPage.objects.get()
    page.unpublish()
    one, two, _text = [question["id"] for question in attempt.questions]
    right = right_answers(attempt.questions)
    address = reverse("courses_attempt", args=[attempt.quiz_key, attempt.number])
    assert learner.get(address).status_code == 200
    assert send("save", {one: right[one]}, client="A", sequence=1, touched=touched(one)).status_code == 200
    assert send("save", {two: right[two]}, edition=attempt.edition).redirect_chain == [(address, 302)]
    assert standing(attempt) == {one: right[one], two: right[two]}
    result = send("submit", {}, anyway="1", touched="")
    assert (result.redirect_chain, "Not yet: 66 %" in result.text, "Try again" in result.text) == ([(address, 302)], True, False)
    assert standing(attempt) == {one: right[one], two: right[two]}
    assert learner.get(page.url).status_code == 404


def test_what_differs_from_what_was_handed_in_is_told_and_a_repeat_is_not(attempt, send, learner):
    one, _two, text = [question["id"] for question in attempt.questions]
    right = right_answers(attempt.questions)
    send("save", {one: right[one]}, client="A", sequence=1, touched=touched(one))
    send("submit", {text: "Long."}, touched=touched(text), client="A", anyway="1")
    handed_in = standing(attempt)
    late = {"client": "B", "sequence": 1, "touched": touched(text)}
    for verb in ("save", "submit"):
        said = send(verb, {text: "Other words."}, **late).json()
        assert (said["code"], said["repeated"], said["typed"]) == ("handed_in", False, "Question 3: Other words.")
        again = send(verb, {text: "Long."}, **late).json()
        assert (again["code"], again["repeated"], again["typed"]) == ("handed_in", True, "")
    assert send("save", {}, client="B", sequence=2, touched=touched(one)).json()["repeated"] is False  # taken back
    assert send("save", {one: ["nonsense"]}, client="B", sequence=3, touched=touched(one)).json()["repeated"] is False
    assert send("save", {text: "Old."}, client="A", sequence=1, touched=touched(text)).json()["repeated"] is True  # heard before
    assert standing(attempt) == handed_in


def test_without_script_what_came_after_handing_in_is_said_with_its_words(attempt, send):
    _one, _two, text = [question["id"] for question in attempt.questions]
    send("submit", {text: "Long."}, edition="", anyway="1")
    for verb in ("save", "submit"):
        page = send(verb, {text: "Other words."}, edition="")
        told = [str(message) for message in page.context["messages"]]
        assert [words.split(":")[0] for words in told] == [
            "This quiz was handed in already, in another window, on another device or at the end of its time",
            "Question 3 was answered in another window meanwhile, and that answer is kept. You had answered here",
        ]
        assert told[1].endswith("Other words.")


def test_enter_in_a_field_saves_and_stays(attempt, send, learner):
    _one, _two, text = [question["id"] for question in attempt.questions]
    page = reverse("courses_attempt", args=[attempt.quiz_key, attempt.number])
    html = learner.get(page).content.decode()
    form = html[html.index("data-academy-autosave") :]
    button = form[form.index("<button") : form.index("</button>")]
    save = reverse("courses_attempt_save", args=[attempt.quiz_key, attempt.number])
    assert ('name="stay"' in button, f'formaction="{save}"' in button) == (True, True)
    answer = send("save", {text: "Long."}, edition="", stay="1")
    assert (answer.redirect_chain, standing(attempt), attempt.state) == ([(page, 302)], {text: ["Long."]}, "open")

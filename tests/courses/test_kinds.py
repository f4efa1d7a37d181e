"""What an answer is worth, kind by kind: plain values, no database."""

import random

import pytest

from courses.grading import QuestionResult, asked, grade_of, mark, percent_of, read_answers, score_of
from courses.kinds import KINDS, ForeignAnswer, UnreadableAnswer, folded, matches, number_in

SINGLE = {
    "several": False,
    "answers": [{"id": "a", "text": "A", "correct": True, "feedback": "fa"}, {"id": "b", "text": "B", "correct": False, "feedback": "fb"}],
}
NUMERIC = {
    "unit": "€",
    "accepted": [
        {"value": "12.5", "tolerance": "0.5", "share": 1.0, "feedback": "yes"},
        {"value": "12", "tolerance": "2", "share": 0.5, "feedback": "near"},
    ],
}
SHORT = {
    "case": False,
    "accents": False,
    "accepted": [{"text": "coopérative", "share": 1.0, "feedback": "yes"}, {"text": "*association*", "share": 0.25, "feedback": "nearly"}],
}
MATCH = {
    "pairs": [{"id": "p1", "text": "Brussels", "option": "o1"}, {"id": "p2", "text": "Liège", "option": "o1"}, {"id": "p3", "text": "Lille", "option": "o3"}],
    "options": [{"id": "o1", "text": "Belgium"}, {"id": "o3", "text": "France"}, {"id": "o4", "text": "Spain"}],
}  # fmt: skip
ORDER = {"items": [{"id": "i1", "text": "one"}, {"id": "i2", "text": "two"}, {"id": "i3", "text": "three"}], "shown": ["i1", "i2", "i3"]}


def frozen(kind, own, key="q"):
    return {"id": key, "kind": kind, "prompt": "?", "feedback": "", **own}


def worth(kind, own, *given):
    question = frozen(kind, own)
    answers = read_answers([question], {"q": given})
    return mark([question], answers)[0].fraction


@pytest.mark.parametrize(
    ("typed", "value"),
    [("3,5", "3.5"), ("3.5", "3.5"), ("1 200", "1200"), ("1\u202f200,50", "1200.50"), ("1,200.5", "1200.5"), ("1.200,5", "1200.5"), ("−2", "-2"), ("+.5", "0.5"), ("1e3", "1E+3")],
)  # fmt: skip
def test_numbers_are_read_as_people_type_them(typed, value):
    assert number_in(typed) == number_in(value)
    assert float(number_in(typed)) == float(value)


@pytest.mark.parametrize("typed", ["", "twelve", "1-2", "1,2,3", "12 euros", "١٢", "1e9999", "nan", "inf", "0x10"])
def test_what_is_no_number_is_said_to_be_none(typed):
    with pytest.raises(UnreadableAnswer):
        number_in(typed)


@pytest.mark.parametrize(
    ("typed", "share"),
    [("12,5", 1), ("13", 1), ("12.0 €", 1), ("13.01", 0.5), ("14", 0.5), ("10", 0.5), ("14.01", 0), ("many", 0), ("", 0)],
)
def test_a_number_within_its_tolerance(typed, share):
    assert worth("numeric", NUMERIC, typed) == share


@pytest.mark.parametrize(
    ("typed", "share"),
    [("coopérative", 1), ("  COOPERATIVE ", 1), ("Coopérative", 1), ("une association loi 1901", 0.25), ("coopératives", 0), ("", 0)],
)
def test_words_forgive_capitals_and_accents_unless_the_author_says_so(typed, share):
    assert worth("short", SHORT, typed) == share


def test_words_may_be_strict():
    strict = {**SHORT, "case": True, "accents": True}
    assert [worth("short", strict, typed) for typed in ("coopérative", "Coopérative", "cooperative")] == [1, 0, 0]
    assert worth("short", {**SHORT, "case": True}, "cooperative") == 1


def test_apostrophes_ligatures_and_spaces_are_always_forgiven():
    assert folded("l’œuvre  d'art", case=True, accents=True) == folded("l'oeuvre d’art", case=True, accents=True)


@pytest.mark.parametrize(
    ("pattern", "text", "meets"),
    [
        ("a*b", "ab", True), ("a*b", "axxb", True), ("a*b", "axxbc", False), ("*", "", True), ("a*a", "a", False),
        ("*x*y*", "..x..y..", True), ("*x*y*", "..y..x..", False), ("2\\*3", "2*3", True), ("2\\*3", "2x3", False), ("a.c", "abc", False),
    ],
)  # fmt: skip
def test_a_star_stands_for_any_words(pattern, text, meets):
    assert matches(pattern, text) == meets


def test_a_pattern_of_many_stars_takes_no_time():
    assert not matches("*a" * 200, "a" * 199 + "b" * 20_000)


def test_pairs_count_one_by_one_and_equal_words_are_one_option():
    assert worth("match", MATCH, "p1:o1", "p2:o1", "p3:o3") == 1
    assert worth("match", MATCH, "p1:o1", "p2:o4", "p3:") == pytest.approx(1 / 3)
    assert worth("match", MATCH) == 0


def test_steps_count_at_their_place_and_a_place_given_twice_is_none():
    assert worth("order", ORDER, "i1:1", "i2:2", "i3:3") == 1
    assert worth("order", ORDER, "i1:1", "i2:3", "i3:2") == pytest.approx(1 / 3)
    assert worth("order", ORDER, "i1:1", "i2:1", "i3:3") == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("kind", "own", "given"),
    [
        ("single", SINGLE, ["a", "b"]), ("single", SINGLE, ["c"]), ("numeric", NUMERIC, ["1", "2"]), ("short", SHORT, ["a", "b"]),
        ("match", MATCH, ["p1:o9"]), ("match", MATCH, ["p9:o1"]), ("match", MATCH, ["p1:o1", "p1:o3"]), ("match", MATCH, ["p1"]),
        ("order", ORDER, ["i1:0"]), ("order", ORDER, ["i1:4"]), ("order", ORDER, ["i1:1", "i1:2"]), ("order", ORDER, ["x:1"]),
    ],
)  # fmt: skip
def test_answers_that_the_question_does_not_have_are_refused(kind, own, given):
    with pytest.raises(ForeignAnswer):
        read_answers([frozen(kind, own)], {"q": given})


def test_what_is_typed_is_kept_short_and_without_zeros():
    question = frozen("short", SHORT)
    assert read_answers([question], {"q": ["x\0" * 900]})["q"] == ["x" * 400]
    assert read_answers([question], {"q": ["   "]})["q"] == []


def test_a_text_waits_for_a_trainer_unless_nothing_was_written():
    question = frozen("long", {"words": None, "guide": ""})
    written = mark([question], {"q": ["A text"]})[0]
    assert (written.fraction, written.verdict) == (None, "waiting")
    assert mark([question], {})[0].verdict == "wrong"
    marked = mark([question], {"q": ["A text"]}, {"q": {"fraction": 0.6, "comment": "Good"}})[0]
    assert (marked.fraction, marked.verdict, marked.comment) == (0.6, "partly", "Good")


def test_an_order_is_never_shown_as_it_is_right():
    for seed in range(40):
        shown = KINDS["order"].mix({**ORDER}, random.Random(seed))["shown"]
        assert sorted(shown) == ["i1", "i2", "i3"]
        assert shown != ["i1", "i2", "i3"]


def test_true_comes_before_false_whatever_the_seed():
    question = frozen("true_false", {**SINGLE, "fixed": True})
    assert {tuple(a["id"] for a in asked([{"draw": 1, "questions": [question]}], seed=seed, shuffle=True)[0]["answers"]) for seed in range(20)} == {("a", "b")}  # fmt: skip


def test_a_pool_is_drawn_by_the_seed():
    pool = [frozen("single", SINGLE, key=str(number)) for number in range(10)]
    alone = frozen("single", SINGLE, key="alone")
    slots = [{"draw": 1, "questions": [alone]}, {"draw": 3, "questions": pool}]
    drawn = [[q["id"] for q in asked(slots, seed=seed, shuffle=False)] for seed in range(30)]
    assert {len(ids) for ids in drawn} == {4}
    assert {ids[0] for ids in drawn} == {"alone"}
    assert all(len(set(ids)) == 4 and ids[1:] == sorted(ids[1:]) for ids in drawn)
    assert len({tuple(ids) for ids in drawn}) > 5
    assert asked(slots, seed=7, shuffle=True) == asked(slots, seed=7, shuffle=True)


def test_a_pool_smaller_than_its_draw_is_asked_whole():
    pool = [frozen("single", SINGLE, key=str(number)) for number in range(2)]
    assert len(asked([{"draw": 5, "questions": pool}], seed=1, shuffle=True)) == 2


@pytest.mark.parametrize(("method", "grade"), [("best", 0.9), ("last", 0.2), ("first", 0.5), ("average", 0.533333)])
def test_what_several_attempts_are_worth(method, grade):
    assert grade_of([0.5, 0.9, 0.2], method) == grade
    assert grade_of([], method) is None


def test_a_question_of_pairs_is_answered_when_all_of_it_is():
    question = frozen("match", MATCH)
    results = [mark([question], {"q": answer})[0].answered for answer in ([], ["p1:o1"], ["p1:o1", "p2:o1", "p3:o3"])]
    assert results == [False, False, True]


def test_what_may_be_placed_where_with_what_was_chosen():
    result: QuestionResult = mark([frozen("order", {**ORDER, "shown": ["i3", "i1", "i2"]})], {"q": ["i1:2"]})[0]
    assert [(row["text"], [option["chosen"] for option in row["options"]]) for row in result.rows] == [
        ("three", [False, False, False]),
        ("one", [False, True, False]),
        ("two", [False, False, False]),
    ]


def test_each_question_counts_the_same():
    questions = [frozen("numeric", NUMERIC, key="n"), frozen("order", ORDER, key="o")]
    assert score_of(mark(questions, {"n": ["14"], "o": ["i1:1", "i2:2", "i3:3"]})) == 0.75


@pytest.mark.parametrize(("score", "percent"), [(0.7, 70), (7 / 10, 70), (0.699999, 69), (0.29, 29), (0, 0), (1, 100), (0.999999, 99)])
def test_a_score_is_rounded_down_for_the_reader_and_for_the_mark(score, percent):
    assert percent_of(score) == percent

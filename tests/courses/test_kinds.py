"""What an answer is worth, kind by kind: plain values, no database."""

import random

import pytest

from courses.grading import QuestionResult, asked, grade_of, mark, percent_of, read_answers, score_of, unread
from courses.kinds import KINDS, ForeignAnswer, folded, matches

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


@pytest.mark.parametrize(
    ("typed", "value", "decimal", "read_as"),
    [
        ("1,200", "1200", ".", "1200"), ("1,200", "1.2", ".", "1.2"), ("1,200", "1.2", ",", "1,2"), ("1.200", "1200", ",", "1200"),
        ("1,200", "7", ".", "1200"), ("1,200", "7", ",", "1,2"), ("1,200,000", "1200000", ",", ""), ("1 200", "1200", ".", ""),
    ],
)  # fmt: skip
def test_a_number_that_may_be_read_in_two_ways_counts_when_one_is_right_and_says_which_was_taken(typed, value, decimal, read_as):
    own = {"unit": "", "decimal": decimal, "accepted": [{"value": value, "tolerance": "0", "share": 1.0, "feedback": ""}]}
    result = mark([frozen("numeric", own)], {"q": [typed]})[0]
    assert (result.verdict, result.lines[0].read_as) == ("wrong" if value == "7" else "right", read_as)


def test_what_is_no_number_is_named_and_told_nothing_about():
    own = {**NUMERIC, "otherwise": "Look again"}
    questions = [frozen("numeric", own, key="a"), frozen("numeric", {**own, "unit": ""}, key="b"), frozen("short", SHORT, key="c")]
    answers = {"a": ["twelve"], "b": ["12 €"], "c": ["twelve"]}
    assert unread(questions, answers) == [(1, "twelve", "€"), (2, "12 €", "")]
    assert [(result.unread, result.lines[0].feedback) for result in mark(questions, answers)] == [(True, ""), (True, ""), (False, "")]
    assert unread(questions, {"a": [], "b": ["12"]}) == []


@pytest.mark.parametrize(("kind", "own"), [("numeric", NUMERIC), ("short", SHORT)])
@pytest.mark.parametrize(("typed", "told"), [("99", "Look again"), ("12.5", "yes"), ("", "")])
def test_any_other_answer_is_told_something_too(kind, own, typed, told):
    typed = "coopérative" if kind == "short" and told == "yes" else typed
    result = mark([frozen(kind, {**own, "otherwise": "Look again"})], {"q": [typed] if typed else []})[0]
    assert result.lines[0].feedback == told


def test_each_pair_and_each_step_tells_who_gets_it_wrong():
    match = {**MATCH, "pairs": [{**pair, "feedback": f"about {pair['text']}"} for pair in MATCH["pairs"]]}
    order = {**ORDER, "items": [{**item, "feedback": f"about {item['text']}"} for item in ORDER["items"]]}
    results = mark([frozen("match", match, key="m"), frozen("order", order, key="o")], {"m": ["p1:o1", "p2:o4"], "o": ["i1:1", "i2:3"]})
    assert [line.feedback for line in results[0].lines] == ["", "about Liège", ""]
    assert [line.feedback for line in results[1].lines] == ["", "about two", ""]


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


TWIN_STEPS = {
    "items": [{"id": "i1", "text": "ask"}, {"id": "i2", "text": "meet"}, {"id": "i3", "text": "ask"}, {"id": "i4", "text": "go"}],
    "shown": [],
}
TWIN_PAIRS = {
    "pairs": [{"id": "p1", "text": "A member", "option": "o1"}, {"id": "p2", "text": "A member", "option": "o2"}, {"id": "p3", "text": "A bank", "option": "o3"}],
    "options": [{"id": "o1", "text": "invoices"}, {"id": "o2", "text": "votes"}, {"id": "o3", "text": "lends"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "own", "given", "right"),
    [
        ("order", TWIN_STEPS, ["i1:1", "i2:2", "i3:3", "i4:4"], "1111"),
        ("order", TWIN_STEPS, ["i1:3", "i2:2", "i3:1", "i4:4"], "1111"),
        ("order", TWIN_STEPS, ["i1:1", "i2:2", "i3:1", "i4:4"], "0101"),
        ("order", TWIN_STEPS, ["i1:2", "i2:1", "i3:3", "i4:4"], "0011"),
        ("match", TWIN_PAIRS, ["p1:o1", "p2:o2", "p3:o3"], "111"),
        ("match", TWIN_PAIRS, ["p1:o2", "p2:o1", "p3:o3"], "111"),
        ("match", TWIN_PAIRS, ["p1:o2", "p2:o2", "p3:o3"], "011"),
        ("match", TWIN_PAIRS, ["p1:o2", "p2:o3", "p3:o1"], "100"),
    ],
)
def test_twins_stand_for_one_another_and_each_counts_once(kind, own, given, right):
    result = mark([frozen(kind, own)], read_answers([frozen(kind, own)], {"q": given}))[0]
    assert "".join(str(int(line.right)) for line in result.lines) == right
    assert result.fraction == pytest.approx(right.count("1") / len(right))


def test_what_was_right_of_twins_names_all_their_places():
    assert [line.expected for line in KINDS["order"].lines(TWIN_STEPS, [])] == ["1 / 3", "2", "1 / 3", "4"]
    assert [line.expected for line in KINDS["match"].lines(TWIN_PAIRS, [])] == ["invoices / votes", "invoices / votes", "lends"]


def test_steps_with_twins_are_never_shown_as_they_are_right():
    words = {one["id"]: one["text"] for one in TWIN_STEPS["items"]}
    for seed in range(200):
        shown = KINDS["order"].mix(TWIN_STEPS, random.Random(seed))["shown"]
        assert [words[one] for one in shown] != list(words.values())


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


def test_what_is_typed_is_kept_whole_and_without_zeros():
    question = frozen("short", SHORT)
    assert read_answers([question], {"q": ["x\0" * 900]})["q"] == ["x" * 900]
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


def test_what_goes_together_is_never_told_by_the_order_of_the_menu():
    """Where the author does not shuffle, the things stay in their order; what there is to choose from does not."""
    seen = [asked([{"draw": 1, "questions": [frozen("match", MATCH)]}], seed=seed, shuffle=False)[0] for seed in range(40)]
    assert {tuple(pair["id"] for pair in one["pairs"]) for one in seen} == {("p1", "p2", "p3")}
    assert len({tuple(option["id"] for option in one["options"]) for one in seen}) == 6


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

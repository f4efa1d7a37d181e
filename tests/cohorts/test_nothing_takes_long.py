"""What an applicant writes on purpose holds no worker: each text here once took from seconds to centuries. The alarm only ends a test that hangs."""

import signal

import pytest

from cohorts.answers import count_words
from cohorts.changes import compare_words
from cohorts.contact_words import ADDRESSES
from cohorts.faces import Names

LONG = 60  # seconds, on any machine


@pytest.fixture(autouse=True)
def alarm():
    def ring(_number, _frame):
        raise AssertionError("this took too long")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(LONG)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(("text", "words"), [("!" * 1_000_000, 0), ("a!" * 500_000, 1), ("a ! b " * 100_000, 200_000), ("it’s l’été", 2)])
def test_words_are_counted_in_one_pass(text, words):
    assert count_words(text) == words


def test_a_name_of_underscores_hides_nothing():
    names = Names(projects=frozenset({"_ " * 60, "a_b _ c"}))
    text = "_" * 100_000 + "x and A-B c"
    assert names.hide(text, "Project X") == "_" * 100_000 + "x and Project X"


def test_addresses_are_found_in_one_pass():
    assert ADDRESSES.sub("–", "a" * 200_000 + " mail me@example.org, or a.b+c@mail.example.co.uk!") == "a" * 200_000 + " mail –, or –!"


@pytest.mark.parametrize("pair", [("a b " * 4000, "b a " * 4000), ("a\nb\n" * 4000, "b\na\n" * 4000)])
def test_texts_made_to_be_compared_for_ever_are_one_change(pair):
    before, after = pair
    pieces = compare_words(before, after)
    assert {piece.kind for piece in pieces} <= {"old", "new", "same", "skipped"}
    assert "".join(piece.words for piece in pieces if piece.kind == "new").split()[:2] == ["b", "a"]


def test_a_word_that_changed_in_a_very_long_text_is_shown_alone():
    words = [f"word{number}" for number in range(5000)]
    before, after = " ".join(words), " ".join([*words[:2500], "other", *words[2501:]])
    assert [(piece.kind, piece.words) for piece in compare_words(before, after) if piece.kind in ("old", "new")] == [
        ("old", "word2500"),
        ("new", "other"),
    ]

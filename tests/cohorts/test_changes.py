"""What changed between two versions, word by word. No database."""

from types import SimpleNamespace

import pytest

from cohorts.changes import Change, changes, compare_words


def said(**answers):
    """One section for each answer, as `in_words` gives them."""
    return [
        (SimpleNamespace(key=name, title=name.title()), [SimpleNamespace(name=name, question=f"{name}?", words=words, files=[])])
        for name, words in answers.items()
    ]


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "New.", [("new", "New.")]),
        ("Old.", "", [("old", "Old.")]),
        ("Forty of us.", "Sixty of us.", [("old", "Forty"), ("new", "Sixty"), ("same", " of us.")]),
        ("We are 40.", "We are 60.", [("same", "We are"), ("same", " "), ("old", "40."), ("same", " "), ("new", "60.")]),
        ("one a two", "three a four", [("old", "one a two"), ("new", "three a four")]),
        ("Same.\n\nLines.", "Same.\n\nLines.", [("same", "Same.\n\nLines.")]),
    ],
)
def test_words_that_went_and_came(before, after, pieces):
    assert compare_words(before, after) == pieces


def test_what_stayed_is_shortened_around_a_change():
    before, after = "a " * 100 + "x " + "b " * 100, "a " * 100 + "y " + "b " * 100
    kinds = [kind for kind, _words in compare_words(before, after)]
    assert kinds == ["skipped", "same", "same", "old", "same", "new", "same", "skipped"]
    assert sum(len(words.split()) for kind, words in compare_words(before, after) if kind == "same") == 24


def test_long_texts_are_compared_line_by_line():
    line = "word " * 50 + "\n"
    pieces = compare_words(line * 100, line * 100 + "One more line.")
    assert pieces[-1] == ("new", "One more line.")


def test_attachments_that_went_and_came():
    plan, budget = {"id": 1, "name": "Plan.pdf"}, {"id": 2, "name": "Budget.pdf"}
    before, after = said(need="Forty."), said(need="Forty.")
    before[0][1][0].files, after[0][1][0].files = [plan], [budget]
    assert changes(before, after) == [Change("Need", "need?", [], [("old", "Plan.pdf"), ("new", "Budget.pdf")])]
    after[0][1][0].files = [plan]
    assert changes(before, after) == []


def test_only_what_changed_is_listed():
    assert changes(said(need="Forty.", team="Us."), said(need="Forty.", team="Us.")) == []
    assert changes(said(need="Forty."), said(need=" Forty.\n")) == []
    found = changes(said(need="Forty.", team="Us.", gone="Away."), said(need="Sixty.", team="Us.", fresh="Here."))
    assert found == [
        Change("Need", "need?", [("old", "Forty."), ("new", "Sixty.")]),
        Change("Fresh", "fresh?", [("new", "Here.")]),
        Change("Gone", "gone?", [("old", "Away.")]),
    ]


def test_the_ends_of_lines_are_no_change():
    before = "They lend us a room.\n\nA cooperative invoices."
    after = "They lend us a room.\r\n\r\nA cooperative invoices.\r\n\r\nA new line."
    came = [piece.words for piece in compare_words(before, after) if piece.kind == "new"]
    assert [piece for piece in compare_words(before, after) if piece.kind == "old"] == []
    assert came == ["A new line."]

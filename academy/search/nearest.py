"""Nearest words, when nothing is found: from the words of the index, and only those with which this reader finds something."""

from collections.abc import Iterable

from django.db.models import Q

from academy.search.engine import Filters, which_exist
from academy.search.models import SearchWord
from academy.search.query import Query, parsed
from academy.search.reader import Reader
from academy.search.words import folded

MOST_CANDIDATES, MOST_TRIED, MOST_SHOWN = 4000, 4, 3


def distance(one: str, other: str, most: int) -> int:
    """Letters to add, drop, change or swap with a neighbour; `most + 1` as soon as it is more than that."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def _near(word: str) -> list[str]:
    """Known words at one letter, or two for a long word, the nearest first."""
    most = 1 if len(word) < 6 else 2
    firsts = Q(word__startswith=word[0]) | Q(word__startswith=word[1])
    if word[0] == "h" or word[0] in "aeiou":  # hébergement, ébergement
        firsts |= Q(word__startswith="h")
    known = SearchWord.objects.filter(firsts).values_list("word", flat=True)[: MOST_CANDIDATES * 4]
    letters = set(word)
    found = []
    for other in known:
        if abs(len(other) - len(word)) <= most and len(letters.symmetric_difference(other)) <= 2 * most and other != word:
            far = distance(word, other, most)
            if far <= most:
                found.append((far, other[0] != word[0], abs(len(other) - len(word)), other))
    return [other for *_order, other in sorted(found)]


def nearest(query: Query, reader: Reader, languages: tuple[str, ...], filters: Filters = Filters()) -> list[str]:  # noqa: B008 (frozen)
    """What to search for instead, each sure to find something."""
    words = [(clause.typed, folded(clause.typed)) for clause in query.must if clause.any_of and len(clause.any_of[0]) == 1]
    alone = [parsed(typed, languages) for typed, _plain in words]
    known = which_exist(alone, reader, filters)
    missing = [(typed, plain) for number, (typed, plain) in enumerate(words) if number not in known and len(plain) > 3 and plain.isalpha()]
    tried: list[str] = []
    for typed, plain in missing[:2]:
        tried += [query.text.replace(typed, other) for other in _near(plain)[:MOST_TRIED]]
    return _those_that_find(dict.fromkeys(tried), reader, languages, filters)[:MOST_SHOWN]


def _those_that_find(texts: Iterable[str], reader: Reader, languages: tuple[str, ...], filters: Filters) -> list[str]:
    texts = list(texts)
    finds = which_exist([parsed(text, languages) for text in texts], reader, filters)
    return [text for number, text in enumerate(texts) if number in finds]

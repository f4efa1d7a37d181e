"""Nearest words, when nothing is found: from the words of the index, and only those with which this reader finds something."""

from django.db.models import Q

from academy.search.engine import Filters, which_exist
from academy.search.models import SearchEntry, SearchWord
from academy.search.query import Query, parsed
from academy.search.reader import Reader
from academy.search.snippets import places
from academy.search.words import folded, forms

MOST_CANDIDATES, MOST_TRIED, MOST_SHOWN = 4000, 6, 3


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
    known = which_exist(alone, reader, Filters())  # a word that only the filters leave out is written right
    missing = [(typed, plain) for number, (typed, plain) in enumerate(words) if number not in known and len(plain) > 3 and plain.isalpha()]
    tried = [(typed, other) for typed, plain in missing[:2] for other in _near(plain)[:MOST_TRIED]]
    finds = which_exist([parsed(query.text.replace(*change), languages) for change in tried], reader, filters)
    rows = SearchEntry.objects.only("title", "headings", "body", "language").in_bulk(finds.values())
    shown: dict[str, str] = {}
    for number, (typed, other) in enumerate(tried):
        word = _as_written(other, rows[finds[number]]) if finds.get(number) in rows else ""
        if word:
            family = forms(word, rows[finds[number]].language)[-1]
            shown.setdefault(f"{typed} {family}", query.text.replace(typed, word))
    return list(dict.fromkeys(shown.values()))[:MOST_SHOWN]


def _as_written(other: str, row: SearchEntry) -> str:
    """The word with its accents, from a text that this reader may read: the index also knows stems, which are no words."""
    text = "\n".join((row.title, row.headings, row.body))
    words = [text[start:end] for start, end in places(text, frozenset([other]), (row.language,))]
    return min(words, key=lambda word: folded(word) != other, default="").lower()

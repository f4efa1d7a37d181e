"""What somebody typed, understood. Pure; nothing that can be typed is an error, and nothing typed reaches a database as syntax."""

import re
from dataclasses import dataclass

from academy.search.words import STOP_WORDS, cleaned, folded, forms, tokens

LONGEST_QUERY = 200
MOST_CLAUSES = 10

_QUOTES = re.compile(r'"([^"]*)"|“([^”]*)”|«([^»]*)»|„([^“”]*)[“”]')
_WITHOUT = re.compile(r"(?:^|(?<=\s))[-−–](?=[^\W_])([^\s\"“”«»]+)")
_SMALL = {language: frozenset(folded(word) for word in words) for language, words in STOP_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that must be there: any of these, each a word or several words in a row. `typed` is how it was written."""

    any_of: tuple[tuple[str, ...], ...]
    typed: str


@dataclass(frozen=True, slots=True)
class Query:
    """`must`: every clause; `without`: none of these. `key` is what a title would be if it were just this."""

    text: str
    must: tuple[Clause, ...] = ()
    without: tuple[Clause, ...] = ()
    key: str = ""

    def __bool__(self) -> bool:
        return bool(self.must)

    @property
    def marks(self) -> frozenset[str]:
        """Every form that may be marked in a text."""
        return frozenset(word for clause in self.must for words in clause.any_of for word in words)


def cleaned_text(typed: str) -> str:
    """What people type, in one line, without what no index understands, cut at a length that nobody types."""
    return " ".join(cleaned((typed or "")[: LONGEST_QUERY * 4]).split())[:LONGEST_QUERY].strip()


def parsed(typed: str, languages: tuple[str, ...], *, small_words_of: str = "fr") -> Query:
    """`languages` are those whose stems are looked for; small words are left out where other words say more."""
    text = cleaned_text(typed)
    phrases, rest = [], text
    for match in _QUOTES.finditer(text):
        words = tuple(folded(token.word) for token in tokens(next(filter(None, match.groups()), "")))
        if words:
            phrases.append((words, match[0]))
    rest = _QUOTES.sub(" ", text)
    without = tuple(_clause(token.word, token.variants, languages) for match in _WITHOUT.finditer(rest) for token in tokens(match[1]))
    plain = list(tokens(_WITHOUT.sub(" ", rest)))
    if not plain and not phrases:  # only words to leave out: then they are what is meant
        without, plain = (), list(tokens(rest))
    small = _SMALL.get(small_words_of[:2], frozenset()) | _SMALL["fr" if small_words_of[:2] == "en" else "en"]
    telling = [token for token in plain if folded(token.word) not in small and len(token.word) > 1]
    clauses: dict[tuple, Clause] = {}
    for words, quoted in phrases:
        any_of = (words,) if len(words) > 1 else ((words[0],),)
        clauses.setdefault(any_of, Clause(any_of, quoted))
    for token in telling or ([] if phrases else plain):
        clause = _clause(token.word, token.variants, languages)
        clauses.setdefault(clause.any_of, clause)
    key = " ".join(folded(token.word) for token in tokens(text))[:120]
    return Query(text, tuple(clauses.values())[:MOST_CLAUSES], without[:MOST_CLAUSES], key)


def _clause(word: str, variants: tuple[str, ...], languages: tuple[str, ...]) -> Clause:
    found: dict[str, None] = {}
    for spelled in (word, *variants):
        for language in languages or ("",):
            found.update(dict.fromkeys(forms(spelled, language)))
    return Clause(tuple((form,) for form in found), word)

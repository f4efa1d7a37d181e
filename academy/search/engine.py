"""The two full-text indexes, behind one door with the same answers. The place where OpenSearch would go, above some 100,000 entries.

One statement finds every kind of thing: first what has just this title, then what has the words in its title, then in its title and
headings, then the rest, each up to a number of candidates; only those are ranked. So a word that stands everywhere costs little more
than a rare one. Who may read what stands inside, for each candidate.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from academy.search.query import Clause, Query
from academy.search.reader import Reader
from academy.search.schema import ALL, FRESH, HEADS, NARROW, TABLE, TITLES

EXACT, TITLED, HEADED, ANYWHERE = 20, 100, 100, 200  # candidates of each sort
FEW = 150  # where the filters leave no more rows than that, SQLite looks each of them up in the words (0.1 to 0.3 ms) and reads no list of rows that hold them
COMPARED = 1500  # PostgreSQL knows where words stand only by reading a row: so many rows that hold them all are read for a phrase
PAGES, DOCUMENTS, COLLECTIONS = "wagtailcore_page", "academy_academydocument", "wagtailcore_collection"
# Of titles and of headings the shortest come first; of the rest, what says the words most in its beginning. That is counted here, for the
# candidates alone and alike on both databases: bm25 of FTS5 reads the whole list of each word at each search, ts_rank each whole text.
READ, MOST_TIMES = 4000, {True: 6, False: 1}  # letters; how often a word counts: once, where some of the words are enough
LENGTH = (
    "CASE f.tier WHEN 0 THEN 0 WHEN 1 THEN length(e.title_words) WHEN 2 THEN length(e.title_words) + length(e.heading_words) ELSE 0 END"
)
BEGINNING = f"CASE f.tier WHEN 3 THEN substr(e.body_words, 1, {READ}) ELSE '' END"


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search, besides words. `section` is a tree path; `kinds` and `languages` empty: all."""

    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    section: str = ""
    changed_since: datetime | None = None
    fresh_on: date | None = None


class Hit(NamedTuple):
    """A row that was found: enough to count and to group; its words are read only for the hits that are shown."""

    pk: int
    tier: int
    kind: str
    language: str
    owner: str
    number: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Found:
    """The hits in order, and whether there are more than were looked at."""

    hits: tuple[Hit, ...] = ()
    is_capped: bool = False


# --- how words are asked for


def _fts5(clauses: Iterable[Clause], joined: str) -> str:
    return joined.join("(" + " OR ".join(f'"{" ".join(words)}"' for words in clause.any_of) + ")" for clause in clauses)


def _tsquery(clauses: Iterable[Clause], joined: str) -> str:
    def several(words: tuple[str, ...]) -> str:
        return "(" + " <-> ".join(f"'{word}'" for word in words) + ")"

    return joined.join("(" + " | ".join(several(words) for words in clause.any_of) + ")" for clause in clauses)


def expression(query: Query, *, every: bool = True) -> str:
    """The query in the syntax of the database. Its words are letters and digits only (`words.tokens`): there is nothing to escape."""
    if connection.vendor == "sqlite":
        wanted = _fts5(query.must, " AND " if every else " OR ")
        return f"({wanted}) NOT ({_fts5(query.without, ' OR ')})" if query.without else wanted
    wanted = _tsquery(query.must, " & " if every else " | ")
    return f"({wanted}) & !({_tsquery(query.without, ' | ')})" if query.without else wanted


def beginning(word: str) -> str:
    """Words that begin so."""
    return f'"{word}"*' if connection.vendor == "sqlite" else f"'{word}':*"


# --- who may, and what narrows


def _outside(column: str, paths: tuple[str, ...]) -> tuple[str, list[Any]]:
    """The condition that a tree path is under none of these: one test for each length of path."""
    lengths: dict[int, list[str]] = {}
    for path in paths:
        lengths.setdefault(len(path), []).append(path)
    parts, values = [], []
    for length, group in sorted(lengths.items()):
        parts.append(f"substr({column}, 1, {length}) NOT IN ({', '.join(['%s'] * len(group))})")
        values += group
    return " AND ".join(parts) or "1 = 1", values


@dataclass(frozen=True, slots=True)
class Visible:
    """What leaves in a statement only what a reader may read and the filters let through: of the row `e` itself, and of what it joins.

    `few`: a statement that gives the numbers of all rows which the filters leave, where these are few.
    """

    own: str
    own_values: list[Any]
    joins: str
    joined: str
    joined_values: list[Any]
    few: str = ""
    few_values: tuple[Any, ...] = ()

    @property
    def condition(self) -> str:
        return f"{self.own} AND {self.joined}"

    @property
    def values(self) -> list[Any]:
        return [*self.own_values, *self.joined_values]


def visible(reader: Reader, filters: Filters) -> Visible:
    own, own_values = _of_the_row(reader, filters)
    joins = f"LEFT JOIN {PAGES} p ON p.id = e.page_id"
    outside, values = _outside("p.path", reader.pages)
    parts = [f"(e.page_id IS NULL OR (p.live AND {outside}))"]
    if reader.collections:
        joins += f" LEFT JOIN {DOCUMENTS} d ON d.id = e.document_id LEFT JOIN {COLLECTIONS} c ON c.id = d.collection_id"
        outside, closed = _outside("c.path", reader.collections)
        parts.append(f"(e.document_id IS NULL OR ({outside}))")
        values += closed
    return Visible(own, own_values, joins, " AND ".join(parts), values, *_few(filters))


def _is_closed(reader: Reader, filters: Filters) -> bool:
    """The section stands in a part of the tree that this reader may not open: whatever is asked there, nothing is found."""
    return bool(filters.section) and filters.section.startswith(reader.pages or "\0")


def _few(filters: Filters) -> tuple[str, tuple[Any, ...]]:
    """The rows of a small section, or those verified where hardly any are: one look at an index. (PostgreSQL's planner sees it by itself.)"""
    if connection.vendor != "sqlite" or not (filters.section or filters.fresh_on):
        return "", ()
    if filters.section:
        rows = f"SELECT n.id FROM {PAGES} s JOIN {TABLE} n ON n.page_id = s.id WHERE s.path >= %s AND s.path < %s"
        values: tuple[Any, ...] = (filters.section, filters.section + "~")
    else:
        rows = f"SELECT n.id FROM {TABLE} n INDEXED BY {FRESH} WHERE n.fresh_until >= %s"
        values = (connection.ops.adapt_datefield_value(filters.fresh_on),)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({rows} LIMIT {FEW + 1})", values)
        return (rows, values) if cursor.fetchone()[0] <= FEW else ("", ())


def _of_the_row(reader: Reader, filters: Filters) -> tuple[str, list[Any]]:
    parts, values = ["e.access <= %s"], [int(reader.access)]
    if reader.person is not None:
        parts, values = ["(e.access <= %s OR e.person_id = %s)"], [int(reader.access), reader.person]
    for column, allowed in (("e.kind", filters.kinds), ("e.language", filters.languages)):
        if allowed:
            parts.append(f"{column} IN ({', '.join(['%s'] * len(allowed))})")
            values += allowed
    if filters.section and connection.vendor == "sqlite":
        parts.append(f"e.page_id IN (SELECT id FROM {PAGES} WHERE path >= %s AND path < %s)")
        values += [filters.section, filters.section + "~"]
    elif filters.section:
        parts.append(f"e.page_id = ANY(ARRAY(SELECT id FROM {PAGES} WHERE path LIKE %s))")
        values.append(filters.section + "%")
    if filters.changed_since:
        parts.append("e.changed_at >= %s")
        values.append(connection.ops.adapt_datetimefield_value(filters.changed_since))
    if filters.fresh_on:
        parts.append("e.fresh_until >= %s")
        values.append(connection.ops.adapt_datefield_value(filters.fresh_on))
    return " AND ".join(parts), values


# --- the statement

_Part = tuple[str, list[Any]]


def _holding(where: str, asked: str, seen: Visible, columns: str, most: int) -> _Part:
    """The first rows `e` that hold what is asked, by their index, and that may be seen.

    SQLite looks at each of them in a narrow index of what decides who may see it, not in the row with its texts: a filter that lets
    nothing through costs 50 ms for 80,000 rows instead of seconds. PostgreSQL reads the rows themselves, so what narrows them by an index
    of its own stands with the words; OFFSET keeps the planner from what it would else do for a LIMIT: read the whole table in the hope
    of an early match, seconds for a word that nobody wrote. Where the filters leave few rows, each of those is looked up in the words instead.
    """
    if seen.few:
        found = f"({seen.few}) n CROSS JOIN {where} ON {where}.rowid = n.id CROSS JOIN {TABLE} e INDEXED BY {NARROW} ON e.id = n.id {seen.joins}"
        narrowed = f"{found} WHERE {where} MATCH %s AND {seen.own} AND {seen.joined}"
        return f"SELECT {columns} FROM {narrowed} LIMIT {most}", [*seen.few_values, asked, *seen.values]
    if connection.vendor == "sqlite":
        source = (
            f"{where} CROSS JOIN {TABLE} e INDEXED BY {NARROW} ON e.id = {where}.rowid {seen.joins} WHERE {where} MATCH %s AND {seen.own}"
        )
    else:
        source = f"(SELECT e.* FROM {TABLE} e WHERE e.{where} @@ %s::tsquery AND {seen.own} OFFSET 0) e {seen.joins} WHERE 1 = 1"
    return f"SELECT {columns} FROM {source} AND {seen.joined} LIMIT {most}", [asked, *seen.values]


def _apart(query: Query) -> Query:
    """The same words, in whatever order."""
    words = dict.fromkeys(word for clause in query.must for word in (clause.any_of[0] if len(clause.any_of[0]) > 1 else ()))
    plain = [clause for clause in query.must if len(clause.any_of[0]) == 1]
    return replace(query, must=(*plain, *(Clause(((word,),), word) for word in words)))


def _compared(asked: str, apart: str, seen: Visible) -> _Part:
    """PostgreSQL: where words must stand side by side, the rows that hold them are bounded before they are read."""
    rows, values = _holding("all_vector", apart, seen, "e.id, e.all_vector", COMPARED)
    return f"SELECT id, 3 AS tier FROM ({rows}) e WHERE all_vector @@ %s::tsquery LIMIT {ANYWHERE}", [*values, asked]


def _candidates(query: Query, asked: str, seen: Visible, every: bool) -> _Part:
    parts: list[_Part] = []
    if query.key and every and not query.without:
        exact = f"SELECT e.id, 0 AS tier FROM {TABLE} e {seen.joins} WHERE e.title_key = %s AND {seen.condition} LIMIT {EXACT}"
        parts.append((exact, [query.key, *seen.values]))
    is_sqlite = connection.vendor == "sqlite"
    titles, heads, anywhere = (TITLES, HEADS, ALL) if is_sqlite else ("title_vector", "head_vector", "all_vector")
    parts.append(_holding(titles, asked, seen, "e.id, 1 AS tier", TITLED))
    parts.append(_holding(heads, asked, seen, "e.id, 2 AS tier", HEADED))
    apart = asked if is_sqlite else expression(_apart(query), every=every)
    if apart == asked:
        parts.append(_holding(anywhere, asked, seen, "e.id, 3 AS tier", ANYWHERE))
    else:
        parts.append(_compared(asked, apart, seen))
    statement = " UNION ALL ".join(f"SELECT * FROM ({part}) t{number}" for number, (part, _values) in enumerate(parts))
    return statement, [value for _part, several in parts for value in several]


def _root(clause: Clause) -> str:
    """How every form of it begins."""
    first, *_between, last = sorted(" ".join(words) for words in (*clause.any_of, *clause.any_of))
    same = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), min(len(first), len(last)))
    return " " + first[:same]


def find(query: Query, reader: Reader, filters: Filters = Filters(), *, first: str = "", every: bool = True) -> Found:
    """What this reader may find, best first; what is in the language `first`, or in none, comes before the rest of its sort."""
    if not query or _is_closed(reader, filters):
        return Found()
    candidates, values = _candidates(query, expression(query, every=every), visible(reader, filters), every)
    statement = (
        f"WITH found AS ({candidates}) "
        f"SELECT e.id, f.tier, e.kind, e.language, e.owner, e.number, COALESCE(d.sha256, ''), {LENGTH}, {BEGINNING} "
        f"FROM (SELECT id, MIN(tier) AS tier FROM found GROUP BY id) f JOIN {TABLE} e ON e.id = f.id LEFT JOIN {DOCUMENTS} d ON d.id = e.document_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    roots, most, own = [_root(clause) for clause in query.must], MOST_TIMES[every], (first, "")

    def order(row: tuple) -> tuple:
        pk, tier, _kind, language, *_what, length, text = row
        return language not in own, tier, length or -_says(text, roots, most), pk

    rows.sort(key=order)
    return Found(tuple(Hit._make(row[:7]) for row in rows[:ANYWHERE]), len(rows) >= ANYWHERE)


def _says(text: str, roots: list[str], most: int) -> float:
    """How much a text says the words, for its length."""
    text, said = f" {text}", 0
    for root in roots:  # of two hundred rows: without a generator, half the time
        times = text.count(root)
        said += times if times < most else most
    return said / (READ / 2 + len(text))


def which_exist(queries: list[Query], reader: Reader, filters: Filters) -> dict[int, int]:
    """A row for each query with which this reader finds something, by the place of the query in the list. One statement."""
    if _is_closed(reader, filters):
        return {}
    seen = visible(reader, filters)
    where = ALL if connection.vendor == "sqlite" else "all_vector"
    parts, all_values = [], []
    for number, query in enumerate(queries):
        if query:
            part, values = _holding(where, expression(query), seen, f"{number} AS n, e.id", 1)
            parts.append(f"SELECT * FROM ({part}) q{number}")
            all_values += values
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), all_values)
        return dict(cursor.fetchall())


def begun(query: Query, last: str, reader: Reader, *, first: str, most: int) -> list[int]:
    """Rows whose title begins with what was typed, then those with all its words, the last one perhaps not finished."""
    seen = visible(reader, Filters())
    words = [beginning(last)] if last else []
    if connection.vendor == "sqlite":
        asked = " AND ".join([*([_fts5(query.must, " AND ")] if query.must else []), *words])
        starts, order, titles = "e.title_key >= %s AND e.title_key < %s", "e.title_key", TITLES
    else:
        asked = " & ".join([*([_tsquery(query.must, " & ")] if query.must else []), *words])
        starts, order, titles = (
            "e.title_key ~>=~ %s AND e.title_key ~<~ %s",
            "e.title_key USING ~<~",
            "title_vector",
        )  # by byte, as its index
    holding, values = _holding(titles, asked, seen, "e.id, 1 AS tier", 60)
    statement = (
        "SELECT e.id FROM (SELECT id, MIN(tier) AS tier FROM ("
        f"SELECT * FROM (SELECT e.id, 0 AS tier FROM {TABLE} e {seen.joins} WHERE {starts} AND {seen.condition} ORDER BY {order} LIMIT 30) a UNION ALL "
        f"SELECT * FROM ({holding}) b) c "
        f"GROUP BY id) f JOIN {TABLE} e ON e.id = f.id "
        f"ORDER BY CASE WHEN e.language IN (%s, '') THEN 0 ELSE 1 END, f.tier, LENGTH(e.title_key), e.id LIMIT {int(most)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [query.key, query.key + "\U0010ffff", *seen.values, *values, first])
        return [pk for (pk,) in cursor.fetchall()]

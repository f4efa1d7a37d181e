"""The two full-text indexes, behind one door with the same answers. The place where OpenSearch would go, above some 100,000 entries.

One statement finds every kind of thing: first what has just this title, then what has the words in its title, then in its title and
headings, then the rest, each up to a number of candidates; only those are ranked. So a word that stands everywhere costs little more
than a rare one. Who may read what stands inside, for each candidate.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from academy.search.query import Clause, Query
from academy.search.reader import Reader
from academy.search.schema import ALL, HEADS, TABLE, TITLES

EXACT, TITLED, HEADED, ANYWHERE = 20, 100, 100, 200  # candidates of each sort
COMPARED = 1500  # PostgreSQL knows where words stand only by reading a row: so many rows that hold them all are read for a phrase
PAGES, DOCUMENTS, COLLECTIONS = "wagtailcore_page", "academy_academydocument", "wagtailcore_collection"
# Of titles and of headings the shortest come first; of the rest, what says the words most.
# SQLite: bm25 by column, which reads the whole list of each word: once a search is enough; PostgreSQL: ts_rank by weight (D, C, B, A).
SQLITE_RANK = f"bm25({ALL}, 8.0, 4.0, 1.0)"
POSTGRESQL_RANK = "-ts_rank('{0.1, 0.2, 0.4, 0.8}', e.all_vector, %s::tsquery, 1)"
SHORTEST_TITLE, SHORTEST_HEADINGS = "length(e.title_words)", "length(e.title_words) + length(e.heading_words)"


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search, besides words. `section` is a tree path; `kinds` and `languages` empty: all."""

    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    section: str = ""
    changed_since: datetime | None = None
    fresh_on: date | None = None


@dataclass(frozen=True, slots=True)
class Hit:
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


def visible(reader: Reader, filters: Filters) -> tuple[str, str, list[Any]]:
    """The joins and the condition that leave in a statement only what this reader may read and the filters let through."""
    joins = f"LEFT JOIN {PAGES} p ON p.id = e.page_id LEFT JOIN {DOCUMENTS} d ON d.id = e.document_id"
    outside, values = _outside("p.path", reader.pages)
    parts = [f"(e.page_id IS NULL OR (p.live AND {outside}))"]
    if reader.collections:
        joins += f" LEFT JOIN {COLLECTIONS} c ON c.id = d.collection_id"
        outside, closed = _outside("c.path", reader.collections)
        parts.append(f"(e.document_id IS NULL OR ({outside}))")
        values += closed
    if reader.person is None:
        parts.append("e.access <= %s")
        values.append(int(reader.access))
    else:
        parts.append("(e.access <= %s OR e.person_id = %s)")
        values += [int(reader.access), reader.person]
    for column, allowed in (("e.kind", filters.kinds), ("e.language", filters.languages)):
        if allowed:
            parts.append(f"{column} IN ({', '.join(['%s'] * len(allowed))})")
            values += allowed
    if filters.section:
        parts.append(f"substr(p.path, 1, {len(filters.section)}) = %s")
        values.append(filters.section)
    if filters.changed_since:
        parts.append("e.changed_at >= %s")
        values.append(connection.ops.adapt_datetimefield_value(filters.changed_since))
    if filters.fresh_on:
        parts.append("e.fresh_until >= %s")
        values.append(connection.ops.adapt_datefield_value(filters.fresh_on))
    return joins, " AND ".join(parts), values


# --- the statement

_Visible = tuple[str, str, list[Any]]


def _holding(vector: str) -> str:
    """The rows of PostgreSQL that hold what is asked, by their index. The OFFSET keeps the planner from what it would else do for a
    LIMIT: read the whole table in the hope of an early match, seconds for a word that nobody wrote."""
    return f"(SELECT * FROM {TABLE} WHERE {vector} @@ %s::tsquery OFFSET 0)"


_COLUMNS = "e.id, e.kind, e.language, e.owner, e.number, COALESCE(d.sha256, '') AS sha256"


def _apart(query: Query) -> Query:
    """The same words, in whatever order."""
    words = dict.fromkeys(word for clause in query.must for word in (clause.any_of[0] if len(clause.any_of[0]) > 1 else ()))
    plain = [clause for clause in query.must if len(clause.any_of[0]) == 1]
    return replace(query, must=(*plain, *(Clause(((word,),), word) for word in words)))


def _sqlite_tier(tier: int, table: str, rank: str, asked: str, visible_to: _Visible, most: int) -> tuple[str, list[Any]]:
    joins, condition, values = visible_to
    source = f"{table} CROSS JOIN {TABLE} e ON e.id = {table}.rowid {joins}"
    return (
        f"SELECT {_COLUMNS}, {tier} AS tier, {rank} AS score FROM {source} WHERE {table} MATCH %s AND {condition} LIMIT {most}",
        [asked, *values],
    )


def _postgresql_tier(tier: int, vector: str, rank: str, asked: str, visible_to: _Visible, most: int) -> tuple[str, list[Any]]:
    joins, condition, values = visible_to
    source = f"{_holding(vector)} e {joins}"
    return f"SELECT {_COLUMNS}, {tier} AS tier, {rank} AS score FROM {source} WHERE {condition} LIMIT {most}", [asked, *values]


def _postgresql_anywhere(asked: str, apart: str, visible_to: _Visible) -> tuple[str, list[Any]]:
    """Where words must stand side by side, the rows that hold them are bounded before they are read."""
    if apart == asked:
        part, values = _postgresql_tier(3, "all_vector", POSTGRESQL_RANK, asked, visible_to, ANYWHERE)
        return part, [asked, *values]
    joins, condition, values = visible_to
    held = f"SELECT {_COLUMNS}, e.all_vector FROM {_holding('all_vector')} e {joins} WHERE {condition} LIMIT {COMPARED}"
    return (
        f"SELECT id, kind, language, owner, number, sha256, 3 AS tier, {POSTGRESQL_RANK} AS score FROM ({held}) e"
        f" WHERE e.all_vector @@ %s::tsquery LIMIT {ANYWHERE}",
        [asked, apart, *values, asked],
    )


def _candidates(query: Query, reader: Reader, filters: Filters, every: bool) -> tuple[str, list[Any]]:
    visible_to = joins, condition, values = visible(reader, filters)
    asked = expression(query, every=every)
    parts: list[tuple[str, list[Any]]] = []
    if query.key and every and not query.without:
        exact = f"SELECT {_COLUMNS}, 0 AS tier, 0.0 AS score FROM {TABLE} e {joins} WHERE e.title_key = %s AND {condition} LIMIT {EXACT}"
        parts.append((exact, [query.key, *values]))
    if connection.vendor == "sqlite":
        tiers = ((TITLES, SHORTEST_TITLE, TITLED), (HEADS, SHORTEST_HEADINGS, HEADED), (ALL, SQLITE_RANK, ANYWHERE))
        parts += [_sqlite_tier(tier, table, rank, asked, visible_to, most) for tier, (table, rank, most) in enumerate(tiers, 1)]
    else:
        tiers = (("title_vector", SHORTEST_TITLE, TITLED), ("head_vector", SHORTEST_HEADINGS, HEADED))
        parts += [_postgresql_tier(tier, vector, rank, asked, visible_to, most) for tier, (vector, rank, most) in enumerate(tiers, 1)]
        parts.append(_postgresql_anywhere(asked, expression(_apart(query), every=every), visible_to))
    statement = " UNION ALL ".join(f"SELECT * FROM ({part}) t{number}" for number, (part, _values) in enumerate(parts))
    return statement, [value for _part, several in parts for value in several]


def find(query: Query, reader: Reader, filters: Filters = Filters(), *, first: str = "", every: bool = True) -> Found:
    """What this reader may find, best first; what is in the language `first`, or in none, comes before the rest of its sort."""
    if not query:
        return Found()
    candidates, values = _candidates(query, reader, filters, every)
    statement = (
        f"WITH found AS ({candidates}) "
        "SELECT id, MIN(tier), kind, language, owner, number, sha256 FROM found GROUP BY id, kind, language, owner, number, sha256 "
        "ORDER BY CASE WHEN language IN (%s, '') THEN 0 ELSE 1 END, MIN(tier * 1000000.0 + score), id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, first])
        rows = cursor.fetchall()
    hits = tuple(Hit(pk, tier, kind, language, owner, number, sha256) for pk, tier, kind, language, owner, number, sha256 in rows)
    return Found(hits[:ANYWHERE], len(rows) >= ANYWHERE)


def which_exist(queries: list[Query], reader: Reader, filters: Filters) -> set[int]:
    """The places in the list of the queries with which this reader finds something. One statement."""
    joins, condition, values = visible(reader, filters)
    parts, all_values = [], []
    for number, query in enumerate(queries):
        if not query:
            continue
        if connection.vendor == "sqlite":
            source, match = f"{ALL} CROSS JOIN {TABLE} e ON e.id = {ALL}.rowid", f"{ALL} MATCH %s"
        else:
            source, match = f"{_holding('all_vector')} e", "1 = 1"
        parts.append(f"SELECT * FROM (SELECT {number} AS n FROM {source} {joins} WHERE {match} AND {condition} LIMIT 1) q{number}")
        all_values += [expression(query), *values]
    if not parts:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), all_values)
        return {number for (number,) in cursor.fetchall()}


def begun(query: Query, last: str, reader: Reader, *, first: str, most: int) -> list[int]:
    """Rows whose title begins with what was typed, then those with all its words, the last one perhaps not finished."""
    joins, condition, values = visible(reader, Filters())
    words = [beginning(last)] if last else []
    if connection.vendor == "sqlite":
        asked = " AND ".join([*([_fts5(query.must, " AND ")] if query.must else []), *words])
        starts, order = "e.title_key >= %s AND e.title_key < %s", "e.title_key"
        source, match = f"{TITLES} CROSS JOIN {TABLE} e ON e.id = {TITLES}.rowid", f"{TITLES} MATCH %s"
    else:
        asked = " & ".join([*([_tsquery(query.must, " & ")] if query.must else []), *words])
        starts, order = "e.title_key ~>=~ %s AND e.title_key ~<~ %s", "e.title_key USING ~<~"  # byte by byte, as its index is
        source, match = f"{_holding('title_vector')} e", "1 = 1"
    columns = "e.id, e.language, e.title_key"
    statement = (
        "SELECT id FROM ("
        f"SELECT * FROM (SELECT {columns}, 0 AS tier FROM {TABLE} e {joins} WHERE {starts} AND {condition} ORDER BY {order} LIMIT 30) a UNION ALL "
        f"SELECT * FROM (SELECT {columns}, 1 AS tier FROM {source} {joins} WHERE {match} AND {condition} LIMIT 60) b) c "
        f"GROUP BY id, language, title_key ORDER BY CASE WHEN language IN (%s, '') THEN 0 ELSE 1 END, MIN(tier), LENGTH(title_key), id LIMIT {int(most)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [query.key, query.key + "\U0010ffff", *values, asked, *values, first])
        return [pk for (pk,) in cursor.fetchall()]

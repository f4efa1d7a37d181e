"""The full-text index of each database, over the three `*_words` columns of SearchEntry. Made after each migrate, and safe to make again.

SQLite: three FTS5 tables (everything; titles with headings; titles alone) that read their text from the rows, kept right by triggers; and an
index of what is asked of each row that they find.
PostgreSQL: three generated columns with a GIN index each, and indexes of what filters ask. The database never stems: the words come normalised, one form a token.
They are made here and not in a migration because Django rebuilds a table of SQLite when a field changes, and its triggers go with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TABLE = "academy_searchentry"
COLUMNS = ("title_words", "heading_words", "body_words")
NARROW = "academy_search_narrow"  # SQLite: what decides who may see a row, and what filters ask, without its texts
FRESH = "academy_search_fresh"  # SQLite: the rows that are verified, by the day until which they are
SEEN_BY = ("id", "language", "kind", "access", "person_id", "page_id", "document_id", "changed_at", "fresh_until")
ALL, HEADS, TITLES = "academy_searchall", "academy_searchheads", "academy_searchtitles"
HELD = {ALL: COLUMNS, HEADS: COLUMNS[:2], TITLES: COLUMNS[:1]}  # what each of them holds

TRIGGERS = [f"{TABLE}_{name}" for name in ("in", "out", "again")]
VECTORS = [
    ("all_vector", "academy_search_all", COLUMNS),
    ("head_vector", "academy_search_heads", COLUMNS[:2]),
    ("title_vector", "academy_search_titles", COLUMNS[:1]),
]
_TOKENIZER = "unicode61 remove_diacritics 0"
_BORDER = "'\"|\":1'::tsvector"  # a word that nobody can type, so that no phrase runs from a title into a text


def _sqlite() -> list[str]:
    put_in, take_out, made = "", "", []
    for table, columns in HELD.items():
        named, new, old = (", ".join(f"{row}{column}" for column in columns) for row in ("", "new.", "old."))
        put_in += f" INSERT INTO {table}(rowid, {named}) VALUES (new.id, {new});"
        take_out += f" INSERT INTO {table}({table}, rowid, {named}) VALUES ('delete', old.id, {old});"
        beginnings = ", prefix='2 3'" if table == TITLES else ""
        made.append(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5"
            f"({named}, content='{TABLE}', content_rowid='id'{beginnings}, tokenize='{_TOKENIZER}')"
        )
    return [
        *made,
        f"CREATE INDEX IF NOT EXISTS {NARROW} ON {TABLE} ({', '.join(SEEN_BY)})",
        f"CREATE INDEX IF NOT EXISTS {FRESH} ON {TABLE} (fresh_until) WHERE fresh_until IS NOT NULL",
        *(f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS),
        f"CREATE TRIGGER {TABLE}_in AFTER INSERT ON {TABLE} BEGIN {put_in} END",
        f"CREATE TRIGGER {TABLE}_out AFTER DELETE ON {TABLE} BEGIN {take_out} END",
        f"CREATE TRIGGER {TABLE}_again AFTER UPDATE OF {', '.join(COLUMNS)} ON {TABLE} BEGIN {take_out} {put_in} END",
    ]


def _postgresql() -> list[str]:
    statements = []
    for vector, index, columns in VECTORS:
        weighted = f" || {_BORDER} || ".join(
            f"setweight(to_tsvector('pg_catalog.simple', {column}), '{weight}')" for column, weight in zip(columns, "ABD", strict=False)
        )
        statements += [
            f"ALTER TABLE {TABLE} ADD COLUMN IF NOT EXISTS {vector} tsvector GENERATED ALWAYS AS ({weighted}) STORED",
            f"CREATE INDEX IF NOT EXISTS {index} ON {TABLE} USING gin ({vector})",
        ]
    columns = ("language", "kind", "changed_at", "fresh_until")
    return [*statements, *(f"CREATE INDEX IF NOT EXISTS academy_search_{column} ON {TABLE} ({column})" for column in columns)]


def install(connection: Any) -> None:
    """Makes what is missing; a table made where rows are already reads them."""
    tables = connection.introspection.table_names()
    if TABLE not in tables:
        return
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        for statement in _sqlite() if is_sqlite else _postgresql():
            cursor.execute(statement)
    if is_sqlite and not set(HELD).issubset(tables):
        _read_again(connection)


def repair(connection: Any) -> None:
    """Reads every row again into the full-text index. (PostgreSQL keeps its own right by itself.)"""
    if connection.vendor == "sqlite":
        install(connection)
        _read_again(connection)


def _read_again(connection: Any) -> None:
    with connection.cursor() as cursor:
        for table in HELD:
            cursor.execute(f"INSERT INTO {table}({table}) VALUES ('rebuild')")


@contextmanager
def paused(connection: Any) -> Iterator[None]:
    """The full-text index does not follow what is written meanwhile and is made at the end: for a hundred thousand rows at once."""
    triggers = [f"TRIGGER IF EXISTS {name}" for name in TRIGGERS]
    indexes = [f"INDEX IF EXISTS {name}" for _vector, name, _columns in VECTORS]
    with connection.cursor() as cursor:
        for what in triggers if connection.vendor == "sqlite" else indexes:
            cursor.execute(f"DROP {what}")
    try:
        yield
    finally:
        if connection.vendor == "postgresql":
            connection.check_constraints()  # an index is not made while rows wait for their foreign keys to be looked at
        install(connection)
        repair(connection)


def after_migrate(using: str = "default", **_kwargs) -> None:
    from django.db import connections  # the databases are not configured when this module is first imported

    install(connections[using])

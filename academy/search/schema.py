"""The full-text index of each database, over the three `*_words` columns of SearchEntry. Made after each migrate, and safe to make again.

SQLite: two FTS5 tables (everything; titles alone) that read their text from the rows, kept right by triggers. PostgreSQL: two generated
columns with a GIN index each. The database never stems: the words come normalised, one form a token.
They are made here and not in a migration because Django rebuilds a table of SQLite when a field changes, and its triggers go with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TABLE = "academy_searchentry"
COLUMNS = ("title_words", "heading_words", "body_words")
ALL, TITLES = "academy_searchall", "academy_searchtitles"

_TOKENIZER = "unicode61 remove_diacritics 0"


def _sqlite() -> list[str]:
    columns = ", ".join(COLUMNS)
    new, old = (", ".join(f"{row}.{column}" for column in COLUMNS) for row in ("new", "old"))
    put_in = f"INSERT INTO {ALL}(rowid, {columns}) VALUES (new.id, {new}); INSERT INTO {TITLES}(rowid, title_words) VALUES (new.id, new.title_words);"
    take_out = (
        f"INSERT INTO {ALL}({ALL}, rowid, {columns}) VALUES ('delete', old.id, {old});"
        f" INSERT INTO {TITLES}({TITLES}, rowid, title_words) VALUES ('delete', old.id, old.title_words);"
    )
    return [
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {ALL} USING fts5({columns}, content='{TABLE}', content_rowid='id', tokenize='{_TOKENIZER}')",
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {TITLES} USING fts5(title_words, content='{TABLE}', content_rowid='id', prefix='2 3', tokenize='{_TOKENIZER}')",
        f"CREATE TRIGGER IF NOT EXISTS {TABLE}_in AFTER INSERT ON {TABLE} BEGIN {put_in} END",
        f"CREATE TRIGGER IF NOT EXISTS {TABLE}_out AFTER DELETE ON {TABLE} BEGIN {take_out} END",
        f"CREATE TRIGGER IF NOT EXISTS {TABLE}_again AFTER UPDATE OF {columns} ON {TABLE} BEGIN {take_out} {put_in} END",
    ]


_WEIGHTED = " || ".join(
    f"setweight(to_tsvector('pg_catalog.simple', {column}), '{weight}')" for column, weight in zip(COLUMNS, "ABD", strict=True)
)
_POSTGRESQL = [
    f"ALTER TABLE {TABLE} ADD COLUMN IF NOT EXISTS all_vector tsvector GENERATED ALWAYS AS ({_WEIGHTED}) STORED",
    f"ALTER TABLE {TABLE} ADD COLUMN IF NOT EXISTS title_vector tsvector GENERATED ALWAYS AS (to_tsvector('pg_catalog.simple', title_words)) STORED",
    f"CREATE INDEX IF NOT EXISTS academy_search_all ON {TABLE} USING gin (all_vector)",
    f"CREATE INDEX IF NOT EXISTS academy_search_titles ON {TABLE} USING gin (title_vector)",
]


def _exists(connection: Any) -> bool:
    return TABLE in connection.introspection.table_names()


def install(connection: Any) -> None:
    """Makes what is missing."""
    if not _exists(connection):
        return
    with connection.cursor() as cursor:
        for statement in _sqlite() if connection.vendor == "sqlite" else _POSTGRESQL:
            cursor.execute(statement)


def repair(connection: Any) -> None:
    """Reads every row again into the full-text index. (PostgreSQL keeps its own right by itself.)"""
    if connection.vendor == "sqlite":
        install(connection)
        with connection.cursor() as cursor:
            for table in (ALL, TITLES):
                cursor.execute(f"INSERT INTO {table}({table}) VALUES ('rebuild')")


@contextmanager
def paused(connection: Any) -> Iterator[None]:
    """The full-text index does not follow what is written meanwhile and is made at the end: for a hundred thousand rows at once."""
    triggers = [f"DROP TRIGGER IF EXISTS {TABLE}_{name}" for name in ("in", "out", "again")]
    indexes = [f"DROP INDEX IF EXISTS {name}" for name in ("academy_search_all", "academy_search_titles")]
    with connection.cursor() as cursor:
        for statement in triggers if connection.vendor == "sqlite" else indexes:
            cursor.execute(statement)
    try:
        yield
    finally:
        install(connection)
        repair(connection)


def after_migrate(using: str = "default", **_kwargs) -> None:
    from django.db import connections  # the databases are not configured when this module is first imported

    install(connections[using])

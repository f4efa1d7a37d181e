"""Wagtail's database search, mended on SQLite; on PostgreSQL the stock backend with the same care for what people type.

The stock SQLite backend computes bm25 again for every candidate row (an anonymous two-letter search over 10,000 pages takes
half a minute) and answers a quotation mark, a NUL or a blank with an error. Here the full-text table is read once: a derived
table of (object id, score) is joined to the queryset. Same calls, same results, titles weigh six times the body.
"""

import re
from typing import Any

from django.db import connection, connections
from modelsearch.query import And, MatchAll, Not, Or, Phrase, PlainText, SearchQuery

LONGEST_QUERY = 200
_UNSEARCHABLE = re.compile(r'["\x00-\x1f\x7f\ud800-\udfff]')
# Weights of the columns of the full-text table, in its order: autocomplete, body, title.
COLUMN_WEIGHTS = "2.0, 1.0, 6.0"


def cleaned_words(text: str) -> str:
    """What no index understands becomes a space; the rest is cut at a length that nobody types."""
    return " ".join(_UNSEARCHABLE.sub(" ", text).split())[:LONGEST_QUERY].strip()


def cleaned_query(query: Any) -> Any:
    """A query whose words are safe, or None when nothing is left to search for."""
    if isinstance(query, str):
        return cleaned_words(query) or None
    if isinstance(query, (PlainText, Phrase)):
        words = cleaned_words(query.query_string)
        if not words:
            return None
        return Phrase(words) if isinstance(query, Phrase) else PlainText(words, operator=query.operator, boost=query.boost)
    if isinstance(query, (And, Or)):
        parts = [part for part in (cleaned_query(sub) for sub in query.subqueries) if part is not None]
        return type(query)(parts) if parts else None
    if isinstance(query, Not):
        inner = cleaned_query(query.subquery)
        return MatchAll() if inner is None else Not(inner)
    return query


class CleanedQueries:
    """Mixed into a backend: nothing to search for means no result, never an error."""

    def search(self, query: str | SearchQuery, model_or_queryset, **options):
        return self._cleaned(super().search, query, model_or_queryset, options)

    def autocomplete(self, query: str | SearchQuery, model_or_queryset, **options):
        return self._cleaned(super().autocomplete, query, model_or_queryset, options)

    def _cleaned(self, method, query, model_or_queryset, options):
        words = cleaned_query(query)
        if words is None:
            queryset = model_or_queryset if hasattr(model_or_queryset, "none") else model_or_queryset.objects.all()
            return method(MatchAll(), queryset.none(), **options)
        return method(words, model_or_queryset, **options)


def _sqlite_backend(params: dict):
    from modelsearch.backends.database.sqlite import sqlite as stock  # only importable where SQLite is the database
    from modelsearch.backends.database.sqlite.query import MatchExpression, normalize
    from modelsearch.utils import get_descendants_content_types_pks

    entries = stock.IndexEntry._meta.db_table
    words = stock.SQLiteFTSIndexEntry._meta.db_table

    class OnePass:
        """Ranks every match in one read of the full-text table."""

        def search(self, config, start, stop, score_field=None):
            query = normalize(self.query)
            if isinstance(query, (MatchAll, Not)) or _needs_stock(query):
                return super().search(config, start, stop, score_field=score_field)
            queryset = self.queryset
            model = queryset.model
            compiler = stock.SQLiteFTSIndexEntry.objects.all().query.get_compiler(using=queryset.db)
            match = MatchExpression(self.fields or self.FTS_TABLE_FIELDS, self.build_search_query(query, config=config))
            match_sql, match_params = match.as_sql(compiler, connections[queryset.db])
            kinds = ",".join(str(int(pk)) for pk in get_descendants_content_types_pks(model))
            key = f'"{model._meta.db_table}"."{model._meta.pk.column}"'
            score = score_field or "_score"
            queryset = queryset.extra(  # noqa: S610 (table names, integers and placeholders only)
                tables=[words, entries],
                select={score: f"bm25({words}, {COLUMN_WEIGHTS})"},
                where=[
                    match_sql,
                    f"{entries}.id = {words}.rowid",
                    f"{entries}.content_type_id IN ({kinds})",
                    f"{entries}.object_id = CAST({key} AS TEXT)" if _is_text(model) else f"CAST({entries}.object_id AS INTEGER) = {key}",
                ],
                params=match_params,
            )
            if self.order_by_relevance:
                queryset = queryset.extra(order_by=[score, f"-{model._meta.db_table}.{model._meta.pk.column}"])
            elif not queryset.query.order_by:
                queryset = queryset.order_by("-pk")
            return queryset[start:stop]

    def _needs_stock(query) -> bool:
        return type(query).__name__ == "AndNot" and isinstance(query.subquery_a, MatchAll)

    def _is_text(model) -> bool:
        field = model._meta.pk
        while field.remote_field is not None:
            field = field.target_field
        return field.get_internal_type() in ("CharField", "UUIDField", "TextField", "SlugField")

    class Search(OnePass, stock.SQLiteSearchQueryCompiler):
        pass

    class Autocomplete(OnePass, stock.SQLiteAutocompleteQueryCompiler):
        pass

    class Backend(CleanedQueries, stock.SQLiteSearchBackend):
        query_compiler_class = Search
        autocomplete_query_compiler_class = Autocomplete

    return Backend(params)


def _other_backend(params: dict):
    from modelsearch.backends.database import SearchBackend as stock_backend

    stock = type(stock_backend(params))
    return type("Backend", (CleanedQueries, stock), {})(params)


def SearchBackend(params: dict):
    """The backend for the database in use."""
    return _sqlite_backend(params) if connection.vendor == "sqlite" else _other_backend(params)

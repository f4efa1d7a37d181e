"""Taking a guard of the database away: a copy of a table that has no constraint, no index and no trigger."""

from django.db import connection, models, transaction


def write_again(row: models.Model, *, into: str = "", **changed) -> None:
    """Writes the row once more, with other values, past every line of Python: into its own table, or into another with its columns."""
    quote, fields = connection.ops.quote_name, row._meta.local_concrete_fields
    columns = [field.column for field in fields]
    values = [field.get_db_prep_save(changed.get(field.attname, getattr(row, field.attname)), connection) for field in fields]
    names, holes = ", ".join(map(quote, columns)), ", ".join(["%s"] * len(columns))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(into or row._meta.db_table)} ({names}) VALUES ({holes})", values)  # noqa: S608


def rows_in(table: str, where: str = "1 = 1") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)} WHERE {where}")  # noqa: S608
        return cursor.fetchone()[0]

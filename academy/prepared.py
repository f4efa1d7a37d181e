"""Queries that nearly every page asks, whose SQL is worked out once.

To turn a small queryset into SQL costs Django three to five times what the database needs to answer it. A prepared query is
written as any other, with QuerySet methods, so that permission stays inside it; only the values that change are `Later`.

    of_person = Prepared(lambda: Enrolment.objects.filter(user=Later("user", User._meta.pk)).values_list("course_key", "completed_at"))
    of_person.rows(user=7)

A list given for a value makes `IN (…)` of it. A query with a moment in it (`timezone.now()` inside a QuerySet method) is refused: it would
stay at the moment when the SQL was made. Only `values_list` querysets; rows come as tuples, converted as Django does. `columns_of` and `objects_of` make objects of them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import UpdateQuery

MOMENT = re.compile(r"\d{4}-\d\d-\d\d( |T|$)")


class Later(Expression):
    """A value that is given when the query is asked. `field` says how it is written for the database."""

    def __init__(self, name: str, field: Field):
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler, connection):
        return "(%s)", [self]

    def written(self, value: Any, database: BaseDatabaseWrapper) -> list:
        """As the database wants it: one value, or each of a list."""
        many = value if isinstance(value, list | tuple | set | frozenset) else [value]
        return [self.output_field.get_db_prep_value(one, database) for one in many]


class LaterPerson(Later):
    """Stands for somebody with the roles of `like` in QuerySet methods that ask who reads: `for_user(LaterPerson("person", user))`."""

    is_authenticated = is_active = True

    def __init__(self, name: str, like: Any):
        super().__init__(name, like._meta.pk)
        self.roles, self.is_superuser = like.roles, like.is_superuser


@dataclass(frozen=True)
class Compiled:
    pieces: list[str]
    parameters: tuple
    converters: list[tuple[int, list, Any, bool]]  # place in the row, what turns it into Python, whether NULL stays None


class Prepared:
    """A queryset made once, asked many times. `build` runs at the first question: not before the models are loaded."""

    def __init__(self, build: Callable[[], QuerySet]):
        self.build = build
        self.compiled: dict[str, Compiled] = {}

    def rows(self, **values: Any) -> list[tuple]:
        database = connections[DEFAULT_DB_ALIAS]
        known = self.compiled.get(database.vendor) or self._compile(database)
        sql, written = [known.pieces[0]], []
        for parameter, piece in zip(known.parameters, known.pieces[1:], strict=True):
            given = parameter.written(values[parameter.name], database) if isinstance(parameter, Later) else [parameter]
            if not given:
                return []
            sql += [", ".join(["%s"] * len(given)), piece]
            written += given
        with database.cursor() as cursor:
            cursor.execute("".join(sql), written)
            found = cursor.fetchall()
        if not known.converters:
            return found
        return [self._convert(known, row, database) for row in found]

    def _compile(self, database: BaseDatabaseWrapper) -> Compiled:
        compiler = self.build().query.get_compiler(connection=database)
        sql, parameters = compiler.as_sql()
        if any(isinstance(one, date) or MOMENT.match(str(one)) for one in parameters if not isinstance(one, Later)):
            raise ValueError("A prepared query has a moment in it that would never move on: give it as a Later.")
        found = compiler.get_converters([column[0] for column in compiler.select])
        found = {place: ([_lighter(one, database) for one in several], expression) for place, (several, expression) in found.items()}
        converters = [
            (place, several, expression, _keeps_none(several, expression, database)) for place, (several, expression) in found.items()
        ]
        self.compiled[database.vendor] = compiled = Compiled(sql.split("%s"), tuple(parameters), converters)
        return compiled

    @staticmethod
    def _convert(known: Compiled, row: tuple, database: BaseDatabaseWrapper) -> tuple:
        values = list(row)
        for position, converters, expression, keeps_none in known.converters:
            if keeps_none and values[position] is None:
                continue
            for converter in converters:
                values[position] = converter(values[position], expression, database)
        return tuple(values)


def _lighter(converter: Callable, database: BaseDatabaseWrapper) -> Callable:
    """For the moments of SQLite, the same as Django's in a third of its steps: a page reads dozens of them."""
    if not settings.USE_TZ or converter != getattr(database.ops, "convert_datetimefield_value", None):
        return converter
    zone = database.timezone

    def moment(value: Any, expression: Any, database: BaseDatabaseWrapper) -> Any:
        if type(value) is datetime and value.tzinfo is None:
            return value.replace(tzinfo=zone)
        return converter(value, expression, database)

    return moment


def _keeps_none(converters: list, expression: Any, database: BaseDatabaseWrapper) -> bool:
    """Whether NULL is None in Python too, as for most fields: then there is nothing to turn."""
    value = None
    try:
        for converter in converters:
            value = converter(value, expression, database)
    except (TypeError, ValueError, AttributeError):
        return False
    return value is None


class PreparedUpdate(Prepared):
    """The same for writing: `build` says which rows, `fields` what is set in them. No signal is sent.

    seen = PreparedUpdate(lambda: Visit.objects.filter(pk=Later("pk", Visit._meta.pk)), "seconds", "last_seen_at")
    seen.write(pk=visit.pk, seconds=30, last_seen_at=now)
    """

    def __init__(self, build: Callable[[], QuerySet], *fields: str):
        super().__init__(build)
        self.fields = fields

    def write(self, **values: Any) -> None:
        database = connections[DEFAULT_DB_ALIAS]
        known = self.compiled.get(database.vendor) or self._compile(database)
        written = [
            parameter.output_field.get_db_prep_save(values[parameter.name], database) if isinstance(parameter, Later) else parameter
            for parameter in known.parameters
        ]
        with database.cursor() as cursor:
            cursor.execute("%s".join(known.pieces), written)

    def _compile(self, database: BaseDatabaseWrapper) -> Compiled:
        rows = self.build()
        query = rows.query.chain(UpdateQuery)
        query.add_update_values({name: Later(name, rows.model._meta.get_field(name)) for name in self.fields})
        sql, parameters = query.get_compiler(connection=database).as_sql()
        self.compiled[database.vendor] = compiled = Compiled(sql.split("%s"), tuple(parameters), [])
        return compiled


class PreparedForPerson:
    """The same for a query that is another one for each role: who may see what stays in the QuerySet's methods."""

    def __init__(self, build: Callable[[LaterPerson], QuerySet]):
        self.build = build
        self.for_roles: dict[tuple, Prepared] = {}

    def rows(self, person: Any, **values: Any) -> list[tuple]:
        key = (person.is_superuser, person.roles)
        prepared = self.for_roles.get(key)
        if prepared is None:
            prepared = self.for_roles[key] = Prepared(lambda: self.build(LaterPerson("person", person)))
        return prepared.rows(person=person.pk, **values)


@cache
def columns_of(model: type[Model], *related: str, leave: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Every column of a model but those to `leave`, then those of what its foreign keys lead to: for `values_list`.

    Each column costs a few microseconds whatever is in it: what a page does not show is not read.
    """
    found = [field.attname for field in model._meta.concrete_fields if field.attname not in leave]
    for name in related:
        found += [f"{name}__{field.attname}" for field in model._meta.get_field(name).related_model._meta.concrete_fields]
    return tuple(found)


def objects_of(model: type[Model], rows: list[tuple], *related: str, leave: tuple[str, ...] = ()) -> list:
    """Rows of `columns_of(model, …)` as objects, like `select_related` and `defer`. What stands in the row after them is left alone."""
    if not rows:
        return []
    models = [(name, model._meta.get_field(name).related_model) for name in related]
    names = {other: columns_of(other) for _name, other in models}
    own, alias = columns_of(model, leave=leave), DEFAULT_DB_ALIAS
    found = []
    for row in rows:
        start = len(own)
        instance = model.from_db(alias, own, row[:start])
        for name, other in models:
            end = start + len(names[other])
            has_one = getattr(instance, model._meta.get_field(name).attname) is not None
            setattr(instance, name, other.from_db(alias, names[other], row[start:end]) if has_one else None)
            start = end
        found.append(instance)
    return found

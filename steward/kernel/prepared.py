"""Statements that are written once in a process; from then on only their values are bound.

The ORM takes several times longer to write the SQL of a case than the database to answer it. What is kept is the
shape of a statement, never a row of an answer: nothing here grows old while the process runs.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any, Final, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Expression, Q, QuerySet
from django.db.models.query import ModelIterable, ValuesIterable, ValuesListIterable, get_related_populators

from steward.kernel.bulk import Prepare, preparing
from steward.kernel.db import CollisionError
from steward.kernel.rows import ProjectRow

R = TypeVar("R")
#: Scopes of many projects name them all, and each set of them is a shape of its own: so many are kept.
MOST_SHAPES: Final = 200
#: A statement takes 65,535 values on PostgreSQL, 32,766 on SQLite; and a shape is kept for each number of rows.
TOGETHER: Final = 100
#: What is bound; anything else in a condition (a list, NULL, true) is part of its shape.
BOUND: Final = (int, str, datetime)


class Blank(Expression):
    """Where a value stands in the statement."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class Prepared(Generic[R]):
    """``find = Prepared(lambda scope, number: Case.objects.within(scope).filter(number=number))``,
    then ``find(Case.scope(actor), "BX-YX-261121-0042")``.

    The function gets blanks instead of values, so it must not look at them; a condition (Q) may be of any shape.
    """

    def __init__(self, write: Callable[..., "QuerySet[Any, R]"]) -> None:
        self._write = write
        self._plans: dict[Hashable, _Plan] = {}

    def __call__(self, *given: Any) -> list[R]:
        values: list[Any] = []
        shape = tuple(_shape(one, values) for one in given)
        plan = self._plans.get(shape)
        if plan is None:
            places = count()
            plan = _Plan(self._write(*(_blanked(one, places) for one in given)))
            if len(self._plans) >= MOST_SHAPES:
                self._plans.clear()
            self._plans[shape] = plan
        return plan.run(values)

    def first(self, *given: Any) -> R | None:
        return next(iter(self(*given)), None)


def _shape(one: Any, values: list[Any]) -> Hashable:
    """A condition or value without what is bound, which is gathered aside."""
    if isinstance(one, Q):
        found: list[Any] = one.children
        parts = (_shape(p, values) if isinstance(p, Q) else (p[0], _kept(p[1], values)) for p in found)
        return (one.connector, one.negated, *parts)
    return _kept(one, values)


def _kept(value: Any, values: list[Any]) -> Hashable:
    if _is_bound(value):
        values.append(value)
        return Blank
    if not isinstance(value, (bool, list, tuple, frozenset, type(None))):
        raise TypeError(f"a {type(value).__name__} cannot be part of a prepared read")
    return tuple(value) if isinstance(value, list) else value


def _blanked(one: Any, places: Iterator[int]) -> Any:
    """The same with blanks, numbered in the order in which ``_shape`` gathers the values."""
    if isinstance(one, Q):
        found: list[Any] = one.children
        parts = [_blanked(p, places) if isinstance(p, Q) else (p[0], _blanked(p[1], places)) for p in found]
        return Q(*parts, _connector=one.connector, _negated=one.negated)
    return Blank(next(places)) if _is_bound(one) else one


def _is_bound(value: Any) -> bool:
    return isinstance(value, BOUND) and not isinstance(value, bool)


class _Plan:
    """A written statement, and how its rows become what the query set would have given."""

    def __init__(self, rows: Any) -> None:
        rows.require_scope()
        compiler = rows.query.get_compiler(connection=connection)
        self.sql = ""
        with suppress(EmptyResultSet):  # nobody's rows: nothing to ask for
            sql, params = compiler.as_sql()
            self.params = {f"v{n}": param for n, param in enumerate(params)}
            # By name: of a long statement that is ten times quicker to make ready for SQLite.
            self.sql = sql.replace("%%", "%%%%") % tuple(f"%({name})s" for name in self.params)
        if not self.sql:
            return
        columns = [column for column, *_ in compiler.select]
        self.converters = list(compiler.get_converters(columns).items())
        self.make = _maker(rows, compiler)

    def run(self, values: list[Any]) -> list[Any]:
        if not self.sql:
            return []
        adapt = connection.ops.adapt_datetimefield_value
        bound = {name: values[p.place] if isinstance(p, Blank) else p for name, p in self.params.items()}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, {name: adapt(b) if isinstance(b, datetime) else b for name, b in bound.items()})
            found = cursor.fetchall()
        return [self.make(self._converted(row)) for row in found]

    def _converted(self, found: Sequence[Any]) -> list[Any]:
        row = list(found)
        for place, (converters, column) in self.converters:
            for convert in converters:
                row[place] = convert(row[place], column, connection)
        return row


def _maker(rows: Any, compiler: Any) -> Callable[[list[Any]], Any]:
    """What becomes of a row: what Django's iterable of the same name makes."""
    if rows._iterable_class is ValuesListIterable:  # noqa: SLF001
        return tuple
    if rows._iterable_class is ValuesIterable:  # noqa: SLF001
        return lambda row: dict(zip(rows._fields, row, strict=True))
    assert rows._iterable_class is ModelIterable  # noqa: SLF001
    kind, own = compiler.klass_info["model"], compiler.klass_info["select_fields"]
    part = slice(own[0], own[-1] + 1)
    names = [column.target.attname for column, *_ in compiler.select[part]]
    # The stubs are ahead of our Django.
    joined = get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]

    def instance(row: list[Any]) -> Any:
        made = kind.from_db(DEFAULT_DB_ALIAS, names, row[part])
        for one in joined:
            one.populate(row, made)
        return made

    return instance


def add(rows: Sequence[models.Model], *, once: bool = False) -> None:
    """New rows of one model, up to a hundred in one statement; they get their ids. No signals.

    ``once``: what stands there already, by a unique constraint, stays as it is, and no row gets its id.
    """
    ids = _send(rows, "DO NOTHING" if once else "")
    for row, (pk,) in zip(rows, ids, strict=False):
        row.pk = pk
    for row in rows:  # as save() leaves them
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001


def put(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """These columns of rows that are there already, each with its own values. No signals."""
    quote = connection.ops.quote_name
    taken = ", ".join(f"{quote(name)} = EXCLUDED.{quote(name)}" for name in names)
    _send(rows, f"(id) DO UPDATE SET {taken}")


def _send(rows: Sequence[models.Model], on_conflict: str) -> list[Any]:
    found: list[Any] = []
    with connection.cursor() as cursor:
        for begin in range(0, len(rows), TOGETHER):
            part = rows[begin : begin + TOGETHER]
            statement, prepare = _insert(type(part[0]), len(part), on_conflict)
            cursor.execute(statement, [ready(getattr(row, name)) for row in part for name, ready in prepare.items()])
            found += cursor.fetchall() if "RETURNING" in statement else []
    return found


@cache
def _insert(model: type[models.Model], count: int, on_conflict: str) -> tuple[str, dict[str, Prepare]]:
    meta, quote = model._meta, connection.ops.quote_name  # noqa: SLF001  Django's public way to describe a model
    fields = [f for f in meta.concrete_fields if f is not meta.auto_field or "UPDATE" in on_conflict]
    names = ", ".join(quote(str(f.column)) for f in fields)
    values = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * count)
    statement = f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES {values}"  # noqa: S608  names of our own
    if on_conflict:
        statement += f" ON CONFLICT {on_conflict}"
    elif meta.auto_field is not None:
        statement += f" RETURNING {quote(meta.db_table)}.{quote(str(meta.auto_field.column))}"
    return statement, {f.attname: preparing(f) for f in fields}


def columns(row: models.Model) -> dict[str, Any]:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}  # noqa: SLF001


def change(row: ProjectRow, before: Mapping[str, Any], **seen: Any) -> None:
    """Write the columns that differ from ``before``, if the row stands as seen. Raises CollisionError. No signals."""
    changed = {name: value for name, value in columns(row).items() if value != before[name]}
    if not changed:
        return
    statement, prepare = _update(type(row), tuple(changed), tuple(seen))
    values = [ready(value) for ready, value in zip(prepare, changed.values(), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, row.pk, row.project_id, *seen.values()])
        if not cursor.rowcount:
            raise CollisionError


@cache
def _update(model: type[models.Model], names: tuple[str, ...], seen: tuple[str, ...]) -> tuple[str, list[Prepare]]:
    meta, quote = model._meta, connection.ops.quote_name  # noqa: SLF001
    fields = {f.attname: f for f in meta.concrete_fields}
    column = {name: f"{quote(str(f.column))} = %s" for name, f in fields.items()}
    changes = ", ".join(column[name] for name in names)
    found = " AND ".join(column[name] for name in (str(meta.pk.attname), "project_id", *seen))
    statement = f"UPDATE {quote(meta.db_table)} SET {changes} WHERE {found}"  # noqa: S608  names of our own
    return statement, [preparing(fields[name]) for name in names]

"""Set-based statements over many rows: compiled once by SQLAlchemy, then sent to the driver as plain tuples.

Every statement is portable; what a server does better is asked of `dialects`. IN lists are padded to a few fixed
lengths, so that the server's plan cache stays small; a statement is compiled with a single mark in its list, which is
repeated in the text, since compiling thousands of marks takes longer than many a tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, CursorResult, Dialect, bindparam, delete, insert, select, update
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import Select

from intacct_sf_pipeline.staging.dialects import KEYS_PER_STATEMENT, copy_rows, many_rows
from intacct_sf_pipeline.staging.types import Convert, from_db, to_db

T = TypeVar("T")
Row = Sequence[Any]
Columns = Sequence[Column[Any]]
Conditions = Mapping[Column[Any], Any]

_LENGTHS = (1, 10, 100, 500, KEYS_PER_STATEMENT)
_COPY_FROM = 200  # rows from which a bulk path pays


def chunks(values: Iterable[T], size: int = KEYS_PER_STATEMENT) -> Iterator[list[T]]:
    """`values` in lists of at most `size`."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


class Bulk:
    """Bulk statements for one dialect; holds compiled texts only, so it may be shared by threads."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._cache: dict[object, _Statement] = {}

    def insert(self, connection: Connection, columns: Columns, rows: Sequence[Row]) -> None:
        """Insert rows given in the order of `columns` (all of one table)."""
        if not rows:
            return
        rows = self._converted(columns, rows)
        if len(rows) >= _COPY_FROM and copy_rows(connection, *self._quoted(columns), rows):
            return
        self._insert_statement(columns).run_many(connection, rows)

    def update(self, connection: Connection, columns: Columns, rows: Sequence[Row], *, keys: int = 1) -> None:
        """Update rows found by the last `keys` of `columns`; the others are set."""
        if not rows:
            return
        rows = self._converted(columns, rows)
        if len(rows) < _COPY_FROM or not many_rows.update_rows(connection, columns, rows, keys):
            self._update_statement(columns, keys).run_many(connection, rows)

    def update_in(
        self, connection: Connection, columns: Columns, values: Row, by: Column[Any], keys: Iterable[Any]
    ) -> None:
        """Set `columns` to the same `values` in all rows whose column `by` is one of `keys`."""
        [given] = self._converted(columns, [values])
        for chunk in chunks(dict.fromkeys(keys)):
            padded = _padded(chunk)
            statement = self._update_in_statement(columns, by, len(padded))
            statement.run(connection, [*given, *self._sought(by, padded, {})])

    def upsert(
        self, connection: Connection, columns: Columns, rows: Sequence[Row], *, where: Conditions | None = None
    ) -> None:
        """Update the rows whose last column's value exists (within `where`), insert the others.

        The last row of a key wins.
        """
        unique = {row[-1]: row for row in rows}
        key = columns[-1]
        existing = {found[0] for found in self.fetch_in(connection, [key], key, unique, where=where)}
        scope = tuple((where or {}).items())
        self.update(
            connection,
            [*columns[:-1], *(column for column, _ in scope), key],
            [(*row[:-1], *(value for _, value in scope), row[-1]) for row in unique.values() if row[-1] in existing],
            keys=1 + len(scope),
        )
        self.insert(
            connection,
            [*columns, *(column for column, _ in scope)],
            [(*row, *(value for _, value in scope)) for row in unique.values() if row[-1] not in existing],
        )

    def fetch_in(
        self,
        connection: Connection,
        columns: Columns,
        by: Column[Any],
        keys: Iterable[Any],
        *,
        where: Conditions | None = None,
    ) -> list[Row]:
        """Rows whose column `by` is one of `keys` and whose other columns equal `where`, in no order."""
        scope = where or {}
        found: list[Row] = []
        for chunk in chunks(dict.fromkeys(keys)):
            padded = _padded(chunk)
            statement = self._select_statement(columns, by, len(padded), tuple(scope))
            found.extend(_driver_rows(statement.run(connection, self._sought(by, padded, scope))))
        return self.readable(columns, found)

    def delete_in(
        self, connection: Connection, by: Column[Any], keys: Iterable[Any], *, where: Conditions | None = None
    ) -> int:
        """Delete the rows whose column `by` is one of `keys` and whose other columns equal `where`; how many."""
        scope = where or {}
        deleted = 0
        for chunk in chunks(dict.fromkeys(keys)):
            padded = _padded(chunk)
            statement = self._delete_statement(by, len(padded), tuple(scope))
            deleted += statement.run(connection, self._sought(by, padded, scope)).rowcount
        return deleted

    def delete_rows(self, connection: Connection, columns: Columns, rows: Sequence[Row]) -> None:
        """Delete the rows that have these values in `columns`; those that are not there are passed over."""
        if not rows:
            return
        rows = self._converted(columns, rows)
        if len(rows) < _COPY_FROM or not many_rows.delete_rows(connection, columns, rows):
            self._delete_rows_statement(columns).run_many(connection, rows)

    def readable(self, columns: Columns, rows: Sequence[Row]) -> list[Row]:
        """Driver rows of a raw statement over `columns`, with the project's types."""
        converters = self._converters(columns, from_db)
        return [_convert(row, converters) for row in rows] if converters else list(rows)

    def _sought(self, by: Column[Any], keys: list[Any], scope: Conditions) -> Row:
        """The parameters of conditions, as the driver takes them."""
        [conditions] = self._converted(list(scope), [list(scope.values())])
        convert = to_db(by.type, self._dialect.name)
        return [*conditions, *(keys if convert is None else map(convert, keys))]

    def _converted(self, columns: Columns, rows: Sequence[Row]) -> Sequence[Row]:
        converters = self._converters(columns, to_db)
        return [_convert(row, converters) for row in rows] if converters else rows

    def _converters(self, columns: Columns, of: Callable[[Any, str], Convert | None]) -> list[tuple[int, Convert]]:
        pairs = ((index, of(column.type, self._dialect.name)) for index, column in enumerate(columns))
        return [(index, convert) for index, convert in pairs if convert is not None]

    def _quoted(self, columns: Columns) -> tuple[str, str]:
        preparer = self._dialect.identifier_preparer
        table = columns[0].table
        return preparer.format_table(table), ", ".join(preparer.quote(column.name) for column in columns)

    def _insert_statement(self, columns: Columns) -> _Statement:
        def build() -> UpdateBase:
            values = {column.name: bindparam(f"p_{index}", type_=column.type) for index, column in enumerate(columns)}
            return insert(columns[0].table).values(values).inline()

        return self._compiled(("insert", *columns), build)

    def _update_statement(self, columns: Columns, keys: int) -> _Statement:
        def build() -> UpdateBase:
            marks = [bindparam(f"p_{index}", type_=column.type) for index, column in enumerate(columns)]
            found_by = [column == mark for column, mark in zip(columns[-keys:], marks[-keys:], strict=True)]
            values = {column.name: mark for column, mark in zip(columns[:-keys], marks, strict=False)}
            return update(columns[0].table).where(*found_by).values(values)

        return self._compiled(("update", keys, *columns), build)

    def _update_in_statement(self, columns: Columns, by: Column[Any], length: int) -> _Statement:
        def build() -> UpdateBase:
            values = {column.name: bindparam(f"p_{index}", type_=column.type) for index, column in enumerate(columns)}
            found_by = by.in_([bindparam(f"p_{len(columns)}", type_=by.type)])
            return update(by.table).where(found_by).values(values)

        return self._compiled(("update in", length, by, *columns), build, length)

    def _select_statement(self, columns: Columns, by: Column[Any], length: int, scope: Columns) -> _Statement:
        def build() -> Select[Any]:
            return select(*columns).where(*_conditions(by, scope))

        return self._compiled(("select", length, by, *columns, "where", *scope), build, length)

    def _delete_statement(self, by: Column[Any], length: int, scope: Columns) -> _Statement:
        def build() -> UpdateBase:
            return delete(by.table).where(*_conditions(by, scope))

        return self._compiled(("delete", length, by, *scope), build, length)

    def _delete_rows_statement(self, columns: Columns) -> _Statement:
        def build() -> UpdateBase:
            marks = [bindparam(f"p_{index}", type_=column.type) for index, column in enumerate(columns)]
            return delete(columns[0].table).where(
                *(column == mark for column, mark in zip(columns, marks, strict=True))
            )

        return self._compiled(("delete rows", *columns), build)

    def _compiled(
        self, key: object, build: Callable[[], UpdateBase | Select[Any]], marks: int | None = None
    ) -> _Statement:
        """The statement for `key`; with `marks` that many in the list at its end, for which `build` has one."""
        statement = self._cache.get(key)
        if statement is None:
            statement = self._cache[key] = _Statement(build().compile(dialect=self._dialect), marks)
        return statement


class _Statement:
    """A compiled text and the order in which it takes its parameters `p_0`, `p_1`, ..."""

    def __init__(self, compiled: Any, marks: int | None = None) -> None:
        self.text = str(compiled) if marks is None else _with_marks(str(compiled), marks)
        order = [int(name.removeprefix("p_")) for name in compiled.positiontup]
        self._arrange = None if order == list(range(len(order))) or len(order) == 1 else itemgetter(*order)

    def run(self, connection: Connection, values: Row) -> CursorResult[Any]:
        return connection.exec_driver_sql(self.text, self._arranged(values))

    def run_many(self, connection: Connection, rows: Sequence[Row]) -> None:
        connection.exec_driver_sql(self.text, [self._arranged(row) for row in rows])

    def _arranged(self, row: Row) -> tuple[Any, ...]:
        return tuple(self._arrange(row)) if self._arrange else tuple(row)


def _driver_rows(result: CursorResult[Any]) -> list[Row]:
    """All rows as the driver's own tuples; wrapping each of them would cost as much as reading it."""
    rows = list(result.cursor.fetchall()) if result.cursor is not None else []
    result.close()
    return rows


def _conditions(by: Column[Any], scope: Columns) -> list[Any]:
    equal = [column == bindparam(f"p_{index}", type_=column.type) for index, column in enumerate(scope)]
    return [*equal, by.in_([bindparam(f"p_{len(scope)}", type_=by.type)])]


def _with_marks(text: str, count: int) -> str:
    """A statement that ends with a list of one mark, with `count` of them."""
    begin, word, mark = text.removesuffix(")").rpartition(" IN (")
    return f"{begin}{word}{', '.join([mark] * count)})"


def _padded(values: list[T]) -> list[T]:
    length = next(size for size in _LENGTHS if size >= len(values))
    return values + values[-1:] * (length - len(values))


def _convert(row: Row, converters: list[tuple[int, Convert]]) -> Row:
    changed = list(row)
    for index, convert in converters:
        value = changed[index]
        if value is not None:
            changed[index] = convert(value)
    return changed

"""From landed rows to the raw values of a record: columns, related rows, variants, and the few computed sources.

Computed sources (the mapping's `compute:`) are the functions listed in `COMPUTED`: `notes`, `quantity`, `read_time`,
`price_book`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from intacct_sf_pipeline.engine.values.formula import parse_formula
from intacct_sf_pipeline.model.fields import Source
from intacct_sf_pipeline.model.mapping import SideSpec, Variant
from intacct_sf_pipeline.model.records import Scalar
from intacct_sf_pipeline.model.results import RawRecord

RawValue = Scalar | tuple[Scalar, ...]
Row = Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class View:
    """One record as the mapping addresses it.

    Its own columns, `alias.column` of related rows, and a variant's columns.
    """

    key: str
    row: Row
    related: Mapping[str, tuple[Row, ...]]
    variant: Variant | None = None
    read_at: datetime | None = None

    def first(self, column: str) -> Scalar:
        """The column's value; of a related row, the first one's; None when there is none."""
        if self.variant is not None:
            if column in self.variant.constants:
                return self.variant.constants[column]
            column = self.variant.columns.get(column, column)
        rows, name = self._rows(column)
        return rows[0].get(name) if rows else None

    def every(self, column: str) -> list[Scalar]:
        """The column's values over all rows that carry it."""
        rows, name = self._rows(column)
        return [row.get(name) for row in rows]

    def _rows(self, column: str) -> tuple[tuple[Row, ...], str]:
        if "." not in column:
            return (self.row,), column
        alias, _, rest = column.partition(".")
        if rest and alias in self.related:
            return self.related[alias], rest
        return (self.row,), column


def views(spec: SideSpec, record: RawRecord, read_at: datetime) -> Iterator[View]:
    """The records one primary row stands for: itself, or one for each variant."""
    if record.row is None:
        return
    related = {link.alias: record.related.get(link.alias, ()) for link in spec.related}
    if not spec.variants:
        yield View(record.key, record.row, related, None, read_at)
    for variant in spec.variants:
        yield View(f"{record.key}|{variant.name}", record.row, related, variant, read_at)


def raw_value(source: Source, view: View) -> RawValue:
    """The raw value of one field: a scalar, or a tuple of lines for a source of several columns."""
    if source.compute is not None:
        return COMPUTED[source.compute](source, view)
    if len(source.columns) == 1:
        return view.first(source.columns[0])
    return tuple(view.first(column) for column in source.columns)


def _notes(source: Source, view: View) -> RawValue:
    """Description first, then each note as its title line and its text, oldest key first, a blank line between.

    A plain column stands for itself; the columns of a related feed are joined row by row.
    """
    parts: list[str] = []
    for name, names in _note_parts(source.columns, tuple(view.related)):
        parts += [_note(row, names) for row in view.related[name]] if names else [_text(view.first(name))]
    return "\n\n".join([part for part in parts if part]) or None


@lru_cache(maxsize=64)
def _note_parts(columns: tuple[str, ...], aliases: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What notes are made of, in order: (column, nothing), or (alias, its columns) for a related feed, once each."""
    parts: list[tuple[str, tuple[str, ...]]] = []
    done: set[str] = set()
    for column in columns:
        alias, _, rest = column.partition(".")
        if not rest or alias not in aliases:
            parts.append((column, ()))
        elif alias not in done:
            done.add(alias)
            parts.append((alias, tuple(c.partition(".")[2] for c in columns if c.startswith(f"{alias}."))))
    return tuple(parts)


def _note(row: Row, names: tuple[str, ...]) -> str:
    return "\n".join(text for text in (_text(row.get(name)) for name in names) if text)


def _quantity(source: Source, view: View) -> RawValue:
    """The mapping's expression over its columns, or `otherwise` when no row has a figure."""

    def numbers(column: str) -> list[Decimal]:
        return [number for number in map(_number, view.every(column)) if number is not None]

    total = parse_formula(source.expression).evaluate(numbers)
    if total is None and source.otherwise:
        total = parse_formula(source.otherwise).evaluate(numbers)
    return total


def _read_time(_source: Source, view: View) -> RawValue:
    """When the row was read: the moment a figure without a stamp of its own is true of."""
    return view.read_at


def _price_book(source: Source, view: View) -> RawValue:
    """`standard` for the standard price book (first column true), else the book's name (second column)."""
    is_standard, name = (view.first(column) for column in source.columns)
    return "standard" if is_standard is True or str(is_standard).casefold() == "true" else name


def _text(value: Scalar) -> str:
    return "" if value is None else str(value).strip()


def _number(value: Scalar) -> Decimal | None:
    if value is None or isinstance(value, bool | datetime) or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


COMPUTED: Mapping[str, Callable[[Source, View], RawValue]] = {
    "notes": _notes,
    "quantity": _quantity,
    "read_time": _read_time,
    "price_book": _price_book,
}

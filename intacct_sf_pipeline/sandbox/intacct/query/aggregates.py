"""Aggregates: `count:f`, `sum:f`, `avg:f`, `min:f`, `max:f`; plain fields beside them group.

Source: REST Guide, Query. `count` works on boolean, array and enum fields only. The member of the answer is named as
asked for.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from intacct_sf_pipeline.sandbox.intacct.errors import invalid_request
from intacct_sf_pipeline.sandbox.intacct.query.operators import preparer
from intacct_sf_pipeline.sandbox.intacct.schema.catalog import FieldPath
from intacct_sf_pipeline.sandbox.intacct.schema.types import Field, Kind, Row, Value
from intacct_sf_pipeline.sandbox.intacct.state.computed import Getter

FUNCTIONS = ("count", "sum", "avg", "min", "max")
_NUMERIC = (Kind.INTEGER, Kind.NUMBER, Kind.DECIMAL)
_COUNTABLE = (Kind.BOOLEAN, Kind.ARRAY, Kind.ENUM)


@dataclass(frozen=True)
class Aggregate:
    """One aggregate column: its text in the request, its function, the field and how to read it."""

    text: str
    function: str
    field: Field
    read: Getter


def split_aggregate(text: str) -> tuple[str, str] | None:
    """`sum:totalDue` as (function, field), or None for a plain field (custom fields such as `nsp::X` are plain)."""
    function, colon, field = text.partition(":")
    return (function, field) if colon and function in FUNCTIONS and not field.startswith(":") else None


def build_aggregate(text: str, function: str, path: FieldPath, read: Getter) -> Aggregate:
    """An aggregate column.

    Raises:
        ApiError: 400, the function does not work on this type of field.
    """
    kind = path.field.kind
    fits = {"count": kind in _COUNTABLE, "sum": kind in _NUMERIC, "avg": kind in _NUMERIC}
    if not fits.get(function, kind is not Kind.ARRAY):
        message = f"{function} cannot be used on {path.text}, a {kind} field"
        raise invalid_request(message)
    return Aggregate(text, function, path.field, read)


def aggregate_rows(
    rows: Iterable[Row], plain: Sequence[tuple[str, Getter]], columns: Sequence[Aggregate]
) -> list[dict[str, Value]]:
    """One result row per combination of the plain fields; one in all when there are none."""
    groups: dict[tuple[Value, ...], list[Row]] = {} if plain else {(): []}
    for row in rows:
        groups.setdefault(tuple(read(row) for _, read in plain), []).append(row)
    names = [name for name, _ in plain]
    return [
        dict(zip(names, values, strict=True)) | {column.text: _value(column, members) for column in columns}
        for values, members in groups.items()
    ]


def _value(column: Aggregate, rows: Sequence[Row]) -> Value:
    values = [value for value in map(column.read, rows) if value is not None]
    if column.function == "count":
        return len(values)
    if not values:
        return None
    if column.function in ("min", "max"):
        choose: Callable[..., Value] = min if column.function == "min" else max
        return choose(values, key=preparer(column.field))
    total = sum((Decimal(str(value)) for value in values), Decimal(0))
    if column.function == "avg":
        return f"{(total / len(values)).quantize(Decimal('1.0000000000')).normalize():f}"
    if column.field.kind is Kind.INTEGER:
        return int(total)
    return float(total) if column.field.kind is Kind.NUMBER else f"{total:f}"

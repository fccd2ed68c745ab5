"""Values on their way to the server and back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from . import errors
from .parse import Parsed

Row = tuple[Any, ...]


def arguments(parsed: Parsed, row: Row) -> dict[str, Any]:
    """The parameters of a statement by name; what the driver could not send as it is, is refused."""
    if len(row) != parsed.parameters:
        raise errors.ProgrammingError("07002", f"{parsed.parameters} parameter markers, {len(row)} values")
    return {f"p{number}": _argument(value) for number, value in enumerate(row)}


def _argument(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        raise errors.DataError("22007", "the driver would drop the time zone of a date-time")
    if value is None or isinstance(value, (str, int, float, Decimal, dt.datetime)):
        return value
    raise errors.ProgrammingError("HY105", f"Invalid parameter type {type(value).__name__}")


def with_flags(row: Row, bits: list[int]) -> Row:
    """A row whose bits are true or false, as the driver gives them."""
    if not bits:
        return row
    return tuple(bool(v) if index in bits and v is not None else v for index, v in enumerate(row))

"""SOQL text: select lists, windows, `IN` lists, escapes, and how many values fit into one address. Pure.

Source: SOQL Reference (quoted string escape sequences); REST Guide: an address, and address plus headers, take
16,384 bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote_plus

from intacct_sf_pipeline.connectors.values import format_time
from intacct_sf_pipeline.model.windows import Window

NEVER_NULL: Final = frozenset({"SystemModstamp", "LastModifiedDate", "CreatedDate"})
"""Stamps that the platform sets on every row; asking for rows without them would keep a query from using its index.

Source: Object Reference (system fields); SOQL Reference (null filters do not use the index).
"""

ADDRESS_ROOM: Final = 11_000
"""Bytes a percent-encoded query may take; the rest is for host, path and headers with their token."""

_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)


def quoted(value: str) -> str:
    """A string literal."""
    return f"'{value.translate(_ESCAPES)}'"


def select(fields: Sequence[str], sobject: str, conditions: Sequence[str] = (), order: str = "") -> str:
    """A query; `order` is what follows ORDER BY, with LIMIT if wanted."""
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    sorting = f" ORDER BY {order}" if order else ""
    return f"SELECT {', '.join(fields)} FROM {sobject}{where}{sorting}"  # noqa: S608 - SOQL has no bind variables; values pass `quoted`


def in_window(column: str, window: Window) -> list[str]:
    """Conditions for rows stamped in `window`; many rows share a second, so the start is included.

    Rows without a stamp belong to a window that is open at its end, unless the platform stamps every row.
    """
    bounds = ((">=", window.start), ("<", window.end))
    found = [f"{column} {operator} {format_time(moment)}" for operator, moment in bounds if moment is not None]
    if found and window.end is None and column not in NEVER_NULL:
        return [f"({found[0]} OR {column} = null)"]
    return found


def one_of(column: str, values: Sequence[str]) -> str:
    """A condition for rows whose `column` is one of `values`."""
    return f"{column} IN ({', '.join(map(quoted, values))})"


def in_chunks(values: Sequence[str], most: int, *, taken: int = 0) -> Iterator[list[str]]:
    """Split `values` so that each list has at most `most` and its query fits into an address.

    Args:
        values: what goes into the `IN` list.
        most: values per list.
        taken: bytes the rest of the percent-encoded query takes.
    """
    chunk: list[str] = []
    length = taken
    for value in values:
        cost = len(quote_plus(quoted(value) + ", "))
        if chunk and (len(chunk) >= most or length + cost > ADDRESS_ROOM):
            yield chunk
            chunk, length = [], taken
        chunk.append(value)
        length += cost
    if chunk:
        yield chunk


def too_long(soql: str) -> bool:
    """Whether `soql` does not fit into an address and has to be sent in a body."""
    return encoded_length(soql) > ADDRESS_ROOM


def encoded_length(soql: str) -> int:
    """Bytes `soql` takes in an address."""
    return len(quote_plus(soql))

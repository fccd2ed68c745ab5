"""What is asked of a query: object, fields, filters and how they combine, order, page. Pure.

Columns and operators are named as the REST query service names them; `xml.query` says the same in XML.

Source: query service guide (operators, `filterExpression` by 1-based positions, `orderBy`, `start`, `size`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from intacct_sf_pipeline.connectors.values import format_time
from intacct_sf_pipeline.model.windows import Window

Filter = Mapping[str, Mapping[str, object]]
KEY: Final = "key"
STAMP: Final = "audit.modifiedDateTime"
_NOBODY: Final = "0"
"""A record number that no record has; a filter has to name one."""


@dataclass(frozen=True)
class Query:
    """What to ask for: rows that pass all of `filters` and, if there are any, all of `stamped`.

    Args:
        object_name: `application/object`.
        fields: dotted names.
        filters: on any field.
        stamped: bounds of the modification stamp.
        null_stamp: lets rows whose stamp (this field) is null pass beside those in `stamped`.
        order: the field to sort by before the key.
    """

    object_name: str
    fields: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    stamped: tuple[Filter, ...] = ()
    null_stamp: str | None = None
    order: Mapping[str, str] | None = None

    def body(self, start: int, size: int, after: str | None = None) -> dict[str, object]:
        """The REST request for one page of rows whose key follows `after`; rows private to entities are included."""
        body: dict[str, object] = {
            "object": self.object_name,
            "fields": list(self.fields),
            "filterParameters": {"includePrivate": True},
            "orderBy": [*([self.order] if self.order else []), {KEY: "asc"}],
            "start": start,
            "size": size,
        }
        following: tuple[Filter, ...] = () if after is None else ({"$gt": {KEY: after}},)
        plain = (*self.filters, *following)
        if self.stamped and self.null_stamp:
            unstamped = {"$eq": {self.null_stamp: None}}
            body["filters"] = [*self.stamped, unstamped, *plain]
            body["filterExpression"] = _expression(len(self.stamped), len(plain))
        elif self.stamped or plain:
            body["filters"] = [*self.stamped, *plain]
        return body


def in_window(column: str, window: Window) -> tuple[Filter, ...]:
    """Filters for rows whose stamp lies in `window`; several rows share a second, so the start is included."""
    bounds = (("$gte", window.start), ("$lt", window.end))
    return tuple({operator: {column: format_time(moment)}} for operator, moment in bounds if moment is not None)


def one_of(column: str, values: Sequence[str]) -> Filter:
    """A filter for rows whose `column` is one of `values`."""
    return {"$in": {column: list(values)}}


def with_numbers_only(query: Query) -> Query:
    """The query with names of records that are no record numbers taken out of its filter on the key; they name none.

    Entries of contact lists that were read with their customers have keys of another kind (`xml.customer_lists`), which
    the service might refuse.
    """
    return replace(query, filters=tuple(map(_numbers, query.filters)))


def _numbers(given: Filter) -> Filter:
    values = given.get("$in", {}).get(KEY)
    if not isinstance(values, list) or all(str(value).isdigit() for value in values):
        return given
    return one_of(KEY, [value for value in values if str(value).isdigit()] or [_NOBODY])


def _expression(stamped: int, plain: int) -> str:
    """`((1 and 2) or 3) and 4 and 5`: bounds, no stamp, and `plain` further filters."""
    bounds = " and ".join(str(number) for number in range(1, stamped + 1))
    either = f"({bounds}) or {stamped + 1}" if stamped > 1 else f"{bounds} or {stamped + 1}"
    further = "".join(f" and {number}" for number in range(stamped + 2, stamped + 2 + plain))
    return f"({either}){further}" if plain else either

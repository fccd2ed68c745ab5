"""A query as XML: select, filter, order, page. Pure. Source: queries (schema of `query`, operators).

What is asked is the `Query` that both interfaces share, with the mapping's names and REST's operators.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.connectors.intacct.query import KEY, Filter, Query
from intacct_sf_pipeline.connectors.intacct.xml.columns import Column
from intacct_sf_pipeline.connectors.intacct.xml.document import element
from intacct_sf_pipeline.connectors.intacct.xml.formats import Formats
from intacct_sf_pipeline.connectors.intacct.xml.literals import write_value
from intacct_sf_pipeline.connectors.values import parse_time

_OPERATORS: Final = {
    "$eq": "equalto",
    "$ne": "notequalto",
    "$gt": "greaterthan",
    "$gte": "greaterthanorequalto",
    "$lt": "lessthan",
    "$lte": "lessthanorequalto",
    "$in": "in",
}
_BOUNDS: Final = {"$gt": False, "$gte": False, "$lt": True, "$lte": True}
"""Operators of a window's edges: whether it is the upper one."""

_NULL: Final = {"$eq": "isnull", "$ne": "isnotnull"}


@dataclass(frozen=True)
class Naming:
    """What a query needs to be said in XML: the object, its columns by name, the user's formats."""

    object_name: str
    column: Callable[[str], Column]
    formats: Formats


@dataclass(frozen=True)
class Cut:
    """Which rows of the result: at most `size` from `start` (counted from 1), of those whose key follows `after`."""

    start: int
    size: int
    after: str | None = None


def query_element(query: Query, naming: Naming, select: Sequence[str], cut: Cut) -> Element:
    """The `query` call for one page; `select` are XML names. Rows private to entities are included."""
    following: tuple[Filter, ...] = () if cut.after is None else ({"$gt": {KEY: cut.after}},)
    condition = _condition(query, (*query.filters, *following), naming)
    order = query.order if query.order is None else dict(query.order)
    keys = [*(order.items() if order else ()), (KEY, "asc")]
    return element(
        "query",
        None,
        element("object", naming.object_name),
        element("select", None, *(element("field", name) for name in select)),
        *([] if condition is None else [element("filter", None, condition)]),
        element("orderby", None, *(_order(naming, column, way) for column, way in keys)),
        element("options", None, element("showprivate", "true")),
        element("pagesize", str(cut.size)),
        element("offset", str(cut.start - 1)),
    )


def _order(naming: Naming, column: str, way: str) -> Element:
    name = naming.column(column).xml[0]
    return element("order", None, element("field", name), element("descending" if way == "desc" else "ascending"))


def _condition(query: Query, plain: Sequence[Filter], naming: Naming) -> Element | None:
    """`(bounds or no stamp) and ...`; `and` and `or` need at least two parts each."""
    parts = [_test(naming, given) for given in plain]
    stamped = [_test(naming, _widened(given, naming.formats)) for given in query.stamped]
    if stamped:
        bounds = _all(stamped)
        if query.null_stamp and bounds is not None:
            unstamped = element("isnull", None, element("field", naming.column(query.null_stamp).xml[0]))
            bounds = element("or", None, bounds, unstamped)
        parts = [*([] if bounds is None else [bounds]), *parts]
    return _all(parts)


def _widened(given: Filter, formats: Formats) -> Filter:
    """A bound of a window, wide enough for both zones that stamps may be in (see `Formats.bound`)."""
    ((operator, operand),) = given.items()
    ((name, value),) = operand.items()
    moment = parse_time(value)
    if moment is None or operator not in _BOUNDS:
        return given
    return {operator: {name: formats.bound(moment, upper=_BOUNDS[operator])}}


def _all(parts: Sequence[Element]) -> Element | None:
    return element("and", None, *parts) if len(parts) > 1 else next(iter(parts), None)


def _test(naming: Naming, given: Mapping[str, Mapping[str, object]]) -> Element:
    ((operator, operand),) = given.items()
    ((name, value),) = operand.items()
    column = naming.column(name)
    field = element("field", column.xml[0])
    if value is None and operator in _NULL:
        return element(_NULL[operator], None, field)
    values = value if isinstance(value, list) else [value]
    texts = (element("value", write_value(column, one, naming.formats)) for one in values)
    return element(_OPERATORS[operator], None, field, *texts)

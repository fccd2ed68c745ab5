"""`count`, `avg`, `min`, `max`, `sum` in a `select`; plain fields beside them group.

Source: the reference, 4.1. The element of a count is `COUNT.FIELD`; that of a sum is the bare name (a switch makes it
`SUM.FIELD`); the others are named like the count (UNCONFIRMED).
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row, Value
from intacct_sf_pipeline.sandbox.intacct.xml.calls import FunctionCall
from intacct_sf_pipeline.sandbox.intacct.xml.conditions import number, preparer
from intacct_sf_pipeline.sandbox.intacct.xml.query.ordering import shuffle, sort_key
from intacct_sf_pipeline.sandbox.intacct.xml.query.request import QueryCall, Selected
from intacct_sf_pipeline.sandbox.intacct.xml.reading_rows import View
from intacct_sf_pipeline.sandbox.intacct.xml.schema.values import plain, render
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import processing_error


def aggregate(call: FunctionCall, request: QueryCall, view: View, rows: Sequence[Row]) -> list[list[tuple[str, str]]]:
    """One row of (name, text) per combination of the plain fields; one in all when there are none.

    Raises:
        XmlFault: an average or sum of what is no number, or an order by a field that is not grouped.
    """
    plain_names = [column.field for column in request.select if column.function is None]
    _check(request, view, plain_names)
    readers = [view.lookup(name)[1] for name in plain_names]
    groups: dict[tuple[Value, ...], list[Row]] = {} if readers else {(): []}
    for row in rows:
        groups.setdefault(tuple(read(row) for read in readers), []).append(row)
    ordered = list(groups.values())
    _sort(call, request, view, ordered)
    prefixed = call.company.options.xml.sum_prefix
    return [[_cell(call, view, column, members, prefixed) for column in request.select] for members in ordered]


def column_name(column: Selected, *, prefixed: bool) -> str:
    """How a column is called in the answer; `prefixed` says whether a sum's name tells that it is one."""
    if column.function is None or (column.function == "sum" and not prefixed):
        return column.field
    return f"{column.function.upper()}.{column.field}"


def _check(request: QueryCall, view: View, plain_names: Sequence[str]) -> None:
    for column in request.select:
        if column.function in ("avg", "sum") and not view.lookup(column.field)[0].type.numeric:
            raise processing_error()
    if any(order.field not in plain_names for order in request.order_by):
        raise processing_error()


def _sort(call: FunctionCall, request: QueryCall, view: View, groups: list[list[Row]]) -> None:
    """Groups in the order asked for, else in one that says nothing."""
    heads = [members[0] for members in groups if members]
    if not heads:
        return
    place = {id(members[0]): members for members in groups if members}
    shuffle(heads, call.company.options.shuffle_seed)
    for order in reversed(request.order_by):
        field, read = view.lookup(order.field)
        heads.sort(key=sort_key(view, field, read), reverse=order.descending)
    groups[:] = [place[id(head)] for head in heads]


def _cell(call: FunctionCall, view: View, column: Selected, rows: Sequence[Row], prefixed: bool) -> tuple[str, str]:
    field, read = view.lookup(column.field)
    if column.function is None:
        return column.field, render(field, read(rows[0]), call.formats, by_letter=view.manner.by_letter(field))
    name = column_name(column, prefixed=prefixed)
    values = [value for value in map(read, rows) if value is not None and value != ""]
    if column.function == "count":
        return name, str(len(values))
    if not values:
        return name, ""
    if column.function in ("min", "max"):
        choose: Callable[..., Value] = min if column.function == "min" else max
        chosen = choose(values, key=preparer(field, view.manner))
        return name, render(field, chosen, call.formats, by_letter=view.manner.by_letter(field))
    total = sum((Decimal(str(number(value) or 0)) for value in values), Decimal(0))
    if column.function == "avg":
        total = (total / len(values)).quantize(Decimal("1.0000000000")).normalize()
    return name, plain(f"{total:f}")

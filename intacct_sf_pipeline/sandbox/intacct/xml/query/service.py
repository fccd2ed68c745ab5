"""Running a `query`: resolve the fields, filter, order, cut the page. Each page is evaluated anew.

Source: the reference, 4.1 (behaviour), 3.2 (attributes), 10 (`showprivate`), 11 (one transaction a call).
"""

from collections.abc import Iterable, Sequence

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row, Value
from intacct_sf_pipeline.sandbox.intacct.xml.calls import Data, FunctionCall, FunctionResult, XmlFault
from intacct_sf_pipeline.sandbox.intacct.xml.conditions import Compare, Every, compile_condition, fields_of
from intacct_sf_pipeline.sandbox.intacct.xml.query.aggregates import aggregate, column_name
from intacct_sf_pipeline.sandbox.intacct.xml.query.ordering import sort_rows
from intacct_sf_pipeline.sandbox.intacct.xml.query.request import QueryCall, read_query
from intacct_sf_pipeline.sandbox.intacct.xml.reading_rows import View, in_form, open_view
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlField
from intacct_sf_pipeline.sandbox.intacct.xml.schema.values import render
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import unknown_query_fields

Shown = tuple[str, str]
"""Name and text of one field of one row."""


def query(call: FunctionCall) -> FunctionResult:
    """One page of a query."""
    request = read_query(call.element)
    company = call.company
    try:
        view = open_view(call, request.object_name, show_private=request.show_private)
        _check_fields(call, request, view)
        with company.late.drawn():
            rows, total = _page(call, request, view)
    except XmlFault as fault:
        raise _with_data(fault, call, request) from None
    company.transactions.queried(view.metered_as)
    told = {
        "listtype": view.entry.name,
        "totalcount": str(total),
        "offset": str(request.offset),
        "count": str(len(rows)),
        "numremaining": str(max(0, total - request.offset - len(rows))),
    }
    names = [column_name(column, prefixed=company.options.xml.sum_prefix) for column in request.select]
    return in_form(call, request.form, view.entry.name, told, names, rows)


def _page(call: FunctionCall, request: QueryCall, view: View) -> tuple[list[list[Shown]], int]:
    matched = _matching(request, view)
    first, last = request.offset, request.offset + request.page_size
    if any(column.function for column in request.select):
        shown = aggregate(call, request, view, matched)
        return shown[first:last], len(shown)
    sort_rows(view, request.order_by, matched, shuffle_seed=call.company.options.shuffle_seed)
    columns = [(column.field, *view.lookup(column.field)) for column in request.select]

    def text(field: XmlField, value: Value) -> str:
        return render(field, value, call.formats, by_letter=view.manner.by_letter(field))

    rows = [[(name, text(field, read(row))) for name, field, read in columns] for row in matched[first:last]]
    return rows, len(matched)


def _check_fields(call: FunctionCall, request: QueryCall, view: View) -> None:
    names = [column.field for column in request.select]
    names += fields_of(request.condition) if request.condition is not None else []
    names += [order.field for order in request.order_by]
    unknown = list(dict.fromkeys(name for name in names if not view.knows(name)))
    if unknown:
        raise unknown_query_fields(view.entry.name, unknown, call.state.support_ids.next())


def _matching(request: QueryCall, view: View) -> list[Row]:
    rows: Iterable[Row] = view.rows()
    condition = request.condition
    if condition is None:
        return list(rows)
    manner = view.manner_for(case_sensitive=request.case_sensitive)
    holds = compile_condition(condition, view.lookup, manner)
    if request.case_sensitive:
        required = condition.parts if isinstance(condition, Every) else (condition,)
        rows = _narrowed(view, [part for part in required if isinstance(part, Compare)])
    return [row for row in rows if holds(row)]


def _narrowed(view: View, required: Sequence[Compare]) -> Iterable[Row]:
    """The rows an equality of the record number or natural id leaves to look at, else all."""
    for part in required:
        if part.operator in ("equalto", "in"):
            found = view.by_identity(part.field, part.values)
            if found is not None:
                return found
    return view.rows()


def _with_data(fault: XmlFault, call: FunctionCall, request: QueryCall) -> XmlFault:
    """A failing query may carry an empty `data` (switch). Source: the reference, 4.1."""
    if not call.company.options.xml.empty_data_on_failure:
        return fault
    told = {"listtype": request.object_name, "totalcount": "0", "offset": "0", "count": "0", "numremaining": "0"}
    return XmlFault(fault.errors, Data(told))

"""`readByQuery` and `readMore`: rows found once, in no order, given out page by page.

Source: the reference, 4.2 (behaviour), 3.2 (attributes, lower-case tags), 11 (transactions).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.xml.calls import FunctionCall, FunctionResult
from intacct_sf_pipeline.sandbox.intacct.xml.conditions import compile_condition, fields_of
from intacct_sf_pipeline.sandbox.intacct.xml.query.ordering import shuffle
from intacct_sf_pipeline.sandbox.intacct.xml.read_by_query.parser import parse_condition
from intacct_sf_pipeline.sandbox.intacct.xml.reading_rows import View, asked_fields, listed, open_view, wants_all
from intacct_sf_pipeline.sandbox.intacct.xml.result_sets import ResultSet
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import processing_error, unknown_result_set

DEFAULT_ROWS = 100


def read_by_query(call: FunctionCall) -> FunctionResult:
    """The first page of what a condition finds."""
    company, options = call.company, call.company.options
    view = open_view(call, call.text("object"), show_private=False, letters=True)
    paths = asked_fields(view, call.text("fields"))
    with company.late.drawn():
        rows = _found(call, view)
    company.transactions.queried(view.metered_as)
    shuffle(rows, options.shuffle_seed + 1)
    size = int(call.text("pagesize") or DEFAULT_ROWS)
    nested = options.xml.read_by_query_nested and wants_all(call.text("fields"))
    form = call.text("returnFormat") or "xml"
    results = ResultSet(_owner(call), view.entry, paths, rows, 0, size, nested, form)
    result_id = ""
    if results.remaining:
        result_id = call.state.results.keep(replace(results, given=size), _life(call))
    return _page(call, results, result_id)


def read_more(call: FunctionCall) -> FunctionResult:
    """The next page of a result set, named by its id or by the object it is of.

    Raises:
        XmlFault: there is no such set (any more).
    """
    result_id = call.text("resultId")
    named = call.state.schema.get(call.text("object"))
    if not result_id and named is not None:
        result_id = call.state.results.latest(named.name, _owner(call)) or ""
    results = call.state.results.find(result_id, _owner(call))
    if results is None:
        raise unknown_result_set()
    call.state.results.advance(result_id)
    if call.company.options.xml.metered_reads:
        call.company.transactions.read(results.entry.store_name or results.entry.name)
    return _page(call, results, result_id if results.remaining else "")


def _found(call: FunctionCall, view: View) -> list[Row]:
    condition = parse_condition(call.text("query"))
    rows: Iterable[Row] = view.rows()
    if condition is None:
        return list(rows)
    unknown = [name for name in fields_of(condition) if name not in view.entry.fields or not view.knows(name)]
    if unknown:
        raise processing_error()
    holds = compile_condition(condition, view.lookup, view.manner)
    return [row for row in rows if holds(row)]


def _page(call: FunctionCall, results: ResultSet, result_id: str) -> FunctionResult:
    name = results.entry.name.lower()
    told = {
        "listtype": name,
        "count": str(len(results.page)),
        "totalcount": str(len(results.rows)),
        "numremaining": str(results.remaining),
        "resultId": result_id,
    }
    return listed(call, results.form, name, told, results.entry, results.paths, results.page, nested=results.nested)


def _owner(call: FunctionCall) -> str:
    """Whom a result set belongs to: the session, or for logins without one the user."""
    return call.session.session_id or f"user {call.actor.user_id} {call.actor.entity_key}"


def _life(call: FunctionCall) -> timedelta:
    """How long a result set lives (UNCONFIRMED, switch)."""
    minutes = call.company.options.xml.result_id_minutes
    return call.company.xml_sessions.life if minutes is None else timedelta(minutes=minutes)

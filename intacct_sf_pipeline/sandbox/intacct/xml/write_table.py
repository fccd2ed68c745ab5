"""The functions of writing and of the model: tag of the call -> its handler, and what its element must look like."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.xml import get_list
from intacct_sf_pipeline.sandbox.intacct.xml.calls import Handler
from intacct_sf_pipeline.sandbox.intacct.xml.inspect import inspect
from intacct_sf_pipeline.sandbox.intacct.xml.legacy import stock_totals
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.functions import FUNCTIONS
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.stock_moves import STOCK_MOVE_CHECKS, STOCK_MOVES
from intacct_sf_pipeline.sandbox.intacct.xml.lookup import lookup
from intacct_sf_pipeline.sandbox.intacct.xml.schema_check import Check, Child, filled, in_any_order, missing, optional
from intacct_sf_pipeline.sandbox.intacct.xml.writes import generic


def _records(call: Element) -> list[str]:
    """`create` and `update` hold at least one record."""
    return [] if len(call) else [missing(call.tag, ())]


def _delete(call: Element) -> list[str]:
    return in_any_order(call, Child("object", check=filled), Child("keys", check=filled), optional("docparid"))


def _model(call: Element) -> list[str]:
    """`lookup` and `inspect` name an object by integration name or by name."""
    return in_any_order(call, optional("object"), optional("name"), optional("docparid"))


MODEL_HANDLERS: Mapping[str, Handler] = {
    "lookup": lookup,
    "inspect": inspect,
    "get_list": get_list.get_list,
    "get_icitemtotals": stock_totals.get_icitemtotals,
}
MODEL_CHECKS: Mapping[str, Check] = {
    "lookup": _model,
    "inspect": _model,
    "get_list": get_list.check,
    "get_icitemtotals": stock_totals.check,
}
WRITE_HANDLERS: Mapping[str, Handler] = {
    "create": generic.create,
    "update": generic.update,
    "delete": generic.delete,
    **STOCK_MOVES,
    **{tag: handler for legacy in FUNCTIONS for tag, handler in legacy.handlers().items()},
}
WRITE_CHECKS: Mapping[str, Check] = {
    "create": _records,
    "update": _records,
    "delete": _delete,
    **STOCK_MOVE_CHECKS,
    **{tag: check for legacy in FUNCTIONS for tag, check in legacy.checks().items()},
}

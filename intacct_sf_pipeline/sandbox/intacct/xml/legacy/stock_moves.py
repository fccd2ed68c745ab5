"""`create_ictransaction`: an inventory transaction, the only way stock changes.

Source: the vendor's SDKs (children and their order; the reply holds `key`); names of the standard transaction
definitions from the product help. What the `key` looks like is UNCONFIRMED.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.schema.items import ITEM
from intacct_sf_pipeline.sandbox.intacct.schema.stock import STOCK, WAREHOUSE
from intacct_sf_pipeline.sandbox.intacct.writes import stock
from intacct_sf_pipeline.sandbox.intacct.xml.calls import ErrorEntry, FunctionCall, FunctionResult, Handler, XmlFault
from intacct_sf_pipeline.sandbox.intacct.xml.legacy import checks, models
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.models import Part
from intacct_sf_pipeline.sandbox.intacct.xml.schema.items import KEEPS_STOCK
from intacct_sf_pipeline.sandbox.intacct.xml.schema_check import Check, Child, in_order, optional
from intacct_sf_pipeline.sandbox.intacct.xml.writes.chains import RULE, bad_format, broken_reference, rule
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import no_permission

NAME = "create_ictransaction"
_DIRECTIONS: Mapping[str, int] = {
    "Beginning Balance": 1,
    "Inventory Receipt": 1,
    "Inventory Adjustment Increase": 1,
    "Inventory Transfer In": 1,
    "Inventory Adjustment Decrease": -1,
    "Inventory Damaged Goods": -1,
    "Inventory Scrap or Spoilage": -1,
    "Inventory Shipper": -1,
    "Inventory Transfer Out": -1,
}
_LINE = (
    Part("itemid", required=True),
    Part("itemdesc"),
    Part("warehouseid"),
    Part("quantity", required=True),
    *(Part(name) for name in ("unit", "cost", "locationid", "departmentid", "itemdetails")),
    Part("customfields", "", models.CUSTOM),
    *(Part(name) for name in ("projectid", "customerid", "vendorid", "employeeid", "classid", "contractid")),
)


def check(call: Element) -> list[str]:
    """Findings of the schema."""
    line = Child("ictransitem", 1, None, checks.ordered(_LINE))
    return in_order(
        call,
        Child("transactiontype"),
        Child("datecreated", check=checks.split_date),
        *(optional(name) for name in ("createdfrom", "documentno", "referenceno", "message", "externalid", "basecurr")),
        optional("customfields"),
        optional("state"),
        Child("ictransitems", check=lambda found: in_order(found, line)),
        optional("subtotals"),
    )


def create_ictransaction(call: FunctionCall) -> FunctionResult:
    """Books one transaction: all of its lines or none. It counts as one record.

    Raises:
        XmlFault: the chain of a refusal.
    """
    company = call.company
    if "create" in company.options.denied.get(STOCK, ()):
        raise no_permission("Create", "INVDOCUMENT")
    refusal = call.gate.next()
    if refusal is not None:
        raise _refused(
            call,
            ErrorEntry(
                refusal.code or RULE,
                "",
                refusal.message or "The record is locked by another user or process, try again later",
            ),
        )
    definition = call.text("transactiontype")
    direction = _DIRECTIONS.get(definition)
    if direction is None:
        raise _refused(call, broken_reference("Transaction definition", definition))
    with company.store.transaction():
        for line in call.element.findall("ictransitems/ictransitem"):
            item_id, warehouse_id, quantity = _line(call, line)
            stock.move(company.store, call.actor, item_id, warehouse_id, {"onHand": direction * quantity})
    company.transactions.wrote("inventory-control/document")
    number = call.text("documentno") or f"{call.state.support_ids.next()[3:8]}"
    return call.answer(key=f"{definition}-{number}")


def _line(call: FunctionCall, line: Element) -> tuple[str, str, int]:
    """Item id, warehouse id and units of a line.

    Raises:
        XmlFault: one of them will not do.
    """
    store = call.company.store
    item_id, warehouse_id, text = (
        (line.findtext(name) or "").strip() for name in ("itemid", "warehouseid", "quantity")
    )
    key = store[ITEM].by_id.get(item_id)
    if key is None:
        raise _refused(call, broken_reference("Item", item_id))
    if store[ITEM].rows[key].get("itemType") not in KEEPS_STOCK:
        raise _refused(call, rule(f"No stock is kept of item '{item_id}'."))
    if warehouse_id not in store[WAREHOUSE].by_id:
        raise _refused(call, broken_reference("Warehouse", warehouse_id))
    try:
        quantity = Decimal(text)
    except InvalidOperation:
        quantity = Decimal(0)
    if not quantity.is_finite() or quantity <= 0 or quantity != quantity.to_integral_value():
        raise _refused(call, bad_format("Document entry", "Quantity", f"'{text}'."))
    return item_id, warehouse_id, int(quantity)


def _refused(call: FunctionCall, cause: ErrorEntry) -> XmlFault:
    told = f"{cause.description2} [Support ID: {call.state.support_ids.next()}]"
    first = ErrorEntry(cause.errorno, cause.description, told, cause.correction)
    return XmlFault([first, ErrorEntry(RULE, "", "Could not create Document record!")])


STOCK_MOVES: Mapping[str, Handler] = {NAME: create_ictransaction}
STOCK_MOVE_CHECKS: Mapping[str, Check] = {NAME: check}

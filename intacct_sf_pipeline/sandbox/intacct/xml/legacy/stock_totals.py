"""`get_icitemtotals`: on hand, on order and on hold by item and warehouse.

Source: request schema 3.0; the XML reference, 7.4 (reply after the 2.1 DTD; live behaviour UNCONFIRMED).
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row, whole
from intacct_sf_pipeline.sandbox.intacct.xml.calls import Data, FunctionCall, FunctionResult
from intacct_sf_pipeline.sandbox.intacct.xml.elements import branch, leaf
from intacct_sf_pipeline.sandbox.intacct.xml.reading_rows import open_view
from intacct_sf_pipeline.sandbox.intacct.xml.schema_check import in_order, optional

_QUANTITIES = ("onHand", "onOrder", "onHold")


def check(call: Element) -> list[str]:
    """Findings of the schema."""
    return in_order(call, optional("itemid"), optional("warehouseid"))


def get_icitemtotals(call: FunctionCall) -> FunctionResult:
    """Answers one call.

    Raises:
        XmlFault: no right to read stock.
    """
    view = open_view(call, "ITEMWAREHOUSEINFO", show_private=False)
    item, warehouse = call.text("itemid"), call.text("warehouseid")
    with call.company.late.drawn():
        _, item_id = view.lookup("ITEMID")
        _, warehouse_id = view.lookup("WAREHOUSEID")
        found = [(str(item_id(row)), str(warehouse_id(row)), row) for row in view.rows()]
    shown = [
        branch("itemtotal", itemtotal(*place))
        for place in found
        if item in ("", place[0]) and warehouse in ("", place[1])
    ]
    call.company.transactions.queried(view.metered_as)
    return call.answer(Data(children=[branch("icitemtotals", shown)]))


def itemtotal(item_id: str, warehouse_id: str, row: Row) -> Iterator[Element]:
    """The children of one `itemtotal`; the sandbox keeps no bins."""
    yield leaf("itemid", item_id)
    yield leaf("warehouseid", warehouse_id)
    yield from (leaf(name) for name in ("aislekey", "rowkey", "binkey"))
    yield from (leaf(member.lower(), str(whole(row.get(member)))) for member in _QUANTITIES)

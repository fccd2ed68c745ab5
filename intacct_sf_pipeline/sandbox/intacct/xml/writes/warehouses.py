"""WAREHOUSEINFO of a new item: the warehouses it is kept in. Source: the XML reference, 7.3 and 7.4."""

from collections.abc import Mapping, Sequence

from intacct_sf_pipeline.sandbox.intacct.schema.stock import STOCK, WAREHOUSE
from intacct_sf_pipeline.sandbox.intacct.xml.calls import FunctionCall
from intacct_sf_pipeline.sandbox.intacct.xml.writes.chains import WriteRefused, broken_reference, missing_field
from intacct_sf_pipeline.sandbox.intacct.xml.writes.given import Given
from intacct_sf_pipeline.sandbox.intacct.xml.writes.payload import build


def add_warehouses(call: FunctionCall, item_key: str, warehouses: Sequence[Mapping[str, str]]) -> None:
    """Gives a new item its warehouses; part of the item's own write, so it is not counted as written again.

    Raises:
        WriteRefused: a warehouse that is not named or does not exist.
        ApiError: a rule of the store.
    """
    company, entry = call.company, call.state.schema["ITEMWAREHOUSEINFO"]
    for texts in warehouses:
        name = texts.get("WAREHOUSEID", "").strip()
        if not name:
            raise WriteRefused([missing_field("Warehouse ID")])
        if name not in company.store[WAREHOUSE].by_id:
            raise WriteRefused([broken_reference("Warehouse ID", name)])
        payload = build(entry, Given(dict(texts)), call.formats, company.options.xml, creating=True)
        if payload.faults:
            raise WriteRefused(payload.faults)
        place = {"item": {"key": item_key}, "warehouse": {"id": name}}
        members = payload.nested() | place
        meter = company.transactions
        counted = (meter.records_written, meter.by_object.copy())
        company.records.create(call.actor, company.store.catalog[STOCK], members)
        meter.records_written, meter.by_object = counted

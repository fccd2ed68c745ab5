"""Warehouses and stock. Source: the XML reference, 7.4.

Whether ITEMWAREHOUSEINFO has quantities, and their names, is UNCONFIRMED (switch `stock_quantities`). The sandbox
keeps no documents and no lots: the ledger has one line per item, warehouse and standard total, a tracked item is one
lot per warehouse.
"""

from collections.abc import Iterator

from intacct_sf_pipeline.sandbox.intacct.schema.items import ITEM
from intacct_sf_pipeline.sandbox.intacct.schema.stock import STOCK
from intacct_sf_pipeline.sandbox.intacct.schema.stock import WAREHOUSE as WAREHOUSES
from intacct_sf_pipeline.sandbox.intacct.schema.types import Row, whole
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import (
    AUDIT,
    FULL,
    OWNERSHIP,
    RECORDNO,
    Blueprint,
    Column,
    Relationship,
    XmlType,
    record_url,
    status,
)

LEDGER_TOTALS = {"ONHAND": ("51", "onHand"), "ONORDER": ("52", "onOrder"), "ONHOLD": ("53", "onHold")}
"""Standard total -> (record number, member of the stock row)."""

QUANTITIES: tuple[Column, ...] = tuple(
    Column(name, path, label, XmlType.DECIMAL)
    for name, path, label in (
        ("ONHAND", "onHand", "Quantity on hand"),
        ("ONORDER", "onOrder", "Quantity on order"),
        ("ONHOLD", "onHold", "Quantity on hold"),
        ("INTRANSIT", "inTransit", "Quantity in transit"),
        ("RESERVED", "reserved", "Quantity reserved"),
        ("ALLOCATED", "allocated", "Quantity allocated"),
        ("UNCOMMITTED", "unCommitted", "Quantity uncommitted"),
    )
)

WAREHOUSE = Blueprint(
    name="WAREHOUSE",
    label="Warehouse",
    store_name=WAREHOUSES,
    key="WAREHOUSEID",
    columns=(
        RECORDNO,
        Column("WAREHOUSEID", "id", "Warehouse ID"),
        Column("NAME", "name", "Name"),
        Column("LOCATIONID", "location.id", "Location ID"),
        Column("LOC.LOCATIONID", "location.id", "Location ID", required=False, write_only=True),
        Column("MANAGERID", "manager.id", "Manager ID"),
        Column("PARENTID", "parent.id", "Parent warehouse ID"),
        Column("CONTACTINFO.CONTACTNAME", "contacts.primary.id", "Contact"),
        Column("SHIPTO.CONTACTNAME", "contacts.shipTo.id", "Ship-to contact"),
        Column("USEDINGL", "xml.USEDINGL", "Used in general ledger", XmlType.BOOLEAN),
        status(),
        Column("ENABLE_REPLENISHMENT", "isReplenishmentEnabled", "Enable replenishment"),
        Column("ENABLENEGATIVEINV", "enableNegativeInv", "Enable negative inventory"),
        *AUDIT,
        *OWNERSHIP,
        record_url("WAREHOUSE"),
    ),
    relationships=(
        Relationship("LOCATION", "LOCATION", "location", "LOCATIONID", "Location"),
        Relationship("PARENT", "WAREHOUSE", "parent", "PARENTID", "Parent warehouse"),
        Relationship("CONTACT", "CONTACT", "contacts.primary", "CONTACTINFO.CONTACTNAME", "Contact"),
    ),
    writes=FULL,
)

ITEM_WAREHOUSE_INFO = Blueprint(
    name="ITEMWAREHOUSEINFO",
    label="Item warehouse details",
    store_name=STOCK,
    key="RECORDNO",
    columns=(
        RECORDNO,
        Column("ITEMID", "item.id", "Item ID", read_only=True),
        Column("WAREHOUSEID", "warehouse.id", "Warehouse ID", read_only=True),
        Column("WAREHOUSENAME", "warehouse.name", "Warehouse name"),
        *QUANTITIES,
        Column("STANDARD_COST", "standardCost", "Standard cost", XmlType.CURRENCY),
        Column("AVERAGE_COST", "averageCost", "Average cost", XmlType.CURRENCY),
        Column("LAST_COST", "lastCost", "Last cost", XmlType.CURRENCY),
        Column("STORAGE_AREA", "storageArea", "Storage area"),
        Column("ENABLE_REPLENISHMENT", "enableReplenishment", "Enable replenishment"),
        Column("REPLENISHMENT_METHOD", "replenishmentMethod", "Replenishment method"),
        Column("SAFETY_STOCK", "safetyStock", "Safety stock"),
        Column("MAX_ORDER_QTY", "maxOrderQuantity", "Maximum order quantity"),
        Column("MIN_STOCK", "minimumStock", "Minimum stock"),
        Column("MAX_STOCK", "maximumStock", "Maximum stock"),
        Column("REORDER_POINT", "reorderPoint", "Reorder point"),
        Column("REORDER_QTY", "reorderQuantity", "Reorder quantity"),
        Column("DATE_LASTSOLD", "lastSoldDate", "Date last sold"),
        Column("DATE_LASTRECEIVED", "lastReceivedDate", "Date last received"),
        *AUDIT,
        *OWNERSHIP,
    ),
    relationships=(
        Relationship("ITEM", "ITEM", "item", "ITEMID", "Item"),
        Relationship("WAREHOUSE", "WAREHOUSE", "warehouse", "WAREHOUSEID", "Warehouse"),
    ),
)


def _places(store: Store) -> Iterator[tuple[Row, Row, Row]]:
    """Every stock row with its item and its warehouse."""
    items, warehouses = store[ITEM].rows, store[WAREHOUSES].rows
    for row in store[STOCK].rows.values():
        yield row, items[str(row["item.key"])], warehouses[str(row["warehouse.key"])]


def ledger_lines(store: Store) -> Iterator[Row]:
    """The ledger: one line per item, warehouse and standard total that is not zero."""
    number = 0
    for row, item, warehouse in _places(store):
        for name, (key, member) in LEDGER_TOTALS.items():
            quantity = whole(row.get(member))
            if quantity:
                number += 1
                yield {
                    "key": str(number),
                    "itemId": item["id"],
                    "warehouseKey": warehouse["key"],
                    "documentId": f"Opening-{row['key']}",
                    "totalKey": key,
                    "totalName": name,
                    "unit": "Each",
                    "quantity": quantity,
                    "created": str(row.get("audit.createdDateTime") or "")[:10] or None,
                    "effect": "Increase" if quantity > 0 else "Decrease",
                }


def lots(store: Store) -> Iterator[Row]:
    """Tracked items with stock, as one lot per warehouse."""
    for row, item, warehouse in _places(store):
        tracked = item.get("tracking.enableLotCategory") or item.get("tracking.enableSerialNo")
        if tracked and whole(row.get("onHand")):
            yield {
                "key": row["key"],
                "itemId": item["id"],
                "warehouseId": warehouse["id"],
                "lot": f"LOT-{row['key']}",
                "left": whole(row.get("onHand")),
                "allocated": whole(row.get("allocated")),
                "reserved": whole(row.get("reserved")),
            }


INVENTORY_TOTAL_DETAIL = Blueprint(
    name="INVENTORYTOTALDETAIL",
    label="Inventory total detail",
    store_name="",
    key="ID",
    columns=(
        Column("ID", "key", "ID", XmlType.INTEGER, read_only=True),
        Column("ITEMID", "itemId", "Item ID", read_only=True),
        Column("WAREHOUSEKEY", "warehouseKey", "Warehouse key", XmlType.INTEGER, read_only=True),
        Column("DOCUMENTID", "documentId", "Document ID", read_only=True),
        Column("TOTALKEY", "totalKey", "Total key", XmlType.INTEGER, read_only=True),
        Column("TOTALNAME", "totalName", "Total", read_only=True),
        Column("UNIT", "unit", "Unit", read_only=True),
        Column("QUANTITY", "quantity", "Quantity", XmlType.DECIMAL, read_only=True),
        Column("LOCATIONKEY", "locationKey", "Location key", XmlType.INTEGER, read_only=True),
        Column("DEPTKEY", "departmentKey", "Department key", XmlType.INTEGER, read_only=True),
        Column("WHENCREATED", "created", "When created", XmlType.DATE, read_only=True),
        Column("EFFECTONINVENTORY", "effect", "Effect on inventory", read_only=True),
    ),
    source=ledger_lines,
)
AVAILABLE_INVENTORY = Blueprint(
    name="AVAILABLEINVENTORY",
    label="Available inventory",
    store_name="",
    key="RECORDNO",
    columns=(
        RECORDNO,
        Column("ITEMID", "itemId", "Item ID", read_only=True),
        Column("WAREHOUSEID", "warehouseId", "Warehouse ID", read_only=True),
        Column("BINKEY", "binKey", "Bin key", XmlType.INTEGER, read_only=True),
        Column("LOTNO", "lot", "Lot number", read_only=True),
        Column("SERIALNO", "serial", "Serial number", read_only=True),
        Column("EXPIRATIONDATE", "expires", "Expiration date", XmlType.DATE, read_only=True),
        Column("QUANTITYLEFT", "left", "Quantity left", XmlType.DECIMAL, read_only=True),
        Column("QUANTITYALLOCATED", "allocated", "Quantity allocated", XmlType.DECIMAL, read_only=True),
        Column("QUANTITYRESERVED", "reserved", "Quantity reserved", XmlType.DECIMAL, read_only=True),
    ),
    source=lots,
)

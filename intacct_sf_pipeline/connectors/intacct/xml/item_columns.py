"""ITEM, stock, warehouses, price lists. Source: their pages; names of quantities and of price list entries beyond those
documented are UNCONFIRMED, so several are tried against `lookup`.
"""

from __future__ import annotations

from typing import Final

from intacct_sf_pipeline.connectors.intacct.xml.columns import (
    AUDIT,
    KEY,
    OWNER,
    STATUS,
    Column,
    Kind,
    XmlObject,
    choice,
    of,
    shown,
    text,
)

_TYPES = {
    "inventory": "Inventory",
    "nonInventory": "Non-Inventory",
    "purchaseOnlyNonInventory": "Non-Inventory (Purchase only)",
    "salesOnlyNonInventory": "Non-Inventory (Sales only)",
    "kit": "Kit",
    "stockableKit": "Stockable Kit",
}
_COSTS = {"standard": "Standard", "average": "Average", "FIFO": "FIFO", "LIFO": "LIFO"}

TOTALS: Final = {
    "quantityOnHand": "onHand",
    "quantityOnHold": "onHold",
    "quantityOnOrder": "onOrder",
    "quantityInTransit": "inTransit",
    "quantityReserved": "reserved",
    "quantityAllocated": "allocated",
    "quantityUncommitted": "unCommitted",
}
"""Total of an item -> the quantity per warehouse it sums."""

_TOTAL_NAMES = (
    shown("quantityOnHand", "IONHAND"),
    shown("quantityOnOrder", "IONORDER"),
    shown("quantityUncommitted", "IUNCOMMITTED"),
    Column("quantityOnHold", ("IONHOLD",), write="", doubtful=True),
    Column("quantityInTransit", ("IINTRANSIT",), write="", doubtful=True),
    Column("quantityReserved", ("IRESERVED",), write="", doubtful=True),
    Column("quantityAllocated", ("IALLOCATED",), write="", doubtful=True),
)

ITEM: Final = XmlObject(
    name="inventory-control/item",
    xml="ITEM",
    id="ITEMID",
    columns=(
        KEY,
        text("id", "ITEMID"),
        text("name", "NAME"),
        choice("itemType", "ITEMTYPE", _TYPES),
        choice("costMethod", "COST_METHOD", _COSTS, empty="null"),
        STATUS,
        text("notes", "NOTE"),
        text("extendedDescription", "EXTENDED_DESCRIPTION"),
        text("poDescription", "PODESCRIPTION"),
        text("soDescription", "SODESCRIPTION"),
        text("productLine.id", "PRODUCTLINEID"),
        shown("productLine.key", "PRODUCTLINERECORDNO"),
        text("unitOfMeasureGroup.id", "UOMGRP"),
        shown("unitOfMeasureGroup.key", "UOMGRPKEY"),
        *_TOTAL_NAMES,
        Column("dateLastSold", ("WHENLASTSOLD",), Kind.DATE, write=""),
        Column("dateLastReceived", ("WHENLASTRECEIVED",), Kind.DATE, write=""),
        text("substituteItemId", "SUBSTITUTEID"),
        text("inventory.glGroup.id", "GLGROUP"),
        shown("inventory.glGroup.key", "GLGRPKEY"),
        *of(Kind.NUMBER, ("inventory.shippingWeight", "SHIP_WEIGHT")),
        *of(Kind.DECIMAL, ("purchasing.standardCost", "STANDARD_COST"), ("sales.basePrice", "BASEPRICE")),
        *of(
            Kind.BOOLEAN,
            ("sales.isTaxable", "TAXABLE"),
            ("sales.isAvailableForDropShip", "DROPSHIP"),
            ("sales.allowMultipleTaxGroups", "ALLOWMULTIPLETAXGRPS"),
            ("isItemEnabledForMRR", "MRR"),
            ("tracking.enableSerialNo", "ENABLE_SERIALNO"),
            ("tracking.enableLotCategory", "ENABLE_LOT_CATEGORY"),
            ("tracking.enableBins", "ENABLE_BINS"),
            ("tracking.enableExpiration", "ENABLE_EXPIRATION"),
            ("commercial.isWebEnabled", "WEBENABLED"),
        ),
        *of(
            Kind.INTEGER,
            ("precision.inventoryPrecision", "INV_PRECISION"),
            ("precision.salesPrecision", "SO_PRECISION"),
            ("precision.purchasingPrecision", "PO_PRECISION"),
        ),
        text("sales.taxGroup.id", "TAXGROUP.NAME"),
        text("precision.upc", "UPC"),
        text("tracking.serialMask", "SERIAL_MASKKEY"),
        text("commercial.brand", "BRAND"),
        text("commercial.subBrand", "SUBBRAND"),
        text("commercial.category", "CATEGORY"),
        text("commercial.subCategory", "SUBCATEGORY"),
        text("commercial.color", "COLOR"),
        text("commercial.style", "STYLE"),
        text("commercial.size1", "SIZE1"),
        text("commercial.size2", "SIZE2"),
        text("commercial.webName", "WEBNAME"),
        text("commercial.webShortDiscription", "WEBSHORTDESC"),
        text("commercial.webLongDescription", "WEBLONGDESC"),
        *AUDIT,
        *OWNER,
    ),
    creates=True,
    required=frozenset({"id", "name", "itemType", "costMethod"}),
    audit_type="item",
)


def _quantity(name: str, *xml: str) -> Column:
    return Column(name, xml, Kind.INTEGER, write="", doubtful=True)


STOCK: Final = XmlObject(
    name="inventory-control/item-warehouse-inventory",
    xml="ITEMWAREHOUSEINFO",
    columns=(
        KEY,
        shown("id", "RECORDNO"),
        shown("item.id", "ITEMID"),
        shown("item.key", "ITEM.RECORDNO"),
        shown("item.name", "ITEM.NAME"),
        shown("warehouse.id", "WAREHOUSEID"),
        shown("warehouse.key", "WAREHOUSE.RECORDNO"),
        shown("warehouse.name", "WAREHOUSE.NAME"),
        _quantity("onHand", "ONHAND", "QTYONHAND", "QUANTITYONHAND"),
        _quantity("onHold", "ONHOLD", "QTYONHOLD", "QUANTITYONHOLD"),
        _quantity("onOrder", "ONORDER", "QTYONORDER", "QUANTITYONORDER"),
        _quantity("inTransit", "INTRANSIT", "QTYINTRANSIT", "QUANTITYINTRANSIT"),
        _quantity("reserved", "RESERVED", "QTYRESERVED", "QUANTITYRESERVED"),
        _quantity("allocated", "ALLOCATED", "QTYALLOCATED", "QUANTITYALLOCATED"),
        _quantity("unCommitted", "UNCOMMITTED", "QTYUNCOMMITTED", "QUANTITYUNCOMMITTED"),
        *of(
            Kind.DECIMAL,
            ("standardCost", "STANDARD_COST"),
            ("averageCost", "AVERAGE_COST"),
            ("lastCost", "LAST_COST"),
        ),
        *of(
            Kind.NUMBER,
            ("safetyStock", "SAFETY_STOCK"),
            ("reorderPoint", "REORDER_POINT"),
            ("reorderQuantity", "REORDER_QTY"),
            ("maxOrderQuantity", "MAX_ORDER_QTY"),
            ("minimumStock", "MIN_STOCK"),
            ("maximumStock", "MAX_STOCK"),
        ),
        *of(Kind.BOOLEAN, ("enableReplenishment", "ENABLE_REPLENISHMENT")),
        text("replenishmentMethod", "REPLENISHMENT_METHOD"),
        text("storageArea", "STORAGE_AREA"),
        Column("lastSoldDate", ("DATE_LASTSOLD",), Kind.DATE, write=""),
        Column("lastReceivedDate", ("DATE_LASTRECEIVED",), Kind.DATE, write=""),
        *AUDIT,
        *OWNER,
    ),
)

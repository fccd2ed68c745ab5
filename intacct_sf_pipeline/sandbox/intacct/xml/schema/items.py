"""ITEM. Source: the XML reference, 7.3."""

from intacct_sf_pipeline.sandbox.intacct.xml.schema import further
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import (
    AUDIT,
    FULL,
    OWNERSHIP,
    RECORDNO,
    Blueprint,
    Column,
    Relationship,
    XmlType,
    letters,
    record_url,
    status,
)

ITEM_TYPES = letters(
    ("inventory", "Inventory", "I"),
    ("nonInventory", "Non-Inventory", "NI"),
    ("purchaseOnlyNonInventory", "Non-Inventory (Purchase only)", "NP"),
    ("salesOnlyNonInventory", "Non-Inventory (Sales only)", "NS"),
    ("kit", "Kit", "K"),
    ("stockableKit", "Stockable Kit", "SK"),
)
_COST_METHODS = letters(
    ("standard", "Standard", "S"),
    ("average", "Average", "A"),
    ("FIFO", "FIFO", "F"),
    ("LIFO", "LIFO", "L"),
    ("null", "", ""),
)
KEEPS_STOCK = ("inventory", "stockableKit")


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, f"xml.{name}", _label(name)) for name in names)


def _flags(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, f"xml.{name}", _label(name), XmlType.BOOLEAN) for name in names)


def _numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, f"xml.{name}", _label(name), XmlType.DECIMAL) for name in names)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


_MONEY: tuple[Column, ...] = (
    Column("COST_METHOD", "costMethod", "Cost method", words=_COST_METHODS, required=False),
    Column("STANDARD_COST", "purchasing.standardCost", "Standard cost", XmlType.CURRENCY),
    Column("BASEPRICE", "sales.basePrice", "Base price", XmlType.CURRENCY),
    Column("INV_PRECISION", "precision.inventoryPrecision", "Inventory precision"),
    Column("SO_PRECISION", "precision.salesPrecision", "Sales precision"),
    Column("PO_PRECISION", "precision.purchasingPrecision", "Purchasing precision"),
    Column("TAXABLE", "sales.isTaxable", "Taxable"),
    Column("TAXGROUP.NAME", "sales.taxGroup.id", "Item tax group"),
    Column("ALLOWMULTIPLETAXGRPS", "sales.allowMultipleTaxGroups", "Allow multiple tax groups"),
)
_TRACKING: tuple[Column, ...] = (
    Column("UOMGRP", "unitOfMeasureGroup.id", "Unit of measure group"),
    Column("UOMGRPKEY", "unitOfMeasureGroup.key", "Unit of measure group key", XmlType.INTEGER),
    *_texts("BASEUOM"),
    Column("ENABLE_SERIALNO", "tracking.enableSerialNo", "Enable serial tracking"),
    Column("SERIAL_MASKKEY", "tracking.serialMask", "Serial mask"),
    Column("ENABLE_LOT_CATEGORY", "tracking.enableLotCategory", "Enable lot tracking"),
    *_texts("LOT_CATEGORYKEY"),
    Column("ENABLE_BINS", "tracking.enableBins", "Enable bins"),
    Column("ENABLE_EXPIRATION", "tracking.enableExpiration", "Enable expiration"),
    *_flags("ENABLE_REPLENISHMENT"),
    *_texts("REPLENISHMENT_METHOD", "DEFAULT_REPLENISHMENT_UOM"),
    *_numbers("SAFETY_STOCK", "MAX_ORDER_QTY", "REORDER_POINT", "REORDER_QTY"),
)
_TOTALS: tuple[Column, ...] = (
    Column("IONHAND", "quantityOnHand", "Quantity on hand"),
    Column("IONORDER", "quantityOnOrder", "Quantity on order"),
    Column("IUNCOMMITTED", "quantityUncommitted", "Quantity uncommitted"),
)
_SHOP: tuple[Column, ...] = (
    *_texts("WEIGHTUOM"),
    *_numbers("NETWEIGHT"),
    Column("SHIP_WEIGHT", "inventory.shippingWeight", "Shipping weight"),
    *_texts("LWHUOM"),
    *_numbers("LENGTH", "WIDTH", "HEIGHT"),
    Column("BRAND", "commercial.brand", "Brand"),
    Column("SUBBRAND", "commercial.subBrand", "Sub brand"),
    Column("CATEGORY", "commercial.category", "Category"),
    Column("SUBCATEGORY", "commercial.subCategory", "Subcategory"),
    Column("COLOR", "commercial.color", "Color"),
    Column("STYLE", "commercial.style", "Style"),
    Column("SIZE1", "commercial.size1", "Size 1"),
    Column("SIZE2", "commercial.size2", "Size 2"),
    Column("WEBENABLED", "commercial.isWebEnabled", "Web enabled"),
    Column("WEBNAME", "commercial.webName", "Web name"),
    Column("WEBSHORTDESC", "commercial.webShortDiscription", "Web short description"),
    Column("WEBLONGDESC", "commercial.webLongDescription", "Web long description"),
    Column("DROPSHIP", "sales.isAvailableForDropShip", "Drop ship"),
    Column("MRR", "isItemEnabledForMRR", "Monthly recurring revenue"),
    *_flags("HASSTARTENDDATES"),
    *_texts("TERMPERIOD", "TOTALPERIODS"),
    *_texts("INCOMEACCTKEY", "INVACCTKEY", "EXPENSEACCTKEY", "COGSACCTKEY", "OFFSETOEGLACCOUNTKEY"),
)

ITEM = Blueprint(
    name="ITEM",
    label="Item",
    store_name="inventory-control/item",
    key="ITEMID",
    columns=(
        RECORDNO,
        Column("ITEMID", "id", "Item ID"),
        Column("NAME", "name", "Name"),
        Column("ITEMTYPE", "itemType", "Item type", words=ITEM_TYPES),
        status(),
        Column("EXTENDED_DESCRIPTION", "extendedDescription", "Extended description"),
        Column("PODESCRIPTION", "poDescription", "Purchase order description"),
        Column("SODESCRIPTION", "soDescription", "Sales order description"),
        Column("NOTE", "notes", "Note"),
        Column("UPC", "precision.upc", "UPC"),
        Column("PRODUCTLINEID", "productLine.id", "Product line ID"),
        Column("PRODUCTLINERECORDNO", "productLine.key", "Product line key", XmlType.INTEGER),
        *_texts("PRODUCTTYPE"),
        Column("SUBSTITUTEID", "substituteItemId", "Substitute item ID"),
        Column("GLGROUP", "inventory.glGroup.id", "Item GL group"),
        Column("GLGRPKEY", "inventory.glGroup.key", "Item GL group key", XmlType.INTEGER),
        *_MONEY,
        *_TRACKING,
        *_TOTALS,
        Column("WHENLASTSOLD", "dateLastSold", "When last sold"),
        Column("WHENLASTRECEIVED", "dateLastReceived", "When last received"),
        *_SHOP,
        *further.ITEM,
        *AUDIT,
        *OWNERSHIP,
        record_url("ITEM"),
    ),
    relationships=(
        Relationship("PRODUCTLINE", "PRODUCTLINE", "productLine", "PRODUCTLINEID", "Product line"),
        Relationship("MELOCATION", "LOCATIONENTITY", "entity", "MEGAENTITYID", "Created at - Entity"),
    ),
    writes=FULL,
)

"""`inventory-control/item`. Source: the reference, 5.1."""

from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
from intacct_sf_pipeline.sandbox.intacct.schema.types import (
    AUDIT,
    ENTITY,
    HREF,
    KEY,
    Field,
    Kind,
    ObjectSpec,
    OwnedList,
    Ref,
    amount,
    choice,
    day,
    flag,
    identifier,
    number,
    text,
)

ITEM = "inventory-control/item"
TOTALS = {
    "quantityOnHand": "onHand",
    "quantityOnHold": "onHold",
    "quantityOnOrder": "onOrder",
    "quantityInTransit": "inTransit",
    "quantityReserved": "reserved",
    "quantityAllocated": "allocated",
    "quantityUncommitted": "unCommitted",
}
"""Item total -> the member of `item-warehouse-inventory` it sums."""


def _groups() -> tuple[Field | Ref, ...]:
    """The nested groups the sync or an export may touch."""
    return (
        number("inventory.shippingWeight"),
        flag("inventory.autoPrintLabel"),
        Ref("inventory.glGroup", "inventory-control/item-gl-group", shows=("key", "id")),
        amount("purchasing.standardCost", 10, 15),
        amount("sales.basePrice", 10, 15),
        flag("sales.isTaxable", default=True),
        Ref("sales.taxGroup", "tax/item-tax-group", shows=("key", "id")),
        text("sales.taxCode", 32),
        flag("sales.isAvailableForDropShip"),
        flag("sales.isAvailableForBuyToOrder"),
        flag("sales.allowMultipleTaxGroups"),
        text("precision.upc", 40),
        Field("precision.inventoryPrecision", Kind.INTEGER),
        Field("precision.salesPrecision", Kind.INTEGER),
        Field("precision.purchasingPrecision", Kind.INTEGER),
        flag("tracking.enableSerialNo"),
        text("tracking.serialMask", 40),
        flag("tracking.enableLotCategory"),
        flag("tracking.enableBins"),
        flag("tracking.enableExpiration"),
        *(
            text(f"commercial.{name}", 30)
            for name in ("brand", "subBrand", "category", "subCategory", "catalogReference", "color", "style")
        ),
        text("commercial.size1", 30),
        text("commercial.size2", 30),
        text("commercial.webName", 100),
        text("commercial.webShortDiscription", 1000),
        text("commercial.webLongDescription", 2000),
        flag("commercial.isGiftCard"),
        flag("commercial.isWebEnabled"),
    )


def item(_options: CompanyOptions) -> ObjectSpec:
    """A product or service. The totals are read-only sums over the warehouses, sent as strings."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        identifier(30),
        HREF,
        Field("name", max_length=100, required=True, nullable=False),
        Field(
            "itemType",
            Kind.ENUM,
            enum=(
                "inventory",
                "nonInventory",
                "purchaseOnlyNonInventory",
                "salesOnlyNonInventory",
                "kit",
                "stockableKit",
            ),
            required=True,
            nullable=False,
        ),
        Field(
            "costMethod",
            Kind.ENUM,
            enum=("null", "standard", "average", "FIFO", "LIFO"),
            required=True,
            nullable=False,
            mutable=False,
        ),
        choice("status", "active", "inactive", default="active"),
        text("notes", 1000),
        text("description", 400),
        text("extendedDescription", 400),
        text("poDescription", 400),
        text("soDescription", 400),
        Ref("productLine", "inventory-control/product-line"),
        Ref("unitOfMeasureGroup", "inventory-control/unit-of-measure-group"),
        *(
            Field(name, max_length=10, read_only=True, mutable=False, computed="item_total", kind=Kind.DECIMAL)
            for name in TOTALS
        ),
        day("dateLastSold", read_only=True, mutable=False),
        day("dateLastReceived", read_only=True, mutable=False),
        text("substituteItemId", 30),
        flag("enableFulfillment"),
        flag("isItemEnabledForMRR"),
        flag("isSuppliesItem"),
        flag("isEnabledForContracts"),
        *_groups(),
        Ref("attachment", "company-config/attachment"),
        ENTITY,
        *AUDIT,
    )
    lists = (OwnedList("warehouseInfo", "inventory-control/item-warehouse-inventory", via="item"),)
    return ObjectSpec(ITEM, members, lists, unique_name=True)

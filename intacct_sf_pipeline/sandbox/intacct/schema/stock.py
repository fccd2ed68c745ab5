"""Warehouses, stock per item and warehouse, standard costs. Source: the reference, 5.2, 5.3, 5.5."""

from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
from intacct_sf_pipeline.sandbox.intacct.schema.items import ITEM
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

WAREHOUSE = "inventory-control/warehouse"
STOCK = "inventory-control/item-warehouse-inventory"
STANDARD_COST = "inventory-control/item-warehouse-standard-cost"
QUANTITIES = ("onHand", "onHold", "onOrder", "inTransit", "reserved", "allocated", "unCommitted")


def warehouse(_options: CompanyOptions) -> ObjectSpec:
    """A place that keeps stock; location and manager show joined ids."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        identifier(40),
        HREF,
        Field("name", required=True, nullable=False),
        Ref("location", "company-config/location", shows=("key", "id", "name", "href"), required=True, joined_id=True),
        Ref("parent", WAREHOUSE, indexed=True),
        Ref("manager", "company-config/employee", joined_id=True),
        Ref("contacts.primary", "company-config/contact", indexed=True),
        Ref("contacts.shipTo", "company-config/contact", indexed=True),
        choice("status", "active", "inactive", default="active"),
        flag("isReplenishmentEnabled"),
        flag("enableNegativeInv"),
        ENTITY,
        *AUDIT,
    )
    return ObjectSpec(WAREHOUSE, members)


def item_warehouse_inventory(_options: CompanyOptions) -> ObjectSpec:
    """One row per item and warehouse; quantities are integers that only stock movements change."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        Field("id", read_only=True, mutable=False),
        HREF,
        Ref("item", ITEM, required=True, indexed=True, is_owner=True),
        Ref("warehouse", WAREHOUSE, required=True, indexed=True),
        *(Field(name, Kind.INTEGER, read_only=True, mutable=False, default=0) for name in QUANTITIES),
        amount("standardCost", 10, 15),
        amount("averageCost", 10, 15),
        amount("lastCost", 10, 15, read_only=True, mutable=False),
        text("storageArea"),
        *(
            number(name)
            for name in (
                "economicOrderQuantity",
                "reorderPoint",
                "reorderQuantity",
                "minOrderQuantity",
                "maxOrderQuantity",
                "maximumStock",
                "minimumStock",
                "safetyStock",
            )
        ),
        text("reorderMethod", read_only=True),
        text("replenishmentMethod"),
        flag("enableReplenishment"),
        day("lastSoldDate", read_only=True, mutable=False),
        day("lastReceivedDate", read_only=True, mutable=False),
        ENTITY,
        *AUDIT,
    )
    lists = (OwnedList("standardCostEntries", STANDARD_COST, via="itemWarehouse"),)
    return ObjectSpec(STOCK, members, lists, kind="ownedObject", id_is_key=True)


def item_warehouse_standard_cost(_options: CompanyOptions) -> ObjectSpec:
    """A standard cost that starts on a day."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        Field("id", read_only=True, mutable=False),
        HREF,
        Field("effectiveStartDate", Kind.DATE, required=True, nullable=False),
        Field("standardCost", Kind.DECIMAL, max_length=15, required=True, nullable=False),
        Ref("itemWarehouse", STOCK, required=True, indexed=True, is_owner=True),
        *AUDIT,
    )
    return ObjectSpec(STANDARD_COST, members, kind="ownedObject", id_is_key=True)

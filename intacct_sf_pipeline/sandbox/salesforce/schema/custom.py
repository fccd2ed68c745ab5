"""The custom fields and the custom object that an administrator adds for the integration.

`OrgFeatures(custom_fields=False)` leaves all of this out, as in an org that nobody has prepared.
"""

from intacct_sf_pipeline.sandbox.salesforce.schema.fields import (
    READ_ONLY,
    lookup,
    moment,
    number,
    own_id,
    owner,
    system_fields,
    text,
)
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType

QUANTITY = (18, 4)


def intacct_id() -> Field:
    """The key: text, external id, unique without regard to case."""
    return text("IntacctID__c", "Intacct ID", 100, external=True, unique=True, id_lookup=True)


def sync_fields() -> tuple[Field, ...]:
    """What Account and Contact carry."""
    return (
        intacct_id(),
        text("SyncStatus__c", "Sync Status", 40),
        text("SyncMessage__c", "Sync Message", 255),
    )


def product_fields() -> tuple[Field, ...]:
    """What Product2 carries."""
    return (
        intacct_id(),
        text("ProductClass__c", "Product Class", 40),
        number("Quantity__c", "Quantity", *QUANTITY),
        number("OnHand__c", "On Hand", *QUANTITY),
        number("Available__c", "Available", *QUANTITY),
        moment("StockAsOf__c", "Stock As Of"),
    )


def warehouse_stock() -> SObjectType:
    """One row per product and warehouse."""
    fields = (
        own_id(),
        text(
            "Name", "Warehouse Stock Name", 80, nillable=False, name_field=True, defaulted_on_create=True, **READ_ONLY
        ),
        intacct_id(),
        lookup("Product__c", "Product", "Product2", child_relationship="WarehouseStocks__r"),
        text("Warehouse__c", "Warehouse", 80),
        number("OnHand__c", "On Hand", *QUANTITY),
        number("Available__c", "Available", *QUANTITY),
        moment("StockAsOf__c", "Stock As Of"),
        owner(),
        *system_fields(viewed=True),
    )
    return SObjectType("WarehouseStock__c", "Warehouse Stock", "Warehouse Stocks", "a00", fields)

"""Product2, Pricebook2 and PricebookEntry. Source: salesforce.md sections 8.3 and 8.4."""

from intacct_sf_pipeline.sandbox.salesforce.schema.fields import (
    READ_ONLY,
    area,
    boolean,
    currency,
    lookup,
    own_id,
    picklist,
    system_fields,
    text,
    url,
)
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType

PRODUCT_CLASSES = ("Simple", "VariationParent", "Variation", "Bundle", "Set")


def product(extra: tuple[Field, ...]) -> SObjectType:
    """The Product2 object with the given custom fields."""
    fields = (
        own_id(),
        text("Name", "Product Name", 255, nillable=False, name_field=True),
        text("ProductCode", "Product Code", 255),
        area("Description", "Product Description", 4_000),
        boolean("IsActive", "Active"),
        picklist("Family", "Product Family"),
        text("ExternalId", "External ID", 255),
        url("DisplayUrl", "Display URL", 1_000),
        picklist("QuantityUnitOfMeasure", "Quantity Unit Of Measure", ("Each",)),
        boolean("IsArchived", "Archived", **READ_ONLY),
        text("StockKeepingUnit", "Product SKU", 180),
        picklist("Type", "Product Type", ("Base", "Bundle", "Set"), restricted=True, updateable=False),
        picklist(
            "ProductClass",
            "Product Class",
            PRODUCT_CLASSES,
            restricted=True,
            nillable=False,
            defaulted_on_create=True,
            default="Simple",
            **READ_ONLY,
        ),
        *system_fields(viewed=True),
        *extra,
    )
    return SObjectType("Product2", "Product", "Products", "01t", fields)


def price_book(extra: tuple[Field, ...]) -> SObjectType:
    """The Pricebook2 object."""
    fields = (
        own_id(),
        text("Name", "Price Book Name", 255, nillable=False, name_field=True),
        boolean("IsActive", "Active"),
        boolean("IsArchived", "Archived", **READ_ONLY),
        text("Description", "Description", 255),
        boolean("IsStandard", "Is Standard Price Book", **READ_ONLY),
        *system_fields(viewed=True),
        *extra,
    )
    return SObjectType("Pricebook2", "Price Book", "Price Books", "01s", fields)


def price_book_entry(extra: tuple[Field, ...]) -> SObjectType:
    """The PricebookEntry object: product and book are fixed at creation, name and code are copies of the product's."""
    fields = (
        own_id(),
        text("Name", "Product Name", 255, name_field=True, **READ_ONLY),
        lookup(
            "Pricebook2Id",
            "Price Book ID",
            "Pricebook2",
            nillable=False,
            updateable=False,
            cascade=True,
            child_relationship="PricebookEntries",
        ),
        lookup(
            "Product2Id",
            "Product ID",
            "Product2",
            nillable=False,
            updateable=False,
            cascade=True,
            child_relationship="PricebookEntries",
        ),
        currency("UnitPrice", "List Price", 18, 2, nillable=False, defaulted_on_create=True),
        boolean("IsActive", "Active"),
        boolean("UseStandardPrice", "Use Standard Price"),
        text("ProductCode", "Product Code", 255, **READ_ONLY),
        boolean("IsArchived", "Archived", **READ_ONLY),
        *system_fields(),
        *extra,
    )
    return SObjectType("PricebookEntry", "Price Book Entry", "Price Book Entries", "01u", fields, undeletable=False)

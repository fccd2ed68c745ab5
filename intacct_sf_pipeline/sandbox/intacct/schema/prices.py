"""Price lists and their entries. Source: the reference, 5.5."""

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
    Ref,
    amount,
    choice,
    day,
    flag,
    identifier,
    text,
)

PRICE_LIST = "inventory-control/price-list"
PRICE_LIST_ENTRY = "inventory-control/price-list-entry"


def price_list(_options: CompanyOptions) -> ObjectSpec:
    """A named set of prices, for sales (`orderEntry`) or purchases."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        identifier(20),
        HREF,
        Field("appliesTo", Kind.ENUM, enum=("purchasing", "orderEntry"), required=True, nullable=False),
        day("startDate"),
        day("endDate"),
        choice("status", "active", "inactive", default="active"),
        ENTITY,
        *AUDIT,
    )
    return ObjectSpec(PRICE_LIST, members)


def price_list_entry(_options: CompanyOptions) -> ObjectSpec:
    """One price, for an item or a product line, within dates and quantities.

    The schema marks both `item` and `productLine` required although an entry addresses one of them (UNCONFIRMED):
    here one of the two suffices (`writes.rules`).
    """
    members: tuple[Field | Ref, ...] = (
        KEY,
        Field("id", read_only=True, mutable=False),
        HREF,
        Ref("priceList", PRICE_LIST, required=True, indexed=True, is_owner=True),
        Ref("item", ITEM, shows=("key", "id", "name", "href"), indexed=True),
        Ref("productLine", "inventory-control/product-line"),
        Field("startDate", Kind.DATE, required=True, nullable=False),
        Field("endDate", Kind.DATE, required=True, nullable=False),
        Field("value", Kind.DECIMAL, max_length=21, required=True, nullable=False),
        Field(
            "valueType",
            Kind.ENUM,
            enum=("actual", "dollarMarkup", "dollarDiscount", "markupPercent", "discountPercent"),
            required=True,
            nullable=False,
        ),
        text("currency", 3),
        amount("minimumQuantity", 8),
        amount("maximumQuantity", 8),
        flag("isFixedPrice"),
        Ref("employee", "company-config/employee"),
        choice("status", "active", "inactive", default="active"),
        ENTITY,
        *AUDIT,
    )
    return ObjectSpec(PRICE_LIST_ENTRY, members, kind="ownedObject", id_is_key=True)

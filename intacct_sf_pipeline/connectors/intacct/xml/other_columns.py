"""Warehouses, price lists and their entries, entities. Source: their pages; header fields of price lists beyond
RECORDNO and NAME, and all of the entries', follow the 2.1 DTD's `pricelistitem` and are UNCONFIRMED.
"""

from __future__ import annotations

from typing import Final

from intacct_sf_pipeline.connectors.intacct.xml.columns import (
    AUDIT,
    KEY,
    OWNER,
    STATUS,
    Kind,
    XmlObject,
    choice,
    of,
    shown,
    text,
)

_VALUE_TYPES = {
    "actual": "Actual",
    "dollarMarkup": "Dollar markup",
    "dollarDiscount": "Dollar discount",
    "markupPercent": "Percent markup",
    "discountPercent": "Percent discount",
}
_DATES = of(Kind.DATE, ("startDate", "DATEFROM"), ("endDate", "DATETO"))

WAREHOUSE: Final = XmlObject(
    name="inventory-control/warehouse",
    xml="WAREHOUSE",
    id="WAREHOUSEID",
    columns=(
        KEY,
        text("id", "WAREHOUSEID"),
        text("name", "NAME"),
        # REST joins the ids of location and manager with their names; by these columns rows would differ.
        text("parent.id", "PARENTID"),
        text("contacts.primary.id", "CONTACTINFO.CONTACTNAME"),
        text("contacts.shipTo.id", "SHIPTO.CONTACTNAME"),
        STATUS,
        *of(
            Kind.BOOLEAN,
            ("isReplenishmentEnabled", "ENABLE_REPLENISHMENT"),
            ("enableNegativeInv", "ENABLENEGATIVEINV"),
        ),
        *AUDIT,
        *OWNER,
    ),
    creates=True,
    required=frozenset({"id", "name"}),
)
PRICE_LIST: Final = XmlObject(
    name="inventory-control/price-list",
    xml="INVPRICELIST",
    id="NAME",
    columns=(
        KEY,
        text("id", "NAME"),
        *_DATES,
        STATUS,
        choice("appliesTo", "SALEPURCHASE", {"orderEntry": "Sale", "purchasing": "Purchase"}),
        *AUDIT,
        *OWNER,
    ),
)
PRICE_LIST_ENTRY: Final = XmlObject(
    name="inventory-control/price-list-entry",
    xml="INVPRICELISTENTRY",
    columns=(
        KEY,
        shown("id", "RECORDNO"),
        shown("priceList.id", "PRICELISTID"),
        shown("priceList.key", "INVPRICELIST.RECORDNO"),
        shown("item.id", "ITEMID"),
        shown("item.key", "ITEM.RECORDNO"),
        shown("item.name", "ITEM.NAME"),
        shown("productLine.id", "PRODUCTLINEID"),
        *_DATES,
        *of(Kind.DECIMAL, ("value", "VALUE"), ("minimumQuantity", "QTYLIMITMIN"), ("maximumQuantity", "QTYLIMITMAX")),
        choice("valueType", "VALUETYPE", _VALUE_TYPES),
        *of(Kind.BOOLEAN, ("isFixedPrice", "FIXED")),
        shown("currency", "CURRENCY"),
        shown("employee.id", "EMPLOYEEID"),
        STATUS,
        *AUDIT,
        *OWNER,
    ),
)
ENTITY: Final = XmlObject(
    name="company-config/entity",
    xml="LOCATIONENTITY",
    id="LOCATIONID",
    columns=(KEY, shown("id", "LOCATIONID"), shown("name", "NAME"), STATUS, *AUDIT),
)

"""Price lists and their entries. Source: the XML reference, 7.5.

The Inventory Control lists are all lists; Order Entry lists are those for sales, Purchasing lists those for purchases.
Names of header fields beyond RECORDNO and NAME, and all of the entries', are UNCONFIRMED: they follow the 2.1 DTD's
`pricelistitem`.
"""

from collections.abc import Iterable

from intacct_sf_pipeline.sandbox.intacct.schema.prices import PRICE_LIST, PRICE_LIST_ENTRY
from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import (
    AUDIT,
    OWNERSHIP,
    RECORDNO,
    Blueprint,
    Column,
    Relationship,
    RowSource,
    XmlType,
    letters,
    record_url,
    status,
)

SALES, PURCHASES = "orderEntry", "purchasing"
VALUE_TYPES = letters(
    ("actual", "Actual", "A"),
    ("dollarMarkup", "Dollar markup", "M"),
    ("dollarDiscount", "Dollar discount", "D"),
    ("markupPercent", "Percent markup", "P"),
    ("discountPercent", "Percent discount", "C"),
)
_KINDS = letters((SALES, "Sale", "O"), (PURCHASES, "Purchase", "P"))


def _lists(kind: str) -> RowSource:
    def rows(store: Store) -> Iterable[Row]:
        return [row for row in store[PRICE_LIST].rows.values() if row.get("appliesTo") == kind]

    return rows


def _entries(kind: str) -> RowSource:
    def rows(store: Store) -> Iterable[Row]:
        lists = store[PRICE_LIST].rows
        return [
            row
            for row in store[PRICE_LIST_ENTRY].rows.values()
            if lists[str(row["priceList.key"])].get("appliesTo") == kind
        ]

    return rows


def _header(name: str, label: str, source: RowSource | None) -> Blueprint:
    return Blueprint(
        name=name,
        label=label,
        store_name=PRICE_LIST,
        key="NAME",
        columns=(
            RECORDNO,
            Column("NAME", "id", "Name"),
            Column("DATEFROM", "startDate", "Date from"),
            Column("DATETO", "endDate", "Date to"),
            Column("SALEPURCHASE", "appliesTo", "Sale or purchase", words=_KINDS),
            status(),
            *AUDIT,
            *OWNERSHIP,
            record_url(name),
        ),
        source=source,
    )


def _entry(name: str, label: str, header: str, source: RowSource | None) -> Blueprint:
    return Blueprint(
        name=name,
        label=label,
        store_name=PRICE_LIST_ENTRY,
        key="RECORDNO",
        columns=(
            RECORDNO,
            Column("PRICELISTID", "priceList.id", "Price list"),
            Column("PRICELISTKEY", "priceList.key", "Price list key", XmlType.INTEGER),
            Column("ITEMID", "item.id", "Item ID"),
            Column("ITEMNAME", "item.name", "Item name"),
            Column("PRODUCTLINEID", "productLine.id", "Product line ID"),
            Column("DATEFROM", "startDate", "Date from"),
            Column("DATETO", "endDate", "Date to"),
            Column("QTYLIMITMIN", "minimumQuantity", "Minimum quantity"),
            Column("QTYLIMITMAX", "maximumQuantity", "Maximum quantity"),
            Column("VALUE", "value", "Value", XmlType.CURRENCY),
            Column("VALUETYPE", "valueType", "Value type", words=VALUE_TYPES),
            Column("FIXED", "isFixedPrice", "Fixed price"),
            Column("CURRENCY", "currency", "Currency"),
            Column("EMPLOYEEID", "employee.id", "Employee ID"),
            status(),
            *AUDIT,
            *OWNERSHIP,
        ),
        relationships=(
            Relationship(header, header, "priceList", "PRICELISTID", "Price list"),
            Relationship("ITEM", "ITEM", "item", "ITEMID", "Item"),
        ),
        source=source,
    )


HEADERS = (
    _header("INVPRICELIST", "Inventory price list", None),
    _header("SOPRICELIST", "Order entry price list", _lists(SALES)),
    _header("POPRICELIST", "Purchasing price list", _lists(PURCHASES)),
)
ENTRIES = (
    _entry("INVPRICELISTENTRY", "Inventory price list entry", "INVPRICELIST", None),
    _entry("SOPRICELISTENTRY", "Order entry price list entry", "SOPRICELIST", _entries(SALES)),
    _entry("POPRICELISTENTRY", "Purchasing price list entry", "POPRICELIST", _entries(PURCHASES)),
)

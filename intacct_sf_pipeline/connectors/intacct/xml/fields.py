"""From the mapping's names to XML names: one plain table per object; what no table lists is looked up in the company.

A company's own field `nsp::JOB` is JOB in XML, or X over both; a raw XML name of a field that REST does not have may
stand in the mapping as it is; an object that no table lists is taken by its XML name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from intacct_sf_pipeline.connectors.intacct.xml.columns import AUDIT, KEY, Column, Kind, XmlObject
from intacct_sf_pipeline.connectors.intacct.xml.contact_columns import CONTACT, CUSTOMER_CONTACT
from intacct_sf_pipeline.connectors.intacct.xml.customer_columns import CUSTOMER
from intacct_sf_pipeline.connectors.intacct.xml.item_columns import ITEM, STOCK
from intacct_sf_pipeline.connectors.intacct.xml.other_columns import ENTITY, PRICE_LIST, PRICE_LIST_ENTRY, WAREHOUSE

OBJECTS: Final[Mapping[str, XmlObject]] = {
    entry.name: entry
    for entry in (CUSTOMER, CUSTOMER_CONTACT, CONTACT, ITEM, STOCK, WAREHOUSE, PRICE_LIST, PRICE_LIST_ENTRY, ENTITY)
}
"""By REST name."""

_DATA_TYPES: Final = {
    "INTEGER": Kind.INTEGER,
    "BOOLEAN": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    "TIMESTAMP": Kind.STAMP,
    "DECIMAL": Kind.NUMBER,
    "CURRENCY": Kind.NUMBER,
    "PERCENT": Kind.NUMBER,
}


def object_of(name: str) -> XmlObject:
    """The object a mapping names: of a table, or any other by its XML name (or the last part of its REST name)."""
    found = OBJECTS.get(name)
    if found is None:
        return XmlObject(name, name.rpartition("/")[2].replace("-", "").upper(), (KEY, *AUDIT))
    return found


def custom_name(name: str) -> str:
    """The XML name of a company's own field, of which the table says nothing."""
    return name.rpartition("::")[2]


def untabled(name: str, data_type: str) -> Column:
    """A column that no table lists, by what `lookup` tells of it."""
    kind = _DATA_TYPES.get(data_type.upper(), Kind.TEXT)
    return Column(name, (custom_name(name),), kind)

"""What a write says in XML: the record's element with nested groups, and its control id. Pure.

Source: functions; records; the reference, 2.4 and 5: an update is a patch, an empty element clears.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from intacct_sf_pipeline.connectors.intacct.xml.columns import Column, XmlObject
from intacct_sf_pipeline.connectors.intacct.xml.document import element
from intacct_sf_pipeline.connectors.intacct.xml.envelope import LONGEST_CONTROL_ID
from intacct_sf_pipeline.connectors.intacct.xml.formats import Formats
from intacct_sf_pipeline.connectors.intacct.xml.literals import write_value
from intacct_sf_pipeline.model.results import WriteRequest

_PRINT_AS: Final = "contacts.default.printAs"


def record_element(
    entry: XmlObject, request: WriteRequest, column: Callable[[str], Column], formats: Formats
) -> Element:
    """The record of a `create` or `update`.

    A new customer's display contact is named after it where nothing else is asked for (PRINTAS is required).

    Raises:
        ValueError: a column cannot be written, or its value cannot be sent.
    """
    values = dict(request.values)
    if request.create and request.natural_id is not None:
        values.setdefault("id", request.natural_id)
    if request.create and entry.xml == "CUSTOMER":
        values.setdefault(_PRINT_AS, values.get("name"))
    record = Element(entry.xml)
    if not request.create:
        record.append(element("RECORDNO", request.key))
    for name, value in values.items():
        path = column(name).write_path
        if not path:
            raise ValueError(f"{name} cannot be written through this interface")
        _put(record, path, write_value(column(name), value, formats))
    return record


def _put(record: Element, path: str, text: str) -> None:
    """Put a text at a dotted path, making groups on the way."""
    *groups, last = path.split(".")
    node = record
    for group in groups:
        found = node.find(group)
        node = SubElement(node, group) if found is None else found
    if node.find(last) is not None:
        raise ValueError(f"{path} is given twice")
    node.append(element(last, text))


def control_id(company_id: str, key: str, step: str) -> str:
    """The control id of one function: the write's idempotency key under its company; `step` tells calls for one record
    apart.

    Source: the reference, 2.4: whether the company is part of what is remembered is not known, so it stands in front.
    A write without a key gets a random one.
    """
    text = f"{company_id}|{key or uuid.uuid4()}.{step}"
    if len(text) <= LONGEST_CONTROL_ID:
        return text
    return f"{company_id}|{hashlib.sha256(text.encode()).hexdigest()}"


def list_element(customer_key: str, entries: list[Mapping[str, str | None]]) -> Element:
    """The update of a customer that appends entries to its contact list, or empties the list when there are none.

    An entry is `category` (None: without) and `name`, the contact's. Source: customers page, CONTACT_LIST_INFO.
    """
    record = element("CUSTOMER", None, element("RECORDNO", customer_key))
    for entry in entries:
        category = entry["category"]
        named = [] if category is None else [element("CATEGORYNAME", category)]
        record.append(
            element("CONTACT_LIST_INFO", None, *named, element("CONTACT", None, element("NAME", entry["name"])))
        )
    if not entries:
        record.append(element("CONTACT_LIST_INFO"))
    return element("update", None, record)

"""The generic functions `create`, `update` and `delete`.

Source: the XML reference, 3.2, 5 and 8.1: at most 100 records, types mixed; each record stands alone, and what was
written is listed in `data` although the function failed.
"""

from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.xml.calls import Data, ErrorEntry, FunctionCall, FunctionResult, XmlFault
from intacct_sf_pipeline.sandbox.intacct.xml.elements import branch, leaf
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlObject
from intacct_sf_pipeline.sandbox.intacct.xml.writes.chains import no_definition
from intacct_sf_pipeline.sandbox.intacct.xml.writes.given import from_element
from intacct_sf_pipeline.sandbox.intacct.xml.writes.writer import XmlWriter
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import too_many_keys

MOST = 100


def create(call: FunctionCall) -> FunctionResult:
    """`create`: new records.

    Raises:
        XmlFault: chains of the records refused, with those written in its data.
    """
    writer = XmlWriter(call)

    def write(entry: XmlObject, element: Element) -> Row:
        writer.check_permission("create", entry)
        return writer.create(entry, from_element(element))

    return _written(call, writer, write)


def update(call: FunctionCall) -> FunctionResult:
    """`update`: records named by RECORDNO or natural key, patched.

    Raises:
        XmlFault: as `create`.
    """
    writer = XmlWriter(call)
    item_by_id = call.company.options.xml.item_by_id

    def write(entry: XmlObject, element: Element) -> Row:
        writer.check_permission("update", entry)
        given = from_element(element)
        number, record_id = given.text("RECORDNO"), given.text(entry.key)
        if not number and (not record_id or (entry.name == "ITEM" and not item_by_id)):
            raise writer.refused("update", entry, f"RECORDNO is required to update {entry.label.lower()}.")
        row = writer.by_key(entry, number) if number else writer.by_id(entry, record_id)
        if row is None:
            raise writer.missing("update", entry, number or record_id)
        return writer.update(entry, given, row)

    return _written(call, writer, write)


def delete(call: FunctionCall) -> FunctionResult:
    """`delete`: records by record number; the answer has no `data`.

    Raises:
        XmlFault: chains of the records refused; the others are gone.
    """
    name, writer = call.text("object"), XmlWriter(call)
    entry = call.state.schema.get(name)
    if entry is None:
        raise XmlFault([no_definition(name)])
    writer.check_permission("delete", entry)
    keys = [key.strip() for key in call.text("keys").split(",") if key.strip()]
    if len(keys) > MOST:
        raise too_many_keys("delete", MOST)
    errors: list[ErrorEntry] = []
    for key in keys:
        try:
            writer.admit("delete", entry)
            writer.delete(entry, key, writer.by_key(entry, key))
        except XmlFault as fault:
            errors.extend(fault.errors)
    if errors or not keys:
        raise XmlFault(errors or writer.missing("delete", entry, "").errors)
    return call.answer()


def _written(call: FunctionCall, writer: XmlWriter, write: Callable[[XmlObject, Element], Row]) -> FunctionResult:
    """Writes every record of a call and lists those that were written."""
    records = list(call.element)
    if len(records) > MOST:
        raise too_many_keys(call.name, MOST)
    shown: list[Element] = []
    errors: list[ErrorEntry] = []
    for element in records:
        entry = call.state.schema.get(element.tag)
        try:
            if entry is None:
                call.gate.next()
                raise XmlFault([no_definition(element.tag)])
            writer.admit(call.name, entry)
            shown.append(_reference(entry, write(entry, element)))
        except XmlFault as fault:
            errors.extend(fault.errors)
    data = _objects(shown)
    if errors:
        raise XmlFault(errors, data)
    return call.answer(data)


def _objects(shown: Sequence[Element]) -> Data:
    return Data({"listtype": "objects", "count": str(len(shown))}, shown)


def _reference(entry: XmlObject, row: Row) -> Element:
    """A written record as the reply shows it: RECORDNO and the natural key."""
    children = [leaf("RECORDNO", str(row["key"]))]
    if entry.key != "RECORDNO":
        children.append(leaf(entry.key, str(row[entry.fields[entry.key].path])))
    return branch(entry.name.lower(), children)

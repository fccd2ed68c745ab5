"""`inspect`: an object's definition, briefly or in detail, or the list of all objects.

Source: the XML reference, 4.4. Permissions are not asked.
"""

from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.xml.calls import Data, FunctionCall, FunctionResult
from intacct_sf_pipeline.sandbox.intacct.xml.elements import branch, leaf
from intacct_sf_pipeline.sandbox.intacct.xml.lookup import ONE, answered
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlField, XmlObject, XmlType
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import unknown_object

_ALL = "*"
_DATA_NAMES = {
    XmlType.TEXT: "text",
    XmlType.INTEGER: "integer",
    XmlType.BOOLEAN: "boolean",
    XmlType.DATE: "date",
    XmlType.TIMESTAMP: "timestamp",
    XmlType.ENUM: "enum",
    XmlType.DECIMAL: "decimal",
    XmlType.CURRENCY: "currency",
    XmlType.PERCENT: "percent",
    XmlType.SEQUENCE: "sequence",
}
_LONGEST = {XmlType.TEXT: 1000, XmlType.INTEGER: 8, XmlType.BOOLEAN: 5, XmlType.DATE: 10, XmlType.TIMESTAMP: 19}
"""Longest text of a field whose table names none."""


def inspect(call: FunctionCall) -> FunctionResult:
    """Answers one `inspect`, in either form.

    Raises:
        XmlFault: the object does not exist.
    """
    name = call.text("object") or call.text("name")
    if name == _ALL:
        shown = [_type_name(entry) for entry in call.state.schema]
        return answered(call, Data({"listtype": "All", "count": str(len(shown))}, shown))
    entry = call.state.schema.get(name)
    if entry is None:
        raise unknown_object(name)
    detailed = call.element.get("detail") in ("1", "true")
    shown_type = Element("Type", {"Name": entry.name})
    shown_type.append(_attributes(entry))
    fields = [_detail(field) if detailed else leaf("Field", field.name) for field in entry.readable]
    shown_type.append(branch("Fields", fields))
    return answered(call, Data(ONE, [shown_type]))


def _type_name(entry: XmlObject) -> Element:
    element = leaf("type", entry.label)
    element.set("typename", entry.name)
    return element


def _attributes(entry: XmlObject) -> Element:
    return branch(
        "Attributes",
        (leaf("SingularName", entry.label), leaf("PluralName", f"{entry.label}s"), leaf("Description", entry.label)),
    )


def _detail(field: XmlField) -> Element:
    name = _DATA_NAMES[field.type]
    longest = field.max_length or _LONGEST.get(field.type)
    return branch(
        "Field",
        (
            leaf("Name", field.name),
            leaf("dataName", name),
            leaf("externalDataName", name),
            leaf("isRequired", "true" if field.required else "false"),
            leaf("isReadOnly", "true" if field.read_only else "false"),
            leaf("maxLength", "" if longest is None else str(longest)),
            leaf("DisplayLabel", field.label),
            leaf("Description", field.label),
            leaf("id", field.name),
        ),
    )

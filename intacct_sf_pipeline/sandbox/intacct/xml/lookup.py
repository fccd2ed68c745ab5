"""`lookup`: the fields and relationships of an object, exactly what `query` can use.

Source: the XML reference, 4.4; the vendor's page on object definitions. Permissions are not asked: a field list does
not prove that the user may query the object. `listtype` of the answer is UNCONFIRMED; it follows `inspect`.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.xml.calls import Data, FunctionCall, FunctionResult
from intacct_sf_pipeline.sandbox.intacct.xml.elements import branch, leaf
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import Relationship, XmlField, XmlObject, XmlType
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import unknown_object

ONE = {"listtype": "All", "count": "1"}
"""Attributes of the `data` around one type."""


def lookup(call: FunctionCall) -> FunctionResult:
    """Answers one `lookup`.

    Raises:
        XmlFault: the object does not exist.
    """
    name = call.text("object") or call.text("name")
    entry = call.state.schema.get(name)
    if entry is None:
        raise unknown_object(name)
    shown = Element("Type", {"Name": entry.name, "DocumentType": call.text("docparid")})
    shown.append(branch("Fields", (_field(field) for field in entry.readable)))
    shown.append(branch("Relationships", (_relationship(entry, found) for found in entry.relationships.values())))
    return answered(call, Data(ONE, [shown]))


def answered(call: FunctionCall, data: Data) -> FunctionResult:
    """The answer of a call about the model, counted as the switch says."""
    if call.company.options.xml.metered_lookups:
        call.company.transactions.read(call.name)
    else:
        call.company.transactions.model_calls += 1
    return call.answer(data)


def words(field: XmlField) -> Iterator[str]:
    """What a choice may be, as `query` and `create` say it; the empty choice is not listed."""
    if field.type is XmlType.BOOLEAN:
        yield from ("true", "false")
    yield from (word.word for word in field.words if word.word)


def _field(field: XmlField) -> Element:
    children = [
        leaf("ID", field.name),
        leaf("LABEL", field.label),
        leaf("DESCRIPTION", field.label),
        leaf("REQUIRED", _flag(field.required)),
        leaf("READONLY", _flag(field.read_only)),
        leaf("DATATYPE", field.type.value),
    ]
    valid = list(words(field))
    if valid:
        children.append(branch("VALIDVALUES", (leaf("VALIDVALUE", word) for word in valid)))
    return branch("Field", [*children, leaf("ISCUSTOM", _flag(field.custom))])


def _relationship(entry: XmlObject, found: Relationship) -> Element:
    return branch(
        "Relationship",
        (
            leaf("OBJECTPATH", found.path),
            leaf("OBJECTNAME", found.target),
            leaf("LABEL", found.label or entry.label),
            leaf("RELATIONSHIPTYPE", "MANY2ONE"),
            leaf("RELATEDBY", found.related_by),
        ),
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"

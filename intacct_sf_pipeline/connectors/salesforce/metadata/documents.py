"""The XML of each component, byte for byte the same each time: members in the order in which Salesforce writes them.

Source: Metadata API Developer Guide (CustomField, CustomObject, PermissionSet, package.xml); source trees of public
projects for the order: the full name first, then by alphabet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from intacct_sf_pipeline.connectors.salesforce.metadata.access import FieldAccess, ObjectAccess
from intacct_sf_pipeline.connectors.salesforce.metadata.fields import (
    DESCRIPTION_LENGTH,
    HELP_LENGTH,
    LABEL_LENGTH,
    CustomField,
    CustomObject,
    Kind,
    label_of,
)

NAMESPACE: Final = "http://soap.sforce.com/2006/04/metadata"
_VISIBLE_LINES: Final = 5
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold; a label in the mapping might. Source: XML 1.0, 2.2."""
Member = tuple[str, "str | bool | int | Sequence[Member]"]
"""A name, and its text or its own members."""


def field_document(field: CustomField) -> bytes:
    """`<Field>.field-meta.xml`."""
    members: list[Member] = [
        ("description", (field.description or field.help)[:DESCRIPTION_LENGTH]),
        ("inlineHelpText", field.help[:HELP_LENGTH]),
        ("label", field.label),
        ("type", field.kind.value),
        *_of_kind(field),
    ]
    return _document("CustomField", [("fullName", field.name), *sorted(members)])


def _of_kind(field: CustomField) -> Iterable[Member]:
    """The members that the type asks for, and those it alone admits."""
    match field.kind:
        case Kind.CHECKBOX:
            yield "defaultValue", False
            return
        case Kind.TEXT:
            yield "length", field.length or 0
            yield "externalId", field.external_id
            yield "unique", field.unique
            if field.unique:
                yield "caseSensitive", False
        case Kind.LONG_TEXT:
            yield "length", field.length or 0
            yield "visibleLines", _VISIBLE_LINES
            return
        case Kind.NUMBER:
            yield "precision", field.precision or 0
            yield "scale", field.scale or 0
        case Kind.PICKLIST:
            yield "valueSet", _value_set(field.values)
        case Kind.LOOKUP:
            yield "deleteConstraint", "SetNull"
            yield "referenceTo", field.refers_to
            yield "relationshipLabel", label_of(field.object)[: LABEL_LENGTH - 1] + "s"
            yield "relationshipName", _relationship(field)
        case _:
            pass
    yield "required", False


def _value_set(values: Sequence[str]) -> list[Member]:
    entries: list[Member] = [("value", [("fullName", one), ("default", False), ("label", one)]) for one in values]
    return [("restricted", False), ("valueSetDefinition", [("sorted", False), *entries])]


def _relationship(field: CustomField) -> str:
    """The list of children on the parent; field and object together, since two lookups may lead to one parent."""
    object_name = field.object.removesuffix("__c").replace("_", "")
    return f"{object_name}{field.name.removesuffix('__c').replace('_', '')}"[:LABEL_LENGTH]


def object_document(sobject: CustomObject) -> bytes:
    """`<Object>.object-meta.xml`; its fields are files of their own."""
    name_field: list[Member] = [
        ("displayFormat", sobject.number_format),
        ("label", f"{sobject.label[: LABEL_LENGTH - 7]} Number"),
        ("type", "AutoNumber"),
    ]
    members: list[Member] = [
        ("deploymentStatus", "Deployed"),
        ("description", sobject.description[:DESCRIPTION_LENGTH]),
        ("enableReports", True),
        ("enableSearch", True),
        ("label", sobject.label),
        ("nameField", name_field),
        ("pluralLabel", sobject.plural),
        ("sharingModel", "ReadWrite"),
    ]
    return _document("CustomObject", members)


def permission_document(
    label: str, description: str, objects: Iterable[ObjectAccess], fields: Iterable[FieldAccess]
) -> bytes:
    """`<Name>.permissionset-meta.xml`."""
    members: list[Member] = [("description", description)]
    for one in fields:
        shown: list[Member] = [("editable", one.editable), ("field", one.field), ("readable", True)]
        members.append(("fieldPermissions", shown))
    members += [("hasActivationRequired", False), ("label", label)]
    for access in objects:
        members.append(("objectPermissions", _object_permission(access)))
    members.append(("userPermissions", [("enabled", True), ("name", "ApiEnabled")]))
    return _document("PermissionSet", members)


def _object_permission(access: ObjectAccess) -> list[Member]:
    return [
        ("allowCreate", access.create),
        ("allowDelete", False),
        ("allowEdit", access.edit or access.create),
        ("allowRead", True),
        ("modifyAllRecords", False),
        ("object", access.object),
        ("viewAllRecords", access.view_all),
    ]


def manifest_document(members: Sequence[tuple[str, Sequence[str]]], api_version: str) -> bytes:
    """`package.xml`: names by type, both in the order of the alphabet."""
    types: list[Member] = [
        ("types", [*(("members", name) for name in sorted(names)), ("name", kind)])
        for kind, names in sorted(members)
        if names
    ]
    return _document("Package", [*types, ("version", api_version)])


def _document(root: str, members: Sequence[Member]) -> bytes:
    top = Element(root, {"xmlns": NAMESPACE})
    _fill(top, members)
    indent(top, "    ")
    text: bytes = tostring(top, encoding="UTF-8", xml_declaration=True)
    return text.replace(b"<?xml version='1.0' encoding='UTF-8'?>", b'<?xml version="1.0" encoding="UTF-8"?>') + b"\n"


def _fill(node: Element, members: Sequence[Member]) -> None:
    for name, value in members:
        child = SubElement(node, name)
        if isinstance(value, bool):
            child.text = "true" if value else "false"
        elif isinstance(value, str | int):
            child.text = _FORBIDDEN.sub(" ", str(value))
        else:
            _fill(child, value)

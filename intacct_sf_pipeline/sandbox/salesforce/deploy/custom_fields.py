"""From a CustomField component to a field of the schema: which members each type asks for and admits.

Source: Metadata API Developer Guide (CustomField); Salesforce Help, Custom Field Types and Custom Field Attributes.
"""

import re
from collections.abc import Callable, Collection, Mapping

from intacct_sf_pipeline.sandbox.salesforce.deploy.components import NAMESPACE, Component, check_members
from intacct_sf_pipeline.sandbox.salesforce.schema.fields import (
    boolean,
    email,
    long_area,
    lookup,
    moment,
    number,
    phone,
    picklist,
    text,
)
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field

_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c")
_LONGEST_NAME = 43
_COMMON = ("fullName", "label", "type", "description", "inlineHelpText", "trackHistory", "trackFeedHistory")
_LIMITS = {"label": 40, "description": 1000, "inlineHelpText": 510}
_DIGITS = 18


def field_of(component: Component, objects: Collection[str]) -> Field:
    """The field that a component describes; `objects` are the names, in lower case, of those a lookup may lead to.

    Raises:
        DeployError: the service would refuse it.
    """
    name = component.name.rpartition(".")[2]
    if component.text("fullName") != name:
        raise component.refuse(f"fullName '{component.text('fullName')}' does not match the file name")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise component.refuse(f"The name '{name}' is not a valid API name for a custom field")
    kind = component.text("type")
    make = _KINDS.get(kind)
    if make is None:
        raise component.refuse(f"'{kind}' is not a valid value for the enum 'FieldType'")
    members, build = make
    component.check_members((*_COMMON, *members))
    for member, most in _LIMITS.items():
        if len(component.text(member, "")) > most:
            raise component.refuse(f"{member} is longer than {most} characters")
    if not component.text("label"):
        raise component.refuse("Required field is missing: label")
    if kind == "Lookup" and component.text("referenceTo").lower() not in objects:
        raise component.refuse(f"referenceTo value of '{component.text('referenceTo')}' does not resolve to an object")
    return build(component, name, component.text("label"))


def _text(component: Component, name: str, label: str) -> Field:
    unique = component.flag("unique")
    if component.has("caseSensitive") and not unique and not component.flag("externalId"):
        raise component.refuse("Can not specify 'caseSensitive' for a CustomField that is not unique")
    return text(
        name,
        label,
        component.number("length", 1, 255),
        external=component.flag("externalId"),
        unique=unique,
        case_sensitive=component.flag("caseSensitive"),
        nillable=not component.flag("required"),
    )


def _long_text(component: Component, name: str, label: str) -> Field:
    component.number("visibleLines", 2, 50)
    return long_area(name, label, component.number("length", 256, 131_072))


def _number(component: Component, name: str, label: str) -> Field:
    precision = component.number("precision", 1, _DIGITS)
    scale = component.number("scale", 0, precision)
    nillable = not component.flag("required")
    if component.flag("externalId") or component.flag("unique"):
        return number(
            name,
            label,
            precision,
            scale,
            external=component.flag("externalId"),
            unique=component.flag("unique"),
            nillable=nillable,
        )
    return number(name, label, precision, scale, nillable=nillable)


def _checkbox(component: Component, name: str, label: str) -> Field:
    return boolean(name, label, default=component.flag("defaultValue", None))


def _picklist(component: Component, name: str, label: str) -> Field:
    sets = component.all("valueSet")
    if not sets:
        raise component.refuse("Required field is missing: valueSet")
    check_members(component, sets[0], ("restricted", "valueSetDefinition"))
    definitions = sets[0].findall(f"{{{NAMESPACE}}}valueSetDefinition")
    if not definitions:
        raise component.refuse("Required field is missing: valueSetDefinition")
    check_members(component, definitions[0], ("sorted",), ("value",))
    values = []
    for value in definitions[0].findall(f"{{{NAMESPACE}}}value"):
        check_members(component, value, ("fullName", "default", "label"))
        shown = {child.tag.rpartition("}")[2]: child.text or "" for child in value}
        if not all(shown.get(member) for member in ("fullName", "default", "label")):
            raise component.refuse("Required fields are missing: a value has a fullName, a default and a label")
        values.append(shown["fullName"])
    restricted = (sets[0].findtext(f"{{{NAMESPACE}}}restricted") or "false") == "true"
    return picklist(name, label, tuple(values), 255, restricted=restricted)


def _lookup(component: Component, name: str, label: str) -> Field:
    relation = component.text("relationshipName")
    if not re.fullmatch(r"[A-Za-z](?:_?[A-Za-z0-9])*", relation) or len(relation) > _LIMITS["label"]:
        raise component.refuse(f"The relationship name '{relation}' is not valid")
    if component.text("deleteConstraint", "SetNull") not in ("SetNull", "Restrict", "Cascade"):
        raise component.refuse("deleteConstraint has to be SetNull, Restrict or Cascade")
    return lookup(name, label, component.text("referenceTo"), child_relationship=f"{relation}__r")


def _moment(component: Component, name: str, label: str) -> Field:
    return moment(name, label, nillable=not component.flag("required"))


def _phone(_component: Component, name: str, label: str) -> Field:
    return phone(name, label)


def _email(component: Component, name: str, label: str) -> Field:
    return email(name, label, external=component.flag("externalId"), unique=component.flag("unique"))


_KINDS: Mapping[str, tuple[tuple[str, ...], Callable[[Component, str, str], Field]]] = {
    "Text": (("length", "externalId", "unique", "caseSensitive", "required", "defaultValue"), _text),
    "LongTextArea": (("length", "visibleLines", "defaultValue"), _long_text),
    "Number": (("precision", "scale", "externalId", "unique", "required", "defaultValue"), _number),
    "Checkbox": (("defaultValue",), _checkbox),
    "DateTime": (("required", "defaultValue"), _moment),
    "Phone": (("required", "defaultValue"), _phone),
    "Email": (("required", "externalId", "unique", "defaultValue"), _email),
    "Picklist": (("required", "valueSet"), _picklist),
    "Lookup": (
        ("required", "referenceTo", "relationshipName", "relationshipLabel", "deleteConstraint"),
        _lookup,
    ),
}

"""What a permission set grants, with the checks of a deployment.

Source: Metadata API Developer Guide (PermissionSet); Help, Field-Level Security, and View All and Modify All.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.salesforce.deploy.components import Component, as_flag, check_members, local
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, Schema, SObjectType

_FIELD = ("editable", "field", "readable")
_OBJECT = (
    "allowCreate", "allowDelete", "allowEdit", "allowRead", "modifyAllRecords", "object", "viewAllFields",
    "viewAllRecords",
)  # fmt: skip
_SINGLE = ("label", "description", "hasActivationRequired", "license", "fullName")
_NO_VIEW_ALL = ("Product2", "Pricebook2")
_NOT_GRANTED = ("PricebookEntry", "Note", "ContentNote", "ContentVersion", "ContentDocument", "User", "Organization")
_NEEDS = {"allowCreate": "allowRead", "allowEdit": "allowRead", "viewAllRecords": "allowRead"}


@dataclass(frozen=True)
class Grants:
    """`fields`: `Object.Field` to (readable, editable); `objects`: what each object allows."""

    fields: Mapping[str, tuple[bool, bool]]
    objects: Mapping[str, frozenset[str]]


def grants_of(component: Component, schema: Schema) -> Grants:
    """What a permission set allows in an org of that schema.

    Raises:
        DeployError: the service would refuse it.
    """
    component.check_members(_SINGLE, ("fieldPermissions", "objectPermissions", "userPermissions"))
    if not component.text("label"):
        raise component.refuse("Required field is missing: label")
    fields = dict(_field(component, node, schema) for node in component.all("fieldPermissions"))
    objects = dict(_object(component, node, schema) for node in component.all("objectPermissions"))
    if "allowRead" in objects.get("Contact", ()) and "allowRead" not in objects.get("Account", ()):
        raise component.refuse("Permission Read Contact depends on permission(s): Read Account")
    return Grants(fields, objects)


def _field(component: Component, node: Element, schema: Schema) -> tuple[str, tuple[bool, bool]]:
    shown = _members(component, node, _FIELD)
    sobject, _, name = shown.get("field", "").partition(".")
    found = schema.find(sobject)
    field = found.field(name) if found else None
    if found is None or field is None or _is_part(found, field):
        raise component.refuse(f"In field: field - no CustomField named {shown.get('field')} found")
    if not field.custom and not field.nillable:
        raise component.refuse(f"You cannot deploy to a required field: {shown['field']}")
    if field.custom and not field.nillable and field.type != "boolean":
        raise component.refuse(f"You cannot deploy to a required field: {shown['field']}")
    readable = as_flag(component, "readable", shown.get("readable", "false"))
    editable = as_flag(component, "editable", shown.get("editable", "false"))
    if editable and not readable:
        raise component.refuse(f"{shown['field']}: editable without readable")
    return f"{found.name}.{field.name}", (readable, editable)


def _is_part(sobject: SObjectType, field: Field) -> bool:
    """Parts of a compound field have no field-level security of their own."""
    return field.compound is not None and sobject.field(field.compound) is not None


def _object(component: Component, node: Element, schema: Schema) -> tuple[str, frozenset[str]]:
    shown = _members(component, node, _OBJECT)
    name = shown.get("object", "")
    if schema.find(name) is None or name in _NOT_GRANTED:
        raise component.refuse(f"In field: field - no CustomObject named {name} found")
    flags = {key: as_flag(component, key, value) for key, value in shown.items() if key != "object"}
    for right, needed in _NEEDS.items():
        if flags.get(right) and not flags.get(needed):
            raise component.refuse(f"Permission {right} {name} depends on permission(s): {needed}")
    if name in _NO_VIEW_ALL and (flags.get("viewAllRecords") or flags.get("modifyAllRecords")):
        raise component.refuse(f"View All and Modify All are not available for {name}")
    return name, frozenset(key for key, given in flags.items() if given)


def _members(component: Component, node: Element, known: tuple[str, ...]) -> dict[str, str]:
    check_members(component, node, known)
    return {local(child): child.text or "" for child in node}

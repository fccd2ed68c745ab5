"""Reading a record sent as JSON: names to fields, values converted, parents found by their external id.

What belongs here: what the service finds wrong while it reads one record, before it looks at other rules.
Source: salesforce.md sections 3.3, 3.4 and 4.
"""

from collections.abc import Mapping
from functools import cache

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, unknown_column
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.store.database import Database
from intacct_sf_pipeline.sandbox.salesforce.values import Converter, Row, Value, as_text, converter, wrong_type

_converter = cache(converter)


def convert(field: Field, value: object) -> Value:
    """The stored form of a value sent for `field`."""
    make: Converter = _converter(field)
    return make(value)


def read_body(
    db: Database, sobject: SObjectType, body: object, user: User, *, creating: bool, address_field: str | None = "Id"
) -> Row:
    """The fields a client sent for one record, converted.

    `address_field` is the field that names the row in the path and so may not stand in the body.
    Raises `ApiError` for unknown columns, wrong types, bad values and fields the user may not write.
    """
    if not isinstance(body, Mapping):
        raise ApiError(
            "JSON_PARSER_ERROR",
            "The HTTP entity body is required, but this request has no entity body.",
            whole_request=True,
        )
    values: Row = {}
    refused: list[str] = []
    late: list[tuple[Field, object]] = []
    for key, value in body.items():
        if key == "attributes":
            continue
        if address_field is not None and key.lower() == address_field.lower():
            message = f"The {address_field} field should not be specified in the sobject data."
            raise ApiError("INVALID_FIELD", message, whole_request=True)
        field = user.find(sobject, key)
        if field is None:
            late.append((_parent_field(sobject, user, key, value), value))
            field = late[-1][0]
        elif field.type == "address":
            raise wrong_type("address", value)
        else:
            late.append((field, value))
        if not (user.may_create(sobject, field) if creating else user.may_update(sobject, field)):
            refused.append(field.name)
    for field, value in late:
        if field.name not in refused:
            values[field.name] = _parent_id(db, field, value) if isinstance(value, Mapping) else convert(field, value)
    if refused:
        raise ApiError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(refused)}. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set.",
            refused,
        )
    return values


def _parent_field(sobject: SObjectType, user: User, key: str, value: object) -> Field:
    field = sobject.by_relationship.get(key.lower())
    if field is None or not user.visible(sobject, field) or not isinstance(value, Mapping):
        raise unknown_column(key, sobject.name)
    return field


def _parent_id(db: Database, field: Field, value: Mapping[str, object]) -> str:
    """The id of the parent that `{"IntacctID__c": "C-100"}` names."""
    if field.type != "reference":
        raise wrong_type("string" if field.is_text else field.type, value)
    attributes = value.get("attributes")
    named = attributes.get("type") if isinstance(attributes, Mapping) else None
    parent = db.schema.find(named if isinstance(named, str) else field.reference_to[0])
    keys = [key for key in value if key != "attributes"]
    if parent is None or len(keys) != 1:
        raise ApiError(
            "INVALID_FIELD", f"{field.relationship}: exactly one external id field is expected", (field.name,)
        )
    key_field = parent.field(keys[0])
    if key_field is None or not key_field.key_field:
        raise ApiError(
            "INVALID_FIELD", f"No such column '{keys[0]}' on sobject of type {parent.name}", whole_request=True
        )
    wanted = convert(key_field, value[keys[0]])
    rows = [row for row in find_by(db, parent, key_field, wanted) if wanted is not None]
    if not rows:
        message = (
            f"Foreign key external ID: {as_text(wanted)} not found for field {key_field.name} in entity {parent.name}"
        )
        raise ApiError("INVALID_FIELD", message)
    if len(rows) > 1:
        raise ApiError(
            "DUPLICATE_EXTERNAL_ID",
            f"{key_field.label}: more than one record found for external id field: {as_text(wanted)}",
        )
    return str(rows[0]["Id"])


def find_by(db: Database, sobject: SObjectType, field: Field, value: Value) -> list[Row]:
    """Rows, not deleted, that an external id or Id value names."""
    table = db.table(sobject.name)
    if field.type == "id":
        row = table.get(value)
        return [row] if row is not None and not row["IsDeleted"] else []
    return [row for row in table.find(field.name, value) if not row["IsDeleted"]] if value is not None else []

"""Checks of a row against the rest of the org: required, unique, references."""

from collections.abc import Iterable

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, bad_reference
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.store.database import Database
from intacct_sf_pipeline.sandbox.salesforce.values import Row, as_text


def check_required(sobject: SObjectType, row: Row) -> None:
    """Refuses a row that lacks required fields, naming all of them."""
    missing = [f.name for f in sobject.required_fields if row[f.name] is None]
    if missing:
        raise ApiError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)


def check_unique(db: Database, sobject: SObjectType, row: Row, names: Iterable[str]) -> None:
    """Refuses a value of a unique field that another row, not deleted, holds."""
    table = db.table(sobject.name)
    for name in names:
        field = sobject.by_name[name.lower()]
        value = row[name]
        if not field.unique or value is None:
            continue
        for other in table.find(name, value):
            if other["Id"] != row["Id"] and not other["IsDeleted"]:
                message = f"duplicate value found: {name} duplicates value on record with id: {as_text(other['Id'])}"
                raise ApiError("DUPLICATE_VALUE", message)


def check_references(db: Database, sobject: SObjectType, row: Row, names: Iterable[str]) -> None:
    """Refuses ids of the wrong object, and ids of rows that are missing or deleted."""
    for name in names:
        field = sobject.by_name[name.lower()]
        if field.type == "reference" and row[name] is not None:
            check_reference(db, field, str(row[name]))


def check_reference(db: Database, field: Field, value: str) -> None:
    """Refuses one id that `field` may not hold."""
    target = db.type_of(value)
    if target is None or target.name not in field.reference_to:
        raise ApiError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", (field.name,))
    parent = db.table(target.name).get(value)
    if parent is None or parent["IsDeleted"]:
        raise bad_reference(field.name)
    if field.name == "OwnerId" and parent.get("IsActive") is False:
        message = f"operation performed with inactive user [{value}] as owner of the record"
        raise ApiError("INACTIVE_OWNER_OR_USER", message, (field.name,))

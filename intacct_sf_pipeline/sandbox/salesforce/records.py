"""Printing rows as JSON records: attributes, values, compound addresses, addresses of bytes.

Source: salesforce.md sections 3.2 and 3.3.
"""

from collections.abc import Callable
from decimal import Decimal

from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value, as_text

Cell = Callable[[Row], object]
_ADDRESS_PARTS = (
    "City",
    "Country",
    "CountryCode",
    "GeocodeAccuracy",
    "Latitude",
    "Longitude",
    "PostalCode",
    "State",
    "StateCode",
    "Street",
)


def json_value(value: Value) -> object:
    """A stored value as it stands in JSON; numbers with a point become floats, as the service's doubles are."""
    return float(value) if isinstance(value, Decimal) else value


def attributes(sobject: str, record_id: object, version: str) -> dict[str, object]:
    """The `attributes` member of a record."""
    return {"type": sobject, "url": f"/services/data/v{version}/sobjects/{sobject}/{record_id}"}


def cell_of(sobject: SObjectType, field: Field, version: str) -> Cell:
    """A function that prints one field of a row."""
    name = field.name
    if field.type == "address":
        return _address_cell(sobject, name.removesuffix("Address"))
    if field.type == "base64":
        return lambda row: f"/services/data/v{version}/sobjects/{sobject.name}/{as_text(row['Id'])}/{name}"
    if field.is_number:
        return lambda row: json_value(row[name])
    return lambda row: row[name]


def record(sobject: SObjectType, row: Row, fields: tuple[Field, ...], version: str) -> dict[str, object]:
    """A row with the given fields."""
    printed: dict[str, object] = {"attributes": attributes(sobject.name, row["Id"], version)}
    for field in fields:
        printed[field.name] = cell_of(sobject, field, version)(row)
    return printed


def _address_cell(sobject: SObjectType, prefix: str) -> Cell:
    parts = [part for part in _ADDRESS_PARTS if f"{prefix}{part}".lower() in sobject.by_name]

    def cell(row: Row) -> object:
        values = {part[0].lower() + part[1:]: json_value(row[f"{prefix}{part}"]) for part in parts}
        return values if any(value is not None for value in values.values()) else None

    return cell

"""Address columns: the parts, the read-only compound, and the code columns of State and Country picklists.

Source: salesforce.md section 8.1.
"""

from intacct_sf_pipeline.sandbox.salesforce.schema.fields import READ_ONLY, area, number, picklist, text
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field

CODE_LENGTH = 10


def address(prefix: str, *, codes: bool) -> tuple[Field, ...]:
    """The columns of one address, such as `BillingStreet`; `codes` adds the state and country code columns."""
    compound = f"{prefix}Address"
    parts = (
        area(f"{prefix}Street", f"{prefix} Street", 255, compound=compound),
        text(f"{prefix}City", f"{prefix} City", 40, compound=compound),
        text(f"{prefix}State", f"{prefix} State/Province", 80, compound=compound),
        text(f"{prefix}PostalCode", f"{prefix} Zip/Postal Code", 20, compound=compound),
        text(f"{prefix}Country", f"{prefix} Country", 80, compound=compound),
    )
    code_parts = (
        picklist(f"{prefix}StateCode", f"{prefix} State/Province Code", length=CODE_LENGTH, compound=compound),
        picklist(f"{prefix}CountryCode", f"{prefix} Country Code", length=CODE_LENGTH, compound=compound),
    )
    position = (
        number(f"{prefix}Latitude", f"{prefix} Latitude", 18, 15, compound=compound),
        number(f"{prefix}Longitude", f"{prefix} Longitude", 18, 15, compound=compound),
        picklist(f"{prefix}GeocodeAccuracy", f"{prefix} Geocode Accuracy", length=40, compound=compound),
    )
    whole = Field(
        compound, f"{prefix} Address", "address", filterable=False, sortable=False, groupable=False, **READ_ONLY
    )
    return parts + (code_parts if codes else ()) + position + (whole,)


def address_prefixes(fields: tuple[Field, ...]) -> tuple[str, ...]:
    """The prefixes of the addresses an object has, such as `Billing`."""
    return tuple(f.name.removesuffix("Address") for f in fields if f.type == "address")

"""What an org with several currencies has besides: CurrencyType, and CurrencyIsoCode on whatever carries money.

Source: salesforce.md sections 8.1 and 8.4, rule 8; Object Reference, CurrencyType. Without the feature neither exists.
"""

from collections.abc import Sequence

from intacct_sf_pipeline.sandbox.salesforce.schema.fields import (
    boolean,
    integer,
    number,
    own_id,
    picklist,
    system_fields,
)
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, Schema, SObjectType

CURRENCY_TYPE = "CurrencyType"
ISO_CODE = "CurrencyIsoCode"
_CARRIERS = ("Account", "Contact", "Product2", "Pricebook2", "PricebookEntry", "WarehouseStock__c")
_FIXED = frozenset({"PricebookEntry"})
_DECIMALS = {"JPY": 0, "KRW": 0, "KWD": 3}


def currency_type() -> SObjectType:
    """The currencies of the org, one row each."""
    fields = (
        own_id(),
        picklist("IsoCode", "Currency ISO Code", length=3, nillable=False),
        number("ConversionRate", "Conversion Rate", 18, 6, nillable=False),
        integer("DecimalPlaces", "Decimal Places", nillable=False),
        boolean("IsActive", "Active"),
        boolean("IsCorporate", "Corporate Currency"),
        *system_fields(),
    )
    return SObjectType(
        CURRENCY_TYPE,
        "Currency Type",
        "Currency Types",
        "01L",
        fields,
        createable=False,
        updateable=False,
        deletable=False,
        undeletable=False,
    )


def decimal_places(iso_code: str) -> int:
    """Digits after the point that the org keeps for a currency."""
    return _DECIMALS.get(iso_code, 2)


def iso_code_field(sobject: str, active: Sequence[str], corporate: str) -> Field:
    """The currency of a row; only active ones are taken, and a price's is set once."""
    return picklist(
        ISO_CODE,
        "Currency ISO Code",
        tuple(active),
        length=3,
        restricted=True,
        default=corporate,
        defaulted_on_create=True,
        updateable=sobject not in _FIXED,
    )


def with_currencies(schema: Schema, active: Sequence[str]) -> Schema:
    """`schema` with the field on every object that carries one; the first of `active` is the corporate currency."""
    for name in carriers(schema):
        schema = schema.with_fields(name, (iso_code_field(name, active, active[0]),))
    return schema


def carriers(schema: Schema) -> tuple[str, ...]:
    """The objects of `schema` whose rows have a currency."""
    return tuple(name for name in _CARRIERS if schema.find(name) is not None)

"""The currencies of an org: their rows, and an administrator who switches one on or off.

Source: Object Reference, CurrencyType; salesforce.md 8.4, rule 8.
"""

from decimal import Decimal

from intacct_sf_pipeline.sandbox.salesforce.ids import IdFactory
from intacct_sf_pipeline.sandbox.salesforce.schema import currencies
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures
from intacct_sf_pipeline.sandbox.salesforce.store.database import Database
from intacct_sf_pipeline.sandbox.salesforce.store.rows import Actor, new_row
from intacct_sf_pipeline.sandbox.salesforce.values import Row


def seed_currencies(db: Database, ids: IdFactory, features: OrgFeatures, actor: Actor) -> None:
    """One row for each currency; none where the org has one currency only."""
    if not features.currencies:
        return
    table = db.table(currencies.CURRENCY_TYPE)
    for position, code in enumerate((*features.currencies, *features.inactive_currencies)):
        values: Row = {
            "IsoCode": code,
            "ConversionRate": Decimal(1),
            "DecimalPlaces": currencies.decimal_places(code),
            "IsActive": code in features.currencies,
            "IsCorporate": position == 0,
        }
        db.put(currencies.CURRENCY_TYPE, new_row(table, ids.new("01L", table.rows), values, actor))


def set_currency_active(db: Database, code: str, active: bool) -> None:
    """An administrator switches a currency on or off; rows that are in it keep it.

    Raises:
        KeyError: the org does not know the currency.
    """
    table = db.table(currencies.CURRENCY_TYPE)
    rows = {str(row["IsoCode"]): row for row in table.rows.values()}
    table.put({**rows[code], "IsActive": active})
    taken = [str(row["IsoCode"]) for row in table.rows.values() if row["IsActive"]]
    corporate = next(str(row["IsoCode"]) for row in table.rows.values() if row["IsCorporate"])
    for name in currencies.carriers(db.schema):
        db.add_fields(name, (currencies.iso_code_field(name, taken, corporate),))

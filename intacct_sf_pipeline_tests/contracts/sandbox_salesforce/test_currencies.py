"""An org with several currencies: one price per book and currency. Source: salesforce.md 8.4, rule 8."""

from __future__ import annotations

from typing import Any

import pytest

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures

from .support import Api, Clock, error_of, make_org


@pytest.fixture
def org(clock: Clock) -> SalesforceOrg:
    return make_org(clock, features=OrgFeatures(currencies=("USD", "EUR"), inactive_currencies=("JPY",)))


@pytest.fixture
def product(api: Api) -> str:
    return api.create("Product2", Name="Bolt", ProductCode="B-1", IsActive=True)


def entry(api: Api, product: str, book: str, **fields: Any) -> Any:
    return api.post(
        "sobjects/PricebookEntry", {"Product2Id": product, "Pricebook2Id": book, "IsActive": True, **fields}
    )


def test_a_price_is_one_per_product_book_and_currency(api: Api, org: SalesforceOrg, product: str) -> None:
    book = org.standard_pricebook_id
    assert entry(api, product, book, UnitPrice=10, CurrencyIsoCode="USD").status_code == 201
    assert entry(api, product, book, UnitPrice=9, CurrencyIsoCode="EUR").status_code == 201
    again = entry(api, product, book, UnitPrice=8, CurrencyIsoCode="EUR")
    assert error_of(again)["errorCode"] == "DUPLICATE_VALUE"


def test_a_custom_price_needs_a_standard_price_in_its_currency(api: Api, org: SalesforceOrg, product: str) -> None:
    dealers = api.create("Pricebook2", Name="Dealers", IsActive=True)
    entry(api, product, org.standard_pricebook_id, UnitPrice=10)
    early = entry(api, product, dealers, UnitPrice=9, CurrencyIsoCode="EUR")
    assert error_of(early)["errorCode"] == "STANDARD_PRICE_NOT_DEFINED"
    entry(api, product, org.standard_pricebook_id, UnitPrice=9.5, CurrencyIsoCode="EUR")
    assert entry(api, product, dealers, UnitPrice=9, CurrencyIsoCode="EUR").status_code == 201


def test_a_price_that_copies_follows_the_standard_price_of_its_currency(
    api: Api, org: SalesforceOrg, product: str
) -> None:
    dealers = api.create("Pricebook2", Name="Dealers", IsActive=True)
    euros = entry(api, product, org.standard_pricebook_id, UnitPrice=9, CurrencyIsoCode="EUR").json()["id"]
    entry(api, product, org.standard_pricebook_id, UnitPrice=10)
    copy = entry(api, product, dealers, UseStandardPrice=True, CurrencyIsoCode="EUR").json()["id"]
    api.patch(f"sobjects/PricebookEntry/{euros}", {"UnitPrice": 11})
    assert api.column(f"SELECT UnitPrice FROM PricebookEntry WHERE Id = '{copy}'") == [11]


def test_the_currency_of_a_price_cannot_change(api: Api, org: SalesforceOrg, product: str) -> None:
    made = entry(api, product, org.standard_pricebook_id, UnitPrice=10).json()["id"]
    refused = api.patch(f"sobjects/PricebookEntry/{made}", {"CurrencyIsoCode": "EUR"})
    assert error_of(refused)["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_rows_without_a_currency_are_in_the_corporate_one(api: Api) -> None:
    api.create("Account", Name="Rowan Ltd")
    assert api.column("SELECT CurrencyIsoCode FROM Account WHERE Name = 'Rowan Ltd'") == ["USD"]


def test_an_inactive_currency_is_refused_until_an_administrator_switches_it_on(
    api: Api, org: SalesforceOrg, product: str
) -> None:
    early = entry(api, product, org.standard_pricebook_id, UnitPrice=900, CurrencyIsoCode="JPY")
    assert error_of(early)["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    org.set_currency_active("JPY", active=True)
    assert entry(api, product, org.standard_pricebook_id, UnitPrice=900, CurrencyIsoCode="JPY").status_code == 201
    active = api.column("SELECT IsoCode FROM CurrencyType WHERE IsActive = true")
    assert sorted(active) == ["EUR", "JPY", "USD"]


def test_an_org_with_one_currency_knows_no_field_for_it(clock: Clock) -> None:
    api = Api(make_org(clock))
    refused = api.post("sobjects/Account", {"Name": "Rowan Ltd", "CurrencyIsoCode": "USD"})
    assert error_of(refused)["errorCode"] == "INVALID_FIELD"

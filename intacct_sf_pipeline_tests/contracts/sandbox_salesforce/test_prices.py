"""Products, price books and entries. Source: salesforce.md sections 8.3 and 8.4, rules 1 to 5."""

from typing import Any

import pytest

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, Clock, error_of


@pytest.fixture
def product(api: Api) -> str:
    return api.create("Product2", Name="Bolt", ProductCode="B-1", IsActive=True)


@pytest.fixture
def custom_book(api: Api) -> str:
    return api.create("Pricebook2", Name="Dealers", IsActive=True)


def entry(api: Api, product: str, book: str, **fields: Any) -> Any:
    return api.post("sobjects/PricebookEntry", {"Product2Id": product, "Pricebook2Id": book, **fields})


def test_there_is_exactly_one_standard_book(api: Api, org: SalesforceOrg) -> None:
    assert api.column("SELECT Id FROM Pricebook2 WHERE IsStandard = true") == [org.standard_pricebook_id]
    assert (
        error_of(api.post("sobjects/Pricebook2", {"Name": "x", "IsStandard": True}))["errorCode"]
        == "INVALID_FIELD_FOR_INSERT_UPDATE"
    )
    assert api.delete(f"sobjects/Pricebook2/{org.standard_pricebook_id}").status_code == 403


def test_the_standard_price_comes_first(api: Api, org: SalesforceOrg, product: str, custom_book: str) -> None:
    early = entry(api, product, custom_book, UnitPrice=9)
    assert error_of(early) == {
        "message": "No standard price defined for this product",
        "errorCode": "STANDARD_PRICE_NOT_DEFINED",
    }
    assert entry(api, product, org.standard_pricebook_id, UnitPrice=10, IsActive=True).status_code == 201
    assert entry(api, product, custom_book, UnitPrice=9).status_code == 201


def test_one_entry_per_product_and_book(api: Api, org: SalesforceOrg, product: str) -> None:
    assert entry(api, product, org.standard_pricebook_id, UnitPrice=10).status_code == 201
    again = entry(api, product, org.standard_pricebook_id, UnitPrice=11)
    assert error_of(again)["errorCode"] == "DUPLICATE_VALUE"
    assert error_of(again)["message"] == "This price definition already exists in this price book"


def test_an_entry_needs_a_price_and_its_places_are_fixed(
    api: Api, org: SalesforceOrg, product: str, custom_book: str
) -> None:
    assert (
        error_of(entry(api, product, org.standard_pricebook_id))["message"]
        == "Required fields are missing: [UnitPrice]"
    )
    made = entry(api, product, org.standard_pricebook_id, UnitPrice=10.125).json()["id"]
    row = api.get(f"sobjects/PricebookEntry/{made}").json()
    assert (row["Name"], row["ProductCode"], row["UnitPrice"], row["IsActive"], row["UseStandardPrice"]) == (
        "Bolt",
        "B-1",
        10.125,
        False,
        False,
    )
    for field, value in (("Product2Id", product), ("Pricebook2Id", custom_book), ("Name", "x")):
        error = error_of(api.patch(f"sobjects/PricebookEntry/{made}", {field: value}))
        assert error["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert api.patch(f"sobjects/PricebookEntry/{made}", {"UnitPrice": 11, "IsActive": True}).status_code == 204


def test_using_the_standard_price_follows_it_and_blocks_an_own_one(
    api: Api, org: SalesforceOrg, product: str, custom_book: str, clock: Clock
) -> None:
    standard = entry(api, product, org.standard_pricebook_id, UnitPrice=10).json()["id"]
    custom = entry(api, product, custom_book, UseStandardPrice=True, IsActive=True).json()["id"]
    path = f"sobjects/PricebookEntry/{custom}"
    assert api.get(path).json()["UnitPrice"] == 10.0
    clock.advance(seconds=1)
    api.patch(f"sobjects/PricebookEntry/{standard}", {"UnitPrice": 12})
    assert api.get(path).json()["UnitPrice"] == 12.0
    for body in ({"UnitPrice": 8}, {"UnitPrice": 8, "UseStandardPrice": False}):
        assert error_of(api.patch(path, body))["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert api.patch(path, {"UseStandardPrice": False}).status_code == 204
    assert api.patch(path, {"UnitPrice": 8}).status_code == 204
    api.patch(f"sobjects/PricebookEntry/{standard}", {"UnitPrice": 13})
    assert api.get(path).json()["UnitPrice"] == 8.0


def test_a_products_name_shows_on_its_entries_without_moving_their_stamps(
    api: Api, org: SalesforceOrg, product: str, clock: Clock
) -> None:
    made = entry(api, product, org.standard_pricebook_id, UnitPrice=1).json()["id"]
    before = api.get(f"sobjects/PricebookEntry/{made}").json()["SystemModstamp"]
    clock.advance(minutes=1)
    api.patch(f"sobjects/Product2/{product}", {"Name": "Nut"})
    after = api.get(f"sobjects/PricebookEntry/{made}").json()
    assert (after["Name"], after["SystemModstamp"]) == ("Nut", before)


def test_product_class_follows_type(api: Api) -> None:
    plain, bundle = api.create("Product2", Name="a"), api.create("Product2", Name="b", Type="bundle")
    assert api.get(f"sobjects/Product2/{plain}").json()["ProductClass"] == "Simple"
    assert api.get(f"sobjects/Product2/{bundle}").json()["ProductClass"] == "Bundle"
    assert (
        error_of(api.patch(f"sobjects/Product2/{plain}", {"Type": "Set"}))["errorCode"]
        == "INVALID_FIELD_FOR_INSERT_UPDATE"
    )


def test_deleting_a_product_takes_its_entries_along(api: Api, org: SalesforceOrg, product: str) -> None:
    entry(api, product, org.standard_pricebook_id, UnitPrice=1)
    assert api.delete(f"sobjects/Product2/{product}").status_code == 204
    assert org.count("PricebookEntry") == 0


def test_entries_are_found_by_the_products_key(api: Api, org: SalesforceOrg) -> None:
    product = api.create("Product2", Name="Bolt", IntacctID__c="I-1")
    entry(api, product, org.standard_pricebook_id, UnitPrice=1)
    soql = (
        "SELECT UnitPrice, Product2.IntacctID__c FROM PricebookEntry "
        f"WHERE Pricebook2Id = '{org.standard_pricebook_id[:15]}' "
        "AND Product2.IntacctID__c IN ('i-1', 'I-2')"
    )
    (record,) = api.query(soql)
    assert record["Product2"]["IntacctID__c"] == "I-1"

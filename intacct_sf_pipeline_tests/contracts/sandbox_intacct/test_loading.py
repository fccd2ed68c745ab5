"""Loading rows: what is kept, what is assigned, what is refused and where (exports and seeds)."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany, LoadError

from .service import Running, TestClock, build_company

ADDRESS = "contacts.default.mailingAddress"


@pytest.fixture
def company(clock: TestClock) -> IntacctCompany:
    return build_company(clock)


def test_keys_ids_and_audit_given_are_kept_and_missing_ones_assigned(company: IntacctCompany) -> None:
    keys = company.load(
        "accounts-receivable/customer",
        [
            {"key": "900", "id": "K", "name": "Kept", "audit": {"modifiedDateTime": "2025-05-05T05:05:05Z",
             "createdDateTime": "2024-01-01T00:00:00+00:00", "modifiedByUser": {"id": "controller"}}},
            {"key": None, "id": "", "name": "Assigned", "audit": {}},
        ],
    )  # fmt: skip
    assert keys == ["900", "901"]
    assert company.read(
        "customer", "K", "audit.modifiedDateTime", "audit.createdDateTime", "audit.modifiedByUser.id"
    ) == {
        "audit.modifiedDateTime": "2025-05-05T05:05:05Z",
        "audit.createdDateTime": "2024-01-01T00:00:00Z",
        "audit.modifiedByUser.id": "controller",
    }
    assert company.read("customer", "901", "id", "audit.modifiedDateTime") == {
        "id": "901",
        "audit.modifiedDateTime": "2026-09-10T08:00:00Z",
    }


def test_export_spellings_are_understood(company: IntacctCompany) -> None:
    company.load(
        "item",
        [{"id": "X", "name": "X", "itemType": "NONINVENTORY", "status": "Inactive", "sales.isTaxable": "FALSE",
          "sales.basePrice": "1,250.500", "dateLastSold": date(2026, 1, 2), "productLine.id": "PUMPS",
          "href": "/objects/inventory-control/item/5", "productLine.href": "/x", "quantityOnHand": ""}],
    )  # fmt: skip
    fields = (
        "itemType",
        "status",
        "sales.isTaxable",
        "sales.basePrice",
        "dateLastSold",
        "productLine.id",
        "quantityOnHand",
    )
    assert list(company.read("item", "X", *fields).values()) == [
        "nonInventory", "inactive", False, "1250.5", "2026-01-02", "PUMPS", None,
    ]  # fmt: skip
    company.load("warehouse", [{"id": "W9", "name": "Nine", "location.id": "PHX--Phoenix"}])
    assert company.read("warehouse", "W9", "location.id", "location.name") == {
        "location.id": "PHX--Phoenix",
        "location.name": "Phoenix",
    }


def test_a_customers_default_contact_comes_from_its_own_row_or_was_there_before(company: IntacctCompany) -> None:
    company.load("contact", [{"id": "Old(CX)", "printAs": "Old", "phone1": "1", "email1": "old@x.example"}])
    company.load(
        "customer",
        [
            {"id": "X", "name": "Old", "contacts.default.phone1": "2", "contacts.default.email1": None},
            {"id": "Y", "name": "New", "contacts.default.phone1": "3", "contacts.default.id": "Chosen",
             "contacts.default.key": "777"},
            {"id": "Z", "name": "French", "contacts.default.mailingAddress.country": "France"},
            {"id": "N", "name": "Nowhere", "contacts.default.mailingAddress.isoCountryCode": None},
        ],
    )  # fmt: skip
    phone, country = "contacts.default.phone1", "contacts.default.mailingAddress.isoCountryCode"
    assert company.read("customer", "X", phone, "contacts.default.email1") == {
        phone: "2",
        "contacts.default.email1": "old@x.example",
    }
    assert company.read("customer", "Y", "contacts.default.id", "contacts.default.key", phone, country) == {
        "contacts.default.id": "Chosen",
        "contacts.default.key": "777",
        phone: "3",
        country: "US",
    }
    assert company.read("customer", "Z", country) == {country: "FR"}
    assert company.read("customer", "N", country) == {country: None}


def test_a_contact_list_may_come_inside_the_customer(company: IntacctCompany) -> None:
    company.load(
        "customer", [{"id": "L", "name": "L", "contactList": [{"categoryName": "Boss", "contact": {"id": "Mia Ray"}}]}]
    )
    assert company.count("customer-contact") == 2


@pytest.mark.parametrize(
    ("object_name", "row", "field", "words"),
    [
        ("customer", {"id": "A"}, "name", "required"),
        ("customer", {"id": "C-71", "name": "A"}, "id", "already exists"),
        ("customer", {"key": "1", "id": "A", "name": "A"}, "key", "has the key"),
        ("customer", {"id": "A", "name": "A", "colour": "red"}, "colour", "not a field"),
        ("customer", {"id": "A", "name": "A", f"{ADDRESS}.hue": "red"}, f"{ADDRESS}.hue", "not a field"),
        ("customer", {"id": "A", "name": "A" * 101}, "name", "101 characters"),
        ("customer", {"id": "A", "name": "A", "status": "asleep"}, "status", "asleep"),
        ("customer", {"id": "A", "name": "A", "parent.id": "ZZ"}, "parent.id", "ZZ"),
        ("customer", {"id": "A", "name": "A", "contacts.primary.key": "404"}, "contacts.primary.key", "404"),
        ("customer", {"id": "A", "name": "A", "creditLimit": "much"}, "creditLimit", "not a number"),
        ("customer", {"id": "A", "name": "A", f"{ADDRESS}.country": "Oz"}, f"{ADDRESS}.country", "Oz"),
        ("customer", {"id": "A", "name": "A", "contactList": [{"contact.id": "No"}]}, "contactList.0.contact.id", "No"),
        ("item-warehouse-inventory", {"item.id": "PUMP-8"}, "warehouse", "required"),
        ("item-warehouse-inventory", {"item.id": "PUMP-8", "warehouse.id": "WH-N"}, "key", "already exists"),
        ("item-warehouse-inventory", {"item.id": "CARE", "warehouse.id": "WH-N", "onHand": "1.5"}, "onHand", "whole"),
        ("price-list-entry", {"priceList.id": "RETAIL", "startDate": "soon"}, "startDate", "soon"),
        ("item", {"id": "A", "name": "A", "audit.modifiedDateTime": "noon"}, "audit.modifiedDateTime", "date-time"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_nothing_is_loaded(
    company: IntacctCompany, object_name: str, row: dict[str, object], field: str, words: str
) -> None:
    good = {"customer": {"id": "G", "name": "G"}, "item": {"id": "G", "name": "G"}}.get(object_name)
    rows = [row] if good is None else [good, row]
    before = {
        name: company.count(name)
        for name in ("customer", "contact", "item", "item-warehouse-inventory", "customer-contact")
    }
    with pytest.raises(LoadError) as refused:
        company.load(object_name, rows)
    assert (refused.value.row_index, refused.value.field) == (len(rows) - 1, field)
    assert words in refused.value.message
    assert {name: company.count(name) for name in before} == before


def test_an_unknown_object_is_a_key_error(company: IntacctCompany) -> None:
    with pytest.raises(KeyError):
        company.load("sprocket", [])


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30)


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(st.tuples(texts, st.none() | texts, st.none() | texts), max_size=8, unique_by=lambda row: row[0]))
def test_text_comes_back_as_it_went_in(rows: list[tuple[str, str | None, str | None]]) -> None:
    company = build_company(TestClock())
    keys = company.load("contact", [{"id": f"#{name}", "printAs": name, "lastName": last, "mailingAddress.city": city}
                                    for name, last, city in rows])  # fmt: skip
    for key, (name, last, city) in zip(keys, rows, strict=True):
        assert company.read("contact", f"#{name}", "key", "printAs", "lastName", "mailingAddress.city") == {
            "key": key,
            "printAs": name,
            "lastName": last,
            "mailingAddress.city": city,
        }


def test_ten_thousand_customers_are_all_there_and_found_by_index(company: IntacctCompany) -> None:
    company.load("customer", [{"id": f"B{number}", "name": f"Big {number}"} for number in range(10_000)])
    assert company.count("customer") == 10_002
    assert company.count("contact") == 10_004


def test_an_empty_modification_stamp_stays_empty_until_the_record_is_edited(running: Running) -> None:
    [bare, given, silent] = [
        running.company.load("customer", [row])[0]
        for row in (
            {"id": "E-1", "name": "Bare", "audit.modifiedDateTime": None},
            {"id": "E-2", "name": "Given", "audit.modifiedDateTime": "2026-01-02T03:04:05Z"},
            {"id": "E-3", "name": "Silent"},
        )
    ]
    stamp = "audit.modifiedDateTime"
    shown = {key: running.api.row("accounts-receivable/customer", key, stamp)[stamp] for key in (bare, given, silent)}
    assert shown == {bare: None, given: "2026-01-02T03:04:05Z", silent: "2026-09-10T08:00:00Z"}
    since = {"$gte": {stamp: "2000-01-01T00:00:00Z"}}
    found = running.api.rows(object="accounts-receivable/customer", fields=["key"], filters=[since])
    assert bare not in [row["key"] for row in found]
    running.company.edit("customer", "E-1", {"notes": "x"})
    assert running.api.row("accounts-receivable/customer", bare, stamp)[stamp] == "2026-09-10T08:00:00Z"

"""Queries that must work: shapes of rows, operators, ordering, aggregates (reference, 4)."""

from collections.abc import Callable

import pytest

from .service import Running

ITEM = "inventory-control/item"
CUSTOMER = "accounts-receivable/customer"
CONTACT = "company-config/contact"
STOCK = "inventory-control/item-warehouse-inventory"


def ids(running: Running, object_name: str, *filters: dict[str, object], **more: object) -> list[object]:
    rows = running.api.rows(object=object_name, fields=["id"], filters=list(filters), orderBy=[{"id": "asc"}], **more)
    return [row["id"] for row in rows]


def test_rows_are_flat_with_the_json_types_of_the_reference(running: Running) -> None:
    fields = [
        "key",
        "id",
        "href",
        "quantityAllocated",
        "purchasing.standardCost",
        "notes",
        "productLine.id",
        "tracking.enableBins",
    ]
    assert running.api.rows(object=ITEM, fields=fields, filters=[{"$eq": {"id": "PUMP-8"}}]) == [
        {
            "key": "1",
            "id": "PUMP-8",
            "href": "/objects/inventory-control/item/1",
            "quantityAllocated": "4",
            "purchasing.standardCost": "118.5",
            "notes": None,
            "productLine.id": None,
            "tracking.enableBins": False,
        }
    ]
    [customer] = running.api.rows(
        object=CUSTOMER, fields=["creditLimit", "totalDue"], filters=[{"$eq": {"id": "C-72"}}]
    )
    assert customer == {"creditLimit": 2500, "totalDue": None}
    stock = running.api.rows(
        object=STOCK,
        fields=["item.id", "item.name", "item.status", "warehouse.id", "warehouse.name", "onHand", "unCommitted"],
        orderBy=[{"key": "asc"}],
    )
    assert stock[0] == {
        "item.id": "PUMP-8",
        "item.name": "Pump 8 bar",
        "item.status": "active",
        "warehouse.id": "WH-N",
        "warehouse.name": "North",
        "onHand": 20,
        "unCommitted": 17,
    }


def test_paths_reach_the_default_contacts_address(running: Running) -> None:
    [row] = running.api.rows(
        object=CUSTOMER,
        fields=["contacts.default.id", "contacts.default.phone1", "contacts.default.mailingAddress.isoCountryCode",
                "contacts.default.mailingAddress.country", "contacts.primary.id"],
        filters=[{"$eq": {"contacts.default.phone1": "555-0100"}}],
    )  # fmt: skip
    assert row == {
        "contacts.default.id": "Blue Fern Ltd(CC-71)",
        "contacts.default.phone1": "555-0100",
        "contacts.default.mailingAddress.isoCountryCode": "US",
        "contacts.default.mailingAddress.country": "United States",
        "contacts.primary.id": None,
    }


def test_an_owned_row_reads_its_owner(running: Running) -> None:
    rows = running.api.rows(
        object="accounts-receivable/customer-contact",
        fields=["key", "id", "categoryName", "customer.key", "customer.id", "customer.name", "contact.id"],
    )
    assert rows == [
        {
            "key": "1",
            "id": "1",
            "categoryName": "Support",
            "customer.key": "2",
            "customer.id": "C-72",
            "customer.name": "Harbor Tools",
            "contact.id": "Mia Ray",
        }
    ]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"$eq": {"id": "CARE"}}, ["CARE"]),
        ({"$eq": {"key": "1"}}, ["PUMP-8"]),
        ({"$eq": {"notes": None}}, ["CARE", "PUMP-8"]),
        ({"$ne": {"notes": None}}, []),
        ({"$ne": {"id": "CARE"}}, ["PUMP-8"]),
        ({"$ne": {"purchasing.standardCost": "1"}}, ["PUMP-8"]),
        ({"$in": {"id": ["CARE", "X"]}}, ["CARE"]),
        ({"$in": {"key": ["1", "2", "2"]}}, ["CARE", "PUMP-8"]),
        ({"$in": {"sales.basePrice": [None, "3"]}}, ["PUMP-8"]),
        ({"$notIn": {"id": ["CARE", "X"]}}, ["PUMP-8"]),
        ({"$gt": {"purchasing.standardCost": "20"}}, ["PUMP-8"]),
        ({"$gte": {"purchasing.standardCost": 118.5}}, ["PUMP-8"]),
        ({"$lt": {"purchasing.standardCost": "118.50"}}, []),
        ({"$lte": {"purchasing.standardCost": "118.500"}}, ["PUMP-8"]),
        ({"$eq": {"quantityOnHand": "31"}}, ["PUMP-8"]),
        ({"$between": {"purchasing.standardCost": ["9", "118.5"]}}, ["PUMP-8"]),
        ({"$notBetween": {"sales.basePrice": [1, 19]}}, ["CARE"]),
        ({"$contains": {"name": "8 b"}}, ["PUMP-8"]),
        ({"$notContains": {"name": "8 b"}}, ["CARE"]),
        ({"$startsWith": {"name": "Care"}}, ["CARE"]),
        ({"$startsWith": {"name": "care"}}, []),
        ({"$notStartsWith": {"name": "Care"}}, ["PUMP-8"]),
        ({"$endsWith": {"name": "bar"}}, ["PUMP-8"]),
        ({"$notEndsWith": {"name": "bar"}}, ["CARE"]),
        ({"$eq": {"itemType": "nonInventory"}}, ["CARE"]),
        ({"$eq": {"sales.isTaxable": True}}, ["CARE", "PUMP-8"]),
        ({"$eq": {"tracking.enableBins": "true"}}, []),
    ],
)
def test_operators(running: Running, condition: dict[str, object], expected: list[str]) -> None:
    assert ids(running, ITEM, condition) == expected


def test_has_looks_into_a_string_array(start: Callable[..., Running]) -> None:
    running = start(custom_fields={ITEM: {"nsp::TAGS": "array"}})
    running.company.load("item", [{"id": "T", "name": "T", "nsp::TAGS": ["red", "big"]}])
    assert ids(running, ITEM, {"$has": {"nsp::TAGS": "big"}}) == ["T"]
    assert ids(running, ITEM, {"$has": {"nsp::TAGS": "small"}}) == []
    [row] = running.api.rows(object=ITEM, fields=["nsp::TAGS"], filters=[{"$eq": {"id": "T"}}])
    assert row == {"nsp::TAGS": ["red", "big"]}


def test_case_is_ignored_on_request(running: Running) -> None:
    loose = {"filterParameters": {"caseSensitiveComparison": False}}
    assert ids(running, ITEM, {"$eq": {"id": "care"}}) == []
    assert ids(running, ITEM, {"$eq": {"id": "care"}}, **loose) == ["CARE"]
    assert ids(running, ITEM, {"$contains": {"name": "PUMP"}}, **loose) == ["PUMP-8"]


def test_filters_combine_as_the_expression_says(running: Running) -> None:
    filters = ({"$eq": {"id": "CARE"}}, {"$eq": {"id": "PUMP-8"}}, {"$eq": {"status": "inactive"}})
    assert ids(running, ITEM, *filters) == []
    assert ids(running, ITEM, *filters, filterExpression="or") == ["CARE", "PUMP-8"]
    assert ids(running, ITEM, *filters, filterExpression="(1 or 2) and 3") == []
    assert ids(running, ITEM, *filters, filterExpression="1 or 2 and 3") == ["CARE"]


def test_increments_by_modification_time(running: Running) -> None:
    def since(value: str) -> list[object]:
        return ids(running, CUSTOMER, {"$gte": {"audit.modifiedDateTime": value}})

    assert since("2026-08-01T09:30:00Z") == ["C-71", "C-72"]
    assert since("2026-08-01T09:30:01Z") == ["C-72"]
    assert since("2026-09-10T10:00:00+02:00") == ["C-72"]
    assert since("2026-09-10") == ["C-72"]
    assert since("2026-09-11") == []


@pytest.mark.parametrize(
    ("word", "days"),
    [
        ("today", ["2026-09-10"]),
        ("yesterday", ["2026-09-09"]),
        ("currentWeek", ["2026-09-07", "2026-09-09", "2026-09-10", "2026-09-13"]),
        ("lastWeek", ["2026-08-31", "2026-09-06"]),
        ("currentMonth", ["2026-09-06", "2026-09-07", "2026-09-09", "2026-09-10", "2026-09-13"]),
        ("priorMonth", ["2026-08-31"]),
        ("currentQuarter", ["2026-08-31", "2026-09-06", "2026-09-07", "2026-09-09", "2026-09-10", "2026-09-13"]),
        ("priorQuarter", ["2026-06-30"]),
        ("currentYear", ["2026-06-30", "2026-08-31",
                          "2026-09-06", "2026-09-07", "2026-09-09", "2026-09-10", "2026-09-13"]),
        ("priorYear", ["2025-12-31"]),
    ],
)  # fmt: skip
def test_relative_dates(running: Running, word: str, days: list[str]) -> None:
    every = [
        "2025-12-31",
        "2026-06-30",
        "2026-08-31",
        "2026-09-06",
        "2026-09-07",
        "2026-09-09",
        "2026-09-10",
        "2026-09-13",
    ]
    running.company.load("price-list", [{"id": f"D{day}", "startDate": day} for day in every])
    found = ids(running, "inventory-control/price-list", {"$eq": {"startDate": word}})
    assert found == [f"D{day}" for day in days]


def test_the_anchor_of_relative_dates_can_be_moved(running: Running) -> None:
    running.company.load("price-list", [{"id": "OLD", "startDate": "2025-02-03"}])
    moved = {"filterParameters": {"asOfDate": "2025-02-20"}}
    assert ids(running, "inventory-control/price-list", {"$eq": {"startDate": "currentMonth"}}, **moved) == ["OLD"]


def test_order_by_several_keys_nulls_and_direction(running: Running) -> None:
    running.company.load(
        "item", [{"id": "B", "name": "Same", "notes": "n"}, {"id": "A", "name": "Same 2", "notes": "n"}]
    )
    rows = running.api.rows(object=ITEM, fields=["id"], orderBy=[{"notes": "desc"}, {"id": "desc"}])
    assert [row["id"] for row in rows] == ["PUMP-8", "CARE", "B", "A"]
    rows = running.api.rows(object=ITEM, fields=["id"], orderBy=[{"purchasing.standardCost": "asc"}, {"id": "asc"}])
    assert [row["id"] for row in rows] == ["PUMP-8", "A", "B", "CARE"]


def test_aggregates_group_by_the_plain_fields(running: Running) -> None:
    rows = running.api.rows(
        object=STOCK,
        fields=["item.id", "sum:onHand", "avg:onHand", "min:onHand", "max:onHand", "count:enableReplenishment"],
    )
    assert rows == [
        {
            "item.id": "PUMP-8",
            "sum:onHand": 31,
            "avg:onHand": "15.5",
            "min:onHand": 11,
            "max:onHand": 20,
            "count:enableReplenishment": 2,
        }
    ]
    assert running.api.rows(object=ITEM, fields=["sum:purchasing.standardCost"]) == [
        {"sum:purchasing.standardCost": "118.5"}
    ]


def test_several_queries_in_one_call(running: Running) -> None:
    reply = running.api.call(
        "POST", "/services/core/query", [{"object": ITEM, "fields": ["id"]}, {"object": CUSTOMER, "fields": ["id"]}]
    )
    assert [envelope["ia::meta"]["totalCount"] for envelope in reply.json()] == [2, 2]
    assert running.company.transactions.query_pages == 2


def test_a_stray_column_can_be_switched_on(start: Callable[..., Running]) -> None:
    running = start(stray_alias_column=True)
    assert all("API_QUERY_ALIAS__7" in row for row in running.api.rows(object=ITEM, fields=["id"]))


def test_custom_fields_are_fields(start: Callable[..., Running]) -> None:
    running = start(custom_fields={CONTACT: {"nsp::JOB": "string"}, "item": {"nsp::RANK": "integer"}})
    reply = running.api.call("POST", f"/objects/{CONTACT}", {"id": "Jo", "printAs": "Jo", "nsp::JOB": "Buyer"})
    assert reply.status_code == 201
    assert running.api.row(CONTACT, reply.json()["ia::result"]["key"], "nsp::JOB") == {"nsp::JOB": "Buyer"}
    running.company.add_custom_field("customer", "nsp::SF_ID", "string")
    assert running.api.row(CUSTOMER, "1", "nsp::SF_ID") == {"nsp::SF_ID": None}

"""Stock per warehouse, item totals, movements, prices (reference, 5.1, 5.3, 5.5, 9.15)."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .service import Running, TestClock, build_company

ITEM = "inventory-control/item"
STOCK = "inventory-control/item-warehouse-inventory"
MODIFIED = "audit.modifiedDateTime"


@settings(max_examples=30, deadline=None)
@given(
    moves=st.lists(st.tuples(st.sampled_from(["WH-N", "WH-S"]), st.integers(-50, 50), st.integers(0, 9)), max_size=12)
)
def test_item_totals_are_always_the_sums_over_the_warehouses(moves: list[tuple[str, int, int]]) -> None:
    company = build_company(TestClock())
    on_hand, allocated = 31, 4
    for warehouse, units, taken in moves:
        company.move_stock("PUMP-8", warehouse, on_hand=units, allocated=taken)
        on_hand, allocated = on_hand + units, allocated + taken
        shown = company.read("item", "PUMP-8", "quantityOnHand", "quantityAllocated", "quantityUncommitted")
        assert shown == {
            "quantityOnHand": str(on_hand),
            "quantityAllocated": str(allocated),
            "quantityUncommitted": str(on_hand - allocated),
        }


@pytest.mark.parametrize("touches", [False, True])
def test_a_movement_touches_its_row_and_by_switch_the_item(start: Callable[..., Running], touches: bool) -> None:
    running = start(stock_move_touches_item=touches)
    running.clock.advance(hours=1)
    running.company.move_stock("PUMP-8", "WH-N", on_hand=-2, on_hold=1, on_order=4)
    row = running.api.row(STOCK, "1", "onHand", "onHold", "onOrder", "unCommitted", MODIFIED)
    assert row == {"onHand": 18, "onHold": 2, "onOrder": 9, "unCommitted": 15, MODIFIED: "2026-09-10T09:00:00Z"}
    assert running.api.row(ITEM, "1", MODIFIED)[MODIFIED] == f"2026-09-10T0{9 if touches else 8}:00:00Z"


def test_an_item_new_to_a_warehouse_gets_a_row(running: Running) -> None:
    key = running.company.move_stock("CARE", "WH-S", on_hand=1)
    assert running.api.row(STOCK, key, "item.id", "warehouse.id", "onHand") == {
        "item.id": "CARE",
        "warehouse.id": "WH-S",
        "onHand": 1,
    }
    with pytest.raises(KeyError, match="WH-X"):
        running.company.move_stock("CARE", "WH-X", on_hand=1)


def test_totals_where_no_stock_is_kept(start: Callable[..., Running]) -> None:
    for null in (True, False):
        running = start(null_totals_for_non_stock=null)
        running.company.load("item", [{"id": "NEW", "name": "NEW", "itemType": "inventory"}])
        shown = [running.company.read("item", item, "quantityOnHand")["quantityOnHand"] for item in ("CARE", "NEW")]
        assert shown == [None if null else "0", "0"]


def test_totals_an_export_brings_hold_until_there_are_stock_rows(running: Running) -> None:
    running.company.load("item", [{"id": "X", "name": "X", "quantityAllocated": "12", "quantityOnHand": 40}])
    assert running.company.read("item", "X", "quantityAllocated") == {"quantityAllocated": "12"}
    running.company.move_stock("X", "WH-N", on_hand=5, allocated=2)
    assert running.company.read("item", "X", "quantityAllocated") == {"quantityAllocated": "2"}


def test_giving_an_item_to_a_warehouse_by_api(running: Running) -> None:
    reply = running.api.call(
        "POST", f"/objects/{STOCK}", {"item": {"id": "CARE"}, "warehouse": {"key": "1"}, "reorderPoint": 5}
    )
    assert reply.status_code == 201
    reference = reply.json()["ia::result"]
    assert reference["id"] == reference["key"]
    assert running.api.row(STOCK, reference["key"], "onHand", "reorderPoint") == {"onHand": 0, "reorderPoint": 5}
    assert running.api.call("DELETE", f"/objects/{STOCK}/{reference['key']}").status_code == 204


def test_todays_sales_prices(running: Running) -> None:
    rows = running.api.rows(
        object="inventory-control/price-list-entry",
        fields=["item.id", "item.name", "value", "valueType", "priceList.id", "minimumQuantity"],
        filters=[{"$eq": {"priceList.id": "RETAIL"}}, {"$lte": {"startDate": "today"}}, {"$gte": {"endDate": "today"}},
                 {"$eq": {"status": "active"}}],
    )  # fmt: skip
    assert rows == [
        {
            "item.id": "PUMP-8",
            "item.name": "Pump 8 bar",
            "value": "199",
            "valueType": "actual",
            "priceList.id": "RETAIL",
            "minimumQuantity": None,
        }
    ]


def test_standard_costs_belong_to_a_stock_row(running: Running) -> None:
    cost = {"effectiveStartDate": "2026-01-01", "standardCost": "9.50", "itemWarehouse": {"key": "1"}}
    assert running.api.call("POST", "/objects/inventory-control/item-warehouse-standard-cost", cost).status_code == 201
    row = running.api.call("GET", f"/objects/{STOCK}/1").json()["ia::result"]
    assert [entry["standardCost"] for entry in row["standardCostEntries"]] == ["9.5"]

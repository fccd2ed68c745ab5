"""Paging (reference, 4.2): exact `next` and `previous`, every row exactly once, a fresh look at each page."""

from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.query.request import parse_query

from .service import Running

ITEM = "inventory-control/item"


def stocked(rows: int) -> IntacctCompany:
    company = IntacctCompany(clock=lambda: datetime(2026, 9, 1, tzinfo=UTC), client_id="c", client_secret="s")
    company.load("item", [{"id": f"I-{number}", "name": f"Item {number}"} for number in range(rows)])
    return company


@settings(max_examples=60, deadline=None)
@given(rows=st.integers(0, 60), size=st.integers(1, 70))
def test_any_size_walks_every_row_once_in_key_order(rows: int, size: int) -> None:
    company = stocked(rows)
    keys: list[str] = []
    start: int | None = 1
    previous_start = None
    while start is not None:
        page = company.query(
            parse_query({"object": ITEM, "fields": ["key"], "orderBy": [{"key": "asc"}], "start": start, "size": size})
        )
        assert page.total == rows
        assert page.previous == previous_start
        assert len(page.rows) == min(size, rows - start + 1)
        assert page.next == (start + size if start + size <= rows else None)
        keys += [str(row["key"]) for row in page.rows]
        previous_start, start = start, page.next
    assert keys == [str(number) for number in range(1, rows + 1)]


def test_meta_is_as_observed(running: Running) -> None:
    running.company.load("item", [{"id": f"X{number}", "name": f"X{number}"} for number in range(248)])
    ask = {"object": ITEM, "fields": ["key"], "orderBy": [{"key": "asc"}]}
    metas = [running.api.query(**ask, start=start).json()["ia::meta"] for start in (1, 101, 201)]
    assert metas == [
        {"totalCount": 250, "start": 1, "pageSize": 100, "next": 101, "previous": None},
        {"totalCount": 250, "start": 101, "pageSize": 100, "next": 201, "previous": 1},
        {"totalCount": 250, "start": 201, "pageSize": 100, "next": None, "previous": 101},
    ]


def test_an_empty_result_is_as_observed(running: Running) -> None:
    reply = running.api.query(object=ITEM, fields=["key"], filters=[{"$eq": {"id": "none"}}])
    assert reply.status_code == 200
    assert reply.json() == {
        "ia::result": [],
        "ia::meta": {"totalCount": 0, "start": 1, "pageSize": 100, "next": None, "previous": None},
    }


def test_a_start_past_the_end_is_an_empty_last_page(running: Running) -> None:
    reply = running.api.query(object=ITEM, fields=["key"], start=500).json()
    assert (reply["ia::result"], reply["ia::meta"]["next"]) == ([], None)


def test_without_order_the_rows_are_shuffled_but_repeatably(start: Callable[..., Running]) -> None:
    orders = []
    for seed in (1, 1, 2):
        running = start(shuffle_seed=seed)
        running.company.load("item", [{"id": f"X{number}", "name": f"X{number}"} for number in range(50)])
        orders.append([row["key"] for row in running.api.rows(object=ITEM, fields=["key"])])
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert orders[0] != sorted(orders[0], key=int)
    assert sorted(orders[0], key=int) == sorted(orders[2], key=int)


def test_key_order_is_numeric_and_each_page_sees_the_present(running: Running) -> None:
    running.company.load("item", [{"id": f"X{number}", "name": f"X{number}"} for number in range(18)])
    ask = {"object": ITEM, "fields": ["key"], "orderBy": [{"key": "asc"}], "size": 10}
    assert [row["key"] for row in running.api.rows(**ask)][-2:] == ["9", "10"]
    running.company.delete("item", "X0")
    assert running.api.query(**ask, start=11).json()["ia::meta"]["totalCount"] == 19

"""Reading page after page while rows come and go, on a query service of a few lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.client import IntacctClient, Reply
from intacct_sf_pipeline.connectors.intacct.paging import Pager
from intacct_sf_pipeline.connectors.intacct.query import Query
from intacct_sf_pipeline.connectors.intacct.rest_pages import RestPages
from intacct_sf_pipeline.model.errors import TransientError
from intacct_sf_pipeline_tests.effort import tries

QUERY = Query("o", ("key",))
AT = datetime(2026, 3, 1, tzinfo=UTC)
Order = Callable[[str], Any]


def as_number(key: str) -> tuple[int, str]:
    return int(key), ""


@dataclass
class Service:
    """Rows are keys. It sorts by one order and compares by another, and something may happen before each call."""

    keys: set[str]
    sort: Order = as_number
    compare: Order = as_number
    events: dict[int, Callable[[Service], None]] = field(default_factory=dict)
    calls: int = 0

    def query(self, _call: Call, body: Mapping[str, Any]) -> Reply:
        self.calls += 1
        if event := self.events.get(self.calls):
            event(self)
        after = next((given["$gt"]["key"] for given in body.get("filters", []) if "$gt" in given), None)
        matching = sorted(
            (key for key in self.keys if after is None or self.compare(key) > self.compare(after)), key=self.sort
        )
        start, size = body["start"], body["size"]
        rows = matching[start - 1 : start - 1 + size]
        following = start + size if start + size <= len(matching) else None
        meta = {"totalCount": len(matching), "start": start, "pageSize": size, "next": following}
        return Reply(200, {"ia::result": [{"key": key} for key in rows], "ia::meta": meta}, AT)


def read(service: Service, size: int) -> list[str]:
    pager = Pager(RestPages(cast(IntacctClient, service)), size)
    return [str(row["key"]) for page in pager.pages(QUERY) for row in page.rows]


orders = st.sampled_from([as_number, str])
numbers = st.sets(st.integers(1, 300).map(str), max_size=60)


@settings(max_examples=tries(300), deadline=None)
@given(keys=numbers, sort=orders, compare=orders, size=st.integers(1, 25))
def test_every_row_is_read_whatever_order_the_service_keeps(
    keys: set[str], sort: Order, compare: Order, size: int
) -> None:
    service = Service(keys, sort, compare)
    assert set(read(service, size)) == keys


@settings(max_examples=tries(300), deadline=None)
@given(keys=numbers, size=st.integers(1, 25))
def test_pages_of_a_service_that_keeps_one_order_cost_one_call_each(keys: set[str], size: int) -> None:
    for order in (as_number, str):
        service = Service(set(keys), order, order)
        assert read(service, size) == sorted(keys, key=order)
        assert service.calls == max(1, -(-len(keys) // size))


changes = st.tuples(st.integers(1, 8), st.sets(st.integers(1, 300).map(str)), st.sets(st.integers(301, 400).map(str)))


@settings(max_examples=tries(400), deadline=None)
@given(keys=numbers, size=st.integers(2, 25), happenings=st.lists(changes, max_size=5))
def test_rows_deleted_and_created_between_pages_hide_no_other(
    keys: set[str], size: int, happenings: list[tuple[int, set[str], set[str]]]
) -> None:
    """New records get higher keys, as in the service."""
    ever_gone: set[str] = set()

    def happening(gone: set[str], new: set[str]) -> Callable[[Service], None]:
        def act(service: Service) -> None:
            ever_gone.update(gone & service.keys)
            service.keys = (service.keys - gone) | new

        return act

    events = {at: happening(gone, new) for at, gone, new in happenings}
    service = Service(set(keys), events=events)
    assert set(read(service, size)) >= keys - ever_gone


def test_a_page_that_comes_empty_although_more_was_announced_is_not_the_end() -> None:
    class Hiccup(Service):
        def query(self, _call: Call, body: Mapping[str, Any]) -> Reply:
            reply = super().query(_call, body)
            meta = {"totalCount": 0, "start": 1, "pageSize": 3, "next": None}
            return Reply(200, {"ia::result": [], "ia::meta": meta}, AT) if self.calls == 2 else reply

    keys = {str(number) for number in range(1, 10)}
    assert set(read(Hiccup(keys), 3)) == keys


def test_rows_that_never_come_are_an_error_where_half_an_answer_would_mislead() -> None:
    class Lying(Service):
        def query(self, _call: Call, body: Mapping[str, Any]) -> Reply:
            self.calls += 1
            return Reply(200, {"ia::result": [{"key": "1"}], "ia::meta": {"totalCount": 2, "next": None}}, AT)

    service = Lying({"1"})
    with pytest.raises(TransientError, match="fewer rows"):
        Pager(RestPages(cast(IntacctClient, service)), 10).complete(QUERY)
    assert service.calls == 2

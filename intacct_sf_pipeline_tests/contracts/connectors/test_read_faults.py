"""Reading while the service misbehaves, on both sandboxes: what is there arrives, and what does not is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from intacct_sf_pipeline.model.errors import TransientError
from intacct_sf_pipeline.model.results import Page
from intacct_sf_pipeline.model.windows import Window

from .conftest import NOON
from .rigs import Rig

SINCE = Window(start=NOON + timedelta(seconds=30))


def read(rig: Rig, size: int, window: Window) -> list[Page]:
    return list(rig.paged(size).read(rig.feed, rig.columns, window))


def keys(pages: list[Page]) -> set[str]:
    return {row.key for page in pages for row in page.rows if not row.deleted}


@pytest.mark.parametrize("fault", ["delete_between", "touch_between", "recreate"])
def test_what_happens_between_pages_hides_no_row_that_stays(rig: Rig, fault: str) -> None:
    seeded = set(rig.seed([f"n{n}" for n in range(12)]))
    more = {} if fault == "recreate" else {"records": 2}
    for skip in (1, 2, 3):
        rig.fault(fault, "query", skip=skip, seed=skip, **more)
    found = keys(read(rig, 3, Window()))
    assert rig.sandbox.faults.fired
    rig.sandbox.faults.clear()
    assert seeded & keys(read(rig, 200, Window())) <= found


def test_a_mass_update_between_pages_of_a_window_is_read_now_or_with_the_next(rig: Rig) -> None:
    seeded = rig.seed([f"n{n}" for n in range(12)])
    rig.clock.advance(60)
    for key in seeded[:6]:
        rig.edit(key, "T-1")
    rig.clock.advance(60)
    rig.fault("same_second", "query", skip=1)
    first = read(rig, 3, SINCE)
    following = read(rig, 3, Window(start=first[0].server_time))
    assert keys(first) | keys(following) == set(seeded)


def test_a_short_answer_tells_how_much_is_missing(rig: Rig) -> None:
    seeded = rig.seed([f"n{n}" for n in range(10)])
    rig.fault("short_read", "query", share=0.5, seed=2)
    (page,) = read(rig, 200, Window())
    assert (len(page.rows) + page.missing, page.total) == (10, 10)
    assert page.missing > 0
    assert [p.missing for p in read(rig, 200, Window())] == [0]
    assert keys(read(rig, 200, Window())) == set(seeded)


def test_a_look_up_that_stays_short_is_an_error_and_one_short_answer_is_asked_again(rig: Rig) -> None:
    seeded = rig.seed([f"n{n}" for n in range(4)])
    rig.fault("short_read", "query", share=0.5)
    assert len(rig.connector().lookup(rig.feed, rig.columns, rig.feed.key, seeded)) == 4
    rig.fault("short_read", "query", share=0.5, count=None)
    with pytest.raises(TransientError, match="fewer rows"):
        rig.connector().lookup(rig.feed, rig.columns, rig.feed.key, seeded)


@pytest.mark.parametrize("window", [Window(), SINCE], ids=["full", "window"])
def test_rows_whose_stamp_does_not_show_arrive_without_one_for_no_further_call(rig: Rig, window: Window) -> None:
    seeded = rig.seed(["a", "b", "c"])
    rig.clock.advance(60)
    for key in seeded:
        rig.edit(key, "T-1")
    rig.fault("null_stamp", "query", share=1.0)
    connector = rig.connector()
    rows = [row for page in connector.read(rig.feed, rig.columns, window) for row in page.rows]
    assert {(row.key, row.modified) for row in rows} == {(key, None) for key in seeded}
    assert connector.spend().billed == 1 + (rig.asks_for_deletions and not window.full)


@pytest.mark.parametrize("seconds", [7200, -7200])
def test_a_jumped_clock_shows_in_the_time_of_the_read(rig: Rig, seconds: int) -> None:
    rig.seed(["a"])
    connector = rig.connector()
    rig.fault("clock_jump", "query", seconds=seconds)
    (page,) = connector.read(rig.feed, rig.columns, Window())
    assert page.server_time == NOON + timedelta(seconds=seconds)


def test_a_token_that_ends_between_pages_interrupts_nothing(rig: Rig) -> None:
    seeded = rig.seed([f"n{n}" for n in range(6)])
    rig.fault("expire_token", "query", skip=1)
    found = [row.key for page in read(rig, 2, Window()) for row in page.rows]
    assert sorted(found) == sorted(seeded)
    assert rig.logins() == 2

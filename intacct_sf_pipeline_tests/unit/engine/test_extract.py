"""Extract: half an answer moves no watermark and deletes nothing, and what vanished is looked for first."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.vanished import SWEEP_FREE_ROWS, SWEEP_MAX_PERCENT, too_many_vanished
from intacct_sf_pipeline.model.clocks import Glance
from intacct_sf_pipeline.model.records import SourceRow
from intacct_sf_pipeline.model.windows import Window
from intacct_sf_pipeline_tests.effort import tries

from .feeds import START, Extraction, Tamper

MANY = [f"k{number:03}" for number in range(100)]


@pytest.fixture
def extraction() -> Extraction:
    return Extraction()


def hide(*keys: str, told: bool) -> Tamper:
    """A read that does not show some rows; `told` says whether the service's own total betrays it."""

    def act(rows: list[SourceRow], _window: Window) -> tuple[list[SourceRow], int]:
        shown = [row for row in rows if row.key not in keys]
        return shown, len(rows) - len(shown) if told else 0

    return act


def nothing(_rows: list[SourceRow], _window: Window) -> tuple[list[SourceRow], int]:
    return [], 0


def test_the_first_read_is_full_and_the_next_asks_for_what_changed(extraction: Extraction) -> None:
    extraction.service.put("a", "b")
    assert extraction.tick().counts.read == 2
    extraction.service.put("b")
    assert extraction.tick().counts.read == 1
    assert [window.full for window in extraction.service.windows] == [True, False]
    assert extraction.service.windows[1].start == START + timedelta(minutes=5)


def test_an_idle_tick_is_one_read_and_no_look_up(extraction: Extraction) -> None:
    extraction.service.put(*MANY)
    extraction.tick()
    extraction.service.windows.clear()
    assert extraction.tick().doubts == {"incomplete": 0, "clock_jumps": 0, "unswept": 0}
    assert (len(extraction.service.windows), extraction.service.lookups) == (1, [])


def test_a_truncated_read_is_read_again_once_and_then_complete(extraction: Extraction) -> None:
    extraction.service.put("a", "b", "c", "d")
    extraction.service.tampers = [hide("b", told=True)]
    assert extraction.tick().doubts["incomplete"] == 0
    assert set(extraction.store.live) == {"a", "b", "c", "d"}
    assert len(extraction.service.windows) == 2


def test_a_read_that_stays_truncated_lands_what_came_and_moves_no_watermark(extraction: Extraction) -> None:
    extraction.service.put("a", "b")
    extraction.tick()
    before = extraction.store.mark
    extraction.service.put("c", "d")
    extraction.service.tampers = [hide("c", told=True)] * 2
    assert extraction.tick().doubts["incomplete"] == 1
    assert set(extraction.store.live) == {"a", "b", "d"}
    assert extraction.store.mark == before
    extraction.tick()
    assert set(extraction.store.live) == {"a", "b", "c", "d"}


@pytest.mark.parametrize("told", [True, False])
def test_rows_that_a_full_read_does_not_show_although_they_are_there_are_never_deleted(
    extraction: Extraction, told: bool
) -> None:
    extraction.service.put(*MANY)
    extraction.tick()
    extraction.service.tampers = [hide("k007", "k011", told=told)] * 2
    extraction.tick(full=True)
    assert extraction.store.deleted == set()


def test_a_row_that_is_gone_is_looked_for_in_one_call_and_then_deleted(extraction: Extraction) -> None:
    extraction.service.put(*MANY)
    extraction.tick()
    for key in MANY[:20]:
        del extraction.service.rows[key]
    extracted = extraction.tick(full=True)
    assert (extracted.counts.deleted, extraction.store.deleted) == (20, set(MANY[:20]))
    assert len(extraction.service.lookups) == 1


def test_a_vanished_row_that_is_found_is_landed_as_it_is_now(extraction: Extraction) -> None:
    extraction.service.put(*MANY)
    extraction.tick()
    extraction.service.put("k050", name="changed")
    extraction.service.tampers = [hide("k050", told=False)]
    extraction.tick(full=True)
    assert extraction.store.live["k050"].values["name"] == "changed"


def test_a_look_up_that_finds_nothing_at_all_deletes_nothing(extraction: Extraction) -> None:
    extraction.service.put(*MANY)
    extraction.tick()
    extraction.service.blind = True
    extraction.service.tampers = [hide("k001", told=False)]
    extracted = extraction.tick(full=True)
    assert (extracted.doubts["unswept"], extraction.store.deleted) == (1, set())


def test_a_look_up_that_finds_only_some_of_what_is_there_deletes_nothing(extraction: Extraction) -> None:
    extraction.service.put(*MANY)
    extraction.tick()
    extraction.service.tampers = [hide("k050", told=False)]
    extraction.service.forgets = {"k003", "k050"}
    extracted = extraction.tick(full=True)
    assert (extracted.doubts["unswept"], extraction.store.deleted) == (1, set())


def test_when_too_many_vanish_the_read_is_repeated_and_then_nobody_is_deleted(extraction: Extraction) -> None:
    extraction.service.put(*MANY)
    extraction.tick()
    for key in MANY[:60]:
        del extraction.service.rows[key]
    extracted = extraction.tick(full=True)
    assert (extracted.doubts["unswept"], extraction.store.deleted) == (60, set())
    assert extraction.service.lookups == []
    assert len(extraction.service.windows) == 3


def test_too_many_vanished_in_one_read_only_are_found_by_the_second(extraction: Extraction) -> None:
    extraction.service.put(*MANY)
    extraction.tick()
    extraction.service.tampers = [hide(*MANY[:60], told=False), hide(*MANY[60:], told=False)]
    extracted = extraction.tick(full=True)
    assert (extracted.doubts["unswept"], extraction.service.lookups) == (0, [])


def test_a_feed_that_shows_nothing_any_more_keeps_its_rows_and_its_watermark(extraction: Extraction) -> None:
    extraction.service.put("a", "b")
    extraction.tick()
    before = extraction.store.mark
    extraction.service.tampers = [nothing, nothing]
    assert extraction.tick(full=True).doubts["incomplete"] == 1
    assert (extraction.store.deleted, extraction.store.mark) == (set(), before)


def test_an_empty_first_read_is_asked_again_and_believed_only_until_the_next(extraction: Extraction) -> None:
    extraction.service.put("a", "b")
    extraction.service.tampers = [nothing, nothing]
    extraction.tick()
    assert extraction.store.live == {}
    extraction.tick()
    assert set(extraction.store.live) == {"a", "b"}


def test_a_feed_whose_rows_are_all_known_to_be_deleted_may_be_empty(extraction: Extraction) -> None:
    extraction.service.put("a", "b")
    extraction.tick()
    extraction.store.deleted = {"a", "b"}
    extraction.service.rows.clear()
    extraction.service.windows.clear()
    assert extraction.tick(full=True).doubts["incomplete"] == 0
    assert len(extraction.service.windows) == 1
    assert extraction.store.mark is not None
    assert extraction.store.mark.value == extraction.service.now


def test_an_empty_first_read_is_no_warning(extraction: Extraction, caplog: pytest.LogCaptureFixture) -> None:
    assert extraction.tick().doubts["incomplete"] == 0
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_feed_that_is_really_empty_costs_one_read_a_tick(extraction: Extraction) -> None:
    extraction.tick()
    extraction.service.windows.clear()
    assert extraction.tick().doubts["incomplete"] == 0
    assert len(extraction.service.windows) == 1


def test_a_service_behind_the_watermark_is_read_in_full_and_reported(extraction: Extraction) -> None:
    extraction.service.put("a")
    extraction.tick()
    extraction.service.now -= timedelta(hours=2)
    extraction.own_offset = timedelta(hours=2)
    extraction.service.put("b")
    assert extraction.tick().doubts["clock_jumps"] == 1
    assert set(extraction.store.live) == {"a", "b"}
    assert extraction.tick().doubts["clock_jumps"] == 0


def test_a_clock_that_only_other_calls_saw_behind_is_read_further_back_too(extraction: Extraction) -> None:
    """A sign-in, a look-up or a write showed it; when the feed is read the clock is right again."""
    extraction.service.put("a")
    extraction.tick()
    extraction.service.rows["b"] = SourceRow("b", {"name": "b"}, extraction.service.now - timedelta(minutes=50))
    behind = extraction.service.now + timedelta(minutes=15) - timedelta(hours=1)
    extraction.service.glanced = [Glance(behind, 0.0), Glance(behind + timedelta(hours=1), 0.0)]
    extraction.tick()
    assert set(extraction.store.live) == {"a", "b"}


def test_a_row_without_a_stamp_lands(extraction: Extraction) -> None:
    extraction.service.put("a")
    extraction.tick()
    extraction.service.rows["b"] = SourceRow("b", {"name": "b"}, None)
    extraction.tick()
    assert set(extraction.store.live) == {"a", "b"}


def test_a_backfill_leaves_watermark_and_absent_rows_alone(extraction: Extraction) -> None:
    extraction.service.put("a", "b")
    extraction.tick()
    before = extraction.store.mark
    extraction.service.rows.clear()
    extraction.tick(since=START - timedelta(days=3), until=START - timedelta(days=2))
    assert (extraction.store.mark, extraction.store.deleted) == (before, set())


@settings(max_examples=tries(200), deadline=None)
@given(
    gone=st.sets(st.sampled_from(MANY), max_size=99),
    hidden=st.lists(st.tuples(st.sets(st.sampled_from(MANY)), st.booleans()), max_size=3),
    blind=st.booleans(),
)
def test_whatever_a_full_read_hides_only_what_is_gone_is_deleted(
    gone: set[str], hidden: list[tuple[set[str], bool]], blind: bool
) -> None:
    extraction = Extraction()
    extraction.service.put(*MANY)
    extraction.tick()
    for key in gone:
        del extraction.service.rows[key]
    extraction.service.tampers = [hide(*keys, told=told) for keys, told in hidden]
    extraction.service.blind = blind
    extraction.tick(full=True)
    assert extraction.store.deleted <= gone
    extraction.service.blind = False
    extraction.service.tampers = []
    extraction.tick(full=True)
    assert extraction.store.deleted <= gone
    if not too_many_vanished(len(gone), len(MANY) - len(gone)):
        assert extraction.store.deleted == gone


def test_the_limit_is_a_share_of_the_rows_beyond_a_handful() -> None:
    assert not too_many_vanished(SWEEP_FREE_ROWS, 0)
    assert too_many_vanished(SWEEP_FREE_ROWS + 1, 0)
    assert not too_many_vanished(SWEEP_MAX_PERCENT * 10, 1000 - SWEEP_MAX_PERCENT * 10)
    assert too_many_vanished(SWEEP_MAX_PERCENT * 10 + 1, 1000 - SWEEP_MAX_PERCENT * 10 - 1)

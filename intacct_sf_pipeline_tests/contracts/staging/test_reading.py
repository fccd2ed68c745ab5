"""A feed that flows share is read by one run at a time, so that no older page lands over a newer one."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from intacct_sf_pipeline.model.errors import LeaseHeldError
from intacct_sf_pipeline.model.records import SourceRow
from intacct_sf_pipeline.staging.patience import Patience
from intacct_sf_pipeline.staging.store import SqlStagingStore


@pytest.fixture
def other(kit):
    """The store of another process, which waits for nobody."""
    return SqlStagingStore(kit.engine, kit.mapping, kit.clock, feed_patience=Patience(seconds=0))


def leases(kit):
    return {row["entity"] for row in kit.rows("SELECT entity FROM leases WHERE holder IS NOT NULL")}


def test_two_flows_do_not_read_a_feed_at_once(kit, other):
    items = kit.feed("items")
    with kit.store.writer(["products"], "run-1"), other.writer(["stock"], "run-2"):
        with kit.store.reading(items):
            assert "intacct/items" in leases(kit)
            with pytest.raises(LeaseHeldError, match="run-1"), other.reading(items):
                pass
            with other.reading(kit.feed("stock")):
                other.land(kit.feed("stock"), [SourceRow("1", {"key": "1"})], run_id="run-2")
        with other.reading(items):
            pass
    assert leases(kit) == set()


def test_the_second_one_waits_until_the_feed_is_free(kit):
    items, stack, waited = kit.feed("items"), ExitStack(), []

    def pass_time(_seconds):
        waited.append(1)
        stack.close()

    patient = SqlStagingStore(kit.engine, kit.mapping, kit.clock, feed_patience=Patience(9, sleep=pass_time))
    with kit.store.writer(["products"], "run-1"), patient.writer(["stock"], "run-2"):
        stack.enter_context(kit.store.reading(items))
        with patient.reading(items):
            patient.land(items, [SourceRow("1", {"id": "I1", "name": "Bolt"})], run_id="run-2")
    assert waited == [1]


def test_a_run_that_has_every_user_of_a_feed_to_itself_takes_no_further_lease(kit):
    with kit.store.writer(["products", "prices", "stock"], "run-1"), kit.store.reading(kit.feed("items")):
        assert leases(kit) == {"products", "prices", "stock"}
    with kit.store.reading(kit.feed("items")):
        assert leases(kit) == set()


def test_reading_within_reading_is_one_reading(kit, other):
    items = kit.feed("items")
    with other.writer(["stock"], "run-2"), other.reading(items), other.reading(items):
        assert leases(kit) == {"stock", "intacct/items"}

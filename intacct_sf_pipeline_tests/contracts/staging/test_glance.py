"""The staging database looked at in passing: read and booked in as it is; what cannot be had is one kind of error."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.spend import CallKind, SpendEntry
from intacct_sf_pipeline.staging.dialects import begin
from intacct_sf_pipeline.staging.glance import Glance, StagingUnavailableError
from intacct_sf_pipeline.staging.setup import NotUpToDateError


@pytest.fixture
def entry(kit):
    now = kit.clock()
    return SpendEntry(
        "stock_moved", "stock_moved", "sensor", Side.INTACCT, CallKind.LOOKUP, 3, 4, now, now.date(), now.date()
    )


def booked(kit):
    with kit.store.database.read() as connection:
        return connection.execute(text("select sum(billed) from api_spend where run_id = 'stock_moved'")).scalar_one()


def test_watermarks_are_read_and_calls_booked_as_by_the_store_itself(kit, entry):
    glance = Glance(lambda: kit.store)
    feed = kit.feed("customers")
    kit.land(feed, kit.customer("7"))
    assert glance.watermark(feed) == kit.store.watermark(feed)
    glance.book([entry], {})
    assert booked(kit) == 3
    assert glance.crashed(["nobody"]) == frozenset()
    glance.close()


def test_a_database_that_is_not_up_to_date_has_nothing_to_tell_and_is_left_alone(kit, entry):
    def refuse():
        raise NotUpToDateError("it lacks a migration")

    glance = Glance(refuse)
    assert glance.watermark(kit.feed("customers")) is None
    assert glance.crashed(["run"]) == frozenset()
    with pytest.raises(StagingUnavailableError, match="next run"):
        glance.book([entry], {})
    glance.close()


def test_what_the_server_says_is_not_passed_on(kit, entry):
    def refuse(*_more):
        raise OperationalError("SELECT 1", {}, ConnectionError("host db.example user jo refused"))

    event.listen(kit.engine, "before_cursor_execute", refuse)
    try:
        with pytest.raises(StagingUnavailableError, match="cannot be used now") as told:
            Glance(lambda: kit.store).book([entry], {})
    finally:
        event.remove(kit.engine, "before_cursor_execute", refuse)
    assert "db.example" not in str(told.value)


def test_sqlite_is_read_while_somebody_writes_and_nobody_waits_for_the_end_of_it(kit, entry):
    if kit.store.database.server != "sqlite":
        pytest.skip("elsewhere a writer keeps nobody from adding rows")
    glance = Glance(lambda: kit.store, busy_seconds=0.01)
    with begin(kit.engine, writer=True):
        assert glance.watermark(kit.feed("customers")) == kit.store.watermark(kit.feed("customers"))
        with pytest.raises(StagingUnavailableError, match="is busy"):
            glance.book([entry], {})
    glance.book([entry], {})
    assert booked(kit) == 3
    glance.close()

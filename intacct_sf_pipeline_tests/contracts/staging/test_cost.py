"""A tick's database work follows what changed: no statement of an idle tick reads a whole table, none writes."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Side


def tick(kit, run_id="run-2"):
    """What a tick without changes asks of the store."""
    store = kit.store
    for feed in kit.mapping.used_feeds():
        store.watermark(feed)
    for entity in kit.mapping.enabled():
        for side in SIDES:
            assert store.unsettled(entity, side, run_id=run_id) == []
            assert not store.stage_batch(entity, side, 2000)
        store.supersede(entity, run_id=run_id)
        store.due_holds(entity, now=kit.clock(), everything=False)
        assert not store.reconcile_batch(entity, 2000)
        for side in SIDES:
            assert store.planned(entity, side, run_id=run_id, limit=200) == []


@pytest.fixture
def statements(kit):
    """Every statement sent from here on, with its parameters."""
    sent: list[tuple[str, object]] = []

    def keep(_connection, _cursor, statement, parameters, _context, _many):
        sent.append((statement, parameters))

    event.listen(kit.engine, "before_cursor_execute", keep)
    return sent


def fill(kit, number=300):
    records = [CanonicalRecord(str(n), {"name": str(n)}, match_keys={"name": str(n)}) for n in range(number)]
    kit.stage("accounts", Side.INTACCT, *records)
    kit.staged_keys("contacts", Side.INTACCT)
    while batch := kit.store.reconcile_batch(kit.entity("accounts"), 1000):
        kit.store.commit_reconcile(kit.entity("accounts"), batch, [], run_id="run-1")


def test_an_idle_tick_only_looks_things_up(kit, statements):
    fill(kit)
    statements.clear()
    tick(kit)
    assert statements
    assert [text for text, _ in statements if text.split()[0] not in ("SELECT", "BEGIN")] == []


def test_no_statement_of_a_tick_reads_a_whole_table(kit, statements):
    if kit.store.database.server != "sqlite":
        pytest.skip("the plan of a statement is asked for in SQLite's way; the indexes are the same everywhere")
    fill(kit)
    statements.clear()
    kit.land(kit.feed("customers"), kit.customer("7", name="changed"))
    kit.staged_keys("accounts")
    kit.reconcile("accounts")
    kit.store.match_groups(kit.entity("accounts"), "name", ["7"])
    tick(kit)
    asked = [(text, values) for text, values in statements if text.split()[0] in ("SELECT", "UPDATE", "DELETE")]
    scans = []
    with kit.engine.connect() as connection:
        for text, values in asked:
            first = values[0] if isinstance(values, list) else values
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", first).fetchall()
            # Watermarks are a handful of rows, one per feed.
            scans += [(row[3], text) for row in plan if row[3].startswith("SCAN") and "watermarks" not in row[3]]
    assert len(asked) > 50
    assert scans == []


def test_a_connection_to_sqlite_holds_little_in_memory_and_sorts_on_disk(kit):
    """A run asks what it touched, grouped and sorted: with a million records that must not be held by the process."""
    if kit.store.database.server != "sqlite":
        pytest.skip("other servers sort in processes of their own")
    with kit.engine.connect() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("temp_store", "cache_size")]
    in_a_file, kib = 1, -16_000
    assert found == [in_a_file, kib]

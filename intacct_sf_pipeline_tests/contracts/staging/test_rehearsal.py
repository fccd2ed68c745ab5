"""Rehearsing a plan: everything may be tried on the copy, and nothing but the plan is kept."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from intacct_sf_pipeline.model.plans import Baseline, LineStatus, Operation, Settlement
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.staging.queries import open_holds
from intacct_sf_pipeline.staging.rehearsal import rehearsal

PLAN = "plan-1"


@pytest.fixture
def busy(kit, make_hold):
    """A database with something in every kind of table."""
    kit.linked("accounts", "1", "001A", name="A")
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "B"}), CanonicalRecord("2", {"name": "C"}))
    kit.reconcile("products", Settlement("products", "7", None, holds=(make_hold("7", entity="products"),)))
    kit.land(kit.feed("customers"), kit.customer("3"))
    return kit


def everything(kit):
    names = [t.name for t in kit.store.tables.metadata.sorted_tables] + [
        "links",
        "holds",
        "journal",
        "stage_queue",
        "reconcile_queue",
    ]
    return {name: kit.rows(f"SELECT * FROM {name}") for name in names}


def plan(kit, store, make_line):
    """A run on the copy that links, writes and holds."""
    entity = kit.entity("accounts")
    store.start_run(PLAN, kind="plan", entities=["accounts"], at=kit.clock())
    batch = store.reconcile_batch(entity, 100)
    create = make_line(f"{PLAN}/2", run_id=PLAN, operation=Operation.CREATE, target_key=None, source_key="2")
    idle = make_line(f"{PLAN}/1", run_id=PLAN, operation=Operation.NONE)
    settlement = Settlement(
        "accounts", "2", "001Z", (create, idle), kit.link("accounts", "2", "001Z"), Baseline({"name": "C"})
    )
    store.commit_reconcile(entity, batch, [settlement], run_id=PLAN)
    store.mark([create], LineStatus.WRITTEN)
    store.finish_run(PLAN, status="done", at=kit.clock())
    return batch


def test_the_copy_holds_what_the_original_holds(busy):
    entity = busy.entity("accounts")
    with rehearsal(busy.store, PLAN) as copy:
        assert copy.reconcile_batch(entity, 100).items == busy.store.reconcile_batch(entity, 100).items
        assert copy.links("accounts", Side.INTACCT, ["1"]) == busy.store.links("accounts", Side.INTACCT, ["1"])
        assert open_holds(copy.database) == open_holds(busy.store.database)
        assert [item.key for item in copy.stage_batch(entity, Side.INTACCT, 10).items] == ["3"]


def test_a_copy_shows_one_moment_whatever_is_written_meanwhile(busy):
    """A row that is landed while the copy is made is in it with its place in the queue, or not at all."""
    late: list[str] = []

    def write_meanwhile(_connection, _cursor, statement, *_):
        if "FROM stage_queue" in statement and not late:
            late.append(statement)
            busy.land(busy.feed("customers"), busy.customer("99"))

    event.listen(busy.engine, "after_cursor_execute", write_meanwhile)
    with rehearsal(busy.store, PLAN) as copy:
        with copy.database.read() as connection:
            queries = ("landing_intacct_customers WHERE record_key = '99'", "stage_queue WHERE value = '99'")
            found = [connection.exec_driver_sql(f"SELECT count(*) FROM {query}").scalar() for query in queries]
        assert found[0] == found[1]
    assert late or busy.store.database.server == "sqlite"


def test_only_the_ledger_and_the_lines_of_a_rehearsed_run_are_kept(busy, make_line):
    before = everything(busy)
    with rehearsal(busy.store, PLAN) as copy:
        assert len(plan(busy, copy, make_line).items) == 2
        assert copy.links("accounts", Side.INTACCT, ["2"])
    assert everything(busy) == before
    assert busy.rows("SELECT run_id, status FROM runs") == [{"run_id": PLAN, "status": "done"}]
    lines = busy.rows("SELECT line_id, status FROM plan_lines ORDER BY line_id")
    assert lines == [{"line_id": f"{PLAN}/1", "status": "nothing"}, {"line_id": f"{PLAN}/2", "status": "preview"}]


def test_a_plan_of_many_lines_is_kept_whole(busy, make_line):
    lines = tuple(make_line(f"{PLAN}/{n}", run_id=PLAN, target_key=f"T{n}", source_key=None) for n in range(2100))
    with rehearsal(busy.store, PLAN) as copy:
        entity = busy.entity("accounts")
        batch = copy.reconcile_batch(entity, 100)
        copy.commit_reconcile(entity, batch, [Settlement("accounts", "1", "001A", lines)], run_id=PLAN)
    found = busy.rows("SELECT line_id, status, seq FROM plan_lines ORDER BY seq")
    assert [(row["line_id"], row["status"]) for row in found] == [(line.line_id, "preview") for line in lines]


def test_previewed_lines_are_never_sent_nor_looked_up(busy, make_line):
    with rehearsal(busy.store, PLAN) as copy:
        plan(busy, copy, make_line)
    entity = busy.entity("accounts")
    assert busy.store.planned(entity, Side.SALESFORCE, run_id=PLAN, limit=10) == []
    assert busy.store.unsettled(entity, Side.SALESFORCE, run_id="run-2") == []
    assert busy.store.supersede(entity, run_id="run-2") == 0


def test_new_work_after_a_copy_does_not_take_old_tokens(busy):
    entity = busy.entity("accounts")
    highest = max(busy.store.reconcile_batch(entity, 100).tokens)
    with rehearsal(busy.store, PLAN) as copy:
        copy.requeue(entity, Side.INTACCT, ["1"])
        assert max(copy.reconcile_batch(entity, 100).tokens) > highest

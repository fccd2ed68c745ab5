"""The life of a hold: found again it is the same one, gone it is closed, refused it is tried again ever more seldom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from intacct_sf_pipeline.model.plans import Hold, HoldReason, LineStatus, Operation, Settlement
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.staging.queries import open_holds
from intacct_sf_pipeline.staging.store import SqlStagingStore


def held(kit):
    return [(row["id"], row["reason"], tuple(row["fields"])) for row in open_holds(kit.store.database)]


def refuse(kit, line, hold):
    """A write that the service refused."""
    settlement = Settlement("accounts", "1", "001A", holds=(hold,))
    outcome(kit, line, LineStatus.REJECTED, settlement)


def outcome(kit, line, status, settlement):
    kit.store.commit_outcomes(
        kit.entity("accounts"),
        [line],
        {line.line_id: status},
        settlements=[settlement],
        journal=[],
        predicted=[],
        records=[],
        side=Side.SALESFORCE,
        run_id="run-1",
    )


def test_a_hold_found_again_keeps_its_number_and_its_beginning(kit, make_hold):
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1", "name", "phone"),)))
    (before,) = open_holds(kit.store.database)
    kit.clock.advance(hours=5)
    kit.reconcile(
        "accounts",
        Settlement("accounts", "1", "001A", holds=(make_hold("1", "phone", "name", message="new words", state="t"),)),
    )
    (after,) = open_holds(kit.store.database)
    assert (after["id"], after["since"]) == (before["id"], before["since"])
    assert (after["message"], after["fields"]) == ("new words", ["name", "phone"])


def test_open_holds_have_the_documented_keys(kit, make_hold):
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1", "name"),)))
    (row,) = open_holds(kit.store.database, "accounts")
    expected = {
        "id": 1,
        "entity": "accounts",
        "key": "1",
        "side": "intacct",
        "reason": "conflict",
        "message": "why",
        "since": "2026-03-02T09:00:00.123456+00:00",
        "fields": ["name"],
    }
    assert {name: row[name] for name in expected} == expected
    assert open_holds(kit.store.database, "contacts") == []


def test_a_hold_not_found_again_is_closed_and_a_new_one_has_a_new_number(kit, make_hold):
    kit.reconcile(
        "accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1", "name"), make_hold("1", "phone")))
    )
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1", "phone"),)))
    assert held(kit) == [(2, "conflict", ("phone",))]
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1", "name"),)))
    assert held(kit) == [(3, "conflict", ("name",))]
    assert len(kit.rows("SELECT hold_id FROM holds WHERE closed_at IS NOT NULL")) == 2


def test_holds_of_other_records_and_entities_are_left_alone(kit, make_hold):
    kit.reconcile("accounts", Settlement("accounts", "1", None, holds=(make_hold("1"),)))
    kit.reconcile("products", Settlement("products", "1", None, holds=(make_hold("1", entity="products"),)))
    kit.reconcile("accounts", Settlement("accounts", "2", None))
    assert len(held(kit)) == 2


def test_a_hold_is_closed_from_either_side_of_the_pair(kit, make_hold):
    kit.reconcile("accounts", Settlement("accounts", "1", None, holds=(make_hold("1"),)))
    kit.reconcile("accounts", Settlement("accounts", None, None, link=kit.link("accounts", "1", "001A")))
    assert held(kit) == []


def test_held_fields_are_told_by_record_and_a_whole_record_wins(kit, make_hold):
    kit.reconcile(
        "accounts", Settlement("accounts", "1", None, holds=(make_hold("1", "name"), make_hold("1", "phone")))
    )
    kit.reconcile("accounts", Settlement("accounts", "2", None, holds=(make_hold("2", "name"), make_hold("2"))))
    keys = [(Side.INTACCT, "1"), (Side.INTACCT, "2"), (Side.INTACCT, "3"), (Side.SALESFORCE, "1")]
    assert kit.store.open_hold_fields("accounts", keys) == {
        (Side.INTACCT, "1"): frozenset({"name", "phone"}),
        (Side.INTACCT, "2"): frozenset(),
    }


def test_a_refused_write_is_tried_again_ever_more_seldom(kit, make_hold, make_line):
    entity, line = kit.entity("accounts"), make_line("L1")
    kit.linked("accounts", "1", "001A", name="A")
    rejected = make_hold("1", reason=HoldReason.REJECTED)
    waits = []
    for _ in range(4):
        kit.reconcile("accounts", Settlement("accounts", "1", "001A", (line,)))
        assert kit.waiting("accounts") == []
        refuse(kit, line, rejected)
        began = kit.clock.now
        while not kit.store.due_holds(entity, now=kit.clock.now, everything=False):
            kit.clock.advance(minutes=30)
        waits.append(kit.clock.now - began)
        assert kit.waiting("accounts") == [("1", "001A")]
    assert waits == [timedelta(0), timedelta(minutes=60), timedelta(minutes=240), timedelta(minutes=240)]
    assert [(row["id"], row["attempts"]) for row in open_holds(kit.store.database)] == [(1, 4)]


def test_a_refused_write_that_goes_through_closes_its_hold(kit, make_hold, make_line):
    line = make_line("L1")
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", (line,)))
    refuse(kit, line, make_hold("1", reason=HoldReason.DUPLICATE))
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", (line,)))
    assert [reason for _, reason, _ in held(kit)] == ["duplicate"]
    outcome(kit, line, LineStatus.WRITTEN, Settlement("accounts", "1", "001A"))
    assert held(kit) == []


def test_a_refused_write_that_is_no_longer_wanted_closes_its_hold(kit, make_hold, make_line):
    line = make_line("L1")
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", (line,)))
    refuse(kit, line, make_hold("1", reason=HoldReason.REJECTED))
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", (make_line("L2", operation=Operation.NONE),)))
    assert held(kit) == []


def test_the_outcome_of_a_write_leaves_a_conflict_on_hold(kit, make_hold, make_line):
    line = make_line("L1")
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", (line,), holds=(make_hold("1", "name"),)))
    outcome(kit, line, LineStatus.WRITTEN, Settlement("accounts", "1", "001A"))
    assert held(kit) == [(1, "conflict", ("name",))]


@pytest.mark.parametrize(
    ("reason", "everything", "due"), [("conflict", False, 1), ("rejected", False, 0), ("rejected", True, 1)]
)
def test_what_is_not_a_refusal_is_looked_at_in_every_run(kit, make_hold, make_line, reason, everything, due):
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "A"}))
    kit.reconcile("accounts")
    for _ in range(2):
        refuse(kit, make_line("L1"), make_hold("1", reason=HoldReason(reason)))
    assert kit.store.due_holds(kit.entity("accounts"), now=kit.clock.now, everything=everything) == due
    assert len(kit.waiting("accounts")) == due


def test_finding_the_same_hold_again_writes_nothing(kit, make_hold):
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1"),)))
    before = kit.rows("SELECT * FROM holds")
    kit.clock.advance(hours=1)
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1"),)), run_id="run-2")
    assert kit.rows("SELECT * FROM holds") == before


def test_age_people_cure_and_choices_stand_in_the_listing(kit):
    candidate = Hold(
        "accounts", Side.SALESFORCE, "001A", Side.INTACCT, HoldReason.CANDIDATE_MATCH, "may be", state="s",
        candidates=("1", "2"), scores=(0.931, 0.72),
    )  # fmt: skip
    kit.reconcile("accounts", Settlement("accounts", None, "001A", holds=(candidate,)))
    kit.clock.advance(days=3)
    (row,) = open_holds(kit.store.database)
    assert (row["age_seconds"], row["who"], row["state"], row["decision"]) == (3 * 86_400, "sales", "s", None)
    assert row["candidates"] == [{"key": "1", "score": 0.931}, {"key": "2", "score": 0.72}]
    assert row["resolutions"] == ["link", "create", "ignore"]
    assert row["cure"].startswith("Put the Intacct id on the right Salesforce record")


def test_holds_of_an_older_version_have_cure_people_and_candidates_too(kit, make_hold):
    kit.reconcile("accounts", Settlement("accounts", "1", None, holds=(make_hold("1", reason=HoldReason.TOO_LONG),)))
    with kit.engine.begin() as connection:
        connection.execute(text("UPDATE holds SET who = NULL, cure = NULL, candidates = '[\"001A\"]'"))
    (row,) = open_holds(kit.store.database)
    assert (row["who"], row["cure"]) == ("finance", "Shorten it in Intacct.")
    assert row["candidates"] == [{"key": "001A", "score": None}]


def test_a_record_that_is_gone_takes_its_hold_along(kit, make_hold):
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "A"}))
    kit.reconcile("accounts", Settlement("accounts", "1", None, holds=(make_hold("1"),)))
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {}, deleted=True))
    assert held(kit) == []


def test_a_record_out_of_scope_takes_its_hold_along(kit, make_hold):
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "A"}))
    kit.reconcile("accounts", Settlement("accounts", "1", None, holds=(make_hold("1"),)))
    feed = kit.feed("customers")
    kit.land(feed, kit.customer("1", name="changed"))
    batch = kit.store.stage_batch(kit.entity("accounts"), Side.INTACCT, 10)
    kit.store.commit_stage(kit.entity("accounts"), Side.INTACCT, batch, [], run_id="run-2")
    assert held(kit) == []


def test_a_hold_that_nobody_would_find_again_is_closed(kit, make_hold):
    """Its record was never staged here, or its table was emptied: no case about it will ever come."""
    kit.reconcile("accounts", Settlement("accounts", None, None, holds=(make_hold("77"),)))
    assert len(held(kit)) == 1
    assert kit.store.due_holds(kit.entity("accounts"), now=kit.clock.now, everything=False) == 0
    assert held(kit) == []
    assert kit.waiting("accounts") == []


def test_a_linked_record_that_is_not_staged_keeps_its_hold_for_the_pair_to_settle(kit, make_hold):
    kit.linked("accounts", "1", "001A", name="A")
    kit.store.requeue(kit.entity("accounts"), Side.INTACCT, ["1"])
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1"),)))
    with kit.engine.begin() as connection:
        connection.execute(text("DELETE FROM canonical_accounts_intacct"))
    assert kit.store.due_holds(kit.entity("accounts"), now=kit.clock.now, everything=False) == 1
    assert len(held(kit)) == 1


def test_holds_of_a_flow_that_is_switched_off_are_closed(kit, make_hold):
    kit.reconcile("products", Settlement("products", "1", None, holds=(make_hold("1", entity="products"),)))
    kept = tuple(
        entity.model_copy(update={"enabled": entity.name not in ("products", "prices", "stock")})
        for entity in kit.mapping.entities
    )
    smaller = SqlStagingStore(kit.engine, kit.mapping.model_copy(update={"entities": kept}), kit.clock)
    smaller.due_holds(kit.entity("accounts"), now=kit.clock.now, everything=False)
    assert held(kit) == []


def test_a_merged_record_takes_its_hold_along(kit, make_hold):
    """The settlement that ends a link speaks for the records of the old pair, too."""
    kit.linked("accounts", "1", "001A", name="A")
    kit.store.requeue(kit.entity("accounts"), Side.INTACCT, ["1"])
    of_account = Hold("accounts", Side.SALESFORCE, "001A", Side.INTACCT, HoldReason.TOO_LONG, "m", ("name",))
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", holds=(of_account,)))
    former, heir = kit.link("accounts", "1", "001A"), kit.link("accounts", "1", "001B")
    kit.store.requeue(kit.entity("accounts"), Side.INTACCT, ["1"])
    kit.reconcile("accounts", Settlement("accounts", "1", "001B", link=heir, unlink=former))
    assert held(kit) == []


def test_what_salesforce_records_are_told_is_remembered_with_the_holds(kit, make_hold):
    entity = kit.entity("accounts")
    kit.linked("accounts", "1", "001A", name="A")
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("2", {"name": "B"}))
    kit.reconcile(
        "accounts",
        Settlement("accounts", "1", "001A", holds=(make_hold("1", "name"),)),
        Settlement("accounts", "2", None, holds=(make_hold("2", reason=HoldReason.CANDIDATE_MATCH),)),
    )
    first, second = kit.store.notices(entity)
    assert (first.salesforce_id, first.is_open, first.shown) == ("001A", True, None)
    assert first.text.startswith("why Make both the same")
    assert second.salesforce_id is None, "there is no Salesforce record to tell"
    kit.store.remember_shown(entity, {first.hold_id: "001A:abc"})
    kit.store.requeue(entity, Side.INTACCT, ["1", "2"])
    kit.reconcile("accounts", Settlement("accounts", "1", "001A"), Settlement("accounts", "2", None))
    (left,) = kit.store.notices(entity)
    assert (left.hold_id, left.is_open, left.shown) == (first.hold_id, False, "001A:abc")
    kit.store.remember_shown(entity, {first.hold_id: None})
    assert kit.store.notices(entity) == []

"""The life of a hold: found again it is the same one, gone it is closed, refused it is tried again ever more seldom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from intacct_sf_pipeline.model.plans import Decision, Hold, HoldReason, LineStatus, Operation, Settlement, Verdict
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.model.results import Batch
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
    ("reason", "everything", "later", "due"),
    [
        ("conflict", False, timedelta(hours=23), 0),
        ("conflict", False, timedelta(hours=24), 1),
        ("conflict", True, timedelta(0), 1),
        ("too_long", False, timedelta(minutes=59), 0),
        ("too_long", False, timedelta(minutes=60), 1),
        ("parent_not_linked", False, timedelta(0), 1),
        ("rejected", False, timedelta(0), 0),
        ("rejected", True, timedelta(0), 1),
    ],
)
def test_a_hold_is_looked_at_by_itself_when_its_time_has_come(
    kit, make_hold, make_line, reason, everything, later, due
):
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "A"}))
    kit.reconcile("accounts")
    for _ in range(2):
        refuse(kit, make_line("L1"), make_hold("1", reason=HoldReason(reason)))
    kit.clock.advance(seconds=later.total_seconds())
    assert kit.store.due_holds(kit.entity("accounts"), now=kit.clock.now, everything=everything) == due
    assert len(kit.waiting("accounts")) == due


def test_holds_are_looked_at_again_at_once_when_the_rules_are_other_ones(kit, make_hold):
    entity = kit.entity("accounts")
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "A"}))
    kit.reconcile("accounts", Settlement("accounts", "1", None, holds=(make_hold("1"),)))
    now = kit.clock.now
    dues = [kit.store.due_holds(entity, now=now, everything=False, rules=rules) for rules in ("r1", "r1", "r2", "r2")]
    assert dues == [0, 0, 1, 0]


def on_hold(key, *candidates, side=Side.INTACCT, watched=()):
    hold = Hold(
        "accounts", side, key, side.other, HoldReason.CANDIDATE_MATCH, "may be", candidates=candidates, watched=watched
    )
    keys = (key, None) if side is Side.INTACCT else (None, key)
    return Settlement("accounts", *keys, holds=(hold,))


@pytest.fixture
def watching(kit):
    """Records on hold: 1 for A and B, 2 for B, 3 for its twin 4; 9 has nothing to do with them."""
    for key in ("1", "2", "3", "4", "9"):
        kit.stage("accounts", Side.INTACCT, CanonicalRecord(key, {"name": key}))
    for key in ("A", "B"):
        kit.stage("accounts", Side.SALESFORCE, CanonicalRecord(key, {"name": key}))
    held = (on_hold("1", "A", "B"), on_hold("2", "B"), on_hold("3", watched=("4",)), on_hold("9"))
    kit.reconcile("accounts", *held)
    return kit


def woken(kit):
    """Intacct records in the queue, which is emptied."""
    batch = kit.store.reconcile_batch(kit.entity("accounts"), 100)
    kit.store.commit_reconcile(kit.entity("accounts"), batch, [], run_id="run-2")
    return {case.intacct.key for case in batch.items if case.intacct}


def test_a_candidate_that_changes_brings_those_up_that_wait_for_it_and_their_rivals(watching):
    watching.stage("accounts", Side.SALESFORCE, CanonicalRecord("A", {"name": "other"}))
    assert woken(watching) == {"1"}
    watching.stage("accounts", Side.SALESFORCE, CanonicalRecord("B", {"name": "other"}))
    assert woken(watching) == {"1", "2"}
    watching.stage("accounts", Side.INTACCT, CanonicalRecord("2", {"name": "other"}))
    assert woken(watching) == {"1", "2"}
    watching.stage("accounts", Side.INTACCT, CanonicalRecord("9", {"name": "other"}))
    assert woken(watching) == {"9"}


@pytest.mark.parametrize("deleted", [False, True])
def test_a_twin_that_changes_or_goes_brings_the_other_one_up(watching, deleted):
    watching.stage("accounts", Side.INTACCT, CanonicalRecord("4", {} if deleted else {"name": "x"}, deleted=deleted))
    assert "3" in woken(watching)


def test_a_candidate_that_gets_a_partner_brings_the_others_up(watching):
    pair = Settlement("accounts", "9", "B", link=watching.link("accounts", "9", "B"))
    watching.store.commit_reconcile(watching.entity("accounts"), Batch((), ()), [pair], run_id="run-2")
    assert woken(watching) == {"1", "2"}


def test_what_is_not_on_hold_any_more_watches_nobody(watching):
    for key in ("1", "2"):
        watching.store.requeue(watching.entity("accounts"), Side.INTACCT, [key])
    watching.reconcile("accounts", Settlement("accounts", "1", None), on_hold("2", "A"))
    watching.stage("accounts", Side.SALESFORCE, CanonicalRecord("B", {"name": "other"}))
    assert woken(watching) == set()
    watching.stage("accounts", Side.SALESFORCE, CanonicalRecord("A", {"name": "other"}))
    assert woken(watching) == {"2"}


def test_a_decision_about_a_twin_brings_the_other_one_up(watching):
    about = Decision(
        "accounts", Side.INTACCT, "4", HoldReason.AMBIGUOUS_MATCH, Verdict.IGNORE, watching.clock(), state=""
    )
    watching.store.decide([about])
    assert woken(watching) == {"3", "4"}


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
    kit.clock.advance(days=1)
    assert kit.store.due_holds(kit.entity("accounts"), now=kit.clock.now, everything=False) == 0
    assert held(kit) == []
    assert kit.waiting("accounts") == []


def test_a_linked_record_that_is_not_staged_keeps_its_hold_for_the_pair_to_settle(kit, make_hold):
    kit.linked("accounts", "1", "001A", name="A")
    kit.store.requeue(kit.entity("accounts"), Side.INTACCT, ["1"])
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1"),)))
    with kit.engine.begin() as connection:
        connection.execute(text("DELETE FROM canonical_accounts_intacct"))
    kit.clock.advance(days=1)
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

"""The guard over the whole loop: limits that stop or hold, the approval queue, value breakers, and named overrides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.plans import Decision, HoldReason, Verdict
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.staging.checks_queries import CheckQueries
from intacct_sf_pipeline.staging.queries import open_holds

from .checkpoints import Checkpoints
from .loop import Loop, running_loop

CUSTOMER = "accounts-receivable/customer"


def configured(folder: Path, text: str) -> SyncConfig:
    path = folder / "sync.yaml"
    path.write_text(f"version: 1\n{text}", encoding="utf-8")
    return load_config(path)


@contextmanager
def guarded(checkpoints: Checkpoints, folder: Path, text: str) -> Iterator[Loop]:
    """A loop that was synced once without limits, and now has those of `text`."""
    with checkpoints.loop(folder, syncs=2) as loop:
        reconfigure(loop, configured(folder, text))
        yield loop


def reconfigure(loop: Loop, config: SyncConfig) -> None:
    object.__setattr__(loop.runtime, "config", config)


def pairs(loop: Loop, entity: str = "accounts") -> list[tuple[str, str]]:
    """Intacct key and Salesforce id of every linked pair."""
    spec = loop.runtime.config.mapping.entity(entity)
    found = [case.link for cases in loop.runtime.store.pairs(spec, size=500) for case in cases if case.link]
    return [(link.intacct_key, link.salesforce_id) for link in found]


def rows(loop: Loop, query: str) -> list[Any]:
    with loop.runtime.store.database.read() as connection:
        return list(connection.exec_driver_sql(query).fetchall())


def limit_holds(loop: Loop, entity: str = "accounts") -> list[Any]:
    return [hold for hold in open_holds(loop.runtime.store.database, entity) if hold["reason"] == "limit"]


def approve(loop: Loop, hold: Any, verdict: Verdict = Verdict.APPROVE) -> None:
    """A person approves what a hold keeps back."""
    state = rows(loop, f"select state from holds where hold_id = {hold['id']}")[0][0]
    decision = Decision(
        hold["entity"],
        Side(hold["side"]),
        hold["key"],
        HoldReason(hold["reason"]),
        verdict,
        loop.clock(),
        tuple(hold["fields"]),
        state=state,
    )
    loop.runtime.store.decide([decision])


def delete_accounts(loop: Loop, count: int) -> list[tuple[str, str]]:
    gone = pairs(loop)[:count]
    for _, account in gone:
        loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
    return gone


def active(loop: Loop, keys: list[str]) -> list[str]:
    return [key for key in keys if loop.customer(key, "status")["status"] == "active"]


def test_deactivations_beyond_the_limit_wait_for_approval_and_everything_else_passes(
    tmp_path: Path, checkpoints: Checkpoints
) -> None:
    with guarded(checkpoints, tmp_path, "limits: {accounts: {deactivate: 2}}") as loop:
        gone = delete_accounts(loop, 4)
        key, account = pairs(loop)[10]
        loop.as_person("Account", account, Phone="+1 212-555-0147")
        tick = loop.sync()
        assert tick.written["accounts"]["deactivated"] == 0
        assert tick.planned["accounts"]["held"] >= 4
        assert loop.customer(key, "contacts.default.phone1")["contacts.default.phone1"] == "+1 212-555-0147"
        held = limit_holds(loop)
        assert {hold["key"] for hold in held} == {account for _, account in gone}
        assert all("4 of accounts" in hold["message"] and "limit is 2" in hold["message"] for hold in held)
        assert active(loop, [key for key, _ in gone]) == [key for key, _ in gone]

        approve(loop, held[0])
        tick = loop.sync()
        assert tick.written["accounts"]["deactivated"] == 1
        assert len(limit_holds(loop)) == 3
        # What nobody approved stays, although it would now be within the limit.
        assert loop.sync().written["accounts"]["deactivated"] == 0
        assert len(limit_holds(loop)) == 3
        assert loop.disagreements() == {}


def test_a_raised_limit_lets_the_queue_go(tmp_path: Path, checkpoints: Checkpoints) -> None:
    with guarded(checkpoints, tmp_path, "limits: {accounts: {deactivate: 2}}") as loop:
        gone = delete_accounts(loop, 4)
        loop.sync()
        reconfigure(loop, configured(tmp_path, "limits: {accounts: {deactivate: 4}}"))
        assert loop.sync().written["accounts"]["deactivated"] == 4
        assert limit_holds(loop) == []
        assert active(loop, [key for key, _ in gone]) == []
        assert loop.sync().total() == 0


def test_a_record_that_reappears_leaves_the_queue(tmp_path: Path, checkpoints: Checkpoints) -> None:
    with guarded(checkpoints, tmp_path, "limits: {accounts: {deactivate: 0}}") as loop:
        ((key, account),) = delete_accounts(loop, 1)
        loop.sync()
        assert [hold["key"] for hold in limit_holds(loop)] == [account]
        loop.sandbox.org.undelete(account)
        loop.sync()
        assert limit_holds(loop) == []
        assert active(loop, [key]) == [key]


def test_a_share_of_the_pairs_limits_as_well(
    tmp_path: Path, checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intacct_sf_pipeline.model.config.PERCENT_FROM", 10)
    with guarded(checkpoints, tmp_path, "limits: {accounts: {deactivate: {count: 100, percent: 5}}}") as loop:
        most = len(pairs(loop)) * 5 // 100
        delete_accounts(loop, most + 1)
        assert loop.sync().written["accounts"]["deactivated"] == 0
        assert len(limit_holds(loop)) == most + 1


def test_an_override_is_named_used_once_and_on_record(tmp_path: Path, checkpoints: Checkpoints) -> None:
    with guarded(checkpoints, tmp_path, "limits: {accounts: {deactivate: 1}}") as loop:
        delete_accounts(loop, 3)
        loop.sync()
        assert len(limit_holds(loop)) == 3
        assert loop.sync(force=frozenset({"accounts.create"})).written["accounts"]["deactivated"] == 0
        tick = loop.sync(force=frozenset({"accounts.deactivate"}))
        assert tick.written["accounts"]["deactivated"] == 3
        assert limit_holds(loop) == []
        ((field, before, after, rule),) = rows(
            loop, "select field, before_value, after_value, rule from journal where operation = 'force'"
        )
        assert (field, before, after, rule) == ("accounts.deactivate", "1", "3", "--force")
        reasons = rows(
            loop,
            "select reason from plan_lines where entity = 'accounts' and status = 'written' "
            "and operation = 'deactivate'",
        )
        assert len(reasons) == 3
        assert all("--force accounts.deactivate" in reason for (reason,) in reasons)
        (detail,) = rows(loop, "select detail from runs where detail is not null")
        assert orjson.loads(detail[0])["forced"]["accounts.deactivate (intacct)"]["planned"] == 3


def test_an_override_for_lines_that_waited_speaks_of_no_limit_they_do_not_exceed(
    tmp_path: Path, checkpoints: Checkpoints
) -> None:
    with guarded(checkpoints, tmp_path, "limits: {accounts: {deactivate: 2}}") as loop:
        delete_accounts(loop, 3)
        loop.sync()
        for hold in limit_holds(loop)[:2]:
            approve(loop, hold)
        loop.sync()
        assert loop.sync(force=frozenset({"accounts.deactivate"})).written["accounts"]["deactivated"] == 1
        told = rows(loop, "select before_value, after_value, reason from journal where operation = 'force'")
        assert [tuple(row) for row in told] == [("2", "1", "1 line waiting for approval")]


def test_creations_beyond_the_limit_can_be_held_too_and_leave_no_trace(
    tmp_path: Path, checkpoints: Checkpoints
) -> None:
    with guarded(checkpoints, tmp_path, "limits: {accounts: {create: 1, on_exceed: {create: hold}}}") as loop:
        customers = loop.sandbox.company.count(CUSTOMER)
        new = [loop.new("Account", Name=f"Harbour {n} Works", Type="Customer - Direct") for n in range(3)]
        tick = loop.sync()
        assert loop.sandbox.company.count(CUSTOMER) == customers
        assert tick.total() == 0
        assert {hold["key"] for hold in limit_holds(loop)} == set(new)
        for hold in limit_holds(loop):
            approve(loop, hold)
        loop.sync()
        assert loop.sandbox.company.count(CUSTOMER) == customers + 3
        assert limit_holds(loop) == []
        assert rows(loop, "select count(*) from decisions where closed_at is null") == [(0,)]
        assert loop.sync().total() == 0


def test_a_limit_that_stops_is_stated_and_names_no_hold(tmp_path: Path, checkpoints: Checkpoints) -> None:
    with guarded(checkpoints, tmp_path, "limits: {accounts: {update: 1}}") as loop:
        for _, account in pairs(loop)[:3]:
            loop.as_person("Account", account, Phone="+1 212-555-0147")
        loop.sync(plan_only=True)
        entity = loop.runtime.config.mapping.entity("accounts")
        questions = CheckQueries(loop.runtime.store.database, loop.runtime.store.tables)
        (run_id,) = rows(loop, "select run_id from runs where kind = 'plan'")[0]
        (found,) = questions.exceeded(entity, run_id)
        assert (found.side, found.operation, found.planned, found.limit, found.action) == (
            "intacct",
            "update",
            3,
            1,
            "stop",
        )
        assert limit_holds(loop) == []


@pytest.mark.both_doors
def test_a_slipped_decimal_point_is_held_and_passes_once_approved(tmp_path: Path, checkpoints: Checkpoints) -> None:
    with checkpoints.loop(tmp_path) as loop:
        company = loop.sandbox.company
        key = next(key for key, _ in pairs(loop, "products"))
        company.edit("item", key, {"purchasing.standardCost": "12.36", "name": "Pump, as it was"})
        loop.sync()
        price = price_of(loop, key)
        company.edit("item", key, {"purchasing.standardCost": "1.24", "name": "Pump, newly named"})
        loop.sync(force=frozenset())
        assert price_of(loop, key) == price
        (hold,) = open_holds(loop.runtime.store.database, "prices")
        assert (hold["reason"], hold["fields"]) == ("breaker", ["unit_price"])
        assert "90 %" in hold["message"]
        assert "1.24" not in hold["message"]
        product = loop.partner("products", "intacct", key)
        assert (loop.sandbox.org.row("Product2", product) or {})["Name"] == "Pump, newly named"
        assert loop.disagreements() == {}, "a value on hold is explained"
        approve(loop, hold)
        loop.sync()
        assert price_of(loop, key) == Decimal("1.24")
        assert open_holds(loop.runtime.store.database, "prices") == []
        assert loop.sync().total() == 0


def price_of(loop: Loop, item: str) -> Decimal | None:
    product, standard = loop.partner("products", "intacct", item), loop.sandbox.org.standard_pricebook_id
    for entry in loop.sandbox.org.db.table("PricebookEntry").live():
        if entry["Product2Id"] == product and entry["Pricebook2Id"] == standard:
            return Decimal(str(entry["UnitPrice"]))
    return None


def test_a_forced_breaker_is_on_record_with_the_value(tmp_path: Path, checkpoints: Checkpoints) -> None:
    with checkpoints.loop(tmp_path) as loop:
        key = next(key for key, _ in pairs(loop, "products"))
        loop.sandbox.company.edit("item", key, {"purchasing.standardCost": "10"})
        loop.sync(force=frozenset({"prices.unit_price"}))
        loop.sandbox.company.edit("item", key, {"purchasing.standardCost": "1000"})
        loop.sync(force=frozenset({"prices.unit_price"}))
        assert price_of(loop, key) == Decimal("1000")
        found = rows(loop, "select field, after_value, before_value from journal where operation = 'force'")
        assert ("prices.unit_price", "1000.00") in [(field, after) for field, after, _ in found] or (
            "prices.unit_price",
            "1000",
        ) in [(field, after) for field, after, _ in found]
        assert all("rise below 900 %" in before for _, _, before in found)


def test_negative_stock_is_left_out_and_the_rest_of_the_figures_pass(tmp_path: Path, checkpoints: Checkpoints) -> None:
    with checkpoints.loop(tmp_path) as loop:
        company = loop.sandbox.company
        key, product = pairs(loop, "products")[0]
        item = str(company.read("item", key, "id")["id"])
        on_hand = Decimal(str(company.read("item", key, "quantityOnHand")["quantityOnHand"] or 0))
        before = (loop.sandbox.org.row("Product2", product) or {})["OnHand__c"]
        company.create("warehouse", {"id": "WH-NEW", "name": "New", "location": {"id": "E100"}})
        company.create("item-warehouse-inventory", {"item": {"id": item}, "warehouse": {"id": "WH-NEW"}})
        company.move_stock(item, "WH-NEW", on_hand=-int(on_hand + 5), on_order=7)
        loop.sync()
        row = loop.sandbox.org.row("Product2", product) or {}
        assert row["OnHand__c"] == before
        holds = [hold for hold in open_holds(loop.runtime.store.database, "stock") if hold["reason"] == "breaker"]
        assert [hold["fields"] for hold in holds] == [["on_hand"]]
        assert Decimal(str(row["Available__c"])) < on_hand + 7


def test_a_replaced_name_is_held_where_the_mapping_says_so(tmp_path: Path, checkpoints: Checkpoints) -> None:
    text = "entities: {accounts: {fields: {name: {breaker: {rename_percent: 80}}}}}"
    with checkpoints.loop(tmp_path, config=configured(tmp_path, text)) as loop:
        (key, account), (other, partner) = pairs(loop)[:2]
        name = loop.customer(other, "name")["name"]
        loop.as_person("Account", account, Name="Zzyzx Qqq", Phone="+1 212-555-0147")
        loop.as_person("Account", partner, Name=f"{name} West")
        loop.sync()
        assert loop.customer(key, "name")["name"] != "Zzyzx Qqq"
        assert loop.customer(key, "contacts.default.phone1")["contacts.default.phone1"] == "+1 212-555-0147"
        assert loop.customer(other, "name")["name"] == f"{name} West"
        loop.as_person("Account", account, Name=loop.customer(key, "name")["name"])
        loop.sync()
        assert open_holds(loop.runtime.store.database, "accounts") == []


def test_what_a_run_brings_about_by_itself_is_limited_too_and_waits(tmp_path: Path) -> None:
    text = "limits: {contacts: {update: 0, on_exceed: {update: hold}}}"
    with running_loop(tmp_path, config=configured(tmp_path, text)) as loop:
        first = loop.sync()
        assert first.written["contacts"]["created"] > 0
        assert first.written["contacts"]["updated"] == len(
            rows(
                loop, "select 1 from plan_lines where entity = 'contacts' and operation = 'link' and status = 'written'"
            )
        )
        held = limit_holds(loop, "contacts")
        again = loop.sync()
        assert again.total("created", "updated") == 0
        assert {hold["key"] for hold in held} <= {hold["key"] for hold in limit_holds(loop, "contacts")}
        assert loop.disagreements() == {}


def test_a_value_that_a_person_chose_in_a_conflict_is_not_asked_about_again(
    tmp_path: Path, checkpoints: Checkpoints
) -> None:
    text = "entities: {accounts: {fields: {name: {conflict: hold, breaker: {rename_percent: 50}}}}}"
    with checkpoints.loop(tmp_path, config=configured(tmp_path, text)) as loop:
        for hold in open_holds(loop.runtime.store.database, "accounts"):
            approve(loop, hold, Verdict.TAKE_INTACCT if hold["reason"] == "conflict" else Verdict.IGNORE)
        loop.sync()
        key, account = pairs(loop)[0]
        loop.as_person("Account", account, Name="Zzyzx Qqq")
        loop.sandbox.company.edit(CUSTOMER, key, {"name": "Wholly Other Jwv"})
        loop.sync()
        (hold,) = [each for each in open_holds(loop.runtime.store.database, "accounts") if each["fields"] == ["name"]]
        assert hold["reason"] == "conflict"
        approve(loop, hold, Verdict.TAKE_SALESFORCE)
        loop.sync()
        assert loop.customer(key, "name")["name"] == "Zzyzx Qqq"

"""Undo over real HTTP: what a run wrote goes back, what somebody edited since stays, and it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from intacct_sf_pipeline.engine.context import RunOptions
from intacct_sf_pipeline.engine.review.undo import undo_run
from intacct_sf_pipeline.model.errors import LimitExceededError
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline.staging.undo_report import undo_report
from intacct_sf_pipeline.staging.undo_target import find_target

from .loop import Loop, running_loop

CUSTOMER = "accounts-receivable/customer"
PHONE = "contacts.default.phone1"
STREET = "contacts.default.mailingAddress.addressLine1"
LINE2 = "contacts.default.mailingAddress.addressLine2"


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """A company whose first sync is done; every test works on records of its own."""
    with running_loop(tmp_path_factory.mktemp("undo")) as running:
        running.sync()
        running.sync()
        yield running


def pairs(loop: Loop, entity: str = "accounts") -> list[tuple[str, str]]:
    """Linked pairs: Intacct key, Salesforce id."""
    spec = loop.runtime.config.mapping.entity(entity)
    links = [case.link for cases in loop.runtime.store.pairs(spec, size=100) for case in cases]
    return [(link.intacct_key, link.salesforce_id) for link in links if link is not None]


def last_run(loop: Loop) -> str:
    """The id of the last run."""
    with loop.runtime.store.database.read() as connection:
        query = "select run_id from runs order by started_at desc, run_id desc limit 1"
        return str(connection.exec_driver_sql(query).scalar_one())


def undo(loop: Loop, run_id: str, *, plan: bool = False, **what: str) -> dict[str, Any]:
    """Undo a run as the job does; its report."""
    loop.clock.advance(60)
    target = find_target(loop.runtime.store, run_id, **what)
    own = f"undo-{next(loop.runs)}"
    rehearsed = loop.runtime.rehearsal(own) if plan else nullcontext(loop.runtime)
    with rehearsed as runtime:
        ctx = runtime.context(own, RunOptions(plan_only=plan))
        names = [entity.name for entity in target.entities]
        ctx.store.start_run(own, kind="plan" if plan else "undo", entities=names, at=loop.clock())
        undo_run(ctx, target.entities, target.undo)
        ctx.store.finish_run(own, status="done", at=loop.clock())
    loop.clock.advance(60)
    return undo_report(loop.runtime.store.database, own)


def told(report: dict[str, Any], verdict: str) -> set[tuple[str, str, str]]:
    """Side, field and reason of the fields of accounts with a verdict; a new name goes on to the contacts."""
    fields = [field for field in report["fields"] if field["entity"] == "accounts"]
    return {(f["side"], f["field"], f["reason"]) for f in fields if f["verdict"] == verdict}


def count(report: dict[str, Any], verdict: str, entity: str = "accounts") -> int:
    """How many fields of a flow have a verdict."""
    return int(report["entities"].get(entity, {}).get(verdict, 0))


def test_a_run_goes_back_and_stays_back_until_a_side_changes(settled: Loop) -> None:
    loop, (key, account) = settled, pairs(settled)[0]
    before = loop.account(account)["Name"]
    lines = loop.customer(key, STREET, LINE2)
    loop.as_person("Account", account, BillingStreet="Quay 9\r\nShed 4", Phone="+1 212-555-0111")
    loop.sandbox.company.edit(CUSTOMER, key, {"name": "Named by mistake"})
    loop.sync()
    run_id = last_run(loop)
    assert (loop.account(account)["Name"], loop.customer(key, LINE2)[LINE2]) == ("Named by mistake", "Shed 4")

    report = undo(loop, run_id)

    assert count(report, "put_back") == 3
    assert (report["left"], report["status"], report["undoes"]) == (0, "done", run_id)
    assert loop.account(account)["Name"] == before
    assert loop.customer(key, STREET, LINE2) == lines
    assert loop.customer(key, "name")["name"] == "Named by mistake"
    assert loop.sync().total() == 0
    assert loop.sync(full=True).total() == 0
    report_of_accounts = loop.compare()["accounts"]
    assert report_of_accounts.unexplained == 0
    assert any(d.reason == f"undone: run {run_id}" for d in report_of_accounts.differences)

    loop.sandbox.company.edit(CUSTOMER, key, {"name": "Named with care"})
    loop.sync()
    assert loop.account(account)["Name"] == "Named with care"


def test_what_was_edited_since_stays_and_is_listed(settled: Loop) -> None:
    loop, ((one, account), (two, other)) = settled, pairs(settled)[1:3]
    for key in (one, two):
        loop.sandbox.company.edit(CUSTOMER, key, {"name": f"Renamed {key}", PHONE: "+1 212-555-0199"})
    loop.sync()
    run_id = last_run(loop)
    loop.as_person("Account", account, Name="Edited by sales since")
    loop.sandbox.company.edit(CUSTOMER, two, {"name": "And again"})
    loop.sync()
    again = last_run(loop)

    report = undo(loop, run_id)

    assert report["status"] == "held"
    assert told(report, "left") == {
        ("salesforce", "name", "edited since"),
        ("salesforce", "name", f"written again by run {again}"),
    }
    assert count(report, "put_back") == 2
    assert loop.account(account)["Name"] == "Edited by sales since"
    assert loop.account(other)["Name"] == "And again"
    assert loop.sync().total() == 0


def test_the_same_number_written_differently_still_holds_what_the_run_wrote(settled: Loop) -> None:
    loop, (key, account) = settled, pairs(settled)[3]
    before = loop.account(account)["Phone"]
    loop.sandbox.company.edit(CUSTOMER, key, {PHONE: "+1 212-555-0173"})
    loop.sync()
    run_id = last_run(loop)
    loop.as_person("Account", account, Phone="(212) 555-0173")
    assert count(undo(loop, run_id), "put_back") == 1
    assert loop.account(account)["Phone"] == before


def test_a_plan_of_an_undo_writes_nothing_and_says_what_the_undo_then_does(settled: Loop) -> None:
    loop, (key, account) = settled, pairs(settled)[4]
    before = loop.account(account)["Name"]
    loop.sandbox.company.edit(CUSTOMER, key, {"name": "Rehearsed"})
    loop.sync()
    run_id = last_run(loop)
    plan = undo(loop, run_id, plan=True)
    assert (plan["plan"], count(plan, "put_back"), loop.account(account)["Name"]) == (True, 1, "Rehearsed")
    assert [(f["from"], f["to"]) for f in plan["fields"] if f["entity"] == "accounts"] == [("Rehearsed", before)]
    done = undo(loop, run_id)
    names = ("entity", "side", "key", "field", "verdict", "reason", "from", "to")
    assert [[f[n] for n in names] for f in plan["fields"]] == [[f[n] for n in names] for f in done["fields"]]
    assert loop.account(account)["Name"] == before


def test_one_record_and_one_field_of_a_run(settled: Loop) -> None:
    loop, ((one, first), (two, second)) = settled, pairs(settled)[5:7]
    names = {account: loop.account(account)["Name"] for account in (first, second)}
    for key in (one, two):
        loop.sandbox.company.edit(CUSTOMER, key, {"name": f"Renamed {key}", PHONE: "+1 212-555-0155"})
    loop.sync()
    run_id = last_run(loop)
    visible = str(loop.customer(one, "id")["id"])
    assert undo(loop, run_id, entity="accounts", record=visible, field="name")["put_back"] == 1
    assert (loop.account(first)["Name"], loop.account(first)["Phone"]) == (names[first], "+1 212-555-0155")
    assert loop.account(second)["Name"] == f"Renamed {two}"
    assert undo(loop, run_id, entity="accounts", record=second)["put_back"] == 2
    assert loop.account(second)["Name"] == names[second]
    rest = undo(loop, run_id)
    assert (count(rest, "put_back"), count(rest, "already")) == (1, 3)


def test_undoing_twice_does_nothing_and_an_undo_can_be_undone(settled: Loop) -> None:
    loop, (key, account) = settled, pairs(settled)[7]
    before = loop.account(account)["Name"]
    loop.sandbox.company.edit(CUSTOMER, key, {"name": "Back and forth"})
    loop.sync()
    run_id = last_run(loop)
    first = undo(loop, run_id)
    twice = undo(loop, run_id)
    assert (twice["put_back"], twice["left"], count(twice, "already"), twice["status"]) == (0, 0, 1, "done")
    assert told(twice, "already") == {("salesforce", "name", f"put back by run {first['run_id']}")}
    assert loop.account(account)["Name"] == before

    assert count(undo(loop, first["run_id"]), "put_back") == 1
    assert loop.account(account)["Name"] == "Back and forth"
    assert loop.sync().total() == 0
    assert not [d for d in loop.compare()["accounts"].differences if d.salesforce_id == account]
    assert count(undo(loop, run_id), "put_back") == 1, "what holds the run's value again can be put back again"
    assert loop.account(account)["Name"] == before


def test_a_write_without_an_answer_belongs_to_its_run_and_goes_back_with_it(settled: Loop) -> None:
    """The undo looks first what became of it; so does a sync, and the undo comes later."""
    loop = settled
    for between, (key, account) in zip((False, True), pairs(loop)[10:12], strict=True):
        before = loop.account(account)["Name"]
        loop.sandbox.company.edit(CUSTOMER, key, {"name": f"Answer lost {key}"})
        loop.fault(FaultRule(service="salesforce", fault="reset_after", method="PATCH", path="composite/sobjects"))
        loop.sync()
        run_id = last_run(loop)
        assert not list(loop.runtime.store.written_by(loop.runtime.config.mapping.entity("accounts"), run_id, size=9))
        assert loop.account(account)["Name"] == f"Answer lost {key}"
        if between:
            loop.sync()
        report = undo(loop, run_id, entity="accounts", record=key, field="name")
        assert (report["put_back"], report["left"], report["open"]) == (1, 0, 0)
        loop.sync()
        assert loop.account(account)["Name"] == before


def test_a_created_record_is_deactivated_where_the_mapping_says_how_and_else_listed(settled: Loop) -> None:
    loop = settled
    account = loop.new("Account", Name="Made by accident", Type="Customer - Direct", Phone="+1 212-555-0120")
    customer = loop.sandbox.company.create("customer", {"id": "BY-HAND", "name": "Made in finance"})
    loop.sync()
    run_id = last_run(loop)
    key = loop.partner("accounts", "salesforce", account)
    made = loop.partner("accounts", "intacct", str(customer))

    report = undo(loop, run_id)

    assert loop.customer(key, "status")["status"] == "inactive"
    assert loop.account(made)["Name"] == "Made in finance"
    reasons = told(report, "left")
    assert ("salesforce", "*", "created by this run; deactivate it by hand") in reasons
    assert ("salesforce", "customer_id", "the link needs it") in reasons
    assert loop.account(account)["IntacctID__c"], "a link that stays needs its id"
    for _ in range(2):
        assert loop.sync().total() == 0
    assert loop.customer(key, "status")["status"] == "inactive"
    assert undo(loop, report["run_id"])["put_back"] >= 1
    assert loop.customer(key, "status")["status"] == "active"


def test_a_created_record_that_somebody_worked_on_is_left_alone(settled: Loop) -> None:
    loop = settled
    account = loop.new("Account", Name="Made on purpose", Type="Customer - Direct")
    loop.sync()
    run_id = last_run(loop)
    key = loop.partner("accounts", "salesforce", account)
    loop.sandbox.company.edit(CUSTOMER, key, {PHONE: "+1 212-555-0121"})
    report = undo(loop, run_id, entity="accounts", record=key)
    assert ("intacct", "*", "edited since: phone") in told(report, "left")
    assert loop.customer(key, "status")["status"] == "active"
    loop.sync()


def test_a_deactivation_is_taken_back_and_not_repeated(settled: Loop) -> None:
    loop, (key, account) = settled, pairs(settled)[9]
    loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
    loop.sync()
    run_id = last_run(loop)
    assert loop.customer(key, "status")["status"] == "inactive"
    report = undo(loop, run_id, entity="accounts", record=key)
    assert report["put_back"] == 1
    assert loop.customer(key, "status")["status"] == "active"
    assert loop.sync().total() == 0
    assert loop.sync(full=True).total() == 0
    assert loop.customer(key, "status")["status"] == "active"
    assert loop.compare()["accounts"].unexplained == 0


def test_a_record_deleted_since_is_listed(settled: Loop) -> None:
    loop, (key, account) = settled, pairs(settled)[10]
    loop.sandbox.company.edit(CUSTOMER, key, {"name": "Gone soon"})
    loop.sync()
    run_id = last_run(loop)
    loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
    assert told(undo(loop, run_id), "left") == {("salesforce", "name", "the record is deleted")}
    loop.sync()


def test_prices_stock_and_activity_of_products_go_back(settled: Loop) -> None:
    loop, (key, product) = settled, pairs(settled, "products")[0]
    company = loop.sandbox.company
    before = dict(loop.sandbox.org.row("Product2", product) or {})
    cost = company.read("item", key, "purchasing.standardCost")["purchasing.standardCost"]
    company.edit("item", key, {"status": "inactive", "purchasing.standardCost": str(float(cost or 10) + 1)})
    item = company.read("item", key, "id")["id"]
    company.create("warehouse", {"id": "WH-UNDO", "name": "New", "location": {"id": "E100"}})
    company.create("item-warehouse-inventory", {"item": {"id": item}, "warehouse": {"id": "WH-UNDO"}})
    company.move_stock(str(item), "WH-UNDO", on_hand=12)
    loop.sync()
    run_id = last_run(loop)
    assert (loop.sandbox.org.row("Product2", product) or {})["IsActive"] is False

    report = undo(loop, run_id)

    after = loop.sandbox.org.row("Product2", product) or {}
    assert [after[name] for name in ("IsActive", "OnHand__c")] == [before[name] for name in ("IsActive", "OnHand__c")]
    assert {name: counts["left"] for name, counts in report["entities"].items()} == dict.fromkeys(
        ("products", "prices", "stock"), 0
    )
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}


def test_a_title_on_the_contact_list_goes_back(settled: Loop) -> None:
    loop, (key, contact) = settled, pairs(settled, "contacts")[0]
    loop.as_person("Contact", contact, Title="Before")
    loop.sync()
    loop.as_person("Contact", contact, Title="After")
    loop.sync()
    run_id = last_run(loop)
    assert undo(loop, run_id)["put_back"] == 1
    entries = loop.sandbox.company.store.tables["accounts-receivable/customer-contact"].rows
    read = loop.sandbox.company.read
    titles = [
        row["categoryName"]
        for entry in entries
        if (row := read("customer-contact", entry, "contact.key", "categoryName"))["contact.key"] == key
    ]
    assert titles == ["Before"]
    assert loop.sync().total() == 0
    assert loop.sync(full=True).total() == 0


def test_an_undo_beyond_the_limits_writes_nothing(settled: Loop) -> None:
    loop = settled
    chosen = pairs(loop)[11:14]
    for key, _ in chosen:
        loop.sandbox.company.edit(CUSTOMER, key, {"name": f"One of many {key}"})
    loop.sync()
    run_id = last_run(loop)
    limits = loop.runtime.config.limits_for("accounts").model_validate({"update": 2})
    config = loop.runtime.config.model_copy(update={"limits": {"accounts": limits}})
    target = find_target(loop.runtime.store, run_id)
    ctx = loop.runtime.context("undo-too-much")
    ctx.store.start_run(ctx.run_id, kind="undo", entities=["accounts"], at=loop.clock())
    tight = type(ctx)(ctx.run_id, config, ctx.store, ctx.connectors, RunOptions(), ctx.clock)
    with pytest.raises(LimitExceededError, match="3 to update in salesforce, the limit is 2"):
        undo_run(tight, target.entities, target.undo)
    assert all(loop.account(account)["Name"] == f"One of many {key}" for key, account in chosen)
    assert loop.sync().total() == 0, "what was planned and not written is given up"
    assert count(undo(loop, run_id), "put_back") == 3

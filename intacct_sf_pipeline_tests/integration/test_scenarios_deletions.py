"""Records that vanish, return, are merged, or are created again: nothing is deleted, doubled or forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intacct_sf_pipeline.engine import steps
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.plans import Decision, HoldReason, Verdict
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline.staging.queries import decisions_taken, open_holds
from intacct_sf_pipeline.staging.resolve import withdraw

from .checkpoints import Checkpoints
from .loop import Loop, running_loop

CUSTOMER = "accounts-receivable/customer"
ITEM = "inventory-control/item"


@pytest.fixture
def loop(tmp_path: Path, checkpoints: Checkpoints) -> Iterator[Loop]:
    with checkpoints.loop(tmp_path, SandboxOptions(accounts=10, contacts=12, items=6, seed=5)) as running:
        yield running


def new_pair(loop: Loop, name: str, **values: str) -> tuple[str, str]:
    """A linked pair: Salesforce id, Intacct key."""
    account = loop.new("Account", Name=name, Type="Customer - Direct", BillingCity="Bath", **values)
    loop.sync()
    return account, loop.partner("accounts", "salesforce", account)


def status_of(loop: Loop, key: str) -> object:
    return loop.customer(key, "status")["status"]


def reasons(loop: Loop) -> set[str]:
    return {row["reason"] for row in open_holds(loop.runtime.store.database)}


def quiet(loop: Loop) -> None:
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}


@pytest.mark.both_doors
def test_a_deleted_account_deactivates_its_customer_once(loop: Loop) -> None:
    account, key = new_pair(loop, "Short Lived")
    loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
    assert loop.sync().written["accounts"]["deactivated"] == 1
    assert status_of(loop, key) == "inactive"
    quiet(loop)


def test_an_account_that_is_restored_takes_its_deactivation_back(loop: Loop) -> None:
    account, key = new_pair(loop, "Back Again", Phone="+1 415 555 0100")
    loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
    loop.sync()
    loop.sandbox.org.undelete(account)
    loop.as_person("Account", account, Phone="+1 415 555 0199")
    loop.sync()
    assert status_of(loop, key) == "active"
    assert "0199" in str(loop.customer(key, "contacts.default.phone1"))
    quiet(loop)


def test_a_customer_deactivated_by_a_person_stays_so_when_its_account_returns(loop: Loop) -> None:
    account, key = new_pair(loop, "Closed By Finance")
    loop.sandbox.company.edit(CUSTOMER, key, {"status": "inactive"})
    loop.sync()
    loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
    loop.sync()
    loop.sandbox.org.undelete(account)
    loop.sync()
    assert status_of(loop, key) == "inactive"
    quiet(loop)


def test_a_deletion_withdrawn_before_the_next_run_is_never_noticed(loop: Loop) -> None:
    account, key = new_pair(loop, "Slip Of The Hand")
    loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
    loop.sandbox.org.undelete(account)
    assert loop.sync().total() == 0
    assert status_of(loop, key) == "active"


def test_the_link_follows_a_merge_to_an_account_without_a_partner(loop: Loop) -> None:
    account, key = new_pair(loop, "Merged Away")
    survivor = loop.new("Account", Name="Merged Away Holding", Type="Prospect", BillingCity="Bath")
    contact = loop.new("Contact", LastName="Mover", AccountId=account)
    loop.sync()
    customers = loop.sandbox.company.count("customer")
    loop.sandbox.org.merge(survivor, [account])
    loop.sync()
    loop.sync()
    assert loop.partner("accounts", "salesforce", survivor) == key
    assert status_of(loop, key) == "active"
    assert loop.customer(key, "name")["name"] == "Merged Away Holding"
    assert loop.account(survivor)["IntacctID__c"] == account, "the customer keeps its id"
    assert loop.sandbox.company.count("customer") == customers
    assert loop.partner("contacts", "salesforce", contact)
    quiet(loop)


def test_two_merged_accounts_with_customers_are_left_to_finance(loop: Loop) -> None:
    loser, loser_key = new_pair(loop, "Twin One")
    winner, winner_key = new_pair(loop, "Twin Two")
    loop.sandbox.org.merge(winner, [loser])
    loop.sync()
    assert status_of(loop, loser_key) == "active"
    assert loop.partner("accounts", "salesforce", winner) == winner_key
    held = next(row for row in open_holds(loop.runtime.store.database, "accounts") if row["key"] == loser)
    assert held["reason"] == "merged"
    assert held["who"] == "finance"
    loop.runtime.store.decide(
        [
            Decision(
                "accounts",
                Side.SALESFORCE,
                loser,
                HoldReason.MERGED,
                Verdict.APPROVE,
                loop.clock(),
                state=held["state"],
            )
        ]
    )
    loop.sync()
    assert status_of(loop, loser_key) == "inactive"
    assert "merged" not in reasons(loop)
    quiet(loop)


@pytest.mark.both_doors
def test_a_customer_created_again_under_its_id_keeps_its_account(loop: Loop) -> None:
    account, key = new_pair(loop, "Phoenix")
    told = loop.customer(key, "id")["id"]
    accounts = loop.sandbox.org.count("Account")
    loop.sandbox.company.delete(CUSTOMER, key)
    again = loop.sandbox.company.create(CUSTOMER, {"id": told, "name": "Phoenix Reborn"})
    loop.sync()
    loop.sync()
    assert loop.partner("accounts", "salesforce", account) == again
    assert loop.account(account)["Name"] == "Phoenix Reborn"
    assert loop.sandbox.org.count("Account") == accounts
    quiet(loop)


def test_an_account_created_again_with_its_id_keeps_its_customer(loop: Loop) -> None:
    account, key = new_pair(loop, "Second Chance")
    loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
    again = loop.new(
        "Account", Name="Second Chance", Type="Customer - Direct", BillingCity="Bath", IntacctID__c=account
    )
    customers = loop.sandbox.company.count("customer")
    loop.sync()
    loop.sync()
    assert loop.partner("accounts", "salesforce", again) == key
    assert status_of(loop, key) == "active"
    assert loop.sandbox.company.count("customer") == customers
    quiet(loop)


def test_a_vanished_item_deactivates_its_product_and_its_return_takes_that_back(loop: Loop) -> None:
    key = loop.sandbox.company.create(
        ITEM, {"id": "GONE-1", "name": "Vanishing ink", "itemType": "nonInventory", "costMethod": "standard"}
    )
    loop.sync()
    product = loop.partner("products", "intacct", key)
    loop.sandbox.company.delete(ITEM, key)
    loop.sync()
    assert loop.sandbox.org.row("Product2", product)["IsActive"] is False
    again = loop.sandbox.company.create(
        ITEM, {"id": "GONE-1", "name": "Vanishing ink", "itemType": "nonInventory", "costMethod": "standard"}
    )
    loop.sync()
    loop.sync()
    assert loop.partner("products", "intacct", again) == product
    assert loop.sandbox.org.row("Product2", product)["IsActive"] is True
    quiet(loop)


def asking(config: SyncConfig) -> SyncConfig:
    return replace_policies(config, deleted_in_salesforce="hold")


def replace_policies(config: SyncConfig, **policies: object) -> SyncConfig:
    return config.model_copy(update={"policies": config.policies.model_copy(update=policies)})


@pytest.mark.parametrize(("verdict", "status"), [(Verdict.APPROVE, "inactive"), (Verdict.IGNORE, "active")])
def test_a_person_decides_about_a_deletion_on_hold(tmp_path: Path, verdict: Verdict, status: str) -> None:
    with running_loop(
        tmp_path, SandboxOptions(accounts=4, contacts=2, items=2, seed=5), asking(load_config(None))
    ) as loop:
        loop.sync()
        account, key = new_pair(loop, "Ask First")
        loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
        loop.sync()
        assert status_of(loop, key) == "active"
        held = next(row for row in open_holds(loop.runtime.store.database, "accounts") if row["key"] == account)
        answer = Decision(
            "accounts", Side.SALESFORCE, account, HoldReason.DELETED, verdict, loop.clock(), decided_by="Ada"
        )
        loop.runtime.store.decide([replace(answer, state=held["state"])])
        loop.sync()
        assert status_of(loop, key) == status
        assert "deleted" not in reasons(loop)
        quiet(loop)


@pytest.mark.parametrize("returns", [False, True], ids=["the decision is withdrawn", "the account is there again"])
def test_nothing_is_left_of_a_deletion_that_a_person_ignored(tmp_path: Path, returns: bool) -> None:
    with running_loop(
        tmp_path, SandboxOptions(accounts=4, contacts=2, items=2, seed=5), asking(load_config(None))
    ) as loop:
        loop.sync()
        store = loop.runtime.store
        account, key = new_pair(loop, "Never Mind")
        loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
        loop.sync()
        held = next(row for row in open_holds(store.database, "accounts") if row["key"] == account)
        answer = Decision(
            "accounts", Side.SALESFORCE, account, HoldReason.DELETED, Verdict.IGNORE, loop.clock(), note="moved away"
        )
        store.decide([replace(answer, state=held["state"])])
        loop.sync()
        assert "*" in store.baselines(loop.runtime.config.mapping.entity("accounts"), [key])[key].accepted
        if returns:
            loop.sandbox.org.undelete(account)
        else:
            withdraw(store, decisions_taken(store.database)[0]["id"])
        loop.sync()
        assert "*" not in store.baselines(loop.runtime.config.mapping.entity("accounts"), [key])[key].accepted
        assert ("deleted" in reasons(loop)) is not returns
        quiet(loop)


def test_a_contact_of_a_vanished_customer_waits_and_is_not_created_alone(loop: Loop) -> None:
    account, key = new_pair(loop, "Half Gone")
    loop.sandbox.company.delete(CUSTOMER, key)
    loop.sync(full=True)
    loop.new("Contact", LastName="Waiting", FirstName="Una", AccountId=account)
    people = loop.sandbox.company.count("contact")
    for _ in range(3):
        loop.sync()
    assert loop.sandbox.company.count("contact") == people
    assert "parent_not_linked" in reasons(loop)
    with loop.runtime.store.database.read() as connection:
        left = connection.exec_driver_sql(
            "SELECT count(*) FROM plan_lines WHERE status IN ('sent', 'unknown')"
        ).scalar()
    assert left == 0


def test_a_customer_that_goes_after_its_account_did_is_somebodys_concern_when_the_account_returns(loop: Loop) -> None:
    account, key = new_pair(loop, "Crossed Paths")
    loop.sandbox.org.delete_as(loop.sandbox.org.person, "Account", account)
    loop.sync()
    loop.sandbox.company.delete(CUSTOMER, key)
    loop.sandbox.org.undelete(account)
    loop.sync()
    loop.clock.advance(900)  # so long a row written by us is never taken for vanished
    loop.sync(full=True)
    held = [row for row in open_holds(loop.runtime.store.database, "accounts") if row["key"] == key]
    assert [row["reason"] for row in held] == ["deleted"]


def test_notes_that_change_hands_in_a_merge_reach_the_survivors_customer(loop: Loop) -> None:
    loser, _ = new_pair(loop, "Noted One")
    winner, key = new_pair(loop, "Noted Two")
    loop.new("Note", ParentId=loser, Title="Asked for terms", Body="Thirty days")
    loop.sync()
    loop.sandbox.org.merge(winner, [loser])
    loop.sync()
    assert "Thirty days" in str(loop.customer(key, "notes")["notes"])


def test_a_customer_created_again_before_it_had_an_account_gets_one_account(loop: Loop) -> None:
    key = loop.sandbox.company.create(CUSTOMER, {"id": "EARLY-1", "name": "Early Bird"})
    ctx = loop.runtime.context("read-only")
    for feed in loop.runtime.config.mapping.used_feeds():
        steps.extract(ctx, feed)
    again = loop.sandbox.company.recreate(CUSTOMER, key)
    accounts = loop.sandbox.org.count("Account")
    loop.sync()
    loop.sync()
    assert loop.sandbox.org.count("Account") == accounts + 1
    assert loop.partner("accounts", "intacct", again)
    quiet(loop)

"""What people decide about holds is carried out by the next run, once, and only about what they saw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.fields import ConflictRule
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.plans import Decision, HoldReason, Verdict
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline.staging.queries import open_holds

from .checkpoints import Checkpoints
from .loop import Loop

CUSTOMER = "accounts-receivable/customer"


def asking(config: SyncConfig) -> SyncConfig:
    """The configuration whose conflicts about an account's name are left to a person."""
    entities = tuple(
        e.model_copy(
            update={
                "fields": tuple(
                    f.model_copy(update={"conflict": ConflictRule.HOLD}) if f.name == "name" else f for f in e.fields
                )
            }
        )
        for e in config.mapping.entities
    )
    return config.model_copy(update={"mapping": config.mapping.model_copy(update={"entities": entities})})


@pytest.fixture
def loop(tmp_path: Path, checkpoints: Checkpoints) -> Iterator[Loop]:
    options = SandboxOptions(accounts=4, contacts=2, items=2, seed=8)
    with checkpoints.loop(tmp_path, options, asking(load_config(None))) as running:
        yield running


def held(loop: Loop, reason: str) -> dict[str, Any]:
    (found,) = [row for row in open_holds(loop.runtime.store.database, "accounts") if row["reason"] == reason]
    return found


def decide(loop: Loop, hold: dict[str, Any], verdict: Verdict, partner: str | None = None) -> None:
    loop.runtime.store.decide(
        [
            Decision(
                "accounts",
                Side(hold["side"]),
                hold["key"],
                HoldReason(hold["reason"]),
                verdict,
                loop.clock(),
                tuple(hold["fields"]),
                partner,
                hold["state"] or "",
                "Ada",
                "known to be so",
            )
        ]
    )


def look_alike(loop: Loop) -> tuple[str, str]:
    """An account and a customer that may be one: the same name, and nothing that proves it."""
    key = loop.sandbox.company.create(CUSTOMER, {"id": "LOOK-1", "name": "Lookalike Traders"})
    account = loop.new("Account", Name="Lookalike Traders", Type="Customer - Direct")
    loop.sync()
    return account, key


def in_conflict(loop: Loop) -> tuple[str, str]:
    account = loop.new("Account", Name="Disputed", Type="Customer - Direct", BillingCity="Bath")
    loop.sync()
    key = loop.partner("accounts", "salesforce", account)
    loop.as_person("Account", account, Name="Disputed By Sales")
    loop.sandbox.company.edit(CUSTOMER, key, {"name": "Disputed By Finance"})
    loop.sync()
    return account, key


def holds_of(loop: Loop) -> list[str]:
    return [row["reason"] for row in open_holds(loop.runtime.store.database, "accounts")]


def quiet(loop: Loop) -> None:
    assert holds_of(loop) == []
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}


def test_a_link_that_a_person_chose_is_made(loop: Loop) -> None:
    account, key = look_alike(loop)
    hold = next(row for row in open_holds(loop.runtime.store.database, "accounts") if row["key"] == account)
    decide(loop, hold, Verdict.LINK, key)
    loop.sync()
    assert loop.partner("accounts", "salesforce", account) == key
    assert loop.account(account)["IntacctID__c"] == "LOOK-1"
    quiet(loop)


@pytest.mark.both_doors
def test_a_record_that_a_person_calls_new_gets_a_partner_of_its_own(loop: Loop) -> None:
    account, key = look_alike(loop)
    for hold in open_holds(loop.runtime.store.database, "accounts"):
        decide(loop, hold, Verdict.CREATE)
    loop.sync()
    loop.sync()
    assert loop.partner("accounts", "salesforce", account) != key
    assert loop.partner("accounts", "intacct", key) != account
    quiet(loop)


def test_a_record_that_a_person_ignores_is_left_alone(loop: Loop) -> None:
    account, key = look_alike(loop)
    accounts, customers = loop.sandbox.org.count("Account"), loop.sandbox.company.count("customer")
    for hold in open_holds(loop.runtime.store.database, "accounts"):
        decide(loop, hold, Verdict.IGNORE)
    loop.sync()
    loop.as_person("Account", account, Phone="+1 415 555 0123")
    quiet(loop)
    assert (loop.sandbox.org.count("Account"), loop.sandbox.company.count("customer")) == (accounts, customers)
    assert not loop.runtime.store.links("accounts", Side.INTACCT, [key])


@pytest.mark.parametrize(
    ("verdict", "name"),
    [(Verdict.TAKE_SALESFORCE, "Disputed By Sales"), (Verdict.TAKE_INTACCT, "Disputed By Finance")],
)
def test_a_conflict_is_settled_as_a_person_says(loop: Loop, verdict: Verdict, name: str) -> None:
    account, key = in_conflict(loop)
    decide(loop, held(loop, "conflict"), verdict)
    loop.sync()
    assert loop.account(account)["Name"] == loop.customer(key, "name")["name"] == name
    quiet(loop)
    with loop.runtime.store.database.read() as connection:
        rules = connection.exec_driver_sql('SELECT "rule", reason FROM v_journal ORDER BY entry_id DESC').first()
    assert rules is not None
    assert rules[0] == "decided"
    assert "Ada" in rules[1]


def test_a_decision_about_other_values_than_these_is_not_used(loop: Loop) -> None:
    account, key = in_conflict(loop)
    decide(loop, held(loop, "conflict"), Verdict.TAKE_SALESFORCE)
    loop.sandbox.company.edit(CUSTOMER, key, {"name": "Disputed Once More"})
    loop.sync()
    assert held(loop, "conflict")
    assert loop.customer(key, "name")["name"] == "Disputed Once More"
    assert loop.account(account)["Name"] == "Disputed By Sales"


def test_a_conflict_that_a_person_ignores_stays_different_and_explained(loop: Loop) -> None:
    account, key = in_conflict(loop)
    decide(loop, held(loop, "conflict"), Verdict.IGNORE)
    loop.sync()
    assert loop.account(account)["Name"] != loop.customer(key, "name")["name"]
    quiet(loop)
    loop.as_person("Account", account, Name="Disputed No More")
    loop.sync()
    assert loop.customer(key, "name")["name"] == "Disputed No More"
    quiet(loop)

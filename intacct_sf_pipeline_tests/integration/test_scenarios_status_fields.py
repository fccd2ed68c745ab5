"""The state of held records on the Salesforce records themselves: told once, cleared when it is over, never an echo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline.sandbox.server import SandboxOptions

from .checkpoints import Checkpoints
from .loop import Loop, running_loop

WITH_STATUS = """
version: 1
entities:
  accounts:
    salesforce:
      status: {field: SyncStatus__c, message: SyncMessage__c}
"""


@pytest.fixture
def loop(tmp_path: Path, checkpoints: Checkpoints) -> Iterator[Loop]:
    path = tmp_path / "ours.yaml"
    path.write_text(WITH_STATUS, encoding="utf-8")
    options = SandboxOptions(accounts=4, contacts=2, items=2, overlap=1.0, seed=5)
    with checkpoints.loop(tmp_path, options, load_config(path), syncs=2) as running:
        yield running


def linked(loop: Loop) -> str:
    return next(pair.salesforce_id for pair in loop.sandbox.truth if pair.entity == "accounts")


def told(loop: Loop, account: str) -> tuple[str | None, str | None]:
    row = loop.account(account)
    return row["SyncStatus__c"], row["SyncMessage__c"]


def calls_that_write(loop: Loop) -> int:
    return sum(request.method in ("POST", "PATCH", "DELETE") for request in loop.sandbox.org.requests)


@pytest.mark.both_doors
def test_a_held_record_says_so_until_it_is_mended(loop: Loop) -> None:
    account = linked(loop)
    assert told(loop, account) == (None, None), "nothing is told where nothing was ever wrong"
    loop.as_person("Account", account, Name="N" * 120)
    loop.sync(plan_only=True)
    assert told(loop, account) == (None, None), "a plan tells nobody"
    loop.sync()
    assert told(loop, account) == (
        "Held",
        "Name has 120 characters; Intacct takes at most 100. Shorten it in Salesforce.",
    )
    before = calls_that_write(loop)
    assert loop.sync().total() == 0
    assert calls_that_write(loop) == before, "it is told once, and what was told is no change"
    loop.as_person("Account", account, Name="N" * 130)
    loop.sync()
    assert (told(loop, account)[1] or "").startswith("Name has 130 characters")
    loop.as_person("Account", account, Name="Harbour Lights Ltd")
    loop.sync()
    assert told(loop, account) == ("In sync", None)
    before = calls_that_write(loop)
    assert loop.sync().total() == 0
    assert calls_that_write(loop) == before
    assert loop.disagreements() == {}


def test_an_account_without_partner_is_told_why_nothing_is_done(loop: Loop) -> None:
    account = loop.new("Account", Name="Points nowhere", Type="Customer - Direct", IntacctID__c="GONE-9")
    loop.sync()
    assert told(loop, account)[0] == "Held"
    loop.as_person("Account", account, Type="Prospect")
    loop.sync()
    status, reason = told(loop, account)
    assert status == "Not synchronised"
    assert reason


def test_what_was_told_to_a_record_that_is_gone_is_forgotten(loop: Loop) -> None:
    account = linked(loop)
    loop.as_person("Account", account, Name="N" * 120)
    loop.sync()
    org = loop.sandbox.org
    org.delete_as(org.person, "Account", account)
    loop.sync()
    loop.sync()
    before = calls_that_write(loop)
    loop.sync()
    assert calls_that_write(loop) == before


@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
def test_a_lost_answer_is_repaired_by_the_next_run(loop: Loop, fault: str) -> None:
    account = linked(loop)
    loop.as_person("Account", account, Name="N" * 120)
    rule = FaultRule(service="salesforce", fault=fault, method=("PATCH",), path="composite/sobjects", count=20)
    loop.fault(rule)
    loop.sync()
    assert loop.sandbox.faults.fired, "the fault was never met"
    loop.sandbox.faults.clear()
    assert loop.sync().total() == 0
    assert told(loop, account)[0] == "Held"
    before = calls_that_write(loop)
    loop.sync()
    assert calls_that_write(loop) == before


def test_a_refused_notice_holds_nobody_up_and_is_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(WITH_STATUS.replace("SyncMessage__c", "NoSuchField__c"), encoding="utf-8")
    options = SandboxOptions(accounts=4, contacts=2, items=2, overlap=1.0, seed=5)
    with running_loop(tmp_path, options, load_config(path)) as loop:
        loop.sync()
        loop.sync()
        account = linked(loop)
        loop.as_person("Account", account, Name="N" * 120, Phone="+1 212 555 0177")
        assert loop.sync().total("updated") == 1
        assert told(loop, account) == (None, None)
        before = calls_that_write(loop)
        loop.sync()
        assert calls_that_write(loop) == before

"""The whole loop while reads go wrong: nothing is deactivated for it, no edit is lost, and agreement returns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline.sandbox.server import SandboxOptions

from .loop import Loop, running_loop

QUERIES = {"intacct": "services/core/query", "salesforce": "/query"}


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with running_loop(tmp_path, SandboxOptions(accounts=40, contacts=40, items=30, overlap=1.0, seed=5)) as running:
        running.sync()
        running.sync()
        running.clock.advance(3600)
        yield running


def pairs(loop: Loop) -> list[tuple[str, str]]:
    """Account id and customer key of every linked pair."""
    ids = [str(row["Id"]) for row in loop.sandbox.org.db.table("Account").live()]
    return [(key, link.intacct_key) for key, link in loop.runtime.store.links("accounts", Side.SALESFORCE, ids).items()]


def phone(loop: Loop, customer: str) -> object:
    return loop.customer(customer, "contacts.default.phone1")["contacts.default.phone1"]


READS = {"intacct": {"contains": r'"orderBy"(?!.*"\$in")'}, "salesforce": {"path": r"/query(All)?/?\?(?!.*\+IN\+)"}}
SHORT = {"fault": "short_read", "share": 0.4}


@pytest.mark.parametrize("service", list(QUERIES))
@pytest.mark.parametrize("lie", [{"fault": "empty_read"}, SHORT], ids=["empty", "short"])
def test_queries_that_show_too_little_deactivate_nothing(loop: Loop, service: str, lie: dict[str, Any]) -> None:
    loop.fault(FaultRule(service=service, path=QUERIES[service], count=None, seed=3, **lie))
    assert loop.sync(full=True).total() == 0
    assert loop.sandbox.faults.fired
    loop.sandbox.faults.clear()
    assert loop.sync(full=True).total() == 0
    assert loop.disagreements() == {}


@pytest.mark.parametrize("service", list(QUERIES))
@pytest.mark.parametrize("share", [0.1, 0.4, 0.9])
def test_a_full_read_that_lacks_rows_although_its_totals_agree_deactivates_nothing(
    loop: Loop, service: str, share: float
) -> None:
    lie: dict[str, Any] = {"fault": "short_read", "share": share, "consistent": True, **READS[service]}
    loop.fault(FaultRule(service=service, count=None, **lie))
    assert loop.sync(full=True).total() == 0
    assert loop.sandbox.faults.fired
    loop.sandbox.faults.clear()
    assert loop.sync(full=True).total() == 0
    assert loop.disagreements() == {}


@pytest.mark.parametrize("service", list(QUERIES))
@pytest.mark.parametrize("seconds", [7200, -7200])
def test_edits_before_during_and_after_a_jump_of_the_clock_arrive(loop: Loop, service: str, seconds: int) -> None:
    chosen = pairs(loop)[:3]
    for number, (account, _) in enumerate(chosen):
        loop.as_person("Account", account, Phone=f"+1 212-555-010{number}")
        if number == 1:
            jump = FaultRule(service=service, path=QUERIES[service], fault="clock_jump", seconds=seconds, lasting=8)
            loop.fault(jump)
        loop.sync()
    loop.sync()
    assert [phone(loop, customer) for _, customer in chosen] == [f"+1 212-555-010{number}" for number in range(3)]
    assert loop.disagreements() == {}
    assert loop.sync().total() == 0


@pytest.mark.both_doors
def test_an_edit_that_becomes_visible_long_after_its_stamp_is_not_lost(loop: Loop) -> None:
    account, customer = pairs(loop)[0]
    org = loop.sandbox.org
    transaction = org.open_transaction()
    transaction.update("Account", account, {"Phone": "+1 212-555-0177"})
    loop.sync()
    loop.sync()
    transaction.commit()
    loop.sync()
    assert phone(loop, customer) == "+1 212-555-0177"


@pytest.mark.both_doors
def test_stamps_that_do_not_show_cost_no_write_and_lose_no_edit(loop: Loop) -> None:
    for service, path in QUERIES.items():
        loop.fault(FaultRule(service=service, path=path, fault="null_stamp", share=1.0, count=None))
    assert loop.sync(full=True).total() == 0
    account, customer = pairs(loop)[0]
    loop.as_person("Account", account, Phone="+1 212-555-0133")
    loop.sync()
    assert phone(loop, customer) == "+1 212-555-0133"
    loop.sandbox.faults.clear()
    assert loop.sync().total() == 0

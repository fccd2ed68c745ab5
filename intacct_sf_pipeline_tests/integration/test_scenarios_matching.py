"""Go-live with two full systems: what is linked, what a person is asked, and what is never created twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from intacct_sf_pipeline.model.plans import Decision, HoldReason, Verdict
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline.staging.queries import open_holds

from .labelled import first_load
from .loop import Loop, running_loop

ADDRESS = "contacts.default.mailingAddress."
UNDECIDABLE = {"branch", "namesake"}
"""Strangers that only a person can tell from a partner that moved or changed its number."""


@pytest.mark.parametrize(("seed", "accounts", "overlap"), [(41, 60, 0.3), (42, 150, 0.6), (43, 90, 0.9)])
def test_what_differs_in_formatting_is_linked_and_nobody_else_waits(
    tmp_path: Path, seed: int, accounts: int, overlap: float
) -> None:
    options = SandboxOptions(accounts=accounts, contacts=accounts, items=40, seed=seed, overlap=overlap)
    with first_load(tmp_path, options) as (_, found):
        for entity, measure in found.items():
            assert measure.wrong == [], entity
            assert measure.recall >= 0.95, entity
            assert not measure.lost, entity
            assert measure.needless.total() <= 0.01 * measure.alone.total(), entity


@pytest.mark.parametrize(("seed", "overlap"), [(51, 0.5), (52, 0.7)])
def test_on_the_hard_set_no_link_is_wrong_and_no_true_partner_is_created_twice(
    tmp_path: Path, seed: int, overlap: float
) -> None:
    options = SandboxOptions(accounts=160, contacts=200, items=80, seed=seed, overlap=overlap, hard=0.9)
    with first_load(tmp_path, options) as (_, found):
        for entity, measure in found.items():
            assert measure.wrong == [], entity
            assert measure.lost.total() <= 0.01 * measure.pairs.total(), entity
            assert measure.asked.total() > 0, entity
            certain = {kind: n for kind, n in measure.needless.items() if kind not in UNDECIDABLE}
            assert sum(certain.values()) <= 0.02 * measure.alone.total(), entity


@pytest.fixture
def loop(tmp_path: Path):
    with running_loop(tmp_path, SandboxOptions(accounts=0, contacts=0, items=0)) as running:
        yield running


def customer(loop: Loop, number: str, name: str, phone: str = "+1 212-555-0142") -> str:
    values = {"id": number, "name": name, "contacts.default.phone1": phone, ADDRESS + "postCode": "10001"}
    loop.sandbox.company.create("customer", values)
    return str(loop.sandbox.company.read("customer", number, "key")["key"])


def account(loop: Loop, name: str, phone: str = "(212) 555-0142") -> str:
    return loop.new("Account", Name=name, Phone=phone, BillingPostalCode="10001", Type="Customer - Direct")


def held(loop: Loop) -> dict[str, dict]:
    return {hold["key"]: hold for hold in open_holds(loop.runtime.store.database, "accounts")}


def test_a_likely_pair_waits_on_both_sides_whichever_is_read_first(loop: Loop) -> None:
    ours = customer(loop, "T-1", "Granite Holt Tools, Inc.")
    theirs = account(loop, "Granit Holt Tools")
    loop.sync()
    waiting = held(loop)
    assert set(waiting) == {ours, theirs}
    assert {hold["reason"] for hold in waiting.values()} == {"candidate_match"}
    assert [c["key"] for c in waiting[theirs]["candidates"]] == [ours]
    assert 0.5 <= waiting[theirs]["candidates"][0]["score"] <= 1
    assert (loop.sandbox.company.count("customer"), loop.sandbox.org.count("Account")) == (1, 1)
    loop.sync()
    assert set(held(loop)) == {ours, theirs}, "and goes on waiting"
    loop.as_person("Account", theirs, Name="Granite Holt Tools")
    loop.sync()
    assert held(loop) == {}
    assert loop.partner("accounts", "salesforce", theirs) == ours


@pytest.mark.both_doors
def test_once_the_candidate_has_its_partner_the_other_one_is_created(loop: Loop) -> None:
    ours = customer(loop, "T-1", "Granite Holt Tools")
    first, second = account(loop, "Granit Holt Tools"), account(loop, "Granitt Holt Tools")
    loop.sync()
    assert set(held(loop)) == {ours, first, second}
    decision = Decision(
        "accounts", Side.SALESFORCE, first, HoldReason.CANDIDATE_MATCH, Verdict.LINK, loop.clock(), partner_key=ours
    )
    loop.runtime.store.decide([decision])
    loop.sync()
    loop.sync()
    assert loop.partner("accounts", "salesforce", first) == ours
    assert loop.partner("accounts", "salesforce", second) != ours
    assert held(loop) == {}
    assert loop.sync().total() == 0


def test_in_daily_work_new_records_with_similar_names_are_simply_created(loop: Loop) -> None:
    for number, name in enumerate(("Granite Holt Tools", "Harbor Pumps", "Cedar Bakery")):
        customer(loop, f"T-{number}", name, f"+1 212-555-01{number:02d}")
    loop.sync()
    account(loop, "Granite Holt Bakery", "(212) 555-0177")
    account(loop, "Cedar Pumps", "(212) 555-0178")
    customer(loop, "T-9", "Harbor Bakery", "+1 212-555-0179")
    loop.sync()
    assert held(loop) == {}
    assert (loop.sandbox.company.count("customer"), loop.sandbox.org.count("Account")) == (6, 6)


def decide(loop: Loop, record: str, verdict: Verdict) -> None:
    loop.runtime.store.decide(
        [Decision("accounts", Side.SALESFORCE, record, HoldReason.AMBIGUOUS_MATCH, verdict, loop.clock())]
    )


@pytest.fixture
def twins(loop: Loop) -> tuple[str, str]:
    """Two accounts that are the same in everything, read once."""
    first, second = (account(loop, "Kestrel Marine") for _ in range(2))
    loop.sync()
    return first, second


def test_what_tells_two_accounts_apart_makes_them_two(loop: Loop) -> None:
    for number in range(2):
        account(loop, "Kestrel Marine", phone=f"(212) 555-013{number}")
    loop.sync()
    assert (held(loop), loop.sandbox.company.count("customer")) == ({}, 2)


def test_accounts_that_are_the_same_do_not_both_become_customers_unasked(loop: Loop, twins: tuple[str, str]) -> None:
    waiting = held(loop)
    assert set(waiting) == set(twins)
    assert {row["reason"] for row in waiting.values()} == {"ambiguous_match"}
    assert "the same as another one" in waiting[twins[0]]["message"]
    assert loop.sandbox.company.count("customer") == 0
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}


@pytest.mark.parametrize("end", ["merged", "deleted", "made to differ", "no customer any more", "ignored"])
def test_once_one_of_the_same_is_another_or_gone_the_other_becomes_a_customer(
    loop: Loop, twins: tuple[str, str], end: str
) -> None:
    org, (first, second) = loop.sandbox.org, twins
    if end == "merged":
        org.merge(first, second)
    elif end == "deleted":
        org.delete_as(org.person, "Account", second)
    elif end == "made to differ":
        loop.as_person("Account", second, Phone="(212) 555-0123")
    elif end == "no customer any more":
        loop.as_person("Account", second, Type="Prospect")
    else:
        decide(loop, second, Verdict.IGNORE)
    loop.sync()
    assert loop.partner("accounts", "salesforce", first)
    assert loop.sandbox.company.count("customer") == (2 if end == "made to differ" else 1)
    assert held(loop) == {}
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}


def test_a_person_may_make_a_customer_of_each(loop: Loop, twins: tuple[str, str]) -> None:
    for record in twins:
        decide(loop, record, Verdict.CREATE)
    loop.sync()
    keys = {loop.partner("accounts", "salesforce", record) for record in twins}
    assert len(keys) == loop.sandbox.company.count("customer") == 2
    assert held(loop) == {}
    assert loop.disagreements() == {}


def test_what_waits_costs_an_idle_tick_nothing(loop: Loop, twins: tuple[str, str]) -> None:
    """Neither a look at the records on hold, nor a question what the targets would take."""
    before = {side: connector.spend() for side, connector in loop.runtime.connectors.items()}
    tick = loop.sync()
    feeds = len(loop.runtime.config.mapping.used_feeds())
    spent = sum((loop.runtime.connectors[side].spend() - before[side]).requests for side in before)
    assert held(loop)
    assert tick.planned["accounts"]["held"] == 0
    assert spent <= feeds + 2

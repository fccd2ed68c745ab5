"""Two records that want one partner: nothing is linked or kept by accident, and nobody else has to wait for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from intacct_sf_pipeline.engine.matching.rivals import commit_without_rivals
from intacct_sf_pipeline.engine.ports import StagingStore
from intacct_sf_pipeline.model.errors import LinkConflictError
from intacct_sf_pipeline.model.plans import HoldReason, Settlement
from intacct_sf_pipeline.model.records import Link, Side
from intacct_sf_pipeline.model.results import Batch
from intacct_sf_pipeline.sandbox.server import SandboxOptions

from .checkpoints import Checkpoints
from .kill_points import REQUEST, watched
from .loop import Loop

CUSTOMER = "accounts-receivable/customer"


@pytest.fixture
def loop(tmp_path: Path, checkpoints: Checkpoints) -> Iterator[Loop]:
    options = SandboxOptions(accounts=4, contacts=0, items=0, overlap=0)
    with checkpoints.loop(tmp_path, options, syncs=2) as running:
        yield running


@dataclass
class LinkedStore:
    """Refuses pairs of which one record has a partner, as the unique keys do."""

    taken: set[str]
    stored: list[Settlement] = field(default_factory=list)

    def commit_reconcile(self, _entity: Any, _batch: Any, settlements: Sequence[Settlement], *, run_id: str) -> None:
        used = set(self.taken)
        for link in (s.link for s in settlements if s.link):
            if used & {link.intacct_key, link.salesforce_id}:
                raise LinkConflictError("accounts", link.intacct_key, link.salesforce_id)
            used |= {link.intacct_key, link.salesforce_id}
        self.stored = list(settlements)


def test_pairs_that_want_a_record_twice_are_held_and_the_others_of_the_batch_are_stored(loop: Loop) -> None:
    ctx = loop.runtime.context("rivals")
    entity = ctx.config.mapping.entity("accounts")

    def pair(intacct: str, salesforce: str) -> Settlement:
        link = Link("accounts", intacct, salesforce, "name", ctx.clock(), ctx.run_id)
        return Settlement("accounts", intacct, salesforce, link=link)

    store = LinkedStore({"A"})
    batch = [pair("1", "A"), pair("2", "B"), pair("3", "C"), pair("4", "C")]
    stored = commit_without_rivals(replace(ctx, store=cast(StagingStore, store)), entity, Batch((), ()), batch)
    assert stored == store.stored
    assert [(s.intacct_key, s.salesforce_id) for s in stored if s.link] == [("2", "B")]
    held = {(h.record_side, h.key, h.reason, h.candidates) for s in stored for h in s.holds}
    assert held == {
        (side, key, HoldReason.AMBIGUOUS_MATCH, (other,))
        for pair_ in (("1", "A"), ("3", "C"), ("4", "C"))
        for side, key, other in ((Side.INTACCT, *pair_), (Side.SALESFORCE, *reversed(pair_)))
    }


def test_an_upsert_that_lands_on_somebody_elses_account_is_held_and_taken_back(loop: Loop) -> None:
    """While a run is about to create the account of a new customer, a person writes that customer's id on an account
    that has a partner: the upsert by external id lands there.
    """
    company, store = loop.sandbox.company, loop.runtime.store
    spec = loop.runtime.config.mapping.entity("accounts")
    victim = next(case.link for cases in store.pairs(spec, size=10) for case in cases if case.link)
    before = loop.account(victim.salesforce_id)
    rival = company.create("customer", {"id": "RIVAL", "name": "Rivalwerke"})
    neighbour = company.create("customer", {"id": "NEIGHBOUR", "name": "Next Door"})
    meddled: list[int] = []

    def meddle(kind: str) -> None:
        sent = "select count(*) from plan_lines where status = 'sent' and side = 'salesforce'"
        if kind == REQUEST and not meddled:
            with store.database.read() as connection:
                if connection.exec_driver_sql(sent).scalar_one():
                    meddled.append(1)
                    loop.as_person("Account", victim.salesforce_id, IntacctID__c="RIVAL")

    with watched(store.database.engine, meddle):
        loop.sync()
    assert meddled
    assert not store.links("accounts", Side.INTACCT, [rival])
    assert store.links("accounts", Side.INTACCT, [neighbour])
    assert store.links("accounts", Side.SALESFORCE, [victim.salesforce_id])[victim.salesforce_id] == victim
    loop.sync()
    loop.sync()
    after = loop.account(victim.salesforce_id)
    assert {c: after[c] for c in ("Name", "Phone", "IntacctID__c", "AccountNumber", "BillingCity")} == {
        c: before[c] for c in ("Name", "Phone", "IntacctID__c", "AccountNumber", "BillingCity")
    }
    assert loop.customer(victim.intacct_key, "name")["name"] == before["Name"]
    assert loop.account(loop.partner("accounts", "intacct", rival))["Name"] == "Rivalwerke"
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}

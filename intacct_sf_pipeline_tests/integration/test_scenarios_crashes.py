"""A process that dies between two transactions: the next run takes up what was left; nothing doubled or forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.sandbox.server import SandboxOptions

from .checkpoints import Checkpoints
from .loop import Loop


class CrashError(Exception):
    """The process is gone."""


class DyingStore:
    """A store whose process dies just before the `nth` call of one method."""

    def __init__(self, store: Any, method: str, nth: int) -> None:
        self._store, self._method, self._left = store, method, nth
        self.died = False

    def __getattr__(self, name: str) -> Any:
        if name == self._method:
            self._left -= 1
            if self._left == 0:
                self.died = True
                raise CrashError(name)
        return getattr(self._store, name)


class DyingLoop(Loop):
    """A loop of which one tick dies."""

    death: tuple[str, int] | None = None

    def _run(self, ctx: SyncContext, kind: str) -> Any:
        if self.death is None:
            return super()._run(ctx, kind)
        store: Any = DyingStore(ctx.store, *self.death)
        self.death = None
        try:
            return super()._run(replace(ctx, store=store), kind)
        except CrashError:
            return None


@pytest.fixture
def loop(tmp_path: Path, checkpoints: Checkpoints) -> Iterator[DyingLoop]:
    with checkpoints.loop(tmp_path, SandboxOptions(accounts=8, contacts=10, items=4, seed=5), kind=DyingLoop) as dying:
        yield dying


POINTS = [(method, nth) for method in ("restage", "requeue") for nth in range(1, 6)] + [
    (method, nth)
    for method in ("land", "sweep", "commit_stage", "commit_reconcile", "mark", "commit_outcomes")
    for nth in (1, 2)
]


@pytest.mark.parametrize(("method", "nth"), POINTS)
def test_a_new_customer_and_its_contact_survive_a_death_anywhere(loop: DyingLoop, method: str, nth: int) -> None:
    account = loop.new("Account", Name="Late Customer", Type="Prospect", BillingCity="Bath")
    contact = loop.new("Contact", LastName="Waiting", FirstName="Una", AccountId=account)
    loop.sync()
    loop.as_person("Account", account, Type="Customer - Direct")
    customers, people = loop.sandbox.company.count("customer"), loop.sandbox.company.count("customer-contact")
    loop.death = (method, nth)
    loop.sync()
    loop.sync()
    loop.sync()
    assert loop.sandbox.company.count("customer") == customers + 1
    assert loop.sandbox.company.count("customer-contact") == people + 1
    assert loop.partner("contacts", "salesforce", contact)
    assert loop.account(account)["IntacctID__c"] == account
    assert loop.sync().total() == 0
    assert loop.disagreements() == {}

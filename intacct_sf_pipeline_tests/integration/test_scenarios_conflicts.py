"""Both sides change one field: each rule decides as it says, and what the loser held stays in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.plans import Decision, HoldReason, Verdict
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline.staging.queries import open_holds

from .loop import Loop, running_loop
from .test_scenarios_undo import CUSTOMER, last_run, pairs, undo

FINANCE, SALES = "Says finance", "Says sales"


@contextmanager
def company(folder: Path, rule: str) -> Iterator[Loop]:
    """A settled company of which the name follows `rule`."""
    path = folder / "rules.yaml"
    text = f"version: 1\nentities:\n  accounts:\n    fields:\n      name: {{conflict: {rule}}}\n"
    path.write_text(text, encoding="utf-8")
    options = SandboxOptions(accounts=5, contacts=0, items=2, overlap=1.0)
    with running_loop(folder, options, load_config(path)) as loop:
        loop.sync()
        loop.sync()
        yield loop


def conflict(loop: Loop, *, sales_last: bool) -> tuple[str, str]:
    """Both sides rename one pair: Intacct key, Salesforce id."""
    key, account = pairs(loop)[0]
    steps = [
        lambda: loop.sandbox.company.edit(CUSTOMER, key, {"name": FINANCE}),
        lambda: loop.as_person("Account", account, Name=SALES),
    ]
    for step in steps if sales_last else reversed(steps):
        step()
        loop.clock.advance(5)
    return key, account


def overwritten(loop: Loop) -> list[tuple[str, str, str, str]]:
    """Side, value lost, value written and rule of the last journal entry about a name."""
    query = "select side, before_value, after_value, rule from journal where field = 'name' order by entry_id desc"
    with loop.runtime.store.database.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query).fetchmany(1)]


def holds_of(loop: Loop, key: str) -> list[dict[str, Any]]:
    """Open holds about a customer."""
    return [hold for hold in open_holds(loop.runtime.store.database, "accounts") if hold["key"] == key]


@pytest.mark.parametrize(
    ("rule", "sales_last", "loser"),
    [
        ("newest", True, "intacct"),
        ("newest", False, "salesforce"),
        ("intacct", True, "salesforce"),
        ("salesforce", False, "intacct"),
    ],
)
def test_the_rule_decides_and_the_losers_value_is_in_the_journal(
    tmp_path: Path, rule: str, sales_last: bool, loser: str
) -> None:
    with company(tmp_path, rule) as loop:
        key, account = conflict(loop, sales_last=sales_last)
        loop.sync()
        lost, won = (FINANCE, SALES) if loser == "intacct" else (SALES, FINANCE)
        assert overwritten(loop) == [(loser, lost, won, rule)]
        assert loop.account(account)["Name"] == loop.customer(key, "name")["name"] == won
        undo(loop, last_run(loop), entity="accounts")
        now = loop.customer(key, "name")["name"] if loser == "intacct" else loop.account(account)["Name"]
        assert now == lost, "what lost can be put back"


@pytest.mark.both_doors
def test_a_held_conflict_overwrites_nobody_and_a_persons_choice_keeps_the_losers_value(tmp_path: Path) -> None:
    with company(tmp_path, "hold") as loop:
        key, account = conflict(loop, sales_last=True)
        before = overwritten(loop)
        loop.sync()
        assert (loop.customer(key, "name")["name"], loop.account(account)["Name"]) == (FINANCE, SALES)
        assert overwritten(loop) == before
        (hold,) = holds_of(loop, key)
        decision = Decision(
            "accounts",
            Side(hold["side"]),
            hold["key"],
            HoldReason.CONFLICT,
            Verdict.TAKE_INTACCT,
            loop.clock(),
            ("name",),
            state=hold["state"],
        )
        loop.runtime.store.decide([decision])
        loop.sync()
        assert overwritten(loop) == [("salesforce", SALES, FINANCE, "decided")]
        assert holds_of(loop, key) == []

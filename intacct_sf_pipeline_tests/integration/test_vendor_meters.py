"""What the ledger books is what the vendors bill: compared with the sandbox's own meters, by category, to the unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline.staging.schema import api_spend

from .doors import VARIABLE
from .loop import Loop, connectors, running_loop

RIGS = {"rest": ("rest", None), "xml": ("xml", None), "bulk": ("rest", 5)}
SMALL = SandboxOptions(accounts=110, contacts=60, items=12)


@contextmanager
def loop_on(rig: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    """A loop through one of the interfaces, whose sandbox has been asked nothing yet."""
    api, by_job = RIGS[rig]
    monkeypatch.setenv(VARIABLE, api)
    with running_loop(folder, SMALL) as loop:
        loop.runtime = replace(loop.runtime, connectors=connectors(loop.sandbox, by_job=by_job))
        loop.sandbox.company.transactions.reset()
        loop.sandbox.org.requests.clear()
        loop.sandbox.org.meter.total = 0
        yield loop


def booked(loop: Loop, side: Side) -> tuple[Counter[str], Counter[str]]:
    """Units billed and requests sent, by kind of call, over all runs."""
    query = select(api_spend.c.kind, func.sum(api_spend.c.billed), func.sum(api_spend.c.requests))
    query = query.where(api_spend.c.system == side.value).group_by(api_spend.c.kind)
    with loop.runtime.store.database.read() as connection:
        rows = connection.execute(query).all()
    return Counter({row[0]: int(row[1]) for row in rows}), Counter({row[0]: int(row[2]) for row in rows})


def salesforce_bill(loop: Loop) -> Counter[str]:
    """The org's own log by what was asked: describes, changes, everything else."""
    found: Counter[str] = Counter()
    for request in loop.sandbox.org.requests:
        changes = "/composite" in request.path or "/jobs/ingest" in request.path
        found["describe" if request.path.endswith("/describe") else "write" if changes else "ask"] += request.api_calls
    return +found


def assert_bill(loop: Loop) -> None:
    """Both ledgers agree to the unit."""
    meter = loop.sandbox.company.transactions
    billed, requests = booked(loop, Side.INTACCT)
    assert billed["write"] == meter.records_written
    assert billed["read"] + billed["lookup"] == meter.query_pages + meter.records_read
    assert billed["login"] == billed["describe"] == 0
    assert (requests["describe"], requests["login"]) == (meter.model_calls, meter.token_calls)
    assert billed.total() == meter.total
    calls, _ = booked(loop, Side.SALESFORCE)
    asked = salesforce_bill(loop)
    assert calls.total() == loop.sandbox.org.meter.total == asked.total()
    assert calls["login"] == 0
    assert (calls["write"], calls["describe"], calls["read"] + calls["lookup"]) == (
        asked["write"],
        asked["describe"],
        asked["ask"],
    )


@pytest.mark.parametrize("rig", RIGS)
def test_first_load_idle_tick_and_a_hundred_changes_cost_what_the_vendors_bill(
    rig: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with loop_on(rig, tmp_path, monkeypatch) as loop:
        loop.sync()
        assert_bill(loop)
        before = loop.sandbox.company.transactions.records_written
        loop.sync()
        loop.sync()
        settled = loop.sandbox.company.transactions.records_written
        loop.sync()
        assert loop.sandbox.company.transactions.records_written == settled >= before
        assert_bill(loop)
        store = loop.runtime.store
        linked = [
            link for page in store.pairs(loop.runtime.config.mapping.entity("accounts"), size=200) for link in page
        ]
        for number, case in enumerate(linked[:100]):
            assert case.link is not None
            loop.as_person("Account", case.link.salesforce_id, Phone=f"(415) 555-{number:04}")
        loop.sync()
        assert loop.sandbox.company.transactions.records_written - settled >= 100
        assert_bill(loop)


def test_a_run_that_stops_halfway_has_booked_every_call_it_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with loop_on("rest", tmp_path, monkeypatch) as loop:
        loop.sandbox.org.meter.quota = loop.sandbox.org.meter.used + 9
        with pytest.raises(Exception, match="REQUEST_LIMIT_EXCEEDED"):
            loop.sync()
        calls, _ = booked(loop, Side.SALESFORCE)
        assert calls.total() == loop.sandbox.org.meter.total == 9


def test_a_rehearsal_is_paid_in_the_real_ledger_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with loop_on("rest", tmp_path, monkeypatch) as loop:
        loop.sync(plan_only=True)
        assert_bill(loop)
        assert loop.sandbox.company.transactions.records_written == 0


def test_a_lost_reply_is_booked_as_billed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with loop_on("rest", tmp_path, monkeypatch) as loop:
        loop.fault(FaultRule("intacct", "timeout_after", method=("POST",), path="/objects/", count=1, seconds=6))
        loop.sync()
        billed, _ = booked(loop, Side.INTACCT)
        assert billed["write"] >= loop.sandbox.company.transactions.records_written > 0

"""What replies show of a service's clock is kept as long as it tells anything new, by every connector."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from intacct_sf_pipeline.connectors.witness import ClockWitness
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline_tests.integration.loop import Loop, running_loop

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Seconds:
    """A clock of seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def date(seconds: float) -> dict[str, str]:
    return {"Date": format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)}


def test_only_what_is_new_is_kept_and_how_long_ago_it_was() -> None:
    own = Seconds()
    witness = ClockWitness(own)
    for passed, shown in ((0, 0), (10, 10), (20, -3580), (30, -3570), (40, 40)):
        own.now = 100.0 + passed
        witness.see(date(shown))
    own.now += 5
    seen = [((glance.server - NOW).total_seconds(), glance.seconds_ago) for glance in witness.taken()]
    assert seen == [(0.0, 45.0), (-3580.0, 25.0), (40.0, 5.0)]
    assert witness.taken() == ()


@pytest.mark.parametrize("headers", [{}, {"Date": ""}, {"Date": "yesterday"}])
def test_a_reply_without_a_readable_date_tells_nothing(headers: dict[str, str]) -> None:
    witness = ClockWitness()
    witness.see(headers)
    assert witness.taken() == ()


def test_a_clock_that_jumps_all_the_time_fills_no_memory() -> None:
    witness = ClockWitness(Seconds())
    for number in range(1000):
        witness.see(date(3600 * (number % 2)))
    assert len(witness.taken()) == 200


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with running_loop(tmp_path, SandboxOptions(accounts=3, contacts=0, items=0)) as running:
        running.sync()
        yield running


def test_a_jump_that_only_a_write_shows_is_noted_and_what_was_edited_meanwhile_is_read(loop: Loop) -> None:
    """The clock goes back an hour when a customer is written, stays so for two requests, and is right in the next run's
    reads: the edit in between lies before every watermark.
    """
    spec, store = loop.runtime.config.mapping.entity("accounts"), loop.runtime.store
    link = next(case.link for cases in store.pairs(spec, size=9) for case in cases if case.link is not None)
    loop.clock.advance(7200)
    loop.sync()
    loop.as_person("Account", link.salesforce_id, Phone="+1 212-555-0133")
    path = "objects/accounts-receivable/customer"
    loop.fault(FaultRule(service="intacct", fault="clock_jump", seconds=-3600, method=("PATCH",), path=path))
    loop.sync()
    assert loop.sandbox.faults.fired
    loop.sandbox.company.edit("customer", link.intacct_key, {"contacts.default.mailingAddress.city": "Ithaca"})
    loop.sandbox.company.store.clock.jump(0.0)
    loop.sync()
    assert loop.account(link.salesforce_id)["BillingCity"] == "Ithaca"
    assert loop.disagreements() == {}

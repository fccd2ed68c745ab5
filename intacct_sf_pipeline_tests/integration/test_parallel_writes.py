"""Writes go side by side, as many as each service allows and never more, and what comes of it is what comes of one
after the other.

Counted on the wire and at the doors: both sandboxes refuse one request more than is allowed. Nobody sleeps: the first
writes to a service wait for each other before they leave.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.model.errors import QuotaExceededError
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions, XmlOptions
from intacct_sf_pipeline.sandbox.salesforce.load import LoadLimits
from intacct_sf_pipeline.sandbox.server import SandboxOptions

from .doors import VARIABLE
from .loop import Loop, connectors, running_loop

PATIENCE = 20.0
LIMIT = 3
SMALL = SandboxOptions(accounts=24, contacts=20, items=4, overlap=0.3)


class GoneError(Exception):
    """Somebody cancelled the run."""


@dataclass
class Wire:
    """Every request of this process: how many are open at each service, the most there ever were, what was sent."""

    meeting: Mapping[str, threading.Barrier]
    lock: threading.Lock = field(default_factory=threading.Lock)
    open: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    lists: set[str] = field(default_factory=set)
    shared: list[str] = field(default_factory=list)

    def before(self, request: requests.PreparedRequest) -> None:
        host, path = str(urlsplit(request.url or "").port), urlsplit(request.url or "").path
        write = _is_write(path, request)
        with self.lock:
            self.open[host] += 1
            self.most[host] = max(self.most[host], self.open[host])
            self.writes[host] += write
            first = write and self.writes[host] <= self.meeting[host].parties
            touched = customers(request)
            self.shared += sorted(self.lists & touched)
            self.lists |= touched
        if first:
            self.meeting[host].wait(PATIENCE)

    def after(self, request: requests.PreparedRequest) -> None:
        with self.lock:
            self.open[str(urlsplit(request.url or "").port)] -= 1
            self.lists -= customers(request)


def _is_write(path: str, request: requests.PreparedRequest) -> bool:
    body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
    if path.endswith("xmlgw.phtml"):
        return b"<create>" in body or b"<update>" in body
    return "/composite/sobjects" in path or "/objects/" in path


def customers(request: requests.PreparedRequest) -> set[str]:
    """The customers whose contact lists a REST request changes."""
    if not (request.url or "").endswith("/objects/accounts-receivable/customer") or request.method != "PATCH":
        return set()
    return {str(part["key"]) for part in json.loads(request.body or b"[]") if "contactList" in part}


@contextmanager
def on_the_wire(monkeypatch: pytest.MonkeyPatch, loop: Loop, allowed: Mapping[Side, int]) -> Iterator[Wire]:
    """All requests are counted while the block runs."""
    urls = {Side.INTACCT: loop.sandbox.intacct_url, Side.SALESFORCE: loop.sandbox.salesforce_url}
    wire = Wire({str(urlsplit(urls[side]).port): threading.Barrier(most) for side, most in allowed.items()})
    plain = HTTPAdapter.send

    def send(adapter: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        wire.before(request)
        try:
            return plain(adapter, request, *args, **options)
        finally:
            wire.after(request)

    with monkeypatch.context() as patch:
        patch.setattr(HTTPAdapter, "send", send)
        yield wire


@contextmanager
def limited_loop(folder: Path, options: SandboxOptions = SMALL, limit: int = LIMIT) -> Iterator[Loop]:
    """A loop that writes two records per call, on services that refuse more than `limit` requests at once."""
    company = CompanyOptions(api_concurrency=limit, xml=XmlOptions(concurrency=min(limit, 2)))
    doors = replace(options, company=company, salesforce_load=LoadLimits(limit, 0.0))
    with running_loop(folder, doors) as loop:
        made = connectors(loop.sandbox, write_batch=2, at_once=limit)
        loop.runtime = replace(loop.runtime, connectors=made)
        yield loop


@pytest.mark.parametrize("api", ["rest", "xml"])
def test_as_many_requests_as_allowed_are_open_and_never_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, api: str
) -> None:
    monkeypatch.setenv(VARIABLE, api)
    allowed = {Side.INTACCT: LIMIT if api == "rest" else 2, Side.SALESFORCE: LIMIT}
    with limited_loop(tmp_path) as loop:
        with on_the_wire(monkeypatch, loop, allowed) as wire:
            tick = loop.sync()
        assert sorted(wire.most.values()) == sorted(allowed.values())
        assert +wire.open == Counter()
        assert not wire.shared, "a customer's contact list was changed by two requests at once"
        assert tick.written["accounts"]["created"] > 2 * LIMIT
        assert not any(tick.written[name]["failed"] + tick.written[name]["unknown"] for name in tick.written)
        assert 429 not in {request.status for request in loop.sandbox.company.requests}
        assert 403 not in {request.status for request in loop.sandbox.org.requests}
        assert loop.disagreements() == {}
        assert not any(sum(counts.values()) for counts in loop.sync().written.values())


def test_contacts_of_one_customer_are_never_listed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "rest")
    with limited_loop(tmp_path, replace(SMALL, accounts=6, contacts=0, latency_ms=5)) as loop:
        loop.sync()
        accounts = loop.runtime.store.links("accounts", Side.INTACCT, [str(n) for n in range(1, 200)])
        parents = [link.salesforce_id for link in accounts.values()][:3]
        for number in range(15):
            loop.new("Contact", AccountId=parents[number % 3], FirstName=f"F{number}", LastName=f"L{number}")
        alone = {Side.INTACCT: 1, Side.SALESFORCE: 1}
        with on_the_wire(monkeypatch, loop, alone) as wire:
            tick = loop.sync()
        assert tick.written["contacts"]["created"] == 15
        assert not wire.shared
        assert loop.disagreements() == {}


class CancelledLoop(Loop):
    """A loop whose ticks are cancelled after the first answer to a write, for as long as `cancels`."""

    cancels = True

    def _run(self, ctx: SyncContext, kind: str) -> Any:
        def progress(step: str, done: int, total: int | None) -> None:
            if self.cancels and step.startswith("write"):
                raise GoneError

        return super()._run(replace(ctx, progress=progress), kind)


def test_a_run_that_is_cancelled_sends_nothing_more_and_the_next_ones_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with limited_loop(tmp_path) as made:
        loop = CancelledLoop(made.sandbox, made.runtime, made.clock)
        with on_the_wire(monkeypatch, loop, {Side.INTACCT: LIMIT, Side.SALESFORCE: 1}) as wire:
            with pytest.raises(GoneError):
                loop.sync()
            assert +wire.open == Counter(), "no request is under way behind the back of a run that has ended"
            assert sum(wire.writes.values()) <= LIMIT + 1
        assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("write_")]
        loop.cancels = False
        loop.sync()
        loop.sync()
        assert loop.disagreements() == {}
        assert not any(sum(counts.values()) for counts in loop.sync().written.values())


def test_a_used_up_allowance_stops_the_calls_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used_up = FaultRule(
        "salesforce",
        "status",
        path="composite/sobjects",
        skip=1,
        count=None,
        status=403,
        code="REQUEST_LIMIT_EXCEEDED",
        message="TotalRequests Limit exceeded.",
    )
    with limited_loop(tmp_path) as loop:
        loop.fault(used_up)
        with on_the_wire(monkeypatch, loop, {Side.INTACCT: 1, Side.SALESFORCE: LIMIT}) as wire:
            with pytest.raises(QuotaExceededError):
                loop.sync()
            port = str(urlsplit(loop.sandbox.salesforce_url).port)
            assert wire.writes[port] <= LIMIT + 1, "once it is known, nobody asks again"
        loop.sandbox.faults.clear()
        loop.sync()
        loop.sync()
        assert loop.disagreements() == {}

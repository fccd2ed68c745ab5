"""Loops that begin where the first runs have ended: played once per process, then copied for every test.

What is copied is all there is between two runs: both services' data, their clock, and the staging database. The copy
is a new process to the pipeline, with connections and connectors of its own, at the moment the original ended.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

from pydantic import SecretStr

from intacct_sf_pipeline.engine.ports import Connector
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.runtime import open_runtime
from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.fault_middleware import FaultMiddleware
from intacct_sf_pipeline.sandbox.faults.connections import ConnectionTable
from intacct_sf_pipeline.sandbox.faults.plan import FaultPlan
from intacct_sf_pipeline.sandbox.intacct.app import create_app as create_intacct_app
from intacct_sf_pipeline.sandbox.salesforce.app import create_app as create_salesforce_app
from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions
from intacct_sf_pipeline.sandbox.serving import bound_socket, origin, serving
from intacct_sf_pipeline.settings import Settings

from .databases import copied_url, copies
from .doors import intacct_api
from .loop import STANDARD, Loop, bulk_from_rows, connectors, running_loop

Connect = Callable[[Sandbox], Mapping[Side, Connector]]
_LOCKS = {type(threading.Lock()): threading.Lock, type(threading.RLock()): threading.RLock}


@dataclass(frozen=True)
class Checkpoint:
    """What was there when the first runs had ended."""

    sandbox: Sandbox
    at: datetime
    folder: Path


class Checkpoints:
    """The checkpoints of one test process, in folders below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[str, Checkpoint] = {}
        self._numbers = count(1)

    @contextmanager
    def loop(
        self,
        folder: Path,
        options: SandboxOptions = STANDARD,
        config: SyncConfig | None = None,
        *,
        syncs: int = 1,
        connect: Connect = connectors,
        kind: type[Loop] = Loop,
    ) -> Iterator[Any]:
        """A loop of the class `kind` after so many runs; `connect` makes its connectors, and those of the runs."""
        config = config or load_config(None)
        if not copies():
            with running_loop(folder, options, config) as played:
                played.runtime = replace(played.runtime, connectors=connect(played.sandbox))
                for _ in range(syncs):
                    played.sync()
                yield kind(played.sandbox, played.runtime, played.clock, played.runs)
            return
        key = repr((options, config.model_dump_json(), syncs, intacct_api(), bulk_from_rows(), connect))
        if key not in self._kept:
            self._kept[key] = self._played(options, config, syncs, connect)
        kept = self._kept[key]
        sandbox, clock = copied(kept.sandbox, kept.at)
        with served_again(sandbox) as served:
            url = copied_url(kept.folder, folder)
            settings = Settings.model_construct(staging_database_url=SecretStr(url), sync_config=None)
            with open_runtime(settings, config=config, connectors=connect(served), clock=clock) as runtime:
                yield kind(served, runtime, clock, count(syncs + 1))

    def _played(self, options: SandboxOptions, config: SyncConfig, syncs: int, connect: Connect) -> Checkpoint:
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        with running_loop(folder, options, config) as loop:
            loop.runtime = replace(loop.runtime, connectors=connect(loop.sandbox))
            for _ in range(syncs):
                loop.sync()
            at = loop.clock()
            return Checkpoint(copied(loop.sandbox, at)[0], at, folder)


def copied(sandbox: Sandbox, at: datetime) -> tuple[Sandbox, OffsetClock]:
    """Both services as they are, sharing nothing with the original, and their clock, which says it is `at`."""
    makers = {lock: _maker(make) for lock, make in _LOCKS.items()}
    with mock.patch.dict(copy._deepcopy_dispatch, makers):  # type: ignore[attr-defined] # locks are made anew
        org, company, clock = copy.deepcopy((sandbox.org, sandbox.company, sandbox.clock))
    assert isinstance(clock, OffsetClock)
    clock.set(at)
    return replace(sandbox, org=org, company=company, clock=clock, faults=FaultPlan(())), clock


def _maker(make: Callable[[], Any]) -> Callable[[Any, dict[int, Any]], Any]:
    return lambda _lock, _memo: make()


@contextmanager
def served_again(sandbox: Sandbox) -> Iterator[Sandbox]:
    """A sandbox over sockets of its own, as `running_sandbox` serves one."""
    with ExitStack() as stack:
        intacct, salesforce = (stack.enter_context(bound_socket(0)) for _ in range(2))
        served = replace(sandbox, intacct_url=origin(intacct), salesforce_url=origin(salesforce))
        org, company = served.org, served.company
        for service, app, listener, expire in (
            ("intacct", create_intacct_app(company), intacct, company.expire_tokens),
            ("salesforce", create_salesforce_app(org, lambda: served.salesforce_url), salesforce, org.expire_tokens),
        ):
            table = ConnectionTable()
            faulty = FaultMiddleware(app, service=service, plan=served.faults, connections=table, expire_tokens=expire)
            stack.enter_context(serving(faulty, listener, table))
        yield served

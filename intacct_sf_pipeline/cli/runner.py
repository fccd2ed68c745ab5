"""Runs the Dagster sync job in this process, on the instance it shares with the Dagster UI.

The same job, the same assets and checks as a scheduled tick: the command line adds nothing but a way to start it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import dagster as dg
from dagster._core.storage.tags import MAX_RETRIES_TAG
from dagster._core.utils import make_new_run_id
from dagster_shared.error import SerializableErrorInfo

from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.engine.context import utc_now
from intacct_sf_pipeline.engine.ports import Progress
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import our_kind
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.orchestration import dead_runs
from intacct_sf_pipeline.orchestration.build import build_definitions
from intacct_sf_pipeline.orchestration.jobs import EVERYTHING, run_options, sync_job
from intacct_sf_pipeline.orchestration.names import entity_keys
from intacct_sf_pipeline.orchestration.partitions import day_key
from intacct_sf_pipeline.orchestration.pipeline import OPTION_TAG, PLAN_ONLY, TELLER, WATCHER
from intacct_sf_pipeline.orchestration.resources import crashed_runs
from intacct_sf_pipeline.orchestration.ticks import tick_tags

T = TypeVar("T")
SOURCE_TAG = "intacct_sf/source"
"""Tells in the UI that a person started the run from the command line."""


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """What to run: which flows, and how this run differs from an ordinary tick."""

    entities: tuple[EntityMapping, ...]
    plan_only: bool = False
    full: bool = False
    since: datetime | None = None
    limit: int | None = None
    retry_holds: bool = False
    wait: int = 0
    force: tuple[str, ...] = ()
    apply_plan: Path | None = None
    max_plan_age_days: int = 7

    def run_config(self, *, quiet: bool) -> dict[str, Any]:
        """The job's run configuration; `quiet` keeps Dagster's event log off stderr."""
        given: dict[str, bool | int | str | list[str]] = {
            name: True for name in ("plan_only", "full", "retry_holds") if getattr(self, name)
        }
        if self.since is not None:
            given["since"] = self.since.isoformat()
        if self.limit is not None:
            given["limit"] = self.limit
        if self.wait:
            given["wait"] = self.wait
        if self.force:
            given["force"] = list(self.force)
        if self.apply_plan is not None:
            given |= {"apply_plan": str(self.apply_plan), "max_plan_age_days": self.max_plan_age_days}
        level = "CRITICAL" if quiet else "INFO"
        return {**run_options(**given), "loggers": {"console": {"config": {"log_level": level}}}}


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that ended: its id, whether every step and blocking check passed, and what the first failure said."""

    run_id: str
    success: bool
    failure: str = ""
    failure_type: str = ""

    @property
    def exit_code(self) -> ExitCode:
        """The exit code the failure asks for; held records are the caller's business."""
        if self.success:
            return ExitCode.DONE
        if self.failure_type in {"LeaseHeldError", "LeaseLostError"}:
            return ExitCode.BUSY
        return ExitCode.USAGE if self.failure_type.startswith("Configuration") else ExitCode.FAILED


def run_sync(
    config: SyncConfig,
    request: SyncRequest,
    instance: dg.DagsterInstance,
    *,
    quiet: bool = True,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
) -> Finished:
    """Run the sync job over the request's flows, built as `workspace.yaml` builds it, and wait for its end.

    Runs in `instance` whose process has died are closed first. `progress` is told how far the steps are, `tell` for
    whom the run waits.
    """
    more: dict[str, Any] = {
        "partition_key": day_key(utc_now()),
        "asset_selection": list(entity_keys(config.mapping, request.entities)),
        "tags": _tags(request),
    }
    run_config = request.run_config(quiet=quiet)
    with _set(WATCHER, progress), _set(TELLER, tell):
        return _execute(config, sync_job(EVERYTHING), instance, run_config, quiet=quiet, **more)


def run_job(
    config: SyncConfig,
    name: str,
    instance: dg.DagsterInstance,
    ops: Mapping[str, Mapping[str, Any]],
    *,
    options: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
) -> Finished:
    """Run a job of ops (an undo, a compare) and wait for its end.

    `ops` is the configuration by op, `options` that of the resource `run_options`; for the rest see `run_sync`.
    """
    run_config: dict[str, Any] = {
        **run_options(**(options or {})),
        "ops": {op: {"config": dict(given)} for op, given in ops.items()},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    tags = {SOURCE_TAG: "cli", MAX_RETRIES_TAG: "0"}
    with _set(WATCHER, progress), _set(TELLER, tell):
        return _execute(config, name, instance, run_config, quiet=True, tags=tags)


def _execute(
    config: SyncConfig,
    name: str,
    instance: dg.DagsterInstance,
    run_config: dict[str, Any],
    *,
    quiet: bool,
    tags: Mapping[str, str],
    **more: Any,
) -> Finished:
    dead_runs.living_runs(instance, utc_now(), crashed=crashed_runs)
    job = build_definitions(config).resolve_job_def(name)
    run_id = make_new_run_id()
    with _quiet_logging(quiet):
        result = job.execute_in_process(
            run_config=run_config,
            instance=instance,
            run_id=run_id,
            tags={**tags, **dead_runs.signature(run_id)},
            raise_on_error=False,
            **more,
        )
    kind, message = _first_failure(result)
    return Finished(result.run_id, result.success, message, kind)


def _first_failure(result: dg.ExecuteInProcessResult) -> tuple[str, str]:
    """The type and text of what stopped the run: a failed blocking check by its description, an error by its cause.

    Texts of errors that are not ours stay out: they may quote the row they failed on.
    """
    for check in result.get_asset_check_evaluations():
        if not check.passed and check.blocking and check.severity is dg.AssetCheckSeverity.ERROR:
            return "CheckFailed", f"{check.asset_key.to_user_string()}: {check.description or check.check_name}"
    for outermost in _errors(result):
        error = outermost
        while error.cause is not None:
            error = error.cause
        name = str(error.cls_name or "")
        if name in _INTERRUPTED:
            return name, "interrupted; the next run takes up what it left"
        ours = our_kind(name)
        if ours:
            return ours, error.message.strip().partition(": ")[2] or name
        return name, f"{name}; the run's events in the Dagster UI, or --verbose, say more"
    return "", ""


_INTERRUPTED = frozenset({"DagsterExecutionInterruptedError", "KeyboardInterrupt"})
"""What Ctrl-C and SIGTERM end a run with."""


def _errors(result: dg.ExecuteInProcessResult) -> Iterator[SerializableErrorInfo]:
    """Errors of steps first, then what ended the run outside of any step."""
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error is not None:
            yield event.step_failure_data.error
    for event in result.all_events:
        if event.is_job_failure and event.job_failure_data.error is not None:
            yield event.job_failure_data.error


def _tags(request: SyncRequest) -> dict[str, str]:
    """Those of a tick; and a run that a person started is not started again by the daemon when it was killed."""
    ours = {SOURCE_TAG: "cli", MAX_RETRIES_TAG: "0"} | ({OPTION_TAG: PLAN_ONLY} if request.plan_only else {})
    return tick_tags() | ours


@contextmanager
def _set(variable: ContextVar[T], value: T) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


@contextmanager
def _quiet_logging(quiet: bool) -> Iterator[None]:
    """Keep the libraries' log lines off stderr while a run is at work; the run's own events are in the instance."""
    names: Sequence[str] = ("dagster", "intacct_sf_pipeline") if quiet else ()
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)

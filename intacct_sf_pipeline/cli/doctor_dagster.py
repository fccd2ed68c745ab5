"""`doctor` on the Dagster instance: readable, schedules on, a daemon that ticks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import dagster as dg
from dagster._core.scheduler.instigation import InstigatorType
from sqlalchemy.exc import SQLAlchemyError

from intacct_sf_pipeline.cli.findings import Finding, ok, problem, warning
from intacct_sf_pipeline.cli.instance import INSTANCE_FILE, shared_instance
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.orchestration.schedules import build_schedules
from intacct_sf_pipeline.settings import Settings

_AREA: Final = "Dagster"
_ON: Final = "Switch it on in the Dagster UI (Automation) once a first sync has been looked at."


def dagster_findings(settings: Settings, config: SyncConfig) -> Iterator[Finding]:
    """What the instance in `DAGSTER_HOME` says; one that is not made yet is left alone.

    Raises:
        ConfigurationError: the directory cannot be used.
    """
    home = settings.home
    if not (home / INSTANCE_FILE).is_file():
        yield ok(_AREA, "instance", f"{home} is not made yet; the first sync makes it")
        return
    try:
        with shared_instance(home) as instance:
            running = _running(instance)
            yield ok(_AREA, "instance", f"{home} can be read")
            yield from _schedules(config, running)
            yield _daemon(instance, running)
    except (dg.DagsterError, SQLAlchemyError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        cure = f"Correct {INSTANCE_FILE} in DAGSTER_HOME, and check that its storage can be reached."
        yield problem(_AREA, "instance", f"{home} cannot be read: {reason}", cure)


def _running(instance: dg.DagsterInstance) -> frozenset[str]:
    states = instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE)
    return frozenset(state.instigator_name for state in states if state.is_running)


def _schedules(config: SyncConfig, running: frozenset[str]) -> Iterator[Finding]:
    names = [schedule.name for schedule in build_schedules(config)]
    off = [name for name in names if name not in running]
    if not off:
        yield ok(_AREA, "schedules", f"all {len(names)} are on")
    elif len(off) == len(names):
        yield warning(
            _AREA, "schedules", "none is on: nothing is synchronised by itself", _ON.replace("it on", "them on")
        )
    else:
        for name in off:
            yield warning(_AREA, name, "is off", _ON)


def _daemon(instance: dg.DagsterInstance, running: frozenset[str]) -> Finding:
    statuses = instance.get_daemon_statuses().values()
    silent = sorted(status.daemon_type for status in statuses if status.required and not status.healthy)
    if not silent:
        return ok(_AREA, "daemon", "its heartbeat is there")
    if not running:
        return ok(_AREA, "daemon", "does not run, and no schedule needs it")
    cure = "Start `dagster dev`, or in production `dagster-daemon run` (deploy/), with this DAGSTER_HOME."
    return problem(_AREA, "daemon", f"no heartbeat of {', '.join(silent)}: schedules are on, and nothing ticks", cure)

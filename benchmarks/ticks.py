"""A tick with no change and one with 100 changes, at a small and a large number of linked records."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import world
from benchmarks.figures import Figure, Table, ratio, spread
from benchmarks.options import Options
from benchmarks.processes import PYTHON, Ran, run
from benchmarks.services import Pipeline, Services, served, spent
from benchmarks.tick_peers import peers

CHANGES = 100
IDLE = "at most 1.5 x an empty Dagster run with as many assets, zero writes, the same at 10 k and 1 M records"
HUNDRED = "the same API calls, database work and time at 10 k and 1 M records"


@dataclass(frozen=True)
class Base:
    """A linked company that has been synced until a tick found nothing to do; how long the first sync took."""

    services: Services
    pipeline: Pipeline
    folder: Path
    size: world.Size
    first: Ran


def measure(options: Options) -> list[Table]:
    """Both ticks at both sizes, and the peers on the 100 changes."""
    idle: list[Figure] = []
    hundred: list[Figure] = []
    for records in (options.small, options.large):
        options.tell(f"ticks: building {records:,} linked records")
        with base(options, records) as built:
            idle += _idle(options, built)
            hundred += _hundred(options, built)
            hundred += peers(options, built.services, built.folder, built.size)
    return [
        Table(f"Idle tick at {options.small:,} and {options.large:,} linked records", IDLE, tuple(idle), _IDLE_REMARKS),
        Table(
            f"Tick with {CHANGES} changes at {options.small:,} and {options.large:,} linked records",
            HUNDRED,
            tuple(hundred),
            _HUNDRED_REMARKS,
        ),
    ]


_IDLE_REMARKS = (
    (
        "`intacct-sf sync all --json` in a process of its own, start-up included; likewise the empty Dagster run "
        "(benchmarks/work/dagster_floor.py), in-process on a SQLite instance, partitioned by day. Runs alternate."
    ),
    "Calls are Intacct transactions and Salesforce calls, by the pipeline's own meter, of one tick.",
)
_HUNDRED_REMARKS = (
    (
        "100 phones of accounts change in Salesforce; ours reads all objects of both systems, plans, and writes 100 "
        "contacts in Intacct, with outbox, journal and baseline."
    ),
    (
        "pandas + simple-salesforce reads both sets of accounts in full, merges and writes the 100: the same "
        "outcome for "
        "this one field. dlt, Airbyte and Singer only read what changed (dlt also lands it in SQLite); drt "
        "only writes 100 given accounts into Salesforce by one bulk job. Peers' calls are Salesforce calls, "
        "by the org's own count."
    ),
)


@contextmanager
def base(options: Options, records: int) -> Iterator[Base]:
    """A served company of so many linked records, after its first sync and a second one that settles."""
    size = world.Size(round(records / (1 + world.CONTACTS_PER_ACCOUNT)))
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        data = world.linked(folder / "data", size)
        with served("--data", str(data)) as services:
            pipeline = Pipeline(services, folder)
            first, _ = pipeline.sync()
            pipeline.sync()
            yield Base(services, pipeline, folder, size, first)


def _idle(options: Options, built: Base) -> list[Figure]:
    shape = run([PYTHON, "-m", "benchmarks.work.dagster_floor", "--count"], env=built.pipeline.env).document()
    home = built.folder / "floor"
    home.mkdir()
    floor_command = [PYTHON, "-m", "benchmarks.work.dagster_floor", str(shape["assets"])]
    floors, ticks, report = [], [], dict[str, Any]()
    for number in range(options.repeats + 1):
        options.tell(f"idle tick at {built.size.records:,}: {number}/{options.repeats}")
        floor = run(floor_command, env={"DAGSTER_HOME": str(home)})
        tick, report = built.pipeline.sync()
        if number:  # the first of each warms the instance's files
            floors.append(floor)
            ticks.append(tick)
    name, middle = f"{built.size.records:,}", spread([one.seconds for one in floors]).middle
    cost = spent(report)
    note = f"Intacct {cost['intacct']}, Salesforce {cost['salesforce']}, written {cost['written']}"
    note += f"; {shape['checks']} checks"
    first = Figure(
        f"{name}: first sync (links everything, writes nothing)", built.first.seconds, "s", None, built.first.peak_mb,
        note="one run",
    )  # fmt: skip
    return [
        _line(f"{name}: floor, empty run of {shape['assets']} assets", floors, middle, None, ""),
        _line(f"{name}: ours", ticks, middle, cost["intacct"] + cost["salesforce"], note),
        first,
    ]


def _hundred(options: Options, built: Base) -> list[Figure]:
    ids = [world.account_id(n) for n in range(min(CHANGES, built.size.accounts))]
    ticks, report = [], dict[str, Any]()
    for number in range(options.repeats):
        options.tell(f"100 changes at {built.size.records:,}: {number + 1}/{options.repeats}")
        built.services.edit_accounts(ids, str(number + 1))
        tick, report = built.pipeline.sync()
        ticks.append(tick)
    cost = spent(report)
    note = f"Intacct {cost['intacct']}, Salesforce {cost['salesforce']}, written {cost['written']}, held {cost['held']}"
    return [_line(f"{built.size.records:,}: ours", ticks, None, cost["intacct"] + cost["salesforce"], note)]


def _line(subject: str, runs: list[Ran], floor: float | None, calls: int | None, note: str) -> Figure:
    taken = spread([one.seconds for one in runs])
    cpu = spread([one.cpu_seconds for one in runs]).middle
    told = f"{cpu:.2f} s of processor" + (f"; {note}" if note else "")
    peak = max(one.peak_mb for one in runs)
    return Figure(subject, taken.middle, "s", ratio(taken.middle, floor), peak, calls, told, taken.ends)

"""Pruning drops what the retention names, gives the disk back, and never what the UI needs to show the present."""

import os
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickData, TickStatus

from intacct_sf_pipeline.orchestration.maintenance import Retention, prune
from intacct_sf_pipeline.orchestration.maintenance_files import vacuum
from intacct_sf_pipeline.staging.rehearsal import SCRATCH_PREFIX

LATER = datetime.now(UTC) + timedelta(days=60)


@dg.asset
def table() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"rows": 1})


@dg.asset_check(asset=table)
def sound() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@dg.op
def nothing() -> None: ...


@dg.job(executor_def=dg.in_process_executor)
def idle() -> None:
    nothing()


DEFS = dg.Definitions(
    assets=[table],
    asset_checks=[sound],
    jobs=[
        idle,
        dg.define_asset_job("fill", selection=dg.AssetSelection.assets(table).without_checks()),
        dg.define_asset_job("check", selection=dg.AssetSelection.checks(sound)),
    ],
    executor=dg.in_process_executor,
)


@pytest.fixture
def instance(tmp_path):
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def run(instance, job, times):
    return [DEFS.resolve_job_def(job).execute_in_process(instance=instance).run_id for _ in range(times)]


def on_disk(instance, run_id):
    return any(run_id in str(path) for path in instance_root(instance).rglob("*"))


def instance_root(instance):
    return Path(instance.root_directory)


def test_old_runs_go_with_their_files_and_the_last_of_each_job_stay(instance):
    oldest, middle, newest = run(instance, "idle", 3)
    report = prune(instance, Retention(keep_days=30, keep_runs=1), now=LATER)
    assert report.runs == 2
    assert report.bytes > 0
    assert [instance.has_run(run_id) for run_id in (oldest, middle, newest)] == [False, False, True]
    assert [on_disk(instance, run_id) for run_id in (oldest, middle, newest)] == [False, False, True]


def test_young_runs_stay_whatever_their_number(instance):
    ids = run(instance, "idle", 3)
    report = prune(instance, Retention(keep_days=30, keep_runs=0), now=datetime.now(UTC))
    assert report.runs == 0
    assert all(instance.has_run(run_id) for run_id in ids)


def test_the_newest_run_of_an_asset_stays_so_that_the_asset_is_still_materialised(instance):
    _, newest = run(instance, "fill", 2)
    report = prune(instance, Retention(keep_days=0, keep_runs=0), now=LATER)
    assert report.runs == 1
    event = instance.get_latest_materialization_event(table.key)
    assert event is not None
    assert event.run_id == newest


def test_a_dry_run_says_the_same_and_removes_nothing(instance):
    ids = run(instance, "idle", 3)
    planned = prune(instance, Retention(keep_days=30, keep_runs=1), now=LATER, dry_run=True)
    assert all(instance.has_run(run_id) for run_id in ids)
    assert all(on_disk(instance, run_id) for run_id in ids)
    done = prune(instance, Retention(keep_days=30, keep_runs=1), now=LATER)
    assert (done.runs, done.leftovers) == (planned.runs, planned.leftovers)


def test_files_of_runs_deleted_in_the_ui_are_found(instance):
    (only,) = run(instance, "idle", 1)
    instance.delete_run(only)
    assert on_disk(instance, only), "Dagster has learnt to remove the files: this part of `prune` may go"
    report = prune(instance, Retention(), now=datetime.now(UTC))
    assert report.leftovers >= 1
    assert not on_disk(instance, only)


def test_an_unfinished_run_is_never_touched(instance):
    run_id = instance.create_run_for_job(DEFS.resolve_job_def("idle")).run_id
    prune(instance, Retention(keep_days=0, keep_runs=0), now=LATER)
    assert instance.has_run(run_id)


def results_of_checks(instance):
    with closing(sqlite3.connect(instance_root(instance) / "history/runs/index.db")) as connection:
        return [row[0] for row in connection.execute("SELECT run_id FROM asset_check_executions ORDER BY id")]


def test_results_of_checks_go_with_their_runs_and_the_last_one_stays(instance):
    first, last = run(instance, "check", 2)
    assert results_of_checks(instance) == [first, last]
    instance.delete_run(first)
    assert results_of_checks(instance) == [first, last], "Dagster has learnt to remove them: `prune_checks` may go"
    report = prune(instance, Retention(keep_days=0, keep_runs=0), now=LATER)
    assert (report.runs, report.checks) == (0, 1)
    assert results_of_checks(instance) == [last]


def add_tick(instance, status, at):
    data = TickData("origin", "a_schedule", InstigatorType.SCHEDULE, status, at.timestamp(), selector_id="selector")
    return instance.create_tick(data)


def test_old_ticks_go_also_those_of_a_schedule_that_is_gone_and_one_under_way_stays(instance):
    now = datetime.now(UTC)
    add_tick(instance, TickStatus.SKIPPED, now - timedelta(days=31))
    add_tick(instance, TickStatus.STARTED, now - timedelta(days=31))
    young = add_tick(instance, TickStatus.SKIPPED, now - timedelta(days=29))
    assert prune(instance, Retention(), now=now, dry_run=True).ticks == 1
    assert prune(instance, Retention(), now=now).ticks == 1
    left = instance.get_ticks("origin", "selector")
    assert [tick.tick_id for tick in left if tick.status is not TickStatus.STARTED] == [young.tick_id]
    assert len(left) == 2


def test_logs_of_old_ticks_go(instance):
    folder = instance_root(instance) / "storage" / "repository" / "a_sensor"
    folder.mkdir(parents=True)
    for name, age in (("old.err", 40), ("young.err", 1)):
        (folder / name).write_text("told")
        stamp = datetime.now(UTC).timestamp() - age * 86_400
        os.utime(folder / name, (stamp, stamp))
    prune(instance, Retention(), now=datetime.now(UTC))
    assert [path.name for path in folder.iterdir()] == ["young.err"]


def test_scratch_copies_of_killed_rehearsals_go_and_one_in_use_stays(instance, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, in_use = (Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX)) for _ in range(2))
    for folder in (left, in_use):
        (folder / "staging.db").write_bytes(b"rows")
    for path in (left / "staging.db", left):
        os.utime(path, (0, 0))
    prune(instance, Retention(), now=LATER)
    assert (left.exists(), in_use.exists()) == (False, True)


def test_a_database_with_many_free_pages_gives_them_back_and_one_without_is_left(tmp_path):
    path = tmp_path / "some.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", ((bytes(1000),) for _ in range(300)))
        connection.execute("DELETE FROM t")
    full = path.stat().st_size
    assert vacuum(path) == 1
    assert path.stat().st_size < full / 10
    assert vacuum(path) == 0

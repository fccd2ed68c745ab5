"""Pruning drops what the retention names, gives the disk back, and never what the UI needs to show the present."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from intacct_sf_pipeline.orchestration.maintenance import Retention, prune

LATER = datetime.now(UTC) + timedelta(days=60)


@dg.asset
def table() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"rows": 1})


@dg.op
def nothing() -> None: ...


@dg.job(executor_def=dg.in_process_executor)
def idle() -> None:
    nothing()


DEFS = dg.Definitions(
    assets=[table],
    jobs=[idle, dg.define_asset_job("fill", selection=dg.AssetSelection.assets(table))],
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
    from pathlib import Path

    return Path(instance.root_directory)


def test_old_runs_go_with_their_files_and_the_last_of_each_job_stay(instance):
    oldest, middle, newest = run(instance, "idle", 3)
    report = prune(instance, Retention(keep_days=30, keep_runs=1), now=LATER)
    assert report.runs == 2
    assert report.bytes > 0
    assert report.vacuumed == 2
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

"""Disk use does not grow with time: once the retention is filled, each day takes what the clean-up gives back.

`benchmarks/storage.py` shows the same for thirty days of many ticks.
"""

from intacct_sf_pipeline.model.retention import RetentionConfig
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline_tests.integration.loop import running_loop

from .aging import DagsterDays, StagingDays

SHORT = RetentionConfig(
    dagster_runs=2, runs_of_each_job=1, ticks=2, runs=2, plan_lines=2, previews=2, journal_values=2, journal=3,
    closed_holds=2, write_jobs=2, deleted_records=2, api_spend=10, daily_spend=62,
)  # fmt: skip


def test_the_staging_database_is_flat_once_the_retention_is_filled(tmp_path):
    with running_loop(tmp_path, SandboxOptions(accounts=20, contacts=4, items=2)) as loop:
        loop.sync()
        days = StagingDays(loop, tmp_path, SHORT)
        taken = [days.pass_one(ticks=1, changes=15) for _ in range(6)]
        assert taken[5] <= taken[3] * 1.05, taken
        ((entries,),) = days.rows("SELECT count(*) FROM journal")
        assert 15 <= entries <= 4 * 15 * 2
        ((links,),) = days.rows("SELECT count(*) FROM links WHERE entity = 'accounts'")
        assert links >= 15
        assert loop.disagreements() == {}


def test_dagsters_own_history_is_flat_once_the_retention_is_filled(instance):
    days = DagsterDays(instance, SHORT, assets=1)
    taken = [days.pass_one(ticks=1) for _ in range(6)]
    assert taken[5] <= taken[3] * 1.05, taken
    assert instance.get_runs_count() <= 3

"""Two companies in one Dagster instance: both are synced, and nothing crosses."""

from __future__ import annotations

import os

import dagster as dg
import pytest

from intacct_sf_pipeline.engine.context import utc_now
from intacct_sf_pipeline.orchestration import names
from intacct_sf_pipeline.orchestration.jobs import CADENCE_TAG
from intacct_sf_pipeline.orchestration.ticks import at_work
from intacct_sf_pipeline.sandbox.server import SandboxOptions, running_sandbox

from .places import PRODUCTS, ended, place

CREATED = "SELECT COUNT(*) FROM plan_lines WHERE entity = 'products' AND operation = 'create' AND status = 'written'"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="starts processes as a shell does")]


def test_two_companies_are_synced_at_once_in_one_instance_and_nothing_crosses(tmp_path):
    small, large = SandboxOptions(seed=1, accounts=4, items=5), SandboxOptions(seed=2, accounts=4, items=9)
    with running_sandbox(small) as first, running_sandbox(large) as second:
        shared = place(tmp_path, first).folder
        tenants = {}
        for name, sandbox in (("northwind", first), ("harbour_supplies", second)):
            here = place(tmp_path / name, sandbox, TENANT=name, DAGSTER_HOME=str(shared))
            tenants[name] = here
        # Two processes that make Dagster's own database at the same moment trip over each other's migrations.
        with dg.DagsterInstance.from_config(str(shared)):
            before = {name: here.sandbox.org.count("Product2") for name, here in tenants.items()}
        running = {name: here.lead([(name, *key) for key in PRODUCTS]) for name, here in tenants.items()}
        for process in running.values():
            code, said = ended(process)
            assert code == 0, said
        for name, here in tenants.items():
            ((made,),) = here.rows(CREATED)
            assert made == here.sandbox.org.count("Product2") - before[name] > 0
            assert len(here.rows("SELECT run_id FROM runs")) == 1
        with dg.DagsterInstance.from_config(str(shared)) as instance:
            assert {run.tags[CADENCE_TAG] for run in instance.get_runs()} == {"northwind_all", "harbour_supplies_all"}
            made = {key.path[0] for key in instance.all_asset_keys()}
            assert made == set(tenants)


def test_a_run_of_one_company_holds_up_no_tick_of_another(tmp_path, monkeypatch):
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("STAGING_DATABASE_URL", f"sqlite:///{tmp_path / 'staging.db'}")
    monkeypatch.chdir(tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        monkeypatch.setenv("TENANT", "northwind")
        tags = {CADENCE_TAG: names.of_tenant("customers")}
        instance.create_run_for_job(_nothing, tags=tags, status=dg.DagsterRunStatus.STARTED)
        assert at_work(instance, "customers", utc_now())
        monkeypatch.setenv("TENANT", "harbour_supplies")
        assert at_work(instance, "customers", utc_now()) is None


@dg.job
def _nothing() -> None:
    """Does nothing."""

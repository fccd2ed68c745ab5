"""What Dagster shows, as a contract: keys, groups, dependencies, checks, jobs, crons and sensors stand in a snapshot.

A deliberate change is recorded by running this file with `UPDATE_SNAPSHOTS=1` in the environment.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from intacct_sf_pipeline.model.fields import Direction
from intacct_sf_pipeline.orchestration.build import build_definitions

SNAPSHOT = Path(__file__).parents[1] / "snapshots" / "definitions.json"


@pytest.fixture(scope="module")
def defs(request):
    return build_definitions(request.getfixturevalue("config"))


def described(defs: dg.Definitions) -> dict[str, object]:
    graph = defs.resolve_asset_graph()
    repository = defs.get_repository_def()
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    return {
        "assets": {
            spec.key.to_user_string(): {
                "group": spec.group_name,
                "deps": sorted(dep.asset_key.to_user_string() for dep in spec.deps),
                "partitioned": spec.partitions_def is not None,
                "kinds": sorted(spec.kinds),
            }
            for spec in sorted(defs.resolve_all_asset_specs(), key=lambda spec: spec.key)
        },
        "checks": {
            f"{key.asset_key.to_user_string()}:{key.name}": "blocking" if graph.get(key).blocking else "reporting"
            for key in sorted(graph.asset_check_keys, key=str)
        },
        "jobs": {
            job.name: sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys)
            for job in sorted(jobs, key=lambda job: job.name)
        },
        "schedules": {
            schedule.name: f"{schedule.job_name}: {schedule.cron_schedule} {schedule.execution_timezone} "
            f"{schedule.default_status.value}"
            for schedule in sorted(repository.schedule_defs, key=lambda schedule: schedule.name)
        },
        "sensors": {
            sensor.name: f"{sensor.minimum_interval_seconds} {sensor.default_status.value}"
            for sensor in sorted(repository.sensor_defs, key=lambda sensor: sensor.name)
        },
        "resources": sorted(defs.resources or {}),
    }


def test_the_definitions_are_the_ones_of_the_snapshot(defs):
    found = described(defs)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(found, indent=2) + "\n")
    assert found == json.loads(SNAPSHOT.read_text())


def test_everything_loads(defs):
    dg.Definitions.validate_loadable(defs)
    assert len(list(defs.resolve_all_asset_specs())) == 25


def test_every_run_stays_in_one_process(defs):
    for job in defs.get_repository_def().get_all_jobs():
        assert job.executor_def.name == "in_process", job.name


def test_write_backs_wait_for_a_checked_plan(defs, config):
    graph = defs.resolve_asset_graph()
    for entity in config.mapping.enabled():
        for layer, check in (("staging", "identity"), ("reconcile", "safe_to_write")):
            assert graph.get(dg.AssetCheckKey(dg.AssetKey([layer, entity.name]), check)).blocking


def test_what_refers_to_others_starts_after_they_are_written(defs):
    graph = defs.resolve_asset_graph()
    parents = graph.get(dg.AssetKey(["staging", "contacts"])).parent_keys
    assert dg.AssetKey(["intacct_writeback", "customers"]) in parents
    assert dg.AssetKey(["salesforce_writeback", "accounts"]) in parents


def test_the_mapping_and_the_columns_stand_in_definition_metadata(defs, config):
    specs = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
    accounts = config.mapping.entity("accounts")
    spec = specs["staging/accounts"]
    columns = [column.name for column in spec.metadata["dagster/column_schema"].columns]
    assert columns == [field.name for field in accounts.fields]
    assert all(field.title in spec.metadata["mapping"].value for field in accounts.fields)
    lineage = spec.metadata["dagster/column_lineage"].deps_by_column
    assert {(dep.asset_key.to_user_string(), dep.column_name) for dep in lineage["phone"]} == {
        ("intacct/customers", "contacts.default.phone1"),
        ("salesforce/accounts", "Phone"),
    }
    written = {c.name for c in specs["salesforce_writeback/products"].metadata["dagster/column_schema"].columns}
    products = config.mapping.entity("products")
    assert written == {
        column
        for field in products.fields
        if field.direction is Direction.TO_SALESFORCE
        for column in field.salesforce.columns
    }


def test_lineage_names_columns_that_the_extracts_have(defs):
    specs = {spec.key: spec for spec in defs.resolve_all_asset_specs()}
    for spec in specs.values():
        lineage = spec.metadata.get("dagster/column_lineage")
        for dep in (dep for deps in (lineage.deps_by_column.values() if lineage else ()) for dep in deps):
            columns = {column.name for column in specs[dep.asset_key].metadata["dagster/column_schema"].columns}
            assert dep.column_name in columns or "." in dep.column_name or dep.column_name == "read_time"


def test_an_entity_switched_off_disappears_everywhere(config):
    entities = tuple(
        entity.model_copy(update={"enabled": entity.name in {"accounts", "contacts"}})
        for entity in config.mapping.entities
    )
    smaller = config.model_copy(update={"mapping": config.mapping.model_copy(update={"entities": entities})})
    found = described(build_definitions(smaller))
    text = json.dumps(found)
    assert "products" not in text
    assert set(found["schedules"]) == {"sync_customers_schedule", "compare_all_schedule", "maintenance_schedule"}
    assert "stock_moved" not in found["sensors"]


def test_loading_needs_no_credentials_no_network_and_no_heavy_client(tmp_path):
    code = (
        "import socket, sys\n"
        "socket.socket.connect = lambda *a: (_ for _ in ()).throw(AssertionError('the network was asked'))\n"
        "from intacct_sf_pipeline.definitions import defs\n"
        "print(sorted({'pandas', 'simple_salesforce', 'pyodbc', 'requests'} & set(sys.modules)))\n"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
    assert list(tmp_path.iterdir()) == []


def test_a_broken_mapping_is_refused_with_its_file_and_line(tmp_path):
    broken = tmp_path / "mine.yaml"
    broken.write_text("version: 1\nentities:\n  accounts:\n    tye: intacct\n")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), "SYNC_CONFIG": str(broken)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import intacct_sf_pipeline.definitions"],
        capture_output=True, text=True, cwd=tmp_path, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "mine.yaml" in last
    assert "4" in last
    assert "'tye'" in last

"""The shipped instance and workspace files: what they say, and that Dagster takes them."""

from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config

PROJECT = Path(__file__).parents[2]


def loaded(path: str):
    return yaml.safe_load((PROJECT / path).read_text())


@pytest.mark.parametrize("folder", [".", "deploy"])
def test_dagster_accepts_the_instance_file(folder, monkeypatch):
    for name in ("DAGSTER_PG_HOST", "DAGSTER_PG_USER", "DAGSTER_PG_PASSWORD", "DAGSTER_PG_DB", "DAGSTER_COMPUTE_LOGS"):
        monkeypatch.setenv(name, "x")
    found, _ = dagster_instance_config(str(PROJECT / folder))
    assert found["telemetry"] == {"enabled": False}


@pytest.mark.parametrize("path", ["dagster.yaml", "deploy/dagster.yaml"])
def test_one_run_at_a_time_per_api_and_per_flow_and_retries_for_crashes_only(path):
    config = loaded(path)
    assert config["concurrency"]["pools"] == {"default_limit": 1, "granularity": "run"}
    (limit,) = config["concurrency"]["runs"]["tag_concurrency_limits"]
    assert (limit["key"], limit["limit"]) == ("intacct_sf/cadence", 1)
    assert config["run_retries"] == {"enabled": True, "max_retries": 1, "retry_on_asset_or_op_failure": False}
    assert config["run_monitoring"]["enabled"]
    assert set(config["retention"]) == {"schedule", "sensor"}


def test_both_files_differ_only_in_storage():
    ours, theirs = loaded("dagster.yaml"), loaded("deploy/dagster.yaml")
    for config in (ours, theirs):
        del config["storage"], config["compute_logs"]
    assert ours == theirs


def test_history_lands_in_the_projects_own_directory(tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "dagster.yaml").write_text((PROJECT / "dagster.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path / "home")) as instance:
        assert instance.get_runs() == []
    assert (tmp_path / ".intacct_sf" / "history" / "runs.db").exists()


def test_postgresql_is_addressed_with_its_driver():
    assert loaded("deploy/dagster.yaml")["storage"]["postgres"]["postgres_db"]["scheme"] == "postgresql+psycopg2"


def test_both_workspaces_name_the_same_code_location():
    (local,) = loaded("workspace.yaml")["load_from"]
    (server,) = loaded("deploy/workspace.yaml")["load_from"]
    assert local["python_module"]["module_name"] == "intacct_sf_pipeline.definitions"
    assert local["python_module"]["location_name"] == server["grpc_server"]["location_name"] == "intacct_sf_pipeline"
    assert server["grpc_server"]["host"] == "127.0.0.1"

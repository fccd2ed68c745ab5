"""The values for Dagster's Helm chart: keys that the chart knows, and the instance it makes of them.

What the chart takes is written down here from its schema and templates (Source: repository dagster-io/dagster,
helm/dagster/schema and helm/dagster/templates, chart of Dagster 1.13): only the parts that our file uses.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config

DEPLOY = Path(__file__).parents[2] / "deploy"
VALUES = yaml.safe_load((DEPLOY / "helm" / "values.yaml").read_text())
ANY = object()
PROBE = dict.fromkeys(
    ("enabled", "initialDelaySeconds", "periodSeconds", "timeoutSeconds", "successThreshold", "failureThreshold"), ANY
)
IMAGE = {"repository": str, "tag": str, "pullPolicy": ("Always", "IfNotPresent", "Never")}
RESOURCES = {"requests": {"cpu": str, "memory": str}, "limits": {"cpu": str, "memory": str}}
SECRETS = [{"name": str}]
TICKS = {"purgeAfterDays": {"skipped": int, "success": int, "failure": int, "started": int}}
WORKERS = {"useThreads": bool, "numWorkers": int, "numSubmitWorkers": int}
SCHEMA = {
    "global": {"postgresqlSecretName": str, "dagsterHome": str, "serviceAccountName": str},
    "generatePostgresqlPasswordSecret": bool,
    "dagster-user-deployments": {
        "enabled": bool,
        "enableSubchart": bool,
        "imagePullSecrets": SECRETS,
        "deployments": [
            {
                "name": str,
                "image": IMAGE,
                "dagsterApiGrpcArgs": [str],
                "includeConfigInLaunchedRuns": {"enabled": bool},
                "port": int,
                "env": {str: str},
                "envSecrets": SECRETS,
                "resources": RESOURCES,
                "readinessProbe": PROBE,
                "livenessProbe": PROBE,
                "startupProbe": PROBE,
            }
        ],
    },
    "dagsterWebserver": {
        "replicaCount": int,
        "service": {"type": str, "port": int, "annotations": {str: str}},
        "resources": RESOURCES,
        "envSecrets": SECRETS,
    },
    "dagsterDaemon": {
        "enabled": bool,
        "resources": RESOURCES,
        "runCoordinator": {
            "enabled": bool,
            "type": ("QueuedRunCoordinator", "CustomRunCoordinator"),
            "config": {"queuedRunCoordinator": {}},
        },
        "runMonitoring": {"enabled": bool},
        "runRetries": {"enabled": bool},
        "schedules": WORKERS,
        "sensors": WORKERS,
    },
    "runLauncher": {
        "type": ("CeleryK8sRunLauncher", "K8sRunLauncher", "CustomRunLauncher"),
        "config": {
            "k8sRunLauncher": {
                "imagePullPolicy": ("Always", "IfNotPresent", "Never"),
                "jobNamespace": str,
                "envSecrets": SECRETS,
                "resources": RESOURCES,
                "failPodOnRunFailure": bool,
            }
        },
    },
    "postgresql": {
        "enabled": bool,
        "postgresqlHost": str,
        "postgresqlUsername": str,
        "postgresqlPassword": str,
        "postgresqlDatabase": str,
        "postgresqlParams": {str: str},
        "postgresqlScheme": str,
        "service": {"port": int},
    },
    "retention": {"enabled": bool, "schedule": TICKS, "sensor": TICKS, "autoMaterialize": TICKS},
    "telemetry": {"enabled": bool},
    "additionalInstanceConfig": ANY,
}


def departures(given: Any, known: Any, place: str = "") -> list[str]:
    """Where a value is not what the chart takes."""
    if known is ANY:
        return []
    if isinstance(known, type):
        return [] if type(given) is known else [f"{place}: {given!r} is no {known.__name__}"]
    if isinstance(known, tuple):
        return [] if given in known else [f"{place}: {given!r} is none of {known}"]
    if isinstance(known, list):
        return [found for item in given for found in departures(item, known[0], f"{place}[]")]
    if not isinstance(given, dict):
        return [f"{place}: {given!r} is no mapping"]
    if str in known:
        return [found for item in given.values() for found in departures(item, known[str], place)]
    unknown = [f"{place}.{key} is not known" for key in given.keys() - known.keys()]
    return unknown + [
        found for key in given.keys() & known.keys() for found in departures(given[key], known[key], f"{place}.{key}")
    ]


def instance() -> dict[str, Any]:
    """The dagster.yaml that the chart's `configmap-instance` makes of the values, as far as they decide it."""
    daemon, database = VALUES["dagsterDaemon"], VALUES["postgresql"]
    storage = {
        "postgres_db": {
            "username": database["postgresqlUsername"],
            "password": {"env": "DAGSTER_PG_PASSWORD"},
            "hostname": database["postgresqlHost"],
            "db_name": database["postgresqlDatabase"],
            "port": database["service"]["port"],
            "params": {},
            "scheme": database["postgresqlScheme"],
        }
    }
    own: dict[str, Any] = {
        name: {"module": f"dagster_postgres.{module}", "class": kind, "config": storage}
        for name, module, kind in (
            ("schedule_storage", "schedule_storage", "PostgresScheduleStorage"),
            ("run_storage", "run_storage", "PostgresRunStorage"),
            ("event_log_storage", "event_log", "PostgresEventLogStorage"),
        )
    }
    own["run_launcher"] = {"module": "dagster_k8s", "class": "K8sRunLauncher", "config": {}}
    own["telemetry"] = VALUES["telemetry"]
    own["retention"] = {
        kind: {"purge_after_days": VALUES["retention"][kind]["purgeAfterDays"]} for kind in ("schedule", "sensor")
    }
    for kind in ("schedules", "sensors"):
        own[kind] = {"use_threads": daemon[kind]["useThreads"], "num_workers": daemon[kind]["numWorkers"]}
    for name in ("runCoordinator", "runMonitoring", "runRetries"):
        assert not daemon[name]["enabled"], f"{name} would be in the file twice"
    assert not own.keys() & VALUES["additionalInstanceConfig"].keys()
    return own | VALUES["additionalInstanceConfig"]


def test_the_chart_knows_every_key() -> None:
    assert departures(VALUES, SCHEMA) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"postgresql": {"postgresqlscheme": "x"}}, ".postgresql.postgresqlscheme is not known"),
        ({"telemetry": {"enabled": "no"}}, ".telemetry.enabled: 'no' is no bool"),
        ({"runLauncher": {"type": "Kubernetes"}}, "is none of"),
        ({"dagster-user-deployments": {"deployments": [{"replicaCount": 1}]}}, "replicaCount is not known"),
    ],
)
def test_a_key_that_the_chart_would_pass_over_is_found(given: dict[str, Any], told: str) -> None:
    (found,) = departures(given, SCHEMA)
    assert told in found


def test_the_instance_in_kubernetes_is_the_one_of_one_machine(tmp_path: Path) -> None:
    made, ordinary = instance(), yaml.safe_load((DEPLOY / "dagster.yaml").read_text())
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(made))
    read, _ = dagster_instance_config(str(tmp_path))
    assert read["run_retries"]["retry_on_asset_or_op_failure"] is False
    for section in ("concurrency", "run_retries", "retention", "schedules", "sensors", "telemetry"):
        assert made[section] == ordinary[section], section
    assert made["run_monitoring"].keys() == ordinary["run_monitoring"].keys()
    assert made["run_monitoring"]["max_runtime_seconds"] == ordinary["run_monitoring"]["max_runtime_seconds"]
    assert VALUES["postgresql"]["postgresqlScheme"] == ordinary["storage"]["postgres"]["postgres_db"]["scheme"]


def test_probes_leave_a_python_process_the_time_to_start() -> None:
    (deployment,) = VALUES["dagster-user-deployments"]["deployments"]
    probes = [deployment[name] for name in ("readinessProbe", "startupProbe")]
    assert all(probe["timeoutSeconds"] >= 10 for probe in probes)
    assert deployment["startupProbe"]["periodSeconds"] * deployment["startupProbe"]["failureThreshold"] >= 60


def test_credentials_come_from_secrets_alone() -> None:
    launcher = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
    (deployment,) = VALUES["dagster-user-deployments"]["deployments"]
    assert launcher["envSecrets"] == deployment["envSecrets"] == [{"name": "intacct-sf"}]
    assert "postgresqlPassword" not in VALUES["postgresql"]
    assert VALUES["global"]["postgresqlSecretName"]
    assert VALUES["generatePostgresqlPasswordSecret"] is False


def test_the_image_carries_what_the_chart_s_launcher_wants() -> None:
    """Source: Dagster, Deploying to Kubernetes with Helm: dagster-postgres and dagster-k8s in the image."""
    extras = (DEPLOY / "Dockerfile").read_text().split('".[', 1)[1].split("]", 1)[0]
    assert {"postgres", "kubernetes"} <= set(extras.split(","))

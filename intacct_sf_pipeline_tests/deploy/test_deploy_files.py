"""The files under `deploy/`: readable, pinned, free of secrets, and naming only what exists."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config
from dagster._core.workspace.load import location_origins_from_yaml_paths

from intacct_sf_pipeline import __version__
from intacct_sf_pipeline.settings import VARIABLES

PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"
OF_CONTAINERS = {
    "DAGSTER_PG_HOST", "DAGSTER_PG_USER", "DAGSTER_PG_PASSWORD", "DAGSTER_PG_DB", "POSTGRES_PASSWORD",
    "MSSQL_SA_PASSWORD",
}  # fmt: skip
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
VALUES = yaml.safe_load((DEPLOY / "helm" / "values.yaml").read_text())
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()


def images() -> list[str]:
    helm = [d["image"] for d in VALUES["dagster-user-deployments"]["deployments"]]
    return [
        *(service["image"] for service in COMPOSE["services"].values()),
        *re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE),
        *(f"{image['repository']}:{image['tag']}" for image in helm),
    ]


@pytest.mark.parametrize("image", images())
def test_every_image_is_pinned(image):
    name, _, tag = image.rpartition(":")
    assert name
    assert re.search(r"\d", tag)
    assert "latest" not in tag


def test_our_own_image_carries_one_version_everywhere():
    ours = {image for image in images() if image.startswith("intacct-sf-pipeline")}
    assert len(ours) == 1, __version__


@pytest.mark.parametrize("path", sorted(p for p in DEPLOY.rglob("*.yaml")), ids=lambda p: str(p.relative_to(DEPLOY)))
def test_every_yaml_file_is_one_mapping(path):
    assert isinstance(yaml.safe_load(path.read_text()), dict)


def test_compose_mounts_and_builds_what_exists_and_publishes_the_proxy_alone():
    services = COMPOSE["services"]
    assert {name for name, service in services.items() if service.get("ports")} == {"proxy"}
    assert all(port.startswith("127.0.0.1:") for port in services["proxy"]["ports"])
    assert (DEPLOY / services["code"]["build"]["context"] / services["code"]["build"]["dockerfile"]).is_file()
    named = set(COMPOSE["volumes"])
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in named or source == "./proxy/users" or (DEPLOY / source).is_file(), volume
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert set(service.get("depends_on", [])) <= set(services)
    assert {tuple(s["profiles"]) for s in services.values() if "profiles" in s} == {("postgresql",), ("sqlserver",)}
    assert "auth_basic_user_file" in (DEPLOY / "proxy" / "nginx.conf").read_text()


def test_the_image_is_built_from_files_that_exist_and_runs_as_nobody_special():
    for line in re.findall(r"^COPY (.+)$", DOCKERFILE, flags=re.MULTILINE):
        for source in line.split()[:-1]:
            assert (PROJECT / source).exists(), source
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, flags=re.MULTILINE)
    assert users
    assert "root" not in users
    assert "HEALTHCHECK" in DOCKERFILE
    assert "-c constraints.txt" in DOCKERFILE


def test_the_commands_name_modules_that_exist():
    text = "".join(path.read_text() for path in DEPLOY.rglob("*") if path.is_file())
    named = r"(?:-m|-A)[ ,]+\[?\"?(intacct_sf_pipeline[\w.]*)", r'"(intacct_sf_pipeline\.[\w.]*)"'
    modules = {module for pattern in named for module in re.findall(pattern, text)}
    assert len(modules) >= 2
    assert all(importlib.util.find_spec(module) for module in modules)


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*env.example")), ids=lambda p: p.name)
def test_the_example_environments_hold_known_variables_and_invented_values(path):
    pairs = re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$", path.read_text(), flags=re.MULTILINE)
    assert {name for name, _ in pairs} <= {*VARIABLES, *OF_CONTAINERS}
    assert all("invented" in value.lower() for name, value in pairs if "SECRET" in name or "PASSWORD" in name)


def test_the_celery_instance_counts_steps_and_is_the_ordinary_one_otherwise(monkeypatch):
    for name in ("DAGSTER_PG_HOST", "DAGSTER_PG_USER", "DAGSTER_PG_PASSWORD", "DAGSTER_PG_DB", "DAGSTER_COMPUTE_LOGS"):
        monkeypatch.setenv(name, "x")
    ours = yaml.safe_load((DEPLOY / "celery" / "dagster.yaml").read_text())
    ordinary = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())
    assert ours["concurrency"]["pools"] == {"default_limit": 1, "granularity": "op"}
    ours["concurrency"]["pools"]["granularity"] = "run"
    assert ours == ordinary
    dagster_instance_config(str(DEPLOY / "celery"))


@pytest.mark.parametrize("path", ["workspace.yaml", "workspace.compose.yaml", "tenants/workspace.yaml"])
def test_dagster_loads_the_workspaces(path):
    origins = location_origins_from_yaml_paths([str(DEPLOY / path)])
    assert {origin.location_name for origin in origins} <= {"intacct_sf_pipeline", "northwind", "harbour_supplies"}
    assert len({(origin.host, origin.port) for origin in origins}) == len(origins)


def test_each_company_has_an_environment_and_a_code_location_by_the_same_name():
    origins = location_origins_from_yaml_paths([str(DEPLOY / "tenants" / "workspace.yaml")])
    locations = {origin.location_name for origin in origins}
    files = {path.name.removesuffix(".env.example"): path.read_text() for path in DEPLOY.glob("tenants/*.env.example")}
    assert set(files) == locations
    for name, text in files.items():
        assert f"\nTENANT={name}\n" in text
        assert f"\nSTAGING_SCHEMA={name}\n" in text


def test_the_files_name_only_variables_that_somebody_reads():
    text = "".join(path.read_text() for path in DEPLOY.rglob("*") if path.is_file())
    named = set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", text))
    assert named - {*VARIABLES, *OF_CONTAINERS} == {
        "ACCEPT_EULA", "MSSQL_PID", "POSTGRES_USER", "POSTGRES_DB",  # of the databases' images
        "DAGSTER_COMPUTE_LOGS",  # of deploy/dagster.yaml
        "SQL_SERVER_IMAGE",  # of compose.yaml
        "DEFAULT_SCHEMA",  # a word of Transact-SQL
    }  # fmt: skip


def test_what_compose_asks_of_the_environment_is_in_the_example():
    text = (DEPLOY / "compose.yaml").read_text()
    example = (DEPLOY / "env.example").read_text()
    for name in set(re.findall(r"(?<!\$)\$\{(\w+)", text)) - {"SQL_SERVER_IMAGE"}:
        assert re.search(rf"^{name}=", example, flags=re.MULTILINE), name


def test_only_our_own_services_get_the_credentials_of_both_systems():
    services = COMPOSE["services"]
    assert {name for name, service in services.items() if "env_file" in service} == {"code", "webserver", "daemon"}


def test_services_wait_for_what_can_say_that_it_is_ready():
    services = COMPOSE["services"]
    for name, service in services.items():
        assert re.fullmatch(r"[a-z][a-z0-9-]*", name)
        waits = service.get("depends_on", {})
        for other, how in waits.items() if isinstance(waits, dict) else ():
            assert how["condition"] in ("service_started", "service_healthy", "service_completed_successfully")
            assert "healthcheck" in services[other], other
            assert "profiles" not in services[other], f"{other} may not be there"
        check = service.get("healthcheck")
        if check:
            assert set(check) <= {"test", "interval", "timeout", "retries", "start_period"}
            assert check["test"][0] in ("CMD", "CMD-SHELL")
            assert all(re.fullmatch(r"\d+(s|m)", str(check[key])) for key in set(check) - {"test", "retries"})
    stateful = {name for name, service in services.items() if re.match("history|staging", name)}
    assert all("healthcheck" in services[name] for name in stateful)

"""One sandbox per session for the tests of the orchestration, and a Dagster instance of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions, running_sandbox

DAGSTERS_OWN = (
    "ignore:The `__fields__` attribute is deprecated",
    "ignore:InitResourceContext.dagster_run is deprecated",
)
"""Warnings of Dagster's own code about other libraries; everything else is an error here too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Dagster's own warnings pass in this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for warning in DAGSTERS_OWN:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(scope="session")
def config() -> SyncConfig:
    """The packaged default configuration."""
    return load_config(None)


@pytest.fixture
def instance(tmp_path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance on SQLite, as on a user's machine."""
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


@pytest.fixture
def sandbox(tmp_path, monkeypatch) -> Iterator[Sandbox]:
    """A small sandbox; the environment names it and an empty staging database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SYNC_CONFIG", raising=False)
    monkeypatch.setenv("STAGING_DATABASE_URL", f"sqlite:///{tmp_path / 'staging.db'}")
    with running_sandbox(SandboxOptions(accounts=20, contacts=24, items=12)) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        yield sandbox

"""What the tests of the orchestration run on: the real definitions, the real sandbox, SQLite."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import create_engine, text

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


@dataclass(frozen=True)
class World:
    """A small sandbox, an empty staging database beside it, and a Dagster instance; the environment names them."""

    sandbox: Sandbox
    instance: dg.DagsterInstance
    folder: Path

    def rows(self, query: str, **values: object) -> Any:
        """Rows of the staging database, or how many a statement changed."""
        engine = create_engine(f"sqlite:///{self.folder / 'staging.db'}")
        try:
            with engine.begin() as connection:
                found = connection.execute(text(query), values)
                return found.all() if found.returns_rows else found.rowcount
        finally:
            engine.dispose()


@contextmanager
def running_world(folder: Path) -> Iterator[World]:
    """A world of its own."""
    (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    options = SandboxOptions(accounts=20, contacts=24, items=12)
    with pytest.MonkeyPatch.context() as patch, running_sandbox(options) as sandbox:
        patch.chdir(folder)
        patch.delenv("SYNC_CONFIG", raising=False)
        patch.setenv("STAGING_DATABASE_URL", f"sqlite:///{folder / 'staging.db'}")
        for name, value in sandbox.env.items():
            patch.setenv(name, value)
        with dg.DagsterInstance.from_config(str(folder)) as instance:
            yield World(sandbox, instance, folder)


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    """A world that nobody else has touched."""
    with running_world(tmp_path) as world:
        yield world


@pytest.fixture
def instance(tmp_path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance on SQLite, as on a user's machine."""
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance

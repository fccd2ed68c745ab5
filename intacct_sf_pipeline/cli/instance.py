"""The Dagster instance that the command line and the Dagster UI share, so that a run started by either is seen in both.

`DAGSTER_HOME` names its directory; without it the project's own `.intacct_sf` in the working directory, made at first
use.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path

import dagster as dg

from intacct_sf_pipeline.model.errors import ConfigurationError

INSTANCE_FILE = "dagster.yaml"
LOCK_FILE = "opening.lock"
_LOCK_SECONDS = 60.0


def prepare_home(home: Path) -> Path:
    """Make `home` a Dagster home if it is none yet: the directory, and our `dagster.yaml` (one that exists stays).

    Raises:
        ConfigurationError: the path is relative, or the directory cannot be made.
    """
    if not home.is_absolute():
        raise ConfigurationError(f"{home} is a relative path", where="DAGSTER_HOME", cure="give an absolute path")
    try:
        home.mkdir(parents=True, exist_ok=True)
        settings = home / INSTANCE_FILE
        if not settings.exists():
            settings.write_text(shipped_settings(), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{home} cannot be used: {error.strerror}",
            where="DAGSTER_HOME",
            cure="name a directory that can be written",
        ) from error
    return home


def shipped_settings() -> str:
    """The text of the `dagster.yaml` at the top of the project, as packaged with the command line."""
    return resources.files(__package__).joinpath(INSTANCE_FILE).read_text(encoding="utf-8")


@contextmanager
def shared_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance whose directory is `home`, closed at the end."""
    with _alone(prepare_home(home)):
        instance = dg.DagsterInstance.from_config(str(home))
    with instance:
        yield instance


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One process at a time: two that make Dagster's SQLite files at the same moment spoil them for good.

    The lock is SQLite's own, so that it ends with the process on every system.
    """
    with closing(sqlite3.connect(home / LOCK_FILE, timeout=_LOCK_SECONDS, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield

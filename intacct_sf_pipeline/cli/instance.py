"""The Dagster instance that the command line and the Dagster UI share, so that a run started by either is seen in both.

`DAGSTER_HOME` names its directory; without it the project's own `.intacct_sf` in the working directory, made at first
use.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import dagster as dg

from intacct_sf_pipeline.model.errors import ConfigurationError

INSTANCE_FILE = "dagster.yaml"


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
    with dg.DagsterInstance.from_config(str(prepare_home(home))) as instance:
        yield instance

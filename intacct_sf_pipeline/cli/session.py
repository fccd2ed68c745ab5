"""What most commands need: the settings, the configuration, and a `Runtime` opened on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.settings import Settings, load_settings

__all__ = ["load_config", "load_settings", "open_session"]

if TYPE_CHECKING:
    from intacct_sf_pipeline.runtime import Runtime


def load_config(settings: Settings | None = None) -> SyncConfig:
    """The configuration named by `SYNC_CONFIG`, or the packaged one; a process parses a file once.

    Raises:
        ConfigurationError: the file is wrong; the text says where, and what would be right.
    """
    from intacct_sf_pipeline.model.config_file import config_in

    return config_in((settings or load_settings()).sync_config)


@contextmanager
def open_session(settings: Settings | None = None) -> Iterator[Runtime]:
    """A runtime on the settings; closed at the end.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    from intacct_sf_pipeline.runtime import open_runtime

    with open_runtime(settings or load_settings()) as runtime:
        yield runtime

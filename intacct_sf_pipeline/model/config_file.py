"""The configuration of this process: a file is parsed once, and again when it was saved anew."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping_loader import load_config


def config_in(path: Path | None) -> SyncConfig:
    """The configuration in `path` laid over the packaged one; None: the packaged one.

    Raises:
        ConfigurationError: the file is missing or broken; it says where and what would be right.
    """
    return _parsed(path, Path.cwd(), _stamp(path))


def _stamp(path: Path | None) -> tuple[int, int]:
    if path is None or not path.is_file():
        return 0, 0
    found = path.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=1)
def _parsed(path: Path | None, _folder: Path, _saved: tuple[int, int]) -> SyncConfig:
    return load_config(path)

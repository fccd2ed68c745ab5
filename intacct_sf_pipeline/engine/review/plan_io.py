"""Plans on disk: written at once or not at all, readable by their owner only, never over another file by accident."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from intacct_sf_pipeline.engine.review.plan_file import PlanFile, parse_plan
from intacct_sf_pipeline.model.errors import ConfigurationError


def require_free(path: Path, *, overwrite: bool) -> None:
    """See that a plan can be written to `path`, before the work for it is done.

    Raises:
        ConfigurationError: its folder does not exist, or the file does and must not be replaced.
    """
    if not path.parent.is_dir():
        raise ConfigurationError("the folder does not exist", where=str(path), cure="make it, or name another one")
    if path.is_dir() or (path.exists() and not overwrite):
        raise ConfigurationError(
            "the file exists already", where=str(path), cure="name another one, or add --overwrite"
        )


def write_plan(path: Path, document: Mapping[str, Any], *, overwrite: bool) -> None:
    """Write a plan's document; the file appears whole, with mode 0600.

    Raises:
        ConfigurationError: the file exists and must not be replaced, or cannot be written.
    """
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # made with mode 0600
    except OSError as error:
        raise ConfigurationError(f"the file cannot be written ({error.strerror})", where=str(path)) from None
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        require_free(path, overwrite=overwrite)
        part.replace(path)
    except OSError as error:
        raise ConfigurationError(f"the file cannot be written ({error.strerror})", where=str(path)) from None
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def read_plan(path: Path) -> PlanFile:
    """The plan in a file.

    Raises:
        ConfigurationError: it cannot be read, is no plan, or was changed after it was written.
    """
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        what = f"the file cannot be read ({error.strerror})"
        raise ConfigurationError(what, where=str(path), cure="give the file that --out wrote") from None
    except UnicodeDecodeError:
        raise ConfigurationError("the file is not a plan: it is not UTF-8", where=str(path)) from None
    return parse_plan(text, str(path))

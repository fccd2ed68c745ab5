"""Exit codes: the whole list, and which error ends in which."""

from __future__ import annotations

from enum import IntEnum

from intacct_sf_pipeline.model.errors import ConfigurationError, LeaseHeldError, SyncError


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    HELD = 3
    BUSY = 4


def exit_code_of(error: SyncError) -> ExitCode:
    """The exit code an expected error ends in."""
    if isinstance(error, ConfigurationError):
        return ExitCode.USAGE
    if isinstance(error, LeaseHeldError):
        return ExitCode.BUSY
    return ExitCode.FAILED


def error_document(error: SyncError) -> dict[str, object]:
    """The JSON document that takes the place of a command's own when it fails.

    Returns:
        `{"error": {"type", "message", "exit_code"}}`, with `where` and `cure` for a wrong configuration.
    """
    body: dict[str, object] = {
        "type": type(error).__name__,
        "message": str(error),
        "exit_code": int(exit_code_of(error)),
    }
    if isinstance(error, ConfigurationError):
        body |= {"what": error.what, "where": error.where, "cure": error.cure}
    return {"error": body}

"""What stops a sandbox from starting, each with words for the person who asked for it."""

from __future__ import annotations

from pathlib import Path


class SandboxError(Exception):
    """The sandbox cannot start as asked."""


class FaultFileError(SandboxError):
    """The fault file is wrong; the text names the file, the line and the key, and says what would be right."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        """Word the finding in `line` (1-based) of the file."""
        where = f"{path}" if line is None else f"{path}, line {line}"
        super().__init__(f"{where}: {message}")


class DataError(SandboxError):
    """A data directory cannot be loaded; `findings` lists what is wrong, one line of text each.

    Each finding names file, physical line where the record starts, and column. At most `LISTED` of them are kept;
    `total` says how many there were.
    """

    LISTED = 20

    def __init__(self, findings: list[str]) -> None:
        """Keep the first findings and count them all."""
        self.total = len(findings)
        self.findings = tuple(findings[: self.LISTED])
        more = self.total - len(self.findings)
        tail = [f"... and {more} more"] if more else []
        super().__init__("\n".join([*self.findings, *tail]))

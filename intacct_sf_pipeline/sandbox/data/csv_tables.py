"""Reads a directory of CSV exports into tables of text, remembering where every record stood.

Knows files, encodings and CSV; knows nothing of either vendor's fields.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

Cell = str | None
"""One value as written; an empty cell is None."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file, the physical line its record starts on (1-based), and the column's header."""

    file: Path
    line: int | None = None
    column: str | None = None

    def finding(self, message: str) -> str:
        """Return one line of text that says where and what."""
        words = [str(self.file)]
        if self.line is not None:
            words.append(f"line {self.line}")
        if self.column is not None:
            words.append(f"column {self.column}")
        return f"{', '.join(words)}: {message}"


@dataclass(slots=True)
class Table:
    """One CSV file: its header, and per record the start line and the cells in header order."""

    file: Path
    header: list[str]
    lines: list[int] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)

    def place(self, row: int, column: str | None = None) -> Place:
        """Return where record `row` (0-based) stands."""
        return Place(self.file, self.lines[row], column)


def csv_files(directory: Path) -> list[Path]:
    """Return the CSV files of `directory` in name order, none where it does not exist.

    Files of other kinds and hidden ones are passed over.
    """
    if not directory.is_dir():
        return []
    found = (path for path in directory.iterdir() if path.is_file() and not path.name.startswith("."))
    return sorted(path for path in found if path.suffix.lower() == ".csv")


def read_table(file: Path, findings: list[str]) -> Table:
    """Return the table of `file` (UTF-8 with or without byte order mark, commas, any line ends, quoted line breaks).

    What is wrong is added to `findings`; the records concerned are left out. Lines without any cell are passed over.
    """
    table = Table(file, [])
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        findings.append(Place(file, error.object[: error.start].count(b"\n") + 1).finding("is not UTF-8 text"))
        return table
    except OSError as error:
        findings.append(Place(file).finding(f"cannot be read: {error.strerror}"))
        return table
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            if not table.header and cells:
                if len(cells) == 1 and ";" in cells[0]:
                    findings.append(Place(file, start).finding("is separated by semicolons; commas are expected"))
                    return table
                table.header = [name.strip() for name in cells]
                _check_header(table, start, findings)
            elif cells and len(cells) != len(table.header):
                expected = f"has {len(cells)} cells where the header has {len(table.header)}"
                findings.append(Place(file, start).finding(expected))
            elif cells:
                table.lines.append(start)
                table.rows.append([cell or None for cell in cells])
            start = reader.line_num + 1
    except csv.Error as error:
        findings.append(Place(file, start).finding(f"is not well-formed CSV: {error}"))
    if not table.header:
        findings.append(Place(file, 1).finding("is empty; the first line must name the columns"))
    return table


def _check_header(table: Table, line: int, findings: list[str]) -> None:
    seen: set[str] = set()
    for name in table.header:
        if not name:
            findings.append(Place(table.file, line).finding("a column has no name"))
        elif name.lower() in seen:
            findings.append(Place(table.file, line, name).finding("the column is there twice"))
        seen.add(name.lower())

"""Files on disk that no other process sees: rows on their way to a job, results on their way from one.

Memory stays the same however many rows there are. Source of the size: Bulk Guide (upload at most 100 MB, since data
grow by half when the service encodes them).
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Final

import orjson

MOST_BYTES: Final = 100_000_000
_ROOM: Final = 40_000
"""Kept free for the header row."""


class RowSpool:
    """Rows of an upload, entered one by one with the columns they have; written as one file when all are known."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._columns: dict[str, int] = {}
        self._places: list[tuple[str, int]] = []
        self._size = 0

    @property
    def full(self) -> bool:
        """Whether the next row might not fit into one upload."""
        return self._size > MOST_BYTES - _ROOM - 2_000_000

    def add(self, cells: Mapping[str, str], parent: str) -> None:
        """Enter a row; rows of one `parent` will stand together."""
        row = [""] * len(self._columns)
        for name, text in cells.items():
            place = self._columns.setdefault(name, len(self._columns))
            row.extend([""] * (place + 1 - len(row)))
            row[place] = text
        line = orjson.dumps(row) + b"\n"
        self._places.append((parent, self._file.tell()))
        self._file.write(line)
        self._size += len(line) + 2 * len(self._columns)

    def write(self, target: BinaryIO) -> None:
        """Write the upload: UTF-8, a header row, every value quoted, line feeds."""
        text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(list(self._columns))
        width = len(self._columns)
        for _, place in sorted(self._places):
            self._file.seek(place)
            row = orjson.loads(self._file.readline())
            writer.writerow(row + [""] * (width - len(row)))
        text.flush()
        text.detach()


@contextmanager
def temporary_file() -> Iterator[BinaryIO]:
    """A file without a name, gone when the block ends."""
    with tempfile.TemporaryFile(prefix="intacct-sf-bulk-") as file:
        yield file


def read_rows(file: BinaryIO) -> Iterator[tuple[Sequence[str], list[str]]]:
    """Rows of a result file, each with the header; an empty file has none."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        reader = csv.reader(text)
        header = next(reader, None)
        for row in reader:
            if header is not None and row:
                yield header, row
    finally:
        text.detach()

"""CSV as Bulk API 2.0 reads and writes it.

What belongs here: text to cells and back, with the service's strictness about quotes and line endings. What the cells
mean is in `ingest_work`. Source: salesforce.md section 5.2; Bulk Guide, Prepare CSV Files.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.salesforce.bulk.jobs import DELIMITERS, LINE_ENDINGS

# UNCONFIRMED (salesforce.md 5.2): the words for a row whose cells cannot be told apart.
BLANK_AT_QUOTE = "a space before or after a double quote"
TOO_LONG = "a value is longer than 131,072 characters"
WRONG_COUNT = "the number of values differs from the number of columns in the header"


class FileRefusedError(Exception):
    """The file as a whole cannot be read: the job fails with this text as its `errorMessage`."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file: its cells, or in `fault` why it cannot be read (then the cells are as far as they go)."""

    cells: list[str]
    fault: str = ""


def records(content: bytes, delimiter: str, line_ending: str) -> Iterator[Record]:
    """The records of a file, the header first; empty lines are passed over.

    Raises:
        FileRefusedError: not UTF-8, other line endings than announced, or a quote that is never closed.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefusedError("ClientInputError : the data is not in UTF-8") from None
    lines = _Lines(text)
    separator = DELIMITERS[delimiter]
    reader = csv.reader(lines, delimiter=separator, strict=True)
    before_quote = re.compile(rf'(?:^|{re.escape(separator)})[ \t]+"')
    while True:
        lines.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _unreadable(error, lines.taken, separator)
            continue
        raw = "".join(lines.taken)
        _check_ending(raw, line_ending)
        if not cells:
            continue
        suspicious = any(cell[:1] in " \t" and cell.lstrip(" \t")[:1] == '"' for cell in cells if cell)
        fault = BLANK_AT_QUOTE if suspicious and before_quote.search(raw) else ""
        yield Record(cells, fault)


def written(rows: Iterable[Sequence[str]], delimiter: str = "COMMA", line_ending: str = "LF") -> bytes:
    """A file in which every value is quoted, as the service writes them."""
    out = io.StringIO(newline="")
    writer = csv.writer(
        out, delimiter=DELIMITERS[delimiter], lineterminator=LINE_ENDINGS[line_ending], quoting=csv.QUOTE_ALL
    )
    writer.writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


class _Lines:
    """Lines for the reader, split at line feeds only; `taken` holds those of the record at hand."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="\n")
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.taken.append(line)
        return line


def _unreadable(error: csv.Error, taken: Sequence[str], separator: str) -> Record:
    if "unexpected end of data" in str(error):
        message = "ClientInputError : Failed to parse CSV: EOF reached before encapsulated token finished"
        raise FileRefusedError(message)
    fault = TOO_LONG if "field limit" in str(error) else BLANK_AT_QUOTE
    return Record("".join(taken).rstrip("\r\n").split(separator), fault)


def _check_ending(raw: str, line_ending: str) -> None:
    if not raw.endswith("\n"):
        return
    if raw.endswith("\r\n") != (line_ending == "CRLF"):
        setting = f"Current LineEnding setting is {line_ending}"
        raise FileRefusedError(f"ClientInputError : LineEnding is invalid on user data. {setting}")

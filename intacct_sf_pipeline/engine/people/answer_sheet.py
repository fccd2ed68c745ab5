"""The sheet (CSV) on which people answer holds: written with an empty verdict column, read back filled in. Pure.

Read in the UTF-8 that spreadsheet programs write (with or without byte order mark), separated by commas, semicolons or
tabs. Rows without a verdict are left for later.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.suggest import did_you_mean

RECORD = ("entity", "side", "key", "reason")
GIVEN = ("verdict", "partner", "note")
TOLD = ("fields", "message", "who", "cure", "since", "name", "candidates", "resolutions")
"""Columns that only tell people what the hold is about."""
COLUMNS = ("hold_id", *RECORD, *TOLD, *GIVEN)
MOST_SHOWN = 20
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong with an answer: where it stands, what is wrong, what would be right."""

    where: str
    what: str
    cure: str = ""

    def __str__(self) -> str:
        """One line."""
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text} - {self.cure}" if self.cure else text


class AnswersRefusedError(ConfigurationError):
    """Answers to holds are wrong and none was stored: `refusals` holds all, the text shows 20 of them."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        first = self.refusals[0]
        if len(self.refusals) == 1:
            super().__init__(first.what, where=first.where, cure=first.cure)
            return
        shown = [f"  {refusal}" for refusal in self.refusals[:MOST_SHOWN]]
        if len(self.refusals) > MOST_SHOWN:
            shown.append(f"  and {len(self.refusals) - MOST_SHOWN} more")
        super().__init__("\n".join((f"{len(self.refusals)} mistakes, so nothing was stored:", *shown)))


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as a person gave it, in words: to a hold by its number, or to a record's holds for a reason.

    `place` is where it was written; `column` of it names one value there.
    """

    verdict: str
    hold_id: str = ""
    entity: str = ""
    side: str = ""
    key: str = ""
    reason: str = ""
    partner: str = ""
    note: str = ""
    place: str = ""

    def refused(self, column: str, what: str, cure: str = "") -> Refusal:
        """A refusal of the value of `column`."""
        return Refusal(f"{self.place}, column {column}" if self.place else "", what, cure)


def read_sheet(name: str, content: bytes) -> list[Answer]:
    """The answers in the file `name`: one for each row with a verdict.

    Raises:
        AnswersRefusedError: the file is no such sheet.
    """
    rows = _rows(name, _text(name, content))
    try:
        line, header = next(rows)
    except StopIteration:
        raise AnswersRefusedError(
            [Refusal(name, "the file is empty", "`intacct-sf holds export FILE` writes one")]
        ) from None
    columns = [cell.strip().casefold() for cell in header]
    refusals = list(_header_refusals(f"{name}, line {line}", columns))
    if refusals:
        raise AnswersRefusedError(refusals)
    answers = []
    for line, cells in rows:
        place = f"{name}, line {line}"
        if any(cell.strip() for cell in cells[len(columns) :]):
            what = f"the row has {len(cells)} values, the header {len(columns)} columns"
            refusals.append(Refusal(place, what, "Put values with separators in them into quotation marks"))
            continue
        values = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        if values.get("verdict"):
            answers.append(answer_of(values, place))
    if refusals:
        raise AnswersRefusedError(refusals)
    return answers


def answer_of(values: Mapping[str, str], place: str) -> Answer:
    """An answer from its values by column."""
    known = {name: values.get(name, "") for name in ("hold_id", *RECORD, *GIVEN)}
    return Answer(**known, place=place)


def write_sheet(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A sheet of `rows` (values by column; those missing are empty), as a spreadsheet program opens it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return (_MARK + text.getvalue()).encode("utf-8")


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8").removeprefix(_MARK)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = "the file is not UTF-8 text"
        refusal = Refusal(f"{name}, line {line}", what, "Save it as CSV UTF-8")
        raise AnswersRefusedError([refusal]) from None


def _rows(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Line on which each row begins, and its cells; rows without any value are left out."""
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise AnswersRefusedError([Refusal(f"{name}, line {line}", f"the row cannot be read: {error}")]) from None


def _header_refusals(place: str, columns: Sequence[str]) -> Iterator[Refusal]:
    for number, column in enumerate(columns, start=1):
        where = f"{place}, column {number}"
        if column not in COLUMNS:
            yield Refusal(where, f"there is no column {column!r}", did_you_mean(column, COLUMNS))
        elif column in columns[: number - 1]:
            yield Refusal(where, f"there are two columns {column!r}", "Remove one")
    if "verdict" not in columns:
        yield Refusal(place, "the column 'verdict' is missing", f"The columns may be: {', '.join(COLUMNS)}")
    if "hold_id" not in columns and not set(RECORD) <= set(columns):
        yield Refusal(place, "no column says which hold is meant", f"Add hold_id, or {', '.join(RECORD)}")


def _harmless(value: str) -> str:
    """A value that a spreadsheet program takes for text, never for a formula."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value

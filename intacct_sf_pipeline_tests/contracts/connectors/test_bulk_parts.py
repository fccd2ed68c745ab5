"""The pure parts of Bulk API 2.0: what a job costs, cells, rows on disk, error texts, pauses."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.salesforce.bulk.cells import LONGEST, NULL, cell, reading
from intacct_sf_pipeline.connectors.salesforce.bulk.cost import FEWEST_ROWS, RESULT_PAGE, Costs, calls
from intacct_sf_pipeline.connectors.salesforce.bulk.patience import Patience, until
from intacct_sf_pipeline.connectors.salesforce.bulk.rows import Entry, error_of
from intacct_sf_pipeline.connectors.salesforce.bulk.spool import RowSpool, read_rows
from intacct_sf_pipeline.model.results import WriteStatus
from intacct_sf_pipeline.sandbox.salesforce.values import BLANKS

from . import builders
from .clocks import FakeTime

COSTS = Costs(write_batch=200, page=2000, result_page=RESULT_PAGE)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30)
UPSERT = Entry("Account", "upsert", "IntacctID__c", "IntacctID__c")


def test_jobs_are_used_where_they_take_fewer_calls_and_never_below_two_thousand_rows() -> None:
    assert not COSTS.job_writes(FEWEST_ROWS - 1)
    assert not COSTS.job_writes(FEWEST_ROWS)
    assert COSTS.job_writes(2_001)
    assert COSTS.job_writes(50_000)
    assert not Costs(200, 2000, RESULT_PAGE, from_rows=0).job_writes(10**6)
    assert Costs(200, 2000, RESULT_PAGE, from_rows=500).job_writes(500)


@given(st.integers(0, 10**6))
def test_a_job_never_costs_more_than_what_it_replaces(rows: int) -> None:
    if COSTS.job_writes(rows):
        assert calls(rows, 200) > 10
        assert rows >= FEWEST_ROWS
    if COSTS.job_reads(rows, read=2000):
        assert 6 + calls(rows, RESULT_PAGE) < calls(rows - 2000, 2000)


def test_reads_of_fifty_thousand_rows_go_by_a_job_and_small_ones_do_not() -> None:
    assert COSTS.job_reads(50_000, read=2000)
    assert not COSTS.job_reads(10_000, read=2000)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, NULL),
        ("", NULL),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.10"), "-0.10"),
        (datetime(2026, 1, 5, 12, tzinfo=timezone(timedelta(hours=2))), "2026-01-05T10:00:00.000Z"),
        ("a\r\nb", "a\r\nb"),
        (NULL, None),
        ("x" * (LONGEST + 1), None),
        ("a\x00b", None),
        (Decimal("NaN"), None),
    ],
)
def test_values_as_cells(value: object, text: str | None) -> None:
    assert cell(value) == text  # type: ignore[arg-type]  # the table holds values of all types


@given(st.one_of(st.none(), st.booleans(), st.integers(), TEXTS, st.decimals(allow_nan=False, allow_infinity=False)))
def test_a_cell_is_never_empty_since_that_would_leave_the_field_alone(value: object) -> None:
    assert cell(value) != ""  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("string", "", None),
        ("string", "12", "12"),
        ("double", "12.5", Decimal("12.5")),
        ("currency", "12.0", Decimal("12.0")),
        ("double", "-3", -3),
        ("double", "1.0E8", Decimal("1.0E8")),
        ("int", "", None),
        ("datetime", "2026-01-05T10:00:00.000Z", "2026-01-05T10:00:00.000+0000"),
        ("datetime", "2026-01-05T10:00:00.000+0000", "2026-01-05T10:00:00.000+0000"),
        ("datetime", "", None),
        ("date", "2026-01-05", "2026-01-05"),
    ],
)
def test_cells_are_read_as_the_query_resource_writes_values(kind: str, text: str, value: object) -> None:
    read = reading(kind)
    assert read is not None
    found = read(text)
    assert (found, type(found)) == (value, type(value))


def test_fields_that_bulk_queries_do_not_have_are_told() -> None:
    assert [reading(kind) for kind in ("address", "base64", "location")] == [None] * 3


@given(st.lists(st.dictionaries(st.sampled_from("ABCDE"), TEXTS, min_size=1), max_size=8))
def test_rows_of_different_columns_make_one_file(rows: list[dict[str, str]]) -> None:
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as upload:
        spool = RowSpool(file)
        for row in rows:
            spool.add(row, parent="")
        spool.write(upload)
        upload.seek(0)
        found = list(csv.DictReader(io.StringIO(upload.read().decode(), newline="")))
        assert [{name: text for name, text in row.items() if text} for row in found] == rows
        if rows:
            assert [dict(zip(header, row, strict=True)) for header, row in read_rows(upload)] == found


def test_rows_of_one_parent_stand_together() -> None:
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as upload:
        spool = RowSpool(file)
        for number, parent in enumerate("BABA"):
            spool.add({"Key": f"{number}", "AccountId": parent}, parent)
        spool.write(upload)
        assert [row for _, row in read_rows(upload)] == [["1", "A"], ["3", "A"], ["0", "B"], ["2", "B"]]


@pytest.mark.parametrize(
    ("text", "code", "message", "fields"),
    [
        ("REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --", "REQUIRED_FIELD_MISSING",
         "Required fields are missing: [Name]", ["Name"]),
        ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--", "UNABLE_TO_LOCK_ROW",
         "unable to obtain exclusive access", []),
        ("A:b:c: d:X,Y --", "A", "b:c: d", ["X", "Y"]),
        ("A:no dashes: here", "A", "no dashes: here", []),
        ("nothing at all", "nothing at all", "nothing at all", []),
        ("", "unknown", "", []),
    ],
)  # fmt: skip
def test_error_texts_are_taken_apart(text: str, code: str, message: str, fields: list[str]) -> None:
    assert error_of(text) == {"statusCode": code, "message": message, "fields": fields}


@pytest.mark.parametrize(
    ("text", "status", "duplicate"),
    [
        ("STRING_TOO_LONG:Name: too large:Name --", WriteStatus.REJECTED, False),
        ("UNABLE_TO_LOCK_ROW:locked:--", WriteStatus.NOT_SENT, False),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY:trigger: UNABLE_TO_LOCK_ROW:--", WriteStatus.NOT_SENT, False),
        ("DUPLICATE_VALUE:duplicate value found:IntacctID__c --", WriteStatus.REJECTED, True),
        ("UNKNOWN_EXCEPTION:oops:--", WriteStatus.NOT_SENT, False),
    ],
)
def test_a_refused_row_means_what_the_same_refusal_of_a_single_call_means(
    text: str, status: WriteStatus, duplicate: bool
) -> None:
    row = UPSERT.refused({"sf__Id": "", "sf__Error": text, "IntacctID__c": "C-1"})
    assert (row.key, row.status, row.duplicate, row.target_key) == ("C-1", status, duplicate, None)


def test_text_that_reads_like_the_null_mark_goes_by_single_calls() -> None:
    values = {"IntacctID__c": "C-1", "Name": NULL}
    assert UPSERT.row(builders.create("Account", "1", values, "C-1")) is None


def test_dotted_columns_go_by_single_calls() -> None:
    values = {"IntacctID__c": "C-1", "Parent.IntacctID__c": "C-2"}
    assert UPSERT.row(builders.create("Account", "1", values, "C-1")) is None


def test_changes_are_known_by_the_long_id() -> None:
    row = Entry("Account", "update", "Id").row(builders.update("Account", "1", "001000000000001", {"Name": None}))
    assert row is not None
    assert row.cells == {"Name": NULL, "Id": row.key}
    assert len(row.key) == 18


def test_only_changes_of_standard_prices_go_by_a_job() -> None:
    entry = Entry("PricebookEntry", "update", "Id")
    change = {"UnitPrice": Decimal(1)}
    for standard, goes in ((True, True), (False, False), (None, False)):
        current = {} if standard is None else {"Pricebook2.IsStandard": standard}
        request = builders.update("PricebookEntry", "1", "01u000000000001AAA", change, current)
        assert (entry.row(request) is not None) is goes


def test_questions_come_ever_more_seldom_and_end_with_the_budget() -> None:
    time = FakeTime()
    asked: list[float] = []

    def done() -> bool:
        asked.append(time.seconds)
        return False

    assert not until(time.timing(), Patience(first=2, longest=60, budget=300), done)
    assert asked[:5] == [2, 6, 14, 30, 62]
    assert asked[-1] == 300
    assert max(time.waits) == 60
    assert until(time.timing(), Patience(), lambda: True, at_once=True)
    assert time.seconds == 300


@given(TEXTS)
def test_keys_come_back_as_they_were_sent(text: str) -> None:
    """The service echoes what was uploaded; only blanks around a stored value are its own affair."""
    if not text.strip(BLANKS) or text == NULL:
        return
    row = UPSERT.row(builders.create("Account", "1", {"IntacctID__c": text}, text))
    assert row is not None
    assert UPSERT.written({"sf__Id": "001000000000001AAA", "IntacctID__c": row.cells["IntacctID__c"]}).key == text

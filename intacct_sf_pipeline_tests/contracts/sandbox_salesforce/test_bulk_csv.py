"""The CSV of ingest jobs: what cells mean and which files are refused. Source: salesforce.md section 5.2."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.salesforce.bulk.csv_files import FileRefusedError, records, written
from intacct_sf_pipeline.sandbox.salesforce.bulk.jobs import DELIMITERS, LINE_ENDINGS
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .bulk_support import file_of, ingest, results, run
from .support import Api

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), max_size=20)
TABLES = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=6))


@given(TABLES, st.sampled_from(sorted(DELIMITERS)), st.sampled_from(sorted(LINE_ENDINGS)))
def test_what_the_service_writes_it_reads(table: list[list[str]], delimiter: str, ending: str) -> None:
    content = written(table, delimiter, ending)
    found = list(records(content, delimiter, ending))
    assert [record.cells for record in found] == table
    assert not any(record.fault for record in found)


@given(TABLES)
def test_files_of_the_standard_library_are_read(table: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    assert [record.cells for record in records(out.getvalue().encode(), "COMMA", "LF")] == table


def test_an_empty_cell_keeps_and_the_null_mark_clears(api: Api) -> None:
    keys = [api.create("Account", Name=name, Phone="1", Site="s") for name in "AB"]
    job = ingest(api, file_of(["Id", "Phone", "Site"], [keys[0], "", "#N/A"], [keys[1], "#N/A", ""]), "update")
    assert run(api, job)["numberRecordsFailed"] == 0
    found = api.query("SELECT Phone, Site FROM Account ORDER BY Name")
    assert [(one["Phone"], one["Site"]) for one in found] == [("1", None), (None, "s")]


def test_parents_are_named_by_their_external_id(api: Api) -> None:
    account = api.create("Account", Name="A", IntacctID__c="C-1")
    lines = [["Doe", "C-1"], ["Roe", "nobody"], ["Poe", "#N/A"], ["Moe", ""]]
    job = ingest(api, file_of(["LastName", "Account.IntacctID__c"], *lines), sobject="Contact")
    run(api, job)
    found = {one["LastName"]: one["AccountId"] for one in api.query("SELECT LastName, AccountId FROM Contact")}
    assert found == {"Doe": account, "Poe": None, "Moe": None}
    refused = results(api, job, "failedResults")
    assert [row["LastName"] for row in refused] == ["Roe"]
    assert refused[0]["Account.IntacctID__c"] == "nobody"


def test_values_of_each_type(api: Api) -> None:
    header = ["Name", "IsActive", "OnHand__c", "StockAsOf__c"]
    good = [["A", "true", "1.5", "2026-01-05T10:11:12.000Z"], ["B", "0", "-2", "2026-01-05T10:11:12.000+01:00"]]
    bad = [["C", "true", "many", ""], ["D", "perhaps", "", ""], ["E", "true", "", "yesterday"]]
    job = ingest(api, file_of(header, *good, *bad), sobject="Product2")
    run(api, job)
    found = api.query("SELECT Name, IsActive, OnHand__c, StockAsOf__c FROM Product2 ORDER BY Name")
    assert [(o["IsActive"], o["OnHand__c"], o["StockAsOf__c"]) for o in found] == [
        (True, 1.5, "2026-01-05T10:11:12.000+0000"),
        (False, -2.0, "2026-01-05T09:11:12.000+0000"),
    ]
    refused = {row["Name"]: row["sf__Error"] for row in results(api, job, "failedResults")}
    assert {name: error.split(":")[0] for name, error in refused.items()} == dict.fromkeys(
        "CDE", "INVALID_TYPE_ON_FIELD_IN_RECORD"
    )
    assert refused["C"].endswith(":OnHand__c --")


def test_values_are_not_trimmed_before_they_are_stored(api: Api) -> None:
    """The stored text is trimmed as any other; a blank cell is not an empty one."""
    key = api.create("Account", Name="A", Phone="1")
    run(api, ingest(api, file_of(["Id", "Phone"], [key, "  "]), "update"))
    assert api.column("SELECT Phone FROM Account") == [None]


@pytest.mark.parametrize("line", ['"A", "1"', ' "A",1', '"A" ,1', 'A,"1"2'])
def test_blanks_and_text_outside_quotes_fail_the_row(api: Api, line: str) -> None:
    job = ingest(api, f"Name,Phone\n{line}\nok,2\n")
    info = run(api, job)
    assert (info["state"], info["numberRecordsProcessed"], info["numberRecordsFailed"]) == ("JobComplete", 2, 1)
    assert api.column("SELECT Name FROM Account") == ["ok"]


def test_a_row_of_another_length_fails(api: Api) -> None:
    job = ingest(api, "Name,Phone\nA\nB,1,2\n\nok,2\n")
    assert run(api, job)["numberRecordsFailed"] == 2
    assert api.column("SELECT Name FROM Account") == ["ok"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Name\r\nA\r\n", "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF"),
        (b'Name\n"A\n', "ClientInputError : Failed to parse CSV: EOF reached before encapsulated token finished"),
        (b"Name\n\xff\n", "ClientInputError : the data is not in UTF-8"),
        (b"Name,Colour__c\nA,red\n", "InvalidBatch : Field name not found : Colour__c"),
        (b"Name,BillingAddress\nA,x\n", "InvalidBatch : Field name not found : BillingAddress"),
        (b"Name,name\nA,B\n", "InvalidBatch : Duplicate field name in the header row : name"),
        (b"Name|Phone\nA|B\n", "InvalidBatch : Field name not found : Name|Phone"),
        (b"", "ClientInputError : Unable to find any data to create batch"),
        (b"N" * 32_001 + b"\nA\n", "ClientInputError : the header row is longer than 32000 characters"),
    ],
)
def test_files_that_fail_the_job_before_any_row(api: Api, content: bytes, message: str) -> None:
    job = ingest(api, content)
    info = run(api, job)
    assert (info["state"], info["errorMessage"], info["numberRecordsProcessed"]) == ("Failed", message, 0)
    assert results(api, job, "successfulResults") == []
    assert api.query("SELECT Id FROM Account") == []


def test_a_job_that_fails_for_its_header_returns_its_rows(api: Api) -> None:
    job = ingest(api, "Name,Colour__c\nA,red\n")
    run(api, job)
    assert results(api, job, "unprocessedrecords") == [{"Name": "A", "Colour__c": "red"}]


@pytest.mark.parametrize(("operation", "missing"), [("update", "Id"), ("delete", "Id"), ("upsert", "IntacctID__c")])
def test_the_column_that_names_the_record_must_be_there(api: Api, operation: str, missing: str) -> None:
    more = {"externalIdFieldName": "IntacctID__c"} if operation == "upsert" else {}
    info = run(api, ingest(api, "Name\nA\n", operation, **more))
    assert info["errorMessage"] == f"InvalidBatch : Field name not found : {missing}"


def test_other_line_endings_and_delimiters_when_announced(api: Api) -> None:
    content = file_of(["Name", "Phone"], ["A;B", "1"], ["C", "2"], end="\r\n", delimiter=";")
    job = ingest(api, content, lineEnding="CRLF", columnDelimiter="SEMICOLON")
    assert run(api, job)["numberRecordsFailed"] == 0
    reply = api.get(f"jobs/ingest/{job}/successfulResults")
    assert reply.text.startswith('"sf__Id";"sf__Created";')
    assert "\r\n" in reply.text
    assert sorted(api.column("SELECT Name FROM Account")) == ["A;B", "C"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(api: Api) -> None:
    assert run(api, ingest(api, "\ufeffName\nA\n"))["state"] == "JobComplete"


def test_fields_the_user_cannot_write_fail_their_rows(api: Api, org: SalesforceOrg) -> None:
    job = ingest(api, file_of(["Name", "IsDeleted"], ["A", "true"]))
    run(api, job)
    assert results(api, job, "failedResults")[0]["sf__Error"].startswith("INVALID_FIELD_FOR_INSERT_UPDATE:")
    org.integration_user.hidden.add("account.phone")
    info = run(api, ingest(api, file_of(["Name", "Phone"], ["A", "1"])))
    assert info["errorMessage"] == "InvalidBatch : Field name not found : Phone"


def test_one_external_id_twice_in_a_chunk_and_over_chunks(api: Api) -> None:
    """The service saves chunks of 200 rows: within one a key may stand once; a later chunk updates."""
    filler = [[f"F-{i}", f"F{i}"] for i in range(200)]
    lines = [["K", "first"], ["k", "second"], *filler, ["K", "third"]]
    job = ingest(api, file_of(["IntacctID__c", "Name"], *lines), "upsert", externalIdFieldName="IntacctID__c")
    assert run(api, job)["numberRecordsFailed"] == 1
    assert results(api, job, "failedResults")[0]["sf__Error"] == (
        "DUPLICATE_VALUE:Duplicate external id specified: k:IntacctID__c --"
    )
    assert api.column("SELECT Name FROM Account WHERE IntacctID__c = 'K'") == ["third"]


def test_a_quote_that_never_ends_is_no_endless_file() -> None:
    with pytest.raises(FileRefusedError):
        list(records(b'a,b\n"' + b"x\n" * 1000, "COMMA", "LF"))

"""A request set for Bulk API 1.0: formats, states, refusals, chunking, faults and what it costs.

Source: Bulk API Developer Guide; salesforce.md sections 1.7, 2.4, 5 and 10.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from intacct_sf_pipeline.sandbox.fault_middleware import ConnectionTable, FaultMiddleware
from intacct_sf_pipeline.sandbox.faults import FaultPlan, FaultRule
from intacct_sf_pipeline.sandbox.salesforce.app import create_app
from intacct_sf_pipeline.sandbox.salesforce.bulk.options import BulkOptions
from intacct_sf_pipeline.sandbox.salesforce.bulk_v1.reading import read_rows
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api

NAMESPACE = 'xmlns="http://www.force.com/2009/06/asyncapi/dataload"'
MEDIA = {"CSV": "text/csv", "JSON": "application/json", "XML": "application/xml"}


class Bulk:
    """The API as a client in JSON uses it; batches in any format."""

    def __init__(self, api: Api) -> None:
        self.http = api.http
        self.token = api.http.headers["Authorization"].partition(" ")[2]

    def send(self, method: str, path: str, body: object = None, kind: str = "application/json", **headers: str) -> Any:
        content = body if isinstance(body, (bytes, str)) or body is None else json.dumps(body)
        sent = {"X-SFDC-Session": self.token, "Content-Type": kind, "Authorization": "", **headers}
        return self.http.request(method, f"/services/async/59.0/{path}", content=content, headers=sent)

    def open(self, operation: str, sobject: str = "Account", content: str = "JSON", **members: object) -> str:
        body = {"operation": operation, "object": sobject, "contentType": content, **members}
        reply = self.send("POST", "job", body)
        assert (reply.status_code, reply.json()["state"]) == (201, "Open"), reply.text
        return str(reply.json()["id"])

    def add(self, job: str, body: object, content: str = "JSON") -> str:
        reply = self.send("POST", f"job/{job}/batch", body, MEDIA[content])
        assert reply.status_code == 201, reply.text
        if content == "JSON":
            assert reply.json()["state"] == "Queued"
            return str(reply.json()["id"])
        assert "<state>Queued</state>" in reply.text
        return str(reply.text.partition("<id>")[2].partition("</id>")[0])

    def results(self, job: str, batch: str) -> Any:
        return self.send("GET", f"job/{job}/batch/{batch}/result")

    def run(self, operation: str, rows: object, **members: object) -> list[dict[str, Any]]:
        job = self.open(operation, **members)
        found: list[dict[str, Any]] = self.results(job, self.add(job, rows)).json()
        return found


@pytest.fixture
def bulk(api: Api) -> Bulk:
    return Bulk(api)


def failure(reply: Any) -> tuple[int, str]:
    """Status and exception code of a refusal in JSON."""
    assert set(reply.json()) == {"exceptionCode", "exceptionMessage"}
    return reply.status_code, reply.json()["exceptionCode"]


# Formats.


def test_rows_of_all_three_formats_are_saved_alike(api: Api, bulk: Bulk) -> None:
    api.create("Account", Name="Parent", IntacctID__c="P")
    csv_body = 'Name,Phone,Parent.IntacctID__c,NumberOfEmployees\n"CSV ""Ä""\nx",#N/A,P,5\n'
    json_body = [{"Name": "JSON Ä", "Phone": None, "Parent": {"IntacctID__c": "P"}, "NumberOfEmployees": 5}]
    parent = "<Parent><sObject><type>Account</type><IntacctID__c>P</IntacctID__c></sObject></Parent>"
    xml_body = (
        f"<sObjects {NAMESPACE} xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><sObject><Name>XML Ä</Name>"
        f"<Phone xsi:nil='true'/>{parent}<NumberOfEmployees>5</NumberOfEmployees></sObject></sObjects>"
    )
    for content, body in (("CSV", csv_body.encode()), ("JSON", json_body), ("XML", xml_body.encode())):
        job = bulk.open("insert", content=content)
        reply = bulk.results(job, bulk.add(job, body, content))
        assert reply.headers["Content-Type"] == MEDIA[content]
        assert "true" in reply.text
    rows = api.query(
        "SELECT Name, Parent.Name, NumberOfEmployees, Phone FROM Account WHERE ParentId != null ORDER BY Name"
    )
    assert [row["Name"] for row in rows] == ['CSV "Ä"\nx', "JSON Ä", "XML Ä"]
    assert {(row["Parent"]["Name"], row["NumberOfEmployees"], row["Phone"]) for row in rows} == {("Parent", 5, None)}


def test_results_in_xml_name_errors_by_code_and_field(bulk: Bulk) -> None:
    job = bulk.open("insert", content="XML")
    body = f"<sObjects {NAMESPACE}><sObject><Phone>1</Phone></sObject></sObjects>"
    text = bulk.results(job, bulk.add(job, body, "XML")).text
    assert "<errors><fields>Name</fields><message>Required fields are missing: [Name]</message>" in text
    assert "<statusCode>REQUIRED_FIELD_MISSING</statusCode></errors><success>false</success>" in text


def test_infos_of_jobs_in_xml(bulk: Bulk) -> None:
    members = "<operation>insert</operation><object>account</object><contentType>CSV</contentType>"
    body = f"<jobInfo {NAMESPACE}>{members}</jobInfo>"
    reply = bulk.send("POST", "job", body, "application/xml; charset=UTF-8")
    assert (reply.status_code, reply.headers["Content-Type"]) == (201, "application/xml")
    assert f"<jobInfo {NAMESPACE}><id>750" in reply.text
    assert "<object>Account</object>" in reply.text
    assert "<createdDate>2026-01-05T10:00:00.000Z</createdDate>" in reply.text
    assert "<apiVersion>59.0</apiVersion>" in reply.text


def test_query_results_of_all_three_formats(api: Api, bulk: Bulk) -> None:
    api.create("Account", Name='A "quoted"\nname', NumberOfEmployees=3)
    shown = {}
    for content in MEDIA:
        job = bulk.open("query", content=content)
        statement = "SELECT Id, Name, IsDeleted, CreatedDate, Phone, Owner.Username, NumberOfEmployees FROM Account"
        batch = bulk.add(job, statement, content)
        listed = bulk.results(job, batch)
        result = (
            listed.json()[0] if content == "JSON" else listed.text.partition("<result>")[2].partition("</result>")[0]
        )
        shown[content] = bulk.send("GET", f"job/{job}/batch/{batch}/result/{result}")
    header, *_ = shown["CSV"].text.split("\n")
    assert header == '"Id","Name","IsDeleted","CreatedDate","Phone","Owner.Username","NumberOfEmployees"'
    assert (
        '"A ""quoted""\nname","false","2026-01-05T10:00:00.000Z","","integration@sandbox.example","3"'
        in shown["CSV"].text
    )
    [row] = shown["JSON"].json()
    assert (row["CreatedDate"], row["Phone"], row["IsDeleted"]) == (1767607200000, None, False)
    assert row["Owner"]["Username"] == "integration@sandbox.example"
    assert "<records><type>Account</type><Id>001" in shown["XML"].text
    assert '<Phone xsi:nil="true"/>' in shown["XML"].text


def test_a_query_without_rows(bulk: Bulk) -> None:
    for content, empty in (("CSV", "Records not found for this query"), ("JSON", "[]")):
        job = bulk.open("query", content=content)
        batch = bulk.add(job, "SELECT Id FROM Account", content)
        listed = bulk.results(job, batch)
        result = (
            listed.json()[0] if content == "JSON" else listed.text.partition("<result>")[2].partition("</result>")[0]
        )
        assert bulk.send("GET", f"job/{job}/batch/{batch}/result/{result}").text == empty


def test_deleted_rows_come_by_query_all_only(api: Api, bulk: Bulk) -> None:
    api.delete(f"sobjects/Account/{api.create('Account', Name='Gone')}")
    counts = []
    for operation in ("query", "queryAll"):
        job = bulk.open(operation)
        batch = bulk.add(job, "SELECT Id FROM Account")
        counts.append(bulk.send("GET", f"job/{job}/batch/{batch}").json()["numberRecordsProcessed"])
    assert counts == [0, 1]


# Rows.


def test_results_stand_in_the_order_of_the_rows(api: Api, bulk: Bulk) -> None:
    rows = [{"Name": f"N{n}"} if n % 3 else {"Phone": "1"} for n in range(450)]
    done = bulk.run("insert", rows)
    assert [one["success"] for one in done] == [bool(n % 3) for n in range(450)]
    assert api.column(f"SELECT Name FROM Account WHERE Id = '{done[449]['id']}'") == ["N449"]


def test_an_empty_cell_leaves_and_na_clears(api: Api, bulk: Bulk) -> None:
    record_id = api.create("Account", Name="Keeps", Phone="1", Site="S", ParentId=api.create("Account", Name="P"))
    job = bulk.open("update", content="CSV")
    batch = bulk.add(job, f"Id,Name,Phone,Site,Parent.IntacctID__c\n{record_id},,#N/A,,#N/A\n", "CSV")
    assert '"true","false",""' in bulk.results(job, batch).text
    [row] = api.query(f"SELECT Name, Phone, Site, ParentId FROM Account WHERE Id = '{record_id}'")
    assert (row["Name"], row["Phone"], row["Site"], row["ParentId"]) == ("Keeps", None, "S", None)


OUTCOMES: list[tuple[str, dict[str, Any], list[dict[str, Any]], list[str | None]]] = [
    (
        "upsert",
        {"externalIdFieldName": "IntacctID__c"},
        [{"IntacctID__c": "K", "Name": "A"}, {"Name": "B"}],
        [None, "MISSING_ARGUMENT"],
    ),
    (
        "upsert",
        {"externalIdFieldName": "intacctid__c"},
        [{"IntacctID__c": "K", "Name": "A"}, {"IntacctID__c": "k"}],
        [None, "DUPLICATE_VALUE"],
    ),
    ("upsert", {"externalIdFieldName": "Id"}, [{"Name": "No id: a new row"}], [None]),
    ("insert", {}, [{"Id": "001Ws0000000001", "Name": "A"}], ["INVALID_FIELD_FOR_INSERT_UPDATE"]),
    ("insert", {}, [{"Name": "A", "CreatedDate": "2020-01-01T00:00:00Z"}], ["INVALID_FIELD_FOR_INSERT_UPDATE"]),
    ("insert", {}, [{"Name": "A", "NumberOfEmployees": "many"}], ["INVALID_TYPE_ON_FIELD_IN_RECORD"]),
    ("insert", {}, [{"Name": "A", "Parent": {"IntacctID__c": "nobody"}}], ["INVALID_FIELD"]),
    ("insert", {"object": "Contact"}, [{"LastName": "A", "Email": "x"}], ["INVALID_EMAIL_ADDRESS"]),
    ("update", {}, [{"Name": "A"}], ["MISSING_ARGUMENT"]),
    ("update", {}, [{"Id": "x", "Name": "A"}], ["MALFORMED_ID"]),
    ("update", {}, [{"Id": "001Ws0000000ZZZ", "Name": "A"}], ["NOT_FOUND"]),
    ("delete", {}, [{"Id": "001Ws0000000ZZZ"}], ["INVALID_CROSS_REFERENCE_KEY"]),
    ("delete", {}, [{"Id": "003Ws0000000001"}], ["INVALID_CROSS_REFERENCE_KEY"]),
]


@pytest.mark.parametrize(("operation", "members", "rows", "codes"), OUTCOMES)
def test_outcomes_of_rows(
    bulk: Bulk, operation: str, members: dict[str, Any], rows: list[dict[str, Any]], codes: list[str | None]
) -> None:
    sobject = members.pop("object", "Account") if "object" in members else "Account"
    job = bulk.open(operation, sobject, **members)
    done = bulk.results(job, bulk.add(job, rows)).json()
    assert [one["errors"][0]["statusCode"] if one["errors"] else None for one in done] == codes
    assert [one["success"] for one in done] == [code is None for code in codes]


def test_upserts_and_deletes(api: Api, bulk: Bulk) -> None:
    rows = [{"IntacctID__c": "K", "Name": "A"}]
    assert [
        one["created"] for _ in range(2) for one in bulk.run("upsert", rows, externalIdFieldName="IntacctID__c")
    ] == [
        True,
        False,
    ]
    [record_id] = api.column("SELECT Id FROM Account")
    assert [one["success"] for one in bulk.run("delete", [{"Id": record_id[:15]}, {"Id": record_id}])] == [True, False]
    assert api.query("SELECT Id FROM Account") == []


# Jobs and batches.


BAD_JOBS: list[tuple[dict[str, object], str]] = [
    ({}, "InvalidJob"),
    ({"operation": "merge", "object": "Account"}, "InvalidJob"),
    ({"operation": "insert", "object": "Nothing"}, "InvalidJob"),
    ({"operation": "insert", "object": "Account", "contentType": "YAML"}, "InvalidJob"),
    ({"operation": "upsert", "object": "Account", "contentType": "CSV"}, "InvalidJob"),
    ({"operation": "upsert", "object": "Account", "contentType": "CSV", "externalIdFieldName": "Name"}, "InvalidJob"),
    ({"operation": "hardDelete", "object": "Account", "contentType": "CSV"}, "FeatureNotEnabled"),
    ({"operation": "query", "object": "Organization", "contentType": "CSV"}, "InvalidEntity"),
]


@pytest.mark.parametrize(("body", "code"), BAD_JOBS)
def test_jobs_that_are_none(bulk: Bulk, body: dict[str, object], code: str) -> None:
    assert failure(bulk.send("POST", "job", body)) == (400, code)


BAD_BATCHES: list[tuple[str, str, object, str]] = [
    ("insert", "CSV", "", "InvalidBatch : Failed to parse CSV header"),
    ("insert", "CSV", "Name,name\nA,B\n", "InvalidBatch : Failed to parse CSV header"),
    ("insert", "CSV", "Name,Phone\nA\n", "InvalidBatch : Failed to parse CSV"),
    ("insert", "CSV", 'Name\n"A\n', "InvalidBatch : Failed to parse CSV"),
    ("insert", "CSV", b"Name\n\xff\n", "InvalidBatch : Failed to parse CSV"),
    ("insert", "CSV", "Name,Nonsense__c\nA,1\n", "InvalidBatch : Field name not found : Nonsense__c"),
    ("insert", "CSV", "Name\n" + "A\n" * 10_001, "InvalidBatch : Too many records"),
    ("insert", "JSON", "{", "InvalidBatch : Failed to parse JSON"),
    ("insert", "JSON", {"Name": "A"}, "InvalidBatch : Failed to parse JSON"),
    ("insert", "JSON", [{"Name": "A", "Nonsense": 1}], "InvalidBatch : Field name not found : Nonsense"),
    ("insert", "XML", "<Accounts/>", "InvalidBatch : Failed to parse XML"),
    ("insert", "XML", "<!DOCTYPE x><sObjects/>", "InvalidBatch : Failed to parse XML"),
    ("query", "CSV", "SELECT", "InvalidBatch : Failed to process query: MALFORMED_QUERY"),
    ("query", "CSV", "SELECT Nonsense FROM Account", "InvalidBatch : Failed to process query: INVALID_FIELD"),
    ("query", "CSV", "SELECT Id FROM Contact", "InvalidBatch : The object in the query"),
    ("query", "CSV", "SELECT BillingAddress FROM Account", "Selecting compound data not supported in Bulk Query"),
    ("query", "CSV", "SELECT Id, (SELECT Id FROM Contacts) FROM Account", "Aggregate Relationships not supported"),
    ("query", "CSV", "SELECT COUNT(Id) FROM Account", "FUNCTIONALITY_NOT_ENABLED"),
    ("query", "CSV", "SELECT Name FROM Account GROUP BY Name", "FUNCTIONALITY_NOT_ENABLED"),
    ("query", "CSV", "SELECT Id FROM Account OFFSET 5", "OFFSET clause is not supported"),
]


@pytest.mark.parametrize(("operation", "content", "body", "message"), BAD_BATCHES)
def test_batches_that_fail_as_a_whole(
    api: Api, bulk: Bulk, operation: str, content: str, body: object, message: str
) -> None:
    job = bulk.open(operation, content=content)
    batch = bulk.add(job, body, content)
    info = bulk.send("GET", f"job/{job}/batch/{batch}").text
    assert "Failed" in info
    assert message in info
    assert bulk.results(job, batch).status_code == 400
    assert bulk.send("GET", f"job/{job}").json()["numberBatchesFailed"] == 1
    assert api.query("SELECT Id FROM Account") == []


def test_states_of_a_job(bulk: Bulk) -> None:
    job = bulk.open("insert", concurrencyMode=1)
    info = bulk.send("GET", f"job/{job}").json()
    assert (info["state"], info["concurrencyMode"], info["apiVersion"]) == ("Open", "Serial", 59.0)
    bulk.add(job, [{"Name": "A"}, {}])
    assert bulk.send("POST", f"job/{job}", {"state": "Closed"}).json()["state"] == "Closed"
    info = bulk.send("GET", f"job/{job}").json()
    assert (info["numberBatchesTotal"], info["numberBatchesCompleted"], info["numberRecordsProcessed"]) == (1, 1, 2)
    assert info["numberRecordsFailed"] == 1
    late = bulk.send("POST", f"job/{job}/batch", [{"Name": "B"}])
    assert failure(late) == (400, "InvalidJobState")
    assert failure(bulk.send("POST", f"job/{job}", {"state": "Closed"})) == (400, "InvalidJobState")
    assert failure(bulk.send("POST", f"job/{job}", {"state": "Open"})) == (400, "InvalidJobState")


PATHS: list[tuple[str, str, str]] = [
    ("GET", "job/750Ws0000000ZZZ", "InvalidJob"),
    ("GET", "job/nonsense", "InvalidJob"),
    ("GET", "job/{job}/batch/nonsense", "InvalidBatch"),
    ("GET", "job/{job}/batch/nonsense/result", "InvalidBatch"),
    ("GET", "job/{job}/nonsense", "InvalidUrl"),
    ("GET", "nonsense", "InvalidUrl"),
    ("GET", "job", "InvalidUrl"),
    ("DELETE", "job/{job}", "InvalidUrl"),
]


@pytest.mark.parametrize(("method", "path", "code"), PATHS)
def test_paths_that_lead_nowhere(bulk: Bulk, method: str, path: str, code: str) -> None:
    assert failure(bulk.send(method, path.replace("{job}", bulk.open("insert")))) == (400, code)


def test_sessions_are_asked_for(bulk: Bulk) -> None:
    for session in ("", "nonsense"):
        reply = bulk.send("POST", "job", {}, **{"X-SFDC-Session": session})
        assert failure(reply) == (400, "InvalidSessionId")
    xml = bulk.send("POST", "job", "<jobInfo/>", "application/xml", **{"X-SFDC-Session": "nonsense"})
    assert "<exceptionCode>InvalidSessionId</exceptionCode>" in xml.text


def test_a_batch_has_the_media_type_of_its_job(bulk: Bulk) -> None:
    job = bulk.open("insert", content="CSV")
    assert failure(bulk.send("POST", f"job/{job}/batch", [{"Name": "A"}])) == (400, "ClientInputError")


def test_the_request_of_a_batch_can_be_read_back(bulk: Bulk) -> None:
    job = bulk.open("insert", content="CSV")
    batch = bulk.add(job, "Name\nÄ\n", "CSV")
    reply = bulk.send("GET", f"job/{job}/batch/{batch}/request")
    assert (reply.content.decode(), reply.headers["Content-Type"]) == ("Name\nÄ\n", "text/csv")


@pytest.mark.parametrize(
    ("header", "parts"),
    [("TRUE; chunkSize=4", 3), ("chunkSize=10;", 1), ("true", 1), ("FALSE", 0), ("TRUE;chunkSize=5", 2)],
)
def test_pk_chunking_splits_a_query_into_batches(api: Api, bulk: Bulk, header: str, parts: int) -> None:
    ids = {api.create("Account", Name=f"A{n}") for n in range(10)}
    body = {"operation": "query", "object": "Account", "contentType": "JSON"}
    job = bulk.send("POST", "job", body, **{"Sforce-Enable-PKChunking": header}).json()["id"]
    first = bulk.add(job, "SELECT Id FROM Account")
    batches = bulk.send("GET", f"job/{job}/batch").json()["batchInfo"]
    states = {batch["id"]: batch["state"] for batch in batches}
    assert states.pop(first) == ("NotProcessed" if parts else "Completed")
    assert list(states.values()) == ["Completed"] * parts
    found: list[str] = []
    for batch in states or [first]:
        for result in bulk.results(job, batch).json():
            found += [row["Id"] for row in bulk.send("GET", f"job/{job}/batch/{batch}/result/{result}").json()]
    assert sorted(found) == sorted(ids)


def test_every_request_is_billed_and_batches_are_counted(api: Api, bulk: Bulk, org: SalesforceOrg) -> None:
    before, batches = org.api_calls, api.get("limits").json()["DailyBulkApiBatches"]["Remaining"]
    before += 1
    job = bulk.open("insert")
    bulk.results(job, bulk.add(job, [{"Name": "A"}]))
    assert org.api_calls - before == 3
    assert api.get("limits").json()["DailyBulkApiBatches"]["Remaining"] == batches - 1


def test_a_used_up_quota_is_said_in_this_apis_words(api: Api, bulk: Bulk, org: SalesforceOrg) -> None:
    org.meter.quota = org.meter.used
    assert failure(bulk.send("POST", "job", {})) == (403, "ExceededQuota")


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1)


@given(st.lists(CELLS.filter(lambda text: text != "#N/A"), min_size=1))
def test_cells_of_csv_survive_whatever_they_hold(cells: list[str]) -> None:
    body = "Name\n" + "".join('"' + cell.replace('"', '""') + '"\n' for cell in cells)
    assert [row["Name"] for row in read_rows("CSV", body.encode())] == cells


# Paces, permissions and faults.


def test_a_batch_may_take_its_time(bulk: Bulk, org: SalesforceOrg) -> None:
    org.bulk.configure(BulkOptions(batch_polls=3))
    job = bulk.open("insert")
    batch = bulk.add(job, [{"Name": "A"}])
    assert failure(bulk.results(job, batch)) == (400, "InvalidBatch")
    states = [bulk.send("GET", f"job/{job}/batch/{batch}").json()["state"] for _ in range(4)]
    assert states == ["InProgress", "InProgress", "Completed", "Completed"]


def test_aborting_a_job_leaves_its_waiting_batches_unprocessed(api: Api, bulk: Bulk, org: SalesforceOrg) -> None:
    org.bulk.configure(BulkOptions(batch_polls=3))
    job = bulk.open("insert")
    batch = bulk.add(job, [{"Name": "A"}])
    assert bulk.send("POST", f"job/{job}", {"state": "Aborted"}).json()["state"] == "Aborted"
    assert bulk.send("GET", f"job/{job}/batch/{batch}").json()["state"] == "NotProcessed"
    assert api.query("SELECT Id FROM Account") == []


def test_hard_deletes_need_a_permission_and_leave_nothing_in_the_bin(api: Api, bulk: Bulk, org: SalesforceOrg) -> None:
    record_id = api.create("Account", Name="A")
    org.bulk.configure(BulkOptions(hard_delete=True))
    assert [one["success"] for one in bulk.run("hardDelete", [{"Id": record_id}])] == [True]
    assert api.get("queryAll", params={"q": "SELECT Id FROM Account"}).json()["totalSize"] == 0


def test_a_day_has_so_many_batches(bulk: Bulk, org: SalesforceOrg) -> None:
    org.bulk.configure(BulkOptions(batches=1))
    job = bulk.open("insert")
    bulk.add(job, [{"Name": "A"}])
    assert failure(bulk.send("POST", f"job/{job}/batch", [{"Name": "B"}])) == (400, "ExceededQuota")


def test_rows_are_locked_when_a_fault_says_so(api: Api, bulk: Bulk, org: SalesforceOrg) -> None:
    plan = FaultPlan()
    plan.add(FaultRule(service="salesforce", fault="partial", records=(1,), path="/services/async/.*/batch"))
    app = create_app(org, lambda: "http://testserver")
    faulty = FaultMiddleware(
        app, service="salesforce", plan=plan, connections=ConnectionTable(), expire_tokens=org.expire_tokens
    )
    bulk.http = TestClient(faulty)
    job = bulk.open("insert", content="CSV")
    text = bulk.results(job, bulk.add(job, "Name\nA\nB\nC\n", "CSV")).text
    assert '"","false","false","UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--"' in text
    assert api.column("SELECT Name FROM Account ORDER BY Name") == ["A", "C"]

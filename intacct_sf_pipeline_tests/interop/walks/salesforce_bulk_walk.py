"""Uses salesforce-bulk (Bulk API 1.0) as its documentation shows and prints what it saw as one JSON document.

The sandbox's ready document comes on standard input. The client takes an address with its scheme, so it speaks plain
http to loopback; only its login helper insists on https and goes through the gateway.
"""

import csv
import io
import json
import sys

from salesforce_bulk import CsvDictsAdapter, SalesforceBulk
from salesforce_bulk.salesforce_bulk import BulkApiError
from salesforce_bulk.util import IteratorBytesIO

ORG = json.load(sys.stdin)["salesforce"]
SEEN = {}


def step(body):
    """Run a step and remember what it gives, or what it raises."""
    try:
        SEEN[body.__name__] = body()
    except (BulkApiError, OSError, LookupError, RuntimeError, TypeError, ValueError) as error:
        SEEN[body.__name__] = {"thrown": type(error).__name__, "message": str(error)}
    return body


BULK = SalesforceBulk(sessionId=ORG["access_token"], host=ORG["instance_url"], API_version="59.0")


def finished(job, batch):
    """Wait for a batch as the client does."""
    BULK.wait_for_batch(job, batch, timeout=10, sleep_interval=0.05)
    return batch


def ids(*keys):
    """Ids of the accounts with these keys."""
    return [row[0] for row in lines("Id", "Account", f"IntacctID__c IN ({','.join(repr(key) for key in keys)})")]


def count(sobject):
    """How many rows an object has."""
    return len(lines("Id", sobject, "Id != null"))


def lines(fields, sobject, where):
    """Rows of a bulk query."""
    job = BULK.create_query_job(sobject, contentType="CSV")
    batch = finished(job, BULK.query(job, f"SELECT {fields} FROM {sobject} WHERE {where}"))
    [result] = BULK.get_all_results_for_query_batch(batch, job)
    return list(csv.reader(io.StringIO(result.read().decode())))[1:]


@step
def login():
    own = SalesforceBulk(
        username=ORG["username"], password=ORG["password"], security_token=ORG["security_token"], API_version="59.0"
    )
    return len(own.create_query_job("Account"))


@step
def insert_csv():
    job = BULK.create_insert_job("Account", contentType="CSV", concurrency="Parallel")
    rows = [{"Name": "Heroku Ä", "IntacctID__c": "HB-1"}, {"Name": "", "IntacctID__c": "HB-2"}]
    batch = BULK.post_batch(job, CsvDictsAdapter(iter(rows)))
    BULK.close_job(job)
    finished(job, batch)
    return [[one.success, one.created, one.error] for one in BULK.get_batch_results(batch, job)]


@step
def upsert_csv():
    job = BULK.create_upsert_job("Account", "IntacctID__c", contentType="CSV")
    rows = [{"Name": "Heroku Ö", "IntacctID__c": "HB-1"}, {"Name": "Heroku Two", "IntacctID__c": "HB-3"}]
    batch = BULK.post_batch(job, CsvDictsAdapter(iter(rows)))
    BULK.close_job(job)
    finished(job, batch)
    return [[one.success, one.created] for one in BULK.get_batch_results(batch, job)]


@step
def query_csv():
    job = BULK.create_query_job("Account", contentType="CSV")
    batch = BULK.query(job, "SELECT Id, Name, CreatedDate FROM Account WHERE IntacctID__c LIKE 'HB-%' ORDER BY Name")
    BULK.close_job(job)
    finished(job, batch)
    rows = []
    for result in BULK.get_all_results_for_query_batch(batch, job):
        rows.extend(csv.DictReader(io.StringIO(result.read().decode("utf-8"))))
    return [[row["Name"], row["CreatedDate"][-1]] for row in rows]


@step
def query_json():
    job = BULK.create_query_job("Account", contentType="JSON")
    batch = BULK.query(job, "SELECT Id, Name, CreatedDate FROM Account WHERE IntacctID__c LIKE 'HB-%' ORDER BY Name")
    BULK.close_job(job)
    finished(job, batch)
    rows = []
    for result in BULK.get_all_results_for_query_batch(batch, job):
        rows.extend(json.load(IteratorBytesIO(result)))
    return [[row["Name"], type(row["CreatedDate"]).__name__, row["attributes"]["type"]] for row in rows]


@step
def query_xml():
    job = BULK.create_query_job("Account", contentType="XML")
    batch = BULK.query(job, "SELECT Id, Name, Phone FROM Account WHERE IntacctID__c = 'HB-1'", contentType="XML")
    BULK.close_job(job)
    finished(job, batch)
    [result] = BULK.get_query_batch_result_ids(batch, job)
    text = BULK.get_query_batch_results(batch, result, job).read().decode()
    return ["<Name>Heroku Ö</Name>" in text, "<queryResult" in text, 'xsi:nil="true"' in text]


@step
def update_json():
    [record_id] = ids("HB-1")
    job = BULK.create_update_job("Account", contentType="JSON")
    batch = BULK.post_batch(job, json.dumps([{"Id": record_id, "NumberOfEmployees": 5}, {"Id": "nonsense"}]))
    BULK.close_job(job)
    finished(job, batch)
    return [[one.success, [e["statusCode"] for e in one.error]] for one in BULK.get_batch_results(batch, job)]


@step
def pk_chunking():
    job = BULK.create_query_job("Account", contentType="CSV", pk_chunking=20)
    batch = BULK.query(job, "SELECT Id FROM Account")
    BULK.close_job(job)
    batches = BULK.get_batch_list(job)
    done = [one["id"] for one in batches if one["state"] == "Completed"]
    lines = 0
    for one in done:
        for result in BULK.get_all_results_for_query_batch(one, job):
            lines += len(result.read().decode().splitlines()) - 1
    return [next(one["state"] for one in batches if one["id"] == batch), len(done) > 1, lines == count("Account")]


@step
def request():
    job = BULK.create_query_job("Account", contentType="CSV")
    batch = BULK.query(job, "SELECT Id FROM Account LIMIT 1")
    return [BULK.get_query_batch_request(batch, job), BULK.job_status(job)["numberBatchesTotal"], BULK.job_state(job)]


@step
def abort():
    job = BULK.create_insert_job("Account", contentType="CSV")
    BULK.abort_job(job)
    return BULK.job_state(job)


@step
def empty_query():
    job = BULK.create_query_job("Account", contentType="CSV")
    batch = BULK.query(job, "SELECT Id FROM Account WHERE Name = 'nobody at all'")
    finished(job, batch)
    return [result.read().decode() for result in BULK.get_all_results_for_query_batch(batch, job)]


@step
def failed_batch():
    job = BULK.create_query_job("Account", contentType="CSV")
    finished(job, BULK.query(job, "SELECT BillingAddress FROM Account"))


@step
def closed_job():
    job = BULK.create_insert_job("Account", contentType="CSV")
    BULK.close_job(job)
    BULK.post_batch(job, CsvDictsAdapter(iter([{"Name": "Late"}])))


@step
def hard_delete():
    BULK.create_job("Account", "hardDelete", contentType="CSV")


@step
def bad_session():
    SalesforceBulk(sessionId="nonsense", host=ORG["instance_url"]).create_query_job("Account")


@step
def delete_csv():
    job = BULK.create_delete_job("Account", contentType="CSV")
    batch = BULK.post_batch(job, CsvDictsAdapter(iter([{"Id": one} for one in ids("HB-1", "HB-3")])))
    BULK.close_job(job)
    finished(job, batch)
    return [one.success for one in BULK.get_batch_results(batch, job)]


json.dump(SEEN, sys.stdout)

"""Uses simple-salesforce as its documentation shows and prints what it saw, step by step, as one JSON document.

The sandbox's ready document comes on standard input. The client speaks only https: HTTPS_PROXY and REQUESTS_CA_BUNDLE,
which `requests` documents, lead it to the sandbox.
"""

import base64
import io
import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simple_salesforce import Salesforce, SalesforceLogin, format_soql
from simple_salesforce.exceptions import SalesforceError
from simple_salesforce.format import format_external_id

ORG = json.load(sys.stdin)["salesforce"]
HOST = ORG["instance_url"].partition("//")[2]
VERSION = "59.0"
SEEN = {}


def step(body):
    """Run a step and remember what it gives, or what it raises."""
    try:
        SEEN[body.__name__] = body()
    except SalesforceError as error:
        SEEN[body.__name__] = {"thrown": type(error).__name__, "status": error.status, "content": error.content}
    except (OSError, LookupError, TypeError, ValueError) as error:
        SEEN[body.__name__] = {"thrown": type(error).__name__, "message": str(error)}
    return body


SF = Salesforce(instance=HOST, session_id=ORG["access_token"], version=VERSION)
NOW = datetime.now(UTC)


# Logins.


@step
def login_password():
    own = Salesforce(username=ORG["username"], password=ORG["password"], security_token=ORG["security_token"])
    return [own.auth_type, own.query("SELECT Id FROM User LIMIT 1")["totalSize"]]


@step
def login_client_credentials():
    own = Salesforce(
        consumer_key=ORG["client_id"], consumer_secret=ORG["client_secret"], domain="acme.my", version=VERSION
    )
    return [own.auth_type, own.limits()["DailyApiRequests"]["Max"]]


@step
def login_oauth_password():
    own = Salesforce(
        username=ORG["username"],
        password=ORG["password"] + ORG["security_token"],
        consumer_key=ORG["client_id"],
        consumer_secret=ORG["client_secret"],
    )
    return own.sf_instance


@step
def login_refused():
    SalesforceLogin(username=ORG["username"], password="wrong", security_token="x")


@step
def session_invalid():
    Salesforce(instance=HOST, session_id="nonsense", version=VERSION).query("SELECT Id FROM User")


# What there is.


@step
def describe_global():
    return [one["name"] for one in SF.describe()["sobjects"] if one["queryable"]]


@step
def describe():
    return [field["name"] for field in SF.Account.describe()["fields"] if field["externalId"]]


@step
def metadata():
    return SF.Account.metadata()["objectDescribe"]["keyPrefix"]


@step
def describe_layout():
    return sorted(SF.Account.describe_layout("012000000000000AAA"))[:2]


@step
def limits():
    return sorted(name for name in SF.limits() if name.startswith("Daily"))


@step
def is_sandbox():
    return SF.is_sandbox()


@step
def api_usage():
    SF.query("SELECT Id FROM User LIMIT 1")
    return SF.api_usage["api-usage"].total


@step
def userinfo():
    return SF.oauth2("userinfo")["preferred_username"]


# Rows.


@step
def create():
    SEEN["account"] = SF.Account.create({"Name": "Simple Trading", "IntacctID__c": "SS/1", "Phone": "+1 415 555 0102"})
    return SEEN["account"]["success"]


ACCOUNT = SEEN["account"]["id"]


@step
def get():
    row = SF.Account.get(ACCOUNT)
    return [row["Name"], row["attributes"]["type"], row["BillingAddress"]]


@step
def get_by_custom_id():
    return SF.Account.get_by_custom_id("IntacctID__c", "SS/1")["Id"] == ACCOUNT


@step
def upsert_encoded():
    return SF.Account.upsert(format_external_id("IntacctID__c", "SS/1"), {"Name": "Simple Trading Ltd"})


@step
def upsert_new():
    return SF.Account.upsert("IntacctID__c/SS-2", {"Name": "Second"}, raw_response=True).json()["created"]


@step
def update():
    return SF.Account.update(ACCOUNT, {"Phone": None, "AnnualRevenue": 1250.5})


@step
def updated_row():
    row = SF.Account.get(ACCOUNT)
    return [row["Phone"], row["AnnualRevenue"], row["Name"]]


@step
def create_refused():
    SF.Contact.create({"FirstName": "Ada"})


@step
def get_missing():
    SF.Account.get("001Ws0000000ZZZ")


@step
def unknown_object():
    SF.Nothing.create({"Name": "A"})


@step
def created_contact():
    return SF.Contact.create({"LastName": "Lovelace", "Account": {"IntacctID__c": "SS/1"}})["success"]


@step
def updated_feed():
    return ACCOUNT in SF.Account.updated(NOW - timedelta(hours=1), NOW + timedelta(minutes=5))["ids"]


@step
def restful_collections():
    records = [
        {"attributes": {"type": "Account"}, "IntacctID__c": "SS-3", "Name": "Third"},
        {"attributes": {"type": "Account"}, "IntacctID__c": "SS-4", "Name": ""},
    ]
    items = SF.restful(
        "composite/sobjects/Account/IntacctID__c", method="PATCH", json={"allOrNone": False, "records": records}
    )
    return [[item["success"], [error["statusCode"] for error in item["errors"]]] for item in items]


@step
def restful_versions():
    return SF.restful("")["query"]


@step
def notes_base64():
    content = base64.b64encode(b"<p>Pays late</p>").decode()
    made = SF.ContentNote.create({"Title": "Terms", "Content": content})
    return SF.ContentNote.get_base64(made["id"], base64_field="Content").decode()


# Queries.


@step
def query():
    answer = SF.query(format_soql("SELECT Id, Name FROM Account WHERE IntacctID__c = {}", "SS/1"))
    return [answer["totalSize"], answer["done"], answer["records"][0]["Name"]]


@step
def query_pages():
    SF.restful(
        "composite/sobjects",
        method="POST",
        json={
            "allOrNone": True,
            "records": [{"attributes": {"type": "Product2"}, "Name": f"Simple {n}"} for n in range(190)],
        },
    )
    small = {"Sforce-Query-Options": "batchSize=200"}
    first = SF.query("SELECT Id FROM Product2", headers=small)
    rest = SF.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    again = SF.query_more(first["nextRecordsUrl"].rpartition("/")[2])
    return [len(first["records"]), len(rest["records"]) == len(again["records"]), rest["done"]]


@step
def query_all_iter():
    ids = [row["Id"] for row in SF.query_all_iter("SELECT Id FROM Product2")]
    return len(ids) == len(set(ids)) == SF.query("SELECT COUNT() FROM Product2")["totalSize"]


@step
def query_all():
    return SF.query_all("SELECT Id FROM Product2")["done"]


@step
def query_escapes():
    SF.Account.create({"Name": 'O\'Neil \\ Söhne "GmbH" 100%_'})
    exact = format_soql("SELECT COUNT() FROM Account WHERE Name = {}", 'O\'Neil \\ Söhne "GmbH" 100%_')
    like = format_soql("SELECT COUNT() FROM Account WHERE Name LIKE '%{:like}'", "100%_")
    many = format_soql("SELECT COUNT() FROM Account WHERE Name IN {}", ['O\'Neil \\ Söhne "GmbH" 100%_', "x"])
    since = format_soql("SELECT COUNT() FROM Account WHERE CreatedDate >= {}", NOW - timedelta(minutes=5))
    return [SF.query(one)["totalSize"] for one in (exact, like, many)] + [SF.query(since)["totalSize"] > 0]


@step
def query_malformed():
    SF.query("SELEC Id FROM Account")


@step
def query_empty_list():
    SF.query(format_soql("SELECT Id FROM Account WHERE Id IN {}", []))


@step
def search():
    return [row["LastName"] for row in SF.search("FIND {Lovelace} RETURNING Contact(Id, LastName)")["searchRecords"]]


@step
def quick_search():
    return sorted(row["attributes"]["type"] for row in SF.quick_search("Lovelace")["searchRecords"])


@step
def search_malformed():
    SF.search("FIND Lovelace")


@step
def tooling():
    return SF.toolingexecute("query/?q=SELECT+Id+FROM+ApexClass")["totalSize"]


@step
def apex():
    SF.apexecute("nothing/here")


# Deletes.


@step
def delete():
    return SF.Account.delete(ACCOUNT)


@step
def delete_again():
    SF.Account.delete(ACCOUNT)


@step
def deleted_feed():
    answer = SF.Account.deleted(NOW - timedelta(hours=1), NOW + timedelta(minutes=5))
    return ACCOUNT in [one["id"] for one in answer["deletedRecords"]]


@step
def query_deleted():
    return SF.query(f"SELECT IsDeleted FROM Account WHERE Id = '{ACCOUNT}'", include_deleted=True)["records"][0][
        "IsDeleted"
    ]


# Bulk API 1.0.


@step
def bulk_insert():
    rows = [
        {"Name": "Bulk A", "IntacctID__c": "SSB-1", "NumberOfEmployees": 3},
        {"Name": "y" * 300},
        {"Name": "Bulk B"},
    ]
    return [
        [one["success"], one["created"], [error["statusCode"] for error in one["errors"]]]
        for one in SF.bulk.Account.insert(rows, batch_size=10000, use_serial=True)
    ]


@step
def bulk_upsert():
    rows = [{"Name": "Bulk A2", "IntacctID__c": "SSB-1"}, {"Name": "Bulk C", "IntacctID__c": "SSB-2"}]
    return [[one["success"], one["created"]] for one in SF.bulk.Account.upsert(rows, "IntacctID__c", batch_size=1)]


@step
def bulk_query():
    rows = SF.bulk.Account.query(
        "SELECT Id, Name, IsDeleted, CreatedDate, NumberOfEmployees, Owner.Name FROM Account "
        "WHERE IntacctID__c LIKE 'SSB-%' ORDER BY Name"
    )
    return [
        [
            row["Name"],
            row["IsDeleted"],
            type(row["CreatedDate"]).__name__,
            row["NumberOfEmployees"],
            sorted(row["Owner"]),
        ]
        for row in rows
    ]


@step
def bulk_query_lazy():
    return [len(part) for part in SF.bulk.Account.query("SELECT Id FROM Account LIMIT 7", lazy_operation=True)]


@step
def bulk_query_none():
    return SF.bulk.Account.query("SELECT Id FROM Account WHERE Name = 'nobody at all'")


@step
def bulk_query_all():
    return len(SF.bulk.Account.query_all(f"SELECT Id FROM Account WHERE Id = '{ACCOUNT}'"))


@step
def bulk_query_refused():
    SF.bulk.Account.query("SELECT Nonsense__c FROM Account")


@step
def bulk_update():
    rows = SF.query("SELECT Id FROM Account WHERE IntacctID__c LIKE 'SSB-%'")["records"]
    done = SF.bulk.Account.update([{"Id": row["Id"], "Site": "West", "Phone": None} for row in rows])
    return [[one["success"], one["created"]] for one in done]


@step
def bulk_submit():
    rows = SF.query("SELECT Id FROM Account WHERE IntacctID__c = 'SSB-2'")["records"]
    done = SF.bulk.submit_dml("Account", "delete", [{"Id": row["Id"]} for row in rows])
    return [one["success"] for one in done]


@step
def bulk_delete():
    rows = SF.query("SELECT Id FROM Account WHERE IntacctID__c = 'SSB-1'")["records"]
    return [one["success"] for one in SF.bulk.Account.delete([{"Id": row["Id"]} for row in rows])]


@step
def bulk_unknown_object():
    SF.bulk.Nothing.insert([{"Name": "A"}])


# Bulk API 2.0.


@step
def bulk2_upsert():
    records = [{"IntacctID__c": "SS2-1", "Name": "Größe \u2028 A"}, {"IntacctID__c": "SS2-2", "Name": "z" * 300}]
    done = SF.bulk2.Account.upsert(records=records, external_id_field="IntacctID__c", wait=0.05)[0]
    SEEN["bulk2_job"] = done["job_id"]
    return [done["numberRecordsTotal"], done["numberRecordsProcessed"], done["numberRecordsFailed"]]


@step
def bulk2_results():
    handler = SF.bulk2.Account
    good = handler.get_successful_records(SEEN["bulk2_job"])
    bad = handler.get_failed_records(SEEN["bulk2_job"])
    rest = handler.get_unprocessed_records(SEEN["bulk2_job"])
    return ["Größe" in good, "sf__Created" in good, "STRING_TOO_LONG" in bad, len(rest.strip().splitlines())]


@step
def bulk2_query():
    pages = list(SF.bulk2.Account.query("SELECT Id, Name FROM Account WHERE IntacctID__c = 'SS2-1'", wait=0.05))
    return [len(pages), "Größe" in pages[0]]


@step
def bulk2_pages():
    pages = list(SF.bulk2.Product2.query("SELECT Id FROM Product2", max_records=100, wait=0.05))
    return [len(pages) > 1, all(page.splitlines()[0].strip('"') == "Id" for page in pages)]


@step
def bulk2_delete():
    rows = SF.query("SELECT Id FROM Account WHERE IntacctID__c = 'SS2-1'")["records"]
    folder = Path(tempfile.mkdtemp()) / "ids.csv"
    folder.write_text("Id\n" + "".join(f"{row['Id']}\n" for row in rows))
    return SF.bulk2.Account.delete(csv_file=str(folder), wait=0.05)[0]["numberRecordsFailed"]


json.dump(SEEN, io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8"), default=str)

"""Compares all accounts of both systems: read with `requests`, lightly normalised, joined by datacompy or duckdb.

Argument: `datacompy` or `duckdb`. Standard input: the sandbox's ready document.
"""

from __future__ import annotations

import json
import sys
import time

import duckdb
import pandas as pd
import requests
from clients import VERSION, intacct_customers, intacct_session, salesforce_token
from datacompy import PandasCompare

COLUMNS = ("name", "phone", "street", "city", "state", "postal_code")
THEIRS = ("Name", "Phone", "BillingStreet", "BillingCity", "BillingState", "BillingPostalCode")
ADDRESS = "contacts.default.mailingAddress."
OURS = ("name", "contacts.default.phone1", *(ADDRESS + one for one in ("addressLine1", "city", "state", "postCode")))


def main() -> None:
    """Read, normalise, compare."""
    ready, began = json.load(sys.stdin), time.perf_counter()
    theirs = ready["intacct"]
    customers = intacct_customers(intacct_session(theirs), theirs["base_url"], ("id", *OURS))
    left = pd.DataFrame(customers)[["id", *OURS]]
    right = pd.DataFrame(_accounts(ready["salesforce"]))[["IntacctID__c", *THEIRS]]
    left.columns = right.columns = pd.Index(["id", *COLUMNS])
    for frame in (left, right):
        frame["phone"] = frame["phone"].str.replace(r"\D", "", regex=True)
    read = time.perf_counter()
    unequal = _datacompy(left, right) if sys.argv[1] == "datacompy" else _duckdb(left, right)
    ended = time.perf_counter()
    print(json.dumps({"rows": len(left), "unequal": unequal, "read": read - began, "compare": ended - read}))


def _datacompy(left: pd.DataFrame, right: pd.DataFrame) -> int:
    compare = PandasCompare(left, right, join_columns="id")
    lone = len(compare.df1_unq_rows) + len(compare.df2_unq_rows)
    return lone + len(compare.all_mismatch())


def _duckdb(left: pd.DataFrame, right: pd.DataFrame) -> int:
    differ = " OR ".join(f"l.{name} IS DISTINCT FROM r.{name}" for name in COLUMNS)
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        connection.register("l", left)
        connection.register("r", right)
        found = connection.execute(
            f"SELECT count(*) FROM l FULL JOIN r USING (id) WHERE l.id IS NULL OR r.id IS NULL OR {differ}"
        ).fetchone()
    return int(found[0])


def _accounts(given: dict[str, str]) -> list[dict[str, object]]:
    session, base = requests.Session(), given["instance_url"]
    session.headers["Authorization"] = f"Bearer {salesforce_token(given)}"
    query = f"SELECT {', '.join(('Id', 'IntacctID__c', *THEIRS))} FROM Account"
    rows: list[dict[str, object]] = []
    url, params = f"{base}/services/data/v{VERSION}/query", {"q": query}
    while True:
        document = session.get(url, params=params, timeout=300).json()
        rows += document["records"]
        if document["done"]:
            return rows
        url, params = f"{base}{document['nextRecordsUrl']}", {}


if __name__ == "__main__":
    main()

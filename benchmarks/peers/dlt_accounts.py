"""dlt into SQLite: accounts by `SystemModstamp`, merged on `Id`, as its Salesforce source does with simple-salesforce.

It reads and lands; nothing is matched, merged with the other side or written back. Argument: a folder for its state and
database. Standard input: the sandbox's ready document.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import dlt
import requests
from simple_salesforce import Salesforce

FIELDS = "Id, Name, Type, AccountNumber, IntacctID__c, Phone, Description, BillingStreet, BillingCity, BillingState, "
FIELDS += "BillingPostalCode, BillingCountry, SystemModstamp"
BEGIN = "2000-01-01T00:00:00.000+0000"


def main() -> None:
    """One run of the pipeline."""
    folder, ready = sys.argv[1], json.load(sys.stdin)
    theirs = ready["salesforce"]
    form = {
        "grant_type": "client_credentials",
        "client_id": theirs["client_id"],
        "client_secret": theirs["client_secret"],
    }
    token = requests.post(f"{theirs['login_url']}/services/oauth2/token", data=form, timeout=60).json()
    service = Salesforce(instance_url=token["instance_url"], session_id=token["access_token"])
    service.base_url = f"{theirs['instance_url']}/services/data/v67.0/"

    @dlt.resource(name="account", write_disposition="merge", primary_key="Id")
    def accounts(
        stamp: dlt.sources.incremental[str] = dlt.sources.incremental("SystemModstamp", initial_value=BEGIN),  # noqa: B008 - how dlt is told of a cursor
    ) -> Iterator[list[dict[str, object]]]:
        where = f"SystemModstamp >= {stamp.last_value}"
        reply = service.query(f"SELECT {FIELDS} FROM Account WHERE {where} ORDER BY SystemModstamp")
        while True:
            yield [{name: value for name, value in row.items() if name != "attributes"} for row in reply["records"]]
            if reply["done"]:
                return
            reply = service.query_more(reply["nextRecordsUrl"].rsplit("/", 1)[1])

    pipeline = dlt.pipeline(
        "bench", pipelines_dir=f"{folder}/state", dataset_name="landing",
        destination=dlt.destinations.sqlalchemy(f"sqlite:///{folder}/dlt.db"),
    )  # fmt: skip
    pipeline.run(accounts())
    counts = pipeline.last_trace.last_normalize_info.row_counts
    print(json.dumps({"read": counts.get("account", 0), "written": 0}))


if __name__ == "__main__":
    main()

"""dlt into SQLite: accounts by `SystemModstamp`, merged on `Id`, as its Salesforce source does with simple-salesforce.

It reads and lands; nothing is matched, merged with the other side or written back. Argument: a folder for its state and
database. Standard input: the sandbox's ready document.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import dlt
from clients import salesforce_client

FIELDS = "Id, Name, Type, AccountNumber, IntacctID__c, Phone, Description, BillingStreet, BillingCity, BillingState, "
FIELDS += "BillingPostalCode, BillingCountry, SystemModstamp"
BEGIN = "2000-01-01T00:00:00.000+0000"


def main() -> None:
    """One run of the pipeline."""
    folder, ready = sys.argv[1], json.load(sys.stdin)
    service = salesforce_client(ready["salesforce"])
    cursor = dlt.sources.incremental("SystemModstamp", initial_value=BEGIN)

    @dlt.resource(name="account", write_disposition="merge", primary_key="Id")
    def accounts(stamp: dlt.sources.incremental[str] = cursor) -> Iterator[list[dict[str, object]]]:
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

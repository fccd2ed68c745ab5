"""A script as people write it: simple-salesforce and pandas; both sides read in full, merged, and differences written.

One direction (Salesforce phone -> Intacct), no conflicts, no holds, no journal. Standard input: the sandbox's ready
document. `--count N` says how many differences it has to find.
"""

from __future__ import annotations

import json
import sys

import pandas as pd
from clients import intacct_customers, intacct_session, salesforce_client

FIELDS = "Id, Name, AccountNumber, IntacctID__c, Phone, BillingStreet, BillingCity, BillingState, BillingPostalCode, "
FIELDS += "BillingCountry"
ADDRESS = "contacts.default.mailingAddress."
MEMBERS = ["key", "id", "name", "contacts.default.key", "contacts.default.phone1"]
MEMBERS += [ADDRESS + name for name in ("addressLine1", "city", "state", "postCode", "isoCountryCode")]


def main() -> None:
    """Read, merge, write."""
    ready = json.load(sys.stdin)
    service = salesforce_client(ready["salesforce"])
    accounts = pd.DataFrame(service.query_all(f"SELECT {FIELDS} FROM Account")["records"]).drop(columns="attributes")
    session, base = intacct_session(ready["intacct"]), ready["intacct"]["base_url"]
    customers = pd.DataFrame(intacct_customers(session, base, MEMBERS))
    both = accounts.merge(customers, left_on="IntacctID__c", right_on="id", how="inner")
    changed = both[both["Phone"].fillna("") != both["contacts.default.phone1"].fillna("")]
    for key, phone in zip(changed["contacts.default.key"], changed["Phone"], strict=True):
        url = f"{base}/objects/company-config/contact/{key}"
        session.patch(url, json={"phone1": phone}, timeout=60).raise_for_status()
    print(json.dumps({"read": len(accounts) + len(customers), "written": len(changed)}))


if __name__ == "__main__":
    main()

"""Makes a share of a company's customers, with their contacts, private to its entities in turn."""

from __future__ import annotations

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.schema.company import ENTITY_OBJECT
from intacct_sf_pipeline.sandbox.intacct.schema.customers import CONTACT, CUSTOMER
from intacct_sf_pipeline.sandbox.intacct.state.visibility import ENTITY_COLUMN

_LIST = "accounts-receivable/customer-contact"


def make_private(company: IntacctCompany, share: float) -> None:
    """Give `share` of the customers (0 to 1) to the entities, evenly spread; stamps do not move."""
    if not share:
        return
    entities = list(company.store[ENTITY_OBJECT].rows)
    customers, contacts, lists = company.store[CUSTOMER], company.store[CONTACT], company.store[_LIST]
    chosen = 0
    for number, (key, row) in enumerate(list(customers.rows.items()), 1):
        if not entities or int(number * share) == int((number - 1) * share):
            continue
        owner = entities[chosen % len(entities)]
        chosen += 1
        customers.replace(key, {**row, ENTITY_COLUMN: owner})
        listed = [lists.rows[entry].get("contact.key") for entry in lists.referring("customer.key", key)]
        for contact in filter(None, [row.get("contacts.default.key"), *listed]):
            contacts.replace(str(contact), {**contacts.rows[str(contact)], ENTITY_COLUMN: owner})

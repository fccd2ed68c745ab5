"""Automatic numbers: the document sequence that numbers customers.

Source: the reference, 6.5. The body and answer of `generate-next-value` are UNCONFIRMED.
"""

from intacct_sf_pipeline.sandbox.intacct.errors import operation_failed, rule
from intacct_sf_pipeline.sandbox.intacct.schema.company import SEQUENCE
from intacct_sf_pipeline.sandbox.intacct.schema.customers import CUSTOMER
from intacct_sf_pipeline.sandbox.intacct.schema.types import whole
from intacct_sf_pipeline.sandbox.intacct.state.store import Store

CUSTOMER_SEQUENCE = "CUSTOMER"


def next_value(store: Store, sequence_key: str) -> str:
    """Hands out the next number of a sequence and moves it on."""
    table = store[SEQUENCE]
    row = table.rows[sequence_key]
    number = whole(row.get("nextNumber"))
    table.replace(sequence_key, row | {"nextNumber": number + 1})
    return f"{row.get('prefix') or ''}{number:05d}"


def next_customer_id(store: Store) -> str:
    """A free customer id from the sequence.

    Raises:
        ApiError: 422, the company does not number customers automatically.
    """
    if not store.options.auto_number_customers:
        raise operation_failed("POST", CUSTOMER, [rule("Customer ID is required", "IA.REQUIRED_FIELD_IS_MISSING")])
    key = store[SEQUENCE].by_id[CUSTOMER_SEQUENCE]
    while True:
        candidate = next_value(store, key)
        if candidate not in store[CUSTOMER].by_id:
            return candidate

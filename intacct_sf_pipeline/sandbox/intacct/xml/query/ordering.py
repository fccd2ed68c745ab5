"""The order of rows: by the fields asked for; without them shuffled, for the vendor promises none.

Source: the reference, 4.1 ("without it the order is undefined").
"""

from collections.abc import Callable, Sequence
from zlib import crc32

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.xml.conditions import preparer
from intacct_sf_pipeline.sandbox.intacct.xml.query.request import Order
from intacct_sf_pipeline.sandbox.intacct.xml.reading_rows import View
from intacct_sf_pipeline.sandbox.intacct.xml.schema.catalog import Getter
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlField


def sort_rows(view: View, order_by: Sequence[Order], rows: list[Row], *, shuffle_seed: int) -> None:
    """Sorts in place; ties, and everything without `orderby`, come in a shuffled but repeatable order."""
    if not any(view.lookup(order.field)[0].path == "key" for order in order_by):
        shuffle(rows, shuffle_seed)
    for order in reversed(order_by):
        field, read = view.lookup(order.field)
        rows.sort(key=sort_key(view, field, read), reverse=order.descending)


def shuffle(rows: list[Row], seed: int) -> None:
    """Puts rows into an order that says nothing, the same for the same seed."""
    prefix = crc32(str(seed).encode())
    rows.sort(key=lambda row: crc32(str(row.get("number") or row.get("key")).encode(), prefix))


def sort_key(view: View, field: XmlField, read: Getter) -> Callable[[Row], tuple[bool, object]]:
    """Nulls last ascending, first descending, as in the database underneath (the vendor does not say)."""
    prepare = preparer(field, view.manner)

    def key(row: Row) -> tuple[bool, object]:
        value = read(row)
        prepared = None if value is None or value == "" else prepare(value)
        return (True, "") if prepared is None else (False, prepared)

    return key

"""Members that are worked out, not stored: item totals, country names, `audit.createdBy`, `href`."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from intacct_sf_pipeline.sandbox.intacct.schema.catalog import FieldPath
from intacct_sf_pipeline.sandbox.intacct.schema.items import TOTALS
from intacct_sf_pipeline.sandbox.intacct.schema.stock import STOCK
from intacct_sf_pipeline.sandbox.intacct.schema.types import Field, ObjectSpec, Ref, Row, Value, whole
from intacct_sf_pipeline.sandbox.intacct.state import countries
from intacct_sf_pipeline.sandbox.intacct.state.store import Store

Getter: TypeAlias = Callable[[Row], Value]

_KEEPS_STOCK = ("inventory", "stockableKit")


def field_getter(store: Store, spec: ObjectSpec, field: Field) -> Getter:
    """The function that reads one field of one object's rows."""
    if field.computed == "href":
        prefix = f"/objects/{spec.name}/"
        return lambda row: f"{prefix}{row['key']}"
    if field.computed == "created_by":
        return lambda row: row.get("audit.createdByUser.key")
    if field.computed == "modified_by":
        return lambda row: row.get("audit.modifiedByUser.key")
    if field.computed == "country":
        return _country_name
    if field.computed == "item_total":
        return _item_total(store, field.path)
    if spec.id_is_key and field.path == "id":
        return lambda row: row["key"]
    path = field.path
    return lambda row: row.get(path)


def _country_name(row: Row) -> Value:
    code = row.get("mailingAddress.isoCountryCode")
    return None if code is None else countries.names().get(str(code).upper())


def _item_total(store: Store, name: str) -> Getter:
    """The sum over the item's warehouse rows as a string.

    An item without rows shows the total it was loaded with, if any, else "0"; null where no stock is kept
    (UNCONFIRMED, switch).
    """
    stock, column = store[STOCK], TOTALS[name]
    by_item = stock.index["item.key"]
    empty_is_null = store.options.null_totals_for_non_stock

    def total(row: Row) -> Value:
        holders: Iterable[str] = by_item.get(row["key"], ())
        if holders:
            return str(sum(whole(stock.rows[key].get(column)) for key in holders))
        if row.get(name) is not None:
            return row[name]
        return None if empty_is_null and row.get("itemType") not in _KEEPS_STOCK else "0"

    return total


def audited(spec: ObjectSpec) -> bool:
    """Whether the object shows an `audit` group."""
    return "audit.modifiedDateTime" in spec.fields


def path_getter(store: Store, path: FieldPath, *, shown: bool = True) -> Getter:
    """The function that reads a dotted path, following its references; null where a reference is empty.

    Args:
        store: the tables.
        path: the resolved path.
        shown: read as shown (some ids come joined with the name), not as compared.
    """
    read = field_getter(store, path.owner, path.field)
    if shown and path.hops and path.hops[-1].joined_id and path.field.path == "id":
        read = joined_id
    for ref in reversed(path.hops):
        read = _through(store, ref, read)
    return read


def joined_id(row: Row) -> Value:
    """An id as some references show it: "PHX--Phoenix". Source: the reference, 5.0."""
    name = row.get("name")
    return f"{row['id']}--{name}" if name else row["id"]


def _through(store: Store, ref: Ref, read: Getter) -> Getter:
    rows, column = store[ref.target].rows, ref.column

    def follow(row: Row) -> Value:
        key = row.get(column)
        found = None if key is None else rows.get(str(key))
        return None if found is None else read(found)

    return follow

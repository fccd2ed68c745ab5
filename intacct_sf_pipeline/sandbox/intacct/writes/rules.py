"""Business rules: uniqueness, references that must exist, what may not be deleted. Each gives the details of a refusal.

Source: the reference, 3.2 (duplicates), 5 (per object), 7.1 and 9.6; deletion rules are UNCONFIRMED there.
"""

from collections.abc import Iterator

from intacct_sf_pipeline.sandbox.intacct.errors import Detail, duplicate, rule
from intacct_sf_pipeline.sandbox.intacct.schema.customers import CUSTOMER
from intacct_sf_pipeline.sandbox.intacct.schema.prices import PRICE_LIST_ENTRY
from intacct_sf_pipeline.sandbox.intacct.schema.stock import QUANTITIES, STOCK
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec, Ref, Row, whole
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.state.table import Table


def resolve_ref(store: Store, ref: Ref, key: str | None, record_id: str | None) -> str | None:
    """The key a reference by key or id means, or None when there is no such record; the key wins over the id."""
    table = store[ref.target]
    if key is not None:
        return key if key in table.rows else None
    if record_id is None:
        return None
    found = table.find(record_id) if table.spec.id_is_key else table.rows.get(table.by_id.get(record_id, ""))
    if found is None and ref.joined_id:
        found = table.rows.get(table.by_id.get(record_id.split("--", 1)[0], ""))
    return None if found is None else str(found["key"])


def broken_ref(ref: Ref, word: str) -> Detail:
    """A reference to nothing."""
    return rule(f"{word} is not a valid {ref.path}", "IA.INVALID_REFERENCE")


def conflicts(store: Store, spec: ObjectSpec, row: Row) -> list[Detail]:
    """What stands against storing this row, new or changed."""
    table = store[spec.name]
    own = row.get("key")
    found: list[Detail] = []
    if not spec.id_is_key and table.by_id.get(str(row["id"]), own) != own:
        found.append(duplicate(str(row["id"])))
    if spec.unique_name and any(key != own for key in table.referring("name", row.get("name"))):
        found.append(duplicate(str(row["name"])))
    if spec.name == STOCK and any(key != own for key in same_stock(table, row)):
        item, warehouse = store["inventory-control/item"], store["inventory-control/warehouse"]
        ids = [
            str(rows.rows[str(row[column])]["id"])
            for rows, column in ((item, "item.key"), (warehouse, "warehouse.key"))
        ]
        found.append(duplicate("--".join(ids)))
    if spec.name == PRICE_LIST_ENTRY and row.get("item.key") is None and row.get("productLine.key") is None:
        found.append(rule("A price list entry needs an item or a product line"))
    if spec.name == CUSTOMER and own is not None and row.get("parent.key") == own:
        found.append(rule("A customer cannot be its own parent"))
    return found


def same_stock(table: Table, row: Row) -> Iterator[str]:
    """Keys of the stock rows of the same item and warehouse."""
    for key in table.referring("item.key", row.get("item.key")):
        if table.rows[key].get("warehouse.key") == row.get("warehouse.key"):
            yield key


def referrers(store: Store, spec: ObjectSpec, key: str) -> Iterator[tuple[Table, Ref, str]]:
    """Every row that refers to a record by an indexed reference: its table, the reference, its key."""
    for table in store.tables.values():
        for ref in table.spec.refs.values():
            if ref.indexed and ref.target == spec.name:
                for holder in table.referring(ref.column, key):
                    yield table, ref, holder


def deletion_obstacles(store: Store, spec: ObjectSpec, key: str) -> list[Detail]:
    """What forbids deleting a record: others refer to it, or it has stock."""
    row = store[spec.name].rows[key]
    if spec.name == STOCK and any(whole(row.get(name)) for name in QUANTITIES):
        return [rule("Items with stock in a warehouse cannot be removed from it")]
    found: list[Detail] = []
    for table, ref, holder in referrers(store, spec, key):
        if not ref.is_owner:
            found.append(rule(f"The record is used by {table.spec.name} {table.rows[holder].get('id', holder)}"))
        elif table.spec.name == STOCK:
            found.extend(deletion_obstacles(store, table.spec, holder))
        if found:
            return found
    return found

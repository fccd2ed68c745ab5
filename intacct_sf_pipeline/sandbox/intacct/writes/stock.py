"""Stock movements: the only way quantities change after loading. Source: the reference, 5.3 and 9.15."""

from collections.abc import Mapping

from intacct_sf_pipeline.sandbox.intacct.schema.items import ITEM
from intacct_sf_pipeline.sandbox.intacct.schema.stock import QUANTITIES, STOCK, WAREHOUSE
from intacct_sf_pipeline.sandbox.intacct.schema.types import Row, whole
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.writes import history
from intacct_sf_pipeline.sandbox.intacct.writes.actor import Actor
from intacct_sf_pipeline.sandbox.intacct.writes.loading import uncommitted
from intacct_sf_pipeline.sandbox.intacct.writes.rules import same_stock


def move(store: Store, actor: Actor, item_id: str, warehouse_id: str, deltas: Mapping[str, int]) -> str:
    """Adds to the quantities of an item in a warehouse; gives the item to the warehouse if need be.

    Args:
        store: the tables.
        actor: who books the transaction.
        item_id: business id or key.
        warehouse_id: business id or key.
        deltas: quantity member -> units added (negative to take away).

    Returns:
        The key of the stock row.

    Raises:
        KeyError: no such item or warehouse.
    """
    item, warehouse = store[ITEM].find(item_id), store[WAREHOUSE].find(warehouse_id)
    if item is None or warehouse is None:
        raise KeyError(item_id if item is None else warehouse_id)
    table = store[STOCK]
    place: Row = {"item.key": item["key"], "warehouse.key": warehouse["key"]}
    present = next(same_stock(table, place), None)
    row = dict(table.rows[present]) if present else _empty(store, actor, place)
    for name, delta in deltas.items():
        row[name] = whole(row.get(name)) + delta
    row["unCommitted"] = uncommitted(row)
    history.stamp_modified(store, actor, row)
    if present:
        table.replace(present, row)
    else:
        table.insert(row)
    if store.options.stock_move_touches_item:
        touched = dict(item)
        history.stamp_modified(store, actor, touched)
        store[ITEM].replace(str(item["key"]), touched)
    return str(row["key"])


def _empty(store: Store, actor: Actor, place: Row) -> Row:
    spec = store.catalog[STOCK]
    row: Row = {field.path: field.default for field in spec.fields.values() if field.default is not None}
    row |= place | dict.fromkeys(QUANTITIES, 0) | {"key": store[STOCK].new_key()}
    history.stamp_created(store, actor, row)
    return row

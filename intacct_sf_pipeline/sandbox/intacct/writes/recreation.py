"""Deleting a record and entering it again: the same business id under a new record number."""

from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.writes import history
from intacct_sf_pipeline.sandbox.intacct.writes.actor import Actor


def recreate(store: Store, actor: Actor, spec: ObjectSpec, key: str) -> str:
    """Puts a new record with the same members in the place of one, and returns its key.

    Records that referred to the old one refer to the new one afterwards and count as modified. The audit trail tells of
    the deletion and of the creation. Deletion rules are passed over: a person would have undone the references first.
    """
    table = store[spec.name]
    with store.transaction():
        old = table.remove(key)
        history.record_action(store, actor, spec, old, "delete")
        row = old | {"key": table.new_key()}
        if spec.id_is_key:
            row.pop("id", None)
        history.stamp_created(store, actor, row)
        table.insert(row)
        history.record_action(store, actor, spec, row, "create")
        _refer(store, actor, spec, key, str(row["key"]))
    return str(row["key"])


def _refer(store: Store, actor: Actor, spec: ObjectSpec, old_key: str, new_key: str) -> None:
    for table in store.tables.values():
        columns = [ref.column for ref in table.spec.refs.values() if ref.target == spec.name]
        if not columns:
            continue
        for holder, row in list(table.rows.items()):
            moved = {column: new_key for column in columns if row.get(column) == old_key}
            if moved:
                changed = row | moved
                history.stamp_modified(store, actor, changed)
                table.replace(holder, changed)

"""Who sees what: top level, entities, private records.

Source: the reference, 9.6 (partly UNCONFIRMED for REST): at the top level records private to an entity stay hidden
unless `includePrivate`; inside an entity one sees its own and the top level's records.
"""

from intacct_sf_pipeline.sandbox.intacct.query.expression import Predicate
from intacct_sf_pipeline.sandbox.intacct.schema.company import ENTITY_OBJECT
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec, Row
from intacct_sf_pipeline.sandbox.intacct.state.store import Store

ENTITY_COLUMN = "entity.key"


def query_visibility(
    store: Store, spec: ObjectSpec, entity_key: str | None, *, include_private: bool
) -> Predicate | None:
    """Which rows a query or list may return; None means all.

    Args:
        store: the tables, to look up owners.
        spec: the object asked for.
        entity_key: the entity acted in; None for the top level.
        include_private: the query's own wish, which counts at the top level only.
    """
    if spec.name == ENTITY_OBJECT:
        return None if entity_key is None else lambda row: row["key"] == entity_key
    if entity_key is None and include_private:
        return None
    if "entity" in spec.refs:
        return _in_entity(entity_key)
    owner = next((ref for ref in spec.refs.values() if ref.is_owner), None)
    if owner is None:
        return None
    owner_visible = query_visibility(store, store.catalog[owner.target], entity_key, include_private=include_private)
    if owner_visible is None:
        return None
    rows, column = store[owner.target].rows, owner.column
    return lambda row: owner_visible(rows[str(row[column])])


def _in_entity(entity_key: str | None) -> Predicate:
    if entity_key is None:
        return lambda row: row.get(ENTITY_COLUMN) is None
    return lambda row: row.get(ENTITY_COLUMN) in (None, entity_key)


def reachable(store: Store, spec: ObjectSpec, entity_key: str | None, row: Row) -> bool:
    """Whether a record may be read by key: everything at the top level, else as a query would show it."""
    visible = query_visibility(store, spec, entity_key, include_private=True)
    return visible is None or visible(row)

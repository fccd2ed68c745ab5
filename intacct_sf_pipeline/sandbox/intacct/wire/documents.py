"""Rows as JSON documents: nested groups, references, owned lists, and the short reference a write answers with."""

from collections.abc import Iterator

from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec, Ref, Row, Value
from intacct_sf_pipeline.sandbox.intacct.state.computed import field_getter, joined_id
from intacct_sf_pipeline.sandbox.intacct.state.store import Store


def reference(spec: ObjectSpec, row: Row) -> dict[str, object]:
    """`{key, id, href}`."""
    key = row["key"]
    return {"key": key, "id": key if spec.id_is_key else row["id"], "href": f"/objects/{spec.name}/{key}"}


def document(store: Store, spec: ObjectSpec, row: Row) -> dict[str, object]:
    """The whole record as GET by key shows it."""
    shown = _members(store, spec, row)
    for owned in spec.lists:
        target = store[owned.target]
        keys = target.referring(f"{owned.via}.key", row["key"])
        _place(shown, owned.path, [_members(store, target.spec, target.rows[key]) for key in keys])
    return shown


def _members(store: Store, spec: ObjectSpec, row: Row) -> dict[str, object]:
    shown: dict[str, object] = {}
    for path, value in _values(store, spec, row):
        _place(shown, path, value)
    return shown


def _values(store: Store, spec: ObjectSpec, row: Row) -> Iterator[tuple[str, object]]:
    for member in spec.members:
        if isinstance(member, Ref):
            yield member.path, _ref(store, member, row)
        elif not member.write_only:
            yield member.path, _json(field_getter(store, spec, member)(row))


def _json(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value


def _ref(store: Store, ref: Ref, row: Row) -> dict[str, object]:
    target = store.catalog[ref.target]
    found = store.target(ref, row)
    if found is None:
        return dict.fromkeys((name for name in ref.shows if name != "href"), None)
    if ref.inline:
        return {
            name: value for name, value in _members(store, target, found).items() if name not in ("audit", "entity")
        }
    shown = reference(target, found) | {"name": found.get("name")}
    if ref.joined_id:
        shown["id"] = joined_id(found)
    return {name: shown[name] for name in ref.shows}


def _place(shown: dict[str, object], path: str, value: object) -> None:
    *groups, name = path.split(".")
    place = shown
    for group in groups:
        inner = place.setdefault(group, {})
        if isinstance(inner, dict):
            place = inner
    place[name] = value

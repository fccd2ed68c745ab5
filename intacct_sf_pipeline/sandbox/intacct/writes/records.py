"""Create, update and delete for every object: validate, resolve, check the rules, store, stamp, meter.

Every call happens wholly or not at all. What only customers do is in `customers`.
"""

from collections.abc import Mapping

from intacct_sf_pipeline.sandbox.intacct.errors import (
    ApiError,
    Detail,
    missing_field,
    not_found,
    operation_failed,
    rule,
    schema_fault,
)
from intacct_sf_pipeline.sandbox.intacct.schema.customers import CONTACT, CUSTOMER
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec, Row
from intacct_sf_pipeline.sandbox.intacct.state.meter import TransactionMeter
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.state.visibility import ENTITY_COLUMN, reachable
from intacct_sf_pipeline.sandbox.intacct.writes import history
from intacct_sf_pipeline.sandbox.intacct.writes.actor import Actor
from intacct_sf_pipeline.sandbox.intacct.writes.customers import CustomerParts
from intacct_sf_pipeline.sandbox.intacct.writes.numbering import next_customer_id
from intacct_sf_pipeline.sandbox.intacct.writes.payload import Changes, PayloadReader, missing_required
from intacct_sf_pipeline.sandbox.intacct.writes.rules import (
    broken_ref,
    conflicts,
    deletion_obstacles,
    referrers,
    resolve_ref,
)


class Records:
    """The writes of one company."""

    def __init__(self, store: Store, meter: TransactionMeter) -> None:
        """Args: the tables and the meter to count on."""
        self._store = store
        self._meter = meter
        self._customers = CustomerParts(store)

    def create(self, actor: Actor, spec: ObjectSpec, payload: Mapping[str, object]) -> str:
        """Creates a record and returns its key.

        Raises:
            ApiError: 400 for faults of the payload, 422 for rules (duplicates among them).
        """
        changes = self._read(spec, payload, None)
        with self._store.transaction():
            key = self._create(actor, spec, changes)
        self._meter.wrote(spec.name)
        return key

    def update(self, actor: Actor, spec: ObjectSpec, key: str, payload: Mapping[str, object]) -> None:
        """Changes the members given; the others stay.

        Raises:
            ApiError: 404 for an unknown key, else as `create`.
        """
        row = self.reach(actor, spec, key)
        changes = self._read(spec, payload, row)
        self._may_change(actor, spec, row, "PATCH")
        with self._store.transaction():
            self._update(actor, spec, row, changes)
        self._meter.wrote(spec.name)

    def delete(self, actor: Actor, spec: ObjectSpec, key: str) -> None:
        """Deletes a record and what it owns.

        Raises:
            ApiError: 404 for an unknown key, 422 when others refer to it.
        """
        row = self.reach(actor, spec, key)
        self._may_change(actor, spec, row, "DELETE")
        obstacles = deletion_obstacles(self._store, spec, key)
        if obstacles:
            raise operation_failed("DELETE", spec.name, obstacles)
        with self._store.transaction():
            self._delete(actor, spec, key)
        self._meter.wrote(spec.name)

    def reach(self, actor: Actor, spec: ObjectSpec, key: str) -> Row:
        """The row of a key the actor may see.

        Raises:
            ApiError: 404.
        """
        row = self._store[spec.name].rows.get(key)
        if row is None or not reachable(self._store, spec, actor.entity_key, row):
            what = f"objects/{spec.name}/{key}"
            raise not_found(what)
        return row

    def _may_change(self, actor: Actor, spec: ObjectSpec, row: Row, operation: str) -> None:
        inside = actor.entity_key is not None and row.get(ENTITY_COLUMN) is None
        if inside and "entity" in spec.refs and not self._store.options.entity_edits_top_level:
            detail = rule("Top level records cannot be changed inside an entity")
            raise operation_failed(operation, spec.name, [detail])
        outside = actor.source == "api" and row.get(ENTITY_COLUMN) not in (None, actor.entity_key)
        if outside and self._store.options.private_in_entity_only:
            detail = rule("Records private to an entity can be changed in that entity only")
            raise operation_failed(operation, spec.name, [detail])

    def _read(self, spec: ObjectSpec, payload: Mapping[str, object], current: Row | None) -> Changes:
        reader = PayloadReader(self._store.catalog, spec, current)
        changes = reader.read(payload)
        if reader.faults:
            raise schema_fault(reader.faults)
        return changes

    def _create(self, actor: Actor, spec: ObjectSpec, changes: Changes) -> str:
        store, table = self._store, self._store[spec.name]
        row: Row = {field.path: field.default for field in spec.fields.values() if field.default is not None}
        row |= changes.values
        self._apply_refs(spec, row, changes, "POST")
        if spec.name == CUSTOMER and row.get("id") is None:
            row["id"] = next_customer_id(store)
        self._require(spec, row)
        row["key"] = None
        self._check(spec, row, "POST")
        row["key"] = table.new_key()
        if "entity" in spec.refs:
            row[ENTITY_COLUMN] = actor.entity_key
        history.stamp_created(store, actor, row)
        if spec.name == CUSTOMER:
            self._customers.default_contact(actor, row, changes, "POST")
        table.insert(row)
        if spec.name == CUSTOMER:
            self._customers.contact_list(actor, row, changes)
        history.record_action(store, actor, spec, row, "create")
        return str(row["key"])

    def _update(self, actor: Actor, spec: ObjectSpec, old: Row, changes: Changes) -> None:
        store = self._store
        row = old | changes.values
        self._apply_refs(spec, row, changes, "PATCH")
        self._require(spec, row)
        self._check(spec, row, "PATCH")
        if spec.name == CUSTOMER:
            self._customers.default_contact(actor, row, changes, "PATCH")
            self._customers.contact_list(actor, row, changes)
        history.stamp_modified(store, actor, row)
        store[spec.name].replace(str(row["key"]), row)
        history.record_changes(store, actor, spec, old, row)
        if spec.name == CONTACT and store.options.contact_edit_touches_customer:
            self._customers.touch_holders(actor, str(row["key"]))

    def _delete(self, actor: Actor, spec: ObjectSpec, key: str) -> None:
        for table, _ref, holder in list(referrers(self._store, spec, key)):
            if holder in table.rows:
                self._delete(actor, table.spec, holder)
        history.record_action(self._store, actor, spec, self._store[spec.name].remove(key), "delete")

    def _apply_refs(self, spec: ObjectSpec, row: Row, changes: Changes, operation: str) -> None:
        broken: list[Detail] = []
        for path, choice in changes.refs.items():
            ref = spec.refs[path]
            key = resolve_ref(self._store, ref, choice.key, choice.id)
            creates = ref.inline and path in changes.inline and choice.key is None
            if key is None and not choice.clears and not creates:
                broken.append(broken_ref(ref, str(choice.key or choice.id)))
            row[ref.column] = key
        if broken:
            raise operation_failed(operation, spec.name, broken)

    def _require(self, spec: ObjectSpec, row: Row) -> None:
        details = [missing_field(path) for path in missing_required(spec, row)]
        if details:
            raise self._missing(spec, details)

    def _missing(self, spec: ObjectSpec, details: list[Detail]) -> ApiError:
        if self._store.options.missing_required_status == 400:
            return schema_fault(details)
        return operation_failed("POST", spec.name, details)

    def _check(self, spec: ObjectSpec, row: Row, operation: str) -> None:
        details = conflicts(self._store, spec, row)
        if details:
            raise operation_failed(operation, spec.name, details)

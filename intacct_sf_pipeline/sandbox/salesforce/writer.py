"""Saving and deleting rows: the one path every write takes, whichever resource it came by."""

from collections.abc import Mapping
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.salesforce.bodies import find_by, read_body
from intacct_sf_pipeline.sandbox.salesforce.checks import check_references, check_required, check_unique
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, deleted, not_found
from intacct_sf_pipeline.sandbox.salesforce.ids import IdFactory
from intacct_sf_pipeline.sandbox.salesforce.rules.base import Rules
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.store.database import Database
from intacct_sf_pipeline.sandbox.salesforce.store.rows import Actor, Save, changed_row, new_row
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value

_NO_RULES = Rules()


@dataclass(frozen=True, slots=True)
class Upserted:
    """What an upsert did: the row's id and whether it is new."""

    id: str
    created: bool


class MoreThanOneError(Exception):
    """An external id that several rows hold; carries their ids. Answered as 300 by the single-row resource."""

    def __init__(self, ids: tuple[str, ...]) -> None:
        super().__init__(f"{len(ids)} rows match")
        self.ids = ids


class RecordWriter:
    """Creates, updates, upserts and deletes rows, with all checks and rules. Each call succeeds or changes nothing."""

    def __init__(self, db: Database, ids: IdFactory, rules: Mapping[str, Rules]) -> None:
        self._db = db
        self._ids = ids
        self._rules = rules
        self._deleted_with: dict[str, str] = {}

    def create(
        self,
        sobject: SObjectType,
        body: object,
        actor: Actor,
        *,
        address_field: str | None = "Id",
        preset: Row | None = None,
    ) -> str:
        """Inserts a row and returns its id; `preset` holds values that come from the path."""
        if not sobject.createable:
            raise not_allowed(sobject, "create")
        values = read_body(self._db, sobject, body, actor.user, creating=True, address_field=address_field)
        values.update(preset or {})
        table = self._db.table(sobject.name)
        row = new_row(table, self._ids.new(sobject.key_prefix, table.rows), values, actor)
        self._save(Save(self._db, self._ids, sobject, actor, row, None, frozenset(values)))
        return str(row["Id"])

    def update(
        self, sobject: SObjectType, record_id: str, body: object, actor: Actor, *, address_field: str | None = "Id"
    ) -> None:
        """Changes a row; fields not sent stay."""
        if not sobject.updateable:
            raise not_allowed(sobject, "update")
        old = self.existing(sobject, record_id)
        values = read_body(self._db, sobject, body, actor.user, creating=False, address_field=address_field)
        row = changed_row(old, values, actor)
        self._save(Save(self._db, self._ids, sobject, actor, row, old, frozenset(values)))

    def upsert(
        self, sobject: SObjectType, key: Field, value: Value, body: object, actor: Actor, *, update_only: bool = False
    ) -> Upserted:
        """Updates the row whose `key` field holds `value`, or inserts one.

        Raises `MoreThanOneError` when several rows match, `ApiError` NOT_FOUND when none does and `update_only` is set.
        """
        matches = find_by(self._db, sobject, key, value)
        if len(matches) > 1:
            raise MoreThanOneError(tuple(str(row["Id"]) for row in matches))
        if matches:
            record_id = str(matches[0]["Id"])
            self.update(sobject, record_id, body, actor, address_field=key.name)
            return Upserted(record_id, created=False)
        if update_only or key.type == "id":
            raise not_found()
        return Upserted(
            self.create(sobject, body, actor, address_field=key.name, preset={key.name: value}), created=True
        )

    def existing(self, sobject: SObjectType, record_id: str) -> Row:
        """The row of that id; raises NOT_FOUND or ENTITY_IS_DELETED."""
        row = self._db.table(sobject.name).get(record_id)
        if row is None:
            raise not_found()
        if row["IsDeleted"]:
            raise deleted()
        return row

    def delete(self, sobject: SObjectType, record_id: str, actor: Actor) -> None:
        """Moves a row and what hangs on it to the Recycle Bin; other lookups to it are cleared."""
        if not sobject.deletable:
            raise not_allowed(sobject, "delete")
        row = self._db.table(sobject.name).get(record_id)
        if row is None:
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404)
        if row["IsDeleted"]:
            raise deleted()
        with self._db.transaction():
            save = Save(self._db, self._ids, sobject, actor, row, row, frozenset())
            self._rules.get(sobject.name, _NO_RULES).before_delete(save)
            self.bin(sobject, row, actor)

    def bin(self, sobject: SObjectType, row: Row, actor: Actor, **extra: Value) -> None:
        """Marks a row and its dependants deleted, without asking."""
        self._deleted_with.pop(str(row["Id"]), None)
        binned = changed_row(row, {"IsDeleted": True, **extra}, actor)
        self._db.put(sobject.name, binned)
        for relation in self._db.schema.children.get(sobject.name, ()):
            self._let_go(relation.child, relation.field, row, actor)
        if sobject.name in NOTE_TWINS:
            twin = self._db.table(NOTE_TWINS[sobject.name]).get(row["Id"])
            if twin is not None and not twin["IsDeleted"]:
                self.bin(self._db.table(NOTE_TWINS[sobject.name]).type, twin, actor)

    def deleted_with(self, record_id: str) -> str | None:
        """The parent whose deletion took this row along; None when it was deleted by itself or not at all."""
        return self._deleted_with.get(record_id)

    def taken_along(self, parent_id: str) -> list[str]:
        """The rows that the last deletion of a parent took along; those still deleted come back with it."""
        return [record_id for record_id, parent in self._deleted_with.items() if parent == parent_id]

    def _let_go(self, child: SObjectType, field: Field, parent: Row, actor: Actor) -> None:
        if field.reference_to == ("User",):
            return
        for row in list(self._db.table(child.name).find(field.name, parent["Id"])):
            if row["IsDeleted"]:
                continue
            if field.cascade:
                self.bin(child, row, actor)
                self._deleted_with[str(row["Id"])] = str(parent["Id"])
            else:
                cleared = {**row, field.name: None, "SystemModstamp": actor.now}
                self._db.put(child.name, cleared)

    def _save(self, save: Save) -> None:
        rules = self._rules.get(save.sobject.name, _NO_RULES)
        check_references(self._db, save.sobject, save.row, save.given)
        rules.before_save(save)
        check_required(save.sobject, save.row)
        check_unique(self._db, save.sobject, save.row, save.given)
        with self._db.transaction():
            self._db.put(save.sobject.name, save.row)
            rules.after_save(save)


NOTE_TWINS = {"ContentNote": "ContentDocument", "ContentDocument": "ContentNote"}


def not_allowed(sobject: SObjectType, verb: str) -> ApiError:
    """The object type does not offer the operation."""
    message = f"entity type {sobject.name} does not support {verb}"
    return ApiError("INVALID_TYPE_FOR_OPERATION", message)

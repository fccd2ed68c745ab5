"""What deletes, merges and brings back rows, as people do by hand and by the SOAP door.

What belongs here: the Recycle Bin's own rules; the marking of deleted rows itself is in `writer`.
Source: SOAP API Guide, merge() and undelete(); salesforce.md section 12, point 15.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.salesforce.checks import check_unique
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, bad_reference
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType
from intacct_sf_pipeline.sandbox.salesforce.store.database import Database
from intacct_sf_pipeline.sandbox.salesforce.store.rows import Actor, changed_row
from intacct_sf_pipeline.sandbox.salesforce.values import Row, converter
from intacct_sf_pipeline.sandbox.salesforce.writer import NOTE_TWINS, RecordWriter, not_allowed

MERGEABLE = ("Account", "Contact")
MOST_LOSERS = 2
_MASTER = "MasterRecordId"


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: the master, the rows merged into it, and the children that moved."""

    master: str
    losers: tuple[str, ...]
    moved: tuple[str, ...]


class RecycleBin:
    """Merges rows and takes deleted ones back. Each call happens wholly or not at all."""

    def __init__(self, db: Database, writer: RecordWriter) -> None:
        self._db = db
        self._writer = writer

    def merge(
        self, master_id: str, loser_ids: Sequence[str], actor: Actor, values: Mapping[str, object] | None = None
    ) -> Merged:
        """Merges up to two rows into a master.

        The losers' children move to the master (their SystemModstamp moves with them), the losers are deleted and name
        the master in `MasterRecordId`, the master is saved with `values`.
        Raises `ApiError` for rows that are missing, deleted or of different types, and for more than two losers.
        """
        with self._db.transaction():
            sobject = self._check(master_id, loser_ids)
            typed = {name: _typed(sobject, name, value) for name, value in (values or {}).items()}
            self._writer.update(sobject, master_id, typed, actor)
            moved = [child for loser in loser_ids for child in self._move_children(sobject, loser, master_id, actor)]
            for loser in loser_ids:
                self._writer.bin(sobject, self._db.table(sobject.name).rows[loser], actor, MasterRecordId=master_id)
        return Merged(master_id, tuple(loser_ids), tuple(dict.fromkeys(moved)))

    def undelete(self, record_id: str, actor: Actor) -> None:
        """Brings a deleted row back, and the children that were deleted with it.

        Children that a merge moved stay with the master, as in the service. Raises `ApiError` UNDELETE_FAILED for a row
        that is not in the bin by itself, DUPLICATE_VALUE when a unique value was given to another row meanwhile.
        """
        row = self._db.row(record_id)
        sobject = self._db.schema.of_id(record_id)
        if sobject is not None and not sobject.undeletable:
            raise not_allowed(sobject, "undelete")
        if sobject is None or row is None or not row["IsDeleted"] or self._writer.deleted_with(record_id) is not None:
            raise ApiError("UNDELETE_FAILED", "Entity is not in the recycle bin")
        with self._db.transaction():
            self._bring_back(sobject, row, actor)

    def recreate(self, record_id: str, actor: Actor) -> str:
        """Deletes a row and enters it again: same values under another id, which is returned.

        What the deletion took along stays away. Raises `ApiError` as a deletion and a creation would.
        """
        sobject = self._db.schema.of_id(record_id)
        if sobject is None:
            raise bad_reference()
        with self._db.transaction():
            row = self._writer.existing(sobject, record_id)
            again = {
                field.name: row[field.name]
                for field in sobject.fields
                if field.type not in ("address", "base64") and field.createable and row[field.name] is not None
            }
            self._writer.delete(sobject, record_id, actor)
            return self._writer.create(sobject, again, actor)

    def _check(self, master_id: str, loser_ids: Sequence[str]) -> SObjectType:
        sobject = self._db.schema.of_id(master_id)
        if sobject is None or self._db.row(master_id) is None:
            raise bad_reference()
        if sobject.name not in MERGEABLE:
            raise not_allowed(sobject, "merge")
        if not 1 <= len(set(loser_ids)) == len(loser_ids) <= MOST_LOSERS or master_id in loser_ids:
            message = f"a merge takes one or {MOST_LOSERS} other records besides the master"
            raise ApiError("MERGE_FAILED", message)
        for record_id in (master_id, *loser_ids):
            if self._db.schema.of_id(record_id) != sobject or self._db.row(record_id) is None:
                raise bad_reference()
            self._writer.existing(sobject, record_id)
        return sobject

    def _move_children(self, sobject: SObjectType, loser: str, master: str, actor: Actor) -> list[str]:
        moved = []
        for relation in self._db.schema.children.get(sobject.name, ()):
            name = relation.field.name
            if name == _MASTER:
                continue
            for child in list(self._db.table(relation.child.name).find(name, loser)):
                if not child["IsDeleted"]:
                    parent = master if child["Id"] != master else None  # nobody becomes its own parent
                    self._db.put(relation.child.name, {**child, name: parent, "SystemModstamp": actor.now})
                    moved.append(str(child["Id"]))
        return moved

    def _bring_back(self, sobject: SObjectType, row: Row, actor: Actor) -> None:
        record_id = str(row["Id"])
        back: Row = {"IsDeleted": False} | ({_MASTER: None} if _MASTER in row else {})
        for field in sobject.fields:
            if field.type == "reference" and field.name in row and row[field.name] is not None:
                parent = self._db.row(row[field.name])
                if field.name != _MASTER and not field.cascade and parent is not None and parent.get("IsDeleted"):
                    back[field.name] = None
        restored = changed_row(row, back, actor)
        check_unique(self._db, sobject, restored, [field.name for field in sobject.fields if field.unique])
        self._db.put(sobject.name, restored)
        for child_id in self._writer.taken_along(record_id):
            child_type, child = self._db.schema.of_id(child_id), self._db.row(child_id)
            if child_type is not None and child is not None and child["IsDeleted"]:
                self._bring_back(child_type, child, actor)
        twin = NOTE_TWINS.get(sobject.name)
        twin_row = self._db.table(twin).get(record_id) if twin is not None else None
        if twin is not None and twin_row is not None and twin_row["IsDeleted"]:
            self._bring_back(self._db.table(twin).type, twin_row, actor)


def _typed(sobject: SObjectType, name: str, value: object) -> object:
    """A value that may come as text, as XML has it, in the type the field takes; unknown names are left to the save."""
    field = sobject.field(name)
    return value if field is None or field.type == "address" else converter(field, lenient=True)(value)

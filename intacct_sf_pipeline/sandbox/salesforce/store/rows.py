"""Making rows: the system fields every save sets, and the context rules work in."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.ids import IdFactory
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType
from intacct_sf_pipeline.sandbox.salesforce.store.table import Table
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value

if TYPE_CHECKING:
    from intacct_sf_pipeline.sandbox.salesforce.store.database import Database


@dataclass(frozen=True, slots=True)
class Actor:
    """Who saves, and the stamp the save gets (canonical text, whole seconds)."""

    user: User
    now: str


def new_row(table: Table, record_id: str, values: Row, actor: Actor) -> Row:
    """A row with defaults, `values` and the system fields of a creation; not stored yet."""
    row = table.template.copy()
    user = actor.user.id
    row.update(
        Id=record_id,
        CreatedDate=actor.now,
        CreatedById=user,
        LastModifiedDate=actor.now,
        LastModifiedById=user,
        SystemModstamp=actor.now,
    )
    if "OwnerId" in row:
        row["OwnerId"] = user
    row.update(values)
    return row


def changed_row(old: Row, values: Row, actor: Actor) -> Row:
    """A copy of `old` with `values` and the system fields of an update; not stored yet."""
    row = old.copy()
    row.update(values)
    row.update(LastModifiedDate=actor.now, LastModifiedById=actor.user.id, SystemModstamp=actor.now)
    return row


@dataclass(slots=True)
class Save:
    """One save as the rules of its object see it.

    `row` is the new row, which rules may still change before it is stored; `old` the stored one, None on a create;
    `given` the names of the fields the client sent. `loading` marks a bulk seed.
    """

    db: "Database"
    ids: IdFactory
    sobject: SObjectType
    actor: Actor
    row: Row
    old: Row | None
    given: frozenset[str]
    loading: bool = False
    created: list[str] = field(default_factory=list)

    @property
    def creating(self) -> bool:
        """Whether the row is new."""
        return self.old is None

    def before(self, name: str) -> Value:
        """The stored value of a field, None on a create."""
        return None if self.old is None else self.old[name]

    def insert(self, sobject: str, values: Row, record_id: str | None = None) -> str:
        """Stores a row the platform makes by itself, past all checks, and returns its id."""
        table = self.db.table(sobject)
        new_id = record_id or self.ids.new(table.type.key_prefix, table.rows)
        self.db.put(sobject, new_row(table, new_id, values, self.actor))
        return new_id

    def amend(self, sobject: str, record_id: str, values: Row, *, stamp: bool = True) -> None:
        """Changes a row the platform keeps in step; `stamp` false leaves even SystemModstamp alone."""
        row = self.db.table(sobject).rows[record_id].copy()
        row.update(values)
        if stamp:
            row["SystemModstamp"] = self.actor.now
        self.db.put(sobject, row)

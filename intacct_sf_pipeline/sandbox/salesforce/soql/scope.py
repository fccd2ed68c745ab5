"""What a statement is read against, and how its names become fields."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from operator import itemgetter

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.schema.fields import own_id, text
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.errors import malformed, no_such_column, no_such_relationship
from intacct_sf_pipeline.sandbox.salesforce.store.database import Database
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value

MAX_HOPS = 5
Reader = Callable[[Row], Value]

# What a path can reach through a lookup to several objects (Object Ref, Name).
NAME_OBJECT = SObjectType(
    "Name",
    "Name",
    "Names",
    "",
    (own_id(), text("Name", "Name", 255), text("Type", "Type", 40)),
    createable=False,
)
_TITLED = ("Note", "ContentNote", "ContentDocument", "ContentVersion")


@dataclass(frozen=True, slots=True)
class BoundField:
    """A field reached from the queried object by `hops` (reference fields); `names` are spelled as in the schema."""

    hops: tuple[Field, ...]
    owner: SObjectType
    field: Field
    names: tuple[str, ...]

    @property
    def on_row(self) -> bool:
        """Whether it is a field of the queried object itself."""
        return not self.hops


@dataclass(frozen=True)
class Scope:
    """One SELECT while it is bound: its object, alias, user and the text for error messages."""

    db: Database
    user: User
    statement: str
    today: date
    version: str
    sobject: SObjectType
    alias: str | None = None
    include_deleted: bool = False
    depth: int = 0
    joined: bool = False
    keep: Callable[[Row], bool] | None = None

    def inner(self, sobject: SObjectType, alias: str | None) -> "Scope":
        """The scope of a sub-query, one level deeper."""
        return replace(self, sobject=sobject, alias=alias, depth=self.depth + 1, keep=None)

    def bind(self, ref: ast.FieldRef) -> BoundField:
        """The field a path names; raises INVALID_FIELD."""
        path = self._without_qualifier(ref.path)
        if len(path) - 1 > MAX_HOPS:
            raise malformed(f"More than {MAX_HOPS} levels of relationships in field path", self.statement, ref.mark)
        owner, hops, names = self.sobject, [], []
        for name in path[:-1]:
            field = owner.by_relationship.get(name.lower())
            if field is None or not self.user.visible(owner, field):
                raise no_such_relationship(name, self.statement, ref.mark)
            hops.append(field)
            names.append(field.relationship or name)
            owner = self._parent(field)
        found = self.user.find(owner, path[-1])
        if found is None:
            raise no_such_column(path[-1], owner.name, self.statement, ref.mark)
        return BoundField(tuple(hops), owner, found, (*names, found.name))

    def reader(self, bound: BoundField) -> Reader:
        """A function from a row of the queried object to the field's stored value; None when a parent is missing."""
        name = bound.field.name
        if not bound.hops:
            return lambda row: row[name]
        hops = tuple(h.name for h in bound.hops)
        db = self.db
        read_last: Reader = self.name_reader(name) if bound.owner is NAME_OBJECT else itemgetter(name)

        def read(row: Row) -> Value:
            current = row
            for hop in hops:
                parent = db.row(current[hop])
                if parent is None:
                    return None
                current = parent
            return read_last(current)

        return read

    def name_reader(self, name: str) -> Reader:
        """Reads Id, Name or Type of a row whose object is known only at run time."""
        return _name_reader(self.db, name)

    def _without_qualifier(self, path: tuple[str, ...]) -> tuple[str, ...]:
        if len(path) == 1:
            return path
        first = path[0].lower()
        is_alias = self.alias is not None and first == self.alias.lower()
        is_object = first == self.sobject.name.lower() and first not in self.sobject.by_relationship
        return path[1:] if is_alias or is_object else path

    def _parent(self, field: Field) -> SObjectType:
        if len(field.reference_to) > 1:
            return NAME_OBJECT
        parent = self.db.schema.find(field.reference_to[0])
        return parent if parent is not None else NAME_OBJECT


def _name_reader(db: Database, name: str) -> Reader:
    def read(row: Row) -> Value:
        sobject = db.type_of(str(row["Id"]))
        if name == "Type":
            return sobject.name if sobject is not None else None
        if name == "Name" and sobject is not None and sobject.name in _TITLED:
            return row["Title"]
        return row[name]

    return read

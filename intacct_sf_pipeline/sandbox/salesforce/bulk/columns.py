"""The header of an uploaded file bound to the object: what each cell of a row means.

Source: salesforce.md section 5.2; Bulk Guide, Relationship Fields in a Header Row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.bulk.csv_files import FileRefusedError
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, Schema, SObjectType

NULL = "#N/A"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it writes, and for a parent named by a key of its own, the way there.

    `parent_type` is given where a polymorphic lookup's header names it (`Lead:Who.Email`).
    """

    name: str
    field: Field
    parent_key: str = ""
    parent_type: str = ""

    def put(self, body: dict[str, object], cell: str) -> None:
        """Write the cell into a record's body; an empty one leaves the field alone."""
        if cell == "":
            return
        if cell == NULL:
            body[self.field.name] = None
        elif self.parent_key:
            typed: dict[str, object] = {"attributes": {"type": self.parent_type}} if self.parent_type else {}
            body[self.field.relationship or self.field.name] = {**typed, self.parent_key: cell}
        else:
            body[self.field.name] = cell


def bind(schema: Schema, user: User, sobject: SObjectType, header: Sequence[str]) -> tuple[Column, ...]:
    """The columns of a header.

    Raises:
        FileRefusedError: a column twice, or one that the object does not have.
    """
    columns: list[Column] = []
    for name in header:
        column = _column(schema, user, sobject, name)
        if column is None:
            raise _not_found(name)
        if any(other.name.lower() == name.lower() for other in columns):
            raise FileRefusedError(f"InvalidBatch : Duplicate field name in the header row : {name}")
        columns.append(column)
    return tuple(columns)


def require(columns: Sequence[Column], name: str) -> int:
    """The place of a column that must be there.

    Raises:
        FileRefusedError: it is not.
    """
    for place, column in enumerate(columns):
        if column.name.lower() == name.lower() and not column.parent_key:
            return place
    raise _not_found(name)


def _column(schema: Schema, user: User, sobject: SObjectType, name: str) -> Column | None:
    path, _, key = name.partition(".")
    if not key:
        field = user.find(sobject, name)
        return Column(name, field) if field is not None and field.type != "address" else None
    parent_type, _, relation = path.rpartition(":")
    field = sobject.by_relationship.get(relation.lower())
    if field is None or not user.visible(sobject, field):
        return None
    parent = schema.find(parent_type or field.reference_to[0])
    key_field = parent.field(key) if parent is not None else None
    usable = key_field is not None and (key_field.key_field or key_field.type == "id")
    return Column(name, field, key, parent_type) if usable else None


def _not_found(name: str) -> FileRefusedError:
    return FileRefusedError(f"InvalidBatch : Field name not found : {name}")

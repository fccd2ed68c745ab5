"""SELECT lists: what each result record shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from intacct_sf_pipeline.sandbox.salesforce.records import Cell, attributes, cell_of, json_value
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.errors import at, malformed, no_such_relationship, no_such_type
from intacct_sf_pipeline.sandbox.salesforce.soql.expressions import express
from intacct_sf_pipeline.sandbox.salesforce.soql.scope import NAME_OBJECT, Scope
from intacct_sf_pipeline.sandbox.salesforce.values import Row

FIELDS_LIMIT = 200
Children = Callable[[Scope, ast.Query], tuple[str, Callable[[Row], object]]]


@dataclass(slots=True)
class Columns:
    """The columns of one object in a result, with those of its parents nested: the tree that paths span."""

    sobject: SObjectType
    scope: Scope
    cells: dict[str, "Cell | Parent"] = field(default_factory=dict)
    types: dict[str, Field] = field(default_factory=dict)

    def print(self, row: Row) -> dict[str, object]:
        """One record."""
        shown = self._actual(row)
        printed: dict[str, object] = {"attributes": attributes(shown, row["Id"], self.scope.version)}
        for name, cell in self.cells.items():
            printed[name] = cell(row)
        return printed

    def leaves(self, above: tuple[str, ...] = ()) -> Iterable[tuple[tuple[str, ...], Field]]:
        """The paths of all columns with their fields, those of parents included, in order."""
        for name, cell in self.cells.items():
            if isinstance(cell, Parent):
                yield from cell.columns.leaves((*above, name))
            elif name in self.types:
                yield (*above, name), self.types[name]

    def _actual(self, row: Row) -> str:
        if self.sobject is not NAME_OBJECT:
            return self.sobject.name
        actual = self.scope.db.type_of(str(row["Id"]))
        return actual.name if actual is not None else "Name"


@dataclass(slots=True)
class Parent:
    """A parent shown inside a record."""

    lookup: str
    columns: Columns

    def __call__(self, row: Row) -> object:
        """The parent's record, or null when there is none."""
        parent = self.columns.scope.db.row(row[self.lookup])
        return self.columns.print(parent) if parent is not None else None


def bind_columns(scope: Scope, query: ast.Query, children: Children) -> Columns:
    """The columns of a SELECT without aggregates; raises `ApiError` for unknown or repeated ones."""
    top = Columns(scope.sobject, scope)
    for item in query.select:
        if isinstance(item, ast.SelectChildren):
            name, cell = children(scope, item.query)
            _put(top, name, cell, None, item.query.source)
        elif isinstance(item, ast.SelectTypeOf):
            name, cell = _type_of(scope, item)
            _put(top, name, cell, None, item.lookup)
        elif isinstance(item.operand, ast.Call) and item.operand.name == "FIELDS":
            for one in _expand(scope, item.operand, query):
                top.cells[one.name], top.types[one.name] = cell_of(scope.sobject, one, scope.version), one
        elif isinstance(item.operand, ast.Call):
            _function(top, scope, item.operand, item.alias)
        elif item.alias is not None:
            raise malformed("only aggregate expressions use field aliasing", scope.statement, item.operand.mark)
        else:
            _add(top, scope, item.operand)
    return top


def _function(top: Columns, scope: Scope, call: ast.Call, alias: str | None) -> None:
    found = express(scope, call)
    read = found.read
    _put(top, alias or found.name, lambda row: json_value(read(row)), found.field, call)


def _put(columns: Columns, name: str, cell: Cell, one: Field | None, where: ast.Operand) -> None:
    if name in columns.cells:
        message = f"duplicate field selected: {name}"
        raise at("INVALID_FIELD", message, columns.scope.statement, where.mark)
    columns.cells[name] = cell
    if one is not None:
        columns.types[name] = one


def _type_of(scope: Scope, item: ast.SelectTypeOf) -> tuple[str, Cell]:
    """The name and printer of a TYPEOF: the parent's fields, by the type the parent happens to have."""
    lookup = scope.sobject.by_relationship.get(item.lookup.text.lower())
    if lookup is None or not scope.user.visible(scope.sobject, lookup):
        raise no_such_relationship(item.lookup.text, scope.statement, item.lookup.mark)
    if len(lookup.reference_to) < 2:
        message = f"TYPEOF: relationship {item.lookup.text} is not polymorphic"
        raise malformed(message, scope.statement, item.lookup.mark)
    by_type = {}
    for kind, names in item.branches:
        sobject = scope.db.schema.find(kind.text)
        if sobject is None or sobject.name not in lookup.reference_to:
            raise no_such_type(kind.text, scope.statement, kind.mark)
        by_type[sobject.name] = _fields_of(scope.inner(sobject, None), names)
    last = _fields_of(scope.inner(NAME_OBJECT, None), item.otherwise) if item.otherwise else None

    def cell(row: Row) -> object:
        parent = scope.db.row(row[lookup.name])
        actual = scope.db.type_of(str(row[lookup.name])) if parent is not None else None
        if parent is None or actual is None:
            return None
        columns = by_type.get(actual.name, last)
        if columns is None:
            return {"attributes": attributes(actual.name, parent["Id"], scope.version)}
        return columns.print(parent)

    return lookup.relationship or lookup.name, cell


def _fields_of(scope: Scope, names: Iterable[ast.FieldRef]) -> Columns:
    columns = Columns(scope.sobject, scope)
    for name in names:
        _add(columns, scope, name)
    return columns


def _add(top: Columns, scope: Scope, ref: ast.FieldRef) -> None:
    bound = scope.bind(ref)
    columns = top
    for hop, name in zip(bound.hops, bound.names[:-1], strict=True):
        parent = columns.cells.get(name)
        if not isinstance(parent, Parent):
            found = scope.db.schema.find(hop.reference_to[0])
            sobject = NAME_OBJECT if len(hop.reference_to) > 1 or found is None else found
            parent = Parent(hop.name, Columns(sobject, scope))
            columns.cells[name] = parent
        columns = parent.columns
    _put(columns, bound.field.name, _cell(scope, columns.sobject, bound.field), bound.field, ref)


def _cell(scope: Scope, sobject: SObjectType, one: Field) -> Cell:
    if sobject is NAME_OBJECT:
        return scope.name_reader(one.name)
    return cell_of(sobject, one, scope.version)


def _expand(scope: Scope, call: ast.Call, query: ast.Query) -> Iterable[Field]:
    argument = call.args[0] if len(call.args) == 1 else None
    kind = argument.text.upper() if isinstance(argument, ast.FieldRef) else ""
    if kind not in ("ALL", "STANDARD", "CUSTOM"):
        raise malformed(f"unexpected token: '{call.name}'", scope.statement, call.mark)
    if kind != "STANDARD" and (query.limit is None or query.limit > FIELDS_LIMIT):
        raise malformed(f"The SOQL FIELDS function must have a LIMIT of at most {FIELDS_LIMIT}")
    visible = scope.user.fields(scope.sobject)
    return [f for f in visible if kind == "ALL" or f.custom == (kind == "CUSTOM")]

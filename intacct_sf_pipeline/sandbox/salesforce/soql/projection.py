"""SELECT lists: what each result record shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.records import Cell, attributes, cell_of
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.errors import at, malformed
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

    def print(self, row: Row) -> dict[str, object]:
        """One record."""
        shown = self._actual(row)
        printed: dict[str, object] = {"attributes": attributes(shown, row["Id"], self.scope.version)}
        for name, cell in self.cells.items():
            printed[name] = cell(row)
        return printed

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
            top.cells[name] = cell
        elif isinstance(item.operand, ast.Call):
            for one in _expand(scope, item.operand, query):
                top.cells[one.name] = cell_of(scope.sobject, one, scope.version)
        elif item.alias is not None:
            raise malformed("only aggregate expressions use field aliasing", scope.statement, item.operand.mark)
        else:
            _add(top, scope, item.operand)
    return top


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
    if bound.field.name in columns.cells:
        raise at("INVALID_FIELD", f"duplicate field selected: {bound.field.name}", scope.statement, ref.mark)
    columns.cells[bound.field.name] = _cell(scope, columns.sobject, bound.field)


def _cell(scope: Scope, sobject: SObjectType, one: Field) -> Cell:
    if sobject is NAME_OBJECT:
        return scope.name_reader(one.name)
    return cell_of(sobject, one, scope.version)


def _expand(scope: Scope, call: ast.Call, query: ast.Query) -> Iterable[Field]:
    kind = call.args[0].text.upper() if call.name == "FIELDS" and len(call.args) == 1 else ""
    if kind not in ("ALL", "STANDARD", "CUSTOM"):
        raise malformed(f"unexpected token: '{call.name}'", scope.statement, call.mark)
    if kind != "STANDARD" and (query.limit is None or query.limit > FIELDS_LIMIT):
        raise ApiError("MALFORMED_QUERY", f"The SOQL FIELDS function must have a LIMIT of at most {FIELDS_LIMIT}")
    visible = scope.user.fields(scope.sobject)
    return [f for f in visible if kind == "ALL" or f.custom == (kind == "CUSTOM")]

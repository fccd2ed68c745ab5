"""Running a statement: parse, bind, choose rows, order, page.

What belongs here: the story of one query. Each step is in the module beside this one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.cursors import Render, all_rendered
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.aggregates import aggregate, is_aggregate, is_count
from intacct_sf_pipeline.sandbox.salesforce.soql.conditions import compile_condition
from intacct_sf_pipeline.sandbox.salesforce.soql.errors import malformed, no_such_children, no_such_type
from intacct_sf_pipeline.sandbox.salesforce.soql.ordering import sort_rows
from intacct_sf_pipeline.sandbox.salesforce.soql.parser import parse
from intacct_sf_pipeline.sandbox.salesforce.soql.projection import bind_columns
from intacct_sf_pipeline.sandbox.salesforce.soql.restrictions import check_document_links, check_tail, mine_only
from intacct_sf_pipeline.sandbox.salesforce.soql.scope import Scope
from intacct_sf_pipeline.sandbox.salesforce.store.database import Database
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value

MAX_OFFSET = 2_000
# Source: SOQL Ref, Relationship Queries: five levels of parent-to-child from this version on, before it one.
NESTED_SINCE, DEEPEST = 58.0, 4


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a query: how many records, and how to print a slice of them. `COUNT()` prints none.

    `columns` are the paths of the record's columns with their fields (none for aggregates and child lists), `rows` the
    rows behind the records, `locks` what the statement says after FOR.
    """

    size: int
    render: Render
    sobject: str
    countable_only: bool = False
    columns: tuple[tuple[tuple[str, ...], Field], ...] = ()
    rows: Sequence[Row] = ()
    locks: tuple[str, ...] = ()


def run(
    db: Database,
    user: User,
    statement: str,
    *,
    today: date,
    version: str,
    include_deleted: bool,
    keep: Callable[[Row], bool] | None = None,
) -> Result:
    """Runs a statement; raises `ApiError` for anything the service refuses. `keep` narrows the rows further."""
    query = parse(statement)
    sobject = db.schema.find(query.source.text)
    if sobject is None or not user.may_see(sobject):
        raise no_such_type(query.source.text, statement, query.source.mark)
    scope = Scope(db, user, statement, today, version, sobject, query.alias, include_deleted, keep=keep)
    check_tail(scope, query)
    if is_count(query):
        return _count(scope, query)
    if is_aggregate(query):
        records = aggregate(scope, query, _matching(scope, query))
        return Result(len(records), all_rendered(records), sobject.name)
    columns = bind_columns(scope, query, _children)
    rows = _rows(scope, query)
    return Result(
        len(rows),
        lambda start, stop: [columns.print(row) for row in rows[start:stop]],
        sobject.name,
        columns=tuple(columns.leaves()),
        rows=rows,
        locks=query.locks,
    )


def _count(scope: Scope, query: ast.Query) -> Result:
    if len(query.select) > 1 or query.order_by or query.group_by:
        raise malformed("COUNT() must be the only element of the SELECT list and cannot be ordered or grouped")
    return Result(len(_rows(scope, query)), all_rendered(()), scope.sobject.name, countable_only=True)


def _rows(scope: Scope, query: ast.Query, candidates: Iterable[Row] | None = None) -> list[Row]:
    """The rows of a query, ordered and cut."""
    rows = _matching(scope, query, candidates)
    if query.having is not None:
        raise malformed("HAVING needs GROUP BY")
    if query.order_by:
        rows = sort_rows(scope, query.order_by, rows)
    start = query.offset or 0
    return rows[start : None if query.limit is None else start + query.limit]


def _matching(scope: Scope, query: ast.Query, candidates: Iterable[Row] | None = None) -> list[Row]:
    """The rows that satisfy WHERE, through an index where one helps."""
    if query.offset is not None and query.offset > MAX_OFFSET:
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
    table = scope.db.table(scope.sobject.name)
    test: Callable[[Row], bool] | None = None
    if candidates is None:
        check_document_links(scope, query)
    if query.where is not None:
        compiled = compile_condition(scope, query.where, _semi_join)
        test = compiled.test
        candidates = candidates if candidates is not None else compiled.candidates.rows(table)
    rows: Iterable[Row] = candidates if candidates is not None else table.rows.values()
    shown = rows if scope.include_deleted else (row for row in rows if not row["IsDeleted"])
    if mine_only(scope, query):
        shown = (row for row in shown if row.get("OwnerId") == scope.user.id)
    if scope.keep is not None:
        shown = filter(scope.keep, shown)
    return [row for row in shown if test is None or test(row)]


def _children(scope: Scope, query: ast.Query) -> tuple[str, Callable[[Row], object]]:
    """The name and printer of a parent-to-child sub-query."""
    if scope.depth >= (DEEPEST if float(scope.version) >= NESTED_SINCE else 1):
        raise malformed("Nesting of sub-queries is not supported this deep", scope.statement, query.source.mark)
    wanted = query.source.path[-1].lower()
    for relation in scope.db.schema.children.get(scope.sobject.name, ()):
        if (
            relation.name is not None
            and relation.name.lower() == wanted
            and scope.user.visible(relation.child, relation.field)
        ):
            break
    else:
        raise no_such_children(query.source.text, scope.statement, query.source.mark)
    inner = scope.inner(relation.child, query.alias)
    columns = bind_columns(inner, query, _children)
    table, lookup, name = scope.db.table(relation.child.name), relation.field.name, relation.name or ""

    def show(row: Row) -> object:
        rows = _rows(inner, query, table.find(lookup, row["Id"]))
        if not rows:
            return None
        return {"totalSize": len(rows), "done": True, "records": [columns.print(child) for child in rows]}

    return name, show


def _semi_join(scope: Scope, query: ast.Query) -> Sequence[Value]:
    """The ids a semi-join's inner query selects."""
    if scope.joined:
        raise malformed("Nesting of semi join sub-selects is not supported", scope.statement, query.source.mark)
    sobject = _inner_type(scope, query)
    inner = replace(scope.inner(sobject, query.alias), joined=True)
    item = query.select[0]
    if len(query.select) != 1 or not isinstance(item, ast.SelectItem) or not isinstance(item.operand, ast.FieldRef):
        raise malformed("semi join sub-selects must select exactly one field", scope.statement, query.source.mark)
    bound = inner.bind(item.operand)
    if bound.field.type not in ("id", "reference"):
        message = "The selected field in a semi join sub-select must be of type ID or reference"
        raise malformed(message, scope.statement, item.operand.mark)
    read = inner.reader(bound)
    return [value for value in map(read, _rows(inner, query)) if value is not None]


def _inner_type(scope: Scope, query: ast.Query) -> SObjectType:
    sobject = scope.db.schema.find(query.source.text)
    if sobject is None or not scope.user.may_see(sobject):
        raise no_such_type(query.source.text, scope.statement, query.source.mark)
    if sobject.name == scope.sobject.name:
        raise malformed(
            "The inner and outer selects should not be on the same object type",
            scope.statement,
            query.source.mark,
        )
    return sobject

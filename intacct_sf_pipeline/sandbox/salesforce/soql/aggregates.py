"""COUNT, MIN, MAX, SUM, AVG and GROUP BY. Source: SOQL Ref, Aggregate Functions and GROUP BY."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.records import json_value
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.conditions import folded, ordered_test
from intacct_sf_pipeline.sandbox.salesforce.soql.errors import malformed
from intacct_sf_pipeline.sandbox.salesforce.soql.ordering import sort_by, sortable
from intacct_sf_pipeline.sandbox.salesforce.soql.scope import Reader, Scope
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value

Group = list[Row]
GroupValue = Callable[[Group], Value]
FUNCTIONS = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})


def is_aggregate(query: ast.Query) -> bool:
    """Whether a query answers groups instead of rows."""
    calls = [i.operand for i in query.select if isinstance(i, ast.SelectItem) and isinstance(i.operand, ast.Call)]
    return bool(query.group_by) or any(call.name in FUNCTIONS for call in calls)


def is_count(query: ast.Query) -> bool:
    """Whether a query is the bare `SELECT COUNT()`."""
    first = query.select[0]
    return (
        isinstance(first, ast.SelectItem)
        and isinstance(first.operand, ast.Call)
        and first.operand.name == "COUNT"
        and not first.operand.args
    )


def aggregate(scope: Scope, query: ast.Query, rows: list[Row]) -> list[dict[str, object]]:
    """The AggregateResult records of a query over its filtered rows."""
    groups = _groups(scope, query.group_by, rows)
    columns = _columns(scope, query)
    if query.having is not None:
        keep = _having(scope, query, query.having)
        groups = [group for group in groups if keep(group)]
    keys = [_group_value(scope, query, _unalias(query, term.operand)) for term in query.order_by]
    groups = sort_by(groups, query.order_by, keys)
    start = query.offset or 0
    stop = None if query.limit is None else start + query.limit
    return [
        {"attributes": {"type": "AggregateResult"}, **{name: json_value(value(group)) for name, value in columns}}
        for group in groups[start:stop]
    ]


def _groups(scope: Scope, operands: Sequence[ast.Operand], rows: list[Row]) -> list[Group]:
    if not operands:
        return [rows]
    readers: list[Reader] = []
    for operand in operands:
        if isinstance(operand, ast.Call):
            raise malformed(f"unexpected token: '{operand.name}'", scope.statement, operand.mark)
        bound = scope.bind(operand)
        if not bound.field.groupable:
            message = f"field '{bound.field.name}' can not be grouped in a query call"
            raise malformed(message, scope.statement, operand.mark)
        readers.append(folded(scope, bound))
    found: dict[tuple[Value, ...], Group] = {}
    for row in rows:
        found.setdefault(tuple(read(row) for read in readers), []).append(row)
    return list(found.values())


def _columns(scope: Scope, query: ast.Query) -> list[tuple[str, GroupValue]]:
    columns: list[tuple[str, GroupValue]] = []
    unnamed = 0
    for item in query.select:
        if isinstance(item, ast.SelectChildren):
            raise malformed("sub-queries cannot be combined with aggregates", scope.statement, item.query.source.mark)
        name = item.alias
        if name is None and isinstance(item.operand, ast.FieldRef):
            name = scope.bind(item.operand).names[-1]
        elif name is None:
            name, unnamed = f"expr{unnamed}", unnamed + 1
        columns.append((name, _group_value(scope, query, item.operand)))
    return columns


def _group_value(scope: Scope, query: ast.Query, operand: ast.Operand) -> GroupValue:
    if isinstance(operand, ast.Call):
        return _function(scope, operand)
    bound = scope.bind(operand)
    grouped = {scope.bind(g).names for g in query.group_by if isinstance(g, ast.FieldRef)}
    if bound.names not in grouped:
        raise malformed(f"Field must be grouped or aggregated: {operand.text}", scope.statement, operand.mark)
    read = scope.reader(bound)
    return lambda group: read(group[0])


def _function(scope: Scope, call: ast.Call) -> GroupValue:
    if call.name not in FUNCTIONS or len(call.args) != 1:
        raise malformed(f"unexpected token: '{call.name}'", scope.statement, call.mark)
    bound = scope.bind(call.args[0])
    numeric = bound.field.is_number or bound.field.type == "int"
    if not bound.field.filterable or (call.name in ("SUM", "AVG") and not numeric):
        message = f"field {bound.field.name} does not support aggregate operator {call.name}"
        raise malformed(message, scope.statement, call.mark)
    read = scope.reader(bound)
    compute = _COMPUTE[call.name]
    return lambda group: compute([value for value in map(read, group) if value is not None])


def _total(values: list[Value]) -> Decimal:
    return sum((Decimal(v) for v in values if isinstance(v, (int, Decimal))), Decimal(0))


_COMPUTE: dict[str, Callable[[list[Value]], Value]] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len({v.lower() if isinstance(v, str) else v for v in values}),
    "MIN": lambda values: min(values, key=sortable, default=None),
    "MAX": lambda values: max(values, key=sortable, default=None),
    "SUM": lambda values: _total(values) if values else None,
    "AVG": lambda values: _total(values) / len(values) if values else None,
}


def _unalias(query: ast.Query, operand: ast.Operand) -> ast.Operand:
    """What an ORDER BY or HAVING name stands for when it is an alias of the SELECT list."""
    if isinstance(operand, ast.FieldRef) and len(operand.path) == 1:
        for item in query.select:
            if (
                isinstance(item, ast.SelectItem)
                and item.alias is not None
                and item.alias.lower() == operand.text.lower()
            ):
                return item.operand
    return operand


def _having(scope: Scope, query: ast.Query, condition: ast.Condition) -> Callable[[Group], bool]:
    match condition:
        case ast.And(terms):
            every = [_having(scope, query, term) for term in terms]
            return lambda group: all(test(group) for test in every)
        case ast.Or(terms):
            some = [_having(scope, query, term) for term in terms]
            return lambda group: any(test(group) for test in some)
        case ast.Not(term):
            inner = _having(scope, query, term)
            return lambda group: not inner(group)
        case ast.Comparison(operand, op, ast.Number(number)):
            value = _group_value(scope, query, operand)
            # The comparison works on rows; a group is wrapped as a row of one column.
            test = ordered_test(lambda row: row["value"], op, number)
            return lambda group: test({"value": value(group)})
        case _:
            raise ApiError("MALFORMED_QUERY", "HAVING compares an aggregate with a number")

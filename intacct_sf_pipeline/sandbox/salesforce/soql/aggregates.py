"""COUNT, MIN, MAX, SUM, AVG and GROUP BY, with ROLLUP and CUBE. Source: SOQL Ref, Aggregate Functions and GROUP BY."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from intacct_sf_pipeline.sandbox.salesforce.records import json_value
from intacct_sf_pipeline.sandbox.salesforce.schema.fields import integer, number
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.conditions import compare, members
from intacct_sf_pipeline.sandbox.salesforce.soql.dates import DATE_FUNCTIONS
from intacct_sf_pipeline.sandbox.salesforce.soql.errors import malformed
from intacct_sf_pipeline.sandbox.salesforce.soql.expressions import Expression, express, localized
from intacct_sf_pipeline.sandbox.salesforce.soql.ordering import sort_by, sortable
from intacct_sf_pipeline.sandbox.salesforce.soql.scope import Scope
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value

FUNCTIONS = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})
_MULTIPLE = ("ROLLUP", "CUBE")
_MOST_KEYS = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that have the group keys in common; of keys in `rolled` they have not: it is a subtotal over them."""

    rows: Sequence[Row]
    rolled: frozenset[ast.Operand] = frozenset()


@dataclass(frozen=True, slots=True)
class Column:
    """What a group shows: the type of the value and how to find it."""

    field: Field
    value: Callable[[Group], Value]


def is_aggregate(query: ast.Query) -> bool:
    """Whether a query answers groups instead of rows."""
    return bool(query.group_by) or any(
        isinstance(item, ast.SelectItem) and _is_of_group(item.operand) for item in query.select
    )


def _is_of_group(operand: ast.Operand) -> bool:
    if isinstance(operand, ast.FieldRef):
        return False
    return operand.name in FUNCTIONS | DATE_FUNCTIONS | {"GROUPING"} or any(map(_is_of_group, operand.args))


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
    keys = _group_keys(scope, query)
    groups = _groups(scope, query, keys, rows)
    columns = _columns(scope, query, keys)
    if query.having is not None:
        keep = _having(scope, query, keys, query.having)
        groups = [group for group in groups if keep(group)]
    order = [_column(scope, _unalias(query, term.operand), keys).value for term in query.order_by]
    groups = sort_by(groups, query.order_by, order)
    start = query.offset or 0
    stop = None if query.limit is None else start + query.limit
    return [
        {"attributes": {"type": "AggregateResult"}, **{n: json_value(c.value(group)) for n, c in columns}}
        for group in groups[start:stop]
    ]


def _group_keys(scope: Scope, query: ast.Query) -> list[ast.Operand]:
    keys: list[ast.Operand] = []
    for given in query.group_by:
        operand = _unalias(query, given)
        if isinstance(operand, ast.Call) and operand.name in _MULTIPLE:
            if len(query.group_by) > 1 or not 0 < len(operand.args) <= _MOST_KEYS:
                raise malformed(f"unexpected token: '{operand.name}'", scope.statement, operand.mark)
            keys.extend(operand.args)
        else:
            keys.append(operand)
    return [_canonical(scope, key) for key in keys]


def _canonical(scope: Scope, operand: ast.Operand) -> ast.Operand:
    """The operand with names spelled as in the schema, so that equal ones are equal."""
    if isinstance(operand, ast.Call):
        return ast.Call(operand.name, tuple(_canonical(scope, one) for one in operand.args), operand.mark)
    return ast.FieldRef(scope.bind(operand).names, operand.mark)


def _groups(scope: Scope, query: ast.Query, keys: Sequence[ast.Operand], rows: list[Row]) -> list[Group]:
    if not keys:
        return [Group(rows)]
    first = query.group_by[0]
    kind = first.name if isinstance(first, ast.Call) else ""
    found: list[Group] = []
    for kept in _sets(keys, kind):
        rolled = frozenset(key for key in keys if key not in kept)
        found.extend(Group(part, rolled) for part in _partition(scope, kept, rows))
    return found


def _sets(keys: Sequence[ast.Operand], kind: str) -> list[tuple[ast.Operand, ...]]:
    """The sets of keys to group by: all; for ROLLUP also each beginning of the list; for CUBE also each subset."""
    if kind == "ROLLUP":
        return [tuple(keys[:size]) for size in range(len(keys), -1, -1)]
    if kind == "CUBE":
        return [some for size in range(len(keys), -1, -1) for some in combinations(keys, size)]
    return [tuple(keys)]


def _partition(scope: Scope, keys: Sequence[ast.Operand], rows: list[Row]) -> list[list[Row]]:
    readers = [_grouped(scope, key).folded for key in keys]
    found: dict[tuple[Value, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(read(row) for read in readers), []).append(row)
    return list(found.values())


def _grouped(scope: Scope, key: ast.Operand) -> Expression:
    bound = express(scope, key)
    if not bound.field.groupable:
        message = f"field '{bound.name}' can not be grouped in a query call"
        raise malformed(message, scope.statement, key.mark)
    return bound


def _columns(scope: Scope, query: ast.Query, keys: Sequence[ast.Operand]) -> list[tuple[str, Column]]:
    columns: list[tuple[str, Column]] = []
    unnamed = 0
    for item in query.select:
        if not isinstance(item, ast.SelectItem):
            mark = item.query.source.mark if isinstance(item, ast.SelectChildren) else item.lookup.mark
            raise malformed("sub-queries and TYPEOF cannot be combined with aggregates", scope.statement, mark)
        name = item.alias
        if name is None and isinstance(item.operand, ast.FieldRef):
            name = scope.bind(item.operand).names[-1]
        elif name is None:
            name, unnamed = f"expr{unnamed}", unnamed + 1
        if any(name.lower() == other.lower() for other, _ in columns):
            raise malformed(f"duplicate alias: {name}", scope.statement, item.operand.mark)
        columns.append((name, _column(scope, item.operand, keys)))
    return columns


def _column(scope: Scope, operand: ast.Operand, keys: Sequence[ast.Operand]) -> Column:
    if isinstance(operand, ast.Call) and operand.name in FUNCTIONS:
        return _function(scope, operand)
    if isinstance(operand, ast.Call) and operand.name == "FORMAT" and len(operand.args) == 1:
        inner = _column(scope, operand.args[0], keys)
        return Column(inner.field, lambda group: localized(inner.field, inner.value(group)))
    if isinstance(operand, ast.Call) and operand.name == "GROUPING" and len(operand.args) == 1:
        asked = _canonical(scope, operand.args[0])
        return Column(integer("GROUPING", "Grouping"), lambda group: int(asked in group.rolled))
    bound, key = express(scope, operand), _canonical(scope, operand)
    if key not in keys:
        shown = operand.text if isinstance(operand, ast.FieldRef) else bound.name
        raise malformed(f"Field must be grouped or aggregated: {shown}", scope.statement, operand.mark)
    return Column(bound.field, lambda group: None if key in group.rolled else bound.read(group.rows[0]))


def _function(scope: Scope, call: ast.Call) -> Column:
    if len(call.args) != 1:
        raise malformed(f"unexpected token: '{call.name}'", scope.statement, call.mark)
    bound = express(scope, call.args[0])
    numeric = bound.field.is_number or bound.field.type == "int"
    unfit = (call.name in ("SUM", "AVG") and not numeric) or (
        call.name in ("MIN", "MAX") and bound.field.type in ("boolean", "address", "base64")
    )
    if not bound.field.filterable or unfit:
        message = f"field {bound.name} does not support aggregate operator {call.name}"
        raise malformed(message, scope.statement, call.mark)
    read, compute = bound.read, _COMPUTE[call.name]
    field = bound.field
    if call.name in ("COUNT", "COUNT_DISTINCT"):
        field = integer(call.name, call.name)
    elif call.name == "AVG":
        field = number(bound.name, bound.field.label, 18, 6)
    return Column(field, lambda group: compute([value for value in map(read, group.rows) if value is not None]))


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
    """What a GROUP BY, ORDER BY or HAVING name stands for when it is an alias of the SELECT list."""
    if isinstance(operand, ast.FieldRef) and len(operand.path) == 1:
        for item in query.select:
            if (
                isinstance(item, ast.SelectItem)
                and item.alias is not None
                and item.alias.lower() == operand.text.lower()
            ):
                return item.operand
    return operand


def _having(
    scope: Scope, query: ast.Query, keys: Sequence[ast.Operand], condition: ast.Condition
) -> Callable[[Group], bool]:
    match condition:
        case ast.And(terms):
            every = [_having(scope, query, keys, term) for term in terms]
            return lambda group: all(test(group) for test in every)
        case ast.Or(terms):
            some = [_having(scope, query, keys, term) for term in terms]
            return lambda group: any(test(group) for test in some)
        case ast.Not(term):
            inner = _having(scope, query, keys, term)
            return lambda group: not inner(group)
        case ast.Comparison(operand):
            column = _column(scope, _unalias(query, operand), keys)
            # The comparison works on rows; a group is wrapped as a row of one column.
            test = compare(scope, condition, column.field, lambda row: row["value"])
            return lambda group: test({"value": _fold(column, group)})
        case ast.Membership(operand):
            column = _column(scope, _unalias(query, operand), keys)
            accepted = frozenset(members(scope, condition, column.field))
            return lambda group: (_fold(column, group) in accepted) is not condition.negated
        case ast.Multiple(operand):
            raise malformed("invalid operator on field type", scope.statement, operand.mark)


def _fold(column: Column, group: Group) -> Value:
    value = column.value(group)
    return (
        value.lower() if isinstance(value, str) and column.field.is_text and not column.field.case_sensitive else value
    )

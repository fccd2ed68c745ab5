"""What SQL Server refuses although it parses: where conditions and values may stand, ordering, grouping, keys.

Source of each: Microsoft's Transact-SQL reference, or the number of the message that the server gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlglot import exp

from .parse import RESERVED, Parsed

_CONDITIONS = (exp.Predicate, exp.Connector, exp.Not, exp.Exists, exp.Escape)
_TRANSPARENT = (exp.Paren, exp.Not, exp.And, exp.Or, exp.Escape)
_ROWS = 1000
_SETS = re.compile(r"/.|(\[)", re.DOTALL)
_KEY_BYTES, _CLUSTERED_BYTES = 1700, 900

Kinds = Mapping[tuple[str, str], str]
"""Kind of a column by table and name: `key` (binary collation), `max`, `text` (the database's collation), `bit`, ..."""


def check(parsed: Parsed, kinds: Kinds) -> None:
    """Raise `RefusedError` for the first rule that the statement breaks."""
    for rule in (_where_conditions_stand, _what_is_a_condition, _rows, _ordering, _grouping):
        rule(parsed)
    _aggregates(parsed, kinds)
    _comparisons(parsed, kinds)


def check_patterns(parsed: Parsed, arguments: Mapping[str, Any]) -> None:
    """A bracket in a pattern opens a set of letters, here alone; the sign before one that stands for itself is `/`."""
    for pattern in parsed.tree.find_all(exp.Like):
        texts = [arguments[node.name] for node in pattern.expression.find_all(exp.Parameter)]
        texts += [node.name for node in pattern.expression.find_all(exp.Literal)]
        if any(found.group(1) for text in texts for found in _SETS.finditer(str(text))):
            raise parsed.refuse("LIKE with a set of letters, which no other server knows")


def _where_conditions_stand(parsed: Parsed) -> None:
    """There is no boolean type: a condition is no value (Msg 102, 156)."""
    for node in parsed.tree.find_all(*_CONDITIONS):
        above = node
        while isinstance(above.parent, _TRANSPARENT):
            above = above.parent
        place = above.parent
        stands = isinstance(place, (exp.Where, exp.Having, exp.Join, exp.CheckColumnConstraint, exp.Check))
        stands |= isinstance(place, exp.If) and place.this is above
        stands |= isinstance(node, exp.SubqueryPredicate) and isinstance(place, exp.Predicate)
        stands |= isinstance(place, exp.Update) and isinstance(node, exp.EQ)
        if not stands and place is not None:
            raise parsed.refuse(f"a condition where a value is wanted: {node.sql('tsql')}")


def _what_is_a_condition(parsed: Parsed) -> None:
    """A value is no condition (Msg 4145), and IS is for NULL alone."""
    for node in parsed.tree.find_all(exp.Is):
        if not isinstance(node.expression, exp.Null):
            raise parsed.refuse(f"IS with something other than NULL: {node.sql('tsql')}")
    wanted: list[exp.Expression] = [node.this for node in parsed.tree.find_all(exp.Where, exp.Having, exp.Not)]
    for both in parsed.tree.find_all(exp.Connector):
        wanted += [both.this, both.expression]
    wanted += [join.args["on"] for join in parsed.tree.find_all(exp.Join) if join.args.get("on")]
    for node in wanted:
        inner = node.unnest()
        if not isinstance(inner, _CONDITIONS):
            raise parsed.refuse(f"a value where a condition is wanted: {inner.sql('tsql')}")
    for node in parsed.tree.find_all(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In):
        if isinstance(node.this, exp.Tuple):
            raise parsed.refuse("rows cannot be compared")


def _rows(parsed: Parsed) -> None:
    for values in parsed.tree.find_all(exp.Values):
        if len(values.expressions) > _ROWS:
            raise parsed.refuse(f"more than {_ROWS} rows in VALUES (Msg 10738)")


def _ordering(parsed: Parsed) -> None:
    for select in parsed.tree.find_all(exp.Select):
        order, limited = select.args.get("order"), select.args.get("limit") or select.args.get("offset")
        inserted = isinstance(select.parent, exp.Insert)
        if order and not limited and select is not parsed.tree and not inserted:
            raise parsed.refuse("ORDER BY in a view or subquery without TOP (Msg 1033)")
        if select.args.get("offset") and not order:
            raise parsed.refuse("OFFSET without ORDER BY")
        if order and select.args.get("distinct"):
            shown = {item.unalias().sql() for item in select.selects} | {item.alias for item in select.selects}
            for item in order.expressions:
                if item.this.sql() not in shown:
                    raise parsed.refuse("ORDER BY of a DISTINCT query wants a selected column (Msg 145)")


def _grouping(parsed: Parsed) -> None:
    for select in parsed.tree.find_all(exp.Select):
        group = select.args.get("group")
        if group is None:
            continue
        keys = {item.sql() for item in group.expressions}
        for item in group.expressions:
            if not item.find(exp.Column):
                raise parsed.refuse("GROUP BY of something without a column (Msg 164)")
            if item.find(exp.Select):
                raise parsed.refuse("GROUP BY of a subquery (Msg 144)")
        for item in select.selects:
            if _loose(item.unalias(), keys):
                raise parsed.refuse(f"{item.sql('tsql')} is not grouped by (Msg 8120)")


def _loose(node: exp.Expression, keys: set[str]) -> bool:
    """Whether it has a column outside aggregates and grouped expressions; parameters of its own make it another."""
    if node.sql() in keys or isinstance(node, exp.AggFunc):
        return False
    if isinstance(node, exp.Column):
        return True
    return any(_loose(child, keys) for child in node.iter_expressions())


def _aggregates(parsed: Parsed, kinds: Kinds) -> None:
    tables = _tables(parsed.tree)
    for node in parsed.tree.find_all(exp.AggFunc):
        if node.find(exp.Select):
            raise parsed.refuse("an aggregate of a subquery (Msg 130)")
        of_column = isinstance(node, (exp.Min, exp.Max, exp.Sum, exp.Avg)) and isinstance(node.this, exp.Column)
        if of_column and _kind(node.this, tables, kinds) == "bit":
            raise parsed.refuse("MIN, MAX, SUM or AVG of a bit (Msg 8117)")


def _comparisons(parsed: Parsed, kinds: Kinds) -> None:
    """Not SQL Server's rule but ours: what is matched has a binary collation, so that case and accents count."""
    tables = _tables(parsed.tree)
    for node in parsed.tree.find_all(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Like):
        if isinstance(node.parent, exp.Update):
            continue  # an assignment
        for column in node.this.find_all(exp.Column):
            if _kind(column, tables, kinds) == "text":
                raise parsed.refuse(f"{column.sql()} is compared in the collation of the database")


def _tables(tree: exp.Expression) -> dict[str, str]:
    return {table.alias_or_name: table.name for table in tree.find_all(exp.Table)}


def _kind(column: exp.Column, tables: Mapping[str, str], kinds: Kinds) -> str | None:
    if column.table:
        return kinds.get((tables.get(column.table, column.table), column.name))
    found = {kinds.get((table, column.name)) for table in tables.values()} - {None}
    return found.pop() if len(found) == 1 else None


def check_names(parsed: Parsed, names: Iterable[exp.Identifier]) -> None:
    """Names that SQL Server reserves are quoted."""
    for name in names:
        if name.name.upper() in RESERVED and not name.quoted:
            raise parsed.refuse(f"{name.name} is reserved and not quoted")


def check_key(parsed: Parsed, table: str, columns: Iterable[str], sizes: Mapping[str, int], *, clustered: bool) -> None:
    """Size of an index key in bytes; columns without a limit cannot be in one (Msg 1919)."""
    total = 0
    for column in columns:
        if sizes.get(column) is None or sizes[column] < 0:
            raise parsed.refuse(f"{table}.{column} cannot be in an index")
        total += sizes[column]
    if total > (_CLUSTERED_BYTES if clustered else _KEY_BYTES):
        raise parsed.refuse(f"an index key of {total} bytes on {table}")

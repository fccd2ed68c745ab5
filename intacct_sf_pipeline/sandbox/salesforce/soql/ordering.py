"""ORDER BY: nulls first unless said otherwise, text without case, ties in the order rows came.

Source: salesforce.md section 6.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.errors import at
from intacct_sf_pipeline.sandbox.salesforce.soql.expressions import express
from intacct_sf_pipeline.sandbox.salesforce.soql.scope import Scope
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value

Item = TypeVar("Item")


def sort_rows(scope: Scope, terms: Sequence[ast.OrderTerm], rows: list[Row]) -> list[Row]:
    """The rows in the order the terms ask."""
    keys: list[Callable[[Row], Value]] = []
    for term in terms:
        found = express(scope, term.operand)
        if not found.field.sortable:
            message = f"field '{found.name}' can not be sorted in a query call"
            raise at("INVALID_FIELD", message, scope.statement, term.operand.mark)
        keys.append(found.folded)
    return sort_by(rows, terms, keys)


def sort_by(items: list[Item], terms: Sequence[ast.OrderTerm], keys: Sequence[Callable[[Item], Value]]) -> list[Item]:
    """Items ordered by several keys, the first counting most."""
    for term, key in reversed(list(zip(terms, keys, strict=True))):
        keyed = [(key(item), item) for item in items]
        nulls = [item for value, item in keyed if value is None]
        filled = [(sortable(value), item) for value, item in keyed if value is not None]
        filled.sort(key=lambda pair: pair[0], reverse=term.descending)
        ordered = [item for _, item in filled]
        items = ordered + nulls if term.nulls_last else nulls + ordered
    return items


def sortable(value: Value) -> tuple[int | Decimal, str]:
    """A key under which the values of one field compare."""
    if isinstance(value, (int, Decimal)):
        return (value, "")
    return (0, str(value))

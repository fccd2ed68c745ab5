"""WHERE clauses: each condition becomes a test of a row, with the ids an index can offer for it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.candidates import Candidates, StampRange, by_values, union
from intacct_sf_pipeline.sandbox.salesforce.soql.errors import at, malformed
from intacct_sf_pipeline.sandbox.salesforce.soql.expressions import Expression, express
from intacct_sf_pipeline.sandbox.salesforce.soql.literals import comparable, period, wrong_type
from intacct_sf_pipeline.sandbox.salesforce.soql.scope import BoundField, Reader, Scope
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value

_UNKNOWN = Candidates()
Test = Callable[[Row], bool]
SemiJoin = Callable[[Scope, ast.Query], Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A condition made ready: the test, and a superset of the rows that can pass when an index knows one."""

    test: Test
    candidates: Candidates = _UNKNOWN


def compile_condition(scope: Scope, condition: ast.Condition, semi_join: SemiJoin) -> Compiled:
    """Binds a condition; raises `ApiError` for unknown fields and literals of the wrong kind."""
    match condition:
        case ast.And(terms):
            return _all([compile_condition(scope, term, semi_join) for term in terms])
        case ast.Or(terms):
            return _any([compile_condition(scope, term, semi_join) for term in terms])
        case ast.Not(term):
            inner = compile_condition(scope, term, semi_join).test
            return Compiled(lambda row: not inner(row))
        case ast.Membership():
            return _membership(scope, condition, semi_join)
        case ast.Multiple():
            raise at("INVALID_FIELD", "invalid operator on field type", scope.statement, condition.mark)
        case ast.Comparison():
            return _comparison(scope, condition)


def _all(parts: Sequence[Compiled]) -> Compiled:
    tests = tuple(part.test for part in parts)
    return Compiled(
        lambda row: all(test(row) for test in tests), Candidates.intersection([p.candidates for p in parts])
    )


def _any(parts: Sequence[Compiled]) -> Compiled:
    tests = tuple(part.test for part in parts)
    return Compiled(lambda row: any(test(row) for test in tests), union([p.candidates for p in parts]))


def filterable(scope: Scope, operand: ast.Operand) -> Expression:
    """The left side of a filter; raises INVALID_FIELD when it cannot be filtered."""
    found = express(scope, operand)
    if not found.field.filterable:
        message = f"field '{found.name}' can not be filtered in a query call"
        raise at("INVALID_FIELD", message, scope.statement, operand.mark)
    return found


def _comparison(scope: Scope, condition: ast.Comparison) -> Compiled:
    left = filterable(scope, condition.operand)
    test = compare(scope, condition, left.field, left.folded)
    return Compiled(test, _candidates(scope, condition, left.bound) if left.bound is not None else _UNKNOWN)


def compare(scope: Scope, condition: ast.Comparison, field: Field, read: Reader) -> Test:
    """The test of a comparison for values of `field`, text in lower case unless case counts."""
    if condition.op == "LIKE":
        return _like(scope, condition, field, read)
    if isinstance(condition.value, ast.Period):
        first, after = period(scope, field, condition.value, condition.mark)
        return _within_period(read, condition.op, first, after)
    value = comparable(scope, field, condition.value, condition.mark)
    if condition.op in _ORDERINGS and field.type == "boolean":
        raise at("INVALID_FIELD", "invalid operator on field type", scope.statement, condition.mark)
    return ordered_test(read, condition.op, value)


def _candidates(scope: Scope, condition: ast.Comparison, bound: BoundField) -> Candidates:
    if condition.op == "LIKE":
        return _UNKNOWN
    if isinstance(condition.value, ast.Period):
        first, after = period(scope, bound.field, condition.value, condition.mark)
        return Candidates(stamps=_period_stamps(condition.op, first, after)) if _is_stamp(bound) else _UNKNOWN
    value = comparable(scope, bound.field, condition.value, condition.mark)
    if isinstance(value, str):
        by_stamp = _stamps(bound, condition.op, value)
        if by_stamp is not None:
            return by_stamp
    if condition.op == "=" and value is not None:
        return Candidates(find=lambda: by_values(scope, bound, [value]))
    return _UNKNOWN


def ordered_test(read: Reader, op: str, value: Value) -> Test:
    """The test of one comparison. `!=` takes rows where the field is null; `<` and `>` never do."""
    if op == "=":
        return lambda row: read(row) == value
    if op == "!=":
        return lambda row: read(row) != value
    if value is None:
        return lambda _row: False
    compare = _ORDERINGS[op]

    def test(row: Row) -> bool:
        found = read(row)
        return found is not None and compare(found, value)

    return test


def below(first: Value, second: Value) -> bool:
    """Whether one value of a field sorts before another of the same field."""
    if isinstance(first, str) and isinstance(second, str):
        return first < second
    if isinstance(first, (int, Decimal)) and isinstance(second, (int, Decimal)):
        return first < second
    return False


_ORDERINGS: dict[str, Callable[[Value, Value], bool]] = {
    "<": below,
    "<=": lambda a, b: not below(b, a),
    ">": lambda a, b: below(b, a),
    ">=": lambda a, b: not below(a, b),
}


def _within_period(read: Reader, op: str, first: str, after: str) -> Test:
    tests: dict[str, Callable[[str], bool]] = {
        "=": lambda v: first <= v < after,
        "!=": lambda v: not first <= v < after,
        "<": lambda v: v < first,
        "<=": lambda v: v < after,
        ">": lambda v: v >= after,
        ">=": lambda v: v >= first,
    }
    test = tests[op]

    def check(row: Row) -> bool:
        value = read(row)
        return isinstance(value, str) and test(value) if value is not None else op == "!="

    return check


def _period_stamps(op: str, first: str, after: str) -> StampRange | None:
    ranges: dict[str, StampRange] = {
        "=": (first, after),
        "<": (None, first),
        "<=": (None, after),
        ">": (after, None),
        ">=": (first, None),
    }
    return ranges.get(op)


def _like(scope: Scope, condition: ast.Comparison, field: Field, read: Reader) -> Test:
    if not field.is_text or not isinstance(condition.value, ast.Pattern):
        raise at("INVALID_FIELD", "invalid operator on field type", scope.statement, condition.mark)
    expression = "".join(
        (".*" if part.any_run else ".") if isinstance(part, ast.Wildcard) else re.escape(part.lower())
        for part in condition.value.parts
    )
    pattern = re.compile(expression, re.DOTALL)

    def test(row: Row) -> bool:
        value = read(row)
        return isinstance(value, str) and pattern.fullmatch(value.lower()) is not None

    return test


def _membership(scope: Scope, condition: ast.Membership, semi_join: SemiJoin) -> Compiled:
    left = filterable(scope, condition.operand)
    read = left.folded
    if isinstance(condition.values, ast.Query):
        if left.field.type not in ("reference", "id"):
            raise wrong_type(scope, left.field, condition.mark, "ID", quoted=True)
        wanted = list(semi_join(scope, condition.values))
    else:
        wanted = members(scope, condition, left.field)
    accepted = frozenset(wanted)
    if condition.negated:
        return Compiled(lambda row: read(row) not in accepted)
    known = [value for value in wanted if value is not None]
    bound = left.bound
    if bound is None or len(known) != len(wanted):
        return Compiled(lambda row: read(row) in accepted)
    return Compiled(lambda row: read(row) in accepted, Candidates(find=lambda: by_values(scope, bound, known)))


def members(scope: Scope, condition: ast.Membership, field: Field) -> list[Value]:
    """The values of an IN list as values of `field` are kept."""
    if isinstance(condition.values, ast.Query):
        raise malformed("semi join sub-selects are only allowed in WHERE", scope.statement, condition.mark)
    return [_member(scope, field, literal, condition) for literal in condition.values]


def _member(scope: Scope, field: Field, literal: ast.Literal, condition: ast.Membership) -> Value:
    if isinstance(literal, ast.Period):
        raise malformed(f"unexpected token: '{literal.name}'", scope.statement, condition.mark)
    return comparable(scope, field, literal, condition.mark)


def _is_stamp(bound: BoundField) -> bool:
    return bound.on_row and bound.field.name == "SystemModstamp"


def _stamps(bound: BoundField, op: str, value: str) -> Candidates | None:
    if not _is_stamp(bound) or op not in ("=", "<", "<=", ">", ">="):
        return None
    just_after = value + "~"
    ranges: dict[str, StampRange] = {
        "=": (value, just_after),
        "<": (None, value),
        "<=": (None, just_after),
        ">": (value, None),
        ">=": (value, None),
    }
    return Candidates(stamps=ranges[op])

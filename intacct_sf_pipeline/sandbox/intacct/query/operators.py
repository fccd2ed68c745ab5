"""The filter operators: one JSON filter becomes one predicate over rows.

Source: REST Guide, Query (operators); the reference, 4.3. A null never satisfies a comparison, `$ne` and the `not`
forms included, except `$eq: null` and a null inside `$in` (as in SQL; the vendor does not say).
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol, TypeAlias

from intacct_sf_pipeline.sandbox.intacct.errors import invalid_request
from intacct_sf_pipeline.sandbox.intacct.query.expression import Predicate
from intacct_sf_pipeline.sandbox.intacct.query.macros import Anchor, read_span
from intacct_sf_pipeline.sandbox.intacct.schema.types import Field, Kind, Row, Value
from intacct_sf_pipeline.sandbox.intacct.state.computed import Getter


class Comparable(Protocol):
    """Text, a number or a moment: what one column's prepared values have in common."""

    def __lt__(self, other: Any, /) -> bool:
        """Sorts before."""

    def __le__(self, other: Any, /) -> bool:
        """Sorts before or equal."""

    def __gt__(self, other: Any, /) -> bool:
        """Sorts after."""

    def __ge__(self, other: Any, /) -> bool:
        """Sorts after or equal."""


Test: TypeAlias = Callable[[Comparable], bool]

_NUMERIC = (Kind.INTEGER, Kind.NUMBER, Kind.DECIMAL)
_DATES = (Kind.DATE, Kind.DATE_TIME)
_TEXTS = (Kind.STRING, Kind.ENUM)
_NEGATED = {
    "$notContains": "$contains",
    "$notStartsWith": "$startsWith",
    "$notEndsWith": "$endsWith",
    "$notIn": "$in",
    "$notBetween": "$between",
    "$ne": "$eq",
}
OPERATORS = frozenset(
    {"$eq", "$lt", "$lte", "$gt", "$gte", "$in", "$between", "$contains", "$startsWith", "$endsWith", "$has"}
) | frozenset(_NEGATED)
_PAIR = 2


@dataclass(frozen=True)
class Comparison:
    """How values are compared: case of strings, anchor of relative dates."""

    anchor: Anchor
    case_sensitive: bool = True


def build_filter(operator: str, field: Field, read: Getter, operand: object, how: Comparison) -> Predicate:
    """The predicate of one filter.

    Args:
        operator: `$eq` and so on.
        field: the field compared, for its type.
        read: reads the field from a row.
        operand: the JSON value of the filter.
        how: case and dates.

    Raises:
        ApiError: 400, unknown operator or a value that does not fit it.
    """
    if operator not in OPERATORS:
        message = f"{operator} is not a valid filter operator"
        raise invalid_request(message)
    if operator == "$has":
        return _has(field, read, operand)
    positive = _NEGATED.get(operator, operator)
    negate = operator in _NEGATED
    if operand is None:
        return _null(operator, read)
    nulls_match = positive == "$in" and isinstance(operand, list) and None in operand and not negate
    test = _test(positive, field, operand, how)
    prepare = preparer(field, case_sensitive=how.case_sensitive)

    def holds(row: Row) -> bool:
        value = read(row)
        if value is None:
            return nulls_match
        return test(prepare(value)) is not negate

    return holds


def preparer(field: Field, *, case_sensitive: bool = True) -> Callable[[Value], Comparable]:
    """Turns a stored, non-null value into what is compared or sorted: keys and numbers as numbers."""
    if field.path == "key":
        return _key_order
    if field.kind in _NUMERIC:
        return lambda value: Decimal(str(value))
    if field.kind is Kind.BOOLEAN:
        return lambda value: int(bool(value))
    if case_sensitive or field.kind in _DATES:
        return str
    return lambda value: str(value).casefold()


def _key_order(value: Value) -> Comparable:
    text = str(value)
    return f"{int(text):020d}" if text.isdecimal() else text


def _without_padding(value: Comparable) -> str:
    return str(value).lstrip("0")


def _null(operator: str, read: Getter) -> Predicate:
    if operator == "$eq":
        return lambda row: read(row) is None
    if operator == "$ne":
        return lambda row: read(row) is not None
    message = f"{operator} does not accept null"
    raise invalid_request(message)


def _has(field: Field, read: Getter, operand: object) -> Predicate:
    if field.kind is not Kind.ARRAY or not isinstance(operand, str):
        message = "$has needs a string-array field and a string"
        raise invalid_request(message)

    def holds(row: Row) -> bool:
        value = read(row)
        return isinstance(value, tuple) and operand in value

    return holds


def _test(operator: str, field: Field, operand: object, how: Comparison) -> Test:
    """The test on a prepared, non-null value for one positive operator."""
    if operator in ("$contains", "$startsWith", "$endsWith"):
        return _text_test(operator, field, operand, how)
    if operator == "$in":
        if not isinstance(operand, list):
            message = "$in and $notIn need an array"
            raise invalid_request(message)
        spans = [_span(field, value, how) for value in operand if value is not None]
        exact = {first for first, last in spans if first == last}
        ranges = [(first, last) for first, last in spans if first != last]
        if not ranges:
            return exact.__contains__
        return lambda value: value in exact or any(first <= value <= last for first, last in ranges)
    if operator == "$between":
        if not isinstance(operand, list) or len(operand) != _PAIR or None in operand:
            message = "$between and $notBetween need an array of two values"
            raise invalid_request(message)
        low, high = _span(field, operand[0], how)[0], _span(field, operand[1], how)[1]
        return lambda value: low <= value <= high
    first, last = _span(field, operand, how)
    tests: dict[str, Test] = {
        "$eq": (lambda value: value == first) if first == last else (lambda value: first <= value <= last),
        "$lt": lambda value: value < first,
        "$lte": lambda value: value <= last,
        "$gt": lambda value: value > last,
        "$gte": lambda value: value >= first,
    }
    return tests[operator]


def _text_test(operator: str, field: Field, operand: object, how: Comparison) -> Test:
    if field.kind not in _TEXTS or not isinstance(operand, str):
        message = f"{operator} needs a string field and a string value"
        raise invalid_request(message)
    part = operand if how.case_sensitive else operand.casefold()
    shown: Callable[[Comparable], str] = str if field.path != "key" else _without_padding
    if operator == "$contains":
        return lambda value: part in shown(value)
    if operator == "$startsWith":
        return lambda value: shown(value).startswith(part)
    return lambda value: shown(value).endswith(part)


def _span(field: Field, operand: object, how: Comparison) -> tuple[Comparable, Comparable]:
    """First and last prepared value an operand means; the same twice unless it is a relative date.

    Raises:
        ApiError: 400, the value does not fit the field's type.
    """
    if field.kind in _DATES:
        span = read_span(operand, how.anchor, with_time=field.kind is Kind.DATE_TIME)
        return span.first, span.last
    value = _operand(field, operand)
    prepared = preparer(field, case_sensitive=how.case_sensitive)(value)
    return prepared, prepared


def _operand(field: Field, operand: object) -> Value:
    if field.kind in _NUMERIC and isinstance(operand, int | float | str) and not isinstance(operand, bool):
        try:
            number = Decimal(str(operand))
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return str(number)
    elif field.kind is Kind.BOOLEAN and operand in (True, False, "true", "false"):
        return operand in (True, "true")
    elif field.kind in _TEXTS and isinstance(operand, str | int) and not isinstance(operand, bool):
        return str(operand)
    message = f"{operand!r} is not a valid {field.kind} value for {field.path}"
    raise invalid_request(message)

"""`filterExpression`: "and", "or", or 1-based filter positions joined by and/or with parentheses.

Source: REST Guide, Query. `and` binds tighter than `or`; words in any case.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, VisitError

from intacct_sf_pipeline.sandbox.intacct.errors import invalid_request
from intacct_sf_pipeline.sandbox.intacct.schema.types import Row

Predicate: TypeAlias = Callable[[Row], bool]

_MAX_LENGTH = 4000
_GRAMMAR = r"""
    ?start: any
    ?any: every ("or"i every)*
    ?every: atom ("and"i atom)*
    ?atom: INT -> position
         | "(" any ")"
    %import common.INT
    %import common.WS
    %ignore WS
"""


@dataclass(frozen=True)
class Position:
    """The filter at a 1-based position."""

    number: int


@dataclass(frozen=True)
class Every:
    """All parts hold."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Either:
    """At least one part holds."""

    parts: tuple["Expression", ...]


Expression: TypeAlias = Position | Every | Either


class _Build(Transformer[Token, Expression]):
    def position(self, children: list[Token]) -> Expression:
        return Position(int(children[0]))

    def every(self, children: list[Expression]) -> Expression:
        return Every(tuple(children))

    def any(self, children: list[Expression]) -> Expression:
        return Either(tuple(children))


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr")


def parse_expression(text: str | None, filters: int) -> Expression:
    """The tree of a filter expression over `filters` filters.

    Raises:
        ApiError: 400, not an expression, or a position without a filter.
    """
    words = (text or "and").strip()
    everything = tuple(Position(number) for number in range(1, filters + 1))
    if words.casefold() in ("and", ""):
        return Every(everything)
    if words.casefold() == "or":
        return Either(everything)
    if len(words) > _MAX_LENGTH:
        message = "filterExpression is too long"
        raise invalid_request(message)
    try:
        tree = _Build().transform(_parser().parse(words))
    except (UnexpectedInput, VisitError) as error:
        message = f"filterExpression is not valid: {words}"
        raise invalid_request(message) from error
    for number in positions(tree):
        if not 1 <= number <= filters:
            message = f"filterExpression names filter {number}, but there are {filters} filters"
            raise invalid_request(message)
    return tree


def positions(expression: Expression) -> list[int]:
    """Every position the expression names, in order."""
    if isinstance(expression, Position):
        return [expression.number]
    return [number for part in expression.parts for number in positions(part)]


def compile_expression(expression: Expression, tests: Sequence[Predicate]) -> Predicate:
    """The predicate that combines the filters' own as the expression says."""
    if isinstance(expression, Position):
        return tests[expression.number - 1]
    parts = [compile_expression(part, tests) for part in expression.parts]
    if len(parts) == 1:
        return parts[0]
    if isinstance(expression, Every):
        if len(parts) == 2:
            first, second = parts
            return lambda row: first(row) and second(row)
        return lambda row: all(part(row) for part in parts)
    return (lambda row: any(part(row) for part in parts)) if parts else (lambda _row: True)

"""Sums and differences of columns, as written in the mapping: `stock.onHand - stock.onHold + stock.onOrder`.

A name is a column path; operators stand between blanks (a path may hold dashes). A column of a `many` relation is
summed over its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from lark import Lark, Token, Tree
from lark.exceptions import LarkError

from intacct_sf_pipeline.model.errors import ConfigurationError

_GRAMMAR = r"""
start: term (OPERATOR term)*
?term: SIGN? NAME -> term
SIGN: "-"
OPERATOR: /(?<=\s)[+-](?=\s)/
NAME: /[A-Za-z_][A-Za-z0-9_.:-]*/
%ignore /\s+/
"""


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula: (sign, column) pairs, sign being 1 or -1."""

    terms: tuple[tuple[int, str], ...]

    def evaluate(self, values_of: Callable[[str], Iterable[Decimal]]) -> Decimal | None:
        """The signed sum over all terms; None when no column has any value at all."""
        total: Decimal | None = None
        for sign, column in self.terms:
            for value in values_of(column):
                total = (total or Decimal(0)) + sign * value
        return total

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return tuple(column for _, column in self.terms)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr")


@lru_cache(maxsize=64)
def parse_formula(text: str) -> Formula:
    """Parse a formula.

    Raises:
        ConfigurationError: the text is not a sum or difference of columns.
    """
    try:
        tree = _parser().parse(text)
    except LarkError as error:
        raise ConfigurationError(
            f"the formula {text!r} cannot be read",
            cure="write column names joined by + or -, with blanks around the signs",
        ) from error
    return Formula(tuple(_terms(tree)))


def _terms(tree: Tree[Token]) -> Iterable[tuple[int, str]]:
    sign = 1
    for child in tree.children:
        if isinstance(child, Token):
            sign = -1 if child.value == "-" else 1
            continue
        names = [token for token in child.children if isinstance(token, Token)]
        yield (-sign if len(names) > 1 else sign), names[-1].value

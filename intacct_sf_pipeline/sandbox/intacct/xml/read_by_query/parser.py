"""From the text of a `readByQuery` condition to a condition.

Source: the reference, 4.2. A text the grammar does not know gives DL02000001, as observed for ORDER BY.
"""

import re
from functools import cache

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

from intacct_sf_pipeline.sandbox.intacct.xml.conditions import Compare, Condition, Either, Every, Not
from intacct_sf_pipeline.sandbox.intacct.xml.read_by_query.grammar import GRAMMAR
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import processing_error

_COMPARATORS = {
    "=": "equalto",
    "<": "lessthan",
    "<=": "lessthanorequalto",
    ">": "greaterthan",
    ">=": "greaterthanorequalto",
}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NESTING = re.compile(r"\(|\bnot\b", re.IGNORECASE)
_DEEPEST = 100


class _Build(Transformer[Token, Condition]):
    def either(self, children: list[Condition]) -> Condition:
        return Either(tuple(children))

    def every(self, children: list[Condition]) -> Condition:
        return Every(tuple(children))

    def negation(self, children: list[Condition]) -> Condition:
        return Not(children[0])

    def comparison(self, children: list[Token]) -> Condition:
        field, comparator, value = children
        return Compare(_COMPARATORS[comparator], str(field), (_text(value),))

    def like(self, children: list[Token]) -> Condition:
        return Compare("like", str(children[0]), (_text(children[1]),))

    def not_like(self, children: list[Token]) -> Condition:
        return Compare("notlike", str(children[0]), (_text(children[1]),))

    def within(self, children: list[Token]) -> Condition:
        return Compare("in", str(children[0]), tuple(_text(value) for value in children[1:]))

    def not_within(self, children: list[Token]) -> Condition:
        return Compare("notin", str(children[0]), tuple(_text(value) for value in children[1:]))

    def is_null(self, children: list[Token]) -> Condition:
        return Compare("isnull", str(children[0]))

    def is_not_null(self, children: list[Token]) -> Condition:
        return Compare("isnotnull", str(children[0]))


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr")


def parse_condition(text: str) -> Condition | None:
    """The condition of a text; None for an empty one: every record.

    Raises:
        XmlFault: DL02000001, not a condition.
    """
    if not text.strip():
        return None
    if len(_NESTING.findall(text)) > _DEEPEST:
        raise processing_error()
    try:
        return _Build().transform(_parser().parse(text))
    except UnexpectedInput:
        raise processing_error() from None


def _text(value: Token) -> str:
    """The literal a token means: quotes and backslashes taken away."""
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.type == "STRING" else str(value)

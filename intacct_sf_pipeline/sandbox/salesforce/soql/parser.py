"""From text to syntax tree, with the service's wording for what it cannot read."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.errors import malformed
from intacct_sf_pipeline.sandbox.salesforce.soql.grammar import GRAMMAR
from intacct_sf_pipeline.sandbox.salesforce.soql.strings import BadEscapeError, read_pattern, read_text

_Read = TypeVar("_Read")

MAX_STATEMENT = 100_000
MAX_LITERAL = 4_000


def parse(statement: str) -> ast.Query:
    """The syntax tree of a statement; raises `ApiError` MALFORMED_QUERY."""
    if len(statement) > MAX_STATEMENT:
        raise malformed(f"SOQL statements cannot be longer than {MAX_STATEMENT} characters.")
    if not statement.strip():
        raise malformed("A query string has to be specified")
    try:
        return _Builder().transform(_parser().parse(statement))
    except UnexpectedInput as error:
        raise _syntax_error(error, statement) from None
    except VisitError as error:
        if isinstance(error.orig_exc, _MisplacedError):
            raise malformed(str(error.orig_exc), statement, error.orig_exc.mark) from None
        raise


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, start="query", parser="lalr", maybe_placeholders=False)


def _syntax_error(error: UnexpectedInput, statement: str) -> ApiError:
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        token = error.token
        mark = ast.Mark(token.line or 1, token.column or 1, token.start_pos or 0)
        return malformed(f"unexpected token: '{token}'", statement, mark)
    if isinstance(error, UnexpectedCharacters):
        mark = ast.Mark(error.line, error.column, error.pos_in_stream or 0)
        letter = statement[mark.offset : mark.offset + 1]
        if letter == "'":
            return malformed("Unclosed string literal", statement, mark)
        return malformed(
            f"line {mark.line}:{mark.column - 1} no viable alternative at character '{letter}'", statement, mark
        )
    return malformed("unexpected token: '<EOF>'")


class _MisplacedError(ValueError):
    def __init__(self, message: str, mark: ast.Mark) -> None:
        super().__init__(message)
        self.mark = mark


@dataclass(frozen=True, slots=True)
class _Part:
    """One clause on its way into `ast.Query`: the member it becomes and its value."""

    name: str
    value: Any


def _quoted(token: Token, read: Callable[[str], _Read]) -> _Read:
    """Reads a string literal, checking its length."""
    if len(token) - 2 > MAX_LITERAL:
        raise _MisplacedError(
            f"string literals in a WHERE clause cannot be longer than {MAX_LITERAL} characters", _mark(token)
        )
    try:
        return read(str(token))
    except BadEscapeError as error:
        raise _MisplacedError(f"Invalid string literal {token}. {error}", _mark(token)) from None


def _mark(token: Token) -> ast.Mark:
    return ast.Mark(token.line or 1, token.column or 1, token.start_pos or 0)


def _ref(token: Token) -> ast.FieldRef:
    return ast.FieldRef(tuple("".join(token.split()).split(".")), _mark(token))


def _simple_name(token: Token) -> str:
    if "." in token:
        raise _MisplacedError(f"unexpected token: '{token}'", _mark(token))
    return str(token)


def _integer(token: Token) -> int:
    if not token.isdecimal():
        raise _MisplacedError(f"unexpected token: '{token}'", _mark(token))
    return int(token)


@v_args(inline=True)
class _Builder(Transformer[Token, ast.Query]):
    """Builds the tree bottom-up; each method is a rule or an alias of the grammar."""

    def field(self, name: Token) -> ast.FieldRef:
        return _ref(name)

    def arguments(self, *operands: ast.Operand) -> tuple[ast.Operand, ...]:
        return operands

    def call(self, name: Token, arguments: tuple[ast.Operand, ...] = ()) -> ast.Call:
        return ast.Call(_simple_name(name).upper(), arguments, _mark(name))

    def column(self, operand: ast.Operand, alias: Token | None = None) -> ast.SelectItem:
        return ast.SelectItem(operand, _simple_name(alias) if alias is not None else None)

    def children(self, query: ast.Query) -> ast.SelectChildren:
        return ast.SelectChildren(query)

    def when(self, name: Token, *fields: Token) -> tuple[ast.FieldRef, tuple[ast.FieldRef, ...]]:
        return _ref(name), tuple(map(_ref, fields))

    def otherwise(self, *fields: Token) -> ast.SelectTypeOf:
        return ast.SelectTypeOf(_ref(fields[0]), (), tuple(map(_ref, fields)))

    def type_of(
        self, lookup: Token, *parts: tuple[ast.FieldRef, tuple[ast.FieldRef, ...]] | ast.SelectTypeOf
    ) -> ast.SelectTypeOf:
        branches = tuple(part for part in parts if not isinstance(part, ast.SelectTypeOf))
        last = next((part.otherwise for part in parts if isinstance(part, ast.SelectTypeOf)), ())
        return ast.SelectTypeOf(_ref(lookup), branches, last)

    def select_list(self, *items: ast.SelectItem | ast.SelectChildren | ast.SelectTypeOf) -> _Part:
        return _Part("select", items)

    def alias(self, name: Token) -> _Part:
        return _Part("alias", _simple_name(name))

    def scope(self, name: Token) -> _Part:
        return _Part("scope", _ref(name))

    def locking(self, what: Token) -> _Part:
        return _Part("locks", (what.lower(),))

    def all_rows(self) -> _Part:
        return _Part("all_rows", True)

    def statistics(self, *_what: Token) -> None:
        return None

    def where(self, condition: ast.Condition) -> _Part:
        return _Part("where", condition)

    def group_by(self, *operands: ast.Operand) -> _Part:
        return _Part("group_by", operands)

    def having(self, condition: ast.Condition) -> _Part:
        return _Part("having", condition)

    def order_by(self, *terms: ast.OrderTerm) -> _Part:
        return _Part("order_by", terms)

    def limit(self, count: Token) -> _Part:
        return _Part("limit", _integer(count))

    def offset(self, count: Token) -> _Part:
        return _Part("offset", _integer(count))

    def nulls(self, place: Token) -> bool:
        return place.lower() == "last"

    def order_term(self, operand: ast.Operand, *options: Token | bool) -> ast.OrderTerm:
        descending = any(isinstance(o, Token) and o.lower() == "desc" for o in options)
        places = [o for o in options if isinstance(o, bool)]
        return ast.OrderTerm(operand, descending, places[0] if places else None)

    def conjunction(self, *terms: ast.Condition) -> ast.And:
        return ast.And(terms)

    def disjunction(self, *terms: ast.Condition) -> ast.Or:
        return ast.Or(terms)

    def negation(self, term: ast.Condition) -> ast.Not:
        return ast.Not(term)

    def comparison(self, operand: ast.Operand, op: Token, value: ast.Literal) -> ast.Comparison:
        return ast.Comparison(operand, "!=" if op == "<>" else str(op), value, operand.mark)

    def like(self, operand: ast.Operand, pattern: Token) -> ast.Comparison:
        return ast.Comparison(operand, "LIKE", _quoted(pattern, read_pattern), operand.mark)

    def within(self, operand: ast.Operand, _in: Token, values: tuple[ast.Literal, ...] | ast.Query) -> ast.Membership:
        return ast.Membership(operand, values, negated=False, mark=operand.mark)

    def not_within(
        self, operand: ast.Operand, _in: Token, values: tuple[ast.Literal, ...] | ast.Query
    ) -> ast.Membership:
        return ast.Membership(operand, values, negated=True, mark=operand.mark)

    def multiple(self, operand: ast.Operand, kind: Token, values: tuple[ast.Literal, ...] | ast.Query) -> ast.Multiple:
        return ast.Multiple(operand, values, kind.lower() == "excludes", operand.mark)

    def values(self, *values: ast.Literal) -> tuple[ast.Literal, ...]:
        return values

    def semi_join(self, query: ast.Query) -> ast.Query:
        return query

    def text(self, token: Token) -> ast.Text:
        return ast.Text(_quoted(token, read_text))

    def moment(self, token: Token) -> ast.Moment:
        return ast.Moment(str(token))

    def day(self, token: Token) -> ast.Day:
        return ast.Day(str(token))

    def number(self, token: Token) -> ast.Number:
        return ast.Number(Decimal(token))

    def true(self) -> ast.Boolean:
        return ast.Boolean(value=True)

    def false(self) -> ast.Boolean:
        return ast.Boolean(value=False)

    def null(self) -> ast.Null:
        return ast.Null()

    def period(self, name: Token) -> ast.Period:
        return ast.Period(_simple_name(name).upper())

    def counted_period(self, token: Token) -> ast.Period:
        name, _, count = token.partition(":")
        return ast.Period(name.strip().upper(), int(count))

    def query(self, *parts: _Part | Token | None) -> ast.Query:
        given = {part.name: part.value for part in parts if isinstance(part, _Part)}
        given["locks"] = tuple(
            w for part in parts if isinstance(part, _Part) and part.name == "locks" for w in part.value
        )
        source = next(part for part in parts if isinstance(part, Token))
        return ast.Query(source=_ref(source), **given)

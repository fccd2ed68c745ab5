"""Conditions over records, as `query` filters and `readByQuery` texts both say them, and how they become predicates.

A null satisfies no comparison, the negated ones included (as in SQL; the vendor does not say). Source: the reference,
4.1 (operators, case) and 4.2 (letters for enumerations and booleans).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from intacct_sf_pipeline.sandbox.intacct.query.expression import Predicate
from intacct_sf_pipeline.sandbox.intacct.query.operators import Comparable
from intacct_sf_pipeline.sandbox.intacct.schema.types import Row, Value
from intacct_sf_pipeline.sandbox.intacct.xml.formats import Formats
from intacct_sf_pipeline.sandbox.intacct.xml.schema.catalog import Getter
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlField, XmlType
from intacct_sf_pipeline.sandbox.intacct.xml.schema.values import render
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import processing_error

NEGATED = {"notequalto": "equalto", "notin": "in", "notlike": "like"}


@dataclass(frozen=True)
class Compare:
    """A field and an operator of `query` with its values: none for the null tests, two for `between`."""

    operator: str
    field: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Every:
    """All parts hold."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Either:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold; where nulls leave it undecided, neither does its negation (as in SQL)."""

    part: "Condition"


Condition: TypeAlias = Compare | Every | Either | Not
Lookup: TypeAlias = Callable[[str], tuple[XmlField, Getter]]
"""From a field's text to the field and its reader; raises `XmlFault` for an unknown one."""


@dataclass(frozen=True)
class Manner:
    """How values are compared: enumerations and booleans by letter (`readByQuery`), case of texts, dates."""

    formats: Formats
    by_letter: Callable[[XmlField], bool]
    case_sensitive: bool = True
    boolean_letters: bool = False


def fields_of(condition: Condition) -> list[str]:
    """Every field a condition names, in order."""
    if isinstance(condition, Compare):
        return [condition.field]
    if isinstance(condition, Not):
        return fields_of(condition.part)
    return [name for part in condition.parts for name in fields_of(part)]


def compile_condition(condition: Condition, lookup: Lookup, manner: Manner) -> Predicate:
    """The predicate of a condition.

    Raises:
        XmlFault: an unknown field, or a literal that is not of the field's type.
    """
    return _build(condition, lookup, manner, negate=False)


def _build(condition: Condition, lookup: Lookup, manner: Manner, *, negate: bool) -> Predicate:
    if isinstance(condition, Not):
        return _build(condition.part, lookup, manner, negate=not negate)
    if isinstance(condition, Compare):
        return _compare(condition, lookup, manner, negate=negate)
    parts = [_build(part, lookup, manner, negate=negate) for part in condition.parts]
    if len(parts) == 1:
        return parts[0]
    if isinstance(condition, Every) is not negate:  # De Morgan: a negated "and" is an "or" of negations
        return lambda row: all(part(row) for part in parts)
    return lambda row: any(part(row) for part in parts)


def _compare(condition: Compare, lookup: Lookup, manner: Manner, *, negate: bool) -> Predicate:
    field, read = lookup(condition.field)
    operator = NEGATED.get(condition.operator, condition.operator)
    negate = negate is not (condition.operator in NEGATED)
    if operator in ("isnull", "isnotnull"):
        wants_null = (operator == "isnull") is not negate
        return lambda row: (read(row) in (None, "")) is wants_null
    if operator == "like":
        matches = _pattern(condition.values[0], manner)
        show = shower(field, manner)
        return _holding(read, show, lambda shown: matches(str(shown)), negate=negate)
    prepare = preparer(field, manner)
    literals = [literal(field, text, manner) for text in condition.values]
    test = _test(operator, literals)
    return _holding(read, prepare, test, negate=negate)


def _holding(
    read: Getter, prepare: Callable[[Value], Comparable | None], test: Callable[[Comparable], bool], *, negate: bool
) -> Predicate:
    def holds(row: Row) -> bool:
        value = read(row)
        prepared = None if value is None or value == "" else prepare(value)
        return prepared is not None and test(prepared) is not negate

    return holds


def _test(operator: str, literals: Sequence[Comparable | None]) -> Callable[[Comparable], bool]:
    """The test of a prepared value; an empty literal is null and equals nothing."""
    if operator == "in":
        wanted = {value for value in literals if value is not None}
        return lambda value: value in wanted
    if any(value is None for value in literals):
        return lambda _value: False
    first, last = literals[0], literals[-1]
    tests: dict[str, Callable[[Comparable], bool]] = {
        "equalto": lambda value: value == first,
        "lessthan": lambda value: value < first,
        "lessthanorequalto": lambda value: value <= first,
        "greaterthan": lambda value: value > first,
        "greaterthanorequalto": lambda value: value >= first,
        "between": lambda value: first <= value <= last,
    }
    return tests[operator]


def shower(field: XmlField, manner: Manner) -> Callable[[Value], str]:
    """Turns a stored value into the text that patterns are matched with."""
    by_letter = manner.by_letter(field)
    if manner.case_sensitive:
        return lambda value: render(field, value, manner.formats, by_letter=by_letter)
    return lambda value: render(field, value, manner.formats, by_letter=by_letter).casefold()


def preparer(field: XmlField, manner: Manner) -> Callable[[Value], Comparable | None]:
    """Turns a stored value into what is compared or sorted; None counts as null."""
    if field.words or field.many:
        return shower(field, manner)
    if field.type.numeric:
        return number
    if field.type is XmlType.BOOLEAN:
        return lambda value: _flag(str(value))
    if manner.case_sensitive or field.type in (XmlType.DATE, XmlType.TIMESTAMP):
        return str
    return lambda value: str(value).casefold()


def number(value: object) -> Comparable | None:
    """A number for comparing, or None when it is none; whole ones as int, which compares faster."""
    if type(value) is int:
        return value
    text = str(value)
    if text.isdecimal():
        return int(text)
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def literal(field: XmlField, text: str, manner: Manner) -> Comparable | None:
    """The prepared value of a literal; None for an empty text.

    Raises:
        XmlFault: DL02000001, not of the field's type.
    """
    if field.words or field.type is XmlType.TEXT or field.many or field.type is XmlType.SEQUENCE:
        return (text if manner.case_sensitive else text.casefold()) or None
    prepared: Comparable | None
    if field.type is XmlType.DATE:
        prepared = manner.formats.read_date(text)
    elif field.type is XmlType.TIMESTAMP:
        prepared = manner.formats.read_stamp(text)
    elif field.type is XmlType.BOOLEAN:
        prepared = _boolean_literal(text, manner)
    else:
        prepared = number(text.strip())
    if prepared is None:
        raise processing_error()
    return prepared


def _boolean_literal(text: str, manner: Manner) -> Comparable | None:
    """`true` and `false` in `query`, `T` and `F` in `readByQuery`, where any other text equals nothing."""
    word = text.strip()
    if manner.boolean_letters:
        return {"T": 1, "F": 0}.get(word, 2)
    return {"true": 1, "false": 0}.get(word.casefold())


def _flag(text: str) -> int:
    return int(text.casefold() in ("true", "t", "1"))


def _pattern(text: str, manner: Manner) -> Callable[[str], bool]:
    """`%` is any run of characters, `_` one character."""
    wanted = text if manner.case_sensitive else text.casefold()
    parts = {"%": ".*", "_": "."}
    pattern = re.compile("".join(parts.get(letter, re.escape(letter)) for letter in wanted), re.DOTALL)
    return lambda shown: pattern.fullmatch(shown) is not None

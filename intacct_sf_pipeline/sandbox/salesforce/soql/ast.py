"""The syntax tree of a SOQL statement.

Values only; positions are carried for error messages and do not count in comparisons.
"""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something stands: line and column from 1, offset from 0."""

    line: int = 1
    column: int = 1
    offset: int = 0


@dataclass(frozen=True, slots=True)
class FieldRef:
    """A field or a path through parents, as written."""

    path: tuple[str, ...]
    mark: Mark = field(default=Mark(), compare=False, repr=False)

    @property
    def text(self) -> str:
        """The dotted path."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Call:
    """A function such as `COUNT(Id)` or `FORMAT(MIN(UnitPrice))`; `name` is in upper case."""

    name: str
    args: "tuple[Operand, ...]" = ()
    mark: Mark = field(default=Mark(), compare=False, repr=False)


Operand = FieldRef | Call


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal, escapes resolved."""

    value: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A LIKE pattern: literal text, and None for one character or an ellipsis for any run."""

    parts: tuple["str | Wildcard", ...]


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`_` (one character) or `%` (any run)."""

    any_run: bool


@dataclass(frozen=True, slots=True)
class Number:
    """A number literal."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Boolean:
    """TRUE or FALSE."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null:
    """NULL."""


@dataclass(frozen=True, slots=True)
class Day:
    """A date literal, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A dateTime literal, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Period:
    """A named span such as TODAY or LAST_N_DAYS:7."""

    name: str
    count: int | None = None


Literal = Text | Pattern | Number | Boolean | Null | Day | Moment | Period


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operand op literal`; `op` is one of = != < <= > >= LIKE."""

    operand: Operand
    op: str
    value: Literal
    mark: Mark = field(default=Mark(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """`operand [NOT] IN (literals)` or a semi-join."""

    operand: Operand
    values: "tuple[Literal, ...] | Query"
    negated: bool = False
    mark: Mark = field(default=Mark(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    """All terms hold."""

    terms: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """One term holds."""

    terms: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The term does not hold."""

    term: "Condition"


@dataclass(frozen=True, slots=True)
class Multiple:
    """`operand INCLUDES (literals)` or `EXCLUDES`, for multi-select picklists."""

    operand: Operand
    values: "tuple[Literal, ...] | Query"
    excludes: bool = False
    mark: Mark = field(default=Mark(), compare=False, repr=False)


Condition = Comparison | Membership | Multiple | And | Or | Not


@dataclass(frozen=True, slots=True)
class SelectItem:
    """A column with an optional alias."""

    operand: Operand
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class SelectChildren:
    """A parent-to-child sub-query."""

    query: "Query"


@dataclass(frozen=True, slots=True)
class SelectTypeOf:
    """`TYPEOF lookup WHEN Type THEN fields ... ELSE fields END`; `branches` are by type, `otherwise` the last one."""

    lookup: FieldRef
    branches: tuple[tuple[FieldRef, tuple[FieldRef, ...]], ...]
    otherwise: tuple[FieldRef, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """One ORDER BY term; `nulls_last` None means the default."""

    operand: Operand
    descending: bool = False
    nulls_last: bool | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT statement. `locks` are what follows FOR, in lower case: view, reference, update."""

    select: tuple[SelectItem | SelectChildren | SelectTypeOf, ...]
    source: FieldRef
    alias: str | None = None
    where: Condition | None = None
    group_by: tuple[Operand, ...] = ()
    having: Condition | None = None
    order_by: tuple[OrderTerm, ...] = ()
    limit: int | None = None
    offset: int | None = None
    scope: FieldRef | None = None
    locks: tuple[str, ...] = ()
    all_rows: bool = False

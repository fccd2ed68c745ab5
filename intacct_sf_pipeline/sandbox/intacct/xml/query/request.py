"""The element of a `query` call: what its schema allows, and the call as a value.

Source: the reference, 4.1 (schema rules). Everything wrong here is a schema fault, told before anything runs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.xml.conditions import Compare, Condition, Either, Every
from intacct_sf_pipeline.sandbox.intacct.xml.schema_check import (
    Child,
    boolean,
    filled,
    in_any_order,
    in_order,
    missing,
    one_of,
    one_word,
    optional,
    whole_number,
)

MOST_ROWS, DEFAULT_ROWS, MOST_VALUES = 2000, 100, 1000
AGGREGATES = ("count", "avg", "min", "max", "sum")
_ONE_VALUE = (
    "equalto",
    "notequalto",
    "lessthan",
    "lessthanorequalto",
    "greaterthan",
    "greaterthanorequalto",
    "like",
    "notlike",
)
_NO_VALUE = ("isnull", "isnotnull")
_MANY_VALUES = ("in", "notin")
_JOINERS = ("and", "or")


@dataclass(frozen=True)
class Selected:
    """One column asked for: a field, or a function over one (`function` of `AGGREGATES`)."""

    field: str
    function: str | None = None


@dataclass(frozen=True)
class Order:
    """One sort key."""

    field: str
    descending: bool = False


@dataclass(frozen=True)
class QueryCall:
    """A `query` that fits its schema; `condition` None: every record."""

    object_name: str
    select: tuple[Selected, ...]
    condition: Condition | None
    order_by: tuple[Order, ...]
    case_sensitive: bool
    show_private: bool
    form: str
    page_size: int
    offset: int


def checker(*, siblings: bool = False) -> Callable[[Element], list[str]]:
    """The check of a `query` element; with `siblings`, `filter` may hold several operators side by side."""

    def check_filter(element: Element) -> list[str]:
        if siblings and len(element) > 1:
            return [finding for operator in element for finding in _check_operator(operator)]
        return one_of(element, *_operators())

    return lambda element: in_any_order(
        element,
        Child("object", check=filled),
        Child("select", check=_check_select),
        optional("filter", check_filter),
        optional("orderby", _check_order_by),
        optional("options", _check_options),
        optional("pagesize", whole_number(1, MOST_ROWS)),
        optional("offset", whole_number(0)),
        optional("docparid"),
    )


check_query = checker()
check_lenient_query = checker(siblings=True)


def read_query(element: Element) -> QueryCall:
    """The call as a value; the element has passed its check."""
    filters = element.find("filter")
    conditions = [] if filters is None else [_condition(operator) for operator in filters]
    options = element.find("options")

    def option(name: str, default: str) -> str:
        text = None if options is None else options.findtext(name)
        return default if text is None else text.strip()

    return QueryCall(
        (element.findtext("object") or "").strip(),
        tuple(_selected(column) for column in element.findall("select/*")),
        None if not conditions else conditions[0] if len(conditions) == 1 else Every(tuple(conditions)),
        tuple(_order(order) for order in element.findall("orderby/order")),
        option("caseinsensitive", "false") != "true",
        option("showprivate", "false") == "true",
        option("returnformat", "xml"),
        int((element.findtext("pagesize") or "").strip() or DEFAULT_ROWS),
        int((element.findtext("offset") or "").strip() or 0),
    )


def _check_select(element: Element) -> list[str]:
    names = ("field", *AGGREGATES)
    findings = in_any_order(element, *(Child(name, 0, None, filled) for name in names))
    return findings or ([] if len(element) else in_order(element, Child("field")))


def _check_order_by(element: Element) -> list[str]:
    return in_order(element, Child("order", 1, None, _check_order))


def _check_order(element: Element) -> list[str]:
    ascending = element.find("ascending") is not None
    return in_order(element, Child("field", check=filled), optional("ascending" if ascending else "descending"))


def _check_options(element: Element) -> list[str]:
    return in_order(
        element,
        optional("caseinsensitive", boolean),
        optional("showprivate", boolean),
        optional("returnformat", one_word("xml", "json", "csv")),
    )


def _operators() -> list[Child]:
    names = (*_ONE_VALUE, "between", *_MANY_VALUES, *_NO_VALUE, *_JOINERS)
    return [Child(name, check=_check_operator) for name in names]


def _check_operator(element: Element) -> list[str]:
    """Findings about one operator: how many values it has, or that a joiner has at least two parts."""
    field = Child("field", check=filled)
    if element.tag in _JOINERS:
        findings = [finding for part in element for finding in one_of(_alone(part), *_operators())]
        lacking = [missing(element.tag, [child.name for child in _operators()])] if len(element) < 2 else []
        return findings or lacking
    if element.tag in _NO_VALUE:
        return in_order(element, field)
    least, most = {"between": (2, 2), "in": (1, MOST_VALUES), "notin": (1, MOST_VALUES)}.get(element.tag, (1, 1))
    return in_order(element, field, Child("value", least, most))


def _alone(part: Element) -> Element:
    """An element around one operator, so that it can be checked as the only one."""
    around = Element("filter")
    around.append(part)
    return around


def _condition(operator: Element) -> Condition:
    if operator.tag in _JOINERS:
        parts = tuple(_condition(part) for part in operator)
        return Every(parts) if operator.tag == "and" else Either(parts)
    values = tuple(value.text or "" for value in operator.findall("value"))
    return Compare(operator.tag, (operator.findtext("field") or "").strip(), values)


def _selected(column: Element) -> Selected:
    return Selected((column.text or "").strip(), None if column.tag == "field" else column.tag)


def _order(order: Element) -> Order:
    return Order((order.findtext("field") or "").strip(), order.find("descending") is not None)

"""The JSON of one query, checked for shape. Which fields exist is checked later, against the object."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from intacct_sf_pipeline.sandbox.intacct.errors import Detail, invalid_request, schema_fault, unknown_field
from intacct_sf_pipeline.sandbox.intacct.query.macros import to_day

MAX_PAGE = 4000
DEFAULT_PAGE = 100
_MEMBERS = {"object", "fields", "filters", "filterExpression", "filterParameters", "orderBy", "start", "size"}
_PARAMETERS = {"includePrivate", "caseSensitiveComparison", "asOfDate", "includeHierarchyFields"}


@dataclass(frozen=True)
class Filter:
    """One filter: operator, dotted field, JSON value."""

    operator: str
    field: str
    value: object


@dataclass(frozen=True)
class Order:
    """One sort key."""

    field: str
    descending: bool


@dataclass(frozen=True)
class QueryRequest:
    """One query. Members as in the REST Guide; `start` counts from 1, `size` is rows per page."""

    object_name: str
    fields: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    expression: str | None = None
    include_private: bool = False
    case_sensitive: bool = True
    as_of: date | None = None
    order_by: tuple[Order, ...] = ()
    start: int = 1
    size: int = DEFAULT_PAGE


def parse_query(body: object) -> QueryRequest:
    """Reads one query.

    Raises:
        ApiError: 400; the message names the member at fault.
    """
    if not isinstance(body, dict):
        message = "A query must be a JSON object"
        raise invalid_request(message)
    unknown: list[Detail] = [unknown_field(f"/{name}") for name in body if name not in _MEMBERS]
    if unknown:
        raise schema_fault(unknown)
    name, fields = body.get("object"), body.get("fields")
    if not isinstance(name, str) or not name:
        message = "object is required in a query"
        raise invalid_request(message)
    if not isinstance(fields, list) or not fields or not all(isinstance(field, str) for field in fields):
        message = "fields must be an array of field names"
        raise invalid_request(message)
    expression = body.get("filterExpression")
    if expression is not None and not isinstance(expression, str):
        message = "filterExpression must be a string"
        raise invalid_request(message)
    parameters = body.get("filterParameters") or {}
    if not isinstance(parameters, dict) or set(parameters) - _PARAMETERS:
        message = f"filterParameters may hold only {', '.join(sorted(_PARAMETERS))}"
        raise invalid_request(message)
    return QueryRequest(
        object_name=name,
        fields=tuple(dict.fromkeys(fields)),
        filters=tuple(_filter(entry) for entry in _array(body, "filters")),
        expression=expression,
        include_private=_flag(parameters, "includePrivate", default=False),
        case_sensitive=_flag(parameters, "caseSensitiveComparison", default=True),
        as_of=_as_of(parameters.get("asOfDate")),
        order_by=tuple(_order(entry) for entry in _array(body, "orderBy")),
        start=_count(body, "start", 1, None),
        size=_count(body, "size", DEFAULT_PAGE, MAX_PAGE),
    )


def _array(body: Mapping[str, object], name: str) -> list[object]:
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        message = f"{name} must be an array"
        raise invalid_request(message)
    return value


def _filter(entry: object) -> Filter:
    if isinstance(entry, dict) and len(entry) == 1:
        operator, condition = next(iter(entry.items()))
        if operator.startswith("$") and isinstance(condition, dict) and len(condition) == 1:
            field, value = next(iter(condition.items()))
            return Filter(operator, field, value)
    message = 'Each filter must hold exactly one operator and one field, such as {"$eq": {"status": "active"}}'
    raise invalid_request(message)


def _order(entry: object) -> Order:
    if isinstance(entry, dict) and len(entry) == 1:
        field, direction = next(iter(entry.items()))
        if direction in ("asc", "desc"):
            return Order(field, direction == "desc")
    message = 'Each orderBy entry must be one field with "asc" or "desc"'
    raise invalid_request(message)


def _flag(parameters: Mapping[str, object], name: str, *, default: bool) -> bool:
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        message = f"{name} must be true or false"
        raise invalid_request(message)
    return value


def _as_of(value: object) -> date | None:
    if value is None or value == "today":
        return None
    day = to_day(value) if isinstance(value, str) else None
    if day is None:
        message = "asOfDate must be a date, YYYY-MM-DD"
        raise invalid_request(message)
    return date.fromisoformat(day)


def _count(body: Mapping[str, object], name: str, default: int, most: int | None) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1 or (most is not None and value > most):
        limit = f" and at most {most}" if most else ""
        message = f"{name} must be a whole number of at least 1{limit}"
        raise invalid_request(message)
    return value

"""Literals against fields: what a field can be compared with, and in which form."""

from datetime import date

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.errors import at, malformed
from intacct_sf_pipeline.sandbox.salesforce.soql.periods import span_of
from intacct_sf_pipeline.sandbox.salesforce.soql.scope import Scope
from intacct_sf_pipeline.sandbox.salesforce.times import parse_day, parse_moment
from intacct_sf_pipeline.sandbox.salesforce.values import Value

TYPE_NAMES = {"datetime": "dateTime", "int": "integer"}


def comparable(scope: Scope, field: Field, literal: ast.Literal, mark: ast.Mark) -> Value:
    """The value stored rows are compared with: text in lower case unless case counts, ids with 18 characters."""
    if isinstance(literal, ast.Null):
        return False if field.type == "boolean" else None
    if field.type in ("reference", "id"):
        return _id(scope, field, literal, mark)
    if field.is_text:
        if not isinstance(literal, ast.Text):
            raise wrong_type(scope, field, mark, "string", quoted=True)
        return (literal.value if field.case_sensitive else literal.value.lower()) or None
    if field.is_number or field.type == "int":
        if not isinstance(literal, ast.Number):
            raise wrong_type(scope, field, mark, TYPE_NAMES.get(field.type, field.type), quoted=False)
        return literal.value
    if field.type == "boolean":
        if not isinstance(literal, ast.Boolean):
            raise wrong_type(scope, field, mark, "boolean", quoted=False)
        return literal.value
    return _time(scope, field, literal, mark)


def period(scope: Scope, field: Field, literal: ast.Period, mark: ast.Mark) -> tuple[str, str]:
    """The canonical bounds, start inclusive and end exclusive, of a named span for a date or dateTime field."""
    span = span_of(literal.name, literal.count, scope.today)
    if span is None:
        raise malformed(f"unexpected token: '{literal.name}'", scope.statement, mark)
    if field.type not in ("date", "datetime"):
        raise wrong_type(scope, field, mark, TYPE_NAMES.get(field.type, "string"), quoted=field.is_text)
    return bound_text(field, span[0]), bound_text(field, span[1])


def bound_text(field: Field, day: date) -> str:
    """The beginning of a day as values of `field` are kept."""
    return day.isoformat() if field.type == "date" else f"{day.isoformat()}T00:00:00.000+0000"


def wrong_type(scope: Scope, field: Field, mark: ast.Mark, kind: str, *, quoted: bool) -> ApiError:
    """INVALID_FIELD for a literal of the wrong kind."""
    quotes = "should" if quoted else "should not"
    message = (
        f"value of filter criterion for field '{field.name}' must be of type {kind} and {quotes} be enclosed in quotes"
    )
    return at("INVALID_FIELD", message, scope.statement, mark)


def _id(scope: Scope, field: Field, literal: ast.Literal, mark: ast.Mark) -> Value:
    if not isinstance(literal, ast.Text):
        raise wrong_type(scope, field, mark, "ID", quoted=True)
    found = to_long(literal.value)
    if found is None:
        raise at("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {literal.value}", scope.statement, mark)
    return found


def _time(scope: Scope, field: Field, literal: ast.Literal, mark: ast.Mark) -> Value:
    if field.type == "date" and isinstance(literal, ast.Day):
        found = parse_day(literal.text)
    elif field.type == "datetime" and isinstance(literal, ast.Moment):
        found = parse_moment(literal.text)
    else:
        raise wrong_type(scope, field, mark, TYPE_NAMES.get(field.type, field.type), quoted=False)
    if found is None:
        raise malformed(f"Invalid date: {literal.text}", scope.statement, mark)
    return found

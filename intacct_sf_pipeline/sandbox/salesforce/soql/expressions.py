"""Operands bound to the schema: a field, or a function of one, with its type and how to read it from a row.

What belongs here: functions of one row. Functions of groups are in `aggregates`, date functions in `dates`.
Source: SOQL Ref, Date Functions, toLabel(), convertCurrency(), FORMAT().
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from intacct_sf_pipeline.sandbox.salesforce.schema.fields import day, integer, text
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.dates import DATE_FUNCTIONS, MOMENT_ONLY, part_of
from intacct_sf_pipeline.sandbox.salesforce.soql.errors import at, malformed
from intacct_sf_pipeline.sandbox.salesforce.soql.scope import BoundField, Reader, Scope
from intacct_sf_pipeline.sandbox.salesforce.times import moment_of
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value

ROW_FUNCTIONS = DATE_FUNCTIONS | {"TOLABEL", "FORMAT", "CONVERTCURRENCY", "CONVERTTIMEZONE"}


@dataclass(frozen=True, slots=True)
class Expression:
    """An operand made ready: `field` tells its type, `bound` is the field itself where there is no function."""

    field: Field
    read: Reader
    name: str
    bound: BoundField | None = None

    @property
    def folded(self) -> Reader:
        """Reads text in lower case unless case counts."""
        if not self.field.is_text or self.field.case_sensitive:
            return self.read
        read = self.read

        def read_folded(row: Row) -> Value:
            value = read(row)
            return value.lower() if isinstance(value, str) else value

        return read_folded


def express(scope: Scope, operand: ast.Operand) -> Expression:
    """Binds an operand; raises `ApiError` for unknown fields, unknown functions and fields they do not take."""
    if isinstance(operand, ast.FieldRef):
        bound = scope.bind(operand)
        return Expression(bound.field, scope.reader(bound), bound.names[-1], bound)
    if operand.name not in ROW_FUNCTIONS or len(operand.args) != 1:
        raise malformed(f"unexpected token: '{operand.name}'", scope.statement, operand.mark)
    inner = express(scope, operand.args[0])
    if operand.name in DATE_FUNCTIONS:
        return _date_function(scope, operand, inner)
    if operand.name == "FORMAT":
        return Expression(text(inner.name, inner.field.label, 255), formatted(inner), inner.name)
    if operand.name == "CONVERTCURRENCY" and inner.field.type != "currency":
        raise malformed(f"convertCurrency: {inner.name} is not a currency field", scope.statement, operand.mark)
    if operand.name == "CONVERTTIMEZONE" and inner.field.type != "datetime":
        raise malformed(f"convertTimezone: {inner.name} is not a dateTime field", scope.statement, operand.mark)
    return Expression(inner.field, inner.read, inner.name)  # labels are the values, one currency, UTC


def formatted(inner: Expression) -> Callable[[Row], Value]:
    """A reader of the value as a person of the locale en_US sees it."""
    return lambda row: localized(inner.field, inner.read(row))


def localized(field: Field, value: Value) -> Value:
    """A value as the locale en_US writes it. Source: SOQL Ref, FORMAT()."""
    if value is None:
        return None
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        shown = (
            f"{value:,.2f}"
            if field.type == "currency"
            else f"{value:,f}"
            if isinstance(value, Decimal)
            else f"{value:,}"
        )
        if field.type != "currency" and "." in shown:
            shown = shown.rstrip("0").rstrip(".")
        return f"${shown}" if field.type == "currency" else shown
    if field.type == "datetime" and isinstance(value, str):
        moment = moment_of(value)
        return f"{moment.month}/{moment.day}/{moment.year}, {moment.hour % 12 or 12}:{moment:%M %p}"
    if field.type == "date" and isinstance(value, str):
        year, month, of_month = value.split("-")
        return f"{int(month)}/{int(of_month)}/{year}"
    return value


def _date_function(scope: Scope, call: ast.Call, inner: Expression) -> Expression:
    wanted = ("datetime",) if call.name in MOMENT_ONLY else ("date", "datetime")
    if inner.field.type not in wanted:
        message = f"field {inner.name} does not support the date function {call.name}"
        raise at("INVALID_FIELD", message, scope.statement, call.mark)
    name, read = call.name, inner.read
    result = day(inner.name, inner.field.label) if name == "DAY_ONLY" else integer(inner.name, inner.field.label)
    return Expression(result, lambda row: part_of(name, read(row)), inner.name)

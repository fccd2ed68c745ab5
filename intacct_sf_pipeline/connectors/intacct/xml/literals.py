"""Values both ways: from the text of an element to the value REST gives, and from a value to the text XML takes. Pure.

Source: parameter formats; responses (booleans, empty elements); the reference, 3.3: an empty element means null.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from intacct_sf_pipeline.connectors.intacct.xml.columns import Column, Kind
from intacct_sf_pipeline.connectors.intacct.xml.formats import Formats
from intacct_sf_pipeline.connectors.values import format_time, parse_time
from intacct_sf_pipeline.model.records import Scalar

_BOOLEANS: Final = {
    "true": True,
    "t": True,
    "1": True,
    "yes": True,
    "false": False,
    "f": False,
    "0": False,
    "no": False,
}


def read_value(column: Column, text: str | None, formats: Formats) -> Scalar:
    """The value of an element as the REST interface gives it; what cannot be understood stays as it is."""
    if text is None or text == "":
        return column.empty
    match column.kind:
        case Kind.BOOLEAN:
            return _BOOLEANS.get(text.strip().lower(), text)
        case Kind.INTEGER | Kind.NUMBER:
            return _number(text)
        case Kind.DECIMAL:
            return text.strip()
        case Kind.DATE:
            day = formats.read_date(text)
            return text if day is None else day.isoformat()
        case Kind.STAMP:
            moment = formats.read_stamp(text)
            return text if moment is None else format_time(moment)
        case Kind.ENUM:
            return column.by_word.get(text.strip().lower(), text)
        case _:
            return text


def _number(text: str) -> Scalar:
    """Whole numbers as int, others as Decimal; quantities typed INTEGER may hold decimals (Source: estuary)."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return text
    return int(number) if number == number.to_integral_value() else number


def write_value(column: Column, value: object, formats: Formats) -> str:
    """The text of a value in a write or a filter; empty for None.

    Raises:
        ValueError: a number is not finite.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | float):
        number = value if isinstance(value, Decimal) else Decimal(repr(value))
        if not number.is_finite():
            raise ValueError(f"{column.name} is not a finite number")
        return format(number, "f")
    if column.kind is Kind.STAMP or isinstance(value, datetime):
        return _stamp(value, formats)
    if column.kind is Kind.DATE or isinstance(value, date):
        return _day(value, formats)
    if column.kind is Kind.ENUM:
        return column.words.get(str(value), "" if value == column.empty else str(value))
    return str(value)


def _stamp(value: object, formats: Formats) -> str:
    moment = parse_time(value)
    return str(value) if moment is None else formats.stamp_text(moment)


def _day(value: object, formats: Formats) -> str:
    if isinstance(value, datetime):
        return formats.date_text(value.astimezone(UTC).date())
    if isinstance(value, date):
        return formats.date_text(value)
    try:
        return formats.date_text(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)

"""One value at a time: from JSON (strict) or from an export file (lenient) to the stored form.

Decimal strings are kept canonical ("118.5", not "118.5000000000"); empty strings become null, as the service shows
them.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from intacct_sf_pipeline.sandbox.intacct.query.macros import to_day, to_stamp
from intacct_sf_pipeline.sandbox.intacct.schema.types import Field, Kind, Value
from intacct_sf_pipeline.sandbox.intacct.state import countries

_TRUE = {"true", "1", "t", "yes"}
_FALSE = {"false", "0", "f", "no"}


def read_value(field: Field, raw: object) -> Value:
    """The stored form of a JSON value.

    Raises:
        ValueError: wrong type, not in the enum, too long, null where a value must be.
    """
    if raw is None or (raw == "" and "" not in field.enum):
        if not field.nullable and "" not in field.enum:
            message = "a value is required"
            raise ValueError(message)
        return "" if "" in field.enum else None
    value = _READERS[field.kind](field, raw)
    if field.path.endswith("isoCountryCode") and not countries.is_code(str(value)):
        message = f"{value!r} is not a two-letter country code"
        raise ValueError(message)
    return value


def load_value(field: Field, raw: object) -> Value:
    """The stored form of a value as an export or a generator gives it: text for anything, dates as objects, any case.

    Raises:
        ValueError: as `read_value`.
    """
    if raw is None:
        return None
    if field.kind is Kind.STRING:
        text = raw if isinstance(raw, str) else str(raw)
        if not text:
            return None
        if field.max_length is not None and len(text) > field.max_length:
            raise ValueError(_too_long(field, text))
        return text
    if field.kind is Kind.INTEGER and type(raw) is int:
        return raw
    if field.kind is Kind.ENUM and isinstance(raw, str) and raw in field.enum:
        return raw
    if isinstance(raw, str) and not raw.strip():
        return "" if "" in field.enum else None
    return read_value(field, _LENIENT.get(field.kind, _same)(field, raw))


def _too_long(field: Field, text: str) -> str:
    return f"is {len(text)} characters long, at most {field.max_length} are allowed"


def _string(field: Field, raw: object) -> Value:
    if not isinstance(raw, str):
        message = "must be a string"
        raise ValueError(message)  # noqa: TRY004 - callers collect ValueError only
    if field.max_length is not None and len(raw) > field.max_length:
        raise ValueError(_too_long(field, raw))
    return raw


def _enum(field: Field, raw: object) -> Value:
    if raw not in field.enum:
        message = f"{raw!r} is not one of {', '.join(code or repr('') for code in field.enum)}"
        raise ValueError(message)
    return str(raw)


def _boolean(_field: Field, raw: object) -> Value:
    if isinstance(raw, bool):
        return raw
    if raw in ("true", "false"):
        return raw == "true"
    message = "must be true or false"
    raise ValueError(message)


def _decimal(raw: object) -> Decimal:
    if isinstance(raw, int | float | str | Decimal) and not isinstance(raw, bool):
        try:
            value = Decimal(str(raw).strip())
        except InvalidOperation:
            value = Decimal("NaN")
        if value.is_finite():
            return value
    message = f"{raw!r} is not a number"
    raise ValueError(message)


def _decimal_string(field: Field, raw: object) -> Value:
    value = _decimal(raw)
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if len(text.partition(".")[2]) > field.places:
        message = f"has more than {field.places} decimal places"
        raise ValueError(message)
    if field.max_length is not None and len(text) > field.max_length:
        raise ValueError(_too_long(field, text))
    return "0" if text in ("-0", "") else text


def _integer(_field: Field, raw: object) -> Value:
    value = _decimal(raw)
    if value != value.to_integral_value():
        message = f"{raw!r} is not a whole number"
        raise ValueError(message)
    return int(value)


def _number(_field: Field, raw: object) -> Value:
    value = _decimal(raw)
    return int(value) if value == value.to_integral_value() else float(value)


def _date(_field: Field, raw: object) -> Value:
    day = to_day(raw) if isinstance(raw, str) else None
    if day is None:
        message = f"{raw!r} is not a date, YYYY-MM-DD"
        raise ValueError(message)
    return day


def _date_time(_field: Field, raw: object) -> Value:
    stamp = to_stamp(raw) if isinstance(raw, str) else None
    if stamp is None:
        message = f"{raw!r} is not a date-time, YYYY-MM-DDTHH:MM:SSZ"
        raise ValueError(message)
    return stamp


def _array(_field: Field, raw: object) -> Value:
    if isinstance(raw, list) and all(isinstance(entry, str) for entry in raw):
        return tuple(raw)
    message = "must be an array of strings"
    raise ValueError(message)


_READERS: dict[Kind, Callable[[Field, object], Value]] = {
    Kind.STRING: _string,
    Kind.ENUM: _enum,
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.DECIMAL: _decimal_string,
    Kind.DATE: _date,
    Kind.DATE_TIME: _date_time,
    Kind.ARRAY: _array,
}


def _same(_field: Field, raw: object) -> object:
    return raw


def _lenient_enum(field: Field, raw: object) -> object:
    word = str(raw).strip().casefold()
    return next((code for code in field.enum if code.casefold() == word), raw)


def _lenient_boolean(_field: Field, raw: object) -> object:
    word = str(raw).strip().casefold()
    return True if word in _TRUE else False if word in _FALSE else raw


def _lenient_number(_field: Field, raw: object) -> object:
    return raw.strip().replace(",", "") if isinstance(raw, str) else raw


def _lenient_date(_field: Field, raw: object) -> object:
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    return raw.isoformat() if isinstance(raw, date) else str(raw).strip()[:10]


def _lenient_date_time(_field: Field, raw: object) -> object:
    return raw.isoformat() if isinstance(raw, date) else str(raw).strip()


_LENIENT: dict[Kind, Callable[[Field, object], object]] = {
    Kind.ENUM: _lenient_enum,
    Kind.BOOLEAN: _lenient_boolean,
    Kind.INTEGER: _lenient_number,
    Kind.NUMBER: _lenient_number,
    Kind.DECIMAL: _lenient_number,
    Kind.DATE: _lenient_date,
    Kind.DATE_TIME: _lenient_date_time,
}

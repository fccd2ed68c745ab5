"""From what a client sends to what the org stores, one converter per field.

What belongs here: types, trimming, lengths, ranges, picklists, e-mail; nothing that needs other rows. Stored values are
`str`, `bool`, `int`, `Decimal`, `bytes` or None; dates and times are canonical text (see `times`).
Source: salesforce.md sections 3.3, 4 and 12.7.
"""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field
from intacct_sf_pipeline.sandbox.salesforce.times import moment_text, parse_day, parse_moment

Value = str | bool | int | Decimal | bytes | None
Row = dict[str, Value]
Converter = Callable[[object], Value]

# U+00A0 survives the service's trimming (salesforce.md 12.7), so this is narrower than str.strip().
BLANKS = " \t\r\n\x0b\x0c"
# UNCONFIRMED (salesforce.md 8.4): the API keeps more decimals of an amount than the two it shows.
CURRENCY_DECIMALS_KEPT = 6
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\\\]]+@[^\s@.\"(),:;<>\[\\\]]+(\.[^\s@.\"(),:;<>\[\\\]]+)+")
_SHOWN = 255
_JSON_TOKENS = {
    bool: "VALUE_TRUE",
    dict: "START_OBJECT",
    list: "START_ARRAY",
    int: "VALUE_NUMBER_INT",
    Decimal: "VALUE_NUMBER_FLOAT",
}


def converter(field: Field, *, lenient: bool = False) -> Converter:
    """The function that turns a value sent for `field` into the value stored; it raises `ApiError`.

    `lenient` is for bulk seeds: Python dates, numbers for text and the spellings of export tools are accepted too.
    """
    if field.is_text or field.type == "anyType":
        return _text(field, lenient=lenient)
    if field.is_number:
        return _number(field)
    makers: dict[str, Callable[[Field], Converter]] = {
        "boolean": _boolean,
        "int": _integer,
        "datetime": _moment,
        "date": _day,
        "reference": _reference,
        "id": _reference,
        "base64": _bytes,
    }
    return makers[field.type](field) if field.type in makers else _refuse(field)


def as_text(value: Value) -> str:
    """A stored value inside a message or a longer text."""
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def key_text(value: object) -> str:
    """How values are compared when a parent is looked up by one of its columns: as text, without case."""
    return str(value).strip(BLANKS).lower()


def wrong_type(kind: str, value: object) -> ApiError:
    """The service's answer to a JSON value of the wrong type."""
    token = "VALUE_FALSE" if value is False else _JSON_TOKENS.get(type(value), "VALUE_STRING")
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    message = (
        f"Cannot deserialize instance of {kind} from {token} value {shown[:_SHOWN]} "
        "or request may be missing a required field at [line:1, column:2]"
    )
    return ApiError("JSON_PARSER_ERROR", message, whole_request=True)


def _text(field: Field, *, lenient: bool) -> Converter:
    limit, label, name = field.length, field.label, field.name
    allowed = {v.lower(): v for v in field.picklist} if field.restricted else None
    is_email = field.type == "email"

    def convert(value: object) -> Value:
        if value is None:
            return None
        if not isinstance(value, str):
            if not lenient or isinstance(value, (dict, list)):
                raise wrong_type("string", value)
            value = str(value)
        text = value.strip(BLANKS)
        if not text:
            return None
        if not text.isascii():
            text = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair becomes a question mark
        if len(text) > limit:
            message = f"{label}: data value too large: {text[:_SHOWN]} (max length={limit})"
            raise ApiError("STRING_TOO_LONG", message, (name,))
        if allowed is not None:
            if text.lower() not in allowed:
                message = f"{label}: bad value for restricted picklist field: {text}"
                raise ApiError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (name,))
            return allowed[text.lower()]
        if is_email and not _EMAIL.fullmatch(text):
            raise ApiError("INVALID_EMAIL_ADDRESS", f"{label}: invalid email address: {text}", (name,))
        return text

    return convert


def _number(field: Field) -> Converter:
    scale = max(field.scale, CURRENCY_DECIMALS_KEPT) if field.type == "currency" else field.scale
    unit = Decimal(1).scaleb(-scale)
    limit = Decimal(10) ** (field.precision - field.scale)

    def convert(value: object) -> Value:
        if value is None or value == "":
            return None
        number = _decimal(value, "double")
        if abs(number) >= limit:
            message = f"{field.label}: value outside of valid range on numeric field: {value}"
            raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))
        return number.quantize(unit, rounding=ROUND_HALF_UP)

    return convert


def _decimal(value: object, kind: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise wrong_type(kind, value)
    try:
        number = Decimal(str(value).strip(BLANKS))
    except InvalidOperation:
        raise wrong_type(kind, value) from None
    if not number.is_finite():
        raise wrong_type(kind, value)
    return number


def _integer(field: Field) -> Converter:
    limit = 10**field.precision

    def convert(value: object) -> Value:
        if value is None or value == "":
            return None
        number = _decimal(value, "int")
        if number != number.to_integral_value():
            raise wrong_type("int", value)
        if abs(number) >= limit:
            message = f"{field.label}: value outside of valid range on numeric field: {value}"
            raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))
        return int(number)

    return convert


_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def _boolean(_field: Field) -> Converter:
    def convert(value: object) -> Value:
        if value is None or value == "":
            return False
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip(BLANKS).lower() in _BOOLEANS:
            return _BOOLEANS[value.strip(BLANKS).lower()]
        raise wrong_type("boolean", value)

    return convert


def _moment(_field: Field) -> Converter:
    def convert(value: object) -> Value:
        if value is None or value == "":
            return None
        if isinstance(value, datetime):
            return moment_text(value)
        found = parse_moment(value) if isinstance(value, str) else None
        if found is None:
            raise wrong_type("datetime", value)
        return found

    return convert


def _day(_field: Field) -> Converter:
    def convert(value: object) -> Value:
        if value is None or value == "":
            return None
        if isinstance(value, date):
            return value.isoformat()[:10]
        found = parse_day(value) if isinstance(value, str) else None
        if found is None:
            raise wrong_type("date", value)
        return found

    return convert


def _reference(field: Field) -> Converter:
    def convert(value: object) -> Value:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise wrong_type("reference", value)
        found = to_long(value.strip(BLANKS))
        if found is None:
            message = f"{field.label}: id value of incorrect type: {value[:_SHOWN]}"
            raise ApiError("MALFORMED_ID", message, (field.name,))
        return found

    return convert


def _bytes(field: Field) -> Converter:
    def convert(value: object) -> Value:
        if value is None or isinstance(value, bytes):
            return value
        if not isinstance(value, str):
            raise wrong_type("base64Binary", value)
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise ApiError("INVALID_FIELD", f"{field.label}: invalid base64 value", (field.name,)) from None

    return convert


def _refuse(field: Field) -> Converter:
    def convert(value: object) -> Value:
        raise wrong_type(field.type, value)

    return convert

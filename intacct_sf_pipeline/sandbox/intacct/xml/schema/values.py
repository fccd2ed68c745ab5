"""One value at a time between the stored form and XML text, both ways.

Source: the XML reference, 3.3 (booleans, decimals, empty means null), 4.2 (letters), 5 (dates, `#~#`).
"""

from decimal import Decimal, InvalidOperation

from intacct_sf_pipeline.sandbox.intacct.schema.types import Value
from intacct_sf_pipeline.sandbox.intacct.xml.formats import Formats
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlField, XmlType

MANY = "#~#"
"""Joins the values of a multi-value picklist."""


def render(field: XmlField, value: Value, formats: Formats, *, by_letter: bool = False) -> str:
    """A stored value as results show it; the empty text for null.

    Args:
        field: what the value belongs to.
        value: as stored.
        formats: the user's dates.
        by_letter: enumerations by their letter (AUDITHISTORY.ACCESSMODE in `query`), else by word.
    """
    if value is None:
        return ""
    if isinstance(value, tuple):
        return MANY.join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if field.words:
        word = next((word for word in field.words if word.code == value), None)
        return str(value) if word is None else word.letter if by_letter else word.word
    if field.type is XmlType.DATE:
        return formats.show_date(str(value))
    if field.type is XmlType.TIMESTAMP:
        return formats.show_stamp(str(value))
    return plain(value)


def plain(value: object) -> str:
    """A number or text without exponent and without thousands separators."""
    return f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)


def read_text(field: XmlField, text: str, formats: Formats) -> object:
    """What a write says, as the JSON value the store's own rules take; None for an empty element.

    Raises:
        ValueError: not of the field's type, or no word of its enumeration.
    """
    if field.many:
        return text.split(MANY) if text else []
    if field.words:
        return _word(field, text)
    if not text:
        return None
    if field.type is XmlType.BOOLEAN:
        return _boolean(text)
    if field.type in (XmlType.DATE, XmlType.TIMESTAMP):
        stored = formats.read_date(text) if field.type is XmlType.DATE else formats.read_stamp(text)
        if stored is None:
            message = f"Invalid date {text}; expected {'mm/dd/yyyy' if field.type is XmlType.DATE else 'a timestamp'}"
            raise ValueError(message)
        return stored
    if field.type.numeric:
        return _number(text)
    return text


def _word(field: XmlField, text: str) -> object:
    for word in field.words:
        if text.casefold() in (word.word.casefold(), str(word.code).casefold()):
            return word.code
    if not text:
        return None
    message = f"{text} is not one of {', '.join(word.word for word in field.words if word.word)}"
    raise ValueError(message)


def _boolean(text: str) -> bool:
    word = text.strip().casefold()
    if word in ("true", "t"):
        return True
    if word in ("false", "f"):
        return False
    message = f"{text} is neither true nor false"
    raise ValueError(message)


def _number(text: str) -> str:
    """Decimals without thousands separators. Source: the XML reference, 5."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or "_" in text:
        message = f"{text} is not a number"
        raise ValueError(message)
    return f"{number:f}"

"""Raw values of either side in the one form in which they are compared; `render` goes the other way.

Two values are the same exactly when their canonical forms are equal: formatting is gone, meaning and wording are not.
Every function here is pure, and normalising what `render` wrote gives the same canonical value again, so a write
never echoes as a change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from intacct_sf_pipeline.engine.values import phones, places, text
from intacct_sf_pipeline.engine.values.currencies import digits_of
from intacct_sf_pipeline.model.errors import SyncError
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.records import Canonical, Scalar, Side

RawValue = Scalar | tuple[Scalar, ...]
"""One raw value; of a source with several columns their values in order, joined as lines."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:?\d{2})", re.ASCII)
_SALESFORCE_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?", re.ASCII)
_CHECK_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_TRUE, _FALSE = frozenset({"true", "t", "1"}), frozenset({"false", "f", "0"})


class ValueNotUnderstoodError(SyncError):
    """A value cannot be read as (or written to) what the mapping says it is; its record's field has to be held.

    `reason` completes "the value cannot be understood: ..." and, like every message, does not hold the value itself.
    """

    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"{field}: {reason}")


@dataclass(frozen=True, slots=True)
class NormaliseContext:
    """What the rest of the record says about how to read a field: the ISO codes of its country and of its currency.

    A country that is not known by an ISO code counts as none; `default_region` then stands in
    (`policies.default_region`).
    """

    country: Canonical = None
    default_region: str = "US"
    currency: Canonical = None

    @property
    def region(self) -> str:
        """The country in which numbers, states and postal codes are meant."""
        code = self.country
        return code if isinstance(code, str) and places.is_country_code(code) else self.default_region


def normalise(field: FieldSpec, raw: RawValue, side: Side, context: NormaliseContext) -> Canonical:
    """The canonical value of `raw` as read on `side`; empty and blank are None.

    Raises:
        ValueNotUnderstoodError: `raw` is not of the field's type. No text is ever dropped instead.
    """
    value = joined(raw)
    if field.type is FieldType.TABLE and side is Side.INTACCT and not as_text(value).strip():
        return _of_none(field)
    if value is None or value == "":
        return None
    return _NORMALISERS[field.type](field, value, side, context)


def joined(raw: RawValue) -> Scalar:
    """A raw value as one scalar, as `CanonicalRecord.raw` holds it: several columns become lines, no empty ones."""
    if not isinstance(raw, tuple):
        return raw
    lines = [as_text(part) for part in raw if part is not None]
    return "\n".join(line for line in lines if line.strip()) or None


def as_text(value: Scalar) -> str:
    """A scalar as plain text: numbers without exponent, booleans as true and false, moments as ISO 8601 in UTC."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, int):
        return str(value)
    return f"{Decimal(repr(value)) if isinstance(value, float) else value:f}"


def quantised(number: Decimal, scale: int | None) -> Decimal | None:
    """`number` rounded half up to `scale` places (None: as it is, no trailing zeros); None when too large."""
    try:
        if scale is not None:
            number = number.quantize(Decimal(1).scaleb(-scale), context=_EXACT)
        elif abs(number.adjusted()) <= _EXACT.prec:
            number = Decimal(f"{number.normalize(_EXACT):f}")
        else:
            return None
    except InvalidOperation:
        return None
    return abs(number) if number.is_zero() else number


def salesforce_id(identifier: str) -> str:
    """The 18-character form of a Salesforce id; anything that is not an id stays as it is.

    Source: Salesforce reference, section 8 (one check character for each block of five).
    """
    if not _SALESFORCE_ID.fullmatch(identifier):
        return identifier
    blocks = (identifier[start : start + 5] for start in (0, 5, 10))
    bits = (sum(1 << place for place, char in enumerate(block) if "A" <= char <= "Z") for block in blocks)
    return identifier[:15] + "".join(_CHECK_CHARACTERS[number] for number in bits)


def _text(_field: FieldSpec, raw: Scalar, _side: Side, _context: NormaliseContext) -> Canonical:
    return text.single_line(as_text(raw))


def _multiline(_field: FieldSpec, raw: Scalar, _side: Side, _context: NormaliseContext) -> Canonical:
    return text.multiline(as_text(raw))


def _street(_field: FieldSpec, raw: Scalar, _side: Side, _context: NormaliseContext) -> Canonical:
    return text.street(as_text(raw))


def _email(_field: FieldSpec, raw: Scalar, _side: Side, _context: NormaliseContext) -> Canonical:
    return text.email(as_text(raw))


def _phone(_field: FieldSpec, raw: Scalar, _side: Side, context: NormaliseContext) -> Canonical:
    return phones.phone(as_text(raw), context.region)


def _country(_field: FieldSpec, raw: Scalar, _side: Side, _context: NormaliseContext) -> Canonical:
    return places.country(as_text(raw))


def _state(_field: FieldSpec, raw: Scalar, _side: Side, context: NormaliseContext) -> Canonical:
    return places.state(as_text(raw), context.region)


def _postal_code(_field: FieldSpec, raw: Scalar, _side: Side, context: NormaliseContext) -> Canonical:
    return places.postal_code(as_text(raw), context.region)


def _scale(field: FieldSpec, context: NormaliseContext) -> int | None:
    """Digits after the point: those of the amount's currency, where it has one."""
    currency = context.currency if field.currency else None
    return digits_of(currency) if isinstance(currency, str) else field.scale


def _decimal(field: FieldSpec, raw: Scalar, _side: Side, context: NormaliseContext) -> Canonical:
    if isinstance(raw, bool | datetime):
        raise ValueNotUnderstoodError(field.name, "it is not a number")
    written = text.single_line(as_text(raw)) if isinstance(raw, str) else str(raw)
    if written is None:
        return None
    if not _NUMBER.fullmatch(written):
        raise ValueNotUnderstoodError(
            field.name, "it is not a number (digits with a decimal point, no thousands separators)"
        )
    number = quantised(Decimal(written), _scale(field, context))
    if number is None:
        raise ValueNotUnderstoodError(field.name, "the number has too many digits")
    return number


def _boolean(field: FieldSpec, raw: Scalar, _side: Side, _context: NormaliseContext) -> Canonical:
    if isinstance(raw, bool):
        return raw
    written = text.single_line(as_text(raw))
    if written is None:
        return None
    if written.lower() in _TRUE:
        return True
    if written.lower() in _FALSE:
        return False
    raise ValueNotUnderstoodError(field.name, "it is neither true nor false")


def _enum(field: FieldSpec, raw: Scalar, side: Side, _context: NormaliseContext) -> Canonical:
    written = text.single_line(as_text(raw))
    if written is None:
        return None
    folded = written.casefold()
    for code, partner in field.values.items():
        if as_text(code if side is Side.INTACCT else partner).casefold() == folded:
            return code
    known = field.values.keys() if side is Side.INTACCT else field.values.values()
    raise ValueNotUnderstoodError(
        field.name, f"it is none of the mapped values: {', '.join(as_text(v) for v in known)}"
    )


def _table(field: FieldSpec, raw: Scalar, side: Side, _context: NormaliseContext) -> Canonical:
    """The Salesforce value, since several Intacct values may stand for it.

    Where Salesforce is only written to, what it holds besides is a value like any other and is put right.
    """
    written = text.single_line(as_text(raw))
    if written is None:
        return None
    folded = written.casefold()
    for code, partner in field.values.items():
        if as_text(code if side is Side.INTACCT else partner).casefold() == folded:
            return as_text(partner)
    if side is Side.SALESFORCE and not field.direction.writes(Side.INTACCT):
        return written
    known = f", only for: {', '.join(filter(None, field.values))}" if side is Side.INTACCT else ""
    raise ValueNotUnderstoodError(
        field.name, f"the table {field.name}.values of the mapping has no entry for it{known}"
    )


def _of_none(field: FieldSpec) -> Canonical:
    """What a table says of an empty Intacct value; most say nothing."""
    partner = field.values.get("")
    return None if partner is None else as_text(partner)


def _datetime(field: FieldSpec, raw: Scalar, _side: Side, _context: NormaliseContext) -> Canonical:
    if isinstance(raw, datetime):
        moment = raw
    else:
        written = text.single_line(as_text(raw))
        if written is None:
            return None
        if not _MOMENT.fullmatch(written):
            raise ValueNotUnderstoodError(field.name, "it is not a date and time with a zone (2026-01-05T10:11:12Z)")
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            raise ValueNotUnderstoodError(field.name, "there is no such date or time") from None
    if moment.tzinfo is None:
        raise ValueNotUnderstoodError(field.name, "it is a date and time without a zone")
    return moment.astimezone(UTC).replace(microsecond=0)


def _reference(_field: FieldSpec, raw: Scalar, side: Side, _context: NormaliseContext) -> Canonical:
    key = text.single_line(as_text(raw))
    return salesforce_id(key) if key and side is Side.SALESFORCE else key


_NORMALISERS: Mapping[FieldType, Callable[[FieldSpec, Scalar, Side, NormaliseContext], Canonical]] = {
    FieldType.TEXT: _text,
    FieldType.MULTILINE: _multiline,
    FieldType.STREET: _street,
    FieldType.PHONE: _phone,
    FieldType.EMAIL: _email,
    FieldType.COUNTRY: _country,
    FieldType.STATE: _state,
    FieldType.POSTAL_CODE: _postal_code,
    FieldType.DECIMAL: _decimal,
    FieldType.BOOLEAN: _boolean,
    FieldType.ENUM: _enum,
    FieldType.TABLE: _table,
    FieldType.DATETIME: _datetime,
    FieldType.REFERENCE: _reference,
}

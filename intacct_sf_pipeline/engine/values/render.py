"""What to write to the other side: the source's own wording where it has one, the target's codes where it wants
codes.

Text goes over as it was typed (trimmed); countries, enums, decimals and references go over in the target's terms.
Normalising the result on the target side gives the canonical value again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from intacct_sf_pipeline.engine.values import phones, places, text
from intacct_sf_pipeline.engine.values.normalise import RawValue, ValueNotUnderstoodError, as_text, joined, quantised
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.records import Canonical, Scalar, Side

# As each service writes it back, so that what was written reads the same (Salesforce reference 3.3, Intacct 4.5).
_MOMENT = {Side.INTACCT: "%Y-%m-%dT%H:%M:%SZ", Side.SALESFORCE: "%Y-%m-%dT%H:%M:%S.000+0000"}
_AS_TYPED = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.STATE, FieldType.POSTAL_CODE})


def render(
    field: FieldSpec, canonical: Canonical, raw: RawValue, target: Side, column_count: int = 1
) -> Scalar | tuple[Scalar, ...]:
    """The raw value to write to `target`, or (with `column_count` above 1) one for each of its columns.

    Args:
        field: the mapped field.
        canonical: its canonical value; None clears every column.
        raw: the same value as the source typed it; None when only the canonical value is known.
        target: the side to write to.
        column_count: how many columns the field has there (address lines); surplus lines are joined to the last with
            ", ".

    Raises:
        ValueNotUnderstoodError: the target wants a code and there is none for this value (an unknown country).
    """
    if column_count > 1:
        return _over_columns(_lines(canonical, raw), column_count)
    if canonical is None:
        return None
    if isinstance(canonical, str):
        return _text(field, canonical, joined(raw), target)
    if isinstance(canonical, datetime):
        return canonical.astimezone(UTC).strftime(_MOMENT[target])
    if field.type is FieldType.DECIMAL and isinstance(canonical, Decimal):
        return canonical if field.currency else quantised(canonical, field.scale)
    return canonical


def _text(field: FieldSpec, canonical: str, raw: Scalar, target: Side) -> Scalar:
    if field.type is FieldType.COUNTRY:
        return _country(field, canonical, raw, target)
    if field.type is FieldType.ENUM:
        return canonical if target is Side.INTACCT else field.values[canonical]
    if field.type is FieldType.TABLE:
        return canonical if target is Side.SALESFORCE else _code(field, canonical)
    if field.type is FieldType.REFERENCE:
        return canonical
    typed = "" if raw is None else as_text(raw)
    if field.type is FieldType.MULTILINE:
        return text.multiline(typed) or canonical
    if field.type is FieldType.STREET:
        return "\n".join(_lines(canonical, raw))
    if field.type is FieldType.PHONE:
        return text.single_line(typed) or phones.readable(canonical)
    if field.type is FieldType.STATE and _wants_code(field, target):
        return canonical
    return text.single_line(typed) or canonical


def _code(field: FieldSpec, canonical: str) -> str | None:
    """The Intacct value that a table gives for a Salesforce value; None where that is no value at all."""
    found = (code for code, partner in field.values.items() if as_text(partner).casefold() == canonical.casefold())
    code = next(found, None)
    if code is None:
        raise ValueNotUnderstoodError(field.name, f"the table {field.name}.values of the mapping has no entry for it")
    return code or None


def _country(field: FieldSpec, canonical: str, raw: Scalar, target: Side) -> str:
    known = places.is_country_code(canonical)
    if _wants_code(field, target):
        if not known:
            raise ValueNotUnderstoodError(field.name, "it is no country known by an ISO code")
        return canonical
    if known:
        return places.country_name(canonical)
    return (text.single_line(as_text(raw)) if raw is not None else None) or canonical


def _wants_code(field: FieldSpec, target: Side) -> bool:
    """Whether the target column holds codes: `isoCountryCode`, `BillingCountryCode`, `BillingStateCode`."""
    return any(column.lower().endswith("code") for column in field.source(target).write_columns)


def _lines(canonical: Canonical, raw: RawValue) -> list[str]:
    if canonical is None:
        return []
    typed = joined(raw)
    lines = text.lines_of(as_text(typed)) if typed is not None else []
    return lines or as_text(canonical).split("\n")


def _over_columns(lines: Sequence[str], count: int) -> tuple[Scalar, ...]:
    filled = (*lines[: count - 1], ", ".join(lines[count - 1 :]) or None)
    return filled + (None,) * (count - len(filled))

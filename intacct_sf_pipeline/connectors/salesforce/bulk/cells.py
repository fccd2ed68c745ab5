"""Values as cells of an upload, and cells of a result as values. Pure.

In an upload an empty cell leaves a field alone and `#N/A` empties it; so text that reads `#N/A` cannot go by a job.
Cells of a query job are all text: what they mean is told by the field's type, and must come out exactly as the query
resource would have given it. Source: Bulk Guide (Prepare CSV Files; Query); salesforce.md sections 5.2 and 5.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from intacct_sf_pipeline.model.records import Scalar

NULL: Final = "#N/A"
LONGEST: Final = 32_000
"""Characters per cell; newer pages of the guide say 131,072, older ones this. Source: Bulk Guide, Limits."""

Reading = Callable[[str], Scalar]
_UNREADABLE: Final = frozenset({"address", "location", "base64", "complexvalue", "json"})


def cell(value: Scalar) -> str | None:
    """A value as a cell; None when it cannot go by a job."""
    if value is None or value == "":
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else None
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    text = str(value)
    return None if text == NULL or len(text) > LONGEST or "\x00" in text else text


def reading(kind: str) -> Reading | None:
    """How a cell of a field of describe type `kind` is read; None when bulk queries do not have such fields."""
    if kind in _UNREADABLE:
        return None
    return _READINGS.get(kind, _text)


def _text(text: str) -> Scalar:
    return text or None


def _boolean(text: str) -> Scalar:
    return text == "true"


def _number(text: str) -> Scalar:
    """A JSON number: with a point or an exponent a Decimal, else an integer."""
    if not text:
        return None
    return int(text) if text.lstrip("-").isdecimal() else Decimal(text)


def _moment(text: str) -> Scalar:
    """`...000Z` as the query resource writes it, `...000+0000`."""
    return f"{text[:-1]}+0000" if text.endswith("Z") else text or None


_READINGS: Final[Mapping[str, Reading]] = {
    "boolean": _boolean,
    "int": _number,
    "long": _number,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "datetime": _moment,
}

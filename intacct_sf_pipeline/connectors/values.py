"""Values on the wire: JSON with exact decimals, dotted column names to nested objects, times in text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

import orjson

from intacct_sf_pipeline.model.records import Scalar

Json = Mapping[str, "Json"] | list["Json"] | Scalar
"""A parsed JSON value; fractional numbers are Decimal."""


def load_json(content: bytes) -> Json:
    """Parse a JSON document; numbers with a fraction become Decimal.

    Raises:
        ValueError: the content is not JSON in UTF-8.
    """
    return cast(Json, json.loads(content, parse_float=Decimal))


def dump_json(value: object) -> bytes:
    """A JSON document in UTF-8; Decimal is written digit by digit as a number, date-times in UTC with a `Z`.

    Raises:
        ValueError: a number is not finite.
    """
    return orjson.dumps(value, default=_fragment, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _fragment(value: object) -> object:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("a number that is not finite cannot be sent")
        return orjson.Fragment(format(value, "f").encode())
    if isinstance(value, datetime):
        return format_time(value)
    raise TypeError(f"cannot be sent as JSON: {type(value).__name__}")


def nest(values: Mapping[str, Scalar]) -> dict[str, object]:
    """Dotted names as nested objects: `{"a.b": 1, "a.c": 2}` becomes `{"a": {"b": 1, "c": 2}}`.

    Raises:
        ValueError: a name is both a value and a group.
    """
    tree: dict[str, object] = {}
    for name, value in values.items():
        *groups, last = name.split(".")
        node = tree
        for group in groups:
            inner = node.setdefault(group, {})
            if isinstance(inner, dict):
                node = inner
            else:
                raise ValueError(f"{name}: {group} is given as a value and as a group")  # noqa: TRY004 - the data is wrong, not its type
        if last in node:
            raise ValueError(f"{name}: given as a value and as a group")
        node[last] = value
    return tree


def parse_time(value: object) -> datetime | None:
    """A vendor's date-time as aware UTC, None when empty or unreadable.

    Understands `2026-01-05T10:11:12Z`, `...12.000Z`, `...12.000+0000` and offsets with a colon; a time without zone
    is taken as UTC.
    """
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, str) and value:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
    else:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def format_time(moment: datetime) -> str:
    """`2026-01-05T10:11:12Z`: whole seconds in UTC, which both services accept in filters and in bodies."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def text(value: object) -> str:
    """`value` as text, empty for None."""
    return "" if value is None else str(value)

"""How values are stored so that people can read them and nothing is lost.

Landing columns hold plain text, whatever the vendor's type: `12.50`, `true`, `2026-01-31T09:30:00+00:00`. What a value
was, if not text, is kept in the row's `value_types` (`decimal:quantityOnHand,boolean:IsActive`), so that it comes back
equal to what was landed. JSON columns tag numbers and date-times: `{"$decimal": "12.50"}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from intacct_sf_pipeline.model.records import Scalar

_DECODERS: Mapping[str, Callable[[str], Scalar]] = {
    "decimal": Decimal,
    "integer": int,
    "float": float,
    "boolean": lambda text: text == "true",
    "datetime": datetime.fromisoformat,
    "escaped": json.loads,
}


def encode_values(columns: Sequence[str], values: Mapping[str, Scalar]) -> tuple[list[str | None], str | None]:
    """Texts in the order of `columns`, and the types of those that were not text; a column without value is null."""
    texts: list[str | None] = []
    types: list[str] = []
    for column in columns:
        value = values.get(column)
        if value is None or (type(value) is str and value.isascii() and "\x00" not in value):
            texts.append(value)
        else:
            kind, text = encode_scalar(value)
            texts.append(text)
            if kind:
                types.append(f"{kind}:{column}")
    return texts, ",".join(types) or None


def encode_scalar(value: Scalar) -> tuple[str, str | None]:
    """Type word (empty for text and null) and text of one value; a naive date-time raises ValueError."""
    if value is None:
        return "", None
    if isinstance(value, str):
        # NUL and unpaired surrogates cannot be stored as they are on every server.
        return ("", str(value)) if storable(value) else ("escaped", json.dumps(value))
    if isinstance(value, bool):
        return "boolean", "true" if value else "false"
    if isinstance(value, Decimal):
        return "decimal", str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a date-time without time zone cannot be stored")
        return "datetime", value.astimezone(UTC).isoformat()
    return ("integer", str(value)) if isinstance(value, int) else ("float", repr(value))


def decode_scalar(kind: str, text: str | None) -> Scalar:
    """The value that `encode_scalar` was given."""
    return text if text is None or not kind else _DECODERS[kind](text)


def decode_values(columns: Sequence[str], texts: Iterable[str | None], types: str | None) -> dict[str, Scalar]:
    """The values that `encode_values` was given, by column; every column is present."""
    values: dict[str, Scalar] = dict(zip(columns, texts, strict=True))
    if types:
        for column, decode in _typed(types):
            text = values.get(column)
            if isinstance(text, str):
                values[column] = decode(text)
    return values


def content_hash(parts: object) -> str:
    """A digest of nested lists, texts, numbers and date-times; equal values give equal digests."""
    return blake2b(dumps_bytes(parts), digest_size=16).hexdigest()


def dumps(value: object) -> str:
    """JSON text in which Decimal and datetime are tagged and text is readable."""
    return dumps_bytes(value).decode()


def dumps_bytes(value: object) -> bytes:
    """As `dumps`, as UTF-8."""
    try:
        return orjson.dumps(value, default=_tagged, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except (TypeError, orjson.JSONEncodeError):
        # orjson takes no unpaired surrogates and no integers beyond 64 bits.
        return json.dumps(value, default=_tagged).encode()


def loads(text: str | None) -> Any:
    """The value that `dumps` was given (tuples as lists); None for null."""
    if text is None:
        return None
    if "$" not in text and "\\ud" not in text:
        return orjson.loads(text)
    return json.loads(text, object_hook=_untagged)


def storable(text: str) -> bool:
    """Whether every server can keep the text as it is."""
    if "\x00" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def stored_text(text: str) -> str:
    """`text` with what no server can store (NUL, unpaired surrogates) replaced by U+FFFD.

    Used for compared values only.
    """
    if storable(text):
        return text
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@lru_cache(maxsize=4096)
def _typed(types: str) -> tuple[tuple[str, Callable[[str], Scalar]], ...]:
    pairs = (part.split(":", 1) for part in types.split(","))
    return tuple((column, _DECODERS[kind]) for kind, column in pairs)


def _tagged(value: object) -> object:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$datetime": encode_scalar(value)[1]}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple | frozenset | set):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be stored as JSON")


def _untagged(value: dict[str, Any]) -> Any:
    if len(value) == 1:
        if "$decimal" in value:
            return Decimal(value["$decimal"])
        if "$datetime" in value:
            return datetime.fromisoformat(value["$datetime"])
    return value

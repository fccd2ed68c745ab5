"""Canonical values as the typed columns of a row, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.records import Canonical
from intacct_sf_pipeline.staging.codec import stored_text
from intacct_sf_pipeline.staging.types import plain

_TYPED = (FieldType.DECIMAL, FieldType.BOOLEAN, FieldType.DATETIME)


class FieldCodec:
    """Encodes and decodes the values of an entity's fields, in their order."""

    def __init__(self, fields: Sequence[FieldSpec]) -> None:
        self.names = tuple(field.name for field in fields)
        self._texts = [index for index, field in enumerate(fields) if field.type not in _TYPED]
        self._decimals = [index for index, field in enumerate(fields) if field.type is FieldType.DECIMAL]
        decoders = ((field.name, _decoder(field)) for field in fields)
        self._decoders = [(name, decode) for name, decode in decoders if decode is not None]

    def encode(self, values: Mapping[str, Canonical]) -> list[Any]:
        """Column values; a field without value is null."""
        found = values.get
        row: list[Any] = [found(name) for name in self.names]
        for index in self._texts:
            value = row[index]
            if value is not None and not (type(value) is str and value.isascii() and "\x00" not in value):
                row[index] = _as_text(value)
        return row

    def content(self, row: Sequence[Any]) -> Sequence[Any]:
        """What a digest is made of: as encoded, but numbers in their one spelling."""
        if not self._decimals:
            return row
        content = list(row)
        for index in self._decimals:
            if content[index] is not None:
                content[index] = plain(content[index])
        return content

    def decode(self, row: Sequence[Any]) -> dict[str, Canonical]:
        """Values by field name."""
        values: dict[str, Canonical] = dict(zip(self.names, row, strict=True))
        for name, decode in self._decoders:
            value = values[name]
            if value is not None:
                values[name] = decode(value)
        return values


def _decoder(field: FieldSpec) -> Callable[[Any], Canonical] | None:
    if field.type is FieldType.BOOLEAN:
        return bool
    if field.type is FieldType.ENUM and any(isinstance(value, bool) for value in field.values.values()):
        return _flag_or_text
    return None


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return stored_text(value) if isinstance(value, str) else str(value)


def _flag_or_text(value: Any) -> Canonical:
    """Enumerations that stand for a flag on one side are kept in a text column."""
    if value in ("true", "false"):
        return bool(value == "true")
    return str(value)

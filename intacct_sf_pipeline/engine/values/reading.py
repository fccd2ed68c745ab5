"""How the fields of one side are read and normalised, worked out once per mapping instead of once per value.

A step holds what `compose.raw_value` and `normalise.normalise` would look up in the mapping for every single value: the
column, the function for its kind, what an empty value means. What comes out is the same, value for value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from intacct_sf_pipeline.engine.values import phones, places, text
from intacct_sf_pipeline.engine.values.compose import RawValue, View, raw_value
from intacct_sf_pipeline.engine.values.normalise import NormaliseContext, joined, normalise
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping, SideSpec, Variant
from intacct_sf_pipeline.model.records import Canonical, Scalar, Side

ByText = Callable[[str], Canonical]
ByPlace = Callable[[str, str], Canonical]
Read = Callable[[View], RawValue]

_REMEMBERED = 4096
_NOWHERE = NormaliseContext()
_BY_TEXT: dict[FieldType, ByText] = {
    FieldType.TEXT: text.single_line,
    FieldType.MULTILINE: text.multiline,
    FieldType.STREET: text.street,
    FieldType.EMAIL: text.email,
    FieldType.COUNTRY: places.country,
}
_BY_PLACE: dict[FieldType, ByPlace] = {
    FieldType.PHONE: phones.phone,
    FieldType.STATE: places.state,
    FieldType.POSTAL_CODE: places.postal_code,
}
_OFTEN_ALIKE = frozenset({FieldType.BOOLEAN, FieldType.ENUM, FieldType.TABLE, FieldType.DECIMAL})


class Step(NamedTuple):
    """One field of one side.

    `column` is the row's own column that holds it; without one `read` finds it. A text becomes a value by `by_text`,
    or by `by_place(text, region)` where it depends on the country; whatever else there is, by `normalise`. `empty` is
    what nothing means.
    """

    name: str
    column: str | None
    read: Read
    by_text: ByText | None
    by_place: ByPlace | None
    empty: Canonical
    spec: FieldSpec


def steps(entity: EntityMapping, side: Side, variant: Variant | None) -> tuple[Step, ...]:
    """A step for each field; amounts come after their currencies."""
    ordered = sorted(entity.fields, key=lambda spec: spec.currency is not None)
    return tuple(_step(entity.side(side), side, variant, spec) for spec in ordered)


def is_own(side: SideSpec, variant: Variant | None, column: str) -> bool:
    """Whether a column is one of the primary row, under its own name."""
    return variant is None and column.partition(".")[0] not in {related.alias for related in side.related}


def regions(country: FieldSpec | None, side: Side, default: str) -> Callable[[Scalar], str]:
    """From the raw value of a record's country to the region in which its numbers and places are meant."""

    @lru_cache(maxsize=_REMEMBERED, typed=True)
    def region(found: Scalar) -> str:
        code = None if country is None else normalise(country, found, side, _NOWHERE)
        return NormaliseContext(code, default).region

    return region


def _step(sided: SideSpec, side: Side, variant: Variant | None, spec: FieldSpec) -> Step:
    source = spec.source(side)
    own = source.compute is None and all(is_own(sided, variant, column) for column in source.columns)
    refers = spec.type is FieldType.REFERENCE
    return Step(
        spec.name,
        source.columns[0] if own and len(source.columns) == 1 else None,
        partial(_own_lines, source.columns) if own and not refers else partial(raw_value, source),
        None if refers else _by_text(spec, side),
        _BY_PLACE.get(spec.type),
        None if refers else normalise(spec, None, side, _NOWHERE),
        spec,
    )


def _by_text(spec: FieldSpec, side: Side) -> ByText | None:
    """Texts that many records share are remembered by field; one that is not understood never is."""
    if spec.type in _OFTEN_ALIKE and spec.currency is None:
        return lru_cache(maxsize=_REMEMBERED)(partial(_normalised, spec, side))
    return _BY_TEXT.get(spec.type)


def _normalised(spec: FieldSpec, side: Side, found: str) -> Canonical:
    return normalise(spec, found, side, _NOWHERE)


def _own_lines(columns: Sequence[str], view: View) -> RawValue:
    row = view.row
    return joined(tuple([row.get(column) for column in columns]))

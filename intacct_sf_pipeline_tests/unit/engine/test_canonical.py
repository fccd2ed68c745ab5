"""What is worked out once per mapping gives, value for value, what would be looked up for each value."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.values.canonical import Canonicaliser
from intacct_sf_pipeline.engine.values.compose import raw_value, views
from intacct_sf_pipeline.engine.values.normalise import NormaliseContext, ValueNotUnderstoodError, joined, normalise
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.records import SIDES, Canonical, Scalar, Side
from intacct_sf_pipeline.model.results import RawRecord

from .builders import NOON, entity
from .raw_values import RAW, STAGES, enum_words, moments, numbers, place_like, typed_text

MORE: dict[FieldType, dict[str, Any]] = {
    FieldType.ENUM: {"values": STAGES},
    FieldType.TABLE: {"values": {**STAGES, "": "None yet"}},
    FieldType.DECIMAL: {"scale": 2},
    FieldType.STREET: {"intacct": ["line_1", "line_2", "line_3"]},
}
KINDS = [kind for kind in FieldType if kind is not FieldType.REFERENCE]
THINGS = entity(
    *(
        FieldSpec.model_validate(
            {"name": kind.value, "intacct": kind.value, "salesforce": kind.value, "type": kind, **MORE.get(kind, {})}
        )
        for kind in KINDS
    )
)
strange = st.one_of(st.none(), st.just(""), typed_text, numbers, st.booleans(), moments, place_like)


def column_values(kind: FieldType, side: Side) -> st.SearchStrategy[Scalar]:
    """Raw values such as the field has, and such as it should not have."""
    if kind in (FieldType.ENUM, FieldType.TABLE):
        return st.one_of(enum_words[side.value], strange)
    return strange if kind is FieldType.STREET else st.one_of(RAW[kind], strange)


rows = {
    side: st.fixed_dictionaries(
        {
            column: column_values(spec.type, side)
            for spec in THINGS.fields
            for column in spec.source(side).columns
        }
    )
    for side in SIDES
}  # fmt: skip


def one_by_one(raw: RawRecord, side: Side) -> tuple[dict[str, Canonical], dict[str, Scalar], dict[str, str]]:
    """Values, raw values and problems by their definition."""
    (view,) = views(THINGS.side(side), raw, NOON)
    found = {spec.name: raw_value(spec.source(side), view) for spec in THINGS.fields}
    country = normalise(THINGS.by_name["country"], found["country"], side, NormaliseContext())
    values: dict[str, Canonical] = {}
    problems: dict[str, str] = {}
    for spec in THINGS.fields:
        try:
            values[spec.name] = normalise(spec, found[spec.name], side, NormaliseContext(country, "DE"))
        except ValueNotUnderstoodError as error:
            problems[spec.name] = error.reason
    return values, {name: typed for name in values if (typed := joined(found[name])) != values[name]}, problems


@given(data=st.data(), side=st.sampled_from(SIDES))
def test_a_canonical_record_is_its_fields_normalised_one_by_one(data: st.DataObject, side: Side) -> None:
    raw = RawRecord("1", data.draw(rows[side]), NOON)
    (record,) = Canonicaliser(THINGS, side, region="DE").records(raw, NOON, lambda _entity, key: key)
    found = record.values, record.raw, record.problems
    assert repr(found) == repr(one_by_one(raw, side))  # 1, True and 1.0 are equal and not the same


@given(data=st.data(), side=st.sampled_from(SIDES))
def test_what_a_canonicaliser_has_seen_before_changes_nothing(data: st.DataObject, side: Side) -> None:
    canonicaliser = Canonicaliser(THINGS, side, region="DE")
    raws = [RawRecord(str(n), data.draw(rows[side]), NOON) for n in range(3)]
    for raw in (*raws, *raws):
        (record,) = canonicaliser.records(raw, NOON, lambda _entity, key: key)
        assert repr((record.values, record.raw, record.problems)) == repr(one_by_one(raw, side))

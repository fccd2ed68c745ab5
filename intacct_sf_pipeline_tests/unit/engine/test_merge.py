"""The three-way merge against a brute-force oracle and against the promises it carries."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.planning.merge import merge, writes_to
from intacct_sf_pipeline.model.fields import ConflictRule, Direction, FieldSpec
from intacct_sf_pipeline.model.plans import Accepted, Baseline
from intacct_sf_pipeline.model.records import Canonical, Side

from .builders import NOON, entity, field, record, records

VALUES = st.sampled_from([None, "a", "b", "c"])
STAMPS = st.sampled_from([None, NOON, NOON + timedelta(hours=1)])


def oracle(
    base: Canonical, i: Canonical, s: Canonical, rule: str, i_at: datetime | None, s_at: datetime | None, tie: str
) -> str:
    """Every case of a two-way field written out: the decision word."""
    if i == s:
        return "agree"
    if i == base:
        return "to_intacct"
    if s == base:
        return "to_salesforce"
    if base is None and i is None:
        return "to_intacct"
    if base is None and s is None:
        return "to_salesforce"
    if rule == "hold":
        return "hold"
    if rule == "newest":
        rule = tie if i_at is None or s_at is None or i_at == s_at else ("intacct" if i_at > s_at else "salesforce")
    return "to_salesforce" if rule == "intacct" else "to_intacct"


@given(
    base=VALUES,
    i=VALUES,
    s=VALUES,
    rule=st.sampled_from(list(ConflictRule)),
    i_at=STAMPS,
    s_at=STAMPS,
    tie=st.sampled_from(list(Side)),
)
def test_two_way_merge_equals_the_oracle(
    base: Canonical,
    i: Canonical,
    s: Canonical,
    rule: ConflictRule,
    i_at: datetime | None,
    s_at: datetime | None,
    tie: Side,
) -> None:
    thing = entity(field("name", conflict=rule), tie=tie)
    (decision,) = merge(thing, record(modified=i_at, name=i), record(modified=s_at, name=s), Baseline({"name": base}))
    assert decision.decision == oracle(base, i, s, rule.value, i_at, s_at, tie.value)
    assert decision.reason


@given(bases=st.dictionaries(st.sampled_from("pqrst"), VALUES, min_size=5), data=st.data())
def test_edits_of_different_fields_both_survive(bases: dict[str, Canonical], data: st.DataObject) -> None:
    thing = entity(*(field(name) for name in bases))
    here = data.draw(st.sets(st.sampled_from(sorted(bases)), max_size=3))
    there = set(bases) - here
    edit = {name: f"edited {name}" for name in bases}
    intacct = {name: edit[name] if name in here else value for name, value in bases.items()}
    salesforce = {name: edit[name] if name in there else value for name, value in bases.items()}
    decisions = merge(thing, records(intacct), records(salesforce), Baseline(bases))
    merged = {d.field: d.salesforce if writes_to(d) is Side.INTACCT else d.intacct for d in decisions}
    assert merged == edit


@given(values=st.dictionaries(st.sampled_from("pqrst"), VALUES, min_size=1), base=st.none() | st.just("a"))
def test_sides_that_agree_are_never_written(values: dict[str, Canonical], base: Canonical) -> None:
    thing = entity(*(field(name, direction=d) for name in values for d in [Direction.BOTH]))
    decisions = merge(thing, records(values), records(values), Baseline(dict.fromkeys(values, base)))
    assert all(writes_to(decision) is None for decision in decisions)


@given(i=VALUES, s=VALUES, base=VALUES, direction=st.sampled_from([Direction.TO_INTACCT, Direction.TO_SALESFORCE]))
def test_a_one_way_field_never_travels_against_its_direction(
    i: Canonical, s: Canonical, base: Canonical, direction: Direction
) -> None:
    thing = entity(field("name", direction=direction))
    (decision,) = merge(thing, record(name=i), record(name=s), Baseline({"name": base}))
    target = Side.INTACCT if direction is Direction.TO_INTACCT else Side.SALESFORCE
    assert writes_to(decision) is (None if i == s else target)


def test_an_empty_one_way_source_keeps_what_it_never_wrote_but_clears_what_it_did() -> None:
    thing = entity(field("notes", direction="to_intacct", when_empty="keep"))
    (first,) = merge(thing, record(notes="from finance"), record(notes=None), None)
    assert (first.decision, first.rule) == ("keep", "when-empty")
    (later,) = merge(thing, record(notes="carried"), record(notes=None), Baseline({"notes": "carried"}))
    assert later.decision == "to_intacct"


def test_an_accepted_difference_stands_until_one_side_moves() -> None:
    thing = entity(field("country"))
    baseline = Baseline({"country": None}, {"country": Accepted("US", None, "a default")})
    (still,) = merge(thing, record(country="US"), record(country=None), baseline)
    assert (still.decision, still.reason) == ("keep", "a default")
    (moved,) = merge(thing, record(country="US"), record(country="DE"), baseline)
    assert moved.decision == "to_intacct"


def test_at_a_first_meeting_an_address_is_never_mixed_from_both_sides() -> None:
    thing = entity(*(field(name, group="address") for name in ("street", "city", "zip")), field("phone"))
    intacct = record(modified=NOON + timedelta(days=1), street="1 Quay", city="Bath", zip=None, phone=None)
    salesforce = record(modified=NOON, street="2 Mill", city=None, zip="BA1", phone="1")
    decisions = {d.field: d.decision for d in merge(thing, intacct, salesforce, None)}
    assert decisions == {
        "street": "to_salesforce",
        "city": "to_salesforce",
        "zip": "to_salesforce",
        "phone": "to_intacct",
    }


def test_at_a_first_meeting_gaps_of_an_address_are_filled_from_both_sides() -> None:
    thing = entity(*(field(name, group="address") for name in ("street", "zip")))
    decisions = merge(thing, record(street="1 Quay", zip=None), record(street="1 Quay", zip="BA1"), None)
    assert {d.field: d.decision for d in decisions} == {"street": "agree", "zip": "to_intacct"}


@pytest.mark.parametrize("spec", [field("x", stamp=True), field("x", direction="match")])
def test_stamps_and_match_fields_are_never_compared(spec: FieldSpec) -> None:
    assert merge(entity(spec), record(x="1"), record(x="2"), None) == ()

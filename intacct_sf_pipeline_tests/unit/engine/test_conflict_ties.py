"""Equal and missing stamps: the entity's tie rule decides, whoever is read first and whatever the values are."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.planning.merge import merge
from intacct_sf_pipeline.model.plans import Baseline
from intacct_sf_pipeline.model.records import Side

from .builders import NOON, entity, field, records

MOMENTS = st.one_of(st.none(), st.integers(-5, 5).map(lambda seconds: NOON + timedelta(seconds=seconds)))
VALUES = st.text(min_size=1, max_size=8)


@pytest.mark.parametrize("tie", list(Side))
@given(intacct=MOMENTS, salesforce=MOMENTS, mine=VALUES, theirs=VALUES, rule=st.sampled_from([*list(Side), "newest"]))
def test_a_conflict_is_decided_by_rule_never_by_chance(
    tie: Side, intacct: datetime | None, salesforce: datetime | None, mine: str, theirs: str, rule: str
) -> None:
    things = entity(field("name", conflict=rule), tie=tie)
    here, there = records({"name": f"i{mine}"}, intacct), records({"name": f"s{theirs}"}, salesforce)
    (decision,) = merge(things, here, there, Baseline({"name": "before"}))
    if rule != "newest":
        winner = Side(rule)
    elif intacct is None or salesforce is None or intacct == salesforce:
        winner = tie
        assert f"{tie.value} wins ties" in decision.reason
    else:
        winner = Side.INTACCT if intacct > salesforce else Side.SALESFORCE
    assert decision.decision == f"to_{winner.other.value}"
    assert decision.rule == rule

"""Limits: which lines count, what becomes of them, and what an approval is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.guarding.limits import (
    Exceeded,
    bounds,
    counts_as,
    fate,
    forceable,
    forced_text,
    limit_hold,
    limit_text,
    record_of,
    require_forceable,
    rough_counts,
    tried,
)
from intacct_sf_pipeline.model.config import LIMITED, Limits
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.plans import (
    Decision,
    FieldChange,
    HoldReason,
    LineStatus,
    Operation,
    PlanLine,
    Verdict,
    Who,
)
from intacct_sf_pipeline.model.records import Side

CONFIG = load_config()
ACCOUNTS = CONFIG.mapping.entity("accounts")


def change(name: str, after: str | None = "new") -> FieldChange:
    return FieldChange(name, "old", after, after, "changed", "changed in intacct only", (name,))


def line(operation: Operation = Operation.UPDATE, *changes: FieldChange) -> PlanLine:
    made = changes or (change("phone"),)
    return PlanLine("run/1", "run", "accounts", Side.SALESFORCE, operation, "001A", "7", made)


def exceeded(planned: int = 9, most: int = 5) -> Exceeded:
    return Exceeded("accounts", Side.SALESFORCE, "update", planned, most, "hold")


@pytest.mark.parametrize(
    ("planned", "waited", "told"),
    [
        (9, 0, "9 lines, the limit is 5"),
        (9, 9, "9 lines waiting for approval, the limit is 5"),
        (9, 2, "9 lines, 2 of them waiting for approval, the limit is 5"),
        (5, 2, "5 lines, 2 of them waiting for approval"),
        (1, 1, "1 line waiting for approval"),
    ],
)
def test_what_an_override_let_pass_names_the_limit_only_where_it_was_exceeded(
    planned: int, waited: int, told: str
) -> None:
    assert forced_text(replace(exceeded(planned), waited=waited)) == told


def approval(state: str, reason: HoldReason = HoldReason.LIMIT, verdict: Verdict = Verdict.APPROVE) -> Decision:
    return Decision("accounts", Side.INTACCT, "7", reason, verdict, datetime(2026, 1, 1, tzinfo=UTC), state=state)


@pytest.mark.parametrize(
    ("operation", "names", "limit"),
    [
        (Operation.CREATE, ["name"], "create"),
        (Operation.UPDATE, ["phone"], "update"),
        (Operation.DEACTIVATE, ["*"], "deactivate"),
        (Operation.LINK, ["customer_id", "account_number"], None),
        (Operation.LINK, ["customer_id", "phone"], "update"),
        (Operation.NONE, [], None),
    ],
)
def test_what_a_line_counts_as(operation: Operation, names: list[str], limit: str | None) -> None:
    assert counts_as(ACCOUNTS, line(operation, *(change(name) for name in names))) == limit


def test_a_line_is_about_its_source_or_else_its_target() -> None:
    assert record_of(line()) == (Side.INTACCT, "7")
    assert record_of(replace(line(), source_key=None)) == (Side.SALESFORCE, "001A")


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 80))
def test_a_held_line_waits_until_the_limit_is_what_the_flood_was(planned: int, before: int, most: int) -> None:
    first = limit_hold(line(), exceeded(planned=before), None)
    hold = limit_hold(line(), exceeded(planned=planned), first.state)
    flood = max(planned, before)
    assert fate(line(), hold.state, (), most) == ("queued" if flood > most else "fresh")
    assert str(flood) in hold.message
    assert fate(line(), None, (), most) == "fresh"


def test_an_approval_lets_exactly_what_was_approved_pass() -> None:
    state = limit_hold(line(), exceeded(), None).state
    assert fate(line(), state, [approval(state)], 5) == "pass"
    grown = limit_hold(line(), exceeded(planned=99), state).state
    assert fate(line(), grown, [approval(state)], 5) == "pass", "more of a flood does not take an approval back"
    other = line(Operation.UPDATE, change("phone", "another"))
    assert fate(other, state, [approval(state)], 5) == "queued"
    assert fate(line(), state, [approval(state, HoldReason.BREAKER)], 5) == "queued"
    assert fate(line(), state, [approval(state, verdict=Verdict.IGNORE)], 5) == "queued"


def test_a_time_of_reading_is_not_part_of_what_is_approved() -> None:
    stamped = [replace(change("as_of", moment), rule="stamp") for moment in ("08:00", "09:00")]
    first, second = (line(Operation.UPDATE, change("phone"), stamp) for stamp in stamped)
    state = limit_hold(first, exceeded(), None).state
    assert fate(second, state, [approval(state)], 5) == "pass"


def test_a_hold_of_a_limit_says_how_many_the_limit_and_who_can_help() -> None:
    hold = limit_hold(line(), exceeded(planned=9, most=5), None)
    assert hold.message == "9 of accounts were to be changed in Salesforce in one run; the limit is 5."
    assert (hold.record_side, hold.key, hold.target) == (Side.INTACCT, "7", Side.SALESFORCE)
    assert hold.who is Who.ADMINISTRATOR
    assert hold.cure


statuses = st.sampled_from(list(LineStatus))
operations = st.sampled_from([o for o in Operation if o is not Operation.FORCE])


@given(st.dictionaries(st.tuples(st.sampled_from(list(Side)), operations, statuses), st.integers(0, 9)))
def test_the_rough_count_is_never_too_small(counts: dict[tuple[Side, Operation, LineStatus], int]) -> None:
    rough = rough_counts(counts)
    for side in Side:
        for operation in LIMITED:
            done = tried(counts, side, operation)
            waiting = counts.get((side, Operation(operation), LineStatus.PLANNED), 0)
            assert rough.get((side, operation), 0) >= done + waiting


def test_only_what_has_a_limit_is_bounded() -> None:
    limits = Limits.model_validate({"create": 5, "deactivate": {"percent": 10}})
    assert bounds(limits, 50) == {"create": 5}
    assert bounds(limits, 500) == {"create": 5, "deactivate": 50}
    assert limit_text(limits, "update") == "no limit"
    assert limit_text(limits, "deactivate") == "10 % of the pairs (from 100 pairs on), else hold"


def test_overrides_are_named_and_unknown_names_are_refused_with_the_list() -> None:
    names = forceable(CONFIG)
    assert {"accounts.create", "stock.deactivate", "prices.unit_price", "stock.on_hand"} <= set(names)
    assert "accounts.phone" not in names
    assert require_forceable(["accounts.create"], CONFIG) == {"accounts.create"}
    for wrong in ("accounts", "all", "*", "accounts.*", "accounts.phone"):
        with pytest.raises(ConfigurationError, match=r"prices\.unit_price"):
            require_forceable([wrong], CONFIG)

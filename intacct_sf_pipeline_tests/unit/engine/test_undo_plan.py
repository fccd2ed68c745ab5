"""What an undo puts back and what it leaves, decided on values alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.planning.lines import LineMaker
from intacct_sf_pipeline.engine.review.undo_plan import ALREADY, LEFT, PUT_BACK, Undoing, UndoPlanner
from intacct_sf_pipeline.engine.review.undo_values import Reading, before_deactivation, chain
from intacct_sf_pipeline.model.history import Undo, WrittenRecord
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Accepted, Baseline, FieldChange, JournalEntry, LineStatus, Operation
from intacct_sf_pipeline.model.records import CanonicalRecord, Link, Scalar, Side
from intacct_sf_pipeline.model.results import ColumnSchema, ObjectSchema

from .builders import NOON, entity, field

RUN = "run-1"
LINK = Link("things", "1", "00A", "test", NOON, "run-0")
WORDS = st.sampled_from(["one", "two", "three", None])


def wrote(
    name: str, before: Scalar, after: Scalar, operation: Operation = Operation.UPDATE, rule: str = "changed"
) -> Any:
    return JournalEntry(RUN, "things", Side.SALESFORCE, "00A", operation, name, before, after, rule, "", NOON)


def planned(
    spec: EntityMapping, entries: Sequence[JournalEntry], now: dict[str, Any] | None, **more: Any
) -> list[FieldChange]:
    """The changes of an undo of `entries` on a record that holds `now` (None: it is gone)."""
    raw = {name: value for name, value in (now or {}).items() if name not in spec.by_name}
    values = {name: value for name, value in (now or {}).items() if name in spec.by_name}
    record = None if now is None else CanonicalRecord("00A", values, raw)
    asked = more.pop("field", None)
    schema = ObjectSchema(
        "Thing", {name: ColumnSchema(name, "string", updatable=False) for name in more.pop("fixed", ())}
    )
    reading = Reading(spec, Side.SALESFORCE, "US", lambda _, key: f"link of {key}")
    planner = UndoPlanner(LineMaker(spec, "undo-1"), Undo(RUN, None, asked), reading, schema)
    undoing = Undoing(WrittenRecord(Side.SALESFORCE, "00A", tuple(entries)), more.pop("link", LINK), record, **more)
    lines = planner.plan(undoing)
    assert len({line.line_id for line in lines}) == len(lines)
    for line in lines:
        back = {change.rule == PUT_BACK for change in line.changes}
        assert back == {line.operation is not Operation.NONE}
        assert (line.status is LineStatus.PLANNED) == (line.operation is not Operation.NONE)
    return [change for line in lines for change in line.changes]


def one(*arguments: Any, **more: Any) -> FieldChange:
    (change,) = planned(*arguments, **more)
    return change


NAMED = entity(field("name"), field("other"))


@given(before=WORDS, after=WORDS, now=WORDS, there=WORDS)
def test_only_what_still_holds_the_runs_value_is_put_back_and_the_difference_is_accepted(
    before: str | None, after: str | None, now: str | None, there: str | None
) -> None:
    change = one(NAMED, [wrote("name", before, after)], {"name": now}, baseline=Baseline({"name": there}))
    if now == before:
        assert change.rule == ALREADY
    elif now != after:
        assert (change.rule, change.reason) == (LEFT, "edited since")
    else:
        assert (change.rule, change.before, change.after, change.canonical) == (PUT_BACK, now, before, before)
        expected = None if there == before else Accepted(there, before, f"undone: run {RUN}")
        assert change.accepted == expected


@given(values=st.lists(WORDS, min_size=2, max_size=6))
def test_a_field_written_several_times_goes_back_to_what_it_held_first(values: list[str | None]) -> None:
    entries = [wrote("name", before, after) for before, after in pairwise(values)]
    assert chain(entries, str) == (values[0], values[-1])


def test_an_edit_between_two_writes_of_the_run_is_where_the_undo_ends() -> None:
    entries = [wrote("name", "first", "second"), wrote("name", "by a person", "third")]
    change = one(NAMED, entries, {"name": "third"}, baseline=Baseline({"name": "third"}))
    assert (change.rule, change.after) == (PUT_BACK, "by a person")


@pytest.mark.parametrize(
    ("more", "now", "reason"),
    [
        ({}, None, "the record is deleted"),
        ({"link": None}, {"name": "new"}, "the record is no longer linked"),
        ({"fixed": ("Name",)}, {"name": "new"}, "cannot be written"),
        ({"later": {"name": "run-7"}}, {"name": "else"}, "written again by run run-7"),
        ({}, {"name": "else"}, "edited since"),
    ],
)
def test_what_stays_says_why(more: dict[str, Any], now: dict[str, Any] | None, reason: str) -> None:
    change = one(NAMED, [wrote("name", "old", "new")], now, **more)
    assert (change.rule, change.reason) == (LEFT, reason)


def test_fields_that_must_not_be_emptied_or_belong_to_the_link_stay() -> None:
    spec = entity(
        field("name", required=True),
        field("number", direction="to_salesforce"),
        salesforce={"feed": "things", "object": "Thing", "external_id": "Number"},
    )
    entries = [wrote("name", None, "new"), wrote("number", None, "C1"), wrote("gone", "a", "b")]
    found = {c.field: c.reason for c in planned(spec, entries, {"name": "new", "number": "C1"})}
    assert found == {"name": "no value before", "number": "the link needs it", "gone": "no longer mapped"}


def test_a_stamp_goes_unmentioned_and_one_field_can_be_chosen() -> None:
    spec = entity(field("name"), field("other"), field("as_of", stamp=True))
    entries = [wrote("name", "a", "b"), wrote("other", "a", "b"), wrote("as_of", None, "2026")]
    now = {"name": "b", "other": "b", "as_of": "2026"}
    assert [c.field for c in planned(spec, entries, now, field="other")] == ["other"]
    assert {c.field for c in planned(spec, entries, now)} == {"name", "other"}


def test_phone_numbers_go_back_in_the_country_that_goes_back() -> None:
    spec = entity(field("phone", type="phone"), field("country", type="country"))
    entries = [wrote("phone", "020 7946 0018", "+1 212-555-0147"), wrote("country", "GB", "US")]
    now = {"phone": "+12125550147", "country": "US"}
    found = {c.field: c for c in planned(spec, entries, now, baseline=Baseline(now))}
    assert found["phone"].after == "020 7946 0018"
    assert found["phone"].canonical == "+442079460018"


DEACTIVATED = {"feed": "things", "object": "Thing", "deactivate": {"Status": "inactive"}}


def test_a_created_record_is_deactivated_unless_somebody_worked_on_it() -> None:
    spec = entity(field("name"), salesforce=DEACTIVATED)
    entries = [wrote("name", None, "new", Operation.CREATE)]
    agreed = Baseline({"name": "new"})
    change = one(spec, entries, {"name": "new", "Status": "active"}, baseline=agreed)
    assert (change.rule, change.before, change.after, change.columns) == (PUT_BACK, "active", "inactive", ("Status",))
    edited = one(spec, entries, {"name": "nicer", "Status": "active"}, baseline=agreed)
    assert (edited.rule, edited.reason) == (LEFT, "edited since: name")
    assert one(spec, entries, {"name": "new", "Status": "Inactive"}, baseline=agreed).rule == ALREADY
    by_hand = one(NAMED, entries, {"name": "new"}, baseline=agreed)
    assert by_hand.reason == "created by this run; deactivate it by hand"
    single = one(spec, entries, {"name": "new", "Status": "active"}, baseline=agreed, field="name")
    assert single.reason == "created by this run: no value before"


def test_a_deactivation_goes_back_and_stays_dealt_with() -> None:
    spec = entity(field("name"), salesforce=DEACTIVATED)
    entries = [wrote("*", "active", "inactive", Operation.DEACTIVATE, "deleted")]
    change = one(spec, entries, {"Status": "inactive"})
    assert (change.rule, change.after, change.accepted) == (
        PUT_BACK,
        "active",
        Accepted(None, None, f"undone: run {RUN}"),
    )
    assert one(spec, entries, {"Status": "active"}).rule == ALREADY
    assert one(spec, entries, {"Status": "dormant"}).reason == "edited since"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [("active", "inactive", "active"), (None, "inactive", "active"), (None, False, True), (None, "archived", None)],
)
def test_what_a_status_was_is_known_from_the_journal_or_from_its_opposite(
    before: Scalar, after: Scalar, expected: Scalar
) -> None:
    assert before_deactivation(wrote("*", before, after)) == expected

"""How lines become calls: nothing is lost or doubled, no call too many, families together and in order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.writing.calls import ANYBODY, Call, Prepared, calls_of, families_of
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.plans import FieldChange, Operation, PlanLine
from intacct_sf_pipeline.model.records import CanonicalRecord, Scalar, Side
from intacct_sf_pipeline.model.results import WriteRequest

ENTITIES = {entity.name: entity for entity in load_config(None).mapping.entities}


def prepared(number: int, *families: str, create: bool = False) -> Prepared:
    key = None if create else f"k{number}"
    operation = Operation.CREATE if create else Operation.UPDATE
    line = PlanLine(f"l{number}", "run", "contacts", Side.SALESFORCE, operation, key, f"s{number}")
    request = WriteRequest(line.line_id, "contacts", "Contact", create, key, None, {})
    return Prepared(line, request, frozenset({f"own {number}", *families}))


lines = st.lists(st.tuples(st.booleans(), st.frozensets(st.integers(0, 12).map(str), max_size=2)), max_size=60).map(
    lambda found: [prepared(n, *families, create=create) for n, (create, families) in enumerate(found)]
)


def places(calls: list[Call]) -> dict[str, int]:
    return {part.line.line_id: n for n, call in enumerate(calls) for part in call.parts}


@given(lines, st.integers(1, 9), st.integers(1, 6))
def test_every_line_goes_once_and_by_as_few_calls_as_there_can_be(
    parts: list[Prepared], size: int, at_once: int
) -> None:
    calls = calls_of(parts, size=size, at_once=at_once, goes_alone=lambda _: False)
    sent = [part.line.line_id for call in calls for part in call.parts]
    assert sorted(sent) == sorted(part.line.line_id for part in parts)
    assert all(0 < len(call.parts) <= size for call in calls)
    creates = sum(part.request.create for part in parts)
    assert len(calls) == -(-creates // size) + -(-(len(parts) - creates) // size)


@given(lines, st.integers(1, 9))
def test_records_of_one_family_keep_their_order_and_new_ones_go_first(parts: list[Prepared], size: int) -> None:
    calls = calls_of(parts, size=size, at_once=3, goes_alone=lambda _: False)
    order = {part.line.line_id: n for n, part in enumerate(p for call in calls for p in call.parts)}
    for create in (True, False):
        mine = [part for part in parts if part.request.create is create]
        for family in {name for part in mine for name in part.families}:
            kin = [part.line.line_id for part in mine if family in part.families]
            assert all(order[one] < order[next_one] for one, next_one in pairwise(kin))
    at = places(calls)
    last_create = max((at[p.line.line_id] for p in parts if p.request.create), default=-1)
    assert all(at[p.line.line_id] > last_create for p in parts if not p.request.create)


@given(st.lists(st.integers(1, 3), min_size=1, max_size=40), st.integers(6, 10))
def test_small_families_are_hardly_ever_torn_apart(sizes: list[int], size: int) -> None:
    parts: list[Prepared] = []
    for family, count in enumerate(sizes):
        parts += [prepared(len(parts) + n, f"parent {family}") for n in range(count)]
    calls = calls_of(parts, size=size, at_once=4, goes_alone=lambda _: False)
    clashing = sum(one.clashes(other) for one, other in pairwise(calls))
    assert clashing <= 2, "of a chain of calls that follow each other nothing would be gained"


def test_records_that_go_alone_are_shared_out() -> None:
    parts = [prepared(n, create=True) for n in range(12)]
    calls = calls_of(parts, size=100, at_once=6, goes_alone=lambda request: request.create)
    assert [len(call.parts) for call in calls] == [2] * 6
    many = calls_of([prepared(n, create=True) for n in range(300)], size=100, at_once=2, goes_alone=lambda _: True)
    assert max(len(call.parts) for call in many) == 10


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [({"a"}, {"b"}, False), ({"a", "b"}, {"b", "c"}, True), ({ANYBODY}, {"b"}, True), ({"b"}, {ANYBODY}, True)],
)
def test_calls_with_a_common_family_clash(one: set[str], other: set[str], clash: bool) -> None:
    assert Call((prepared(1, *one),)).clashes(Call((prepared(2, *other),))) is clash


class TestFamilies:
    contacts: EntityMapping = ENTITIES["contacts"]

    def of(self, side: Side, values: dict[str, Scalar], record: CanonicalRecord | None, *, key: str | None) -> set[str]:
        operation = Operation.UPDATE if key else Operation.CREATE
        changes = tuple(
            FieldChange(name, None, value, value if isinstance(value, str) else None, "rule", "reason", (name,))
            for name, value in values.items()
        )
        line = PlanLine("l", "run", "contacts", side, operation, key, "s", changes=changes)
        request = WriteRequest("l", "contacts", "x", key is None, key, None, values)
        return set(families_of(self.contacts, side, line, request, record))

    def test_a_new_contact_belongs_to_its_account(self) -> None:
        assert "account 001a" in self.of(Side.SALESFORCE, {"AccountId": "001A", "Phone": "1"}, None, key=None)

    def test_a_contact_that_moves_belongs_to_both(self) -> None:
        record = CanonicalRecord("003", {"account": "7"}, {"account": "001A"})
        found = self.of(Side.SALESFORCE, {"AccountId": "001B"}, record, key="003")
        assert {"account 001a", "account 001b", "key 003"} <= found

    def test_a_change_of_another_field_still_locks_the_parent(self) -> None:
        record = CanonicalRecord("003", {"account": "7"}, {"account": "001A"})
        assert "account 001a" in self.of(Side.SALESFORCE, {"Phone": "1"}, record, key="003")

    def test_a_list_entry_of_an_unknown_customer_may_be_anybodys(self) -> None:
        record = CanonicalRecord("12", {}, {})
        assert ANYBODY in self.of(Side.INTACCT, {"customer-contact.categoryName": "Buyer"}, record, key="12")
        assert ANYBODY not in self.of(Side.INTACCT, {"phone1": "1"}, record, key="12")

    def test_a_record_of_which_nothing_is_known_may_be_anybodys(self) -> None:
        assert ANYBODY in self.of(Side.SALESFORCE, {"Phone": "1"}, None, key="003")

"""What writes to contacts mean for the customers' contact lists, against a small model of such lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.intacct.contact_list import (
    CATEGORY,
    CUSTOMER,
    ENTRY,
    Entry,
    NoEntryError,
    known_entry,
    needs_entry,
    own_part,
    plan_changes,
    touches_list,
)

from .builders import CONTACT, create, update

CUSTOMERS = st.none() | st.sampled_from(["10", "20"])
CATEGORIES = st.none() | st.sampled_from(["Boss", "Buyer"])


@given(CUSTOMERS, CATEGORIES, CUSTOMERS, CATEGORIES, st.booleans(), st.booleans())
def test_after_the_changes_the_contact_is_where_it_was_asked_to_be(
    before: str | None, old: str | None, customer: str | None, category: str | None, move: bool, rename: bool
) -> None:
    lists = {(before, "e1"): old} if before else {}
    values = {**({CUSTOMER: customer} if move else {}), **({CATEGORY: category} if rename else {})}
    current = {CUSTOMER: before, ENTRY: "e1" if before else None, CATEGORY: old}
    request = update(CONTACT, "r", "7", values, current)
    wanted_at = customer if move else before
    wanted_as = category if rename else old
    if wanted_at is None and not move:
        with pytest.raises(NoEntryError):
            plan_changes(request, "7", known_entry(request))
        return
    for number, change in enumerate(plan_changes(request, "7", known_entry(request))):
        element = dict(change.element)
        if element.get("ia::operation") == "delete":
            assert change.last
            del lists[change.customer_key, str(element["key"])]
        elif "key" in element:
            assert (change.customer_key, element["key"]) in lists
            lists[change.customer_key, str(element["key"])] = element["categoryName"]  # type: ignore[assignment]
        else:
            assert element["contact"] == {"key": "7"}
            lists[change.customer_key, f"new{number}"] = element.get("categoryName")  # type: ignore[assignment]
    assert [(at, name) for (at, _), name in lists.items()] == ([(wanted_at, wanted_as)] if wanted_at else [])


def test_a_request_is_split_into_its_own_part_and_the_lists() -> None:
    request = create(CONTACT, "r", {"firstName": "A", CUSTOMER: "10"}, "A (1)")
    assert touches_list(request)
    assert own_part(request).values == {"firstName": "A"}
    assert not touches_list(own_part(request))


@pytest.mark.parametrize(
    ("values", "current", "needed"),
    [
        ({CATEGORY: "Boss"}, {}, True),
        ({CUSTOMER: None}, {}, True),
        ({CUSTOMER: "20"}, {CUSTOMER: "10"}, True),
        ({CUSTOMER: "20"}, {}, False),
        ({CATEGORY: "Boss"}, {CUSTOMER: "10", ENTRY: "e1"}, False),
    ],
)
def test_the_entry_is_looked_up_only_when_it_matters_and_is_not_known(
    values: dict[str, str | None], current: dict[str, str], needed: bool
) -> None:
    assert needs_entry(update(CONTACT, "r", "7", values, current)) is needed


def test_a_new_contact_needs_no_look_up() -> None:
    assert not needs_entry(create(CONTACT, "r", {CUSTOMER: "10"}, "A (1)"))
    assert known_entry(update(CONTACT, "r", "7", {}, {CUSTOMER: "10", ENTRY: "e1"})) == Entry("e1", "10")

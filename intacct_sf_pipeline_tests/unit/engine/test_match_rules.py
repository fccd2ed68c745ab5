"""Which records are linked without asking: those that everything known of speaks for, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.model.records import Canonical, Side
from intacct_sf_pipeline_tests.effort import tries

from .match_store import MatchStore

HOLT = {
    "name": "Granite Holt Tools, Inc.", "phone": "+14155550101", "street": "12 Main Street", "city": "San Francisco",
    "state": "CA", "postal_code": "94105", "country": "US",
}  # fmt: skip


def without(*names: str, **changed: Canonical) -> dict[str, Canonical]:
    """The account, with some fields empty and others changed."""
    return {name: value for name, value in {**HOLT, **changed}.items() if name not in names}


def linked(ours: dict[str, Canonical], theirs: dict[str, Canonical]) -> bool:
    """Whether two records, alone in the world, are linked; if not, both must be held for a person."""
    store = MatchStore()
    store.ours("1", **ours)
    store.theirs("A", **theirs)
    pairs = store.pairs()
    if not pairs:
        assert store.found(Side.INTACCT)["1"].others == ("A",)
        assert store.found(Side.SALESFORCE)["A"].others == ("1",)
    return pairs == {("1", "A")}


@pytest.mark.parametrize(
    "theirs",
    [
        without(name="GRANITE HOLT TOOLS"),
        without(street="99 Elsewhere Road", city="Daly City"),
        without("phone"),
        without("postal_code"),
        without("phone", "street"),
        without("postal_code", "city", "street"),
        without(name="Something Else", account_number="C-1"),
        without("phone", name="Something Else", IntacctID__c="x", customer_id="C-1"),
    ],
)
def test_one_company_is_linked(theirs: dict[str, Canonical]) -> None:
    assert linked(HOLT, theirs)


@pytest.mark.parametrize(
    "theirs",
    [
        without(phone="+14155550199"),
        without(postal_code="94999"),
        without("phone", street="99 Elsewhere Road"),
        without("phone", country="CA"),
        without("postal_code", city="Oakland"),
        without("postal_code", street="99 Main Street"),
        without("phone", "postal_code"),
        without(customer_id="C-77"),
        without(name="Granit Holt Tools"),
        without(name="Tools Granite Holt"),
    ],
)
def test_half_of_the_evidence_with_a_contradiction_is_left_to_a_person(theirs: dict[str, Canonical]) -> None:
    assert not linked(HOLT, theirs)


def test_a_number_that_happens_to_be_the_id_of_somebody_else_is_not_believed() -> None:
    stranger = {"name": "Alba Bakery", "phone": "+14155550199", "postal_code": "10001", "account_number": "C-1"}
    assert not linked(HOLT, stranger)


def test_an_account_that_names_another_customer_never_links_by_name() -> None:
    store = MatchStore()
    store.ours("1", **HOLT)
    store.ours("2", name="Alba Bakery", phone="+14155550199", postal_code="10001")
    store.theirs("A", **HOLT, account_number="C-2")
    assert store.pairs() == set()
    assert store.found(Side.SALESFORCE)["A"].others == ("1", "2")
    store.theirs("B", name="Alba Bakery", phone="+14155550199", postal_code="10001")
    assert store.pairs() == {("2", "B")}, "the customer cannot help the wrong number of another account"
    assert store.found(Side.SALESFORCE)["A"].partner is None


def test_a_number_nothing_speaks_against_is_believed_before_any_name() -> None:
    store = MatchStore()
    store.ours("1", **HOLT)
    store.theirs("A", **HOLT)
    store.theirs("B", name="Alba Bakery", account_number="C-1")
    assert store.pairs() == {("1", "B")}
    assert store.found(Side.SALESFORCE)["A"].others == ("1",), "held, not created"


def test_a_partnership_and_its_general_partner_are_two_companies() -> None:
    house = {"phone": "+493023125001", "postal_code": "10115", "street": "Hauptstraße 7", "country": "DE"}
    assert not linked({"name": "Holt GmbH", **house}, {"name": "Holt GmbH & Co. KG", **house})
    assert linked({"name": "Holt GmbH & Co. KG", **house}, {"name": "Holt GmbH & Co KG", **house})


def test_branches_of_a_chain_link_by_place_and_a_branch_of_one_system_is_free() -> None:
    store = MatchStore()
    places = {"1": ("94105", "San Francisco"), "2": ("10001", "New York"), "3": ("60601", "Chicago")}
    for number, (postal, city) in places.items():
        store.ours(number, **without(postal_code=postal, city=city, street=f"{number} Main Street"))
    for letter, number in (("A", "1"), ("B", "2")):
        postal, city = places[number]
        store.theirs(letter, **without(postal_code=postal, city=city, street=f"{number} Main Street"))
    assert store.pairs() == {("1", "A"), ("2", "B")}
    assert "3" not in store.found(Side.INTACCT), "no account is this branch"
    store.link("1", "A")
    store.link("2", "B")
    assert store.found(Side.INTACCT) == {}


def test_a_long_chain_links_by_place_although_one_side_has_no_telephone() -> None:
    store = MatchStore()
    for number in range(40):
        place = {"postal_code": f"{94000 + number}", "city": f"Town {number}", "street": f"{number} Main Street"}
        store.ours(str(number), **without("phone", **place))
        store.theirs(f"A{number}", **without(**place))
    assert store.pairs() == {(str(number), f"A{number}") for number in range(40)}


def test_twins_are_left_to_a_person_however_alike_they_are() -> None:
    store = MatchStore()
    store.ours("1", **HOLT)
    store.ours("2", **HOLT)
    store.theirs("A", **HOLT)
    assert store.pairs() == set()
    assert store.found(Side.SALESFORCE)["A"].others == ("1", "2")
    assert all(found.ambiguous for found in store.found(Side.INTACCT).values())


def test_a_linked_twin_makes_the_partner_taken() -> None:
    store = MatchStore()
    store.ours("1", **HOLT)
    store.ours("2", **HOLT)
    store.theirs("A", **HOLT)
    store.link("1", "A")
    found = store.found(Side.INTACCT)["2"]
    assert found.taken
    assert found.ambiguous
    assert found.others == ("A",)


def test_a_namesake_elsewhere_does_not_wait_for_the_linked_one() -> None:
    store = MatchStore()
    store.ours("1", **HOLT)
    store.theirs("A", **HOLT)
    store.link("1", "A")
    store.ours("2", **without(phone="+12125550100", postal_code="10001", city="New York", street="9 Mill Lane"))
    assert store.found(Side.INTACCT) == {}


def test_half_of_the_evidence_is_not_enough_where_somebody_else_could_be_meant() -> None:
    store = MatchStore()
    store.ours("1", **HOLT)
    store.theirs("A", **without("phone"))
    store.theirs("B", **without("postal_code", "city", "street"))
    assert store.pairs() == set(), "either account may be the customer"
    assert set(store.found(Side.INTACCT)["1"].others) == {"A", "B"}


def test_contacts_with_other_mail_and_telephone_are_left_to_a_person() -> None:
    store = MatchStore("contacts")
    anna = {"account": "7", "first_name": "Anna", "last_name": "Schmidt", "phone": "+14155550101"}
    store.ours("1", **anna, email="anna@holt.example")
    store.theirs("A", **anna, email="a.schmidt@holt.example")
    assert store.pairs() == {("1", "A")}, "the telephone is the same"
    store.theirs("A", **{**anna, "phone": "+14155550177"}, email="a.schmidt@holt.example")
    assert store.pairs() == set()


@pytest.mark.parametrize(
    ("first", "sure"), [("Anna", True), ("A.", True), ("Anna Maria", True), (None, True), ("Bernd", False)]
)
def test_contacts_with_one_mail_address_link_unless_the_first_name_is_another(first: str | None, sure: bool) -> None:
    store = MatchStore("contacts")
    mail = {"account": "7", "last_name": "Schmidt", "email": "schmidt@holt.example"}
    store.ours("1", **mail, first_name="Anna")
    store.theirs("A", **mail, first_name=first)
    assert (store.pairs() == {("1", "A")}) is sure


@pytest.mark.parametrize(
    ("code", "name", "sure"),
    [
        (None, "Hose Reel, 1.5 l", True),
        ("HOSE-15", "something else", True),
        ("OLD-7", "Hose Reel, 1.5 l", False),
        (None, "Hose Reel, 15 l", False),
    ],
)
def test_products_link_by_code_and_by_name_unless_the_code_is_another(code: str | None, name: str, sure: bool) -> None:
    store = MatchStore("products")
    store.put(Side.INTACCT, "1", {"product_code": "HOSE-15", "item_id": "HOSE-15", "name": "Hose Reel, 1.5 l"})
    store.theirs("A", product_code=code, name=name)
    assert (store.pairs() == {("1", "A")}) is sure


FIELDS = {
    "name": ["Granite Holt", "Granite Holt Inc", "Alba"], "phone": [None, "+14155550101", "+14155550102"],
    "postal_code": [None, "94105", "10001"], "city": [None, "Austin", "Boston"], "account_number": [None, "C-1", "C-9"],
}  # fmt: skip
SOMEBODY = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in FIELDS.items()})


@settings(max_examples=tries(150))
@given(ours=st.lists(SOMEBODY, min_size=1, max_size=3), theirs=st.lists(SOMEBODY, min_size=1, max_size=3))
def test_every_link_is_undisputed(ours: list[dict[str, str | None]], theirs: list[dict[str, str | None]]) -> None:
    """Whatever the data: each record is in one pair, names agree or the number does, and no telephone contradicts."""
    store = MatchStore()
    for number, values in enumerate(ours, start=1):
        store.ours(str(number), **{k: v for k, v in values.items() if v and k != "account_number"})
    for number, values in enumerate(theirs, start=1):
        store.theirs(f"A{number}", **{k: v for k, v in values.items() if v})
    pairs = store.pairs()
    assert len({one for one, _ in pairs}) == len({other for _, other in pairs}) == len(pairs)
    for one, other in pairs:
        mine, yours = store.sides[Side.INTACCT][one].values, store.sides[Side.SALESFORCE][other].values
        if yours.get("account_number") == mine["customer_id"]:
            continue
        assert str(yours["name"])[:7] == str(mine["name"])[:7]
        for name in ("phone", "postal_code"):
            assert not mine.get(name) or not yours.get(name) or mine[name] == yours[name]

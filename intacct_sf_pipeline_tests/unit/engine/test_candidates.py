"""What looks like an existing record is held with its candidates; what only shares a trade or a house is not."""

from __future__ import annotations

import pytest

from intacct_sf_pipeline.engine.matching.candidates import SELECTIVE
from intacct_sf_pipeline.engine.matching.match import MOST_CANDIDATES
from intacct_sf_pipeline.model.matching import SIMILAR
from intacct_sf_pipeline.model.records import Canonical, Side

from .match_store import MatchStore
from .test_match_rules import HOLT, without

ELSEWHERE = {"postal_code": "10001", "city": "New York", "street": "9 Mill Lane"}
BARE = ("phone", "postal_code", "city", "street", "state", "country")


def two(ours: dict[str, Canonical], theirs: dict[str, Canonical], name: str = "accounts") -> MatchStore:
    store = MatchStore(name)
    store.ours("1", **ours)
    store.theirs("A", **theirs)
    return store


@pytest.mark.parametrize(
    "theirs",
    [
        without(name="Granit Holt Tools"),
        without("phone", name="Granit Holt Tools"),
        without(*BARE, name="Granit Holt Tools"),
        without(name="Granit Holt Tools", **ELSEWHERE),
        without(name="Holt Granite Tools"),
        without(name="G. Holt Tools"),
        without(name="Granite Holt"),
        without(name="Granite Holt Tools San Francisco"),
        without(**ELSEWHERE),
        without(phone="+12125550100", **ELSEWHERE),
        without(name="Alba Bakery"),
    ],
    ids=[
        "typo",
        "no phone",
        "name alone",
        "moved",
        "swapped",
        "initial",
        "shorter",
        "city",
        "only moved",
        "all",
        "renamed",
    ],
)
def test_both_sides_of_a_likely_pair_are_held(theirs: dict[str, Canonical]) -> None:
    store = two(HOLT, theirs)
    for side, own, other in ((Side.INTACCT, "1", "A"), (Side.SALESFORCE, "A", "1")):
        found = store.found(side)[own]
        assert found.partner is None
        assert found.others == (other,)
        assert found.scores[0] >= 0.5


@pytest.mark.parametrize(
    "theirs",
    [
        without(name="Granite Holt Pumps", phone="+12125550100", **ELSEWHERE),
        without(name="Granite Holt Pumps", **ELSEWHERE),
        without(name="Granite Holt Pumps", phone="+14155550199"),
        without(name="Granit Holt Tools", phone="+12125550100", **ELSEWHERE),
        without(name="Alba Bakery", phone="+14155550199"),
        without(name="Alba Bakery", **ELSEWHERE),
        without(phone="+16135550100", country="CA", **ELSEWHERE),
    ],
    ids=["trade", "trade, phone", "same house", "typo elsewhere", "neighbour", "phone alone", "another country"],
)
def test_another_company_is_free(theirs: dict[str, Canonical]) -> None:
    store = two(HOLT, theirs)
    assert store.found(Side.INTACCT) == {}
    assert store.found(Side.SALESFORCE) == {}


def test_a_record_is_free_again_when_its_candidate_has_another_partner() -> None:
    store = two(HOLT, without(name="Granit Holt Tools"))
    store.ours("2", **without(name="Granitt Holt Tools"))
    assert store.found(Side.SALESFORCE)["A"].others == ("1", "2")
    store.link("2", "A")
    assert store.found(Side.INTACCT) == {}


def test_who_is_about_to_be_linked_with_somebody_else_is_nobodys_candidate() -> None:
    store = two(HOLT, HOLT)
    store.ours("2", **without(name="Granit Holt Tools"))
    assert store.pairs() == {("1", "A")}
    assert set(store.found(Side.INTACCT)) == {"1"}


def test_the_best_candidates_come_first_and_no_more_than_a_person_reads() -> None:
    store = MatchStore()
    store.ours("1", **HOLT)
    for number in range(MOST_CANDIDATES + 3):
        store.theirs(f"B{number}", **without("phone", name="Granit Holt Tools", street=f"{number} Mill Lane"))
    store.theirs("A", **without(name="Granit Holt Tools"))
    found = store.found(Side.INTACCT)["1"]
    assert found.rule == SIMILAR
    assert not found.ambiguous
    assert len(found.others) == len(found.scores) == MOST_CANDIDATES
    assert found.others[0] == "A"
    assert list(found.scores) == sorted(found.scores, reverse=True)


def test_where_thousands_share_a_postal_code_the_name_narrows() -> None:
    store = MatchStore()
    for number in range(SELECTIVE + 10):
        store.theirs(f"B{number}", name=f"Firm Number{number} Word{number}", postal_code="94105")
    store.theirs("A", **without("phone", name="Granit Holt Tools"))
    store.ours("1", **without("phone"))
    store.ours("2", name="Firmm Other", postal_code="94105")
    found = store.found(Side.INTACCT)
    assert found["1"].others == ("A",)
    assert "2" not in found


def test_the_cost_is_questions_per_batch_not_per_record() -> None:
    def questions(number: int) -> int:
        store = MatchStore()
        for n in range(number):
            store.ours(str(n), name=f"Granite Holt{n} Tools", postal_code=f"{n:05d}")
            store.theirs(f"A{n}", name=f"Granit Holt{n} Tools", postal_code=f"{n:05d}")
        store.found(Side.INTACCT)
        return store.asked

    assert questions(40) == questions(4)


def test_a_record_that_gets_no_partner_anyway_is_not_searched_for() -> None:
    store = MatchStore("products")
    store.theirs("A", name="Hose Reel, 1.5 l", product_code="OLD-7")
    store.put(Side.INTACCT, "1", {"product_code": "HOSE-15", "item_id": "HOSE-15", "name": "Hose Reel, 1.5 l"})
    assert store.found(Side.SALESFORCE) == {}, "products are never created in Intacct"
    assert store.found(Side.INTACCT)["1"].others == ("A",)


@pytest.mark.parametrize(
    ("theirs", "held"),
    [
        ({"first_name": "Anna", "last_name": "Schmitd"}, True),
        ({"first_name": "Schmidt", "last_name": "Anna"}, True),
        ({"first_name": "A.", "last_name": "Schmidt"}, True),
        ({"first_name": "Bernd", "last_name": "Schmidt"}, False),
        ({"first_name": "Anne", "last_name": "Schmied", "email": "anne@holt.example"}, False),
    ],
)
def test_contacts_of_one_account(theirs: dict[str, Canonical], held: bool) -> None:
    anna = {"account": "7", "first_name": "Anna", "last_name": "Schmidt", "email": "anna@holt.example"}
    store = two(anna, {"account": "7", **theirs}, "contacts")
    assert ("1" in store.found(Side.INTACCT)) is held
    assert ("A" in store.found(Side.SALESFORCE)) is held
    other = two(anna, {"account": "8", **theirs}, "contacts")
    assert other.found(Side.INTACCT) == {}, "another account's people are others"

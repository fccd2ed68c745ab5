"""How much alike names and addresses are: slips of the pen are, other words are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.matching.name_words import name_words
from intacct_sf_pipeline.engine.matching.similarity import NEUTRAL, names_alike, streets_alike, words_alike
from intacct_sf_pipeline.model.fields import MatchForm

WORD = st.from_regex(r"\A[a-z]{2,9}\Z")
NAME = st.lists(WORD, min_size=1, max_size=4).map(" ".join)


def alike(one: str, other: str, form: MatchForm = MatchForm.COMPANY) -> float:
    return names_alike(name_words(one, form), name_words(other, form), form)


@given(one=NAME, other=NAME, form=st.sampled_from([MatchForm.COMPANY, MatchForm.PERSON, MatchForm.TITLE]))
def test_a_share_between_0_and_1_and_1_for_itself(one: str, other: str, form: MatchForm) -> None:
    assert 0 <= alike(one, other, form) <= 1
    assert alike(one, one, form) == 1


@given(one=NAME, other=NAME)
def test_both_ways_round_it_is_the_same_question(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Granite Holt Tools", "Granit Holt Tools"),
        ("Granite Holt Tools", "Graniet Holt Tools, Inc."),
        ("Granite Holt Tools", "Tools Granite Holt"),
        ("Blue Harbor Tools", "Blueharbor Tols"),
        ("Jürgen Kühlung GmbH", "Juergen Kuehlung"),
        ("Granite Holt Tools", "G. Holt Tools"),
    ],
)
def test_one_company_spelt_twice_is_alike(one: str, other: str) -> None:
    assert alike(one, other) > 0.9


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Granite Holt Tools", "Granite Holt Pumps"),
        ("Schäfer Maschinenbau", "Schäfer Werkzeugbau"),
        ("Holt & Ray Tools", "Holt & Fern Tools"),
        ("Harbor Store 12", "Harbor Store 21"),
        ("Harbor Tools East", "Harbor Tools West"),
        ("Acme", "Tools"),
    ],
)
def test_another_word_is_another_company(one: str, other: str) -> None:
    assert alike(one, other) < 0.75


@pytest.mark.parametrize(
    ("one", "other"),
    [("Robert Smith", "Bob Smith"), ("J. Smith", "John Smith"), ("Anna Schmidt", "Schmidt Anna"), ("Oakes", "Oaes")],
)
def test_one_person_spelt_twice_is_alike(one: str, other: str) -> None:
    assert alike(one, other, MatchForm.PERSON) > 0.8


@pytest.mark.parametrize(("one", "other"), [("Anna Schmidt", "Bernd Schmidt"), ("John Smith Jr.", "John Smith Sr.")])
def test_relatives_are_not(one: str, other: str) -> None:
    assert alike(one, other, MatchForm.PERSON) < 0.75


@pytest.mark.parametrize(
    ("one", "other"),
    [("Lamp 10 m", "Lamp 18 m"), ("Crate Pro, XL", "Crate Pro, XXL"), ("Sealed Pump Pro", "Sealed Pump Plus")],
)
def test_another_size_is_another_article(one: str, other: str) -> None:
    assert alike(one, other, MatchForm.TITLE) < 0.85


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        ("12 Main St.\nSuite 100", "12 Main Street", 1.0),
        ("Hauptstraße 7", "Hauptstr. 7", 1.0),
        ("12 Main Street", "Main Street", NEUTRAL),
        ("PO Box 77", "12 Main Street", NEUTRAL),
        ("170-12 Kita Dori", "123-12 Kita Dori", NEUTRAL),
        ("12 Main Street", "14 Main Street", 0.0),
        ("12 Main Street", "12 Orchard Avenue", 0.0),
    ],
)
def test_a_street_is_told_by_its_name_and_number(one: str, other: str, least: float) -> None:
    assert streets_alike(one, other) == streets_alike(other, one) == least


def test_a_city_may_be_part_of_another_spelling() -> None:
    assert words_alike("New York", "New York City") == 1
    assert words_alike("Winston-Salem", "WINSTON SALEM") == 1
    assert words_alike("Boston", "Austin") < 0.5

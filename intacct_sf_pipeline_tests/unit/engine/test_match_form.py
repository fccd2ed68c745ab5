"""What is left of a name for finding its partner: the same under every kind of noise, and different for different
names.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.matching.match_form import match_form
from intacct_sf_pipeline.engine.values.normalise import NormaliseContext, normalise
from intacct_sf_pipeline.model.fields import FieldType, MatchForm
from intacct_sf_pipeline.model.records import Canonical, Side

from .raw_values import RAW, contexts, field_of, typed_text

FORMS = (
    "Inc",
    "Inc.",
    ", Inc.",
    "INC",
    "Ltd",
    "Ltd.",
    "Limited",
    "GmbH",
    "GmbH & Co. KG",
    "AG",
    "S.A.",
    "SA",
    "S. A.",
    "B.V.",
    "N.V.",
    "Sp. z o.o.",
    "K.K.",
    "LLC",
    "L.L.C.",
    "Pty Ltd",
    "(Pty) Ltd.",
    "Co., Ltd.",
    "S.A. de C.V.",
    "S. de R.L. de C.V.",
    "s.r.o.",
    "SpA",
    "S.p.A.",
    "A/S",
    "AB",
    "Oy",
    "Ltda.",
    "Company",
    "Corporation",
    "plc",
    "e.V.",
    "Sdn. Bhd.",
)
WORDS = (
    "Harbor",
    "Łódź",
    "Müller",
    "Straße",
    "Ñandú",
    "Øresund",
    "O'Brien",
    "L'Église",
    "Ærø",
    "Ζεύς",
    "Жар",
    "ガード",
    "한빛",
    "3M",
    "Tools",
    "Nordic",
    "Smith",
    "and",
    "&",
    "+",
)
NAMES = (
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)
    .map(" ".join)
    .filter(lambda name: match_form(FieldType.TEXT, name, MatchForm.COMPANY))
)


DISTINCT = st.from_regex(r"\A[b-df-z]{4,9}x\Z")  # no umlauts written as two letters


def company(name: Canonical) -> str | None:
    return match_form(FieldType.TEXT, name, MatchForm.COMPANY)


PUNCTUATION = st.sampled_from(("", ".", ",", " ", "  ", "\u00a0", " - ", "!", "'", "\u2019", " _ "))


@given(name=NAMES, form=st.sampled_from(FORMS), again=st.sampled_from(FORMS))
def test_legal_forms_do_not_count(name: str, form: str, again: str) -> None:
    bare = company(name)
    assert company(f"{name} {form}") == bare
    assert company(f"{name} {again} {form}") == bare


@given(name=NAMES, change=st.sampled_from((str.upper, str.lower, str.title, str.casefold)))
def test_case_does_not_count(name: str, change: Callable[[str], str]) -> None:
    assert company(change(name)) == company(name)


@given(words=st.lists(st.from_regex(r"\A[a-z]{3,8}x\Z"), min_size=1, max_size=4), data=st.data())
def test_punctuation_and_spaces_do_not_count(words: list[str], data: st.DataObject) -> None:
    noisy = words[0] + "".join(data.draw(PUNCTUATION) + word for word in words[1:]) + data.draw(PUNCTUATION)
    assert company(noisy) == company("".join(words))


@given(name=NAMES)
def test_accents_do_not_count(name: str) -> None:
    plain = "".join(
        c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c) or c in "\u3099\u309a"
    )
    assert company(plain) == company(name)


@given(name=NAMES)
def test_ampersand_plus_and_the_word_are_one(name: str) -> None:
    spelt = " ".join("and" if word in {"&", "+"} else word for word in name.split())
    assert company(spelt) == company(name)


@given(first=DISTINCT, second=DISTINCT, form=st.sampled_from(FORMS))
def test_different_names_stay_different(first: str, second: str, form: str) -> None:
    same = company(f"{first} {form}") == company(second)
    assert same is (first == second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME, Inc.", "Acme Inc"),
        ("Acme & Söhne GmbH & Co. KG", "ACME and Sohne"),
        ("株式会社ソニー", "ソニー"),
        ("Straße AG", "STRASSE"),
        ("Łódź-Tech Sp. z o.o.", "Lodz Tech"),
        ("O’Brien's Ltd", "OBriens"),
        ("Müller & Weiß GmbH", "Mueller Weiss"),
        ("Ålborg Bygg AS", "Aalborg Bygg"),
        ("The Granite Tools of Carver, LLC", "Granite Tools of Carver"),
        ("Holt Bros. Intl. Mfg.", "Holt Brothers International Manufacturing"),
        ("Cerámicas Núñez y Peña S.L.", "Ceramicas Nunez Pena"),
    ],
)
def test_spellings_of_one_company(one: str, other: str) -> None:
    assert company(one) == company(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ガード", "カード"), ("Acme North", "Acme South"), ("Limited", "Company"), ("Store 12", "Store 21")],
)
def test_names_that_only_look_alike(one: str, other: str) -> None:
    assert company(one) != company(other)


@pytest.mark.parametrize("nothing", [None, "---", "...", "()"])
def test_nothing_to_match_by_is_none(nothing: str | None) -> None:
    assert match_form(FieldType.TEXT, nothing) is None


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in FieldType
        if kind not in {FieldType.ENUM, FieldType.TABLE, FieldType.DECIMAL, FieldType.BOOLEAN, FieldType.DATETIME}
    ],
)
@given(data=st.data(), context=contexts)
def test_the_form_of_a_form_is_itself(kind: FieldType, data: st.DataObject, context: NormaliseContext) -> None:
    once = match_form(kind, normalise(field_of(kind), data.draw(RAW[kind]), Side.INTACCT, context))
    assert match_form(kind, once) == once


@pytest.mark.parametrize("form", [MatchForm.WORDS, MatchForm.CODE])
@given(text=typed_text)
def test_the_form_of_any_text_is_itself(form: MatchForm, text: str) -> None:
    once = match_form(FieldType.TEXT, text, form)
    assert match_form(FieldType.TEXT, once, form) == once


@pytest.mark.parametrize(
    ("form", "one", "other"),
    [
        (MatchForm.CODE, " c-1001 ", "C-1001"),
        (MatchForm.CODE, "C–1001", "C-1001"),
        (MatchForm.TITLE, "Hose Reel, 8bar", "HOSE REEL 8 bar"),
        (MatchForm.TITLE, 'Valve 1,5" “Blue”', "Valve 1.5 blue"),
        (MatchForm.TITLE, "R&D Lamp", "R and D lamp"),
        (MatchForm.PERSON, "Dr. Jürgen", "Juergen"),
        (MatchForm.PERSON, "O'Neill", "ONeill"),
    ],
)
def test_what_does_not_count_depends_on_what_the_text_is(form: MatchForm, one: str, other: str) -> None:
    assert match_form(FieldType.TEXT, one, form) == match_form(FieldType.TEXT, other, form)


@pytest.mark.parametrize(
    ("form", "one", "other"),
    [
        (MatchForm.CODE, "HOSE-1.5", "HOSE-15"),
        (MatchForm.CODE, "1-23", "12-3"),
        (MatchForm.CODE, "PUMP-100-SE", "PUMP-100"),
        (MatchForm.TITLE, 'Valve, 1/2"', 'Valve, 12"'),
        (MatchForm.TITLE, "Hose 1.5 l", "Hose 15 l"),
        (MatchForm.TITLE, "Cable 5 m, 10 mm", "Cable 10 m, 5 mm"),
        (MatchForm.TITLE, "Lamp SE", "Lamp SA"),
        (MatchForm.TITLE, "Guide to C", "Guide to C#"),
        (MatchForm.PERSON, "De Sa", "De"),
        (MatchForm.PERSON, "Smith Jr.", "Smith"),
    ],
)
def test_what_tells_codes_titles_and_people_apart_stays(form: MatchForm, one: str, other: str) -> None:
    assert match_form(FieldType.TEXT, one, form) != match_form(FieldType.TEXT, other, form)


@pytest.mark.parametrize(
    ("kind", "value", "form"),
    [
        (FieldType.POSTAL_CODE, "94105-0001", "94105"),
        (FieldType.POSTAL_CODE, "SW1A 1AA", "SW1A1AA"),
        (FieldType.POSTAL_CODE, "01310-100", "01310100"),
        (FieldType.PHONE, "+14155550100;ext=12", "+14155550100"),
        (FieldType.COUNTRY, "US", "US"),
        (FieldType.STATE, "Upper Valley", "uppervalley"),
        (FieldType.EMAIL, "a.b@c.example", "a.b@c.example"),
        (FieldType.STREET, "1 Quay St.\nSuite 5", "1quaystsuite5"),
        (FieldType.DECIMAL, Decimal("12.500"), "12.5"),
        (FieldType.DECIMAL, Decimal(1000), "1000"),
        (FieldType.BOOLEAN, True, "true"),
        (FieldType.ENUM, "wonDeal", "wonDeal"),
        (FieldType.DATETIME, datetime(2026, 1, 5, tzinfo=UTC), "2026-01-05T00:00:00+00:00"),
    ],
)
def test_each_type_has_its_own_form(kind: FieldType, value: Canonical, form: str) -> None:
    assert match_form(kind, value) == form

"""The XML tables: every name leads to a stored member, and values read as they look (reference, 3.3, 7)."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions, XmlOptions
from intacct_sf_pipeline.sandbox.intacct.xml.formats import Formats
from intacct_sf_pipeline.sandbox.intacct.xml.schema.catalog import XmlSchema
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XML_ONLY, XmlField, XmlType
from intacct_sf_pipeline.sandbox.intacct.xml.schema.values import plain, read_text, render
from intacct_sf_pipeline.sandbox.intacct.xml.switches import parse_switches

from .gateway import Running, op
from .writing import create, customer

FORMATS = Formats()
TEXTS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x24FF, exclude_categories=("Cs", "Cc", "Zs")),
    min_size=1,
    max_size=60,
)


def schema(options: CompanyOptions | None = None) -> XmlSchema:
    now = datetime(2026, 9, 10, tzinfo=UTC)
    company = IntacctCompany(clock=lambda: now, client_id="app.example", client_secret="s", options=options)
    return XmlSchema(company.store)


SCHEMA = schema()
ENTRIES = [entry.name for entry in SCHEMA]


@pytest.mark.parametrize("name", ENTRIES)
def test_every_field_leads_to_a_stored_member_or_is_xmls_own(name: str) -> None:
    entry, store = SCHEMA[name], SCHEMA._store
    spec = store.catalog.get(entry.store_name)
    for field in entry.fields.values():
        inner = field.path.removeprefix("contacts.").partition(".")[2] if field.path.startswith("contacts.") else ""
        if spec is not None and not field.path.startswith(XML_ONLY) and not inner.startswith(XML_ONLY):
            assert store.catalog.resolve(spec, field.path) is not None, field.name


@pytest.mark.parametrize("name", ENTRIES)
def test_every_enumeration_says_every_stored_code(name: str) -> None:
    entry, store = SCHEMA[name], SCHEMA._store
    spec = store.catalog.get(entry.store_name)
    for field in entry.fields.values():
        path = None if spec is None else store.catalog.resolve(spec, field.path)
        if path is not None and path.field.enum:
            assert {word.code for word in field.words} == set(path.field.enum), field.name
            assert len({word.word for word in field.words}) == len(field.words), field.name
            assert len({word.letter for word in field.words}) == len(field.words), field.name


@pytest.mark.parametrize("name", ENTRIES)
def test_every_object_has_its_key_and_its_relationships_lead_somewhere(name: str) -> None:
    entry = SCHEMA[name]
    assert entry.key in entry.fields
    for relation in entry.relationships.values():
        assert SCHEMA.has(relation.target)
        assert relation.ref in SCHEMA._store.catalog[entry.store_name].refs
        assert relation.related_by in entry.fields


def test_a_relation_to_the_object_itself_is_followed_once() -> None:
    entry = SCHEMA["CUSTOMER"]
    assert SCHEMA.resolve(entry, "PARENT.NAME") is not None
    assert SCHEMA.resolve(entry, "PARENT.PARENT.NAME") is None
    assert SCHEMA.resolve(entry, "DISPLAYCONTACT.MELOCATION.NAME") is not None
    assert SCHEMA.resolve(entry, "DISPLAYCONTACT.NONSENSE") is None
    assert SCHEMA.resolve(entry, "HIDEDISPLAYCONTACT") is None


def test_hidden_objects_are_found_by_the_legacy_functions_only() -> None:
    hiding = schema(CompanyOptions(xml=XmlOptions(price_entries=False)))
    assert hiding.get("invpricelistentry") is None
    assert hiding.get("invpricelistentry", hidden=True) is hiding["INVPRICELISTENTRY"]
    assert hiding.get(" customer ") is hiding["CUSTOMER"]


def test_custom_fields_keep_their_case_and_follow_the_catalogue() -> None:
    fresh = schema()
    before = fresh["ITEM"]
    fresh._store.catalog.add_field("inventory-control/item", "nsp::Rcip", "decimal")
    field = fresh["ITEM"].fields["Rcip"]
    assert "Rcip" not in before.fields
    assert (field.type, field.custom, field.path) == (XmlType.DECIMAL, True, "nsp::Rcip")


def field_of(kind: XmlType, *, many: bool = False) -> XmlField:
    return XmlField("X", "x", "X", kind, many=many)


@given(st.integers(0, 4_000_000_000))
def test_stamps_and_dates_read_as_they_are_shown(seconds: int) -> None:
    stamp, day = field_of(XmlType.TIMESTAMP), field_of(XmlType.DATE)
    stored = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert read_text(stamp, render(stamp, stored, FORMATS), FORMATS) == stored
    assert read_text(day, render(day, stored[:10], FORMATS), FORMATS) == stored[:10]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_numbers_read_as_they_are_shown_without_exponent_or_separator(number: Decimal) -> None:
    field = field_of(XmlType.DECIMAL)
    text = render(field, f"{number:f}", FORMATS)
    assert Decimal(str(read_text(field, text, FORMATS))) == number
    assert not set(text) - set("-0123456789.")
    assert "e" not in plain(float(number)).lower()


@pytest.mark.parametrize("text", ["1,200", "1 200", "1e400x", "NaN", "Infinity", "1_000", "twelve"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        read_text(field_of(XmlType.CURRENCY), text, FORMATS)


@pytest.mark.parametrize("text", ["2026-09-10", "13/01/2026", "9/2026", "02/30/2026"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Invalid date"):
        read_text(field_of(XmlType.DATE), text, FORMATS)


@given(
    st.lists(
        TEXTS.filter(
            lambda text: "#~#" not in text and not text.startswith(("~#", "#")) and not text.endswith(("#~", "#"))
        ),
        min_size=1,
    )
)
def test_lists_are_joined_by_the_vendors_mark(values: list[str]) -> None:
    field = field_of(XmlType.TEXT, many=True)
    assert read_text(field, render(field, tuple(values), FORMATS), FORMATS) == values


@pytest.mark.parametrize("name", ENTRIES)
def test_words_and_booleans_read_as_they_are_shown(name: str) -> None:
    for field in SCHEMA[name].fields.values():
        for word in field.words:
            shown = render(field, word.code, FORMATS)
            assert shown == word.word
            assert not shown or read_text(field, shown, FORMATS) == word.code
    flag = field_of(XmlType.BOOLEAN)
    assert [read_text(flag, render(flag, value, FORMATS), FORMATS) for value in (True, False, None)] == [
        True,
        False,
        None,
    ]


def test_any_text_comes_back_as_it_was_sent(start: Callable[..., Running]) -> None:
    running = start()
    numbers = iter(range(10_000))

    @given(TEXTS, TEXTS)
    def check(name: str, comment: str) -> None:
        key = f"T-{next(numbers)}"
        running.door.request(create(customer(key, name, COMMENTS=comment))).ok()
        [row] = running.door.query("CUSTOMER", "NAME", "COMMENTS", where=op("equalto", "CUSTOMERID", key)).rows()
        assert row == {"NAME": name, "COMMENTS": comment}

    check()


def test_every_switch_is_documented_with_its_default() -> None:
    text = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    [section] = [part for part in text.split("\n## ") if part.startswith("XML: switches")]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    told = {
        name.strip(" `"): default.strip(" `")
        for row in rows
        for name, default in zip(row[1].split(","), row[2].split(","), strict=True)
    }
    defaults = {entry.name: getattr(XmlOptions(), entry.name) for entry in fields(XmlOptions)}
    assert told.keys() == defaults.keys()
    for name, value in defaults.items():
        assert parse_switches([f"{name}={told[name]}"]) == XmlOptions(), (name, value)

"""Composition of raw values: related rows, variants and the computed sources."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.values.compose import raw_value, views
from intacct_sf_pipeline.engine.values.formula import parse_formula
from intacct_sf_pipeline.model.fields import Source
from intacct_sf_pipeline.model.mapping import SideSpec
from intacct_sf_pipeline.model.records import Scalar
from intacct_sf_pipeline.model.results import RawRecord

from .builders import NOON

STOCK = SideSpec.model_validate(
    {
        "feed": "items",
        "object": "item",
        "related": [{"feed": "stock", "alias": "stock", "local": "id", "foreign": "item.id", "many": True}],
    }
)
AVAILABLE = Source(
    columns=("stock.onHand", "stock.onHold", "quantityOnHand"),
    compute="quantity",
    expression="stock.onHand - stock.onHold",
    otherwise="quantityOnHand",
)


def compute(
    source: Source, spec: SideSpec, row: Mapping[str, Scalar], **related: tuple[Mapping[str, Scalar], ...]
) -> object:
    (view,) = views(spec, RawRecord("1", row, None, related), NOON)
    return raw_value(source, view)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1))
def test_stock_is_summed_over_warehouses(levels: list[tuple[int, int]]) -> None:
    rows = tuple({"onHand": on_hand, "onHold": str(on_hold)} for on_hand, on_hold in levels)
    expected = sum(on_hand - on_hold for on_hand, on_hold in levels)
    assert compute(AVAILABLE, STOCK, {"quantityOnHand": "7"}, stock=rows) == Decimal(expected)


def test_items_without_warehouse_rows_fall_back_to_their_totals_and_then_to_nothing() -> None:
    assert compute(AVAILABLE, STOCK, {"quantityOnHand": "7"}) == Decimal(7)
    assert compute(AVAILABLE, STOCK, {"quantityOnHand": None}) is None


def test_notes_are_description_then_classic_then_enhanced_notes() -> None:
    spec = SideSpec.model_validate(
        {
            "feed": "accounts",
            "object": "Account",
            "related": [
                {"feed": "notes", "alias": "Note", "local": "Id", "foreign": "ParentId", "many": True},
                {
                    "feed": "content_notes",
                    "alias": "ContentNote",
                    "local": "Id",
                    "foreign": "LinkedEntityId",
                    "many": True,
                },
            ],
        }
    )
    source = Source(
        columns=("Description", "Note.Title", "Note.Body", "ContentNote.Title", "ContentNote.Content"), compute="notes"
    )
    related: dict[str, tuple[Mapping[str, Scalar], ...]] = {
        "Note": ({"Title": "Call", "Body": "Asked for terms"}, {"Title": "Visit", "Body": None}),
        "ContentNote": ({"Title": "Plan", "Content": "Two lines\nof text"},),
    }
    (view,) = views(spec, RawRecord("1", {"Description": " A tool maker "}, None, related), NOON)
    assert raw_value(source, view) == "A tool maker\n\nCall\nAsked for terms\n\nVisit\n\nPlan\nTwo lines\nof text"
    (empty,) = views(spec, RawRecord("1", {"Description": None}), NOON)
    assert raw_value(source, empty) is None


def test_variants_make_one_record_each_with_their_own_columns() -> None:
    spec = SideSpec.model_validate(
        {
            "feed": "items",
            "object": "item",
            "variants": [
                {
                    "name": "standard",
                    "columns": {"price.amount": "purchasing.standardCost"},
                    "constants": {"price.book": "standard"},
                },
                {
                    "name": "retail",
                    "columns": {"price.amount": "sales.basePrice"},
                    "constants": {"price.book": "Retail"},
                },
            ],
        }
    )
    row = {"purchasing.standardCost": "2", "sales.basePrice": "3"}
    seen = [(v.key, v.first("price.amount"), v.first("price.book")) for v in views(spec, RawRecord("9", row), NOON)]
    assert seen == [("9|standard", "2", "standard"), ("9|retail", "3", "Retail")]


NAMES = st.from_regex(r"[a-z][a-zA-Z]{0,5}(\.[a-z][a-zA-Z-]{0,5}[a-z])?", fullmatch=True)


@given(st.lists(st.tuples(st.sampled_from([1, -1]), NAMES), min_size=1, max_size=6))
def test_formulas_parse_back_to_their_terms(terms: list[tuple[int, str]]) -> None:
    text = " ".join(f"{'+' if sign > 0 else '-'} {name}" for sign, name in terms).removeprefix("+ ")
    assert parse_formula(text).terms == tuple(terms)

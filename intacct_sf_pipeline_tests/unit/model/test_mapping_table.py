"""The mapping as people see it: every field once, the way it travels, and a rule only where there can be a conflict."""

from __future__ import annotations

from intacct_sf_pipeline.model.fields import FieldSpec
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.mapping_table import MappingRow, entity_rows, mapping_table, markdown_table

CONFIG = load_config()


def row(entity: str, field: str) -> MappingRow:
    return next(r for r in mapping_table(CONFIG) if (r.entity, r.field) == (entity, field))


def test_every_field_of_every_flow_has_a_row_in_order() -> None:
    expected = [(e.name, f.title) for e in CONFIG.mapping.entities for f in e.fields]
    assert [(r.entity, r.field) for r in mapping_table(CONFIG)] == expected


def test_a_flow_that_is_switched_off_is_not_shown() -> None:
    off = [e.model_copy(update={"enabled": e.name != "stock"}) for e in CONFIG.mapping.entities]
    config = CONFIG.model_copy(update={"mapping": CONFIG.mapping.model_copy(update={"entities": tuple(off)})})
    assert "stock" not in {r.entity for r in mapping_table(config)}


def test_the_arrow_points_to_the_side_that_is_written() -> None:
    assert row("accounts", "Name").arrow == "↔"
    assert row("products", "Item ID").arrow == "→"
    assert row("accounts", "Notes").arrow == "←"
    assert row("products", "Product code").arrow == "="


def test_a_conflict_rule_is_shown_only_where_both_sides_may_change_the_field() -> None:
    assert row("accounts", "Name").conflict == "newest"
    assert row("products", "Item ID").conflict == ""


def test_sources_and_notes_say_what_is_special() -> None:
    assert row("stock", "Available").intacct == "quantity(stock.onHand - stock.onHold + stock.onOrder)"
    assert row("accounts", "Street").intacct.count(",") == 2
    assert row("products", "Active").notes == "active=true inactive=false"
    assert row("contacts", "Account").notes == "required, link to accounts"
    assert row("accounts", "City").notes == "address as a whole"
    assert row("stock", "Stock as of").notes == "written along, not compared"


def test_the_markdown_table_has_a_line_for_each_field_and_survives_pipes() -> None:
    entity = CONFIG.mapping.entity("contacts")
    odd = FieldSpec.model_validate({"name": "odd", "label": "a|b", "intacct": "x", "salesforce": "Y__c"})
    table = markdown_table(entity.model_copy(update={"fields": (*entity.fields, odd)})).splitlines()
    assert len(table) == 2 + len(entity_rows(entity)) + 1
    assert "a\\|b" in table[-1]
    assert {line.replace("\\|", "").count("|") for line in table} == {8}

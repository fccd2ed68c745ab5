"""A company's file over the default one: what it changes, and that every mistake is found, placed, and has a cure."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.values.compose import COMPUTED
from intacct_sf_pipeline.model.config import Bound, OnExceed, SyncConfig
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.field_checks import COMPUTED_SOURCES
from intacct_sf_pipeline.model.fields import Breaker, ConflictRule, Direction, FieldType
from intacct_sf_pipeline.model.findings import ConfigurationFileError
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import SIDES, Side

from .mistakes import MISTAKES

Load = Callable[[str], SyncConfig]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(body: str) -> SyncConfig:
        file = tmp_path / "my.yaml"
        file.write_text("version: 1\n" + textwrap.dedent(body), encoding="utf-8")
        return load_config(file)

    return loaded


def refusal(load: Load, body: str) -> ConfigurationFileError:
    with pytest.raises(ConfigurationFileError) as caught:
        load(body)
    return caught.value


# --- the default ------------------------------------------------------------------------------------------------------
def test_the_default_is_the_five_flows_in_settling_order() -> None:
    mapping = load_config().mapping
    assert [entity.name for entity in mapping.entities] == ["accounts", "contacts", "products", "prices", "stock"]
    assert mapping.entity("products").by_name["item_type"].salesforce.columns == ("ProductClass__c",)
    assert mapping.entity("accounts").by_name["name"].direction is Direction.BOTH
    for entity in mapping.entities:
        for side in SIDES:
            assert mapping.feed(side, entity.side(side).feed).object == entity.side(side).object


def test_a_file_that_says_nothing_is_the_default(load: Load) -> None:
    assert load("") == load_config()
    assert load("policies:\nentities:\n") == load_config()


# --- what a file changes ----------------------------------------------------------------------------------------------
def test_named_things_are_changed_key_by_key(load: Load) -> None:
    config = load(
        """
        entities:
          accounts:
            tie: salesforce
            salesforce:
              create_when: []
            fields:
              phone: {conflict: hold}
        schedule: {time_zone: Europe/London}
        limits: {accounts: {deactivate: 5}}
        """
    )
    default = load_config()
    accounts, before = config.mapping.entity("accounts"), default.mapping.entity("accounts")
    assert accounts.tie is Side.SALESFORCE
    assert accounts.salesforce.create_when == ()
    assert accounts.salesforce.related == before.salesforce.related
    assert accounts.by_name["phone"] == before.by_name["phone"].model_copy(update={"conflict": ConflictRule.HOLD})
    assert [f.name for f in accounts.fields] == [f.name for f in before.fields]
    assert config.mapping.entity("contacts") == default.mapping.entity("contacts")
    assert config.schedule == default.schedule.model_copy(update={"time_zone": "Europe/London"})
    assert config.limits["accounts"].deactivate == Bound(count=5)


def test_what_happens_beyond_a_limit_is_changed_key_by_key(load: Load) -> None:
    config = load("limits: {accounts: {on_exceed: {update: hold}}, contacts: {update: {percent: 5}}}")
    assert config.limits["accounts"].on_exceed == OnExceed(create="stop", update="hold", deactivate="hold")
    assert config.limits["accounts"].deactivate == load_config().limits["accounts"].deactivate
    assert config.limits["contacts"].update == Bound(percent=Decimal(5))


def test_a_breaker_is_given_changed_and_removed_as_a_whole(load: Load) -> None:
    config = load(
        """
        entities:
          accounts: {fields: {name: {breaker: {rename_percent: 80, action: stop}}}}
          prices: {fields: {unit_price: {breaker: {rise_percent: 50}}}}
          stock: {fields: {on_hand: {breaker: null}}}
        """
    )
    mapping = config.mapping
    assert mapping.entity("accounts").by_name["name"].breaker == Breaker(rename_percent=Decimal(80), action="stop")
    assert mapping.entity("prices").by_name["unit_price"].breaker == Breaker(rise_percent=Decimal(50))
    assert mapping.entity("stock").by_name["on_hand"].breaker is None


def test_a_custom_field_is_one_entry(load: Load) -> None:
    config = load(
        "entities: {accounts: {fields: {vat: {intacct: taxId, salesforce: VAT__c, direction: to_salesforce}}}}"
    )
    accounts = config.mapping.entity("accounts")
    assert accounts.fields[-1].name == "vat"
    assert "taxId" in config.mapping.columns(config.mapping.feed(Side.INTACCT, "customers"))


def test_a_list_of_fields_replaces_all_of_them(load: Load) -> None:
    config = load(
        """
        entities:
          products:
            match: []
            fields:
              - {name: name, intacct: name, salesforce: Name, direction: to_salesforce}
        """
    )
    assert [f.name for f in config.mapping.entity("products").fields] == ["name"]


def test_null_removes_fields_entities_and_limits(load: Load) -> None:
    config = load("entities: {stock: null, contacts: {fields: {title: null}}}\nlimits: {prices: null}")
    assert [e.name for e in config.mapping.entities] == ["accounts", "contacts", "products", "prices"]
    assert "title" not in config.mapping.entity("contacts").by_name
    assert set(config.limits) == {"accounts", "contacts", "products"}


def test_a_new_entity_settles_behind_those_it_comes_after(load: Load) -> None:
    config = load(
        """
        feeds:
          intacct:
            warehouses: {object: inventory-control/warehouse, asset: warehouses, key: key, read: all}
          salesforce: {depots: {object: Depot__c, asset: depots, key: Id, modified: SystemModstamp}}
        entities:
          depots:
            cadence: catalogue
            intacct: {feed: warehouses, object: inventory-control/warehouse}
            salesforce: {feed: depots, object: Depot__c, external_id: IntacctID__c}
            fields:
              depot_id: {intacct: id, salesforce: IntacctID__c, direction: to_salesforce}
          contacts: {after: [accounts, depots]}
        """
    )
    names = [entity.name for entity in config.mapping.entities]
    assert names.index("depots") < names.index("contacts")
    assert config.mapping.entity("depots").fields[0].name == "depot_id"


def test_the_words_of_yaml_1_1_stay_text_where_they_are_quoted(load: Load) -> None:
    config = load('entities: {products: {fields: {active: {values: {active: "yes", inactive: "no"}}}}}')
    assert config.mapping.entity("products").by_name["active"].values == {"active": "yes", "inactive": "no"}


# --- what it refuses --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("body", "place", "what", "cure"), MISTAKES, ids=[mistake[2] for mistake in MISTAKES])
def test_a_mistake_is_told_with_place_and_cure(load: Load, body: str, place: str, what: str, cure: str) -> None:
    found = [(str(f.mark).rpartition("my.yaml:")[2], f.cure) for f in refusal(load, body).findings if what in f.what]
    assert place in [place for place, _ in found]
    assert all(cure in told for _, told in found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    chosen=st.sets(
        st.sampled_from([m for m in MISTAKES if m[0].startswith(("limits", "schedule", "policies"))]), min_size=2
    )
)
def test_all_mistakes_are_told_at_once(load: Load, chosen: set[tuple[str, str, str, str]]) -> None:
    sections: dict[str, tuple[str, str]] = {}
    for body, _, what, _ in sorted(chosen):
        sections.setdefault(body.partition(":")[0], (body, what))
    error = refusal(load, "\n".join(body for body, _ in sections.values()))
    assert len(error.findings) == len(sections)
    for _, what in sections.values():
        assert what in str(error)


def test_the_text_names_the_first_twenty_mistakes_in_the_order_of_the_file(load: Load) -> None:
    body = "entities:\n  accounts:\n    fields:\n" + "".join(f"      f{n}: {{colour: red}}\n" for n in range(30))
    error = refusal(load, body)
    lines = [finding.mark.line for finding in error.findings]
    assert len(lines) > 20
    assert lines == sorted(lines)
    assert f"and {len(lines) - 20} more" in str(error)
    assert len(str(error).splitlines()) == 22


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("entities: {}\n", "'version' is missing"),
        ("version: 2\n", "version '2'"),
        ("- version: 1\n", "no sections"),
        ("version: 1\n\tx", "tab"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: str, what: str) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=what):
        load_config(file)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    field=st.sampled_from(("phone", "name", "street", "country", "vat")),
    keys=st.dictionaries(
        st.sampled_from(
            ("intacct", "salesforce", "direction", "conflict", "type", "values", "scale", "to", "group", "colour")
        ),
        st.one_of(
            st.sampled_from(("both", "hold", *FieldType)),
            st.none(),
            st.lists(st.text("ab.", max_size=3), max_size=3),
            st.dictionaries(st.text("ab", max_size=2), st.text("ab", max_size=2), max_size=2),
        ),
        max_size=4,
    ),
)
def test_any_file_is_taken_or_refused_with_findings_never_a_crash(
    load: Load, field: str, keys: dict[str, object]
) -> None:
    import json

    try:
        config = load(f"entities: {{accounts: {{fields: {{{field}: {json.dumps(keys)}}}}}}}")
    except ConfigurationFileError as error:
        refused = error.findings
    else:
        refused = ()
        assert field in config.mapping.entity("accounts").by_name
    assert all(finding.mark.line == 2 and finding.what for finding in refused)


def test_the_loader_knows_exactly_the_computed_sources_that_exist() -> None:
    assert set(COMPUTED_SOURCES) == set(COMPUTED)

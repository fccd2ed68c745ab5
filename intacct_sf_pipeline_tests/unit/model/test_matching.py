"""What the mapping says about matching: checked, placed, and without evidence about fields a company left out."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.fields import MatchForm
from intacct_sf_pipeline.model.mapping_loader import load_config


def load(folder: Path, body: str) -> SyncConfig:
    file = folder / "my.yaml"
    file.write_text("version: 1\n" + textwrap.dedent(body), encoding="utf-8")
    return load_config(file)


@pytest.mark.parametrize(
    ("accounts", "what", "cure"),
    [
        ("match: [{name: x, fields: [name], unless_differs: [phon]}]", "no field 'phon'", "phone"),
        ("match: [{name: x, fields: [name], unless_all_differ: [citty, phone]}]", "no field 'citty'", "city"),
        ("match: [{name: x, fields: [name], unless_all_differ: [phone]}]", "never enough", "unless_differs"),
        ("match: [{name: similar, fields: [name]}]", "cannot name a match rule", "meaning of its own"),
        ("match: [{name: x, fields: []}]", "needs fields", "name"),
        ("similar: {search: [[nam]]}", "no field 'nam'", "name"),
        ("similar: {compare: [{fields: [phne], agree: 1, differ: 0}]}", "no field 'phne'", "phone"),
        ("similar: {tell_apart: [citi]}", "no field 'citi'", "city"),
        ("similar: {at_least: 1.5}", "at_least", ""),
        ("fields: {name: {matched_as: firm}}", "firm", "company"),
    ],
)
def test_a_mistake_is_refused_with_a_cure(tmp_path: Path, accounts: str, what: str, cure: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, f"entities:\n  accounts:\n    {accounts}\n")
    assert what in str(caught.value)
    assert cure in str(caught.value)


def test_a_removed_field_is_no_evidence_any_more(tmp_path: Path) -> None:
    accounts = load(
        tmp_path,
        """
        entities:
          accounts:
            fields: {street: null, city: null, country: null}
        """,
    ).mapping.entity("accounts")
    rules = {rule.name: rule for rule in accounts.match}
    assert rules["name-postal"].unless_differs == ("phone",)
    assert rules["name-phone"].unless_differs == ("postal_code",)
    assert accounts.similar is not None
    assert [entry.fields for entry in accounts.similar.compare] == [("name",), ("phone",), ("postal_code",)]
    assert accounts.similar.tell_apart == ("postal_code",)


def test_a_rule_that_matches_by_a_removed_field_is_still_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no field 'phone'"):
        load(tmp_path, "entities: {accounts: {fields: {phone: null}}}")


def test_similar_is_changed_key_by_key_and_null_switches_it_off(tmp_path: Path) -> None:
    changed = load(tmp_path, "entities: {accounts: {similar: {at_least: 0.9}}}").mapping.entity("accounts").similar
    assert changed is not None
    assert changed.at_least == 0.9
    assert changed.search
    assert load(tmp_path, "entities: {accounts: {similar: null}}").mapping.entity("accounts").similar is None


def test_the_default_mapping_says_what_kind_of_text_its_names_and_numbers_are() -> None:
    mapping = load_config().mapping
    kinds = {(e.name, f.name): f.matched_as for e in mapping.entities for f in e.fields}
    assert kinds["accounts", "name"] is MatchForm.COMPANY
    assert kinds["contacts", "last_name"] is MatchForm.PERSON
    assert kinds["products", "name"] is MatchForm.TITLE
    for numbers in (("accounts", "account_number"), ("products", "product_code")):
        assert kinds[numbers] is MatchForm.CODE
    assert kinds["accounts", "city"] is MatchForm.WORDS

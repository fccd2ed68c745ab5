"""The plan as a file: what it says, that any change to it is seen, and that it is written safely."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.review.plan_file import (
    Header,
    digest,
    is_placeholder,
    origin,
    parse_plan,
    plan_document,
    require_applicable,
    same_value,
    shown_value,
)
from intacct_sf_pipeline.engine.review.plan_io import read_plan, require_free, write_plan
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.plans import FieldChange, Operation, PlanLine
from intacct_sf_pipeline.model.records import Scalar, Side

CONFIG = load_config()
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
HEADER = Header("run-1", NOW, ["accounts", "contacts"])
scalars: st.SearchStrategy[Scalar] = (
    st.none()
    | st.text()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.datetimes(timezones=st.just(UTC))
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def change(name: str, before: Scalar, after: Scalar | tuple[Scalar, ...]) -> FieldChange:
    return FieldChange(name, before, after, None, "changed", "because", (name,))


CREATE = PlanLine(
    "run-1/accounts/salesforce/12",
    "run-1",
    "accounts",
    Side.SALESFORCE,
    Operation.CREATE,
    "new-1",
    "12",
    (change("name", None, "Fjord & Söhne"),),
    "C-12",
    "new in intacct",
)
CONTACT = PlanLine(
    "run-1/contacts/salesforce/40",
    "run-1",
    "contacts",
    Side.SALESFORCE,
    Operation.CREATE,
    "new-2",
    "40",
    (change("account", None, "new-1"), change("last_name", None, "new-1")),
)


def document(*lines: PlanLine) -> dict[str, Any]:
    return plan_document(HEADER, lines, CONFIG)


def test_the_file_says_who_when_what_and_with_which_mapping() -> None:
    plan = parse_plan(json.dumps(document(CREATE, CONTACT)), "plan.json")
    assert plan.run_id == "run-1"
    assert plan.made_at == "2026-03-01T08:00:00+00:00"
    assert plan.counts == {"accounts": {"create": 1}, "contacts": {"create": 1}}
    (line,) = plan.of("accounts")
    assert (line.side, line.operation, line.id) == ("salesforce", "create", "C-12")
    assert line.fields[0].after == "Fjord & Söhne"


def test_a_record_the_plan_creates_is_named_by_what_it_is_created_from() -> None:
    account, contact = parse_plan(json.dumps(document(CREATE, CONTACT)), "plan.json").lines
    name = account.keys["salesforce"]
    assert is_placeholder(name)
    assert origin(name) == ("accounts", Side.INTACCT, "12")
    fields = {planned.field: planned.after for planned in contact.fields}
    assert fields["account"] == name
    assert fields["last_name"] == "new-1", "what somebody typed is never taken for a key"


@given(st.data())
def test_whatever_is_changed_in_the_file_is_seen(data: st.DataObject) -> None:
    original = document(CREATE, CONTACT)
    path, here = [], original
    while isinstance(here, dict | list) and here:
        keys = sorted(here) if isinstance(here, dict) else list(range(len(here)))
        path.append(data.draw(st.sampled_from(keys)))
        here = here[path[-1]]
    changed = json.loads(json.dumps(original))
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = data.draw(plain.filter(lambda value: value != here or type(value) is not type(here)))
    with pytest.raises(ConfigurationError):
        parse_plan(json.dumps(changed), "plan.json")


@given(st.dictionaries(st.text(), plain), st.randoms(use_true_random=False))
def test_the_hash_is_of_the_content_not_of_its_spelling(content: dict[str, Any], random: Any) -> None:
    shuffled = list(content.items())
    random.shuffle(shuffled)
    assert digest(dict(shuffled)) == digest(json.loads(json.dumps(content, indent=3)))


@given(plain, plain)
def test_another_content_has_another_hash(one: Any, other: Any) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (digest({"a": one}) == digest({"a": other})) is same


@given(scalars | st.tuples(scalars, scalars))
def test_every_value_survives_the_file(value: Any) -> None:
    shown = shown_value(value)
    assert same_value(json.loads(json.dumps(shown)), shown)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_the_same_number_is_the_same_however_it_is_written(number: Decimal) -> None:
    assert same_value(shown_value(number), shown_value(number.normalize()))
    assert same_value(shown_value(int(number)), shown_value(Decimal(int(number))))
    assert not same_value(shown_value(number), shown_value(number + 1))
    assert not same_value(shown_value(str(number)), shown_value(number))
    assert not same_value(True, 1)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2}', "not json", '{"version": 1, "hash": "x"}'])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"plan\.json"):
        parse_plan(text, "plan.json")


def test_an_old_plan_another_mapping_and_another_version_are_refused() -> None:
    plan = parse_plan(json.dumps(document(CREATE)), "plan.json")
    week = timedelta(days=7)
    require_applicable(plan, CONFIG, now=NOW + week, max_age=week, name="plan.json")
    with pytest.raises(ConfigurationError, match="7 days"):
        require_applicable(plan, CONFIG, now=NOW + week + timedelta(seconds=1), max_age=week, name="plan.json")
    other = CONFIG.model_copy(update={"policies": CONFIG.policies.model_copy(update={"default_region": "GB"})})
    with pytest.raises(ConfigurationError, match="another mapping"):
        require_applicable(plan, other, now=NOW, max_age=week, name="plan.json")
    raised = CONFIG.model_copy(update={"limits": {}})
    require_applicable(plan, raised, now=NOW, max_age=week, name="plan.json")
    newer = plan.model_copy(update={"program": "99.0"})
    with pytest.raises(ConfigurationError, match=r"99\.0"):
        require_applicable(newer, CONFIG, now=NOW, max_age=week, name="plan.json")


def test_the_file_is_its_owners_alone_and_never_replaces_another_by_accident(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    odd = replace(CREATE, changes=(change("name", "half \ud83d", "☃"),))
    require_free(path, overwrite=False)
    write_plan(path, document(odd), overwrite=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_plan(path).lines[0].fields[0].after == "☃"
    with pytest.raises(ConfigurationError, match="exists already"):
        write_plan(path, document(CREATE), overwrite=False)
    assert read_plan(path).lines[0].fields[0].after == "☃"
    write_plan(path, document(CREATE), overwrite=True)
    assert read_plan(path).lines[0].fields[0].after == "Fjord & Söhne"
    assert [child.name for child in tmp_path.iterdir()] == ["plan.json"]


def test_a_file_that_cannot_be_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="folder"):
        require_free(tmp_path / "nowhere" / "plan.json", overwrite=False)
    with pytest.raises(ConfigurationError, match="exists"):
        require_free(tmp_path, overwrite=True)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_plan(tmp_path / "plan.json")
    (tmp_path / "plan.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        read_plan(tmp_path / "plan.json")

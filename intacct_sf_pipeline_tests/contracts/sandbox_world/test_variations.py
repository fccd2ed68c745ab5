"""Records that are hard to match: labelled, repeatable, and never at the cost of the easy ones' world."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from intacct_sf_pipeline.sandbox.data.labels import ALONE, SAME
from intacct_sf_pipeline.sandbox.data.truth import COLUMNS
from intacct_sf_pipeline.sandbox.data.world import World, WorldOptions, generate_world
from intacct_sf_pipeline.sandbox.errors import SandboxError
from intacct_sf_pipeline.sandbox.server import SandboxOptions, running_sandbox


@pytest.fixture(scope="module")
def hard() -> World:
    return generate_world(WorldOptions(accounts=400, contacts=400, items=200, hard=0.8))


def test_every_record_is_labelled_once(hard: World) -> None:
    for entity, ours, theirs in (
        ("accounts", "customer", "Account"), ("contacts", "contact", "Contact"), ("products", "item", "Product2"),
    ):  # fmt: skip
        pairs = [pair for pair in hard.truth if pair.entity == entity]
        loners = [one for one in hard.loners if one.entity == entity]
        mine = [p.intacct_id for p in pairs] + [one.record_id for one in loners if one.system == "intacct"]
        yours = [p.salesforce_id for p in pairs] + [one.record_id for one in loners if one.system == "salesforce"]
        assert sorted(mine) == sorted(str(row["id"]) for row in hard.intacct[ours])
        assert sorted(yours) == sorted(str(row["Id"]) for row in hard.salesforce[theirs])


def test_there_is_every_kind_of_difficulty(hard: World) -> None:
    kinds = Counter(pair.kind for pair in hard.truth)
    assert {"typo", "swapped words", "legal form", "moved", "name alone", "initial", "other code", SAME} <= set(kinds)
    strangers = Counter(one.kind for one in hard.loners)
    assert {"branch", "namesake", "neighbour", "similar name", ALONE} <= set(strangers)


def test_without_difficulties_the_world_is_as_it_was_and_all_is_labelled_easy() -> None:
    easy = generate_world(WorldOptions(accounts=80, contacts=80, items=40))
    assert {pair.kind for pair in easy.truth} == {SAME}
    assert {one.kind for one in easy.loners} == {ALONE}
    hard = generate_world(WorldOptions(accounts=80, contacts=80, items=40, hard=1))
    assert [pair.salesforce_id for pair in easy.truth] == [pair.salesforce_id for pair in hard.truth]
    for pair in hard.truth:
        if pair.entity == "accounts" and pair.kind == SAME:
            rows = [next(r for r in w.salesforce["Account"] if r["Id"] == pair.salesforce_id) for w in (easy, hard)]
            assert rows[0] == rows[1]


def test_the_truth_is_written_with_the_record_numbers_of_both_services(tmp_path: Path) -> None:
    file = tmp_path / "truth.csv"
    options = SandboxOptions(accounts=30, contacts=30, items=10, warehouses=1, hard=0.5, truth=file)
    with running_sandbox(options) as sandbox:
        rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
        assert tuple(rows[0]) == COLUMNS
        assert len(rows) == len(sandbox.truth) + len(sandbox.loners)
        for row in rows:
            if row["entity"] == "accounts" and row["intacct_id"]:
                assert sandbox.company.read("customer", row["intacct_key"], "id")["id"] == row["intacct_id"]
        assert Counter(bool(r["intacct_id"] and r["salesforce_id"]) for r in rows)[True] == len(sandbox.truth)


def test_the_truth_about_loaded_data_or_into_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "salesforce").mkdir()
    for options in (
        SandboxOptions(data=tmp_path, truth=tmp_path / "truth.csv"),
        SandboxOptions(accounts=2, contacts=2, items=2, truth=tmp_path / "nowhere" / "truth.csv"),
    ):
        with pytest.raises(SandboxError, match="truth"), running_sandbox(options):
            pass

"""Search keys: every record is found under what it carries now, and under nothing else; on every database."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text

from intacct_sf_pipeline.model.records import CanonicalRecord, Side, SourceRow
from intacct_sf_pipeline.staging.mapping_tables import ensure_mapping_tables


def record(key: str, *search_keys: str, **values) -> CanonicalRecord:
    return CanonicalRecord(key, {"name": key, **values}, search_keys=search_keys)


def similar(kit, *search_keys, most=100):
    return dict(kit.store.similar(kit.entity("accounts"), Side.INTACCT, search_keys, most=most))


def test_records_are_found_under_each_of_their_keys(kit):
    kit.stage("accounts", Side.INTACCT, record("1", "p:1", "n:a"), record("2", "p:1"))
    kit.stage("accounts", Side.SALESFORCE, record("A", "p:1"))
    assert similar(kit, "p:1", "n:a", "n:b") == {"p:1": ("1", "2"), "n:a": ("1",)}
    assert kit.store.records(kit.entity("accounts"), Side.INTACCT, ["1"])["1"].search_keys == ("p:1", "n:a")


def test_a_key_that_too_many_carry_is_left_out(kit):
    kit.stage("accounts", Side.INTACCT, *(record(str(n), "p:1") for n in range(4)), record("9", "p:2"))
    assert similar(kit, "p:1", "p:2", most=3) == {"p:2": ("9",)}


@pytest.mark.parametrize("other", ["P:1", "p:1 ", "p:í"])
def test_keys_that_differ_in_case_accents_or_blanks_do_not_meet(kit, other):
    kit.stage("accounts", Side.INTACCT, record("1", "p:1", "p:i"))
    assert similar(kit, other) == {}


def test_a_changed_record_is_found_under_its_new_keys_alone(kit):
    kit.stage("accounts", Side.INTACCT, record("1", "p:1", "n:a"))
    assert kit.stage("accounts", Side.INTACCT, record("1", "n:a", "n:b")) == 1
    assert similar(kit, "p:1", "n:a", "n:b") == {"n:a": ("1",), "n:b": ("1",)}
    assert kit.stage("accounts", Side.INTACCT, record("1")) == 1
    assert similar(kit, "p:1", "n:a", "n:b") == {}


def test_a_record_that_goes_takes_its_keys_along_and_may_come_back(kit):
    kit.stage("accounts", Side.INTACCT, record("1", "p:1"))
    kit.land(kit.feed("customers"), SourceRow("1", {}, None, deleted=True))
    batch = kit.store.stage_batch(kit.entity("accounts"), Side.INTACCT, 10)
    kit.store.commit_stage(kit.entity("accounts"), Side.INTACCT, batch, [], run_id="run-2")
    assert similar(kit, "p:1") == {}
    kit.stage("accounts", Side.INTACCT, record("1", "p:1"))
    assert similar(kit, "p:1") == {"p:1": ("1",)}


def test_an_unchanged_key_costs_no_write(kit):
    kit.stage("accounts", Side.INTACCT, record("1", "p:1"))
    sent: list[str] = []
    event.listen(kit.engine, "before_cursor_execute", lambda _c, _k, statement, *_: sent.append(statement))
    kit.stage("accounts", Side.INTACCT, record("1", "p:1", phone="+14155550101"))
    assert [statement for statement in sent if "search_accounts" in statement] == []


def test_a_database_of_an_earlier_version_gains_table_and_column(kit):
    with kit.engine.begin() as connection:
        connection.execute(text("drop table search_accounts_intacct"))
    changes = ensure_mapping_tables(kit.store.database, kit.store.tables)
    assert changes.tables == ("search_accounts_intacct",)
    kit.stage("accounts", Side.INTACCT, record("1", "p:1"))
    assert similar(kit, "p:1") == {"p:1": ("1",)}

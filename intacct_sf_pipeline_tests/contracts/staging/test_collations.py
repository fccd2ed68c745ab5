"""What is two on one server is two on every other: letters' case, accents and blanks at the end make another key.

SQL Server compares without blanks at the end whatever the collation, and mostly without case; Salesforce ids differ by
the case of a letter alone.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.mssql.pyodbc import MSDialect_pyodbc as mssql_dialect

from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.model.windows import Watermark
from intacct_sf_pipeline.staging.types import ExactDecimal, UtcDateTime, key_from_mssql, key_text, key_to_mssql, to_db

from .kit import START

ALIKE = ["001A", "001a", "001A ", "001A  ", "001Á", "001\u2423", "001A\u2423", " 001A", "001A\t"]


def test_keys_that_look_alike_stay_apart(kit):
    entity = kit.entity("accounts")
    kit.stage("accounts", Side.INTACCT, *(CanonicalRecord(key, {"name": repr(key)}) for key in ALIKE))
    found = kit.store.records(entity, Side.INTACCT, ALIKE)
    assert {key: record.values["name"] for key, record in found.items()} == {key: repr(key) for key in ALIKE}
    assert kit.store.records(entity, Side.INTACCT, ["001a "]) == {}
    assert sorted(kit.waiting("accounts")) == sorted((key, None) for key in ALIKE)


def test_links_go_by_every_letter_of_an_id(kit):
    ids = ["001A000000aBcDeAAA", "001A000000AbCdEAAA"]
    for number, salesforce_id in enumerate(ids):
        kit.linked("accounts", str(number), salesforce_id, name="Twin")
    found = kit.store.links("accounts", Side.SALESFORCE, [*ids, ids[0].lower()])
    assert {key: link.intacct_key for key, link in found.items()} == dict(zip(ids, "01", strict=True))


def test_a_landed_row_is_found_by_its_very_key(kit):
    customers = kit.feed("customers")
    kit.land(customers, *(kit.customer(key, note=key) for key in ALIKE))
    assert sorted(kit.staged_keys("accounts")) == sorted(ALIKE)
    assert kit.land(customers, *(kit.customer(key, note=key) for key in ALIKE)).changed == 0


def test_moments_keep_their_microseconds(kit):
    moment = START + timedelta(microseconds=1)
    kit.land(kit.feed("customers"), watermark=Watermark("customers", moment, None))
    mark = kit.store.watermark(kit.feed("customers"))
    assert mark is not None
    assert mark.value == moment


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=20))
def test_a_key_comes_back_from_sql_server_as_it_was(key):
    stored = key_to_mssql(key)
    assert key_from_mssql(stored) == key
    assert not stored.endswith(" ")


@given(st.lists(st.sampled_from(["a", "a ", "a  ", "a\u2423", "a\u2423\u2423", "a \u2423", "", " "]), unique=True))
def test_no_two_keys_are_stored_as_one(keys):
    assert len({key_to_mssql(key).rstrip(" ") for key in keys}) == len(keys)


def test_conversions_are_made_for_sql_server_alone():
    dialect = mssql_dialect(paramstyle="qmark")
    bind, result = key_text().bind_processor(dialect), key_text().result_processor(dialect, None)
    assert bind is not None
    assert result is not None
    assert (bind("A "), bind(None), result(bind("A ")), result(None)) == ("A \u2423", None, "A ", None)
    assert [to_db(key_text(), server) for server in ("sqlite", "postgresql")] == [None, None]
    round_off = to_db(ExactDecimal(), "mssql")
    assert round_off is not None
    assert [str(round_off(Decimal(text))) for text in ("1.00000000005", "-1.00000000005", "1e3")] == [
        "1.0000000001",
        "-1.0000000001",
        "1000.0000000000",
    ]
    naive = to_db(UtcDateTime(), "mssql")
    assert naive is not None
    assert naive(START) == START.replace(tzinfo=None)

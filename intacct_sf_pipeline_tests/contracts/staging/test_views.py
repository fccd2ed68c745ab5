"""The views: the same columns everywhere, keys of both systems, ages; what they mean is written down; who may read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.plans import JournalEntry, Operation, Settlement
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.staging.dictionary import CURRENT, data_dictionary
from intacct_sf_pipeline.staging.outbox import Outbox
from intacct_sf_pipeline.staging.readers import reader_script
from intacct_sf_pipeline.staging.schema import metadata
from intacct_sf_pipeline.staging.tables import MappingTables

from .servers import administer

DICTIONARY = Path(__file__).parents[3] / "docs" / "data-dictionary.md"


def test_every_view_has_the_columns_that_are_written_down_on_every_server(kit):
    with kit.engine.connect() as connection:
        for name, view in CURRENT.items():
            with connection.exec_driver_sql(f"SELECT * FROM {name}") as found:
                assert list(found.keys()) == list(view.columns), name
    assert set(inspect(kit.engine).get_view_names()) == set(CURRENT)


def test_a_hold_and_a_journal_entry_name_the_record_in_both_systems(kit, make_hold):
    kit.linked("accounts", "1", "001A", name="A")
    kit.reconcile(
        "accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1", "name"), make_hold("2", "name")))
    )
    entries = [
        JournalEntry("run-1", "accounts", side, key, Operation.UPDATE, "name", "a", "b", "newest", "why", kit.clock())
        for side, key in ((Side.INTACCT, "1"), (Side.SALESFORCE, "001A"), (Side.SALESFORCE, "001Z"))
    ]
    kit.store.database.write(lambda connection: Outbox(kit.store.database).journal(connection, entries))
    held = {row["record_key"]: (row["intacct_key"], row["salesforce_id"]) for row in kit.rows("SELECT * FROM v_holds")}
    assert held == {"1": ("1", "001A"), "2": ("2", None)}
    found = kit.rows("SELECT * FROM v_journal ORDER BY entry_id")
    keys = [(row["intacct_key"], row["salesforce_id"]) for row in found]
    assert keys == [("1", "001A"), ("1", "001A"), (None, "001Z")]


def test_ages_are_counted_to_now_in_whole_units(kit):
    kit.clock.now = datetime.now(UTC) - timedelta(days=3, minutes=5)
    kit.linked("accounts", "1", "001A", name="A")
    kit.store.start_run("run-9", kind="sync", entities=["accounts"], at=kit.clock())
    kit.store.finish_run("run-9", status="done", at=kit.clock() + timedelta(seconds=90))
    assert kit.rows("SELECT age_days FROM v_links") == [{"age_days": 3}]
    assert kit.rows("SELECT elapsed_seconds FROM v_runs WHERE run_id = 'run-9'") == [{"elapsed_seconds": 90}]


def test_everything_has_a_meaning():
    tables = [*metadata.sorted_tables, *MappingTables(load_config(None).mapping).metadata.sorted_tables]
    silent = [f"{table.name}.{column.name}" for table in tables for column in table.columns if not column.comment]
    assert silent == []
    assert [table.name for table in tables if not table.comment] == []


def test_the_data_dictionary_is_the_schema_s_own_words():
    text = data_dictionary(MappingTables(load_config(None).mapping))
    assert DICTIONARY.read_text(encoding="utf-8") == text, "run `intacct-sf db dictionary > docs/data-dictionary.md`"


def test_comments_reach_a_server_that_has_them(kit):
    if kit.store.database.server != "postgresql":
        pytest.skip("SQLite has no comments; SQL Server's are checked by its own catalogue")
    columns = {column["name"]: column["comment"] for column in inspect(kit.engine).get_columns("v_holds")}
    assert columns["cure"] == "What to do, in a sentence"
    assert inspect(kit.engine).get_table_comment("links")["text"].startswith("Which record here")


def test_a_reader_selects_from_the_views_and_can_do_nothing_else(kit, server, request):
    if "postgresql" not in request.node.name:
        pytest.skip("roles are tried on PostgreSQL")
    url = make_url(kit.engine.url)
    owner = url.render_as_string(hide_password=False)
    for statement in reader_script("postgresql", "staging_reader").splitlines():
        if statement and not statement.startswith("--"):
            administer(owner, statement)
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET ROLE staging_reader")
        for view in CURRENT:
            connection.exec_driver_sql(f"SELECT * FROM {view}").all()
        connection.commit()
        for forbidden in (
            "SELECT * FROM landing_intacct_customers",
            "SELECT * FROM canonical_accounts_intacct",
            "SELECT * FROM journal",
            "DELETE FROM v_api_spend",
            "UPDATE v_links SET salesforce_id = 'x'",
            "CREATE TABLE mine (x int)",
        ):
            connection.exec_driver_sql("SET ROLE staging_reader")
            with pytest.raises(DBAPIError, match=r"permission denied|cannot"):
                connection.exec_driver_sql(forbidden)
            connection.rollback()
    engine.dispose()
    administer(owner, "DROP OWNED BY staging_reader")
    administer(owner, "DROP ROLE staging_reader")


def test_a_name_that_would_need_quoting_is_refused():
    with pytest.raises(ConfigurationError, match="plain name"):
        reader_script("postgresql", 'x"; DROP TABLE links; --')


def test_sql_server_gets_a_role_on_every_view_and_sqlite_the_way_to_open_it():
    assert reader_script("mssql", "staging_reader").count("GRANT SELECT ON dbo.v_") == len(CURRENT)
    assert "mode=ro" in reader_script("sqlite", "staging_reader")

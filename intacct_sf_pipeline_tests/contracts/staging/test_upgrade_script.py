"""The script for the administrator makes what the upgrade makes, on every server, so that the pipeline need not."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from intacct_sf_pipeline.cli.doctor_database import database_findings
from intacct_sf_pipeline.cli.findings import Level
from intacct_sf_pipeline.staging import migrate
from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.setup import bring_up_to_date
from intacct_sf_pipeline.staging.tables import MappingTables
from intacct_sf_pipeline.staging.upgrade_script import script_for, script_for_new

from .servers import administer
from .test_doctor_database import SecretStr, Settings
from .test_schema import NEW_FIELD


@pytest.fixture
def tables(mapping):
    return MappingTables(mapping)


def run(engine, script):
    """As each server's own tool does: SQL Server's takes a batch at a time."""
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()
        raw.driver_connection.executescript(script)
        raw.close()
        return
    options = engine.execution_options(isolation_level="AUTOCOMMIT")
    with options.connect() as connection:
        batches = re.split(r"(?m)^GO$", script) if engine.dialect.name == "mssql" else [script]
        for batch in batches:
            if re.sub(r"(?m)^--.*$", "", batch).strip():
                connection.exec_driver_sql(batch).close()


def shape(engine):
    """All there is to see: columns with types and comments, keys, indexes, views."""
    found = inspect(engine)
    tables = {
        name: (
            [(c["name"], str(c["type"]), c["nullable"], c.get("comment")) for c in found.get_columns(name)],
            found.get_pk_constraint(name)["constrained_columns"],
            sorted((i["name"], tuple(i["column_names"]), bool(i["unique"])) for i in found.get_indexes(name)),
        )
        for name in sorted(found.get_table_names())
    }
    views = {name: [c["name"] for c in found.get_columns(name)] for name in sorted(found.get_view_names())}
    return tables, views


def test_the_script_for_an_empty_database_makes_what_the_upgrade_makes(server, mapping, tables, clock):
    by_hand, by_itself = (create_staging_engine(server.empty()) for _ in range(2))
    script = script_for_new(by_hand.url.render_as_string(hide_password=False), tables)
    assert script == script_for(by_hand, tables)
    run(by_hand, script)
    bring_up_to_date(by_itself, mapping, clock)
    a, b = shape(by_hand), shape(by_itself)
    assert [(n, a[0].get(n), b[0].get(n)) for n in {*a[0], *b[0]} if a[0].get(n) != b[0].get(n)] == []
    assert a[1] == b[1]
    applied, changes = bring_up_to_date(by_hand, mapping, clock)
    assert (applied, changes.tables, changes.columns) == ([], (), ())
    assert script_for(by_hand, tables) == ""
    for engine in (by_hand, by_itself):
        engine.dispose()


def test_the_script_for_an_earlier_revision_and_a_new_field_adds_what_is_missing(server, mapping_with, mapping, clock):
    engine = create_staging_engine(server.empty())
    bring_up_to_date(engine, mapping, clock)
    migrate.downgrade(engine, "0005")
    with engine.begin() as connection:
        columns = "run_id, entity, system, billed, requests, at"
        values = "'r', 'accounts', 'intacct', 1, 1, '2027-01-04 23:59:59.999999'"
        connection.exec_driver_sql(f"INSERT INTO api_spend ({columns}) VALUES ({values})")
    wider = mapping_with(extra_fields=(NEW_FIELD,))
    run(engine, script_for(engine, MappingTables(wider)))
    assert migrate.check(engine) == []
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT day, local_day FROM api_spend").all() == [("2027-01-04",) * 2]
    assert "region" in {column["name"] for column in inspect(engine).get_columns("baseline_accounts")}
    assert script_for(engine, MappingTables(wider)) == ""
    engine.dispose()


def test_a_script_for_sql_server_sets_what_its_tool_leaves_off_and_minds_the_schema(tables):
    script = script_for_new("mssql+pyodbc://u:p@h/d?staging_schema=northwind", tables)
    first = script.split("CREATE TABLE")[0]
    assert all(f"SET {name} ON" in first for name in ("QUOTED_IDENTIFIER", "ANSI_NULLS", "XACT_ABORT"))
    assert "SCHEMA_NAME() <> N'northwind'" in first
    assert "'schema', northwind," in script
    for batch in re.split(r"(?m)^GO$", script):
        said = re.sub(r"(?m)^--.*$", "", batch).strip()
        assert said.count("CREATE VIEW") == said.startswith("CREATE VIEW"), "a view begins its batch"


def test_a_script_for_a_schema_of_postgresql_makes_it_and_stays_in_it(postgresql, tables):
    url = postgresql.empty()
    script = script_for_new(f"{url}{'&' if '?' in url else '?'}staging_schema=northwind", tables)
    administer(url, script)
    engine = create_staging_engine(url)
    assert "runs" in inspect(engine).get_table_names(schema="northwind")
    assert inspect(engine).get_table_names(schema="public") == []
    engine.dispose()
    postgresql.clean_up()


def test_a_user_who_may_not_make_tables_is_enough_once_they_are_there(postgresql, tables, mapping, clock):
    owner = postgresql.empty()
    administer(owner, script_for_new(owner, tables))
    administer(
        owner,
        "CREATE ROLE plain_user LOGIN PASSWORD 'invented'",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO plain_user",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO plain_user",
    )
    url = make_url(owner).set(username="plain_user", password="invented").render_as_string(hide_password=False)
    try:
        engine = create_staging_engine(url)
        bring_up_to_date(engine, mapping, clock)
        engine.dispose()
        settings = Settings.model_construct(staging_database_url=SecretStr(url), dagster_home=None)
        (found,) = (finding for finding in database_findings(settings) if finding.subject == "writing")
        assert (found.level, "--sql" in str(found.cure)) == (Level.WARNING, True)
    finally:
        administer(owner, "DROP OWNED BY plain_user", "DROP ROLE plain_user")
        postgresql.clean_up()

"""Migrations, and tables that follow the mapping."""

from __future__ import annotations

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import UniqueConstraint, event, inspect
from sqlalchemy.dialects.mssql.pyodbc import MSDialect_pyodbc as mssql_dialect
from sqlalchemy.schema import CreateTable

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.records import CanonicalRecord, Side, SourceRow
from intacct_sf_pipeline.model.windows import Watermark
from intacct_sf_pipeline.staging import migrate
from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.naming import column_names
from intacct_sf_pipeline.staging.schema import metadata
from intacct_sf_pipeline.staging.setup import bring_up_to_date, open_staging
from intacct_sf_pipeline.staging.store import SqlStagingStore
from intacct_sf_pipeline.staging.tables import MappingTables
from intacct_sf_pipeline.staging.types import KeyText

from .kit import small_mapping

VIEWS = {
    "v_decisions", "v_links", "v_holds", "v_journal", "v_runs", "v_freshness", "v_jobs", "v_api_spend",
    "v_api_spend_daily",
}  # fmt: skip
NEW_FIELD = {"name": "region", "intacct": "customFields.Region", "salesforce": "Region__c"}


@pytest.fixture
def url(server):
    """These tests change tables."""
    return server.own()


def test_migrations_build_exactly_the_schema_the_store_uses(kit):
    mine = set(metadata.tables)

    def relevant(item, name, kind, _reflected, _compared):
        return name in mine if kind == "table" else True

    with kit.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": relevant, "compare_type": True})
        differences = [_kinds(found) for found in compare_metadata(context, metadata)]
    # Only PostgreSQL lets a comment be changed by itself: elsewhere some say what they said when they were made.
    allowed = set() if kit.store.database.server == "postgresql" else {("modify_comment",)}
    assert set(differences) - allowed == set(), differences
    assert set(inspect(kit.engine).get_view_names()) == VIEWS


def _kinds(found):
    """What kind of difference: one tuple, or a list of them for a column."""
    return (found[0], str(found[1:])) if isinstance(found, tuple) else tuple(sorted({item[0] for item in found}))


def test_upgrade_downgrade_and_upgrade_again(empty_url):
    engine = create_staging_engine(empty_url)
    everything = migrate.check(engine)
    assert (migrate.current(engine), everything[0]) == (None, "0001")
    assert migrate.upgrade(engine) == everything
    assert (migrate.current(engine), migrate.check(engine), migrate.upgrade(engine)) == (everything[-1], [], [])
    migrate.downgrade(engine, "base")
    assert (inspect(engine).get_view_names(), set(inspect(engine).get_table_names()) & set(metadata.tables)) == (
        [],
        set(),
    )
    assert migrate.upgrade(engine) == everything
    engine.dispose()


def test_every_view_answers(kit, make_hold):
    from intacct_sf_pipeline.model.plans import Settlement

    kit.linked("accounts", "1", "001A", name="A")
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", holds=(make_hold("1", "name"),)))
    kit.land(kit.feed("customers"), watermark=Watermark("customers", kit.clock(), None))
    assert [row["salesforce_id"] for row in kit.rows("SELECT * FROM v_links")] == ["001A"]
    assert [row["reason"] for row in kit.rows("SELECT * FROM v_holds")] == ["conflict"]
    assert [(row["side"], row["feed"]) for row in kit.rows("SELECT * FROM v_freshness")] == [("intacct", "customers")]
    assert [kit.rows(f"SELECT * FROM {name}") for name in ("v_journal", "v_runs", "v_api_spend")] == [[], [], []]


def test_bringing_an_up_to_date_database_up_to_date_changes_nothing(kit):
    applied, changes = bring_up_to_date(kit.engine, kit.mapping, kit.clock)
    assert (applied, changes.tables, changes.columns, changes.reread, changes.restaged) == ([], (), (), (), ())


def test_opening_an_up_to_date_database_only_looks(kit):
    sent: list[str] = []

    def keep(_connection, _cursor, statement, _parameters, _context, _many):
        sent.append(statement.strip())

    event.listen(kit.engine, "before_cursor_execute", keep)
    bring_up_to_date(kit.engine, kit.mapping, kit.clock)
    event.remove(kit.engine, "before_cursor_execute", keep)
    changing = re.compile(r"(?i)(BEGIN IMMEDIATE|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|.*(advisory|sp_getapp)_?lock)")
    assert sent
    assert [text for text in sent if changing.match(text)] == []


def test_a_new_mapped_field_adds_its_columns_and_has_everything_read_again(kit, mapping_with):
    customers, entity = kit.feed("customers"), kit.entity("accounts")
    kit.land(
        customers, kit.customer("1"), kit.customer("2"), watermark=Watermark("customers", kit.clock(), kit.clock())
    )
    kit.staged_keys("accounts")
    wider = mapping_with(extra_fields=(NEW_FIELD,))
    _, changes = bring_up_to_date(kit.engine, wider, kit.clock)
    assert "landing_intacct_customers.customfields_region" in changes.columns
    assert {"canonical_accounts_intacct.region", "baseline_accounts.region"} <= set(changes.columns)
    assert (changes.tables, changes.reread) == ((), ("intacct/customers", "salesforce/accounts"))
    kit.store = SqlStagingStore(kit.engine, wider, kit.clock)
    assert kit.store.watermark(customers) == Watermark("customers", None, kit.clock())
    assert kit.staged_keys("accounts") == ["1", "2"]
    rows = [kit.customer("1", **{"customFields.Region": "North"}), kit.customer("2")]
    assert kit.land(customers, *rows).changed == 1
    batch = kit.store.stage_batch(wider.entity("accounts"), Side.INTACCT, 10)
    kit.store.commit_stage(
        wider.entity("accounts"), Side.INTACCT, batch, [CanonicalRecord("1", {"region": "North"})], run_id="r"
    )
    assert kit.store.records(wider.entity("accounts"), Side.INTACCT, ["1"])["1"].values["region"] == "North"
    assert entity.name == "accounts"


def test_a_field_that_leaves_the_mapping_leaves_its_column(kit, mapping_with):
    bring_up_to_date(kit.engine, mapping_with(extra_fields=(NEW_FIELD,)), kit.clock)
    _, changes = bring_up_to_date(kit.engine, kit.mapping, kit.clock)
    assert (changes.tables, changes.columns) == ((), ())
    assert "region" in {column["name"] for column in inspect(kit.engine).get_columns("baseline_accounts")}
    kit.land(kit.feed("customers"), kit.customer("1"))
    assert kit.staged_keys("accounts") == ["1"]


def test_a_field_that_becomes_a_number_needs_a_new_name(kit, mapping_with):
    if kit.store.database.server == "sqlite":
        pytest.skip("SQLite keeps numbers as text, so the old column serves")
    bring_up_to_date(kit.engine, mapping_with(extra_fields=(NEW_FIELD,)), kit.clock)
    with pytest.raises(ConfigurationError, match=r"region.*new name"):
        bring_up_to_date(kit.engine, mapping_with(extra_fields=({**NEW_FIELD, "type": "decimal"},)), kit.clock)


def test_an_older_baseline_does_not_claim_to_know_a_new_field(kit, mapping_with):
    kit.linked("accounts", "1", "001A", name="A", phone=None)
    wider = mapping_with(extra_fields=(NEW_FIELD,))
    bring_up_to_date(kit.engine, wider, kit.clock)
    store = SqlStagingStore(kit.engine, wider, kit.clock)
    assert store.baselines(wider.entity("accounts"), ["1"])["1"].values == {"name": "A", "phone": None}


def test_a_database_that_is_not_up_to_date_is_refused_when_it_must_not_be_changed(empty_url, mapping, clock):
    with pytest.raises(ConfigurationError, match="db upgrade"):
        open_staging(empty_url, mapping, clock, upgrade=False)


def test_sources_that_would_share_a_column_get_one_each(kit, mapping_with):
    clash = mapping_with(
        extra_fields=(
            {"name": "content_hash", "intacct": "record.key", "salesforce": "IsDeleted__c"},
            {"name": "one", "intacct": "a.b", "salesforce": "A_B"},
            {"name": "two", "intacct": "a_b", "salesforce": "A.B"},
        )
    )
    bring_up_to_date(kit.engine, clash, kit.clock)
    store = SqlStagingStore(kit.engine, clash, kit.clock)
    values = {"record.key": "r", "a.b": "dot", "a_b": "underscore", "id": "C1"}
    store.land(clash.feed(Side.INTACCT, "customers"), [SourceRow("1", values)], run_id="r")
    batch = store.stage_batch(clash.entity("accounts"), Side.INTACCT, 10)
    assert {name: batch.items[0].row[name] for name in values} == values
    record = CanonicalRecord("1", {"content_hash": "x", "one": "1", "two": "2"})
    store.commit_stage(clash.entity("accounts"), Side.INTACCT, batch, [record], run_id="r")
    found = store.records(clash.entity("accounts"), Side.INTACCT, ["1"])["1"].values
    assert {name: found[name] for name in record.values} == record.values


def test_column_names_do_not_depend_on_the_order_of_the_mapping():
    sources = ["contacts.default.phone1", "IntacctID__c", "a.b", "a_b", "run_id", "2nd", "x" * 90]
    forwards = column_names(sources, ("run_id",))
    assert forwards == column_names(reversed(sources), ("run_id",))
    assert forwards["contacts.default.phone1"] == "contacts_default_phone1"
    assert forwards["IntacctID__c"] == "intacctid__c"
    assert len(set(forwards.values())) == len(sources)
    assert all(len(name) <= 55 and name != "run_id" for name in forwards.values())


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:secret@h/d",
        "mssql://u:secret@h/d",
        "mysql+pymysql://u:secret@h/d",
        "nonsense",
        "postgresql+psycopg2://u:secret@h/d",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_what_would_be_right(url):
    with pytest.raises(ConfigurationError, match="STAGING_DATABASE_URL") as refusal:
        create_staging_engine(url)
    assert "postgresql+psycopg://" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_sql_server_gets_unicode_byte_order_keys_and_exact_numbers():
    """What the statements say, for machines without a SQL Server."""
    dialect = mssql_dialect(paramstyle="qmark")
    dialect.supports_comments = False
    text = "".join(
        str(CreateTable(table).compile(dialect=dialect))
        for tables in (metadata, MappingTables(small_mapping()).metadata)
        for table in tables.sorted_tables
    )
    kinds = set(re.findall(r"\b(N?VARCHAR|N?TEXT|DATETIME\w*|NUMERIC|FLOAT|DECIMAL)\b(\([^)]*\))?", text))
    assert kinds == {
        ("NVARCHAR", "(48)"),
        ("NVARCHAR", "(64)"),
        ("NVARCHAR", "(400)"),
        ("NVARCHAR", "(max)"),
        ("DATETIME2", "(6)"),
        ("NUMERIC", "(28, 10)"),
        ("FLOAT", ""),
    }
    keys = [line for line in text.splitlines() if re.search(r"NVARCHAR\((?!max)", line)]
    assert [line for line in keys if "Latin1_General_100_BIN2" not in line] == []


def test_no_index_is_wider_than_sql_server_takes():
    for tables in (metadata, MappingTables(small_mapping()).metadata):
        for table in tables.sorted_tables:
            unique = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
            for index in (*table.indexes, *unique):
                assert sum(_bytes(column) for column in index.columns) <= 1700, index.name
            assert sum(_bytes(column) for column in table.primary_key.columns) <= 900, table.name


def _bytes(column):
    return 2 * column.type.length if isinstance(column.type, KeyText) else 8

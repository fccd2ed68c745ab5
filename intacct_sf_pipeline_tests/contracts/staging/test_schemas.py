"""Several companies in one database, a schema each: nothing of one is seen by another."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.settings import Settings
from intacct_sf_pipeline.staging import migrate
from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.setup import open_staging


def in_schema(url: str, schema: str) -> str:
    return Settings(staging_database_url=url, staging_schema=schema, _env_file=None).database_url


def test_two_companies_share_a_postgresql_database_and_nothing_else(postgresql, mapping, clock):
    url = postgresql.empty()
    stores = {name: open_staging(in_schema(url, name), mapping, clock) for name in ("northwind", "harbour_supplies")}
    try:
        with (
            stores["northwind"].writer(["accounts"], "run-1"),
            stores["harbour_supplies"].writer(["accounts"], "run-2"),
        ):
            stores["northwind"].start_run("run-1", kind="sync", entities=["accounts"], at=clock())
        for name, seen in (("northwind", 1), ("harbour_supplies", 0)):
            database = stores[name].database
            with database.read() as connection:
                assert connection.execute(text("SELECT COUNT(*) FROM v_runs")).scalar() == seen
                homes = "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename IN ('runs', 'leases', 'links')"
                homes_found = set(connection.execute(text(homes)).scalars())
            assert migrate.check(database.engine) == []
        assert homes_found == {"northwind", "harbour_supplies"}
        again = open_staging(in_schema(url, "northwind"), mapping, clock, upgrade=False)
        again.database.engine.dispose()
    finally:
        for store in stores.values():
            store.database.engine.dispose()
        postgresql.clean_up()


def test_sqlite_has_no_schemas_and_says_what_to_do(tmp_path):
    with pytest.raises(ConfigurationError, match="a file of its own"):
        create_staging_engine(in_schema(f"sqlite:///{tmp_path / 'x.db'}", "northwind"))


@pytest.mark.parametrize("name", ["Northwind", "north wind", 'x"; DROP', "1st", "a" * 64])
def test_a_schema_has_a_plain_name_in_the_settings_and_in_the_url(name):
    with pytest.raises(ConfigurationError):
        create_staging_engine(f"postgresql+psycopg://u:p@db.example/x?staging_schema={name}&application_name=sync")
    with pytest.raises(ConfigurationError, match="small letters"):
        Settings(staging_schema=name, _env_file=None)

"""A staging database with any number of linked pairs in steady state, made from one pair by the server itself.

The pair goes through the real pipeline once; then each of its rows is copied set by set, its number replaced by others.
Digests stay those of the first pair: a copied row that is read again counts as changed, once.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, MetaData, Table, inspect, text
from sqlalchemy.engine import Dialect

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.staging.setup import open_staging

from .made_world import MovedClock, made_world
from .ticks import Pipeline

SEED = 7_654_321
"""Number of the pair that is copied; its digits occur in nothing else."""
_POSTAL = f"{SEED % 100_000:05d}"
_MARK = "~seed~"
_LEAVE = {
    "runs",
    "run_steps",
    "api_spend",
    "watermarks",
    "clock_sightings",
    "leases",
    "mapping_state",
    "api_quotas",
    "flows",
}


def steady_state(url: str, config: SyncConfig, pairs: int, contacts: int, *, first: int = 1_000_001) -> Pipeline:
    """A pipeline whose staging database holds that many linked accounts and contacts, all settled."""
    clock = MovedClock()
    store = open_staging(url, config.mapping, clock)
    alone = range(SEED, SEED + 1)
    pipeline = Pipeline(config, store, made_world(config.mapping, clock, alone, alone), clock)
    pipeline.tick()
    pipeline.tick()
    multiply(store.database.engine, first, pairs, contacts)
    for service in pipeline.services.values():
        service.numbers, service.contacts = range(first, first + pairs), range(first, first + contacts)
        service.edits.clear()
        service.calls.clear()
    return pipeline


def multiply(engine: Engine, first: int, pairs: int, contacts: int) -> None:
    """Copy every row that carries `SEED`, for `pairs` accounts and `contacts` contacts from number `first` on."""
    with engine.begin() as connection:
        names = sorted(set(inspect(connection).get_table_names()) - _LEAVE)
        metadata = MetaData()
        for name in names:
            table = Table(name, metadata, autoload_with=connection)
            wanted = contacts if "contact" in name else pairs
            if table.c.keys() and wanted:
                _copy(connection, table, first, wanted)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _copy(connection: Connection, table: Table, first: int, wanted: int) -> None:
    texts = [column for column in table.columns if column.type.python_type is str]
    if not texts:
        return
    quote = connection.dialect.identifier_preparer.quote
    numbered = [column for column in table.columns if column.primary_key and column.type.python_type is int]
    kept = [column for column in table.columns if column not in numbered]
    chosen = [_replaced(connection.dialect, quote(c.name)) if c in texts else quote(c.name) for c in kept]
    carries = " OR ".join(f"{quote(column.name)} LIKE '%{SEED}%'" for column in texts)
    name = quote(table.name)
    names = ", ".join(quote(column.name) for column in kept)
    connection.execute(
        text(
            f"INSERT INTO {name} ({names}) "
            f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {first + wanted - 1}) "
            f"SELECT {', '.join(chosen)} FROM n CROSS JOIN (SELECT * FROM {name} WHERE {carries}) AS seed"
        )
    )


def _replaced(dialect: Dialect, column: str) -> str:
    number = "cast(n.i AS text)"
    # By way of a mark: among a million numbers are some that contain the postal code.
    marked = f"replace({column}, '{SEED}', '{_MARK}')"
    postal = f"replace({marked}, '{_POSTAL}', substr({number}, 3, 5))"
    return f"replace({postal}, '{_MARK}', {number})"

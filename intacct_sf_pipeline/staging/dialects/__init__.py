"""Everything that differs between SQLite, PostgreSQL and SQL Server; no other module says what only one of them knows.

SQLite: write-ahead log, one writer at a time taken up front (BEGIN IMMEDIATE), so that a transaction never fails
half-way for want of the lock. PostgreSQL and SQL Server: READ COMMITTED; correctness rests on unique keys and
conditional updates with row counts, never on lock hints, and a deadlock victim or serialization failure is run again
from the start (`Database.write`). `docs/databases.md` says it all per server.

`engines`: connections. `transactions`: isolation, what may be run again, who may change tables. `statements`: the few
expressions that each server has its own words for. `files`: SQLite's files. `server_settings`: what a server says of
itself. `roles`: who may read.
"""

from intacct_sf_pipeline.staging.dialects.engines import SCHEMA_OPTION, create_staging_engine
from intacct_sf_pipeline.staging.dialects.statements import (
    KEYS_PER_STATEMENT,
    begins_with,
    copy_rows,
    day_of,
    seconds_between,
)
from intacct_sf_pipeline.staging.dialects.transactions import begin, ensure_schema, is_retryable, lock_schema

__all__ = [
    "KEYS_PER_STATEMENT",
    "SCHEMA_OPTION",
    "begin",
    "begins_with",
    "copy_rows",
    "create_staging_engine",
    "day_of",
    "ensure_schema",
    "is_retryable",
    "lock_schema",
    "seconds_between",
]

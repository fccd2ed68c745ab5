"""What a script has to say to each server before its first statement."""

from __future__ import annotations

from intacct_sf_pipeline.staging.types import MSSQL, POSTGRESQL

PARAMETERS = {"paramstyle": "named"}
"""Options of a dialect that only writes: in any other style it would double per cent signs."""

_POSTGRESQL = """-- PostgreSQL. Run it as the owner of the tables: psql -v ON_ERROR_STOP=1 -f upgrade.sql
"""
# sqlcmd leaves quoted identifiers off, and a view remembers the setting it was made under: "rule" would be a text.
# Without XACT_ABORT a failing statement would leave the transaction open with what came before it.
# Source: Transact-SQL reference, SET QUOTED_IDENTIFIER, SET XACT_ABORT, CREATE VIEW; sqlcmd, -I and -b.
_MSSQL = """-- SQL Server. Run it as a user whose default schema is {schema}: sqlcmd -b -I -i upgrade.sql
SET QUOTED_IDENTIFIER ON;
SET ANSI_NULLS ON;
SET XACT_ABORT ON;

GO

IF SCHEMA_NAME() <> N'{schema}'
BEGIN
    RAISERROR(N'the default schema of this user is not {schema}: nothing is done', 16, 1);
    SET NOEXEC ON;
END

GO

"""
_SQLITE = """-- SQLite. Run it while nothing else has the file open: sqlite3 -bail staging.db < upgrade.sql
"""


def default_schema(server: str) -> str:
    """Where tables are made when no schema is named."""
    return "dbo" if server == MSSQL else ""


def opening(server: str, schema: str | None) -> str:
    """The first lines of a script for `server`; names need no quoting (see `engines`)."""
    if server == POSTGRESQL:
        place = f"CREATE SCHEMA IF NOT EXISTS {schema};\nSET search_path TO {schema};\n\n" if schema else "\n"
        return _POSTGRESQL + place
    if server == MSSQL:
        return _MSSQL.format(schema=schema or default_schema(server))
    return _SQLITE + "\n"

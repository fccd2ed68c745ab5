"""The script that makes a role which may read some views and touches nothing else, per server."""

from __future__ import annotations

from collections.abc import Iterable

from intacct_sf_pipeline.staging.types import MSSQL, POSTGRESQL

_SQLITE = """-- SQLite has no roles: who may read the file sees all of it. Open it so that nothing can be written:
--   sqlite3 'file:staging.db?mode=ro'
--   sqlite:///file:staging.db?mode=ro&uri=true   (SQLAlchemy)
-- and give people read access to the file and its folder only. To show the views alone, use PostgreSQL or SQL Server.
"""


def role_script(server: str, role: str, views: Iterable[str], *, schema: str | None) -> str:
    """The script for one server; names need no quoting (see `staging.readers`)."""
    if server == POSTGRESQL:
        place = schema or "public"
        lines = [
            f"-- PostgreSQL. Give people the role: GRANT {role} TO somebody;",
            f"CREATE ROLE {role} NOLOGIN;",
            f"GRANT USAGE ON SCHEMA {place} TO {role};",
        ]
    elif server == MSSQL:
        place = schema or "dbo"
        lines = [
            f"-- SQL Server. Give people the role: ALTER ROLE {role} ADD MEMBER [somebody];",
            f"CREATE ROLE {role};",
        ]
    else:
        return _SQLITE
    return "\n".join([*lines, *(f"GRANT SELECT ON {place}.{view} TO {role};" for view in views), ""])

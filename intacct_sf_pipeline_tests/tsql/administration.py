"""What a driver is asked besides SQL: the server's version and settings, databases, locks, comments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import psycopg

from .parse import tokens_of

TEMPLATE = "tsql_template"
"""The database that new ones are copied from; it has the catalogue."""

_LEVELS = {
    "READ COMMITTED": psycopg.IsolationLevel.READ_COMMITTED,
    "SNAPSHOT": psycopg.IsolationLevel.REPEATABLE_READ,
    "SERIALIZABLE": psycopg.IsolationLevel.REPEATABLE_READ,  # only readers ask for it here
}
_ANSWERS = (
    ("SERVERPROPERTY('ProductVersion')", "16.0.4135.4"),
    ("fn_listextendedproperty", None),
    ("SELECT CAST('test max support'", "test max support"),
    ("SELECT schema_name()", "dbo"),
    ("select db_name()", "staging"),
    ("fk_info", None),  # there are no foreign keys
    ("SELECT transaction_isolation_level FROM", 2),
    ("FROM sys.system_views", "dm_exec_sessions"),
    ("FROM sys.dm_exec_sessions", "READ COMMITTED"),
)
_COMMENT = (
    "INSERT INTO sys.extended_properties SELECT 1, 'OBJECT_OR_COLUMN', o.object_id, COALESCE(c.column_id, 0),"
    " 'MS_Description', %s FROM sys.objects o LEFT JOIN sys.columns c ON c.object_id = o.object_id AND c.name = %s"
    " WHERE o.name = %s AND (c.name IS NOT NULL OR %s::text IS NULL) LIMIT 1"
)


_WITHOUT_EFFECT = (
    r"(?i)(SET (LOCK_TIMEOUT \d+|XACT_ABORT ON|QUOTED_IDENTIFIER ON|ANSI_NULLS ON)[;\s]*)+$"
    r"|IF SCHEMA_NAME\(\) <> N'dbo'\s|COMMIT;?$"
)
"""Settings that are so here, a question with one answer, and the end of a transaction of one statement each."""


@dataclass(frozen=True)
class Outcome:
    """What became of a statement: whether it wrote, and whether identities may be given from now on."""

    wrote: bool = False
    identity_insert: bool | None = None


def answer(statement: str) -> list[tuple[Any, ...]] | None:
    """The rows that answer a question about the server; None: it is not one."""
    for words, value in _ANSWERS:
        if words in statement:
            return [(value,)] if value is not None else []
    return None


def carried_out(
    cursor: psycopg.Cursor[tuple[Any, ...]], raw: psycopg.Connection[tuple[Any, ...]], statement: str
) -> Outcome | None:
    """Do what a statement of administration says; None: it is not one."""
    if "sp_getapplock" in statement:
        cursor.execute("SELECT pg_advisory_xact_lock(1)")
    elif found := re.match(r"(?i)execute sp_(add|update|drop)extendedproperty", statement):
        _comment(cursor, statement, found.group(1))
        return Outcome(wrote=True)
    elif found := re.match(r"(?i)CREATE DATABASE (\w+)$", statement):
        cursor.execute(f"CREATE DATABASE {found.group(1)} TEMPLATE {TEMPLATE}")
    elif found := re.match(r"(?i)DROP DATABASE (\w+)$", statement):
        cursor.execute(f"DROP DATABASE {found.group(1)} WITH (FORCE)")
    elif found := re.match(r"(?i)SET IDENTITY_INSERT \S+ (ON|OFF)", statement):
        return Outcome(identity_insert=found.group(1).upper() == "ON")
    elif found := re.match(r"(?i)SET TRANSACTION ISOLATION LEVEL ([A-Z ]+)$", statement):
        raw.commit()  # what the pool asked to see whether the server is there
        raw.isolation_level = _LEVELS[found.group(1).upper()]
    elif not re.match(_WITHOUT_EFFECT, statement.strip()):
        return None
    return Outcome()


def begun(statement: str) -> str:
    """A batch without what stands before its statement: remarks, and the start of a transaction (the driver's task)."""
    return re.sub(r"(?i)^(\s*--[^\n]*\n|\s*BEGIN TRANSACTION;\s*)*", "", statement).strip().rstrip(";")


def _comment(cursor: psycopg.Cursor[tuple[Any, ...]], statement: str, act: str) -> None:
    operands = [token.text for token in tokens_of(statement)[2:] if token.text != ","]
    text = operands.pop(1) if act != "drop" else None
    table, column = operands[4], operands[6] if len(operands) > 6 else None
    if act == "add":
        cursor.execute(_COMMENT, (text, column, table, column))

"""The exceptions of the stand-in, as pyodbc has them: first argument the SQLSTATE, second the message."""

from __future__ import annotations

import psycopg


class Error(Exception):
    """All of them."""


class DatabaseError(Error):
    """What the server said."""


class InterfaceError(Error):
    """Wrong use of the driver."""


class OperationalError(DatabaseError):
    """Deadlocks, time-outs, lost connections."""


class IntegrityError(DatabaseError):
    """A key or constraint was broken."""


class DataError(DatabaseError):
    """A value does not fit."""


class ProgrammingError(DatabaseError):
    """A statement that SQL Server refuses."""


class InternalError(DatabaseError):
    """Never raised."""


class NotSupportedError(DatabaseError):
    """Never raised."""


class RefusedError(ProgrammingError):
    """A rule of SQL Server's that a statement breaks."""

    def __init__(self, what: str, statement: str) -> None:
        super().__init__("42000", f"[42000] not valid on SQL Server: {what}\n{statement[:2000]}")


def as_odbc(error: psycopg.Error) -> DatabaseError:
    """PostgreSQL's error as pyodbc would raise SQL Server's."""
    message = str(error)
    if isinstance(error, (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)):
        return OperationalError("40001", f"[40001] {message} (1205)")
    if isinstance(error, psycopg.errors.CheckViolation):
        return DataError("22001", f"[22001] String or binary data would be truncated: {message} (2628)")
    if isinstance(error, psycopg.errors.IntegrityError):
        return IntegrityError("23000", f"[23000] {message} (2627)")
    if isinstance(error, psycopg.DataError):
        return DataError("22000", f"[22000] {message}")
    if isinstance(error, psycopg.OperationalError):
        return OperationalError("HY000", f"[HY000] {message}")
    return ProgrammingError("42000", f"[42000] {message}")

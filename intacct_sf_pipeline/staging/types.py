"""Column types that mean the same on every server, and the conversions behind them.

Date-times are aware UTC with microseconds; decimals are exact; text is Unicode; keys compare byte by byte whatever the
server's collation, and blanks at their end count. The conversions are plain functions, so that bulk
statements can use them without SQLAlchemy's per-row work.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Numeric, String, Unicode, UnicodeText
from sqlalchemy.dialects import mssql
from sqlalchemy.types import TypeDecorator, TypeEngine

Convert = Callable[[Any], Any]

KEY_LENGTH = 400
"""Longest key, join value or match key that is stored as it is (SQL Server indexes at most 1,700 bytes)."""

SQLITE, POSTGRESQL, MSSQL = "sqlite", "postgresql", "mssql"

_BINARY = "Latin1_General_100_BIN2"
_END = "\u2423"  # "open box", the printer's sign for a blank
_TENTH_PLACE = Decimal("1e-10")
_WIDE = Context(prec=200, rounding=ROUND_HALF_UP)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC date-time, to the microsecond.

    ISO text on SQLite (it sorts by time), TIMESTAMPTZ on PostgreSQL, DATETIME2(6) on SQL Server.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The server's own type."""
        if dialect.name == SQLITE:
            return dialect.type_descriptor(String(26))
        if dialect.name == MSSQL:
            datetime2 = mssql.DATETIME2(6)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves this one without types
            return dialect.type_descriptor(datetime2)
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Aware value -> what the driver takes."""
        return None if value is None else datetime_to_db(dialect.name)(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """What the driver gives -> aware UTC."""
        return None if value is None else datetime_from_db(dialect.name)(value)


class ExactDecimal(TypeDecorator[Decimal]):
    """A number without rounding: text on SQLite (which has only floats), NUMERIC elsewhere (28,10 on SQL Server)."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The server's own type."""
        if dialect.name == SQLITE:
            return dialect.type_descriptor(String(80))
        if dialect.name == MSSQL:
            return dialect.type_descriptor(Numeric(28, 10))
        return dialect.type_descriptor(Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Decimal -> what the driver takes."""
        convert = to_db(self, dialect.name)
        return convert(value) if value is not None and convert is not None else value

    def process_result_value(self, value: Any, _dialect: Dialect) -> Decimal | None:
        """What the driver gives -> Decimal."""
        return None if value is None else Decimal(value)


class KeyText(TypeDecorator[str]):
    """Text that is compared and sorted byte by byte on every server.

    SQL Server leaves blanks at the end out of every comparison, unique keys included, whatever the collation (Source:
    Transact-SQL reference, String comparison and padding). A key that ends with one is stored there with the sign for
    a blank after it, so that `A` and `A ` stay two keys; nothing else is stored otherwise than it is.
    """

    impl = Unicode
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The server's own type."""
        length = self.impl_instance.length if isinstance(self.impl_instance, String) else None
        if dialect.name == MSSQL:
            return dialect.type_descriptor(mssql.NVARCHAR(length, collation=_BINARY))
        return dialect.type_descriptor(Unicode(length, collation="C" if dialect.name == POSTGRESQL else None))

    def bind_processor(self, dialect: Dialect) -> Convert | None:
        """What is done to values before the driver takes them: nothing, but for SQL Server."""
        return _or_none(key_to_mssql) if dialect.name == MSSQL else None

    def result_processor(self, dialect: Dialect, _coltype: object) -> Convert | None:
        """What is done to values the driver gives."""
        return _or_none(key_from_mssql) if dialect.name == MSSQL else None


def key_text(length: int = KEY_LENGTH) -> TypeEngine[str]:
    """Text of at most `length` UTF-16 units that is compared and sorted byte by byte on every server."""
    return KeyText(length)


def long_text() -> TypeEngine[str]:
    """Unicode text of any length (NVARCHAR(max) on SQL Server, never NTEXT); not to be compared by the server."""
    return UnicodeText().with_variant(mssql.NVARCHAR(), MSSQL)


def reference_text() -> TypeEngine[str]:
    """Text of any length that holds keys: it may be compared with them, as it has their collation."""
    return UnicodeText().with_variant(mssql.NVARCHAR(collation=_BINARY), MSSQL)


def key_to_mssql(value: str) -> str:
    """A key as SQL Server stores it."""
    return value + _END if value.endswith((" ", _END)) else value


def key_from_mssql(value: str) -> str:
    """The key that SQL Server stores as `value`."""
    return value.removesuffix(_END)


def token_type() -> TypeEngine[int]:
    """A growing number given by the server (64 bits; SQLite only autoincrements INTEGER)."""
    return BigInteger().with_variant(Integer(), SQLITE)


def plain(value: Decimal) -> str:
    """The one spelling of a number: no exponent, no trailing zeros, no negative zero."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def datetime_to_db(server: str) -> Convert:
    """Conversion of an aware date-time for the driver of `server`; naive ones raise ValueError."""
    if server == SQLITE:
        return _sqlite_text
    return _naive_utc if server == MSSQL else _utc


def datetime_from_db(server: str) -> Convert:
    """Conversion of the driver's value to aware UTC."""
    if server == SQLITE:
        return _from_sqlite_text
    return _from_naive if server == MSSQL else _utc


def to_db(kind: TypeEngine[Any], server: str) -> Convert | None:
    """Conversion of non-null values before a bulk statement; None: the driver takes them as they are."""
    if isinstance(kind, UtcDateTime):
        return datetime_to_db(server)
    if isinstance(kind, ExactDecimal):
        return {SQLITE: plain, MSSQL: _to_tenth_place}.get(server)
    return key_to_mssql if isinstance(kind, KeyText) and server == MSSQL else None


def from_db(kind: TypeEngine[Any], server: str) -> Convert | None:
    """Conversion of non-null values of a column type as the driver gives them; None: they are right as they are.

    Flags are left as the driver gives them (SQLite: 0 and 1).
    """
    if isinstance(kind, UtcDateTime):
        return datetime_from_db(server)
    if isinstance(kind, ExactDecimal):
        return Decimal if server == SQLITE else None
    return key_from_mssql if isinstance(kind, KeyText) and server == MSSQL else None


def _or_none(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _to_tenth_place(value: Decimal) -> Decimal:
    """The fast path of the driver refuses digits that the column has no place for; the server would round them."""
    return value.quantize(_TENTH_PLACE, context=_WIDE)


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a date-time without time zone cannot be stored")
    return value.astimezone(UTC)


def _naive_utc(value: datetime) -> datetime:
    return _utc(value).replace(tzinfo=None)


@lru_cache(maxsize=8192)
def _sqlite_text(value: datetime) -> str:
    return _naive_utc(value).isoformat(sep=" ", timespec="microseconds")


@lru_cache(maxsize=8192)
def _from_sqlite_text(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def _from_naive(value: datetime | str) -> datetime:
    """FreeTDS gives DATETIME2 as text when it speaks a version of the protocol that has no such type."""
    if isinstance(value, str):
        return datetime.fromisoformat(value[:26]).replace(tzinfo=UTC)
    return value.replace(tzinfo=UTC)

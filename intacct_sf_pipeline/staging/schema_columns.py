"""What the engine's own tables are made of: the collection they belong to, and their kinds of columns."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, MetaData

from intacct_sf_pipeline.staging.types import UtcDateTime, key_text, long_text, token_type

metadata = MetaData()

NAME = 48  # longest entity, feed, side, status or reason


def name(column: str, comment: str, *, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    """A short word: an entity, side, status or reason."""
    return Column(column, key_text(NAME), nullable=nullable, primary_key=primary_key, comment=comment)


def key(column: str, comment: str, *, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    """A key of a record or run."""
    return Column(column, key_text(), nullable=nullable, primary_key=primary_key, comment=comment)


def text(column: str, comment: str) -> Column[Any]:
    """Text of any length."""
    return Column(column, long_text(), comment=comment)


def time(column: str, comment: str, *, nullable: bool = True) -> Column[Any]:
    """A moment."""
    return Column(column, UtcDateTime(), nullable=nullable, comment=comment)


def count(column: str, comment: str) -> Column[Any]:
    """A whole number that is always there."""
    return Column(column, BigInteger(), nullable=False, comment=comment)


def token(column: str, comment: str) -> Column[Any]:
    """The number by which rows of the table are known."""
    return Column(column, token_type(), primary_key=True, autoincrement=True, comment=comment)

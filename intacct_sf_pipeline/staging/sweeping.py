"""How old rows go: a few hundred at a time, each chunk in a transaction of its own, so that nobody waits long for the
write lock and nothing is held in memory but the keys of one chunk. A sweep that breaks off is taken up by the next one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, case, delete, func, literal, select, update

from intacct_sf_pipeline.staging.database import Database

CHUNK = 500


@dataclass(frozen=True)
class Sweep:
    """Rows to drop, or with `values` to blank.

    Args:
        name: what they are called in reports.
        table: where they are.
        key: unique column by which the table is gone through.
        may_go: which rows are history at all; asked again when they are taken.
        is_old: which of these are old enough.
        values: columns to overwrite instead of dropping the row; `may_go` is false of such a row afterwards.
        in_order: the key grows with time: behind a chunk with a young row there are no old ones, and nothing is read.
    """

    name: str
    table: Table
    key: Column[Any]
    may_go: ColumnElement[bool]
    is_old: ColumnElement[bool]
    values: Mapping[str, object] = field(default_factory=dict)
    in_order: bool = False


def count(database: Database, sweep: Sweep) -> int:
    """How many rows a sweep would take."""
    query = select(func.count()).select_from(sweep.table).where(sweep.may_go, sweep.is_old)
    with database.read() as connection:
        return int(connection.execute(query).scalar_one())


def run(database: Database, sweep: Sweep, *, chunk: int = CHUNK) -> int:
    """Take what is old; how many rows."""
    taken, after = 0, None
    while True:
        with database.read() as connection:
            found = connection.execute(_next(sweep, after, chunk)).all()
        old = [row[0] for row in found if row[1]]
        if old:
            taken += database.write(partial(_take, sweep=sweep, keys=old))
        if len(found) < chunk or len(old) < len(found):
            return taken
        after = found[-1][0]


def _next(sweep: Sweep, after: object, chunk: int) -> Select[Any]:
    """Keys of the next rows, and whether they are old; only old ones unless the key tells where to stop."""
    if sweep.in_order:
        query = select(sweep.key, case((sweep.is_old, 1), else_=0)).where(sweep.may_go)
    else:
        query = select(sweep.key, literal(1)).where(sweep.may_go, sweep.is_old)
    if after is not None:
        query = query.where(sweep.key > after)
    return query.order_by(sweep.key).limit(chunk)


def _take(connection: Connection, sweep: Sweep, keys: Sequence[object]) -> int:
    mine = (sweep.key.in_(keys), sweep.may_go)
    taking = (
        update(sweep.table).where(*mine).values(**sweep.values) if sweep.values else delete(sweep.table).where(*mine)
    )
    return connection.execute(taking).rowcount

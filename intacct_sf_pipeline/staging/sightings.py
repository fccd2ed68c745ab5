"""Sightings of the services' clocks: one row per jump, the newest ones kept."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from intacct_sf_pipeline.model.clocks import Clocks, Sighting, is_jump
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.schema import clock_sightings

KEPT = 100
"""Sightings of one service that are kept; a clock that jumps more often within an overlap is past helping."""


class SightingBook:
    """Reads and writes sightings; works inside the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, connection: Connection, side: Side) -> list[Sighting]:
        """The sightings of a service's clock, in order."""
        at = clock_sightings.c
        newest = select(at.number, at.server_at, at.own_at).where(at.side == side.value)
        rows = connection.execute(newest.order_by(at.number.desc()).limit(KEPT)).all()
        return [Sighting(row[0], Clocks(row[1], row[2])) for row in reversed(rows)]

    def add(self, connection: Connection, side: Side, clocks: Clocks) -> list[Sighting]:
        """Note a sighting unless it tells nothing new; all there are then."""
        at = clock_sightings.c
        known = self.of(connection, side)
        if not is_jump(known, clocks):
            return known
        columns = [at.side, at.server_at, at.own_at]
        self._database.bulk.insert(connection, columns, [(side.value, clocks.server, clocks.own)])
        if len(known) == KEPT:
            connection.execute(delete(clock_sightings).where(at.side == side.value, at.number <= known[0].number))
        return self.of(connection, side)

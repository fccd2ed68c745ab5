"""Reconciliation: cases out of the queue, and everything that was concluded about them back into the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection

from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Baseline, Operation, Settlement
from intacct_sf_pipeline.model.records import SIDES, Link, Side
from intacct_sf_pipeline.model.results import Batch, Case, MatchGroup
from intacct_sf_pipeline.staging.canonical import BaselineStore, CanonicalStore, stored_match_key
from intacct_sf_pipeline.staging.database import Database
from intacct_sf_pipeline.staging.decisions import DecisionBook
from intacct_sf_pipeline.staging.holds import HoldBook, OpenHold, records_of
from intacct_sf_pipeline.staging.links import LinkBook
from intacct_sf_pipeline.staging.outbox import Outbox
from intacct_sf_pipeline.staging.queues import ReconcileQueue
from intacct_sf_pipeline.staging.watches import WatchBook


@dataclass(frozen=True)
class EntityTables:
    """Where an entity's records and baselines are kept."""

    entity: EntityMapping
    canonical: Mapping[Side, CanonicalStore]
    baselines: BaselineStore


class Reconciliation:
    """Works inside the caller's transaction."""

    def __init__(
        self,
        database: Database,
        queue: ReconcileQueue,
        links: LinkBook,
        holds: HoldBook,
        watches: WatchBook,
        decisions: DecisionBook,
        outbox: Outbox,
    ) -> None:
        self._database = database
        self._queue = queue
        self._links = links
        self._holds = holds
        self._watches = watches
        self._decisions = decisions
        self._outbox = outbox

    def take(self, connection: Connection, tables: EntityTables, limit: int) -> Batch[Case]:
        """The next cases: one per linked pair, one per record without a link.

        A pair is in the batch of its first token and takes its other one along, however far behind that is.
        """
        entity = tables.entity
        waiting = self._queue.next(connection, entity.name, limit)
        if not waiting:
            return Batch((), ())
        links = self._links_of(connection, entity, waiting)
        tokens = {(side, key): token for token, side, key in waiting}
        for side in SIDES:
            partners = [link.key(side) for link in links.values() if (side, link.key(side)) not in tokens]
            behind = self._queue.tokens(connection, entity.name, side, partners)
            tokens.update({(side, key): token for key, token in behind.items()})
        pairs = {link.intacct_key: link for link in links.values()}
        single = [(side, key) for _, side, key in waiting if (side, key) not in links]
        cases = [*self.pairs(connection, tables, list(pairs.values())), *self._single(connection, tables, single)]
        return Batch(tuple(tokens.values()), tuple(cases))

    def pairs(self, connection: Connection, tables: EntityTables, links: Sequence[Link]) -> list[Case]:
        """Linked pairs with both records and their baselines."""
        intacct = tables.canonical[Side.INTACCT].fetch(connection, [link.intacct_key for link in links])
        salesforce = tables.canonical[Side.SALESFORCE].fetch(connection, [link.salesforce_id for link in links])
        baselines = tables.baselines.fetch(connection, [link.intacct_key for link in links])
        return [
            Case(
                link, intacct.get(link.intacct_key), salesforce.get(link.salesforce_id), baselines.get(link.intacct_key)
            )
            for link in links
        ]

    def match_groups(
        self, connection: Connection, tables: EntityTables, rule: str, match_keys: Collection[str]
    ) -> dict[str, MatchGroup]:
        """Who shares each match key, on both sides; deleted records left out."""
        asked = {stored_match_key(key): key for key in match_keys}
        groups: dict[str, dict[Side, list[str]]] = {key: {} for key in match_keys}
        linked: set[str] = set()
        for side in SIDES:
            spec = tables.canonical[side].spec
            matched = spec.table.c[spec.match_names[rule]]
            columns = [matched, spec.table.c.record_key, spec.table.c.is_deleted]
            for key, record, deleted in self._database.bulk.fetch_in(connection, columns, matched, asked):
                # Some servers take `A` and `A ` for equal; a match is exact.
                if not deleted and key in asked:
                    groups[asked[key]].setdefault(side, []).append(record)
            members = [record for group in groups.values() for record in group.get(side, ())]
            linked |= set(self._links.by_key(connection, tables.entity.link_entity, side, members))
        taken = frozenset(linked)
        return {key: _match_group(group, taken) for key, group in groups.items()}

    def commit(
        self,
        connection: Connection,
        tables: EntityTables,
        batch: Batch[Case],
        settlements: Sequence[Settlement],
        run_id: str,
    ) -> None:
        """Store what was concluded and drop the batch."""
        lines = [line for settlement in settlements for line in settlement.lines]
        self._outbox.add(connection, lines)
        known = {case.link.intacct_key: case.baseline for case in batch.items if case.link and case.baseline}
        self.settle(connection, tables, settlements, run_id, known)
        writes = _Writes(settlements)

        def may_close(hold: OpenHold) -> bool:
            # A write that is about to be tried again, or awaits approval, keeps its hold until the answer is known.
            return not hold.awaits_write or (*hold.record, hold.target) not in writes.planned

        self._holds.settle(connection, tables.entity.name, settlements, run_id, refused=False, may_close=may_close)
        settled = (record for settlement in settlements for record in records_of(settlement))
        self._watches.replace(connection, tables.entity.name, settled, settlements)
        # Once more, for those that came on hold in the same moment in which a candidate of theirs was given away.
        self._watches.wake_linked(connection, [s.link for s in settlements if s.link is not None])
        self._queue.drop(connection, batch.tokens)

    def settle(
        self,
        connection: Connection,
        tables: EntityTables,
        settlements: Sequence[Settlement],
        run_id: str,
        known: Mapping[str, Baseline] | None = None,
    ) -> None:
        """End and store links and baselines, and close decisions.

        `known` are baselines as they are stored: of a settlement that leaves one as it is, no value is written again.

        Raises:
            LinkConflictError: a record would get a second partner.
            ValueError: a baseline without an Intacct record.
        """
        ended = [s.unlink for s in settlements if s.unlink is not None]
        self._links.end(connection, ended)
        tables.baselines.drop(connection, [link.intacct_key for link in ended])
        added = [s.link for s in settlements if s.link is not None]
        self._links.add(connection, added)
        self._watches.wake_linked(connection, [*ended, *added])
        closed = [decision for settlement in settlements for decision in settlement.closed_decisions]
        self._decisions.close(connection, closed, run_id=run_id)
        baselines: dict[str, Baseline] = {}
        confirmed: list[str] = []
        for settlement in settlements:
            if settlement.baseline is not None:
                key = settlement.link.intacct_key if settlement.link else settlement.intacct_key
                if key is None:
                    raise ValueError(f"{settlement.entity}: a baseline needs an Intacct key")
                if known and settlement.link is None and settlement.baseline == known.get(key):
                    confirmed.append(key)
                else:
                    baselines[key] = settlement.baseline
        tables.baselines.save(connection, baselines, run_id)
        tables.baselines.confirm(connection, [key for key in confirmed if key not in baselines], run_id)

    def _links_of(
        self, connection: Connection, entity: EntityMapping, waiting: Iterable[tuple[int, Side, str]]
    ) -> dict[tuple[Side, str], Link]:
        keys: dict[Side, list[str]] = {side: [] for side in SIDES}
        for _, side, key in waiting:
            keys[side].append(key)
        return {
            (side, key): link
            for side in SIDES
            for key, link in self._links.by_key(connection, entity.link_entity, side, keys[side]).items()
        }

    def _single(self, connection: Connection, tables: EntityTables, wanted: list[tuple[Side, str]]) -> list[Case]:
        records = {
            side: tables.canonical[side].fetch(connection, [k for s, k in wanted if s is side]) for side in SIDES
        }
        found = ((side, records[side].get(key)) for side, key in wanted)
        return [
            Case(None, record, None) if side is Side.INTACCT else Case(None, None, record)
            for side, record in found
            if record is not None
        ]


def _match_group(group: Mapping[Side, list[str]], linked: frozenset[str]) -> MatchGroup:
    intacct, salesforce = sorted(group.get(Side.INTACCT, ())), sorted(group.get(Side.SALESFORCE, ()))
    return MatchGroup(tuple(intacct), tuple(salesforce), linked.intersection((*intacct, *salesforce)))


class _Writes:
    """What settlements mean to write, looked up only where there are holds."""

    def __init__(self, settlements: Sequence[Settlement]) -> None:
        self._settlements = settlements

    @cached_property
    def planned(self) -> frozenset[tuple[str, str, str]]:
        """Side and key of each record of a settlement, with the side that one of its lines writes to."""
        return frozenset(
            (side, key, line.side.value)
            for settlement in self._settlements
            for line in settlement.lines
            if line.operation is not Operation.NONE
            for side, key in records_of(settlement)
        )

"""The interfaces the engine needs from the outside; connectors and staging implement them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from intacct_sf_pipeline.engine.guarding.guard_ports import GuardStore
from intacct_sf_pipeline.engine.landing_ports import LandingStore
from intacct_sf_pipeline.engine.review.history import History
from intacct_sf_pipeline.engine.writing.job_ports import JobStore, WriteJobs
from intacct_sf_pipeline.model.clocks import Glance
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec
from intacct_sf_pipeline.model.notices import Notice
from intacct_sf_pipeline.model.plans import (
    Baseline,
    Decision,
    HoldReason,
    JournalEntry,
    LineStatus,
    PlanLine,
    Settlement,
)
from intacct_sf_pipeline.model.records import CanonicalRecord, Link, Side, SourceRow
from intacct_sf_pipeline.model.results import (
    Batch,
    Case,
    MatchGroup,
    ObjectSchema,
    Page,
    Quota,
    RawRecord,
    Spend,
    StepReport,
    WriteOutcome,
    WriteRequest,
)
from intacct_sf_pipeline.model.windows import Window


class Clock(Protocol):
    """Aware UTC time now."""

    def __call__(self) -> datetime:
        """The moment."""
        ...


class Connector(Protocol):
    """One system on the wire.

    Reads feeds, looks records up, describes objects, writes batches, counts what it costs.
    """

    side: Side

    def read(self, feed: FeedSpec, columns: Sequence[str], window: Window) -> Iterator[Page]:
        """Rows of `feed` in `window`, page by page; deleted rows included where the service tells of them (by their key
        as deleted rows, by another column as a page that holds all of its extent).

        Yields at least one (possibly empty) page. Raises ServiceError subclasses; a page once yielded is complete.
        """
        ...

    def lookup(self, feed: FeedSpec, columns: Sequence[str], by: str, values: Collection[str]) -> list[SourceRow]:
        """Rows of `feed` whose column `by` is one of `values` (any number.

        Split into as few calls as the service allows).
        """
        ...

    def describe(self, object_name: str) -> ObjectSchema:
        """Fields of an object as this user may read and write them; cached for the connector's life."""
        ...

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[list[WriteOutcome]]:
        """Write records in batches as large as the service takes, yielding the outcomes of each batch as it ends.

        The iterator is lazy: the next batch is sent only when asked for. Never repeats a write whose outcome is
        unknown.
        """
        ...

    def spend(self) -> Spend:
        """What this connector has spent since it was made."""
        ...

    def glances(self) -> Sequence[Glance]:
        """What replies showed of the service's clock since this was last asked, where they told anything new."""
        ...

    def quota(self) -> Quota | None:
        """How far the vendor's allowance of calls is used, as last told; None when unknown or without one."""
        ...

    def newest(self, feed: FeedSpec) -> datetime | None:
        """The latest modification stamp among the rows of `feed`, by one call.

        None when there are no rows or stamps.
        """
        ...

    def merged_into(self, feed: FeedSpec, keys: Collection[str]) -> Mapping[str, str]:
        """For deleted rows of `feed` that were merged into another one: the key of the survivor."""
        ...

    def batch_size(self) -> int:
        """Records one write call takes at most; callers pass at most this many to commit intent before each call."""
        ...

    def at_once(self) -> int:
        """Calls of `write` that may be under way at once, from as many threads; reads are not counted here, but the
        connector never has more requests open than it is allowed.
        """
        ...

    def goes_alone(self, request: WriteRequest) -> bool:
        """Whether the service takes this record only by itself, so that a batch of them is as many requests."""
        ...

    def jobs(self) -> WriteJobs | None:
        """The service's write jobs, for many records at once; None where there are none."""
        ...


class StagingStore(LandingStore, JobStore, GuardStore, History, Protocol):
    """The staging database. Every method that changes something is one transaction."""

    # --- staging -------------------------------------------------------------------------------------------------
    def stage_batch(self, entity: EntityMapping, side: Side, limit: int) -> Batch[RawRecord]:
        """The next records of `entity` on `side` touched by landed changes (their own, or those of related rows)."""
        ...

    def commit_stage(
        self,
        entity: EntityMapping,
        side: Side,
        batch: Batch[RawRecord],
        records: Sequence[CanonicalRecord],
        *,
        run_id: str,
    ) -> int:
        """Upsert canonical records, enqueue those that changed for reconciliation, drop the batch; how many changed.

        Keys of the batch without a record in `records` are out of scope: their canonical row is removed (linked ones
        stay, marked deleted).
        """
        ...

    def restage(self, entity: EntityMapping, side: Side, column: str, values: Collection[str]) -> int:
        """Enqueue for staging the records whose `column` (own or `alias.column`) is one of `values`."""
        ...

    # --- links and reconciliation --------------------------------------------------------------------------------
    def links(self, entity: str, side: Side, keys: Collection[str]) -> Mapping[str, Link]:
        """Links of `entity` by the record's key on `side`."""
        ...

    def reconcile_batch(self, entity: EntityMapping, limit: int) -> Batch[Case]:
        """Cases waiting for a decision, in queue order."""
        ...

    def records(self, entity: EntityMapping, side: Side, keys: Collection[str]) -> Mapping[str, CanonicalRecord]:
        """Canonical records by key."""
        ...

    def gone(self, entity: EntityMapping, side: Side, keys: Collection[str]) -> frozenset[str]:
        """Those of the records `keys` that are staged as deleted."""
        ...

    def match_groups(self, entity: EntityMapping, rule: str, match_keys: Collection[str]) -> Mapping[str, MatchGroup]:
        """Who shares each match key of `rule`, on both sides."""
        ...

    def similar(
        self, entity: EntityMapping, side: Side, search_keys: Collection[str], *, most: int
    ) -> Mapping[str, tuple[str, ...]]:
        """Keys of the records of `side` by each search key they carry; those that more than `most` carry are absent."""
        ...

    def commit_reconcile(
        self,
        entity: EntityMapping,
        batch: Batch[Case],
        settlements: Sequence[Settlement],
        *,
        run_id: str,
    ) -> None:
        """Store plan lines, links, baselines and holds; close holds no longer found; drop the batch."""
        ...

    def baselines(self, entity: EntityMapping, intacct_keys: Collection[str]) -> Mapping[str, Baseline]:
        """Baselines by the link's Intacct key."""
        ...

    def requeue(self, entity: EntityMapping, side: Side, keys: Collection[str]) -> None:
        """Put records back into the reconciliation queue."""
        ...

    def due_holds(self, entity: EntityMapping, *, now: datetime, everything: bool, rules: str = "") -> int:
        """Requeue records with holds whose time has come (or all open ones); how many.

        All are due, too, when `rules`, a digest of what decisions follow from, is not that of the last time.
        """
        ...

    # --- applying ------------------------------------------------------------------------------------------------
    def planned(self, entity: EntityMapping, side: Side, *, run_id: str, limit: int) -> list[PlanLine]:
        """The run's next lines with status `planned` for `side`, creations first."""
        ...

    def mark(self, lines: Sequence[PlanLine], status: LineStatus) -> None:
        """Set the status of lines (`sent` commits the intent before a call)."""
        ...

    def restate(self, lines: Sequence[PlanLine]) -> None:
        """Store the changes and keys of planned lines anew: what is about to be sent, not what was foreseen."""
        ...

    def unsettled(self, entity: EntityMapping, side: Side, *, run_id: str) -> list[PlanLine]:
        """Lines of earlier runs that are `sent` or `unknown`: their outcome has to be looked up."""
        ...

    def may_write(self, entity: EntityMapping) -> None:
        """Asked right before each write call.

        Raises:
            LeaseHeldError: this run is no longer the entity's one writer, or cannot be sure of it.
        """
        ...

    def supersede(self, entity: EntityMapping, *, run_id: str) -> int:
        """Give up lines of earlier runs still `planned` and requeue their records; how many."""
        ...

    def commit_outcomes(
        self,
        entity: EntityMapping,
        lines: Sequence[PlanLine],
        statuses: Mapping[str, LineStatus],
        *,
        settlements: Sequence[Settlement],
        journal: Sequence[JournalEntry],
        predicted: Sequence[SourceRow],
        records: Sequence[CanonicalRecord],
        again: Sequence[str] = (),
        side: Side,
        run_id: str,
    ) -> None:
        """Settle lines after a call: statuses, links, baselines, holds, journal, and what the target now holds.

        `predicted` rows are merged into the target feed's landing rows (columns not named keep their value) and
        enqueued for the other consuming entities; `records` are merged into the canonical table (fields not named keep
        their value); those of `again` are staged anew, since the record holds more than was written.
        """
        ...

    # --- people ----------------------------------------------------------------------------------------------------
    def decisions(
        self, entity: EntityMapping, records: Collection[tuple[Side, str]]
    ) -> Mapping[tuple[Side, str], tuple[Decision, ...]]:
        """Decisions in force about these records."""
        ...

    def notices(self, entity: EntityMapping) -> Sequence[Notice]:
        """Open holds, and closed ones that their Salesforce record still shows."""
        ...

    def remember_shown(self, entity: EntityMapping, shown: Mapping[int, str | None]) -> None:
        """Note by hold what its Salesforce record was told (`id:digest`, None: nothing about it any more)."""
        ...

    # --- bookkeeping ---------------------------------------------------------------------------------------------
    def start_run(self, run_id: str, *, kind: str, entities: Sequence[str], at: datetime) -> None:
        """Begin (or join, for a further step of the same run) the run ledger entry."""
        ...

    def record_step(self, run_id: str, entity: str, report: StepReport) -> None:
        """Add a step's counts and spend to the ledger."""
        ...

    def finish_run(self, run_id: str, *, status: str, at: datetime) -> None:
        """Close the ledger entry."""
        ...

    def pairs(self, entity: EntityMapping, *, size: int) -> Iterator[list[Case]]:
        """Every linked pair with both records and baseline, in link order, streamed."""
        ...

    def candidates(
        self, entity: EntityMapping, reason: HoldReason, records: Collection[tuple[Side, str]]
    ) -> Mapping[tuple[Side, str], tuple[str, ...]]:
        """The candidates of these records' open holds for `reason`; records without such a hold are absent."""
        ...

    def awaiting_write(self, entity: str, keys: Collection[tuple[Side, str]]) -> frozenset[tuple[Side, str]]:
        """Those of the records with an open hold that only a write closes: it was refused, or waits for a limit."""
        ...

    def open_hold_fields(
        self, entity: str, keys: Iterable[tuple[Side, str]]
    ) -> Mapping[tuple[Side, str], frozenset[str]]:
        """Fields on hold by record; an empty set means the whole record is held."""
        ...


class Progress(Protocol):
    """Told of progress on long work; the CLI draws a bar, the orchestration logs."""

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """`done` of `total` (None: unknown) in `step`."""
        ...

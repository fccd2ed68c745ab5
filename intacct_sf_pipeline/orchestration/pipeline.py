"""One Dagster run at work on one `Runtime`: becomes the one writer, opens the run's ledger entry, hands each step its
context, notes failure, closes the entry.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import replace

import dagster as dg

from intacct_sf_pipeline.connectors.permit import permitted_by
from intacct_sf_pipeline.engine.context import RunOptions, SyncContext
from intacct_sf_pipeline.engine.guarding.currencies import require_currencies
from intacct_sf_pipeline.engine.ports import Progress
from intacct_sf_pipeline.engine.side_by_side import Reads, read_all
from intacct_sf_pipeline.engine.spending.gate import WAITING
from intacct_sf_pipeline.model.errors import LeaseHeldError
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec, SyncMapping
from intacct_sf_pipeline.model.month import MonthFigure
from intacct_sf_pipeline.model.results import StepReport
from intacct_sf_pipeline.orchestration.names import entities_of, entity_keys, extract_key, op_name
from intacct_sf_pipeline.orchestration.partitions import reading
from intacct_sf_pipeline.runtime import Runtime
from intacct_sf_pipeline.staging.checks_queries import CheckQueries
from intacct_sf_pipeline.staging.grants import Grant
from intacct_sf_pipeline.staging.patience import Patience
from intacct_sf_pipeline.staging.spend_report import month_of

StepContext = dg.AssetExecutionContext | dg.OpExecutionContext
COMPARE_JOB, UNDO_JOB = "compare_all", "undo_run"
OPTION_TAG = "intacct_sf/option"
"""A job's own option, which no run configuration takes back: `plan_only` or `retry_holds`."""
PLAN_ONLY = "plan_only"
WATCHER: ContextVar[Progress | None] = ContextVar("watcher", default=None)
"""Who runs a job in this process may be told how far its steps are (the command line draws bars); else the log is."""
TELLER: ContextVar[Callable[[str], None] | None] = ContextVar("teller", default=None)
"""Who runs a job in this process may be told for whom it waits."""

_LOG_EVERY_SECONDS = 10.0


class Pipeline:
    """The runtime of one run, shared by all its steps that execute in this process.

    The ledger entry begins with the first step and ends with the resource; it says `failed` if any step or blocking
    check failed. Where each step is a process of its own, the process that leads the run begins and ends it
    (`crews.py`), and with `part` this is the pipeline of one step: it works under the run's leases.
    """

    def __init__(
        self, runtime: Runtime, options: RunOptions, patience: Patience | None = None, *, part: bool = False
    ) -> None:
        self.runtime, self.options, self._part = runtime, options, part
        self._patience = patience or Patience(seconds=options.wait)
        self._begun: str | None = None
        self._entities: tuple[EntityMapping, ...] = ()
        self._failed = False
        self._month: tuple[tuple[int, ...], list[MonthFigure]] | None = None
        self._writer: Grant | None = None
        self._refused: LeaseHeldError | None = None
        self._held = ExitStack()
        self._reads: Reads | None = None

    @contextmanager
    def step(self, context: StepContext, *entities: EntityMapping) -> Iterator[SyncContext]:
        """The engine's context for one step; the run's first one makes it the one writer of all its entities.

        A step that raises marks the run as failed. `entities` are those of a job that selects no assets.

        Raises:
            LeaseHeldError: another run is at work on one of the run's entities; nothing was read,
                nor will be by a later step.
            ConfigurationError: the mapping asks for currencies and the org has one; nothing was read.
            LeaseLostError: from within the step: the run stood still and is the one writer no more; nothing is sent.
        """
        run = context.run
        self.options = _with_job(self.options, run.tags)
        options = self._options(run.tags)
        try:
            if self._begun is None:
                keys = context.job_def.asset_layer.selected_asset_keys
                self._entities = touched(self.runtime.config.mapping, keys) or entities
                if self._part:
                    self._join(context)
                else:
                    self._begin(run, context.log, _kind(run, options))
            with permitted_by(self._writer.check if self._writer else None):
                flows = [entity.name for entity in self._entities]
                progress = WATCHER.get() or StepProgress(context.log)
                ctx = self.runtime.context(run.run_id, options, progress, flows=flows)
                if self._reads is None:
                    require_currencies(ctx.config.mapping, ctx.connectors)
                elif entities:
                    self._reads.wait()  # who goes on with what was read books what it spends itself
                yield ctx
        except BaseException:
            self._failed = True
            raise

    def read(self, context: StepContext, ctx: SyncContext, feeds: Sequence[FeedSpec]) -> list[StepReport]:
        """The reports of reading `feeds`.

        In a run of one process its first extract begins to read the feeds of all its extracts, both sides at once.
        """
        if self._part:
            return read_all(ctx, feeds)
        if self._reads is None:
            self._reads = Reads(ctx, feeds_read(ctx.config.mapping, context))
        return [self._reads.report(feed) for feed in feeds]

    @property
    def questions(self) -> CheckQueries:
        """What the asset checks ask of the staging database."""
        return CheckQueries(self.runtime.store.database, self.runtime.store.tables)

    @property
    def month(self) -> list[MonthFigure]:
        """What the month has cost so far at each vendor, this run included; asked again once more was spent."""
        spent = tuple(connector.spend().requests for connector in self.runtime.connectors.values())
        if self._month is None or self._month[0] != spent:
            with (self.runtime.ledger or self.runtime.store).database.read() as connection:
                self._month = spent, month_of(connection, self.runtime.config, self.runtime.clock())
        return self._month[1]

    def waiting(self, entity: EntityMapping) -> str:
        """Why the budget kept `entity` back in this run; empty when it did not."""
        noted = self.runtime.store.noted(self._begun, WAITING).get(entity.name) if self._begun else None
        return noted[0] if noted else ""

    def noted(self, result: dg.AssetCheckResult) -> dg.AssetCheckResult:
        """`result`, remembered as a failure of the run if it is one."""
        if not result.passed and result.severity is dg.AssetCheckSeverity.ERROR:
            self._failed = True
        return result

    def lead(self, run: dg.DagsterRun, keys: Collection[dg.AssetKey], log: dg.DagsterLogManager) -> None:
        """Begin `run` over the assets `keys` for its steps, which are processes of their own.

        Raises:
            LeaseHeldError: another run is at work on one of the run's entities; no step has begun.
        """
        self.options = _with_job(self.options, run.tags)
        self._entities = touched(self.runtime.config.mapping, keys)
        self._begin(run, log, _kind(run, self._options(run.tags)), led=True)

    def fail(self) -> None:
        """The run is a failed one."""
        self._failed = True

    def finish(self) -> None:
        """Close the ledger entry, if one was begun, give the leases back, and keep a plan as a preview."""
        with self._held:
            if self._reads is not None:
                self._reads.stop()
            if self._begun is not None and not self._part:
                held = any(self.questions.open_holds(entity) for entity in self._entities)
                status = "failed" if self._failed else "held" if held else "done"
                self.runtime.store.finish_run(self._begun, status=status, at=self.runtime.clock())

    def _begin(self, run: dg.DagsterRun, log: dg.DagsterLogManager, kind: str, *, led: bool = False) -> None:
        """Become the one writer of everything the run works on, before anything is read; then enter it in the ledger.

        A rehearsal works on a copy of its own: it waits for nobody, and nobody waits for it.
        """
        names = tuple(entity.name for entity in self._entities)
        if self.options.plan_only:
            self.runtime = self._held.enter_context(self.runtime.rehearsal(run.run_id))
        else:
            self._writer = self._become_writer(names, run.run_id, log, led=led)
            self.runtime.store.close_dead_runs()
        self.runtime.store.start_run(run.run_id, kind=kind, entities=names, at=self.runtime.clock(), shared=led)
        self._begun = run.run_id

    def _join(self, context: StepContext) -> None:
        """Work under the leases that the run holds; it is in the ledger."""
        names, run_id = tuple(entity.name for entity in self._entities), context.run.run_id
        hand = self.runtime.store.hand(names, run_id, str(context.op_handle))
        self._writer = self._held.enter_context(hand)
        self._begun = run_id

    def _become_writer(self, names: Collection[str], run_id: str, log: dg.DagsterLogManager, *, led: bool) -> Grant:
        """Take the leases of all entities; who was refused once stays refused.

        Steps that depend on nothing are tried although others failed: each would wait anew, and one that came through
        later would do a part of the run.
        """
        if self._refused is not None:
            raise self._refused
        writer = self.runtime.store.leader if led else self.runtime.store.writer
        try:
            return self._patience.wait(lambda: self._held.enter_context(writer(names, run_id)), _teller(log))
        except LeaseHeldError as refusal:
            self._refused = refusal
            raise

    def _options(self, tags: Mapping[str, str]) -> RunOptions:
        """The options given in the Launchpad, and for what they leave open, what the run's days ask for."""
        if self.options.full or self.options.since is not None:
            return self.options
        asked = reading(tags, self.runtime.clock())
        return replace(self.options, full=asked.full, since=asked.since, until=asked.until)


def _with_job(options: RunOptions, tags: Mapping[str, str]) -> RunOptions:
    """What the job is for holds whatever the Launchpad says: `plan_only` never writes."""
    if tags.get(OPTION_TAG) == PLAN_ONLY:
        return replace(options, plan_only=True)
    return replace(options, retry_holds=True) if tags.get(OPTION_TAG) == "retry_holds" else options


def _kind(run: dg.DagsterRun, options: RunOptions) -> str:
    if run.job_name == COMPARE_JOB:
        return "compare"
    if options.plan_only:
        return "plan"
    if run.job_name == UNDO_JOB:
        return "undo"
    if options.plan is not None:
        return "apply"
    return "backfill" if options.since is not None else "sync"


def touched(mapping: SyncMapping, keys: Collection[dg.AssetKey]) -> tuple[EntityMapping, ...]:
    """The entities that a run over the assets `keys` changes: those it stages, plans or writes, and the readers of any
    further extract it makes.
    """
    own = entities_of(mapping, keys)
    further = entities_of(mapping, set(keys) - set(entity_keys(mapping, own)))
    return tuple(entity for entity in mapping.enabled() if entity in own or entity in further)


def feeds_read(mapping: SyncMapping, context: StepContext) -> list[FeedSpec]:
    """The feeds of the extracts that this execution of a run makes: of all it selects, or of the steps asked for."""
    keys = context.job_def.asset_layer.selected_asset_keys
    chosen = context.run.step_keys_to_execute
    made = {key for key in keys if chosen is None or op_name(key) in chosen}
    return [feed for feed in mapping.used_feeds() if extract_key(feed) in made]


def _teller(log: dg.DagsterLogManager) -> Callable[[LeaseHeldError, float], None]:
    def tell(busy: LeaseHeldError, left: float) -> None:
        text = f"Waiting up to {left:.0f} s for another run: {busy.holder} ({busy.entity})."
        (TELLER.get() or log.info)(text)

    return tell


class StepProgress:
    """Long work says in the run's log how far it is, at most every ten seconds: each line is a stored event."""

    def __init__(self, log: dg.DagsterLogManager) -> None:
        self._log = log
        self._last = time.monotonic()

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Note that `done` of `total` records (None: not known) of `step` are finished."""
        now = time.monotonic()
        if now - self._last >= _LOG_EVERY_SECONDS:
            self._last = now
            self._log.info(f"{step}: {done}" + (f" of {total}" if total else ""))

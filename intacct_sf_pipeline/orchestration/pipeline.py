"""One Dagster run at work on one `Runtime`: becomes the one writer, opens the run's ledger entry, hands each step its
context, notes failure, closes the entry.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import replace

import dagster as dg

from intacct_sf_pipeline.connectors.permit import permitted_by
from intacct_sf_pipeline.engine.context import RunOptions, SyncContext
from intacct_sf_pipeline.engine.guarding.currencies import require_currencies
from intacct_sf_pipeline.engine.ports import Progress
from intacct_sf_pipeline.engine.spending.gate import WAITING
from intacct_sf_pipeline.model.errors import LeaseHeldError
from intacct_sf_pipeline.model.mapping import EntityMapping, SyncMapping
from intacct_sf_pipeline.model.month import MonthFigure
from intacct_sf_pipeline.orchestration.names import entities_of, entity_keys
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
    """The runtime of one run, shared by all its steps (they execute in one process).

    The ledger entry begins with the first step and ends with the resource; it says `failed` if any step or blocking
    check failed.
    """

    def __init__(self, runtime: Runtime, options: RunOptions, patience: Patience | None = None) -> None:
        self.runtime, self.options = runtime, options
        self._patience = patience or Patience(seconds=options.wait)
        self._begun: str | None = None
        self._entities: tuple[EntityMapping, ...] = ()
        self._failed = False
        self._month: tuple[tuple[int, ...], list[MonthFigure]] | None = None
        self._writer: Grant | None = None
        self._refused: LeaseHeldError | None = None
        self._held = ExitStack()

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
                self._begin(context, _kind(run, options), entities)
            with permitted_by(self._writer.check if self._writer else None):
                flows = [entity.name for entity in self._entities]
                progress = WATCHER.get() or StepProgress(context.log)
                ctx = self.runtime.context(run.run_id, options, progress, flows=flows)
                require_currencies(ctx.config.mapping, ctx.connectors)
                yield ctx
        except BaseException:
            self._failed = True
            raise

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

    def finish(self) -> None:
        """Close the ledger entry, if one was begun, give the leases back, and keep a plan as a preview."""
        with self._held:
            if self._begun is not None:
                held = any(self.questions.open_holds(entity) for entity in self._entities)
                status = "failed" if self._failed else "held" if held else "done"
                self.runtime.store.finish_run(self._begun, status=status, at=self.runtime.clock())

    def _begin(self, context: StepContext, kind: str, entities: tuple[EntityMapping, ...]) -> None:
        """Become the one writer of everything the run works on, before anything is read; then enter it in the ledger.

        A rehearsal works on a copy of its own: it waits for nobody, and nobody waits for it.
        """
        mapping, run_id = self.runtime.config.mapping, context.run.run_id
        self._entities = touched(mapping, context.job_def.asset_layer.selected_asset_keys) or entities
        names = tuple(entity.name for entity in self._entities)
        if self.options.plan_only:
            self.runtime = self._held.enter_context(self.runtime.rehearsal(run_id))
        else:
            self._writer = self._become_writer(names, context)
            self.runtime.store.close_dead_runs()
        self.runtime.store.start_run(run_id, kind=kind, entities=names, at=self.runtime.clock())
        self._begun = run_id

    def _become_writer(self, names: Collection[str], context: StepContext) -> Grant:
        """Take the leases of all entities; who was refused once stays refused.

        Steps that depend on nothing are tried although others failed: each would wait anew, and one that came through
        later would do a part of the run.
        """
        if self._refused is not None:
            raise self._refused
        store, run_id = self.runtime.store, context.run.run_id
        try:
            return self._patience.wait(
                lambda: self._held.enter_context(store.writer(names, run_id)), _teller(context.log)
            )
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

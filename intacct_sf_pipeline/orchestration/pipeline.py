"""One Dagster run at work on one `Runtime`: opens the run's ledger entry, hands each step its context, notes failure,
closes the entry.
"""

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import replace

import dagster as dg

from intacct_sf_pipeline.engine.context import RunOptions, SyncContext
from intacct_sf_pipeline.engine.ports import Progress
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.orchestration.names import entities_of
from intacct_sf_pipeline.orchestration.partitions import reading
from intacct_sf_pipeline.runtime import Runtime
from intacct_sf_pipeline.staging.checks_queries import CheckQueries

StepContext = dg.AssetExecutionContext | dg.OpExecutionContext
COMPARE_JOB = "compare_all"
OPTION_TAG = "intacct_sf/option"
"""A job's own option, which no run configuration takes back: `plan_only` or `retry_holds`."""
WATCHER: ContextVar[Progress | None] = ContextVar("watcher", default=None)
"""Who runs a job in this process may be told how far its steps are (the command line draws bars); else the log is."""

_LOG_EVERY_SECONDS = 10.0


class Pipeline:
    """The runtime of one run, shared by all its steps (they execute in one process).

    The ledger entry begins with the first step and ends with the resource; it says `failed` if any step or blocking
    check failed.
    """

    def __init__(self, runtime: Runtime, options: RunOptions) -> None:
        self.runtime, self.options = runtime, options
        self._begun: str | None = None
        self._entities: tuple[EntityMapping, ...] = ()
        self._failed = False
        self._leases = ExitStack()
        self._rehearsal = ExitStack()
        self._writing: set[str] = set()

    @contextmanager
    def step(self, context: StepContext, *entities: EntityMapping) -> Iterator[SyncContext]:
        """The engine's context for one step that works on `entities`; a step that raises marks the run as failed.

        Raises:
            LeaseHeldError: another run is at work on one of the entities.
        """
        run = context.run
        self.options = _with_job(self.options, run.tags)
        options = self._options(run.tags)
        try:
            if options.plan_only and self._begun is None:
                self.runtime = self._rehearsal.enter_context(self.runtime.rehearsal(run.run_id))
            for entity in entities:
                self._become_writer(entity, run.run_id)
            self._begin(run, _kind(run, options), context.job_def.asset_layer.selected_asset_keys)
            yield self.runtime.context(run.run_id, options, WATCHER.get() or StepProgress(context.log))
        except BaseException:
            self._failed = True
            raise

    @property
    def questions(self) -> CheckQueries:
        """What the asset checks ask of the staging database."""
        return CheckQueries(self.runtime.store.database, self.runtime.store.tables)

    def noted(self, result: dg.AssetCheckResult) -> dg.AssetCheckResult:
        """`result`, remembered as a failure of the run if it is one."""
        if not result.passed and result.severity is dg.AssetCheckSeverity.ERROR:
            self._failed = True
        return result

    def finish(self) -> None:
        """Give the leases back, close the ledger entry, if one was begun, and keep a plan as a preview."""
        self._leases.close()
        if self._begun is not None:
            held = any(self.questions.open_holds(entity) for entity in self._entities)
            status = "failed" if self._failed else "held" if held else "done"
            self.runtime.store.finish_run(self._begun, status=status, at=self.runtime.clock())
        self._rehearsal.close()

    def _become_writer(self, entity: EntityMapping, run_id: str) -> None:
        """Hold the entity's lease until the run ends, so that two runs never write the same records."""
        if entity.name not in self._writing:
            self._leases.enter_context(self.runtime.store.lease(entity.name, run_id))
            self._writing.add(entity.name)

    def _begin(self, run: dg.DagsterRun, kind: str, keys: Collection[dg.AssetKey]) -> None:
        if self._begun is None:
            mapping = self.runtime.config.mapping
            self._entities = entities_of(mapping, keys) or mapping.enabled()
            names = tuple(entity.name for entity in self._entities)
            self.runtime.store.start_run(run.run_id, kind=kind, entities=names, at=self.runtime.clock())
            self._begun = run.run_id

    def _options(self, tags: Mapping[str, str]) -> RunOptions:
        """The options given in the Launchpad, and for what they leave open, what the run's days ask for."""
        if self.options.full or self.options.since is not None:
            return self.options
        asked = reading(tags, self.runtime.clock())
        return replace(self.options, full=asked.full, since=asked.since, until=asked.until)


def _with_job(options: RunOptions, tags: Mapping[str, str]) -> RunOptions:
    """What the job is for holds whatever the Launchpad says: `plan_only` never writes."""
    if tags.get(OPTION_TAG) == "plan_only":
        return replace(options, plan_only=True)
    return replace(options, retry_holds=True) if tags.get(OPTION_TAG) == "retry_holds" else options


def _kind(run: dg.DagsterRun, options: RunOptions) -> str:
    if run.job_name == COMPARE_JOB:
        return "compare"
    if options.plan_only:
        return "plan"
    return "backfill" if options.since is not None else "sync"


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

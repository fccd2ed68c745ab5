"""Runs of every kind: whole ones, ones that die, ones that another run meets, and plans."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from random import Random
from threading import current_thread, main_thread

from intacct_sf_pipeline.engine.context import RunOptions
from intacct_sf_pipeline.engine.review.undo import undo_run
from intacct_sf_pipeline.model.errors import LeaseHeldError, SyncError
from intacct_sf_pipeline.runtime import Runtime
from intacct_sf_pipeline.staging.undo_target import find_target
from intacct_sf_pipeline_tests.integration.kill_points import (
    ANSWER,
    COMMITTED,
    POINTS,
    Counter,
    End,
    forked,
    kill_myself,
    watched,
)
from intacct_sf_pipeline_tests.integration.loop import Loop, Tick

from .tables import Tables
from .world import World, opened

Act = Callable[[Loop, str], object]
"""What a run does, given the loop of its process and its own name."""

TTL_SECONDS = 61
HASTE = 0.4
"""Seconds that a hasty run waits for an answer."""


def run(loop: Loop, run_id: str, options: RunOptions | None = None) -> Tick:
    """One run as the pipeline does it: leases of all entities first, the ledger closed whatever happens.

    Raises:
        SyncError: as the engine raised it; the ledger says `failed`.
    """
    options = options or RunOptions()
    store = loop.runtime.store
    names = [entity.name for entity in loop.runtime.config.mapping.enabled()]
    with store.writer(names, run_id):
        try:
            return loop._run(loop.runtime.context(run_id, options), "sync")
        except SyncError:
            store.finish_run(run_id, status="failed", at=loop.clock())
            raise


def undo(loop: Loop, run_id: str, undoes: str) -> None:
    """The undo of an earlier run, as the pipeline does it.

    Raises:
        SyncError: as the engine raised it; the ledger says `failed`.
    """
    store = loop.runtime.store
    target = find_target(store, undoes)
    names = [entity.name for entity in target.entities]
    if not names:
        return
    with store.writer(names, run_id):
        store.start_run(run_id, kind="undo", entities=names, at=loop.clock())
        try:
            undo_run(loop.runtime.context(run_id), target.entities, target.undo)
            store.finish_run(run_id, status="done", at=loop.clock())
        except SyncError:
            store.finish_run(run_id, status="failed", at=loop.clock())
            raise


def another(world: World, *, read_timeout: float = 5) -> AbstractContextManager[Runtime]:
    """The runtime of another process.

    It asks for another number of requests at once than the world's own, which gives it places of its own, as a process
    has: the run in whose midst it works may hold all others (`connectors/slots`).
    """
    config = world.loop.runtime.config
    return opened(world.url, config, world.sandbox, world.clock, world.variant, read_timeout=read_timeout, at_once=2)


def next_id(world: World) -> str:
    """A run's name."""
    return f"run-{next(world.loop.runs)}"


def tick(world: World, **options: object) -> Tick | None:
    """A run that may fail as faults make it fail; None if it did."""
    try:
        return run(world.loop, next_id(world), RunOptions(**options))  # type: ignore[arg-type] # passed through
    except LeaseHeldError:
        raise
    except SyncError:
        return None


def hasty_tick(world: World) -> None:
    """A run that does not wait long for answers."""
    with another(world, read_timeout=HASTE) as runtime:
        try:
            run(Loop(world.sandbox, runtime, world.clock), next_id(world))
        except SyncError:
            return


def dying_tick(world: World, nth: int, kinds: tuple[str, ...] = POINTS, act: Act = run) -> End:
    """A run in a process of its own that is killed at its `nth` point; `DONE` or `RAISED` if it has fewer.

    `act` is what the run does; an ordinary sync by default.
    """
    run_id = next_id(world)

    def work() -> None:
        with another(world) as runtime:
            loop = Loop(world.sandbox, runtime, world.clock)
            with watched(runtime.store.database.engine, Counter(nth, kill_myself, kinds)):
                try:
                    act(loop, run_id)
                except SyncError:
                    return

    return forked(work)


def counted_tick(world: World, kinds: tuple[str, ...] = POINTS, act: Act = run) -> int:
    """A run that lives; how many points of these kinds it had."""
    counter = Counter(0, kill_myself, kinds)
    with watched(world.loop.runtime.store.database.engine, counter):
        act(world.loop, next_id(world))
    return counter.seen


def met_tick(world: World, rng: Random, *, expired: bool) -> None:
    """A run in whose midst another one begins: it is sent away, or takes over when the lease has expired.

    Raises:
        AssertionError: both were at work, the lease was not taken over, or the loser went on writing.
    """
    first, second = next_id(world), next_id(world)
    engine = world.loop.runtime.store.database.engine
    taken_over: list[int] = []

    def meet() -> None:
        if expired:
            world.clock.advance(TTL_SECONDS)
        with another(world) as other:
            try:
                run(Loop(world.sandbox, other, world.clock), second)
            except LeaseHeldError:
                assert not expired, "a lease that expired was not taken over"
                return
            except SyncError:
                pass
        assert expired or not _is_running(world, first), "two runs were at work at once"
        if expired:
            taken_over.append(_lines_sent(world, first))

    meeting = Counter(rng.randrange(1, 90), meet, (COMMITTED, ANSWER))

    def at(kind: str) -> None:
        # Who stops one of several requests under way stops not the run: it would renew its lease before it is missed.
        if not expired or current_thread() is main_thread():
            meeting(kind)

    with watched(engine, at):
        try:
            run(world.loop, first)
        except LeaseHeldError:
            assert taken_over, "a lease was lost to nobody"
        except SyncError:
            pass
    for sent in taken_over:
        assert _lines_sent(world, first) == sent, "a run that lost its lease went on writing"


def _is_running(world: World, run_id: str) -> bool:
    """Whether the ledger has the run at work: its lease is given back after its entry is closed."""
    query = "select count(*) from runs where run_id = :run and status = 'running'"
    return bool(Tables(world).number(query, run=run_id))


def _lines_sent(world: World, run_id: str) -> int:
    """Lines of a run that were sent, whatever came of them."""
    unsent = "('planned', 'nothing', 'superseded', 'preview')"
    query = f"select count(*) from plan_lines where run_id = :run and status not in {unsent}"
    return Tables(world).number(query, run=run_id)


def plan(world: World) -> None:
    """A plan: nothing is written to either system, and nothing that is pending is forgotten.

    Raises:
        AssertionError: something was written.
    """
    before, seen = world.company.transactions.records_written, set(modified(world))
    run_id = next_id(world)
    with world.loop.runtime.rehearsal(run_id) as runtime:
        loop = Loop(world.sandbox, runtime, world.clock)
        try:
            loop._run(runtime.context(run_id, RunOptions(plan_only=True)), "plan")
        except SyncError:
            return
    assert before == world.company.transactions.records_written, "a plan wrote to Intacct"
    # People may have edited or deleted what the pipeline wrote, while the plan was made.
    assert set(modified(world)) <= seen, "a plan wrote to Salesforce"


def modified(world: World) -> list[object]:
    """Every Salesforce record that the pipeline wrote last, and when; `SystemModstamp` the platform moves too."""
    tables = (world.org.db.table(name) for name in ("Account", "Contact", "Product2", "PricebookEntry"))
    rows = (row for table in tables for row in table.rows.values())
    return [(r["Id"], r["LastModifiedDate"]) for r in rows if r["LastModifiedById"] == world.org.integration_user.id]

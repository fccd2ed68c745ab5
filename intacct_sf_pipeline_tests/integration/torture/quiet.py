"""Coming to rest: people stop, faults end, clocks are right, and two ticks later everything has to agree."""

from __future__ import annotations

from intacct_sf_pipeline.model.errors import SyncError

from . import runs
from .fields import FIELDS
from .lookups import alive
from .tables import Tables
from .world import INTACCT, SALESFORCE, World


def come_to_rest(world: World) -> list[str]:
    """Bring the world to rest; what went wrong on the way.

    Two ticks at most. The second one is full where rows vanished from Intacct or a merge moved notes from one account
    to another: neither leaves a stamp by which a reader could tell.
    """
    world.sandbox.faults.clear()
    for service in (world.company.store.clock, world.org.clock):
        service.jump(0.0)
    vanished = _look_back(world)
    world.clock.advance(900)
    try:
        runs.run(world.loop, runs.next_id(world), runs.RunOptions(retry_holds=True))
        world.clock.advance(900)
        runs.run(world.loop, runs.next_id(world), runs.RunOptions(full=vanished, retry_holds=True))
        world.clock.advance(900)
        return [*_echo(world), *_compared(world)]
    except SyncError as error:
        return [f"a run failed though nothing was in its way: {type(error).__name__}: {error}"]


def _compared(world: World) -> list[str]:
    """The pipeline's own comparison finds nothing that has no explanation."""
    return [f"compare: {entity}: {found}" for entity, found in world.loop.disagreements().items()]


def _look_back(world: World) -> bool:
    """Enter in the book what faults did to the data since the last rest; whether a full read is due."""
    book, now = world.book, world.picture()
    before = book.before
    book.once_deleted |= now.deleted
    book.unsure |= before.deleted - now.deleted
    for loser, winner in now.merged - before.merged:
        book.unsure |= {loser, (loser[0], SALESFORCE, winner)}
    return now.vanished > before.vanished or now.merged != before.merged


def settle_book(world: World) -> None:
    """What both sides agree on now is what was there before, from here on."""
    book = world.book
    book.typed.clear()
    book.settled.clear()
    book.unsure.clear()
    book.before = world.picture()
    tables = Tables(world)
    for entity in FIELDS:
        for intacct, salesforce in tables.pairs(entity):
            for side, key in ((INTACCT, intacct), (SALESFORCE, salesforce)):
                _note_values(world, entity, side, key)
        for record in [r for r in book.made if r[0] == entity]:
            _note_values(world, *record)


def _note_values(world: World, entity: str, side: str, key: str) -> None:
    if alive(world, entity, side, key):
        for spec in FIELDS[entity]:
            world.book.settled[(entity, side, key), spec.name] = world.value(entity, side, key, spec.name)


def _echo(world: World) -> list[str]:
    """An idle tick writes nothing: neither by its own account nor by the services'."""
    before = world.company.transactions.records_written, runs.modified(world)
    tick = runs.run(world.loop, runs.next_id(world))
    found = [f"echo: {entity} wrote {dict(counts)}" for entity, counts in tick.written.items() if counts.total()]
    if world.company.transactions.records_written != before[0]:
        found.append(f"echo: Intacct billed {world.company.transactions.records_written - before[0]} records written")
    written = set(runs.modified(world)) - set(before[1])
    return found + [f"echo: {record} was written in Salesforce" for record in sorted(map(str, written))]

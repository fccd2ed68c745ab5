"""Matching measured on generated data whose truth is known: a first load up to the plan, nothing written.

For every entity: pairs linked rightly and wrongly, true pairs left to a person, true pairs lost (a second record would
be created), and records held though they have no partner.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from intacct_sf_pipeline.engine.extract import extract_feed
from intacct_sf_pipeline.engine.reconcile import reconcile_entity
from intacct_sf_pipeline.engine.stage import stage_entity
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.sandbox.server import SandboxOptions

from .loop import Loop, running_loop

OBJECTS = {"accounts": "customer", "contacts": "contact", "products": "item"}


@dataclass
class Measure:
    """What became of one entity's records; the counters are by kind of variation."""

    pairs: Counter[str] = field(default_factory=Counter)
    linked: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    needless: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    stage_seconds: float = 0.0
    reconcile_seconds: float = 0.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that were linked without asking."""
        return self.linked.total() / self.pairs.total() if self.pairs else 1.0

    @property
    def precision(self) -> float:
        """Share of the links that are true."""
        made = self.linked.total() + len(self.wrong)
        return self.linked.total() / made if made else 1.0


@contextmanager
def first_load(folder: Path, options: SandboxOptions) -> Iterator[tuple[Loop, dict[str, Measure]]]:
    """A sandbox and pipeline after extract, stage and reconcile of everything, and what the matching did."""
    with running_loop(folder, options) as loop:
        ctx = loop.runtime.context("run-1")
        mapping = ctx.config.mapping
        entities = [mapping.entity(name) for name in OBJECTS]
        ctx.store.start_run("run-1", kind="sync", entities=list(OBJECTS), at=loop.clock())
        for feed in mapping.used_feeds(*entities):
            extract_feed(ctx, feed)
        found = {}
        for entity in entities:
            start = time.process_time()
            stage_entity(ctx, entity)
            staged = time.process_time()
            reconcile_entity(ctx, entity)
            measure = found[entity.name] = _measured(loop, entity.name)
            measure.stage_seconds, measure.reconcile_seconds = staged - start, time.process_time() - staged
        yield loop, found


def _measured(loop: Loop, entity: str) -> Measure:
    measure = Measure()
    company, store = loop.sandbox.company, loop.runtime.store
    name = OBJECTS[entity]
    ids = [pair.intacct_id for pair in loop.sandbox.truth if pair.entity == entity]
    ids += [one.record_id for one in loop.sandbox.loners if (one.entity, one.system) == (entity, "intacct")]
    key_of = {one: str(company.read(name, one, "key")["key"]) for one in ids}
    with store.database.read() as connection:
        rows = connection.exec_driver_sql(f"select intacct_key, salesforce_id from links where entity = '{entity}'")
        links = {(row[0], row[1]) for row in rows}
        rows = connection.exec_driver_sql(
            "select record_side, record_key, candidates from holds where closed_at is null and entity = "
            f"'{entity}' and reason in ('candidate_match', 'ambiguous_match')"
        )
        held = {(row[0], row[1]): row[2] or "" for row in rows}
        rows = connection.exec_driver_sql(
            f"select side, source_key from plan_lines where entity = '{entity}' and operation = 'create'"
        )
        created = {(Side(row[0]).other.value, row[1]) for row in rows}
    true_links = set()
    for pair in (pair for pair in loop.sandbox.truth if pair.entity == entity):
        ours, theirs = key_of[pair.intacct_id], pair.salesforce_id
        true_links.add((ours, theirs))
        measure.pairs[pair.kind] += 1
        if (ours, theirs) in links:
            measure.linked[pair.kind] += 1
        elif {("intacct", ours), ("salesforce", theirs)} & created:
            measure.lost[pair.kind] += 1
        else:
            measure.asked[pair.kind] += 1
    for loner in (loner for loner in loop.sandbox.loners if loner.entity == entity):
        record = (loner.system, key_of.get(loner.record_id, loner.record_id))
        measure.alone[loner.kind] += 1
        measure.needless[loner.kind] += record in held
    measure.wrong = sorted(links - true_links)
    return measure

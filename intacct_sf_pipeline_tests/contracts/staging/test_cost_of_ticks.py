"""The whole engine's ticks over staging databases of different sizes: what is not touched costs nothing.

Work is counted, not timed: steps of SQLite's virtual machine, rows that PostgreSQL read; see `scale/work.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline_tests.scale.plans import full_scans
from intacct_sf_pipeline_tests.scale.steady import steady_state
from intacct_sf_pipeline_tests.scale.ticks import Measured, Pipeline
from intacct_sf_pipeline_tests.scale.work import counted

FEW, MANY = 200, 3000
CHANGES = 50


@pytest.fixture(scope="module")
def config():
    return load_config(None)


@pytest.fixture
def filled(server, request, config) -> Callable[[int], Pipeline]:
    if request.node.callspec.params["server"] not in ("sqlite", "postgresql"):
        pytest.skip("pairs are multiplied in the words of SQLite and PostgreSQL; the statements are the same")
    pipelines: list[Pipeline] = []

    def fill(pairs: int) -> Pipeline:
        pipelines.append(steady_state(server.empty(), config, pairs, pairs // 2))
        return pipelines[-1]

    yield fill
    for pipeline in pipelines:
        pipeline.store.database.engine.dispose()


def hundred_changes(pipeline: Pipeline) -> Measured:
    first = pipeline.services[Side.INTACCT].numbers.start
    chosen = range(first, first + CHANGES)
    pipeline.services[Side.INTACCT].edit("customers", chosen, name="Renamed {n} Ltd")
    pipeline.services[Side.SALESFORCE].edit("contacts", chosen, Email="q{n}@invented.example")
    return pipeline.tick()


def costs(pipeline: Pipeline) -> dict[str, tuple[int, int, int]]:
    """API calls, statements and database work of an idle tick, a tick with changes, and the one that sees its echo."""
    pipeline.tick()
    found = {}
    for name, run in {"idle": Pipeline.tick, "changes": hundred_changes, "echo": Pipeline.tick}.items():
        for service in pipeline.services.values():
            service.calls.clear()
        with counted(pipeline.store.database.engine) as work:
            measured = run(pipeline)
        calls = sum(sum(service.calls.values()) for service in pipeline.services.values())
        written = sum(counts.get("updated", 0) for counts in measured.counts.values())
        assert written == (2 * CHANGES if name == "changes" else 0)
        found[name] = (calls, measured.statements, work.units)
    return found


def test_a_tick_costs_the_same_however_many_records_there_are(filled):
    few, many = costs(filled(FEW)), costs(filled(MANY))
    for name in few:
        assert many[name][:2] == few[name][:2], name
        # The trees of indexes are a little deeper; one look at every record would be much more than that.
        assert many[name][2] <= 1.15 * few[name][2] + MANY / 10, name


def test_no_statement_of_a_tick_reads_a_whole_table(filled):
    pipeline = filled(MANY)
    sent = [*pipeline.tick().sent, *hundred_changes(pipeline).sent, *pipeline.tick().sent]
    asked, scans = full_scans(pipeline.store.database.engine, sent)
    assert asked > 60
    assert scans == []  # table and statement of each

"""An undo that is killed at any commit, request or answer: a further undo continues, a tick spoils nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from intacct_sf_pipeline.engine.review.undo import undo_run
from intacct_sf_pipeline.runtime import open_runtime
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline.staging.undo_target import find_target

from .kill_points import STATES, Counter, End, forked, kill_myself, watched
from .loop import Loop, connectors, running_loop
from .test_scenarios_crashes import CrashError, DyingStore
from .test_scenarios_undo import CUSTOMER, count, last_run, pairs, undo


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    options = SandboxOptions(accounts=6, contacts=0, items=2, seed=7)
    with running_loop(tmp_path_factory.mktemp("crashes"), options) as running:
        running.sync()
        running.sync()
        yield running


def killed_undo(loop: Loop, run_id: str, own: str, nth: int) -> End:
    """Undo `run_id` in a process that kills itself at the nth point."""

    def work() -> None:
        runtime = loop.runtime
        with open_runtime(
            runtime.settings, config=runtime.config, connectors=connectors(loop.sandbox), clock=loop.clock
        ) as mine:
            target = find_target(mine.store, run_id, entity="accounts")
            ctx = mine.context(own)
            mine.store.start_run(own, kind="undo", entities=["accounts"], at=loop.clock())
            with watched(mine.store.database.engine, Counter(nth, kill_myself, STATES)):
                undo_run(ctx, target.entities, target.undo)

    loop.runtime.close()
    return forked(work)


@pytest.mark.parametrize("tick_between", [False, True], ids=["undo again", "a tick, then undo again"])
def test_an_undo_killed_anywhere_ends_as_if_it_had_not_been(loop: Loop, tick_between: bool) -> None:
    key, account = pairs(loop)[0]
    loop.sandbox.company.edit(CUSTOMER, key, {"name": "Rightly named"})
    loop.sync()
    nth, end = (0 if tick_between else -1), End.KILLED
    while end is End.KILLED:
        nth += 3 if tick_between else 2
        loop.sandbox.company.edit(CUSTOMER, key, {"name": f"Wrongly named {nth} {tick_between}"})
        loop.sync()
        assert loop.account(account)["Name"] == f"Wrongly named {nth} {tick_between}"
        run_id = last_run(loop)
        end = killed_undo(loop, run_id, f"killed-{nth}-{tick_between}", nth)
        assert end is not End.RAISED
        if tick_between:
            loop.sync()
        again = undo(loop, run_id, entity="accounts")
        assert count(again, "put_back") + count(again, "already") == 1, nth
        assert loop.account(account)["Name"] == "Rightly named", nth
        assert loop.customer(key, "name")["name"] == f"Wrongly named {nth} {tick_between}", nth
        assert loop.sync().total() == 0, nth
        loop.sandbox.company.edit(CUSTOMER, key, {"name": "Rightly named"})
        loop.sync()
    assert nth > 8
    journaled = "select count(*) from journal where rule = 'undo' and after_value <> 'Rightly named'"
    with loop.runtime.store.database.read() as connection:
        assert connection.exec_driver_sql(journaled).scalar_one() == 0


def test_an_edit_after_an_undo_without_an_answer_does_not_make_the_rest_of_it_travel(loop: Loop) -> None:
    key, account = pairs(loop)[1]
    phone = "contacts.default.phone1"
    loop.sandbox.company.edit(CUSTOMER, key, {"name": "Right", phone: "+1 212-555-0130"})
    loop.sync()
    loop.sandbox.company.edit(CUSTOMER, key, {"name": "Wrong", phone: "+1 212-555-0131"})
    loop.sync()
    run_id = last_run(loop)
    target = find_target(loop.runtime.store, run_id, entity="accounts")
    ctx = loop.runtime.context("unanswered")
    ctx.store.start_run(ctx.run_id, kind="undo", entities=["accounts"], at=loop.clock())
    dying: Any = DyingStore(ctx.store, "commit_outcomes", 1)
    with pytest.raises(CrashError):
        undo_run(replace(ctx, store=dying), target.entities, target.undo)
    assert loop.account(account)["Name"] == "Right"
    loop.as_person("Account", account, Phone="+1 212-555-0132")
    loop.sync()
    assert loop.customer(key, "name", phone) == {"name": "Wrong", phone: "+1 212-555-0132"}
    assert loop.account(account)["Name"] == "Right"
    assert loop.sync().total() == 0

"""A run of several processes: they share the run's leases, and whoever is left behind writes nothing."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from intacct_sf_pipeline.model.errors import LeaseHeldError, LeaseLostError
from intacct_sf_pipeline.staging.crew import Crew, place_of
from intacct_sf_pipeline.staging.grants import Grant, joined
from intacct_sf_pipeline.staging.leases import TTL
from intacct_sf_pipeline.staging.schema_columns import NAME

from .test_leases import book

FLOWS = ["accounts", "contacts"]


def leader(kit, run="run-1"):
    """The leases of a run in the hand of its leading process."""
    return book(kit, pid=1).acquire(FLOWS, run, shared=True)


def crew(kit, pid, living=None, host="here"):
    return Crew(book(kit, pid=pid, living=living, host=host))


def test_the_steps_of_a_run_get_the_runs_own_tokens_at_the_same_time_and_no_other_run_gets_any(kit):
    held = leader(kit)
    first = crew(kit, 2).join(FLOWS, "run-1", "extract")
    second = crew(kit, 3, host="elsewhere").join(["accounts"], "run-1", "stage")
    assert first[:-1] == held
    assert second[:-1] == held[:1]
    with pytest.raises(LeaseHeldError, match="run-1"):
        leader(kit, "run-2")


def test_a_step_that_is_handed_out_twice_is_worked_on_once(kit):
    leader(kit)
    crew(kit, 2).join(FLOWS, "run-1", "extract")
    with pytest.raises(LeaseHeldError, match="run-1"):
        crew(kit, 3, living={2: "100"}).join(FLOWS, "run-1", "extract")
    crew(kit, 3).leave(crew(kit, 3, living={}).join(FLOWS, "run-1", "extract"))


@pytest.mark.parametrize("ending", ["given back", "expired", "taken over"])
def test_a_step_that_begins_after_its_run_is_over_gets_nothing(kit, ending):
    held = leader(kit)
    if ending == "given back":
        crew(kit, 1).disband(held)
    else:
        kit.clock.advance(seconds=TTL.total_seconds() + 1)
        if ending == "taken over":
            leader(kit, "run-2")
    with pytest.raises(LeaseLostError, match="accounts"):
        crew(kit, 2).join(FLOWS, "run-1", "extract")
    assert crew(kit, 2).places("run-1") == {}


def test_the_death_of_the_leading_process_does_not_free_what_its_steps_still_write(kit):
    leader(kit)
    step = Grant(book(kit, pid=2), FLOWS, "run-1", take=lambda: crew(kit, 2).join(FLOWS, "run-1", "write"))
    for _ in range(3):
        kit.clock.advance(seconds=40)
        step.renew()
        with pytest.raises(LeaseHeldError):
            book(kit, pid=9, living={2: "100"}).acquire(FLOWS, "run-2")
    kit.clock.advance(seconds=TTL.total_seconds() + 1)
    assert book(kit, pid=9, living={}).acquire(FLOWS, "run-2")
    with pytest.raises(LeaseLostError, match="run-2"):
        step.renew()


def test_a_place_tells_whether_its_step_lives(kit):
    leader(kit)
    crew(kit, 2).join(FLOWS, "run-1", "extract")
    crew(kit, 3).join(FLOWS, "run-1", "stage")
    crew(kit, 4, host="elsewhere").join(FLOWS, "run-1", "write")
    crew(kit, 5).join([], "run-2", "write")
    places = crew(kit, 1, living={3: "100"}).places("run-1")
    assert places == {
        place_of("run-1", "extract"): False,
        place_of("run-1", "stage"): True,
        place_of("run-1", "write"): True,
    }
    kit.clock.advance(seconds=TTL.total_seconds() + 1)
    assert not any(crew(kit, 1).places("run-1").values())


def test_a_run_whose_steps_have_ended_leaves_nothing_behind(kit):
    held = leader(kit)
    with joined(book(kit, pid=2), FLOWS, "run-1", "extract") as grant:
        grant.check()
    crew(kit, 3).join(FLOWS, "run-1", "died")
    crew(kit, 1, living={}).disband(held)
    assert crew(kit, 1).places("run-1") == {}
    assert [lease.token for lease in leader(kit, "run-2")] == [lease.token + 1 for lease in held]


def test_a_step_still_at_work_when_its_run_ends_is_shut_out_before_anybody_else_may_write(kit):
    held = leader(kit)
    with ExitStack() as stack:
        step = stack.enter_context(joined(book(kit, pid=2), FLOWS, "run-1", "write"))
        crew(kit, 1).disband(held)
        with pytest.raises(LeaseLostError):
            step.renew()
        with pytest.raises(LeaseHeldError, match="which is ending"):
            leader(kit, "run-2")
    kit.clock.advance(seconds=TTL.total_seconds() + 1)
    assert leader(kit, "run-2")


def test_a_run_of_several_processes_is_crashed_in_the_ledger_only_when_all_of_them_are_silent(kit):
    kit.store.start_run("run-1", kind="sync", entities=FLOWS, at=kit.clock(), shared=True)
    held = leader(kit)
    for _ in range(3):
        kit.clock.advance(seconds=40)
        book(kit).renew(held)
        assert kit.store.close_dead_runs() == []
    kit.clock.advance(seconds=TTL.total_seconds() + 1)
    assert kit.store.close_dead_runs() == ["run-1"]


def test_a_place_fits_a_lease_and_is_no_other_steps(kit):
    long = "salesforce_writeback__warehouse_stock_levels"
    names = {place_of(run, step) for run in ("run-1", "run-2") for step in (long, f"{long}_of_today")}
    assert len(names) == 4
    assert max(map(len, names)) <= NAME

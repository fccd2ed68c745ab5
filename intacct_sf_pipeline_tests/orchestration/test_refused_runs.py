"""A run that another one keeps from writing: it waits once, for as long as it was told to, and then does nothing."""

from contextlib import ExitStack

import dagster as dg
import pytest

from intacct_sf_pipeline.engine.context import RunOptions
from intacct_sf_pipeline.model.errors import LeaseHeldError
from intacct_sf_pipeline.orchestration.pipeline import Pipeline
from intacct_sf_pipeline.runtime import open_runtime
from intacct_sf_pipeline.settings import Settings
from intacct_sf_pipeline.staging.patience import Patience

from .jobs import QUIET, failures


def test_a_refused_run_waits_once_and_does_nothing_even_if_the_way_is_free_later(world, config):
    slept: list[float] = []
    accounts = next(entity for entity in config.mapping.enabled() if entity.name == "accounts")
    with (
        open_runtime(Settings(), config=config) as ours,
        open_runtime(Settings(), config=config) as theirs,
        ExitStack() as at_work,
    ):
        at_work.enter_context(theirs.store.writer(["accounts"], "another run"))
        pipeline = Pipeline(ours, RunOptions(), Patience(3, clock=lambda: sum(slept), sleep=slept.append))

        @dg.op
        def first(context: dg.OpExecutionContext) -> None:
            with pytest.raises(LeaseHeldError, match="another run"), pipeline.step(context, accounts):
                raise AssertionError("another run is at work")
            at_work.close()

        @dg.op(ins={"after": dg.In(dg.Nothing)})
        def second(context: dg.OpExecutionContext) -> None:
            with pytest.raises(LeaseHeldError, match="another run"), pipeline.step(context, accounts):
                raise AssertionError("half a run is worse than none")

        @dg.job(executor_def=dg.in_process_executor)
        def both() -> None:
            second(after=first())

        result = both.execute_in_process(instance=world.instance, run_config=QUIET, raise_on_error=False)
        pipeline.finish()

    assert result.success, failures(result)
    assert sum(slept) == 3
    assert world.rows("SELECT * FROM runs") == []

"""How the steps of a sync run: in the run's own process, or each in a process of its own on this or another machine.

`SYNC_EXECUTOR` says. The executors that spread a run are Dagster's own; here each is given a leader (`crews.py`), so
that the run keeps its leases from its first step to its last, whichever process is at work on them.
"""

from collections.abc import Iterator

import dagster as dg
from dagster._core.definitions.executor_definition import (
    MULTI_PROC_CONFIG,
    _core_multiprocess_executor_creation,
    multiple_process_executor_requirements,
)
from dagster._core.events import DagsterEvent
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode
from dagster._core.execution.step_dependency_config import StepDependencyConfig
from dagster._core.executor.in_process import InProcessExecutor

from intacct_sf_pipeline.orchestration.crews import Leader, led_run, works_alone
from intacct_sf_pipeline.orchestration.dead_runs import free_slots_of_ended_runs
from intacct_sf_pipeline.settings import SyncExecutor


class LedExecutor(dg.Executor):
    """Lets `inner` execute the steps of a run, and leads the run meanwhile."""

    def __init__(self, inner: dg.Executor) -> None:
        self.inner = inner

    @property
    def retries(self) -> RetryMode:
        """Those of the executor inside."""
        return self.inner.retries

    @property
    def step_dependency_config(self) -> StepDependencyConfig:
        """That of the executor inside."""
        return self.inner.step_dependency_config

    def execute(self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan) -> Iterator[DagsterEvent]:
        """Execute the run's steps.

        Raises:
            LeaseHeldError: another run is at work on one of the run's entities; no step was begun.
        """
        if works_alone(plan_context):
            yield from InProcessExecutor(self.retries).execute(plan_context, execution_plan)
            return
        free_slots_of_ended_runs(plan_context.instance)
        with led_run(plan_context) as leader:
            for event in self.spread(plan_context, execution_plan, leader):
                leader.saw(event)
                yield event

    def spread(self, plan_context: PlanOrchestrationContext, plan: ExecutionPlan, _: Leader) -> Iterator[DagsterEvent]:
        """The steps' events; every step has ended when there are no more."""
        return self.inner.execute(plan_context, plan)


@dg.executor(
    name="multiprocess", config_schema=MULTI_PROC_CONFIG, requirements=multiple_process_executor_requirements()
)
def multiprocess(context: dg.InitExecutorContext) -> LedExecutor:
    """A process of this machine for each step."""
    return LedExecutor(_core_multiprocess_executor_creation(context.executor_config))


def sync_executor(name: SyncExecutor) -> dg.ExecutorDefinition:
    """The executor of the sync jobs, by its name in the settings."""
    if name == "celery":
        from intacct_sf_pipeline.orchestration.celery_executor import celery

        return celery
    return multiprocess if name == "multiprocess" else dg.in_process_executor

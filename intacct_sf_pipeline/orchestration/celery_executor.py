"""The sync's steps on Celery workers (`dagster-celery`), each minded while it is out of our hands.

The loop that hands steps out is Dagster's. Broker and credentials come from the environment of the run's process and of
the workers, never from run configuration. Needs the extra `celery`.
"""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import dagster as dg
from celery import Celery, states
from celery.result import AsyncResult
from dagster._core.definitions.executor_definition import multiple_process_executor_requirements
from dagster._core.events import DagsterEvent
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.plan.state import KnownExecutionState
from dagster._core.execution.plan.step import ExecutionStep
from dagster._core.execution.retries import RetryMode
from dagster._grpc.types import ExecuteStepArgs
from dagster_celery.config import TASK_EXECUTE_PLAN_NAME
from dagster_celery.core_execution_loop import core_celery_execution_loop
from dagster_celery.executor import CeleryExecutor
from dagster_celery.make_app import make_app
from dagster_shared.serdes import pack_value

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.orchestration.crews import Leader
from intacct_sf_pipeline.orchestration.executors import LedExecutor
from intacct_sf_pipeline.orchestration.step_watch import StepLostError, StepWatch
from intacct_sf_pipeline.settings import Settings, load_settings
from intacct_sf_pipeline.settings_help import WHERE_TO_FIND

_REDELIVERED_AFTER = timedelta(hours=6)
"""When Redis gives a task that a worker took and did not acknowledge to another one; longer than any run lasts."""


class WatchedResult:
    """A result of Celery's that also knows when there will never be one."""

    def __init__(self, result: AsyncResult, step: str, watch: StepWatch) -> None:
        self._result, self._step, self._watch = result, step, watch

    def ready(self) -> bool:
        """Whether the step has ended.

        Raises:
            StepLostError: nobody works on it, or its worker was killed.
        """
        state = self._result.state
        if state == states.FAILURE:
            # Dagster's loop would go on without an end while other steps wait. The kind of error is told, not its
            # text, which may quote what the step was handed.
            raise StepLostError(self._step, f"its worker gave it up ({type(self._result.result).__name__})")
        if state in states.READY_STATES:
            return True
        self._watch.require(self._step)
        return False

    def get(self) -> Any:
        """The step's events, serialised."""
        return self._result.get()

    def revoke(self) -> None:
        """Take the step back, if no worker has begun it."""
        self._result.revoke()


class LedCeleryExecutor(LedExecutor):
    """Hands the steps of a run it leads to Celery workers."""

    def __init__(self, inner: CeleryExecutor, start_within: timedelta) -> None:
        super().__init__(inner)
        self._celery, self._start_within = inner, start_within

    def app_args(self) -> dict[str, Any]:
        """What Dagster's loop makes its Celery application of."""
        arguments: dict[str, Any] = self._celery.app_args()
        return arguments

    def spread(
        self, plan_context: PlanOrchestrationContext, plan: ExecutionPlan, leader: Leader
    ) -> Iterator[DagsterEvent]:
        """The steps' events, as workers return them.

        Raises:
            StepLostError: a worker died with a step; steps at work elsewhere are shut out when the run ends.
        """
        watch = StepWatch(leader, self._start_within, time.monotonic)

        def submit(
            app: Celery,
            context: PlanOrchestrationContext,
            step: ExecutionStep,
            queue: str,
            priority: int,
            known: KnownExecutionState,
        ) -> WatchedResult:
            watch.hand_out(step.key)
            given = _arguments(context, step, known)
            result = app.send_task(TASK_EXECUTE_PLAN_NAME, kwargs=given, queue=queue, priority=priority)
            return WatchedResult(result, step.key, watch)

        events: Iterator[DagsterEvent] = core_celery_execution_loop(plan_context, plan, step_execution_fn=submit)
        return events


def _arguments(context: PlanOrchestrationContext, step: ExecutionStep, known: KnownExecutionState) -> dict[str, Any]:
    """What the task of `dagster-celery` takes: the run, the step, and how to build the job anew."""
    args = ExecuteStepArgs(
        job_origin=context.reconstructable_job.get_python_origin(),
        run_id=context.dagster_run.run_id,
        step_keys_to_execute=[step.key],
        instance_ref=context.instance.get_ref(),
        retry_mode=context.executor.retries.for_inner_plan(),
        known_state=known,
        print_serialized_events=True,
    )
    return {
        "execute_step_args_packed": pack_value(args),
        "executable_dict": context.reconstructable_job.to_dict(),
    }


@dg.executor(name="celery", config_schema={}, requirements=multiple_process_executor_requirements())
def celery(_: dg.InitExecutorContext) -> LedCeleryExecutor:
    """Celery workers, on this or other machines, for each step."""
    settings = load_settings()
    inner = CeleryExecutor(retries=RetryMode(RetryMode.DISABLED), **celery_options(settings))
    return LedCeleryExecutor(inner, timedelta(seconds=settings.celery_start_within_seconds))


def celery_options(settings: Settings) -> dict[str, Any]:
    """Broker, result backend and further settings of Celery; the same for those who hand steps out and the workers.

    A worker takes one step at a time and keeps none in store, so that none waits behind a long one; a step is not given
    to a second worker when the first dies, because its run ends then.

    Raises:
        ConfigurationError: no broker is named.
    """
    if settings.celery_broker_url is None:
        cure = f"Set it: {WHERE_TO_FIND['CELERY_BROKER_URL']}"
        raise ConfigurationError("SYNC_EXECUTOR is celery and no broker is named", where="CELERY_BROKER_URL", cure=cure)
    broker = settings.celery_broker_url.get_secret_value()
    kept_in = settings.celery_result_backend
    own = broker if urlsplit(broker).scheme.startswith("redis") else "rpc://"
    return {
        "broker": broker,
        "backend": kept_in.get_secret_value() if kept_in is not None else own,
        "config_source": {
            "worker_prefetch_multiplier": 1,
            "task_acks_late": False,
            "broker_transport_options": {"visibility_timeout": int(_REDELIVERED_AFTER.total_seconds())},
            "broker_connection_retry_on_startup": True,
            "worker_hijack_root_logger": False,
            "worker_send_task_events": False,
            "result_expires": int(timedelta(hours=1).total_seconds()),
        },
    }


def celery_app(settings: Settings) -> Celery:
    """The application that workers run: it knows the steps of Dagster's runs."""
    from dagster_celery.tasks import create_task

    options = celery_options(settings)
    app = make_app({"broker": options["broker"], "backend": options["backend"]})
    app.conf.update(options["config_source"])
    create_task(app)
    # What a step returns is said in Dagster's history, and nowhere in a worker's log.
    logging.getLogger("celery.app.trace").setLevel(logging.WARNING)
    return app

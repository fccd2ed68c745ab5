"""Runs whose steps are processes of their own: how a process learns that it is one of several, and how the one that
leads them begins the run, minds its steps and ends it.

The leader is the process of the run: it takes the leases before any step begins, all or none, and gives them back when
the last one has ended; steps work under them (`staging/crew.py`). A tag on the run says that it is led, so that a step,
wherever it starts, neither takes leases of its own nor calls itself the run's process.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import dagster as dg
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.storage.tags import MAX_RETRIES_TAG

from intacct_sf_pipeline.engine.context import RunOptions
from intacct_sf_pipeline.model.errors import LeaseHeldError
from intacct_sf_pipeline.orchestration import dead_runs
from intacct_sf_pipeline.orchestration.pipeline import Pipeline
from intacct_sf_pipeline.orchestration.resources import RunOptionsResource, configuration, staging_store
from intacct_sf_pipeline.runtime import Runtime
from intacct_sf_pipeline.settings import load_settings
from intacct_sf_pipeline.staging.crew import Crew, place_of


@dataclass
class Leader:
    """One led run: what its process knows of its steps."""

    run_id: str
    pipeline: Pipeline
    crew: Crew
    _living: Mapping[str, bool] = field(default_factory=dict)

    def look(self) -> None:
        """See which steps are at work now."""
        self._living = self.crew.places(self.run_id)

    def lives(self, step: str) -> bool | None:
        """Whether the process of `step` lived at the last look; None: no process was at work on it."""
        return self._living.get(place_of(self.run_id, step))

    def saw(self, event: dg.DagsterEvent) -> None:
        """Note what makes the run a failed one: a step that failed, a check with severity ERROR that did not pass."""
        if event.is_step_failure:
            self.pipeline.fail()
        elif event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            found = event.asset_check_evaluation_data
            if not found.passed and found.severity is dg.AssetCheckSeverity.ERROR:
                self.pipeline.fail()


def works_alone(context: PlanOrchestrationContext) -> bool:
    """Whether this run needs one process for all its steps.

    A rehearsal works on a copy in a file of its process, and an approved plan is a file that only this machine may
    have.
    """
    given = _given_options(context.run_config)
    return bool(given.get("plan_only") or given.get("apply_plan"))


@contextmanager
def led_run(context: PlanOrchestrationContext) -> Iterator[Leader]:
    """Lead the run while the block lasts.

    Raises:
        LeaseHeldError: another run is at work on one of the run's entities; no step has begun, and none will.
    """
    instance, run = context.instance, context.dagster_run
    dead_runs.sign(instance, run)
    instance.add_run_tags(run.run_id, {dead_runs.LED_TAG: run.run_id})
    config = configuration()
    with staging_store(config) as store:
        pipeline = Pipeline(Runtime(load_settings(), config, store, {}), _options(context.run_config))
        try:
            pipeline.lead(run, context.job.get_definition().asset_layer.selected_asset_keys, context.log)
            yield Leader(run.run_id, pipeline, Crew(store.leases))
        except BaseException as error:
            pipeline.fail()
            if isinstance(error, LeaseHeldError):
                # Started once more at once, it would meet the same run at work.
                instance.add_run_tags(run.run_id, {MAX_RETRIES_TAG: "0"})
            raise
        finally:
            pipeline.finish()


def _given_options(run_config: Mapping[str, object]) -> Mapping[str, object]:
    found: object = run_config
    for name in ("resources", "run_options", "config"):
        found = found.get(name, {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def _options(run_config: Mapping[str, object]) -> RunOptions:
    given = RunOptionsResource.model_validate(dict(_given_options(run_config)))
    return given.create_resource(dg.build_init_resource_context())

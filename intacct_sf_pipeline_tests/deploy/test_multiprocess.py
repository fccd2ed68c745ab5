"""A process for each step: one run keeps its leases from first to last, and a rehearsal stays in one process."""

from __future__ import annotations

import os

import pytest

from intacct_sf_pipeline.engine.context import utc_now
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.orchestration.dead_runs import LED_TAG, PROCESS_TAG
from intacct_sf_pipeline.sandbox.server import SandboxOptions, running_sandbox
from intacct_sf_pipeline.staging.setup import open_staging

from .places import LEASED, ended, place

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="the preloading server is for POSIX")]
PRELOADED = {"forkserver": {"preload_modules": ["intacct_sf_pipeline.definitions"]}}
CONFIG = {"execution": {"config": {"max_concurrent": 2, "start_method": PRELOADED}}}
STARTED = "STEP_WORKER_STARTED"
PLAN = {"resources": {"run_options": {"config": {"plan_only": True}}}}


def test_steps_in_processes_of_their_own_are_one_run(tmp_path):
    with running_sandbox(SandboxOptions(accounts=6, contacts=6, items=12)) as sandbox:
        here = place(tmp_path, sandbox, SYNC_EXECUTOR="multiprocess")
        code, said = ended(here.lead(config=PLAN))
        assert code == 0, said
        assert here.rows("SELECT kind, status FROM runs") == [("plan", "done")]
        assert {status for *_, status in here.settled()} == {"preview"}
        before = sandbox.org.count("Product2")

        store = open_staging(f"sqlite:///{here.database}", load_config(None).mapping, utc_now)
        with store.writer(["products"], "somebody else's"):
            code, said = ended(here.lead(config=CONFIG))
        store.database.engine.dispose()
        assert code == 1
        assert "another run (somebody else's" in said
        assert sandbox.org.count("Product2") == before

        code, said = ended(here.lead(config=CONFIG))
        assert code == 0, said
        assert here.rows("SELECT kind, status, process FROM runs WHERE kind = 'sync'") == [("sync", "done", None)]
        assert here.rows(LEASED) == [(0,)]
        assert here.rows("SELECT COUNT(*) FROM leases WHERE entity LIKE 'step:%'") == [(0,)]
        assert sandbox.org.count("Product2") > before
        with here.instance() as instance:
            done, refused, planned = instance.get_runs()
            assert LED_TAG not in planned.tags
            assert refused.tags["dagster/max_retries"] == "0"
            assert done.tags[LED_TAG] == done.run_id
            told = [r.event_log_entry.dagster_event for r in instance.get_records_for_run(done.run_id).records]
            began = [e.engine_event_data.metadata["pid"].value for e in told if e and e.event_type_value == STARTED]
            assert len(began) == len(set(began)) == sum(e is not None and e.is_step_success for e in told)
            assert done.tags[PROCESS_TAG].split(":")[1] not in began
        here.agrees("products")

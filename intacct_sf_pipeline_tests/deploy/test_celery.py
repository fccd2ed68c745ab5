"""Two Celery workers, a real broker: the same results as in one process, one writer, and a killed worker's run is
taken over.
"""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import replace

import pytest

from intacct_sf_pipeline.orchestration.dead_runs import LED_TAG, PROCESS_TAG
from intacct_sf_pipeline.sandbox.server import SandboxOptions, running_sandbox

from .places import LEASED, PRODUCTS, broker, ended, place, until, workers

pytest.importorskip("dagster_celery", reason="the extra `celery` is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed"),
    pytest.mark.skipif(os.name != "posix", reason="kills processes"),
]
OPTIONS = SandboxOptions(accounts=6, contacts=6, items=12)
SILENT_ONCE = """\
faults: [{service: salesforce, method: [POST, PATCH], path: /composite, fault: timeout_after, seconds: 120}]
"""
"""The first write does its work and is not answered: its worker can be met, and killed, in the middle of a call."""
PRICES = (("staging", "prices"), ("reconcile", "prices"), ("salesforce_writeback", "prices"))
SENT = "SELECT COUNT(*) FROM plan_lines WHERE status = 'sent'"


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    with broker(tmp_path_factory.mktemp("broker")) as url:
        yield url


def on_celery(folder, sandbox, url, database):
    return place(folder, sandbox, SYNC_EXECUTOR="celery", CELERY_BROKER_URL=f"{url.rpartition('/')[0]}/{database}")


def who_worked(instance, run_id):
    """The workers that executed steps of a run."""
    told = [record.event_log_entry.dagster_event for record in instance.get_records_for_run(run_id).records]
    metadata = [event.engine_event_data.metadata for event in told if event is not None and event.is_engine_event]
    return {str(found["Celery worker"].value).partition("@")[0] for found in metadata if "Celery worker" in found}


def test_two_workers_do_what_one_process_does(tmp_path, redis):
    with running_sandbox(OPTIONS) as ours, running_sandbox(OPTIONS) as theirs:
        alone, spread = place(tmp_path / "alone", ours), on_celery(tmp_path / "spread", theirs, redis, 1)
        reference = alone.lead((*PRODUCTS, *PRICES))
        with workers(spread, "a", "b"):
            code, said = ended(spread.lead((*PRODUCTS, *PRICES)))
        assert code == 0, said
        assert ended(reference)[0] == 0
        assert spread.settled() == alone.settled()
        assert {status for *_, status in spread.settled()} == {"written"}
        assert spread.rows(LEASED) == [(0,)]
        assert spread.rows("SELECT kind, status, process FROM runs") == [("sync", "done", None)]
        with spread.instance() as instance:
            (run,) = instance.get_runs()
            assert run.tags[LED_TAG] == run.run_id
            assert run.tags[PROCESS_TAG].startswith(run.run_id)
            assert who_worked(instance, run.run_id) == {"a", "b"}
        spread.agrees("prices")


def test_one_run_writes_and_a_worker_that_is_killed_is_taken_over(tmp_path, redis):
    (tmp_path / "faults.yaml").write_text(SILENT_ONCE)
    with running_sandbox(replace(OPTIONS, faults=tmp_path / "faults.yaml")) as sandbox:
        here = on_celery(tmp_path / "here", sandbox, redis, 2)
        with workers(here, "c", "d") as running:
            first = here.lead()
            here.reached(LEASED)
            code, _, said = here.command("sync", "products", "--json")
            assert code == 4, said
            here.reached(SENT)
            until(lambda: sandbox.faults.fired, "the call", 30, every=0.02)
            ((pid,),) = here.rows("SELECT pid FROM leases WHERE entity LIKE 'step:%'")
            victim = next(worker for worker in running.values() if os.getpgid(pid) == worker.pid)
            os.killpg(victim.pid, signal.SIGKILL)
            code, said = ended(first)
            assert code == 1
            assert "its worker died" in said
            assert here.rows(LEASED) == [(0,)]
            assert here.rows("SELECT status FROM runs") == [("failed",)]
            code, said = ended(here.lead())
            assert code == 0, said
        assert here.rows(SENT) == [(0,)]
        here.agrees("products")
        made = [row["IntacctID__c"] for row in sandbox.org.db.table("Product2").live() if row["IntacctID__c"]]
        assert len(made) == len(set(made)) == OPTIONS.items
        assert here.rows("SELECT COUNT(*) FROM links WHERE entity = 'products'") == [(OPTIONS.items,)]

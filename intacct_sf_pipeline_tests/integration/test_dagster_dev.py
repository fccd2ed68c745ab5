"""`dagster dev` with the shipped files and nothing else: it loads, runs a job in its own process, stops when asked.

Where there is a Chromium, `test_ui_browser` proves all of this and more.
"""

import shutil
from datetime import UTC, datetime

import dagster as dg
import pytest

from intacct_sf_pipeline.sandbox.server import SandboxOptions, running_sandbox
from intacct_sf_pipeline_tests.integration.dagster_ui import dagster_dev, until

HAS_BROWSER = shutil.which("chromedriver") and (shutil.which("chromium") or shutil.which("chromium-browser"))
LAUNCH = """
  mutation($params: ExecutionParams!) {
    launchPipelineExecution(executionParams: $params) {
      __typename
      ... on LaunchRunSuccess { run { runId } }
      ... on PythonError { message }
    }
  }
"""


@pytest.mark.skipif(bool(HAS_BROWSER), reason="the browser test covers this")
def test_the_shipped_files_are_all_that_dagster_dev_needs(tmp_path):
    today = datetime.now(UTC).date().isoformat()
    with (
        running_sandbox(SandboxOptions(accounts=12, contacts=16, items=8)) as sandbox,
        dagster_dev(tmp_path, sandbox.env) as ui,
    ):
        before = sandbox.org.count("Account")
        params = {
            "selector": {
                "repositoryLocationName": "intacct_sf_pipeline",
                "repositoryName": "__repository__",
                "jobName": "sync_all",
            },
            "executionMetadata": {"tags": [{"key": "dagster/partition", "value": today}]},
        }
        launched = ui.graphql(LAUNCH, params=params)["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        until(lambda: ui.runs()[0]["status"] in {"SUCCESS", "FAILURE"}, "the run", 60)
        assert ui.runs()[0]["status"] == "SUCCESS"
        assert sandbox.org.count("Account") > before
    (ui.home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(ui.home)) as instance:
        assert instance.has_run(launched["run"]["runId"]), "the command line sees the same history"

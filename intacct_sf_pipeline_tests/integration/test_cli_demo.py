"""`demo` shows what the project promises, and its report says so; `demo --ui` comes up and goes down cleanly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.demo import kept_its_promises
from intacct_sf_pipeline.cli.demo_report import tell
from intacct_sf_pipeline.settings import VARIABLES

COMMAND = (sys.executable, "-m", "intacct_sf_pipeline.cli")
FLOWS = ["accounts", "contacts", "products", "prices", "stock"]


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """An environment whose own settings point nowhere: the demo must not look at them."""
    ours = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return {**ours, "SALESFORCE_LOGIN_URL": "https://elsewhere.my.salesforce.example", "SYNC_CONFIG": "/nowhere.yaml"}


@pytest.fixture(scope="module")
def demo(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document of one demo, run in an empty directory that stays empty."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [*COMMAND, "demo", "--json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == []
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def counts(report: dict[str, Any], *kinds: str) -> int:
    """Records written to either side, by kind, over all flows."""
    sides = [side for entity in report["entities"].values() for side in entity["written"].values()]
    return sum(side[kind] for side in sides for kind in kinds)


def test_the_document_has_every_promised_key(demo: dict[str, Any]) -> None:
    assert {"first_sync", "second_sync", "idle_sync", "agreement", "seconds"} <= set(demo)
    assert list(demo["first_sync"]["entities"]) == FLOWS
    assert kept_its_promises(demo)


def test_the_first_sync_links_and_creates_and_the_idle_one_writes_nothing(demo: dict[str, Any]) -> None:
    planned = demo["first_sync"]["entities"]["accounts"]["planned"]
    assert planned["link"] > 0
    assert planned["create"] > 0
    assert counts(demo["idle_sync"], "created", "updated", "deactivated", "failed") == 0


def test_each_scene_comes_out_as_promised(demo: dict[str, Any]) -> None:
    told = {scene["title"]: scene for scene in demo["story"]}
    different = told["Different fields of one record"]["outcome"]
    assert "555-0199" in different
    assert different.count("77 Wharf Road, Floor 3") == 2
    assert 'Group"' in told["The same field on both sides"]["outcome"]
    assert any("newer" in reason for reason in told["The same field on both sides"]["why"])
    notes = told["A new account with notes"]["outcome"]
    assert all(text in notes for text in ("Sails to measure.", "Wants 30 days net.", "Deliver to the quay, gate 2."))
    assert "Fjord & Sons Chandlery" in told["A new customer"]["outcome"]
    assert told["A price"]["done"].rpartition(" to ")[2].rstrip(".") in told["A price"]["outcome"]


def test_the_refused_record_is_held_alone_and_goes_through_once_mended(demo: dict[str, Any]) -> None:
    rejected = [hold for hold in demo["held"] if hold["reason"] == "rejected"]
    assert [hold["entity"] for hold in rejected] == ["contacts"]
    assert counts(demo["mended_sync"], "updated") == 1
    assert "front.desk@harbour.example" in demo["mended"]["outcome"]


def test_the_report_tells_a_newcomer_all_of_it(demo: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    with path.open("w", encoding="utf-8") as stream:
        Output(json_mode=False, stdout=stream).show(*tell(demo))
    report = " ".join(path.read_text(encoding="utf-8").split())
    for scene in demo["story"]:
        assert scene["title"] in report
    for words in ("Agreement of linked records", "What it cost", "rejected", "Intacct transactions", "make ui"):
        assert words in report


def test_the_ui_starts_and_stops_with_everything_it_started(environment: dict[str, str], tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom intacct_sf_pipeline.cli.demo_ui import run_ui\n"
        "home = Path(sys.argv[1])\n"
        "run_ui({'DAGSTER_HOME': str(home), 'STAGING_DATABASE_URL': 'sqlite://', 'SYNC_CONFIG': ''}, home, 0,"
        " lambda text: print(text, flush=True))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip().removeprefix("Dagster UI: ")
        with urlopen(f"{address}/server_info", timeout=10) as reply:
            assert "dagster_webserver_version" in json.load(reply)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
    finally:
        watchdog.cancel()
        process.kill()
    assert process.returncode == 0
    assert "Stopping" in said
    with pytest.raises(OSError, match="refused"):
        urlopen(f"{address}/server_info", timeout=10)

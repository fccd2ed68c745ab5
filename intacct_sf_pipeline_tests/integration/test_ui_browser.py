"""The Dagster UI in a real browser: the graph, a materialisation, a schedule and a sensor that tick, a backfill.

Skipped where there is no Chromium or no chromedriver (`apt-get install chromium chromium-driver`). Screenshots are
left in the test's folder (`pytest --basetemp DIR` to keep them).
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions, running_sandbox
from intacct_sf_pipeline_tests.integration.dagster_ui import DagsterUi, dagster_dev, until

CHROMIUM, DRIVER = shutil.which("chromium") or shutil.which("chromium-browser"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium: apt-get install chromium chromium-driver"),
]
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--window-size=1700,1000",
)  # fmt: skip
EVERY_MINUTE = 'version: 1\nschedule:\n  stock: "* * * * *"\n'
AUTOMATIONS = 8
JOB = "/locations/intacct_sf_pipeline/jobs/sync_all"


class Page:
    """The browser, showing one page of the UI at a time."""

    def __init__(self, driver: Any, ui: DagsterUi, pictures: Path) -> None:
        self.driver, self.ui, self.pictures = driver, ui, pictures

    def open(self, path: str, *texts: str) -> None:
        """Open a page and wait for texts on it."""
        self.driver.get(self.ui.url + path)
        self.sees(*texts)

    def sees(self, *texts: str) -> None:
        """Wait until all texts are shown."""
        until(lambda: all(text in self._text() for text in texts), f"{texts} on {self.driver.current_url}", 20)

    def find(self, xpath: str) -> Any:
        """The first element at `xpath` that is shown."""
        return until(
            lambda: next((e for e in self.driver.find_elements("xpath", xpath) if e.is_displayed()), None), xpath, 20
        )

    def click(self, xpath: str) -> None:
        """Click what is at `xpath` as soon as it can be clicked."""
        until(lambda: self.find(xpath).is_enabled(), f"{xpath} enabled", 10)
        self.find(xpath).click()

    def picture(self, name: str) -> None:
        """Save a screenshot."""
        self.driver.save_screenshot(str(self.pictures / f"{name}.png"))

    def _text(self) -> str:
        return self.driver.find_element("tag name", "body").text


@contextmanager
def browser(profile: Path) -> Iterator[Any]:
    """A headless Chromium with an empty profile."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def population(sandbox: Sandbox) -> dict[str, int]:
    """How many records there are on both sides."""
    ours = {name: sandbox.org.count(name) for name in ("Account", "Contact", "Product2", "PricebookEntry")}
    theirs = ("accounts-receivable/customer", "company-config/contact", "inventory-control/item")
    return ours | {name: sandbox.company.count(name) for name in theirs}


def launch(page: Page, days: str | None) -> None:
    """Materialise the whole job from its page: `days` as a person types them, None for the latest."""
    page.open(JOB, "Materialize all")
    page.click("//button[contains(., 'Materialize all')]")
    if days is None:
        page.click("//button[.='Latest']")
    else:
        box = page.find("//input[@placeholder='No matching partitions']")
        box.send_keys(days + "\n")
    page.picture("launch-latest" if days is None else "launch-backfill")
    page.click("//button[starts-with(., 'Launch')]")


def switch_on(page: Page, name: str) -> None:
    """Flip the switch in the row of a schedule or sensor on the Automation page; rows get their switch one by one."""
    switch = "//label[contains(@class, 'formatSwitch')]"
    until(lambda: len(page.driver.find_elements("xpath", switch)) == AUTOMATIONS, "a switch in every row", 20)
    page.click(f"//a[.//span[.='{name}']]/ancestor::div[.{switch}][1]{switch}")
    until(lambda: state(page.ui, name)["status"] == "RUNNING", f"{name} switched on", 10)


def state(ui: DagsterUi, name: str) -> Any:
    """Whether a schedule or sensor runs, and its ticks."""
    query = """
      query($selector: InstigationSelector!) {
        instigationStateOrError(instigationSelector: $selector) { ... on InstigationState { status ticks { status } } }
      }
    """
    selector = {"repositoryLocationName": "intacct_sf_pipeline", "repositoryName": "__repository__", "name": name}
    return ui.graphql(query, selector=selector)["instigationStateOrError"]


def ticked(ui: DagsterUi, name: str) -> bool:
    """Whether a schedule or sensor has been evaluated, and never failed."""
    found = [tick["status"] for tick in state(ui, name)["ticks"]]
    assert "FAILURE" not in found, name
    return any(status in {"SUCCESS", "SKIPPED"} for status in found)


def backfills(ui: DagsterUi) -> list[str]:
    query = "{partitionBackfillsOrError {... on PartitionBackfills {results {status}}}}"
    return [found["status"] for found in ui.graphql(query)["partitionBackfillsOrError"]["results"]]


def finished(ui: DagsterUi, job: str) -> bool:
    runs = [run for run in ui.runs() if run["jobName"] == job]
    assert not any(run["status"] in {"FAILURE", "CANCELED"} for run in runs), runs
    return bool(runs) and all(run["status"] == "SUCCESS" for run in runs)


def test_a_day_in_the_dagster_ui(tmp_path):
    pictures = tmp_path / "screenshots"
    pictures.mkdir()
    (tmp_path / "every-minute.yaml").write_text(EVERY_MINUTE)
    options = SandboxOptions(accounts=30, contacts=40, items=16)
    with (
        running_sandbox(options) as sandbox,
        dagster_dev(tmp_path, sandbox.env | {"SYNC_CONFIG": str(tmp_path / "every-minute.yaml")}) as ui,
        browser(tmp_path / "profile") as driver,
    ):
        page = Page(driver, ui, pictures)

        page.open("/asset-groups/", "intacct", "salesforce", "staging", "reconcile", "writeback")
        page.picture("asset-graph")

        page.open("/automation", "sync_stock_schedule", "stock_moved")
        switch_on(page, "sync_stock_schedule")
        switch_on(page, "stock_moved")
        page.picture("automation")

        launch(page, None)
        until(lambda: finished(ui, "sync_all"), "the first sync", 60)
        after_first = population(sandbox)

        page.open(
            "/assets/reconcile/accounts?view=events", "salesforce_calls", "preview", "operation", "account_number"
        )
        page.picture("materialisation")
        page.open("/assets/staging/accounts?view=overview", "customer_id", "Description")
        page.picture("asset")

        today = datetime.now(UTC).date()
        launch(page, f"[{today - timedelta(days=4)}...{today}]")
        until(lambda: "COMPLETED_SUCCESS" in backfills(ui), "the backfill", 90)
        until(lambda: ticked(ui, "sync_stock_schedule"), "a tick of the schedule", 75)
        until(lambda: ticked(ui, "stock_moved"), "a tick of the sensor", 60)
        page.open("/runs", "sync_all", "Success")
        page.picture("runs")
        page.open("/assets/staging/accounts?view=partitions", str(today))
        page.picture("partitions")

        ranged = [run for run in ui.runs() if run["tags"].get("dagster/asset_partition_range_end")]
        assert [run["jobName"] for run in ranged if "dagster/backfill" in run["tags"]] == ["sync_all"], (
            "one run for all days"
        )
        assert population(sandbox) == after_first
        assert len(list(pictures.iterdir())) >= 7

"""What `doctor` says of a database, whichever it is; and that looking changes nothing."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import inspect, text

from intacct_sf_pipeline.cli.doctor_database import database_findings
from intacct_sf_pipeline.cli.findings import Finding, Level
from intacct_sf_pipeline.settings import Settings
from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.leases import LeaseBook
from intacct_sf_pipeline.staging.workers import Worker, this_worker

from .kit import Kit

GONE = Worker("elsewhere", 1, this_worker().machine, "a start that no process has")


def diagnose(url: str) -> dict[str, Finding]:
    settings = Settings.model_construct(staging_database_url=SecretStr(url), dagster_home=None)
    return {finding.subject: finding for finding in database_findings(settings)}


def test_an_up_to_date_database_is_well(url: str) -> None:
    found = diagnose(url)
    assert {finding.level for finding in found.values()} == {Level.OK}
    assert {"version", "encoding", "writing", "leases", "runs"} <= set(found) | {"encoding"}


def test_an_empty_database_is_told_and_left_empty(empty_url: str) -> None:
    assert "pending" in " ".join(finding.message for finding in diagnose(empty_url).values())
    engine = create_staging_engine(empty_url)
    try:
        assert inspect(engine).get_table_names() == []
    finally:
        engine.dispose()


def test_a_lease_at_work_and_one_that_was_left_are_told_apart(kit: Kit, url: str) -> None:
    LeaseBook(kit.store.database).acquire(["accounts"], "run-1")
    LeaseBook(kit.store.database, worker=GONE).acquire(["contacts"], "run-2")
    settings = Settings.model_construct(staging_database_url=SecretStr(url), dagster_home=None)
    told = [finding.message for finding in database_findings(settings) if finding.subject == "leases"]
    assert [("gone" in one) for one in told if one.startswith("contacts")] == [True]
    assert all("run-" in one for one in told)


def test_a_run_that_died_is_told(kit: Kit, url: str) -> None:
    with kit.store.database.engine.begin() as connection:
        columns = "run_id, kind, entities, status, started_at, process"
        values = f"'run-9', 'sync', '[]', 'running', '2027-01-04 00:00:00', '{GONE.process}'"
        connection.execute(text(f"INSERT INTO runs ({columns}) VALUES ({values})"))
    assert diagnose(url)["runs"].level is Level.WARNING


def test_a_database_that_cannot_be_reached_is_one_finding(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("no database", encoding="utf-8")
    for place in (tmp_path / "a file", tmp_path / "a file" / "below.db"):
        assert [(f.level, f.subject) for f in diagnose(f"sqlite:///{place}").values()] == [(Level.ERROR, "connection")]

"""The real jobs against the real sandbox: what a run writes, shows and enters in the ledger, and what it never does twice."""

import dagster as dg
import pytest
from sqlalchemy import create_engine, text

from intacct_sf_pipeline.orchestration.partitions import TICK_TAG
from intacct_sf_pipeline_tests.orchestration.jobs import (
    failures,
    metadata,
    population,
    run,
    today,
    written,
)


def rows(tmp_path, query, **values):
    engine = create_engine(f"sqlite:///{tmp_path / 'staging.db'}")
    try:
        with engine.begin() as connection:
            found = connection.execute(text(query), values)
            return found.all() if found.returns_rows else found.rowcount
    finally:
        engine.dispose()


def ledger(tmp_path, run_id):
    return rows(tmp_path, "select kind, status, entities, finished_at from runs where run_id = :id", id=run_id)[0]


@pytest.fixture
def synced(instance, config, sandbox):
    """The result of a first sync."""
    result = run(instance, config, "sync_all")
    assert result.success, failures(result)
    return result


def test_a_second_tick_writes_nothing(synced, instance, config, sandbox):
    assert written(synced)["created"] > 10
    before = population(sandbox)
    again = run(instance, config, "sync_all")
    idle = run(instance, config, "sync_all")
    assert again.success, failures(again)
    assert written(again).total() == 0
    assert written(idle).total() == 0
    assert population(sandbox) == before


def test_every_materialisation_carries_counts_spend_and_a_preview(synced):
    shown = metadata(synced)
    assert len(shown) == 25
    for key, values in shown.items():
        assert isinstance(values["seconds"], float), key
        assert isinstance(values["intacct_transactions"], int), key
        assert values["preview"], key
    accounts = shown["salesforce/accounts"]
    assert accounts["dagster/row_count"] == accounts["read"] - shown_extra(accounts)
    assert accounts["lag_seconds"] >= 0
    assert "| operation | side |" in shown["reconcile/accounts"]["preview"]
    assert "| ContentNote |" in accounts["preview"]


def shown_extra(accounts):
    """Rows of notes, which the extract of accounts reads too."""
    rows = [line for line in accounts["preview"].splitlines() if line.startswith(("| Note |", "| ContentNote |"))]
    return sum(int(row.split("|")[2]) for row in rows)


def test_no_value_of_a_person_and_no_secret_is_in_metadata_or_events(synced, instance, sandbox, tmp_path):
    events = "\n".join(repr(entry) for entry in instance.all_logs(synced.run_id))
    for secret in (sandbox.credentials.intacct_client_secret, sandbox.credentials.salesforce_client_secret):
        assert secret not in events
    people = rows(tmp_path, "select email, lastname, phone from landing_salesforce_contacts")
    values = {value for row in people for value in row if value and len(value) > 4}
    assert len(values) > 20
    assert {value for value in values if value in events} == set()


def test_the_ledger_says_what_the_run_was(synced, tmp_path):
    entry = ledger(tmp_path, synced.run_id)
    assert entry.kind == "sync"
    assert entry.status in {"done", "held"}
    assert "contacts" in entry.entities
    assert entry.finished_at is not None


def test_a_backfill_reads_the_days_again_and_creates_nothing_twice(synced, instance, config, sandbox, tmp_path):
    before = population(sandbox)
    result = run(instance, config, "sync_all", days=(today(3), today()))
    assert result.success, failures(result)
    assert metadata(result)["salesforce/accounts"]["read"] > 0
    assert written(result).total() == 0
    assert population(sandbox) == before
    assert ledger(tmp_path, result.run_id).kind == "backfill"
    days = instance.get_materialized_partitions(dg.AssetKey(["staging", "accounts"]))
    assert {today(back) for back in range(4)} <= days


def test_a_backfill_brings_back_what_the_watermark_has_passed(synced, instance, config, sandbox, tmp_path):
    lost = rows(tmp_path, "delete from landing_salesforce_contacts")
    assert lost > 0
    result = run(instance, config, "sync_customers", days=(today(400), today()))
    assert result.success, failures(result)
    assert metadata(result)["salesforce/contacts"]["new"] == lost
    assert written(result)["created"] == 0


def test_a_tick_that_closes_yesterday_reads_from_the_watermark(synced, instance, config):
    result = run(instance, config, "sync_customers", days=(today(1), today()), tags={TICK_TAG: "true"})
    assert result.success, failures(result)
    idle = metadata(run(instance, config, "sync_customers"))["intacct/customers"]["read"]
    assert metadata(result)["intacct/customers"]["read"] == idle
    assert instance.get_materialized_partitions(dg.AssetKey(["staging", "accounts"])) >= {today(1), today()}


def test_a_plan_writes_nothing_and_says_what_it_would(instance, config, sandbox):
    before = population(sandbox)
    planned = run(instance, config, "plan_only", plan_only=True)
    assert planned.success, failures(planned)
    assert population(sandbox) == before
    said = metadata(planned)["reconcile/accounts"]
    assert said["create"] > 0
    assert "rehearsal" in said["note"]
    done = run(instance, config, "sync_all")
    assert {name: metadata(done)["reconcile/accounts"][name] for name in ("create", "update", "link")} == {
        name: said[name] for name in ("create", "update", "link")
    }


def test_a_run_over_its_limit_stops_before_writing(instance, config, sandbox):
    limits = {**config.limits, "accounts": config.limits_for("accounts").model_copy(update={"create": 0})}
    careful = config.model_copy(update={"limits": limits})
    before = population(sandbox)
    result = run(instance, careful, "sync_all")
    assert not result.success
    after = population(sandbox)
    for kind in ("Account", "Contact", "accounts-receivable/customer", "company-config/contact"):
        assert after[kind] == before[kind]
    assert after["Product2"] > before["Product2"], "a flow that depends on nothing over its limit goes through"
    stopped = [c for c in result.get_asset_check_evaluations() if not c.passed and c.blocking]
    assert [(c.asset_key.to_user_string(), c.check_name) for c in stopped] == [("reconcile/accounts", "safe_to_write")]
    assert "to create" in (stopped[0].description or "")
    assert run(instance, config, "sync_all").success, "the same changes go through once the limit is lifted"
    assert population(sandbox)["Account"] > before["Account"]


def test_a_run_beside_another_writer_is_refused(synced, instance, config, tmp_path):
    far = "2999-01-01 00:00:00.000000"
    rows(tmp_path, "update leases set holder = 'somebody', host = 'elsewhere', pid = 1, expires_at = :far", far=far)
    result = run(instance, config, "sync_stock")
    assert not result.success
    assert "another run (somebody) is at work" in str([e.event_specific_data for e in result.all_events if e.is_step_failure])


def test_compare_proves_agreement_and_shows_it_on_the_plan(synced, instance, config):
    result = run(instance, config, "compare_all")
    assert result.success, failures(result)
    (observed,) = instance.fetch_observations(dg.AssetKey(["reconcile", "accounts"]), limit=1).records
    values = {name: value.value for name, value in observed.asset_observation.metadata.items()}
    assert values["equal"] > 0
    assert values["unexplained"] == 0


def test_compare_fails_when_a_difference_has_no_explanation(synced, instance, config, sandbox):
    link = next(pair for pair in sandbox.truth if pair.entity == "accounts")
    sandbox.org.write_as(sandbox.org.person, "Account", link.salesforce_id, {"Phone": "+1 415-555-0199"})
    result = run(instance, config, "compare_all")
    assert not result.success
    assert any("without an explanation" in str(event.event_specific_data) for event in result.all_events if event.is_failure)


def test_maintenance_runs_and_reports(synced, instance, config):
    result = run(instance, config, "maintenance")
    assert result.success, failures(result)

"""The real jobs against the real sandbox: what a run writes, shows and enters in the ledger, and never does twice.

Most tests share one world in which a first sync has been made; each leaves both sides agreeing.
"""

from decimal import Decimal
from typing import Any

import dagster as dg
import pytest
import yaml

from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.orchestration.build import build_definitions
from intacct_sf_pipeline.orchestration.partitions import TICK_TAG
from intacct_sf_pipeline_tests.orchestration.conftest import running_world
from intacct_sf_pipeline_tests.orchestration.jobs import ITEM, failures, metadata, population, run, today, written


@pytest.fixture(scope="module")
def synced(tmp_path_factory, config):
    """A world after its first sync, and that sync's result."""
    with running_world(tmp_path_factory.mktemp("synced")) as world:
        result = run(world.instance, config, "sync_all")
        assert result.success, failures(result)
        yield world, result


def ledger(world, run_id):
    query = "select kind, status, entities, finished_at from runs where run_id = :id"
    return world.rows(query, id=run_id)[0]


def test_a_second_tick_writes_nothing(synced, config):
    world, first = synced
    assert written(first)["created"] > 10
    before = population(world.sandbox)
    for _ in range(2):
        idle = run(world.instance, config, "sync_all")
        assert idle.success, failures(idle)
        assert written(idle).total() == 0
    assert population(world.sandbox) == before


def test_every_materialisation_carries_counts_spend_and_a_preview(synced):
    shown = metadata(synced[1])
    assert len(shown) == 25
    for key, values in shown.items():
        assert isinstance(values["seconds"], float), key
        assert isinstance(values["intacct_transactions"], int), key
        assert values["preview"], key
    accounts = shown["salesforce/accounts"]
    assert accounts["lag_seconds"] >= 0
    by_object = {row["object"]: row["read"] for row in records(accounts["preview"])}
    assert set(by_object) == {"Account", "Note", "ContentNote"}
    assert sum(by_object.values()) == accounts["read"]
    assert accounts["dagster/row_count"] == by_object["Account"]
    planned = records(shown["reconcile/accounts"]["preview"])
    assert set(planned[0]) == {"operation", "side", "intacct", "salesforce", "fields", "reason"}
    assert 0 < len(planned) <= 20
    assert shown["reconcile/accounts"]["create"] > 0


def records(preview):
    return [record.data for record in preview.records]


def test_no_value_of_a_person_and_no_secret_is_in_metadata_or_events(synced):
    world, first = synced
    events = "\n".join(repr(entry) for entry in world.instance.all_logs(first.run_id))
    credentials = world.sandbox.credentials
    assert credentials.intacct_client_secret not in events
    assert credentials.salesforce_client_secret not in events
    people = world.rows("select email, lastname, phone from landing_salesforce_contacts")
    values = {value for row in people for value in row if value and len(value) > 4}
    assert len(values) > 20
    assert {value for value in values if value in events} == set()


def test_the_ledger_says_what_the_run_was(synced):
    world, first = synced
    entry = ledger(world, first.run_id)
    assert entry.kind == "sync"
    assert entry.status in {"done", "held"}
    assert "contacts" in entry.entities
    assert entry.finished_at is not None


def test_a_backfill_reads_the_days_again_and_creates_nothing_twice(synced, config):
    world, _ = synced
    before = population(world.sandbox)
    result = run(world.instance, config, "sync_all", days=(today(3), today()))
    assert result.success, failures(result)
    assert metadata(result)["salesforce/accounts"]["read"] > 0
    assert written(result).total() == 0
    assert population(world.sandbox) == before
    assert ledger(world, result.run_id).kind == "backfill"
    days = world.instance.get_materialized_partitions(dg.AssetKey(["staging", "accounts"]))
    assert {today(back) for back in range(4)} <= days


def test_the_option_since_brings_back_what_the_watermark_has_passed(synced, config):
    world, _ = synced
    lost = world.rows("delete from landing_salesforce_contacts")
    assert lost > 0
    result = run(world.instance, config, "sync_customers", since=today(1000))
    assert result.success, failures(result)
    assert metadata(result)["salesforce/contacts"]["new"] == lost
    assert written(result)["created"] == 0


def test_a_tick_that_closes_yesterday_reads_from_the_watermark(synced, config):
    world, _ = synced
    result = run(world.instance, config, "sync_customers", days=(today(1), today()), tags={TICK_TAG: "true"})
    assert result.success, failures(result)
    assert ledger(world, result.run_id).kind == "sync"
    assert world.instance.get_materialized_partitions(dg.AssetKey(["staging", "accounts"])) >= {today(1), today()}


def test_a_run_beside_another_writer_is_refused(synced, config):
    world, _ = synced
    busy = "update leases set holder = :who, host = 'elsewhere', pid = 1, expires_at = '2999-01-01 00:00:00.000000'"
    world.rows(busy, who="somebody")
    try:
        result = run(world.instance, config, "sync_stock")
    finally:
        world.rows("update leases set holder = null, host = null, pid = null, expires_at = null")
    assert not result.success
    assert "another run (somebody, since " in failures(result)
    assert world.rows("select * from runs where run_id = :id", id=result.run_id) == []


def test_maintenance_runs_and_reports(synced, config):
    result = run(synced[0].instance, config, "maintenance")
    assert result.success, failures(result)


def test_compare_proves_agreement_and_heals_what_has_no_explanation_within_the_limits(synced, config):
    world, _ = synced
    agreed = run(world.instance, config, "compare_all")
    assert agreed.success, failures(agreed)
    (observed,) = world.instance.fetch_observations(dg.AssetKey(["reconcile", "accounts"]), limit=1).records
    values = {name: value.value for name, value in observed.asset_observation.metadata.items()}
    assert values["equal"] > 0
    assert values["unexplained"] == 0

    org = world.sandbox.org
    pair = next(pair for pair in world.sandbox.truth if pair.entity == "accounts")
    org.write_as(org.person, "Account", pair.salesforce_id, {"Phone": "+1 415-555-0199"})
    tight = world.folder / "tight.yaml"
    tight.write_text("version: 1\nlimits:\n  accounts: {update: 0}\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNC_CONFIG", str(tight))
        differing = run(world.instance, load_config(tight), "compare_all")
    assert not differing.success
    assert "differ without an explanation: {'accounts': 1}" in failures(differing)
    assert "1 to update in intacct, the limit is 0" in failures(differing)
    healing = run(world.instance, config, "compare_all")
    assert healing.success, failures(healing)
    (observed,) = world.instance.fetch_observations(dg.AssetKey(["reconcile", "accounts"]), limit=1).records
    values = {name: value.value for name, value in observed.asset_observation.metadata.items()}
    assert (values["unexplained"], values["healed"], values["healed_fields"]) == (0, 1, "phone: 1")
    assert written(run(world.instance, config, "sync_customers")).total() == 0


SCAFFOLD: dict[str, Any] = {
    "apply_plan": "", "force": [], "full": False, "limit": 0, "max_plan_age_days": 7, "plan_only": False,
    "retry_holds": False, "since": "", "until": "", "wait": 0,
}  # fmt: skip
"""What the Launchpad fills in by itself for the jobs that take options."""


@pytest.mark.parametrize(
    ("typed", "accepted"),
    [
        ("", True),
        ("resources: {run_options: {config: {full: true, limit: 5}}}", True),
        ("resources: {run_options: {config: {since: '2026-03-01', force: [budget]}}}", True),
        ("resources: {run_options: {config: {limt: 5}}}", False),
        ("resources: {run_options: {config: {limit: many}}}", False),
    ],
)
def test_what_is_typed_in_the_launchpad_of_a_plan_is_understood_or_refused_before_it_runs(config, typed, accepted):
    job = build_definitions(config).resolve_job_def("plan_only")
    given = yaml.safe_load(typed) or {}
    if accepted:
        options = dg.validate_run_config(job, given)["resources"]["run_options"]["config"]
        chosen = given.get("resources", {}).get("run_options", {}).get("config", {})
        assert options == SCAFFOLD | chosen
    else:
        with pytest.raises(dg.DagsterInvalidConfigError):
            dg.validate_run_config(job, given)


def test_a_plan_writes_nothing_and_says_what_a_sync_then_does(world, config):
    """Whatever the Launchpad was left to say: the job's name is a promise."""
    before = population(world.sandbox)
    planned = run(world.instance, config, "plan_only", **SCAFFOLD)
    assert planned.success, failures(planned)
    assert population(world.sandbox) == before
    assert ledger(world, planned.run_id).kind == "plan"
    done = run(world.instance, config, "sync_all")
    assert done.success, failures(done)
    for entity in config.mapping.enabled():
        said, did = (metadata(result)[f"reconcile/{entity.name}"] for result in (planned, done))
        assert "rehearsal" in said["note"]
        for operation in ("create", "update", "link", "deactivate", "held"):
            assert said[operation] == did[operation], (entity.name, operation)
    assert population(world.sandbox) != before


def configured(world, monkeypatch, text: str) -> SyncConfig:
    """The configuration of a file that says `text`, which `SYNC_CONFIG` names from now on."""
    path = world.folder / "sync.yaml"
    path.write_text(f"version: 1\n{text}", encoding="utf-8")
    monkeypatch.setenv("SYNC_CONFIG", str(path))
    return load_config(path)


def test_a_run_over_its_limit_stops_before_writing_and_says_so(world, config, monkeypatch):
    before = population(world.sandbox)
    limited = configured(world, monkeypatch, "limits: {accounts: {create: 0}}")
    result = run(world.instance, limited, "sync_all")
    assert not result.success
    after = population(world.sandbox)
    customers = ("Account", "Contact", "accounts-receivable/customer", "company-config/contact")
    assert [after[kind] for kind in customers] == [before[kind] for kind in customers]
    assert after["PricebookEntry"] > before["PricebookEntry"], "flows that do not depend on accounts go through"
    stopped = [check for check in result.get_asset_check_evaluations() if not check.passed and check.blocking]
    assert [(check.asset_key.to_user_string(), check.check_name) for check in stopped] == [
        ("reconcile/accounts", "safe_to_write")
    ]
    assert "more than 0 to create" in (stopped[0].description or "")
    monkeypatch.delenv("SYNC_CONFIG")
    lifted = run(world.instance, config, "sync_all")
    assert lifted.success, failures(lifted)
    assert population(world.sandbox)["Account"] > before["Account"]


def test_a_named_override_lets_a_run_over_its_limit_pass_and_an_unknown_name_is_refused(world, monkeypatch):
    limited = configured(world, monkeypatch, "limits: {accounts: {create: 0}, contacts: {create: 0}}")
    refused = run(world.instance, limited, "sync_all", force=["accounts.creat"])
    assert not refused.success
    assert "accounts.create, accounts.update" in failures(refused)
    before = population(world.sandbox)
    result = run(world.instance, limited, "sync_all", force=["accounts.create"])
    assert not result.success
    after = population(world.sandbox)
    assert after["Account"] > before["Account"]
    assert after["Contact"] == before["Contact"], "a limit that is not named still holds"
    (check,) = [
        check
        for check in result.get_asset_check_evaluations()
        if check.check_name == "safe_to_write" and check.asset_key.to_user_string() == "reconcile/accounts"
    ]
    assert check.passed
    assert any("let pass by --force" in name for name in check.metadata)


def test_a_breaker_that_stops_fails_the_check_before_anything_is_written(world, config, monkeypatch):
    assert run(world.instance, config, "sync_all").success
    text = "entities: {prices: {fields: {unit_price: {breaker: {rise_percent: 50, action: stop}}}}}"
    strict = configured(world, monkeypatch, text)
    company = world.sandbox.company
    key = next(iter(company.store.tables[ITEM].rows))
    prices = {row["Id"]: row["UnitPrice"] for row in world.sandbox.org.db.table("PricebookEntry").live()}
    cost = Decimal(str(company.read("item", key, "purchasing.standardCost")["purchasing.standardCost"] or 1))
    company.edit("item", key, {"purchasing.standardCost": str(cost * 3)})
    result = run(world.instance, strict, "sync_catalogue")
    assert not result.success
    (stopped,) = [check for check in result.get_asset_check_evaluations() if not check.passed and check.blocking]
    assert stopped.asset_key.to_user_string() == "reconcile/prices"
    assert "values of unit_price that break their bounds: 1" in (stopped.description or "")
    assert {row["Id"]: row["UnitPrice"] for row in world.sandbox.org.db.table("PricebookEntry").live()} == prices
    passed = run(world.instance, strict, "sync_catalogue", force=["prices.unit_price"])
    assert passed.success, failures(passed)
    assert world.rows("select field from journal where operation = 'force'") == [("prices.unit_price",)]


def test_what_a_limit_holds_is_a_warning_with_the_counts_and_nothing_stops(world, config, monkeypatch):
    assert run(world.instance, config, "sync_all").success
    limited = configured(world, monkeypatch, "limits: {accounts: {deactivate: 0}, contacts: {deactivate: null}}")
    org = world.sandbox.org
    pair = next(pair for pair in world.sandbox.truth if pair.entity == "accounts")
    org.delete_as(org.person, "Account", pair.salesforce_id)
    result = run(world.instance, limited, "sync_customers")
    assert result.success, failures(result)
    (check,) = [
        check
        for check in result.get_asset_check_evaluations()
        if check.check_name == "safe_to_write" and check.asset_key.to_user_string() == "reconcile/accounts"
    ]
    assert not check.passed
    assert check.severity.value == "WARN"
    shown = {name: value.value for name, value in check.metadata.items()}
    assert shown["intacct: more than 0 to deactivate; held for approval"] == 1
    assert shown["intacct deactivate"] == 0

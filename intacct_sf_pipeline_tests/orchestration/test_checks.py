"""The checks see what they promise to see: tampering with a synced staging database trips exactly the right one."""

from dataclasses import dataclass
from typing import Any

import pytest

from intacct_sf_pipeline.model.records import SIDES
from intacct_sf_pipeline.orchestration.checks import Findings
from intacct_sf_pipeline.staging.checks_queries import CheckQueries
from intacct_sf_pipeline.staging.setup import open_staging
from intacct_sf_pipeline_tests.orchestration.conftest import World, running_world
from intacct_sf_pipeline_tests.orchestration.jobs import failures, run, today


@dataclass(frozen=True)
class Synced:
    """A world after its first sync, and the questions on its staging database."""

    world: World
    run_id: str
    questions: CheckQueries

    def requeue(self, entity: str, side: str, where: str = "1 = 1") -> int:
        """Let records of a side wait for a decision again."""
        return self.world.rows(
            "insert into reconcile_queue (entity, side, record_key, enqueued_at) "
            f"select '{entity}', '{side}', record_key, '2026-01-01 00:00:00.000000' "
            f"from canonical_{entity}_{side} where {where}"
        )


@pytest.fixture(scope="module")
def synced(tmp_path_factory, config):
    """Synced once for all tests; each cleans up what it tampered with."""
    with running_world(tmp_path_factory.mktemp("checks")) as world:
        result = run(world.instance, config, "sync_all")
        assert result.success, failures(result)
        store = open_staging(f"sqlite:///{world.folder / 'staging.db'}", config.mapping, lambda: None, upgrade=False)
        yield Synced(world, result.run_id, CheckQueries(store.database, store.tables))
        store.database.engine.dispose()


@pytest.fixture
def accounts(config):
    return config.mapping.entity("accounts")


@pytest.fixture
def clean(synced):
    yield synced
    synced.world.rows("delete from reconcile_queue")


def linked_pair(synced) -> list[Any]:
    return synced.world.rows(
        "select c.record_key, c.match_external_id from canonical_accounts_salesforce c "
        "join links l on l.entity = 'accounts' and l.salesforce_id = c.record_key "
        "where c.match_external_id is not null order by c.record_key limit 2"
    )


def test_a_settled_database_trips_nothing(clean, config):
    for entity in config.mapping.enabled():
        for side in SIDES:
            clean.requeue(entity.name, side.value)
        assert clean.questions.waiting(entity) > 0
        assert clean.questions.double_links(entity) == 0
        assert clean.questions.dangling_references(entity) == 0
        assert all(
            not copies.shared and not copies.linked for copies in clean.questions.shared_external_ids(entity).values()
        )
        assert clean.questions.disagreeing(entity, clean.run_id) == {}
        assert clean.questions.touched_twice(entity, clean.run_id) == 0
        assert all(clean.questions.unsettled(entity, side, clean.run_id) == {} for side in SIDES)


def test_nothing_waiting_means_nothing_is_asked(clean, accounts):
    assert clean.questions.waiting(accounts) == 0
    assert clean.questions.waiting_keys(accounts) == []


def test_two_linked_records_with_one_external_id_are_an_error_and_a_copy_is_not(clean, accounts):
    (first, own), (second, theirs) = linked_pair(clean)
    clean.requeue("accounts", "salesforce", f"record_key = '{first}'")
    change = "update canonical_accounts_salesforce set match_external_id = :value where record_key = :key"
    clean.world.rows(change, value=own, key=second)
    try:
        found = clean.questions.shared_external_ids(accounts)[SIDES[1]]
        assert (found.shared, found.linked) == (2, 1)
        keep = clean.world.rows(
            "select intacct_key from links where entity = 'accounts' and salesforce_id = :key", key=second
        )
        clean.world.rows(
            "update links set salesforce_id = 'nobody' where entity = 'accounts' and salesforce_id = :key", key=second
        )
        found = clean.questions.shared_external_ids(accounts)[SIDES[1]]
        assert (found.shared, found.linked) == (2, 0)
        clean.world.rows(
            "update links set salesforce_id = :key where entity = 'accounts' and intacct_key = :partner",
            key=second,
            partner=keep[0][0],
        )
    finally:
        clean.world.rows(change, value=theirs, key=second)


def test_a_reference_to_a_record_that_is_not_staged_is_seen(clean, config):
    contacts = config.mapping.entity("contacts")
    (key, account) = clean.world.rows("select record_key, account from canonical_contacts_salesforce limit 1")[0]
    change = "update canonical_contacts_salesforce set account = :value where record_key = :key"
    clean.world.rows(change, value="salesforce:001000000000000AAA", key=key)
    clean.requeue("contacts", "salesforce", f"record_key = '{key}'")
    try:
        assert clean.questions.dangling_references(contacts) == 1
    finally:
        clean.world.rows(change, value=account, key=key)


def test_a_written_record_that_differs_afterwards_is_seen_by_field(clean, accounts):
    key, phone = clean.world.rows(
        "select c.record_key, c.phone from canonical_accounts_salesforce c "
        "join plan_lines p on p.target_key = c.record_key "
        "where p.entity = 'accounts' and p.side = 'salesforce' and p.status = 'written' and c.phone is not null limit 1"
    )[0]
    change = "update canonical_accounts_salesforce set phone = :value where record_key = :key"
    clean.world.rows(change, value="+14155550100", key=key)
    try:
        assert clean.questions.disagreeing(accounts, clean.run_id) == {"phone": 1}
    finally:
        clean.world.rows(change, value=phone, key=key)


def test_a_line_left_open_and_a_record_planned_twice_are_seen(clean, accounts):
    line = clean.world.rows(
        "select line_id, target_key from plan_lines "
        "where entity = 'accounts' and side = 'salesforce' and operation = 'link'"
    )
    (first, own), (_, other) = line[:2]
    change = "update plan_lines set status = :status, target_key = :key where line_id = :line"
    clean.world.rows(change, status="sent", key=other, line=first)
    try:
        assert clean.questions.unsettled(accounts, SIDES[1], clean.run_id) == {"sent": 1}
        assert clean.questions.touched_twice(accounts, clean.run_id) == 1
    finally:
        clean.world.rows(change, status="written", key=own, line=first)


def test_a_broken_identity_stops_the_run_before_anything_is_written(clean, config):
    (first, own), (second, theirs) = linked_pair(clean)
    change = "update canonical_accounts_salesforce set match_external_id = :value where record_key = :key"
    clean.world.rows(change, value=own, key=second)
    clean.requeue("accounts", "salesforce", f"record_key = '{first}'")
    try:
        stopped = run(clean.world.instance, config, "sync_customers")
    finally:
        clean.world.rows(change, value=theirs, key=second)
    assert not stopped.success
    keys = {event.asset_key.to_user_string() for event in stopped.get_asset_materialization_events()}
    assert "staging/accounts" in keys
    assert not any("reconcile" in key or "writeback" in key for key in keys)
    assert clean.world.instance.get_run_by_id(stopped.run_id).tags["dagster/partition"] == today()


def test_findings_stop_a_run_only_for_errors():
    found = Findings()
    found.warn("held: conflict", 2)
    found.error("records with two partners", 0)
    warned = found.result()
    assert not warned.passed
    assert warned.severity.value == "WARN"
    found.error("records planned twice", 1)
    assert found.result().severity.value == "ERROR"
    assert "records planned twice: 1" in found.result().description
    assert Findings().result().passed

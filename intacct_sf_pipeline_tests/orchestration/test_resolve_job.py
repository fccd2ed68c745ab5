"""`resolve_holds` from the Launchpad: decisions stored, then carried out by a sync with every check of its own."""

import dagster as dg
import pytest

from intacct_sf_pipeline.orchestration.build import build_definitions
from intacct_sf_pipeline.orchestration.resolve_job import ASKED_BY_TAG, concerned

from .jobs import CUSTOMER, QUIET, failures, headline, run

POINTS_NOWHERE = {"Name": "Points Nowhere Ltd", "Type": "Customer - Direct", "IntacctID__c": "GONE-9"}


def launch(world, config, **given):
    job = build_definitions(config).resolve_job_def("resolve_holds")
    ops = {"ops": {"carry_out_decisions": {"config": given}}}
    return job.execute_in_process(instance=world.instance, run_config=QUIET | ops, raise_on_error=False)


@pytest.fixture
def held(world, config):
    """A synced world with one account on hold; its id and the number of its hold."""
    org = world.sandbox.org
    account = org.create_as(org.person, "Account", POINTS_NOWHERE)
    assert run(world.instance, config, "sync_all").success
    (number,) = world.rows("SELECT hold_id FROM v_holds WHERE record_key = :key", key=account)[0]
    return account, number


def test_a_decision_is_stored_and_carried_out_in_one_go(world, config, held, tmp_path):
    account, number = held
    before = world.sandbox.company.count(CUSTOMER)
    (tmp_path / "decisions.csv").write_text(
        f"hold_id;verdict;note\n{number};create;new customer\n", encoding="utf-8-sig"
    )
    result = launch(world, config, file=str(tmp_path / "decisions.csv"), by="Jo")
    assert result.success, failures(result)
    assert world.sandbox.company.count(CUSTOMER) == before + 1
    assert world.rows("SELECT * FROM v_holds WHERE record_key = :key", key=account) == []
    (decision,) = world.rows("SELECT verdict, decided_by, note, closed_at FROM v_decisions")
    assert decision[:3] == ("create", "Jo", "new customer")
    (synced,) = world.instance.get_runs(dg.RunsFilter(tags={ASKED_BY_TAG: result.run_id}))
    assert synced.status is dg.DagsterRunStatus.SUCCESS
    checks = world.instance.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(dg.AssetKey(["reconcile", "accounts"]), "safe_to_write"), limit=1
    )
    assert checks[0].run_id == synced.run_id, "the guard looked at this plan, too"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "nothing is decided - Give `decisions`, or the path of a sheet as `file`"),
        ({"file": "nowhere.csv"}, "nowhere.csv: it cannot be read: No such file or directory"),
        ({"decisions": [{"hold_id": 999, "verdict": "create"}]}, "decision 1, column hold_id: there is no hold 999"),
    ],
)
def test_bad_input_is_refused_in_the_words_of_the_command_line(world, config, given, told):
    result = launch(world, config, **given)
    assert not result.success
    assert told in failures(result)
    assert told in headline(result)
    assert world.rows("SELECT * FROM decisions") == []


def test_a_decision_about_accounts_concerns_their_contacts_too(config):
    flows = [flow.name for flow in concerned(config.mapping, {"accounts"})]
    assert flows == ["accounts", "contacts"]
    assert [flow.name for flow in concerned(config.mapping, {"prices"})] == ["prices"]
    assert concerned(config.mapping, set()) == []

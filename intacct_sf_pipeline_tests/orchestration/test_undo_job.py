"""`undo_run` from the Launchpad: what it writes, shows and enters in the ledger, and what it refuses."""

import dagster as dg
import pytest

from intacct_sf_pipeline.orchestration.build import build_definitions

from .jobs import QUIET, failures, headline, run


def launch(world, config, **given):
    job = build_definitions(config).resolve_job_def("undo_run")
    ops = {"ops": {"put_back_values": {"config": given}}}
    return job.execute_in_process(instance=world.instance, run_config=QUIET | ops, raise_on_error=False)


def observed(world, *key):
    (record,) = world.instance.fetch_observations(dg.AssetKey(list(key)), limit=1).records
    return {name: value.value for name, value in record.asset_observation.metadata.items()}


@pytest.fixture
def renamed(world, config):
    """A synced world in which an account was renamed and the customer followed; the run that wrote it, id and name."""
    assert run(world.instance, config, "sync_all").success
    pair = next(pair for pair in world.sandbox.truth if pair.entity == "accounts")
    customer = world.sandbox.company.read("customer", pair.intacct_id, "key", "name")
    org = world.sandbox.org
    org.write_as(org.person, "Account", pair.salesforce_id, {"Name": "Renamed by mistake"})
    result = run(world.instance, config, "sync_customers")
    assert result.success, failures(result)
    return result.run_id, str(customer["key"]), str(customer["name"])


def test_a_plan_then_the_undo_are_shown_where_the_writes_are(world, config, renamed):
    run_id, key, before = renamed
    planned = launch(world, config, run_id=run_id[:10], entity="accounts", plan=True)
    assert planned.success, failures(planned)
    assert world.sandbox.company.read("customer", key, "name")["name"] == "Renamed by mistake"
    assert observed(world, "intacct_writeback", "customers")["planned"] == 1
    assert observed(world, "salesforce_writeback", "accounts")["planned"] == 0
    assert "rehearsal" in observed(world, "intacct_writeback", "customers")["note"]

    done = launch(world, config, run_id=run_id)
    assert done.success, failures(done)
    assert world.sandbox.company.read("customer", key, "name")["name"] == before
    told = observed(world, "intacct_writeback", "customers")
    assert (told["undoes"], told["updated"], told["left"]) == (run_id, 1, 0)
    assert told["intacct_transactions"] > 0
    assert "salesforce_calls" not in told
    other = observed(world, "salesforce_writeback", "accounts")
    assert (other["undoes"], other["updated"], other["planned"], other["left"]) == (run_id, 0, 0, 0)
    ((kind, status, detail),) = world.rows("select kind, status, detail from runs where run_id = :r", r=done.run_id)
    assert (kind, status, run_id in detail) == ("undo", "done", True)
    rules = world.rows("select distinct rule, reason from journal where run_id = :r", r=done.run_id)
    assert [tuple(row) for row in rules] == [("undo", f"undone: run {run_id}")]
    idle = run(world.instance, config, "sync_customers")
    assert idle.success, failures(idle)
    assert not world.rows("select 1 from journal where run_id = :r", r=idle.run_id)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"run_id": "nowhere"}, "there is no run 'nowhere'"),
        ({"run_id": "{run}", "entity": "accounts", "record": "nobody"}, "no record of accounts has the key 'nobody'"),
        ({"run_id": "{run}", "field": "nmae"}, "Did you mean 'name'?"),
    ],
)
def test_what_is_not_understood_is_refused_in_the_words_of_the_command_line(world, config, renamed, given, told):
    result = launch(world, config, **{name: value.format(run=renamed[0]) for name, value in given.items()})
    assert not result.success
    assert told in failures(result)
    assert told in headline(result)

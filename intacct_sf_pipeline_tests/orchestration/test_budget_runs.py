"""Runs on a tight budget: what matters less is left out and the run says so everywhere; money is in the metadata."""

from pathlib import Path

import pytest

from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline_tests.orchestration.conftest import running_world
from intacct_sf_pipeline_tests.orchestration.jobs import failures, metadata, run

WAITS = "waits for the budget"


@pytest.fixture(scope="module")
def world(tmp_path_factory, config):
    """A world after its first sync, which had no budget."""
    with running_world(tmp_path_factory.mktemp("budget")) as world:
        first = run(world.instance, config, "sync_all")
        assert first.success, failures(first)
        yield world


@pytest.fixture
def tight(world, monkeypatch, tmp_path: Path):
    """The configuration in which flows of low priority have to wait."""
    (used,) = world.rows("SELECT SUM(billed) FROM api_spend WHERE system = 'intacct'")[0]
    file = tmp_path / "sync.yaml"
    file.write_text(
        f"version: 1\nbudget: {{intacct: {{per_day: {used + 300}, reserve: 100}}}}\n"
        f"costs: {{currency: EUR, intacct: {{included: {used - 15}, pack: 10, price: 0.15}}}}\n"
    )
    monkeypatch.setenv("SYNC_CONFIG", str(file))
    return load_config(file)


def watermarks(world):
    """How far each feed has been read."""
    return {(row[0], row[1]): row[2] for row in world.rows("SELECT side, feed, read_up_to FROM v_freshness")}


def test_flows_that_wait_are_left_out_and_everything_says_so(world, tight):
    before = watermarks(world)
    result = run(world.instance, tight, "sync_all")
    assert result.success, failures(result)
    shown = metadata(result)
    waiting = {key for key, values in shown.items() if WAITS in values}
    assert {"intacct/stock", "staging/stock", "reconcile/stock", "salesforce_writeback/stock"} <= waiting
    assert not {"intacct/customers", "staging/accounts", "salesforce_writeback/products"} & waiting
    assert shown["intacct/stock"]["waiting"] == 1
    after = watermarks(world)
    assert after["intacct", "stock"] == before["intacct", "stock"]
    assert after["salesforce", "accounts"] > before["salesforce", "accounts"]
    (detail,) = world.rows("SELECT detail FROM runs WHERE run_id = :id", id=result.run_id)[0]
    assert '"waiting"' in detail
    told = {
        check.asset_key.path[-1]: check.passed
        for check in result.get_asset_check_evaluations()
        if check.check_name == "settled" and "salesforce_writeback" in check.asset_key.path
    }
    assert told["stock"] is False
    log = "\n".join(entry.user_message for entry in world.instance.all_logs(result.run_id))
    assert f"stock {WAITS}" in log


def test_the_comparison_waits_as_a_whole_and_force_lets_a_sync_pass(world, tight):
    compared = run(world.instance, tight, "compare_all")
    assert compared.success, failures(compared)
    (detail,) = world.rows("SELECT detail FROM runs WHERE run_id = :id", id=compared.run_id)[0]
    assert '"compare"' in detail
    spent = "SELECT COUNT(*) FROM api_spend WHERE run_id = :id"
    assert world.rows(spent, id=compared.run_id)[0][0] == 0
    forced = run(world.instance, tight, "sync_stock", force=["budget"])
    assert forced.success, failures(forced)
    assert not any(WAITS in values for values in metadata(forced).values())
    journaled = "SELECT entity FROM v_journal WHERE run_id = :id AND operation = 'force' AND field = 'budget'"
    assert world.rows(journaled, id=forced.run_id) == [("stock",)]


def test_metadata_show_the_month_its_forecast_and_the_overage_in_money(world, tight):
    result = run(world.instance, tight, "sync_customers")
    assert result.success, failures(result)
    shown = metadata(result)["salesforce_writeback/contacts"]
    (used,) = world.rows("SELECT SUM(billed) FROM api_spend WHERE system = 'intacct'")[0]
    assert shown["intacct_month_to_date"] == used
    assert shown["intacct_month_forecast"] >= used
    assert shown["intacct_month_over"] >= 15
    packs = -(-shown["intacct_month_over"] // 10)
    assert shown["intacct_month_cost"].startswith(f"{packs * 15 / 100:.2f} EUR, forecast ")
    assert "salesforce_month_over" not in shown

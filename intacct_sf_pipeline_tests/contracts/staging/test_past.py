"""Looking back: what a run wrote, who wrote later, what waits, and who has no partner; on every database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.plans import JournalEntry, LineStatus, Operation
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.staging.undo_report import undo_report
from intacct_sf_pipeline.staging.undo_target import find_target

from .kit import START, Kit, line

SALESFORCE = Side.SALESFORCE


def journal(kit: Kit, run_id: str, *entries: tuple[str, str, Any, Any], side: Side = SALESFORCE) -> None:
    """Key, field, before and after of what a run wrote."""
    rows = [
        JournalEntry(run_id, "accounts", side, key, Operation.UPDATE, name, before, after, "newest", "why", START)
        for key, name, before, after in entries
    ]
    kit.store.commit_outcomes(
        kit.entity("accounts"), (), {}, settlements=(), journal=rows, predicted=(), records=(), side=side, run_id=run_id
    )


def test_the_records_of_a_run_come_back_whole_in_pages(kit: Kit) -> None:
    entries = [(f"00{number}", "name", None, f"Name {number}") for number in range(7)]
    journal(kit, "run-1", *entries, ("003", "credit", Decimal("1.50"), Decimal("2.50")))
    journal(kit, "run-1", ("5", "name", "a", "b"), side=Side.INTACCT)
    journal(kit, "run-2", ("003", "name", "Name 3", "Other"))
    pages = list(kit.store.written_by(kit.entity("accounts"), "run-1", size=3))
    assert [[(record.side, record.key) for record in page] for page in pages] == [
        [(Side.INTACCT, "5")],
        [(SALESFORCE, "000"), (SALESFORCE, "001"), (SALESFORCE, "002")],
        [(SALESFORCE, "003"), (SALESFORCE, "004"), (SALESFORCE, "005")],
        [(SALESFORCE, "006")],
    ]
    third = pages[2][0].by_field()
    assert {name: (e.before, e.after) for name, (e,) in third.items()} == {
        "name": (None, "Name 3"),
        "credit": (Decimal("1.50"), Decimal("2.50")),
    }
    only = list(kit.store.written_by(kit.entity("accounts"), "run-1", keys={SALESFORCE: "004"}, size=3))
    assert [[record.key for record in page] for page in only] == [["004"]]


def test_the_last_later_writer_of_each_field_is_named(kit: Kit) -> None:
    journal(kit, "run-1", ("001", "name", "a", "b"), ("002", "name", "a", "b"))
    journal(kit, "run-2", ("001", "name", "b", "c"))
    journal(kit, "run-3", ("001", "name", "c", "d"), ("001", "credit", None, "1"))
    found = kit.store.written_since(kit.entity("accounts"), SALESFORCE, ["001", "002"], "run-1")
    assert found == {("001", "name"): "run-3", ("001", "credit"): "run-3"}
    assert kit.store.written_since(kit.entity("accounts"), SALESFORCE, ["001"], "run-3") == {}


def test_a_write_that_is_entered_late_hides_no_later_writer_of_another_record(kit: Kit) -> None:
    journal(kit, "run-1", ("001", "name", "a", "b"))
    journal(kit, "run-2", ("001", "name", "b", "c"))
    journal(kit, "run-1", ("002", "name", "a", "b"))  # its answer was missing until now
    found = kit.store.written_since(kit.entity("accounts"), SALESFORCE, ["001", "002"], "run-1")
    assert found == {("001", "name"): "run-2"}


def test_a_flow_of_which_all_answers_are_missing_is_part_of_an_undo(kit: Kit) -> None:
    kit.store.start_run("run-1", kind="sync", entities=["accounts"], at=START)
    sent = line("run-1/a", run_id="run-1")
    kit.store.plan(kit.entity("accounts"), [sent])
    assert find_target(kit.store, "run-1").entities == ()
    kit.store.mark([sent], LineStatus.SENT)
    assert [entity.name for entity in find_target(kit.store, "run-1").entities] == ["accounts"]


def test_what_waits_is_told_from_what_came_later(kit: Kit) -> None:
    entity = kit.entity("accounts")
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "One"}))
    mark = kit.store.queue_mark(entity)
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("2", {"name": "Two"}))
    waiting = kit.store.waiting(entity, [(Side.INTACCT, "1"), (Side.INTACCT, "2"), (SALESFORCE, "1")])
    assert {key: token <= mark for key, token in waiting.items()} == {
        (Side.INTACCT, "1"): True,
        (Side.INTACCT, "2"): False,
    }


def test_records_without_a_partner_are_streamed_in_key_order(kit: Kit) -> None:
    kit.linked("accounts", "1", "001", name="One")
    kit.stage("accounts", Side.INTACCT, *(CanonicalRecord(str(key), {"name": f"N{key}"}) for key in (2, 3, 4)))
    kit.stage("accounts", SALESFORCE, CanonicalRecord("009", {"name": "Nine"}))
    pages = list(kit.store.alone(kit.entity("accounts"), Side.INTACCT, size=2))
    assert [[record.key for record in page] for page in pages] == [["2", "3"], ["4"]]
    assert [
        [r.values["name"] for r in page] for page in kit.store.alone(kit.entity("accounts"), SALESFORCE, size=2)
    ] == [["Nine"]]


def test_writes_without_an_answer_are_known_by_both_their_records(kit: Kit) -> None:
    entity = kit.entity("accounts")
    lines = [line("run-1/a"), line("run-1/b", target_key="00B", source_key=None)]
    kit.store.plan(entity, lines)
    assert kit.store.unanswered(entity) == set()
    kit.store.mark(lines, LineStatus.SENT)
    assert kit.store.unanswered(entity) == {(SALESFORCE, "001A"), (Side.INTACCT, "1"), (SALESFORCE, "00B")}


def test_planning_outside_of_reconciliation_leaves_holds_alone(kit: Kit, make_hold: Any) -> None:
    entity = kit.entity("accounts")
    kit.store.keep_back(entity, (), LineStatus.HELD, [make_hold("1")], run_id="run-1")
    kit.store.plan(entity, [line("run-2/a", run_id="run-2")])
    assert kit.store.open_hold_fields("accounts", [(Side.INTACCT, "1")])
    assert [each.line_id for each in kit.store.planned(entity, SALESFORCE, run_id="run-2", limit=5)] == ["run-2/a"]


def test_a_run_is_found_by_the_beginning_of_its_id_or_near_ones_are_named(kit: Kit) -> None:
    for number, run_id in enumerate(("abcd-1111", "abcd-2222", "ef%_-1", "[a]/b-1")):
        kit.store.start_run(run_id, kind="sync", entities=["accounts"], at=START + timedelta(hours=number))
        journal(kit, run_id, ("001", "name", "a", "b"))
    assert find_target(kit.store, "abcd-1").undo.undoes == "abcd-1111"
    assert find_target(kit.store, "ef%").undo.undoes == "ef%_-1"
    assert find_target(kit.store, "[a]/").undo.undoes == "[a]/b-1"
    for text, told in (
        ("abcd", "abcd-2222, abcd-1111"),
        ("abcd-2122", "did you mean abcd-2222"),
        ("%", "there is no run '%'"),
        ("[b]", "there is no run"),
    ):
        with pytest.raises(ConfigurationError, match=told):
            find_target(kit.store, text)


def test_a_report_tells_every_end_of_a_planned_undo(kit: Kit) -> None:
    entity = kit.entity("accounts")
    kit.store.start_run("undo-1", kind="undo", entities=["accounts"], at=START)
    ends = {
        LineStatus.WRITTEN: "put_back",
        LineStatus.REJECTED: "left",
        LineStatus.FAILED: "left",
        LineStatus.HELD: "left",
        LineStatus.UNKNOWN: "open",
        LineStatus.SENT: "open",
    }
    for status in ends:
        planned = line(f"undo-1/{status}", run_id="undo-1", target_key=f"00{status}")
        kit.store.plan(entity, [planned])
        kit.store.mark([planned], status)
    kit.store.finish_run("undo-1", status="done", at=START)
    report = undo_report(kit.store.database, "undo-1")
    assert {field["key"].removeprefix("00"): field["verdict"] for field in report["fields"]} == ends
    assert (report["put_back"], report["left"], report["open"], report["status"]) == (1, 3, 2, "failed")
    assert all(field["reason"] for field in report["fields"])

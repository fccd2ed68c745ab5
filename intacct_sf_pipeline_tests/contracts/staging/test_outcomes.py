"""After a write: journal, links, baselines, and an echo that is no change, all of it or nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from intacct_sf_pipeline.model.errors import LinkConflictError
from intacct_sf_pipeline.model.plans import Baseline, JournalEntry, LineStatus, Operation, Settlement
from intacct_sf_pipeline.model.records import CanonicalRecord, Side, SourceRow
from intacct_sf_pipeline.model.results import LandCounts

RUN = "run-1"


def commit(kit, entity, side, *lines, settlements=(), journal=(), predicted=(), records=(), status=LineStatus.WRITTEN):
    kit.store.commit_outcomes(
        kit.entity(entity),
        lines,
        {line.line_id: status for line in lines},
        settlements=settlements,
        journal=journal,
        predicted=predicted,
        records=records,
        side=side,
        run_id=RUN,
    )


def entry(kit, field="credit", before=Decimal("1.50"), after=Decimal("2.5"), at=None):
    return JournalEntry(
        RUN,
        "accounts",
        Side.SALESFORCE,
        "001A",
        Operation.UPDATE,
        field,
        before,
        after,
        "newest",
        "changed",
        at or kit.clock(),
    )


def account(key="001A", **values):
    return SourceRow(
        key,
        {"Name": "Alpha", "Phone": "1", "IntacctID__c": "C1", **values},
        datetime.fromisoformat("2026-03-01T00:00:00+00:00"),
    )


@pytest.fixture
def written(kit, make_line):
    """A landed and staged account that was just written."""
    feed = kit.feed("accounts", Side.SALESFORCE)
    kit.land(feed, account())
    batch = kit.store.stage_batch(kit.entity("accounts"), Side.SALESFORCE, 10)
    record = CanonicalRecord("001A", {"name": "Alpha", "phone": "+1"}, {"phone": "1"}, match_keys={"name": "alpha"})
    kit.store.commit_stage(kit.entity("accounts"), Side.SALESFORCE, batch, [record], run_id=RUN)
    kit.staged_keys("contacts", Side.SALESFORCE)
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", (make_line("L1"),)))
    commit(
        kit,
        "accounts",
        Side.SALESFORCE,
        make_line("L1"),
        predicted=[SourceRow("001A", {"Phone": "2"})],
        records=[CanonicalRecord("001A", {"phone": "+2"}, {"phone": "2"})],
        journal=[entry(kit)],
    )
    return feed


def test_reading_back_what_was_written_is_no_change(kit, written):
    later = datetime.fromisoformat("2026-03-02T09:00:01+00:00")
    row = account(Phone="2")
    assert kit.land(written, SourceRow(row.key, row.values, later)) == LandCounts(1)
    assert kit.staged_keys("accounts", Side.SALESFORCE) == []
    assert kit.waiting("accounts") == []


def test_fields_that_were_not_written_keep_their_value(kit, written):
    found = kit.store.records(kit.entity("accounts"), Side.SALESFORCE, ["001A"])["001A"]
    assert (found.values["name"], found.values["phone"], found.raw) == ("Alpha", "+2", {"phone": "2"})
    assert found.match_keys["name"] == "alpha"
    (row,) = kit.rows("SELECT name, phone, intacctid__c FROM landing_salesforce_accounts")
    assert row == {"name": "Alpha", "phone": "2", "intacctid__c": "C1"}


def test_a_late_read_that_still_shows_the_old_content_is_no_change_back(kit, written):
    assert kit.land(written, account()) == LandCounts(1)
    assert kit.staged_keys("accounts", Side.SALESFORCE) == []


def test_the_old_content_with_a_newer_stamp_is_somebodys_edit(kit, written):
    row = account()
    assert kit.land(written, SourceRow(row.key, row.values, row.modified + timedelta(days=2))).changed == 1


def test_a_read_that_shows_the_old_content_for_long_is_believed(kit, written):
    kit.clock.advance(minutes=16)
    assert kit.land(written, account()).changed == 1


def test_other_flows_that_use_the_written_columns_look_at_them(kit, make_line):
    kit.land(kit.feed("accounts", Side.SALESFORCE), account())
    kit.land(kit.feed("people", Side.SALESFORCE), SourceRow("0031", {"LastName": "Ito", "AccountId": "001A"}))
    kit.staged_keys("accounts", Side.SALESFORCE)
    kit.staged_keys("contacts", Side.SALESFORCE)
    commit(kit, "accounts", Side.SALESFORCE, make_line("L1"), predicted=[SourceRow("001A", {"Phone": "2"})])
    assert kit.staged_keys("contacts", Side.SALESFORCE) == []
    commit(kit, "accounts", Side.SALESFORCE, make_line("L1"), predicted=[SourceRow("001A", {"Name": "Beta"})])
    assert kit.staged_keys("contacts", Side.SALESFORCE) == ["0031"]
    assert kit.staged_keys("accounts", Side.SALESFORCE) == []


def test_a_created_record_is_linked_and_its_line_knows_its_key(kit, make_line):
    create = make_line("L1", operation=Operation.CREATE, target_key=None, source_key="1")
    kit.reconcile("accounts", Settlement("accounts", "1", None, (create,)))
    settlement = Settlement(
        "accounts", "1", "001N", link=kit.link("accounts", "1", "001N"), baseline=Baseline({"name": "A"})
    )
    predicted = SourceRow("001N", {"Name": "A", "IntacctID__c": "C1"})
    commit(
        kit,
        "accounts",
        Side.SALESFORCE,
        create,
        settlements=[settlement],
        predicted=[predicted],
        records=[CanonicalRecord("001N", {"name": "A"})],
    )
    assert kit.rows("SELECT status, target_key FROM plan_lines") == [{"status": "written", "target_key": "001N"}]
    assert kit.store.links("accounts", Side.INTACCT, ["1"])["1"].salesforce_id == "001N"
    read = SourceRow("001N", {"Name": "A", "IntacctID__c": "C1"}, kit.clock())
    assert kit.land(kit.feed("accounts", Side.SALESFORCE), read) == LandCounts(1)
    assert kit.store.baselines(kit.entity("accounts"), ["1"]) == {"1": Baseline({"name": "A"})}


def test_a_written_column_of_a_related_row_is_merged_into_that_row(kit, make_line):
    kit.land(kit.feed("contacts"), SourceRow("5", {"lastName": "Ito"}))
    related = {"contact.key": "5", "customer.key": "1", "categoryName": "CFO"}
    kit.land(kit.feed("entries"), SourceRow("10", dict(related)), SourceRow("9", dict(related)))
    kit.staged_keys("contacts")
    predicted = SourceRow("5", {"lastName": "Ito", "entry.categoryName": "CEO"})
    commit(kit, "contacts", Side.INTACCT, make_line("L1", entity="contacts"), predicted=[predicted])
    assert kit.rows("SELECT record_key, categoryname FROM landing_intacct_entries ORDER BY categoryname") == [
        {"record_key": "9", "categoryname": "CEO"},
        {"record_key": "10", "categoryname": "CFO"},
    ]
    assert kit.staged_keys("contacts") == []
    assert kit.land(kit.feed("entries"), SourceRow("9", {**related, "categoryName": "CEO"})) == LandCounts(1)


def test_the_journal_has_a_readable_row_per_field(kit, make_line):
    moment = kit.clock()
    commit(
        kit,
        "accounts",
        Side.SALESFORCE,
        make_line("L1"),
        journal=[entry(kit), entry(kit, "name", None, "Ünï"), entry(kit, "seen", True, moment)],
    )
    rows = kit.rows("SELECT field, before_value, after_value FROM v_journal ORDER BY entry_id")
    assert [tuple(row.values()) for row in rows] == [
        ("credit", "1.50", "2.5"),
        ("name", None, "Ünï"),
        ("seen", "true", moment.isoformat()),
    ]


def test_a_conflict_leaves_line_journal_and_landing_as_they_were(kit, make_line):
    kit.linked("accounts", "1", "001A", name="A")
    create = make_line("L9", operation=Operation.CREATE, target_key=None, source_key="2")
    kit.reconcile("accounts", Settlement("accounts", "2", None, (create,)))
    kit.store.mark([create], LineStatus.SENT)
    landed = kit.rows("SELECT * FROM landing_salesforce_accounts")
    clash = Settlement("accounts", "2", "001A", link=kit.link("accounts", "2", "001A"))
    with pytest.raises(LinkConflictError):
        commit(
            kit,
            "accounts",
            Side.SALESFORCE,
            create,
            settlements=[clash],
            journal=[entry(kit)],
            predicted=[SourceRow("001A", {"Name": "X"})],
        )
    assert kit.rows("SELECT status FROM plan_lines") == [{"status": "sent"}]
    assert kit.rows("SELECT * FROM journal") == []
    assert kit.rows("SELECT * FROM landing_salesforce_accounts") == landed


def test_lines_that_follow_from_an_outcome_are_planned(kit, make_line):
    follow = make_line("L2", operation=Operation.LINK)
    commit(
        kit, "accounts", Side.SALESFORCE, make_line("L1"), settlements=[Settlement("accounts", "1", "001A", (follow,))]
    )
    assert kit.store.planned(kit.entity("accounts"), Side.SALESFORCE, run_id=RUN, limit=5) == [follow]

"""Landing: what is landed comes back, unchanged rows are no change, every change reaches the records it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.model.records import Side, SourceRow
from intacct_sf_pipeline.model.results import LandCounts
from intacct_sf_pipeline.model.windows import Watermark

T0 = datetime(2026, 3, 1, 12, 0, 0, 654321, tzinfo=UTC)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
scalars = st.one_of(
    st.none(),
    st.text(st.characters(codec=None)),
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False),
    st.datetimes(timezones=st.just(UTC)),
)
keys = st.text(st.characters(min_codepoint=48, max_codepoint=122, categories=("L", "N")), min_size=1, max_size=20)
rows = st.builds(
    SourceRow,
    keys,
    st.fixed_dictionaries({}, optional={"name": scalars, "notes": scalars, "creditLimit": scalars}),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.booleans(),
)


@quick
@given(values=st.fixed_dictionaries({"name": scalars, "notes": scalars, "creditLimit": scalars}))
def test_landed_values_come_back_equal_and_of_their_type(kit, values):
    kit.land(kit.feed("customers"), SourceRow("1", values, T0))
    kit.store.restage(kit.entity("accounts"), Side.INTACCT, "key", ["1"])
    (item,) = kit.store.stage_batch(kit.entity("accounts"), Side.INTACCT, 10).items
    found = {name: item.row[name] for name in values}
    assert found == values
    assert {n: type(v) for n, v in found.items()} == {n: type(v) for n, v in values.items()}


@quick
@given(batch=st.lists(rows, max_size=12))
def test_landing_the_same_rows_twice_changes_nothing(kit, batch):
    feed = kit.feed("customers")
    kit.land(feed, *batch)
    kit.staged_keys("accounts")
    again = kit.land(feed, *batch)
    assert again == LandCounts(read=len(batch))
    assert kit.staged_keys("accounts") == []


def test_rows_are_counted_as_new_changed_or_deleted(kit):
    feed = kit.feed("customers")
    assert kit.land(feed, kit.customer("1"), kit.customer("2")) == LandCounts(2, new=2)
    counts = kit.land(feed, kit.customer("1"), kit.customer("2", name="Other"), SourceRow("1", {}, deleted=True))
    assert counts == LandCounts(3, changed=1, deleted=1)
    assert kit.store.landed(feed) == 1
    assert kit.land(feed, kit.customer("1")) == LandCounts(1, changed=1)
    assert kit.store.landed(feed) == 2


def test_deleting_what_was_never_landed_is_no_change(kit):
    assert kit.land(kit.feed("customers"), SourceRow("9", {}, deleted=True)) == LandCounts(1)
    assert kit.staged_keys("accounts") == []


def stamp_of(kit, key="1"):
    """The stamp with which a landed customer would be staged."""
    kit.store.restage(kit.entity("accounts"), Side.INTACCT, "key", [key])
    (item,) = kit.store.stage_batch(kit.entity("accounts"), Side.INTACCT, 10).items
    kit.staged_keys("accounts")
    return item.modified


def our_write(kit, make_line, key="1", **values):
    """We wrote to a customer; what it must hold now is landed."""
    kit.store.commit_outcomes(
        kit.entity("accounts"),
        [make_line("l-1", side=Side.INTACCT, target_key=key)],
        {},
        settlements=[],
        journal=[],
        predicted=[SourceRow(key, values)],
        records=[],
        side=Side.INTACCT,
        run_id="run-1",
    )


def test_an_edit_of_an_unmapped_field_never_makes_a_side_newer(kit):
    feed = kit.feed("customers")
    kit.land(feed, kit.customer("1", T0))
    kit.staged_keys("accounts")
    for hours in (1, 2):
        assert kit.land(feed, kit.customer("1", T0 + timedelta(hours=hours, microseconds=7))) == LandCounts(1)
        assert kit.staged_keys("accounts") == []
    assert stamp_of(kit) == T0
    later = T0 + timedelta(hours=3)
    kit.land(feed, kit.customer("1", later, name="Edited"))
    assert stamp_of(kit) == later


def test_our_own_write_never_makes_a_side_newer(kit, make_line):
    feed = kit.feed("customers")
    kit.land(feed, kit.customer("1", T0))
    our_write(kit, make_line, name="Ours")
    assert stamp_of(kit) == T0
    echo = T0 + timedelta(minutes=5)
    assert kit.land(feed, kit.customer("1", echo, name="Ours")) == LandCounts(1)
    assert stamp_of(kit) == T0


def test_a_late_read_of_what_we_overwrote_is_no_change_even_after_the_echo(kit, make_line):
    feed = kit.feed("customers")
    unmapped = T0 + timedelta(minutes=1)
    kit.land(feed, kit.customer("1", T0))
    kit.land(feed, kit.customer("1", unmapped))
    our_write(kit, make_line, name="Ours")
    old, ours = kit.customer("1", unmapped), kit.customer("1", T0 + timedelta(minutes=5), name="Ours")
    assert [kit.land(feed, row).changed for row in (old, ours, old, ours)] == [0, 0, 0, 0]
    back = kit.customer("1", T0 + timedelta(minutes=6))
    assert kit.land(feed, back).changed == 1
    assert stamp_of(kit) == back.modified


def test_a_row_first_read_without_a_stamp_takes_the_next_one_it_shows(kit):
    feed = kit.feed("customers")
    kit.land(feed, kit.customer("1", None))
    kit.land(feed, kit.customer("1", T0))
    assert stamp_of(kit) == T0
    kit.land(feed, kit.customer("1", None))
    assert stamp_of(kit) == T0


def test_content_decides_whether_a_row_without_a_stamp_changed(kit):
    feed = kit.feed("customers")
    assert kit.land(feed, kit.customer("1", None)) == LandCounts(1, new=1)
    assert kit.land(feed, kit.customer("1", None)) == LandCounts(1)
    assert kit.land(feed, kit.customer("1", None, name="Edited")) == LandCounts(1, changed=1)


def test_a_row_that_reappears_is_a_change_and_no_longer_deleted(kit):
    feed = kit.feed("customers")
    kit.land(feed, kit.customer("1", T0))
    assert kit.store.sweep(feed, ["1"], run_id="run-2") == 1
    assert kit.staged_keys("accounts") == ["1"]
    assert kit.land(feed, kit.customer("1", T0)) == LandCounts(1, changed=1)
    assert (kit.staged_keys("accounts"), kit.store.landed(feed)) == (["1"], 1)


def test_a_natural_id_created_again_under_a_new_key_is_another_record(kit):
    feed = kit.feed("customers")
    kit.land(feed, kit.customer("1", T0))
    kit.staged_keys("accounts")
    kit.store.sweep(feed, kit.store.unseen(feed, {"9"}), run_id="run-2")
    assert kit.land(feed, kit.customer("9", T0, id="C1")) == LandCounts(1, new=1)
    assert sorted(kit.staged_keys("accounts")) == ["1", "9"]
    assert kit.store.landed(feed) == 1


def test_stamps_from_other_time_zones_come_back_as_the_same_moment_in_utc(kit):
    local = datetime(2026, 3, 1, 14, 30, 0, 1, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    kit.land(kit.feed("customers"), kit.customer("1", local))
    (item,) = kit.store.stage_batch(kit.entity("accounts"), Side.INTACCT, 10).items
    assert item.modified == local
    assert item.modified.tzinfo is UTC


def test_a_stamp_without_time_zone_is_refused(kit):
    with pytest.raises(ValueError, match="time zone"):
        kit.land(kit.feed("customers"), kit.customer("1", datetime(2026, 3, 1)))  # noqa: DTZ001


def test_the_watermark_commits_with_the_rows_or_not_at_all(kit):
    feed = kit.feed("customers")
    kit.land(feed, kit.customer("1"), watermark=Watermark("customers", T0, None))
    assert kit.store.watermark(feed) == Watermark("customers", T0, None)
    assert kit.store.watermark(feed).own == kit.clock()
    broken = kit.customer("3", datetime(2026, 3, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        kit.land(feed, kit.customer("2"), broken, watermark=Watermark("customers", T0 + timedelta(hours=1), None))
    assert kit.store.watermark(feed) == Watermark("customers", T0, None)
    assert kit.store.landed(feed) == 1
    assert kit.staged_keys("accounts") == ["1"]


def test_watermarks_of_feeds_with_the_same_name_are_kept_apart(kit):
    kit.land(kit.feed("entries"), watermark=Watermark("entries", T0, T0))
    assert kit.store.watermark(kit.feed("entries", Side.SALESFORCE)) is None
    assert kit.store.watermark(kit.feed("entries")) == Watermark("entries", T0, T0)


def test_keys_that_differ_only_in_case_are_different_records(kit):
    feed = kit.feed("accounts", Side.SALESFORCE)
    assert kit.land(feed, SourceRow("001a", {"Name": "x"}), SourceRow("001A", {"Name": "y"})) == LandCounts(2, new=2)


def test_what_a_full_read_did_not_show_is_named_and_marked_as_deleted_once(kit):
    feed = kit.feed("customers")
    kit.land(feed, *(kit.customer(str(number)) for number in range(5)))
    kit.staged_keys("accounts")
    gone = kit.store.unseen(feed, {"0", "2", "4"})
    assert gone == ["1", "3"]
    assert kit.store.sweep(feed, gone, run_id="run-2") == 2
    assert kit.staged_keys("accounts") == ["1", "3"]
    assert kit.store.landed(feed) == 3
    assert kit.store.sweep(feed, gone, run_id="run-2") == 0
    assert kit.store.unseen(feed, {"0", "2", "4"}) == []


def test_a_row_we_made_a_moment_ago_is_not_missed_by_a_full_read(kit, make_line):
    feed = kit.feed("customers")
    kit.land(feed, kit.customer("2", T0))
    our_write(kit, make_line, "3", name="New")
    assert kit.store.unseen(feed, set()) == ["2"]
    kit.clock.advance(minutes=11)
    assert kit.store.unseen(feed, set()) == ["2", "3"]


def test_what_is_told_gone_is_swept_by_its_id_but_not_what_we_made_a_moment_ago(kit, make_line):
    """A deleted id may have been created again by ourselves, and the service shows that late."""
    feed = kit.feed("customers")
    kit.land(feed, kit.customer("1", T0, id="C-1"), kit.customer("2", T0, id="C-2"))
    our_write(kit, make_line, "3", name="New", id="C-1")
    told = {"C-1"}
    assert kit.store.sweep_among(feed, "id", told, set(), run_id="run-2", settled=True) == 1
    assert kit.store.unseen(feed, set()) == ["2"]
    kit.clock.advance(minutes=11)
    assert kit.store.sweep_among(feed, "id", told, set(), run_id="run-2", settled=True) == 1


def test_a_row_that_was_read_is_missed_although_we_wrote_it_a_moment_ago(kit, make_line):
    """Else a record that is deleted right after our own update of it would be taken for alive."""
    feed = kit.feed("customers")
    kit.land(feed, kit.customer("1", T0))
    our_write(kit, make_line, name="Ours")
    assert kit.store.unseen(feed, set()) == ["1"]
    our_write(kit, make_line, "3", name="New")
    kit.land(feed, kit.customer("3", T0, name="New"))
    assert kit.store.unseen(feed, set()) == ["1", "3"]


def test_deleting_a_note_deletes_it_for_every_account_it_is_attached_to(kit):
    notes, accounts = kit.feed("notes", Side.SALESFORCE), kit.feed("accounts", Side.SALESFORCE)
    kit.land(accounts, *(SourceRow(key, {"Name": key}) for key in ("001A", "001B", "001C")))
    kit.land(notes, *(SourceRow(f"069X|{a}", {"LinkedEntityId": a, "Content": "hello"}) for a in ("001A", "001B")))
    kit.land(notes, SourceRow("069XY|001C", {"LinkedEntityId": "001C", "Content": "other note"}))
    kit.staged_keys("accounts", Side.SALESFORCE)
    assert kit.land(notes, SourceRow("069X", {}, deleted=True)).deleted == 2
    assert sorted(kit.staged_keys("accounts", Side.SALESFORCE)) == ["001A", "001B"]


def test_only_entities_whose_columns_changed_have_to_look(kit):
    items = kit.feed("items")
    kit.land(items, SourceRow("1", {"id": "I1", "name": "Bolt", "cost": Decimal("2.50")}))
    for entity in ("products", "prices", "stock"):
        assert kit.staged_keys(entity) == ["1"]
    kit.land(items, SourceRow("1", {"id": "I1", "name": "Bolt", "cost": Decimal("2.75")}))
    assert [kit.staged_keys(entity) for entity in ("products", "prices", "stock")] == [[], ["1"], []]


def test_landing_tables_are_readable_in_plain_sql(kit):
    values = {"name": "Łódź & Söhne", "creditLimit": Decimal("12.50"), "notes": True, "contacts.default.phone1": "=1"}
    kit.land(kit.feed("customers"), kit.customer("1", **values))
    (row,) = kit.rows("SELECT * FROM landing_intacct_customers")
    shown = {name: row[name] for name in ("name", "creditlimit", "notes", "contacts_default_phone1")}
    assert shown == {"name": "Łódź & Söhne", "creditlimit": "12.50", "notes": "true", "contacts_default_phone1": "=1"}

"""The stage queue and canonical records: related rows, coalescing, scope, and what counts as a change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.model.records import CanonicalRecord, Side, SourceRow

T0 = datetime(2026, 3, 1, 12, 0, 0, 654321, tzinfo=UTC)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def take(kit, entity, side=Side.INTACCT, limit=100):
    return kit.store.stage_batch(kit.entity(entity), side, limit)


def entry(key, contact, customer, category="CFO"):
    return SourceRow(key, {"contact.key": contact, "customer.key": customer, "categoryName": category})


def test_a_record_comes_with_its_related_rows_in_numeric_key_order(kit):
    kit.land(kit.feed("items"), SourceRow("1", {"id": "I1"}), SourceRow("2", {"id": "I2"}))
    kit.land(kit.feed("stock"), *(SourceRow(k, {"item.id": "I1", "onHand": Decimal(k)}) for k in ("10", "9", "2")))
    first, second = take(kit, "stock").items
    assert [row["key"] for row in first.related["stock"]] == ["2", "9", "10"]
    assert [row["onHand"] for row in first.related["stock"]] == [Decimal(2), Decimal(9), Decimal(10)]
    assert second.related["stock"] == ()


def test_only_the_first_of_several_related_rows_is_given_unless_many_are_asked_for(kit):
    kit.land(kit.feed("contacts"), SourceRow("5", {"lastName": "Ito"}))
    kit.land(kit.feed("entries"), entry("30", "5", "1"), entry("4", "5", "2"))
    (item,) = take(kit, "contacts").items
    assert [(row["key"], row["customer.key"]) for row in item.related["entry"]] == [("4", "2")]
    assert item.row["key"] == "5"


def test_a_deleted_related_row_disappears_and_its_record_is_staged_again(kit):
    kit.land(kit.feed("contacts"), SourceRow("5", {"lastName": "Ito"}))
    kit.land(kit.feed("entries"), entry("4", "5", "2"))
    kit.staged_keys("contacts")
    kit.land(kit.feed("entries"), SourceRow("4", {}, deleted=True))
    (item,) = take(kit, "contacts").items
    assert (item.key, item.related["entry"]) == ("5", ())


def test_a_related_row_that_moves_touches_its_old_and_its_new_record(kit):
    kit.land(kit.feed("contacts"), SourceRow("5", {"lastName": "Ito"}), SourceRow("6", {"lastName": "Sato"}))
    kit.land(kit.feed("entries"), entry("4", "5", "2"))
    kit.staged_keys("contacts")
    kit.land(kit.feed("entries"), entry("4", "6", "2"))
    assert sorted(kit.staged_keys("contacts")) == ["5", "6"]


def test_a_change_of_the_parent_reaches_all_children(kit):
    kit.land(kit.feed("accounts", Side.SALESFORCE), SourceRow("001A", {"Name": "Alpha"}))
    people = [SourceRow(f"003{n}", {"LastName": str(n), "AccountId": "001A"}) for n in range(7)]
    kit.land(kit.feed("people", Side.SALESFORCE), *people)
    assert len(kit.staged_keys("contacts", Side.SALESFORCE)) == 7
    kit.land(kit.feed("accounts", Side.SALESFORCE), SourceRow("001A", {"Name": "Alpha Ltd"}))
    batches = []
    while batch := take(kit, "contacts", Side.SALESFORCE, limit=3):
        batches.append(batch)
        kit.store.commit_stage(kit.entity("contacts"), Side.SALESFORCE, batch, [], run_id="r")
    assert [len(batch.items) for batch in batches] == [3, 3, 1]
    assert {row["Name"] for batch in batches for item in batch.items for row in item.related["Account"]} == {
        "Alpha Ltd"
    }


def test_a_deleted_record_comes_without_a_row(kit):
    kit.land(kit.feed("customers"), kit.customer("1", T0))
    kit.staged_keys("accounts")
    kit.land(kit.feed("customers"), SourceRow("1", {}, T0 + timedelta(hours=1), deleted=True))
    (item,) = take(kit, "accounts").items
    assert (item.key, item.row, item.modified) == ("1", None, T0 + timedelta(hours=1))


def test_repeated_changes_wait_once(kit):
    for name in ("a", "b", "c"):
        kit.land(kit.feed("customers"), kit.customer("1", name=name))
    batch = take(kit, "accounts")
    assert [(item.key, item.row["name"]) for item in batch.items] == [("1", "c")]
    assert len(batch.tokens) == 1


def test_a_change_that_arrives_while_the_batch_is_out_is_not_lost(kit):
    kit.land(kit.feed("customers"), kit.customer("1", name="before"))
    batch = take(kit, "accounts")
    kit.land(kit.feed("customers"), kit.customer("1", name="after"))
    kit.store.commit_stage(
        kit.entity("accounts"), Side.INTACCT, batch, [CanonicalRecord("1", {"name": "before"})], run_id="r"
    )
    assert [item.row["name"] for item in take(kit, "accounts").items] == ["after"]


def test_a_batch_that_was_not_committed_comes_again(kit):
    kit.land(kit.feed("customers"), kit.customer("1"))
    assert take(kit, "accounts") == take(kit, "accounts")


def test_a_failing_commit_leaves_records_and_queues_as_they_were(kit):
    kit.land(kit.feed("customers"), kit.customer("1"), kit.customer("2"))
    batch = take(kit, "accounts")
    records = [CanonicalRecord("1", {"name": "x"}), CanonicalRecord("2", {}, modified=datetime(2026, 1, 1))]  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        kit.store.commit_stage(kit.entity("accounts"), Side.INTACCT, batch, records, run_id="r")
    assert take(kit, "accounts") == batch
    assert kit.store.records(kit.entity("accounts"), Side.INTACCT, ["1", "2"]) == {}
    assert kit.waiting("accounts") == []


def test_records_can_be_staged_again_by_an_own_or_a_related_column(kit):
    kit.land(kit.feed("contacts"), SourceRow("5", {"lastName": "Ito"}), SourceRow("6", {"lastName": "Sato"}))
    kit.land(kit.feed("entries"), entry("4", "5", "100"), entry("7", "6", "200"))
    kit.land(kit.feed("people", Side.SALESFORCE), SourceRow("0031", {"LastName": "Ito", "AccountId": "001A"}))
    kit.staged_keys("contacts")
    kit.staged_keys("contacts", Side.SALESFORCE)
    assert kit.store.restage(kit.entity("contacts"), Side.INTACCT, "entry.customer.key", {"100", "999"}) == 1
    assert kit.staged_keys("contacts") == ["5"]
    assert kit.store.restage(kit.entity("contacts"), Side.SALESFORCE, "AccountId", {"001A"}) == 1
    assert kit.staged_keys("contacts", Side.SALESFORCE) == ["0031"]


canonical_values = st.fixed_dictionaries(
    {},
    optional={
        "name": st.none() | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
        "active": st.none() | st.booleans(),
        "checked": st.none() | st.booleans(),
        "checked_at": st.none() | st.datetimes(timezones=st.just(UTC)),
    },
)


@quick
@given(
    values=canonical_values,
    raw=st.dictionaries(st.sampled_from(["name", "Account.Id"]), st.none() | st.text() | st.decimals(allow_nan=False)),
)
def test_canonical_records_come_back_equal(kit, values, raw):
    record = CanonicalRecord(
        "1", values, raw, T0, False, False, "not wanted", {}, {"name": "bad"} if "name" not in values else {}
    )
    kit.stage("products", Side.INTACCT, record)
    found = kit.store.records(kit.entity("products"), Side.INTACCT, ["1"])["1"]
    names = {"name", "active", "checked", "checked_at"} - set(record.problems)
    assert found.values == {name: values.get(name) for name in names}
    assert {n: type(v) for n, v in found.values.items()} == {n: type(values.get(n)) for n in names}
    assert (found.raw, found.modified, found.creatable, found.scope_reason) == (raw, T0, False, "not wanted")
    assert found.problems == record.problems


def test_decimals_are_exact_and_their_spelling_is_no_change(kit):
    big = Decimal("123456789012345678.1234567891")
    assert kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"credit": big})) == 1
    assert kit.store.records(kit.entity("accounts"), Side.INTACCT, ["1"])["1"].values["credit"] == big
    assert kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"credit": Decimal("2.5")})) == 1
    assert kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"credit": Decimal("2.50")})) == 0


@pytest.mark.parametrize(
    ("changed", "is_change"),
    [
        (CanonicalRecord("1", {"name": "A"}, modified=T0 + timedelta(days=1)), False),
        (CanonicalRecord("1", {"name": "a"}, modified=T0), True),
        (CanonicalRecord("1", {"name": "A"}, {"name": " A"}, T0), True),
        (CanonicalRecord("1", {"name": "A"}, modified=T0, creatable=False), True),
        (CanonicalRecord("1", {"name": "A"}, modified=T0, match_keys={"name": "k"}), True),
        (CanonicalRecord("1", {"name": "A"}, modified=T0, problems={"credit": "no number"}), True),
    ],
)
def test_content_is_a_change_and_a_stamp_is_not(kit, changed, is_change):
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "A"}, modified=T0))
    kit.reconcile("accounts")
    assert kit.stage("accounts", Side.INTACCT, changed) == int(is_change)
    assert kit.waiting("accounts") == ([("1", None)] if is_change else [])
    assert kit.store.records(kit.entity("accounts"), Side.INTACCT, ["1"])["1"].modified == T0


def test_an_unlinked_record_out_of_scope_is_forgotten_with_its_holds(kit, make_hold):
    from intacct_sf_pipeline.model.plans import Settlement
    from intacct_sf_pipeline.staging.queries import open_holds

    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "A"}))
    kit.reconcile("accounts", Settlement("accounts", "1", None, holds=(make_hold("1"),)))
    kit.land(kit.feed("customers"), kit.customer("1", name="changed"))
    batch = take(kit, "accounts")
    assert kit.store.commit_stage(kit.entity("accounts"), Side.INTACCT, batch, [], run_id="r") == 0
    assert kit.store.records(kit.entity("accounts"), Side.INTACCT, ["1"]) == {}
    assert open_holds(kit.store.database) == []
    assert kit.waiting("accounts") == []


def test_a_linked_record_that_vanishes_stays_marked_deleted_with_what_it_held(kit):
    kit.linked("accounts", "1", "001A", name="A")
    kit.land(kit.feed("customers"), SourceRow("1", {}, T0 + timedelta(days=1), deleted=True))
    batch = take(kit, "accounts")
    gone = CanonicalRecord("1", {}, modified=T0 + timedelta(days=1), deleted=True, scope_reason="gone")
    assert kit.store.commit_stage(kit.entity("accounts"), Side.INTACCT, batch, [gone], run_id="r") == 1
    found = kit.store.records(kit.entity("accounts"), Side.INTACCT, ["1"])["1"]
    assert (found.deleted, found.values["name"], found.modified, found.scope_reason) == (
        True,
        "A",
        gone.modified,
        "gone",
    )
    assert kit.waiting("accounts") == [("1", "001A")]


def test_every_variant_of_a_row_is_a_record_and_goes_with_it(kit):
    kit.land(kit.feed("items"), SourceRow("7", {"id": "I7", "cost": Decimal(3)}))
    batch = take(kit, "prices")
    record = CanonicalRecord("7|standard", {"unit_price": Decimal(3)})
    assert kit.store.commit_stage(kit.entity("prices"), Side.INTACCT, batch, [record], run_id="r") == 1
    assert set(kit.store.records(kit.entity("prices"), Side.INTACCT, ["7|standard"])) == {"7|standard"}
    kit.land(kit.feed("items"), SourceRow("7", {}, deleted=True))
    kit.store.commit_stage(kit.entity("prices"), Side.INTACCT, take(kit, "prices"), [], run_id="r")
    assert kit.store.records(kit.entity("prices"), Side.INTACCT, ["7|standard"]) == {}


def test_thousands_of_records_pass_through_in_batches(kit):
    kit.land(kit.feed("customers"), *(kit.customer(str(number)) for number in range(2345)))
    assert sorted(kit.staged_keys("accounts"), key=int) == [str(number) for number in range(2345)]
    assert len(kit.waiting("accounts")) == 1000

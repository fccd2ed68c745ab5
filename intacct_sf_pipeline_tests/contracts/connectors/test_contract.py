"""What both connectors promise the engine, each promise tried on both against the sandbox."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from intacct_sf_pipeline.connectors.http import HttpOptions
from intacct_sf_pipeline.connectors.retry import RetryOptions
from intacct_sf_pipeline.model import errors
from intacct_sf_pipeline.model.records import SourceRow
from intacct_sf_pipeline.model.results import WriteStatus
from intacct_sf_pipeline.model.windows import Window

from .builders import written
from .conftest import NOON
from .rigs import Rig

NAMES = ["O'Neill & Sons", 'The "Blue" Fern', "Müller Söhne", "back\\slash", "plain"]
EVERYTHING = Window()


def rows(rig: Rig, window: Window = EVERYTHING) -> list[SourceRow]:
    return [row for page in rig.connector().read(rig.feed, rig.columns, window) for row in page.rows]


def name_of(rig: Rig, row: SourceRow) -> object:
    return row.values["Name" if rig.name == "salesforce" else "name"]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8, 200])
def test_every_row_arrives_once_whatever_the_page_size(rig: Rig, size: int) -> None:
    keys = rig.seed([f"Customer {n}" for n in range(7)])
    pages = list(rig.paged(size).read(rig.feed, rig.columns, EVERYTHING))
    assert sorted(row.key for page in pages for row in page.rows) == sorted(keys)
    assert len(pages) == -(-7 // size)
    assert {page.total for page in pages} == {7}


def test_an_empty_feed_gives_one_empty_page_with_the_services_clock(rig: Rig) -> None:
    pages = list(rig.connector().read(rig.feed, rig.columns, EVERYTHING))
    assert [(page.rows, page.server_time) for page in pages] == [((), NOON)]


def test_rows_hold_the_asked_columns_under_the_vendors_names_and_nothing_else(rig: Rig) -> None:
    (key,) = rig.seed(["Plain"])
    (row,) = rows(rig)
    assert (row.key, set(row.values), row.modified, row.deleted) == (key, set(rig.columns), NOON, False)
    assert name_of(rig, row) == "Plain"


def test_a_window_includes_its_start_and_excludes_its_end(rig: Rig) -> None:
    keys = rig.seed(["a", "b", "c"])
    for number, key in enumerate(keys):
        rig.clock.set(NOON + timedelta(minutes=number))
        rig.edit(key, f"T{number}")
    middle = Window(start=NOON + timedelta(minutes=1), end=NOON + timedelta(minutes=2))
    assert [row.key for row in rows(rig, middle)] == [keys[1]]
    assert {row.key for row in rows(rig, Window(start=NOON + timedelta(minutes=1)))} == set(keys[1:])
    assert rows(rig, Window(start=NOON + timedelta(minutes=3))) == []


def test_all_rows_of_one_second_arrive_across_pages(rig: Rig) -> None:
    keys = rig.seed([f"n{n}" for n in range(9)])
    read = [row.key for page in rig.paged(2).read(rig.feed, rig.columns, Window(start=NOON)) for row in page.rows]
    assert sorted(read) == sorted(keys)


def test_the_clock_of_the_first_page_stands_on_all(rig: Rig) -> None:
    rig.seed(["a", "b", "c"])
    seen: list[datetime] = []
    for page in rig.paged(1).read(rig.feed, rig.columns, EVERYTHING):
        seen.append(page.server_time)
        rig.clock.advance(60)
    assert seen == [NOON] * 3


def test_newest_is_the_latest_stamp_for_one_call(rig: Rig) -> None:
    connector = rig.connector()
    assert connector.newest(rig.feed) is None
    keys = rig.seed(["a", "b"])
    rig.clock.advance(90)
    rig.edit(keys[0], "T")
    before = connector.spend()
    assert connector.newest(rig.feed) == NOON + timedelta(seconds=90)
    assert (connector.spend() - before).billed == 1


def test_columns_the_system_does_not_have_are_left_out_and_named(rig: Rig) -> None:
    rig.seed(["a"])
    connector = rig.connector()
    wanted = (*rig.columns, "Nowhere__c")
    (page,) = connector.read(rig.feed, wanted, EVERYTHING)
    assert set(page.rows[0].values) == set(rig.columns)
    assert connector.missing_columns(rig.feed, wanted) == ("Nowhere__c",)
    assert connector.missing_columns(rig.feed, rig.columns) == ()


def test_lookup_finds_by_awkward_values_in_any_number_and_nothing_for_nothing(rig: Rig) -> None:
    keys = rig.seed(NAMES)
    connector = rig.connector(lookup_chunk=2)
    by = "Name" if rig.name == "salesforce" else "name"
    found = connector.lookup(rig.feed, rig.columns, by, [*NAMES, "nobody's"])
    assert {row.key: name_of(rig, row) for row in found} == dict(zip(keys, NAMES, strict=True))
    assert {row.key for row in connector.lookup(rig.feed, rig.columns, rig.feed.key, keys[:3])} == set(keys[:3])
    spent = connector.spend()
    assert connector.lookup(rig.feed, rig.columns, by, []) == []
    assert connector.spend() == spent


def test_created_records_carry_key_natural_id_and_values(rig: Rig) -> None:
    outcomes = written(rig.connector(), [rig.create(str(n), name) for n, name in enumerate(NAMES)])
    assert [(o.ref, o.status, o.id) for o in outcomes] == [
        (str(n), WriteStatus.WRITTEN, f"N-{n}") for n in range(len(NAMES))
    ]
    assert [rig.stored(str(o.key), "name") for o in outcomes] == NAMES


def test_none_clears_and_what_is_not_named_stays(rig: Rig) -> None:
    (key,) = rig.seed(["Keep me"])
    connector = rig.connector()
    assert [o.status for o in written(connector, [rig.update("a", key, {rig.text: "T-1"})])] == [WriteStatus.WRITTEN]
    assert rig.stored(key, rig.text) == "T-1"
    written(connector, [rig.update("b", key, {rig.text: None})])
    assert rig.stored(key, rig.text) in (None, "")
    assert rig.stored(key, "name") == "Keep me"


def test_one_refused_record_leaves_its_neighbours_alone(rig: Rig) -> None:
    (key,) = rig.seed(["Old"])
    requests = [
        rig.create("1", "One"),
        rig.create("2", "Two", rig.too_long),
        rig.update("3", key, {"name": "New"}),
        rig.update("4", key, dict(rig.too_long)),
    ]
    outcomes = written(rig.connector(), requests)
    assert [(o.ref, o.status) for o in outcomes] == [
        ("1", WriteStatus.WRITTEN),
        ("2", WriteStatus.REJECTED),
        ("3", WriteStatus.WRITTEN),
        ("4", WriteStatus.REJECTED),
    ]
    assert all(o.error and o.error.message for o in outcomes if o.status is WriteStatus.REJECTED)
    assert (rig.count(), rig.stored(key, "name")) == (2, "New")


def test_a_field_that_does_not_exist_is_the_fault_of_its_record_alone(rig: Rig) -> None:
    requests = [rig.create(str(n), f"Name {n}", {"Nowhere__c": "x"} if n == 3 else None) for n in range(6)]
    outcomes = written(rig.connector(), requests)
    assert [o.status is WriteStatus.WRITTEN for o in outcomes] == [n != 3 for n in range(6)]
    assert rig.count() == 5


def test_batches_are_sent_only_when_asked_for(rig: Rig) -> None:
    batches = rig.connector(write_batch=2).write([rig.create(str(n), f"Name {n}") for n in range(5)])
    assert [o.ref for o in next(batches)] == ["0", "1"]
    assert rig.count() == 2
    assert [len(batch) for batch in batches] == [2, 1]
    assert rig.count() == 5


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "timeout_after", "html_503", "truncate"])
def test_a_lost_answer_makes_the_outcome_unknown_and_nothing_is_repeated(rig: Rig, kind: str) -> None:
    rig.fault(kind, rig.write_path, **({"seconds": 5} if kind.startswith("timeout") else {}))
    connector = rig.connector(http=HttpOptions(connect_timeout=2, read_timeout=0.3, retry=RetryOptions(attempts=4)))
    outcomes = written(connector, [rig.create("1", "One"), rig.create("2", "Two")])
    assert [o.status for o in outcomes] == [WriteStatus.UNKNOWN] * 2
    assert len(rig.sandbox.faults.fired) == 1
    assert rig.time.waits == []
    found = connector.lookup(
        rig.feed, rig.columns, "IntacctID__c" if rig.name == "salesforce" else "id", ["N-1", "N-2"]
    )
    assert len(found) == (0 if kind in {"reset_before", "html_503"} else 2) == rig.count()


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "html_503", "truncate", "status"])
def test_a_read_is_tried_again(rig: Rig, kind: str) -> None:
    keys = rig.seed(["a", "b"])
    rig.fault(kind, rig.query_path, count=2)
    assert sorted(row.key for row in rows(rig)) == sorted(keys)
    assert len(rig.time.waits) == 2


def test_a_service_that_stays_down_is_a_transient_error(rig: Rig) -> None:
    rig.fault("html_503", rig.query_path, count=None)
    with pytest.raises(errors.TransientError):
        rows(rig)
    assert len(rig.sandbox.faults.fired) == 4


def test_an_expired_session_is_renewed_once_and_the_call_goes_through(rig: Rig) -> None:
    connector = rig.connector()
    (key,) = rig.seed(["Old"])
    for number in range(3):
        rig.expire_tokens()
        (outcome,) = written(connector, [rig.update(str(number), key, {"name": f"New {number}"})])
        assert (outcome.status, rig.stored(key, "name")) == (WriteStatus.WRITTEN, f"New {number}")
        assert rig.logins() == 1 + number
    list(connector.read(rig.feed, rig.columns, EVERYTHING))
    assert rig.logins() == 3
    rig.expire_tokens()
    assert len(list(connector.read(rig.feed, rig.columns, EVERYTHING))) == 1
    assert rig.logins() == 4


def test_a_wrong_secret_names_the_setting_and_does_not_repeat_it(rig: Rig) -> None:
    with pytest.raises(errors.AuthenticationError, match=rig.secret_setting) as caught:
        rig.connector(secret="wrong-but-still-secret").ping()
    assert "wrong-but-still-secret" not in str(caught.value)


def test_no_secret_and_no_value_of_a_record_in_any_log_error_or_repr(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="intacct_sf_pipeline")
    rig.seed(["Confidential Customer"])
    connector = rig.connector()
    rig.fault("html_503", rig.query_path)
    rig.fault("expire_token", rig.query_path, skip=1)
    by = "Name" if rig.name == "salesforce" else "name"
    assert len(connector.lookup(rig.feed, rig.columns, by, ["Confidential Customer"])) == 1
    rig.fault("reset_after", rig.query_path, count=None)
    with pytest.raises(errors.TransientError) as caught:
        connector.lookup(rig.feed, rig.columns, by, ["Confidential Customer"])
    shown = [
        caplog.text,
        str(caught.value),
        repr(caught.value),
        repr(caught.value.__cause__),
        repr(connector),
        repr(vars(connector)["_options"]),
    ]
    assert caplog.records
    for text in shown:
        assert rig.secret not in text
        assert "Confidential" not in text


def test_the_meter_agrees_with_the_vendors_bill(rig: Rig) -> None:
    keys = rig.seed([f"n{n}" for n in range(5)])
    connector = rig.paged(2)
    list(connector.read(rig.feed, (*rig.columns, "Nowhere__c"), EVERYTHING))
    connector.lookup(rig.feed, rig.columns, rig.feed.key, keys)
    connector.describe(rig.object_name)
    written(
        connector,
        [rig.create("1", "One"), rig.create("2", "Two", rig.too_long), rig.update("3", keys[0], {"name": "x"})],
    )
    rig.expire_tokens()
    list(connector.read(rig.feed, rig.columns, Window(start=datetime(2026, 3, 3, tzinfo=UTC))))
    assert connector.spend().billed == rig.billed()
    assert connector.spend().requests >= connector.spend().billed


def test_ping_is_cheap_and_authenticated(rig: Rig) -> None:
    connector = rig.connector()
    connector.ping()
    assert connector.spend().billed <= 1
    assert connector.spend().requests == 2
